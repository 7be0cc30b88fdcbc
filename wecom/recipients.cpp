// Encrypted user ids are case-sensitive, but come back in lower case: hence the lower-cased look-up.
#include "wecom/recipients.hpp"

#include <set>

namespace wefee::wecom {
namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::set<std::string> lowered_set(std::string_view joined) {
    std::set<std::string> out;
    while (!joined.empty()) {
        const auto bar = joined.find('|');
        if (const auto id = joined.substr(0, bar); !id.empty()) out.insert(lower(id));
        joined = bar == std::string_view::npos ? std::string_view{} : joined.substr(bar + 1);
    }
    return out;
}

}  // namespace

Delivery split_recipients(const std::vector<std::string>& recipients, std::string_view invaliduser,
                          std::string_view unlicenseduser) {
    const auto invalid = lowered_set(invaliduser);
    const auto unlicensed = lowered_set(unlicenseduser);
    Delivery out;
    for (const auto& id : recipients) {
        const std::string key = lower(id);
        if (invalid.contains(key))
            out.invalid.push_back(id);
        else if (unlicensed.contains(key))
            out.unlicensed.push_back(id);
        else
            out.delivered.push_back(id);
    }
    return out;
}

std::vector<std::string> without_repeats(std::vector<std::string> ids) {
    std::set<std::string> seen;
    std::erase_if(ids, [&](const std::string& id) { return !seen.insert(id).second; });
    return ids;
}

}  // namespace wefee::wecom
