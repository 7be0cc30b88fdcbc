// The only door for XML in this room: pugixml behind limits. The providers' v2 messages are one flat element.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "io/encoding.hpp"

namespace wefee::payment {

inline constexpr std::size_t xml_bytes_max = 64 * 1024;
inline constexpr int xml_elements_max = 64;

/// Reads `<root><name>value</name>...</root>`: UTF-8, plain text or CDATA (blanks around CDATA are dropped),
/// any order. nullopt for anything else: DOCTYPE, comments, processing instructions, unknown entities, deeper
/// nesting (a nested value would not be covered by the signature), a name twice, more than 64 elements, more
/// than 64 KiB, bytes that are not UTF-8 or NUL. Never throws on what the sender controls.
std::optional<io::Fields> read_flat_xml(std::string_view text, std::string_view root);

}  // namespace wefee::payment
