// The public page lists everything that can ever cost money, and nothing on it can do harm.
#include "server/routes/price_page.hpp"

#include <set>

#include <gtest/gtest.h>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "tests/billing/random_prices.hpp"
#include "tests/billing/sample_prices.hpp"

namespace wefee::server::tests {
namespace {

/// Gives every price, fee, rate and limit of a list that says something a value of its own, and tells them as
/// people read them: none can stand for another.
class GiveEachItsOwn {
public:
    std::set<std::string> prices, quantities;

    void operator()(const FieldInfo&, std::string&) {}
    void operator()(const FieldInfo&, bool&) {}
    template <class Number>
        requires std::same_as<Number, int> || std::same_as<Number, std::int64_t>
    void operator()(const FieldInfo& info, Number& number) {
        if (number == 0 || info.name == "months") return;
        if (info.decimals > 0) number = static_cast<Number>(next_ % info.high), next_ += 7;
        (info.decimals > 0 ? prices : quantities)
            .insert(shown_number({.decimals = info.decimals, .unit = info.unit}, number));
    }
    void operator()(const FieldInfo&, MicroYuan& price) {
        if (price == MicroYuan{}) return;
        price = MicroYuan{next_ * 10'001}, next_ += 7;
        prices.insert(format_unit_price(price));
    }
    void operator()(const FieldInfo&, Fen& amount) {
        if (amount == Fen{}) return;
        amount = Fen{next_ * 101}, next_ += 7;
        prices.insert(format_yuan_for_people(amount));
    }
    void operator()(const FieldInfo&, Quantity& quantity) {
        if (quantity != Quantity{}) quantities.insert(format_quantity_for_people(quantity));
    }
    template <class Amount>
    void operator()(const FieldInfo& info, std::optional<Amount>& amount) {
        if (amount) (*this)(info, *amount);
    }
    void operator()(const FieldInfo&, CivilDay&) {}
    template <ListKind Kind>
    void operator()(const FieldInfo&, Kind&) {}
    void operator()(const FieldInfo&, std::vector<std::string>&) {}
    template <class Row>
    void operator()(const FieldInfo&, std::vector<Row>& rows) {
        for (auto& row : rows) describe(*this, row);
    }
    template <class Row>
        requires std::same_as<Row, Percentage> || std::same_as<Row, Terms>
    void operator()(const FieldInfo&, Row& row) {
        describe(*this, row);
    }
    int given() const { return static_cast<int>((next_ - first) / 7); }

private:
    static constexpr std::int64_t first = 1'234;
    std::int64_t next_ = first;
};

std::string text_of(const std::string& page) {
    std::string text;
    bool tag = false;
    for (const char c : page.substr(page.find("<body>"))) {
        if (c == '<') tag = true;
        text += tag ? ' ' : c;
        if (c == '>') tag = false;
    }
    return text;
}

/// `number` stands in the text, and not as the beginning or end of a longer one.
bool shows(const std::string& text, const std::string& number) {
    const auto longer = [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == ','; };
    for (auto at = text.find(number); at != std::string::npos; at = text.find(number, at + 1)) {
        const auto after = text.substr(at + number.size(), 2);
        const bool goes_on = after.size() == 2 && (longer(after[0]) && after[1] >= '0' && after[1] <= '9');
        const bool digit = !after.empty() && after[0] >= '0' && after[0] <= '9';
        const bool before = at > 0 && longer(text[at - 1]);
        if (!goes_on && !digit && !before) return true;
    }
    return false;
}

TEST(PricePage, ShowsEveryPriceOfAFullList) {
    auto prices = testing::full_prices();
    GiveEachItsOwn numbers;
    describe(numbers, prices);
    ASSERT_EQ(numbers.prices.size(), static_cast<std::size_t>(numbers.given())) << "each price is its own";
    EXPECT_GE(numbers.given(), 25);
    const auto text = text_of(price_page(prices));
    for (const auto& price : numbers.prices) EXPECT_TRUE(shows(text, price)) << price << "\n" << text;
    for (const auto& quantity : numbers.quantities)
        EXPECT_TRUE(shows(text, quantity)) << quantity << "\n" << text;
}

TEST(PricePage, NamesEveryThingThatIsSoldAndTheRules) {
    const auto prices = testing::full_prices();
    const auto text = text_of(price_page(prices));
    std::vector<std::string> titles{prices.title,         prices.tax_title,  prices.refund_policy,
                                    prices.terms.version, prices.terms.text, "第 3 版",
                                    "2026-01-01"};
    for (const auto& row : prices.plans) titles.push_back(row.title);
    for (const auto& row : prices.modules) titles.push_back(row.title);
    for (const auto& row : prices.meters) titles.push_back(row.title);
    for (const auto& row : prices.add_ons) titles.push_back(row.title);
    for (const auto& row : prices.coupons) titles.push_back(row.title);
    for (const auto& row : prices.features) titles.push_back(row.title);
    for (const std::string words : {"免费试用", "期初预付", "期末后付", "分档累进", "按总量定档",
                                    "有使用才收", "去重计数", "不足一包按一包计"})
        titles.push_back(words);
    for (const auto& title : titles) EXPECT_NE(text.find(title), std::string::npos) << title;
}

TEST(PricePage, EscapesEveryTextOfTheList) {
    testing::for_seeds(50, [](testing::Random& random) {
        const auto page = price_page(testing::random_prices(random));
        EXPECT_EQ(page.find("<b>"), std::string::npos);
        EXPECT_EQ(page.find("&\"'"), std::string::npos);
        EXPECT_EQ(page.find("<script"), std::string::npos);
    });
}

TEST(PricePage, ItsPolicyAllowsItsOwnStyleAndNothingElse) {
    const auto page = price_page(testing::sample_prices());
    const auto from = page.find("<style>") + 7;
    const auto style = page.substr(from, page.find("</style>") - from);
    const auto digest = io::sha256(style);
    const auto hash = io::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
    EXPECT_EQ(price_page_policy(), "default-src 'none'; style-src 'sha256-" + hash +
                                       "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    EXPECT_EQ(page.find("style=\""), std::string::npos) << "style attributes are not covered by the hash";
    for (const std::string outside : {"src=", "href=", "url(", "@import", "http"})
        EXPECT_EQ(page.find(outside), std::string::npos) << outside;
    EXPECT_NE(page.find("prefers-color-scheme:dark"), std::string::npos);
    EXPECT_NE(page.find("width=device-width"), std::string::npos);
}

}  // namespace
}  // namespace wefee::server::tests
