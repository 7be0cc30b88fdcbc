#include "billing/price_list_tree.hpp"

namespace wefee {
namespace {

std::string quoted(std::string_view title) { return "「" + std::string(title) + "」"; }

class Grow {
public:
    Grow(const PriceList& prices, std::vector<ListNode>& into) : prices_(prices), into_(into) {}

    void operator()(const FieldInfo& info, const std::string& text) {
        if (info.key) key_ = text;
        put(info, text, text);
    }
    void operator()(const FieldInfo& info, const bool& flag) { put(info, flag, flag ? "是" : "否"); }
    template <class Number>
        requires std::same_as<Number, int> || std::same_as<Number, std::int64_t>
    void operator()(const FieldInfo& info, const Number& number) {
        put_number(info, number, std::int64_t{number}, shown_number(info, number));
    }
    void operator()(const FieldInfo& info, const MicroYuan& price) {
        put_number(info, price.count(), price.count(), format_unit_price(price));
    }
    void operator()(const FieldInfo& info, const Fen& amount) {
        put_number(info, amount.count(), amount.count(), format_yuan_for_people(amount));
    }
    void operator()(const FieldInfo& info, const Quantity& quantity) {
        put_number(info, quantity.count(), format_quantity(quantity), format_quantity_for_people(quantity));
    }
    template <class Amount>
    void operator()(const FieldInfo& info, const std::optional<Amount>& amount) {
        if (amount) return (*this)(info, *amount);
        put(info, std::nullopt, "");
    }
    void operator()(const FieldInfo& info, const CivilDay& day) {
        if (!day.ok()) return put(info, std::nullopt, "");
        put(info, format_day(day), format_day(day));
    }
    template <ListKind Kind>
    void operator()(const FieldInfo& info, const Kind& kind) {
        put(info, std::string(kind_name(kind)), std::string(kind_label(kind)));
    }
    void operator()(const FieldInfo& info, const std::vector<std::string>& texts) {
        auto& list = node(info, ListNode::Shape::list);
        for (const auto& text : texts)
            list.children.push_back(
                {.said = std::string(info.label) + quoted(text), .key = text, .value = text, .shown = text});
    }
    template <class Row>
    void operator()(const FieldInfo& info, const std::vector<Row>& rows) {
        auto& list = node(info, ListNode::Shape::list);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            auto row = grown(rows[i], said_of(info, rows[i], i));
            list.children.push_back(std::move(row));
        }
    }
    template <class Row>
        requires std::same_as<Row, Percentage> || std::same_as<Row, Terms>
    void operator()(const FieldInfo& info, const Row& row) {
        auto one = grown(row, std::string(info.label));
        one.name = info.name;
        into_.push_back(std::move(one));
    }

    template <class Row>
    ListNode grown(const Row& row, std::string said) const {
        ListNode one{.shape = ListNode::Shape::row, .said = std::move(said)};
        Grow inside(prices_, one.children);
        describe(inside, row);
        one.key = std::move(inside.key_);
        return one;
    }

private:
    ListNode& node(const FieldInfo& info, ListNode::Shape shape) {
        into_.push_back({.shape = shape, .name = std::string(info.name), .said = std::string(info.label)});
        return into_.back();
    }
    void put(const FieldInfo& info, std::optional<ListedValue> value, std::string shown) {
        auto& one = node(info, ListNode::Shape::value);
        one.value = std::move(value);
        one.shown = std::move(shown);
    }
    void put_number(const FieldInfo& info, std::int64_t number, ListedValue value, std::string shown) {
        put(info, std::move(value), std::move(shown));
        into_.back().number = number;
    }

    template <class Row>
    std::string said_of(const FieldInfo& info, const Row& row, std::size_t) const {
        return std::string(info.label) + title_of(row);
    }
    std::string said_of(const FieldInfo& info, const Tier&, std::size_t place) const {
        const auto which = info.name == "tiers" ? std::string{} : std::string(info.label) + " ";
        return which + "第 " + std::to_string(place + 1) + " 档";
    }

    template <class Row>
    std::string title_of(const Row& row) const {
        return quoted(row.title);
    }
    std::string title_of(const MeterFilter& filter) const { return quoted(filter.property); }
    std::string title_of(const UsageCharge& charge) const {
        const auto* meter = find_meter(prices_, charge.meter);
        return quoted(meter ? meter->title : charge.meter);
    }

    const PriceList& prices_;
    std::vector<ListNode>& into_;
    std::string key_;
};

bool says_nothing(const ListNode& node) {
    if (!node.value) return node.children.empty();
    if (node.number) return *node.number == 0;
    if (const auto* flag = std::get_if<bool>(&*node.value)) return !*flag;
    return node.shown.empty();
}

}  // namespace

ListNode tree_of(const PriceList& prices) {
    std::vector<ListNode> unused;
    return Grow(prices, unused).grown(prices, "");
}

std::string summary(const ListNode& node) {
    if (node.shape == ListNode::Shape::value) return node.shown;
    std::string text;
    for (const auto& child : node.children) {
        if (says_nothing(child)) continue;
        const auto inside = summary(child);
        if (inside.empty()) continue;
        if (!text.empty()) text += child.name.empty() ? "、" : ",";
        const bool element = child.name.empty() && child.shape == ListNode::Shape::value;
        if (element)
            text += inside;
        else if (child.shape == ListNode::Shape::value)
            text += child.said + " " + inside;
        else
            text += child.said + "(" + inside + ")";
    }
    return text;
}

}  // namespace wefee
