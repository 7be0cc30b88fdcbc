// A scanner that finds the members of a JSON object in its raw text without changing a byte. It parses
// nothing: values that matter are verified as bytes first and parsed afterwards.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace wefee::payment::alipay {

struct RawMember {
    std::string_view name;   // between the quotes; has no escapes
    std::string_view value;  // exact bytes, without the white space around
};

/// The members of the one object that `text` is. nullopt when the text is anything else, or some object in it
/// has a name twice or with an escape, or lies deeper than `depth_max`, or has more than `members_max`
/// members.
std::optional<std::vector<RawMember>> scan_object(std::string_view text);
inline constexpr int depth_max = 16;
inline constexpr std::size_t members_max = 256;

}  // namespace wefee::payment::alipay
