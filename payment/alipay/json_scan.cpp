// The raw JSON scanner.
#include "payment/alipay/json_scan.hpp"

#include <algorithm>

namespace wefee::payment::alipay {

namespace {

// Every function moves on over what it names and answers false when it is not there.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool whole(std::vector<RawMember>& members) {
        blanks();
        if (!object(members, 1)) return false;
        blanks();
        return at_ == text_.size();
    }

private:
    void blanks() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
            ++at_;
    }
    bool take(char wanted) {
        if (at_ == text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    // `escapes` tells whether there was a backslash.
    bool string(bool& escapes) {
        if (!take('"')) return false;
        escapes = false;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') return take('"');
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c == '\\') {
                escapes = true;
                if (++at_ == text_.size()) return false;
            }
        }
        return false;
    }
    bool scalar() {
        const auto start = at_;
        const std::string_view characters = "+-.0123456789Eaefklnrstu";  // of numbers, true, false, null
        while (at_ < text_.size() && characters.find(text_[at_]) != std::string_view::npos) ++at_;
        return at_ > start;
    }
    bool array(int depth) {
        if (depth > depth_max || !take('[')) return false;
        blanks();
        if (take(']')) return true;
        do {
            blanks();
            if (!value(depth)) return false;
            blanks();
        } while (take(','));
        return take(']');
    }
    bool value(int depth) {
        if (at_ == text_.size()) return false;
        bool escapes = false;
        switch (text_[at_]) {
            case '"':
                return string(escapes);
            case '[':
                return array(depth + 1);
            case '{': {
                std::vector<RawMember> inner;
                return object(inner, depth + 1);
            }
            default:
                return scalar();
        }
    }
    bool member(std::vector<RawMember>& members, int depth) {
        const auto name_start = at_ + 1;
        bool escapes = false;
        if (!string(escapes) || escapes) return false;
        const auto name = text_.substr(name_start, at_ - 1 - name_start);
        const bool twice = std::any_of(members.begin(), members.end(),
                                       [&](const RawMember& other) { return other.name == name; });
        if (twice || members.size() == members_max) return false;
        blanks();
        if (!take(':')) return false;
        blanks();
        const auto value_start = at_;
        if (!value(depth)) return false;
        members.push_back({name, text_.substr(value_start, at_ - value_start)});
        return true;
    }
    bool object(std::vector<RawMember>& members, int depth) {
        if (depth > depth_max || !take('{')) return false;
        blanks();
        if (take('}')) return true;
        do {
            blanks();
            if (!member(members, depth)) return false;
            blanks();
        } while (take(','));
        return take('}');
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<RawMember>> scan_object(std::string_view text) {
    std::vector<RawMember> members;
    if (!Scanner(text).whole(members)) return std::nullopt;
    return members;
}

}  // namespace wefee::payment::alipay
