#include "billing/price_list_diff.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "billing/price_list_tree.hpp"

namespace wefee {
namespace {

constexpr std::size_t shown_max = 120;  // bytes; longer texts are named, and stand in before and after

constexpr std::array<std::string_view, 5> kind_names{"added", "removed", "raised", "lowered", "changed"};

/// Where we are on both sides: pointers, and the same place in words.
struct Place {
    std::string older;
    std::string newer;
    std::string said;

    Place into(std::string_view name) const { return {under(older, name), under(newer, name), said}; }
    Place into(std::size_t old_place, std::size_t new_place) const {
        return {under(older, std::to_string(old_place)), under(newer, std::to_string(new_place)), said};
    }
    Place named(const std::string& words) const {
        return {older, newer, said.empty() ? words : said + " · " + words};
    }

private:
    static std::string under(const std::string& pointer, std::string_view name) {
        return pointer + "/" + std::string(name);
    }
};

/// Elements of a list are the same thing when they have the same key, the n-th of one key being the n-th.
using Identity = std::pair<std::string, int>;
std::vector<Identity> identities(const std::vector<ListNode>& elements) {
    std::map<std::string, int> seen;
    std::vector<Identity> all;
    for (const auto& element : elements) all.emplace_back(element.key, seen[element.key]++);
    return all;
}

std::string short_words(const std::string& shown) { return shown.size() > shown_max ? "(全文略)" : shown; }

class Compare {
public:
    void nodes(const ListNode& older, const ListNode& newer, const Place& place) {
        switch (newer.shape) {
            case ListNode::Shape::value:
                return values(older, newer, place);
            case ListNode::Shape::list:
                return lists(older, newer, place);
            case ListNode::Shape::row:
                break;
        }
        for (std::size_t i = 0; i < newer.children.size(); ++i) {
            const auto& field = newer.children[i];
            const auto here = place.into(field.name);
            nodes(older.children[i], field,
                  field.shape == ListNode::Shape::row ? here.named(field.said) : here);
        }
    }

    std::vector<Difference> found;

private:
    void values(const ListNode& older, const ListNode& newer, const Place& place) {
        if (older.value == newer.value) return;
        const auto what = place.named(newer.said).said;
        if (!older.value)
            return add(DifferenceKind::added, place, what + " 新增:" + short_words(newer.shown), older,
                       newer);
        if (!newer.value)
            return add(DifferenceKind::removed, place, what + " 取消,原为 " + short_words(older.shown), older,
                       newer);
        const bool raised = newer.number > older.number;
        const auto kind = !newer.number ? DifferenceKind::changed
                          : raised      ? DifferenceKind::raised
                                        : DifferenceKind::lowered;
        const auto* verb = kind == DifferenceKind::changed ? " 改为 " : raised ? " 调高为 " : " 调低为 ";
        add(kind, place, what + " 由 " + words(older) + verb + words(newer), older, newer);
    }

    void lists(const ListNode& older, const ListNode& newer, const Place& place) {
        const auto old_ones = identities(older.children), new_ones = identities(newer.children);
        std::vector<std::size_t> kept;  // places in the older list, in the newer order
        for (std::size_t i = 0; i < new_ones.size(); ++i) {
            const auto& element = newer.children[i];
            const auto match = std::ranges::find(old_ones, new_ones[i]);
            const auto old_place = static_cast<std::size_t>(match - old_ones.begin());
            const auto here = place.into(old_place, i);
            if (match == old_ones.end()) {
                one_sided(DifferenceKind::added, element, here);
            } else {
                kept.push_back(old_place);
                nodes(older.children[old_place], element, here.named(element.said));
            }
        }
        for (std::size_t i = 0; i < old_ones.size(); ++i)
            if (std::ranges::find(new_ones, old_ones[i]) == new_ones.end())
                one_sided(DifferenceKind::removed, older.children[i], place.into(i, i));
        if (!std::ranges::is_sorted(kept)) order(older, newer, place);
    }

    void one_sided(DifferenceKind kind, const ListNode& element, const Place& place) {
        const bool added = kind == DifferenceKind::added;
        const auto content = summary(element);
        auto text = place.named((added ? "新增" : "取消") + element.said).said;
        if (element.shape == ListNode::Shape::row) text += ":" + content;
        Difference one{.kind = kind, .pointer = added ? place.newer : place.older, .text = std::move(text)};
        (added ? one.after : one.before) = content;
        found.push_back(std::move(one));
    }

    void order(const ListNode& older, const ListNode& newer, const Place& place) {
        const auto keys = [](const ListNode& list) {
            std::string text;
            for (const auto& element : list.children) text += (text.empty() ? "" : ", ") + element.key;
            return text;
        };
        found.push_back({DifferenceKind::changed, place.newer, place.named(newer.said).said + " 的顺序有变化",
                         keys(older), keys(newer)});
    }

    static std::string words(const ListNode& node) {
        return node.shown.empty() ? "(空)" : short_words(node.shown);
    }

    void add(DifferenceKind kind, const Place& place, std::string text, const ListNode& older,
             const ListNode& newer) {
        const auto& pointer = kind == DifferenceKind::removed ? place.older : place.newer;
        found.push_back({kind, pointer, std::move(text), older.value, newer.value});
    }
};

}  // namespace

std::string_view difference_kind_name(DifferenceKind kind) {
    return kind_names.at(static_cast<std::size_t>(kind));
}

std::vector<Difference> differences(const PriceList& older, const PriceList& newer) {
    Compare compare;
    compare.nodes(tree_of(older), tree_of(newer), {});
    return std::move(compare.found);
}

}  // namespace wefee
