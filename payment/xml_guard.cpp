// pugixml with every construct that could hide something either switched off or refused.
#include "payment/xml_guard.hpp"

#include <pugixml.hpp>
#include <set>
#include <string>

#include "payment/text.hpp"

namespace wefee::payment {

namespace {

// All node kinds are parsed so that they can be seen and refused; pugixml would skip them silently.
constexpr unsigned parse_flags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                 pugi::parse_doctype | pugi::parse_pi | pugi::parse_comments |
                                 pugi::parse_declaration | pugi::parse_fragment;

bool is_known_entity(std::string_view name) {
    if (name == "lt" || name == "gt" || name == "amp" || name == "quot" || name == "apos") return true;
    if (!name.starts_with('#')) return false;
    name.remove_prefix(1);
    const bool hex = name.starts_with('x');
    if (hex) name.remove_prefix(1);
    if (name.empty() || name.size() > 6 || name.find_first_not_of('0') == std::string_view::npos)
        return false;
    return name.find_first_not_of(hex ? "0123456789abcdefABCDEF" : "0123456789") == std::string_view::npos;
}

// pugixml keeps an unknown reference as text; a reader that expands it would see another value than we do.
bool entities_are_known(std::string_view text) {
    constexpr std::string_view cdata_open = "<![CDATA[";
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at).starts_with(cdata_open)) {
            at = text.find("]]>", at);
            if (at == std::string_view::npos) return false;
            continue;
        }
        if (text[at] != '&') continue;
        const auto end = text.find(';', at);
        if (end == std::string_view::npos || !is_known_entity(text.substr(at + 1, end - at - 1)))
            return false;
    }
    return true;
}

bool is_text(const pugi::xml_node& node) {
    return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

// The text of an element that holds nothing but text; nullopt otherwise.
std::optional<std::string> text_of(const pugi::xml_node& element) {
    std::string value;
    for (const pugi::xml_node child : element.children()) {
        if (!is_text(child)) return std::nullopt;
        value += child.value();
    }
    return value;
}

// The one root element, with at most an XML declaration before it.
std::optional<pugi::xml_node> only_root(const pugi::xml_document& document, std::string_view name) {
    std::optional<pugi::xml_node> root;
    for (const pugi::xml_node node : document.children()) {
        if (node.type() == pugi::node_declaration && !root) continue;
        if (node.type() != pugi::node_element || root || node.name() != name) return std::nullopt;
        root = node;
    }
    return root;
}

}  // namespace

std::optional<io::Fields> read_flat_xml(std::string_view text, std::string_view root_name) {
    if (text.size() > xml_bytes_max || text.find('\0') != std::string_view::npos) return std::nullopt;
    if (!inspect_utf8(text).well_formed || !entities_are_known(text)) return std::nullopt;

    pugi::xml_document document;
    if (!document.load_buffer(text.data(), text.size(), parse_flags, pugi::encoding_utf8))
        return std::nullopt;
    const auto root = only_root(document, root_name);
    if (!root) return std::nullopt;

    io::Fields fields;
    std::set<std::string_view> names;
    for (const pugi::xml_node element : root->children()) {
        if (element.type() != pugi::node_element) return std::nullopt;
        if (static_cast<int>(fields.size()) + 2 > xml_elements_max) return std::nullopt;
        if (!names.insert(element.name()).second) return std::nullopt;
        auto value = text_of(element);
        if (!value || !inspect_utf8(*value).well_formed) return std::nullopt;
        fields.emplace_back(element.name(), std::move(*value));
    }
    return fields;
}

}  // namespace wefee::payment
