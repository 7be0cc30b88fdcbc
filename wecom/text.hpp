// UTF-8 texts as WeCom counts them: validation, length in code points, cutting that never splits an amount or
// a date.
#pragma once

#include <string>
#include <string_view>

namespace wefee::wecom {

/// Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view text);

/// Code points of valid UTF-8.
std::size_t code_points(std::string_view text);

/// `text` when it has at most `limit` code points, else cut with a closing "…" to at most `limit`. The cut
/// moves left when it would fall into a run of amount or date characters, so a number is whole or absent.
std::string cut_code_points(std::string_view text, std::size_t limit);

/// The same with a limit in bytes of UTF-8.
std::string cut_bytes(std::string_view text, std::size_t limit_bytes);

}  // namespace wefee::wecom
