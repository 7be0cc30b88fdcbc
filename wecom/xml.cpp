// pugixml behind the guard. It parses in place into our copy of the bytes; whatever it is lenient about
// (DOCTYPE, several roots, text beside the root, NUL bytes) is refused here.
#include "wecom/xml.hpp"

#include <pugixml.hpp>

#include "wecom/text.hpp"

namespace wefee::wecom {
namespace {

// parse_doctype keeps a DOCTYPE as a node instead of skipping it, so that it can be refused. No end-of-line
// change and no trimming: the base64 text goes into the signature as it came.
constexpr unsigned parse_flags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_doctype;

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// pugixml ignores text beside the root; we do not.
bool starts_and_ends_with_markup(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    while (!bytes.empty() && blank(bytes.front())) bytes.remove_prefix(1);
    while (!bytes.empty() && blank(bytes.back())) bytes.remove_suffix(1);
    return bytes.starts_with('<') && bytes.ends_with('>');
}

/// Walks without recursion; false on a DOCTYPE, too deep, too many elements.
bool within_limits(pugi::xml_node document) {
    int depth = 0;
    int elements = 0;
    pugi::xml_node node = document.first_child();
    while (node) {
        if (node.type() == pugi::node_doctype) return false;
        if (node.type() == pugi::node_element && (++elements > xml_elements_max || depth + 1 > xml_depth_max))
            return false;
        if (pugi::xml_node down = node.first_child()) {
            ++depth;
            node = down;
            continue;
        }
        while (node != document && !node.next_sibling()) {
            node = node.parent();
            --depth;
        }
        if (node == document) break;
        node = node.next_sibling();
    }
    return true;
}

bool one_root_named_xml(pugi::xml_node document) {
    int roots = 0;
    for (const auto child : document.children())
        if (child.type() == pugi::node_element) ++roots;
    return roots == 1 && document.child("xml");
}

bool is_text(pugi::xml_node node) {
    return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

pugi::xml_node_struct* element_or_next(pugi::xml_node node) {
    while (node && node.type() != pugi::node_element) node = node.next_sibling();
    return node.internal_object();
}

}  // namespace

struct XmlDocument::Tree {
    std::string bytes;  // pugixml's strings point into it
    pugi::xml_document document;
};

XmlDocument::XmlDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

std::optional<XmlDocument> XmlDocument::parse(std::string_view bytes) {
    if (bytes.size() > xml_bytes_max || bytes.find('\0') != std::string_view::npos) return std::nullopt;
    if (!starts_and_ends_with_markup(bytes) || !valid_utf8(bytes)) return std::nullopt;
    auto tree = std::make_unique<Tree>();
    tree->bytes = bytes;
    const auto result = tree->document.load_buffer_inplace(tree->bytes.data(), tree->bytes.size(),
                                                           parse_flags, pugi::encoding_utf8);
    if (!result || !within_limits(tree->document) || !one_root_named_xml(tree->document)) return std::nullopt;
    return XmlDocument{std::move(tree)};
}

XmlElement XmlDocument::root() const { return XmlElement{tree_->document.child("xml").internal_object()}; }

std::string_view XmlElement::name() const { return pugi::xml_node{node_}.name(); }

std::string XmlElement::text() const {
    std::string joined;
    for (const auto child : pugi::xml_node{node_}.children())
        if (is_text(child)) joined += child.value();
    return joined;
}

XmlElement XmlElement::first_child() const {
    return XmlElement{element_or_next(pugi::xml_node{node_}.first_child())};
}

XmlElement XmlElement::next_sibling() const {
    return XmlElement{element_or_next(pugi::xml_node{node_}.next_sibling())};
}

XmlElement XmlElement::child(std::string_view name) const {
    for (auto at = first_child(); at; at = at.next_sibling())
        if (at.name() == name) return at;
    return {};
}

std::string xml_cdata(std::string_view text) {
    std::string out = "<![CDATA[";
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("]]>", at);
        if (end == std::string_view::npos) {
            out += text.substr(at);
            break;
        }
        out.append(text.substr(at, end + 2 - at)).append("]]><![CDATA[");
        at = end + 2;
    }
    return out += "]]>";
}

}  // namespace wefee::wecom
