// The one guard in front of pugixml for all that WeCom sends: DOCTYPE and entities refused, size, depth and
// number of elements bounded (WeCom's card events nest five deep).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pugi {
struct xml_node_struct;
}

namespace wefee::wecom {

inline constexpr std::size_t xml_bytes_max = 256 * 1024;
inline constexpr int xml_depth_max = 16;
inline constexpr int xml_elements_max = 4096;

/// A handle into an XmlDocument, valid as long as it. A missing child is an empty handle with empty texts.
class XmlElement {
public:
    XmlElement() = default;
    explicit operator bool() const { return node_ != nullptr; }
    std::string_view name() const;
    /// Text and CDATA children joined, entities of the five predefined names and numbers decoded, nothing
    /// trimmed.
    std::string text() const;
    XmlElement first_child() const;   // elements only
    XmlElement next_sibling() const;  // elements only
    XmlElement child(std::string_view name) const;
    bool has_children() const { return static_cast<bool>(first_child()); }

private:
    friend class XmlDocument;
    explicit XmlElement(pugi::xml_node_struct* node) : node_(node) {}
    pugi::xml_node_struct* node_ = nullptr;
};

class XmlDocument {
public:
    /// nullopt unless `bytes` is strict UTF-8, well formed, within the limits, without DOCTYPE, with exactly
    /// one root element, of the name "xml". Numbers stay text. Never throws on what a sender controls.
    static std::optional<XmlDocument> parse(std::string_view bytes);
    XmlDocument(XmlDocument&&) noexcept;
    XmlDocument& operator=(XmlDocument&&) noexcept;
    ~XmlDocument();
    XmlElement root() const;

private:
    struct Tree;
    explicit XmlDocument(std::unique_ptr<Tree> tree);
    std::unique_ptr<Tree> tree_;
};

/// `<![CDATA[text]]>` with every "]]>" in `text` split over two sections.
std::string xml_cdata(std::string_view text);

}  // namespace wefee::wecom
