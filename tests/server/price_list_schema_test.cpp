// docs/price-list.schema.json and the reader say the same: every field, its kind, its limits, what must be
// there.
#include <fstream>

#include <gtest/gtest.h>

#include "billing/error.hpp"
#include "server/demo/month.hpp"
#include "server/flows/price_lists.hpp"
#include "tests/billing/random_prices.hpp"
#include "tests/billing/sample_prices.hpp"
#include "tests/server/json_schema.hpp"

namespace wefee::server::tests {
namespace {

using Json = nlohmann::json;

JsonSchema published_schema() {
    std::ifstream file{WEFEE_PRICE_LIST_SCHEMA};
    return JsonSchema{Json::parse(file)};
}

bool speaks_of(const Json& schema, std::string_view words) {
    return schema.value("description", "").find(words) != std::string::npos;
}

/// Walks the description of the model and compares each field with the schema's object at the same place.
class Compare {
public:
    Compare(const JsonSchema& schema, const Json& object)
        : schema_(schema), object_(schema.resolved(object)) {}

    void operator()(const FieldInfo& info, std::string&) {
        const auto& field = find(info);
        EXPECT_EQ(field.at("type"), "string");
        EXPECT_EQ(field.at("maxLength"), info.longest);
        if (info.required) {
            EXPECT_EQ(field.at("minLength"), 1);
        }
    }
    void operator()(const FieldInfo& info, bool&) { EXPECT_EQ(find(info).at("type"), "boolean"); }
    template <class Number>
        requires std::same_as<Number, int> || std::same_as<Number, std::int64_t>
    void operator()(const FieldInfo& info, Number& number) {
        whole(info, find(info));
        EXPECT_EQ(find(info).value("default", 0), number);
    }
    void operator()(const FieldInfo& info, MicroYuan&) {
        whole(info, find(info));
        EXPECT_TRUE(info.name.ends_with("_micro_yuan"));
        EXPECT_TRUE(speaks_of(find(info), "10^-6 yuan"));
    }
    void operator()(const FieldInfo& info, Fen&) {
        whole(info, find(info));
        EXPECT_TRUE(info.name.ends_with("_fen"));
        EXPECT_TRUE(speaks_of(find(info), "fen"));
    }
    void operator()(const FieldInfo& info, Quantity&) {
        EXPECT_EQ(find(info).at("type"), (Json{"string", "integer"}));
        EXPECT_TRUE(speaks_of(find(info), "meter's unit"));
    }
    template <class Amount>
    void operator()(const FieldInfo& info, std::optional<Amount>&) {
        Amount amount{};
        (*this)(info, amount);
    }
    void operator()(const FieldInfo& info, CivilDay&) { EXPECT_EQ(find(info).at("format"), "date"); }
    template <ListKind Kind>
    void operator()(const FieldInfo& info, Kind& kind) {
        Json names = Json::array();
        for (int i = 0; i < kinds_of<Kind>; ++i) names.push_back(kind_name(static_cast<Kind>(i)));
        EXPECT_EQ(find(info).at("enum"), names);
        if (!info.required) {
            EXPECT_EQ(find(info).at("default"), kind_name(kind));
        }
    }
    void operator()(const FieldInfo& info, std::vector<std::string>&) {
        EXPECT_EQ(find(info).at("maxItems"), info.longest);
        EXPECT_EQ(find(info).at("items").at("maxLength"), info.longest_text);
    }
    template <class Row>
    void operator()(const FieldInfo& info, std::vector<Row>&) {
        EXPECT_EQ(find(info).at("maxItems"), info.longest);
        row<Row>(schema_, find(info).at("items"));
    }
    template <class Row>
        requires std::same_as<Row, Percentage> || std::same_as<Row, Terms>
    void operator()(const FieldInfo& info, Row&) {
        row<Row>(schema_, find(info));
    }

    template <class Row>
    static void row(const JsonSchema& schema, const Json& object) {
        Compare compare{schema, object};
        Row one{};
        describe(compare, one);
        std::set<std::string> listed, required;
        for (const auto& [name, field] : compare.object_.at("properties").items()) listed.insert(name);
        for (const auto& name : compare.object_.at("required")) required.insert(name.get<std::string>());
        EXPECT_EQ(listed, compare.known_);
        EXPECT_EQ(required, compare.required_);
        EXPECT_EQ(compare.object_.at("additionalProperties"), false);
        EXPECT_TRUE(compare.object_.contains("description"));
    }

private:
    const Json& find(const FieldInfo& info) {
        known_.emplace(info.name);
        if (info.required) required_.emplace(info.name);
        SCOPED_TRACE(std::string{info.name});
        const auto& field = schema_.resolved(object_.at("properties").at(std::string{info.name}));
        EXPECT_FALSE(field.value("description", "").empty());
        return field;
    }
    static void whole(const FieldInfo& info, const Json& field) {
        EXPECT_EQ(field.at("type"), "integer") << info.name;
        EXPECT_EQ(field.at("minimum"), info.low) << info.name;
        EXPECT_EQ(field.at("maximum"), info.high) << info.name;
    }

    const JsonSchema& schema_;
    const Json& object_;
    std::set<std::string> known_, required_;
};

bool reader_accepts(const Json& document) {
    try {
        parse_price_list(document.dump());
        return true;
    } catch (const Error&) {
        return false;
    }
}

TEST(PriceListSchema, ListsEveryFieldOfTheReaderAndNoOther) {
    const auto schema = published_schema();
    EXPECT_EQ(schema.root().at("$schema"), "https://json-schema.org/draft/2020-12/schema");
    Compare::row<PriceList>(schema, schema.root());
}

TEST(PriceListSchema, AcceptsTheListsOfTheDemoAndTheTests) {
    const auto schema = published_schema();
    for (const auto& list : {demo::demo_price_list(), Json::parse(print_price_list(testing::sample_prices())),
                             Json::parse(print_price_list(testing::full_prices()))}) {
        EXPECT_EQ(schema.refusals(list), std::vector<std::string>{});
        EXPECT_TRUE(reader_accepts(list));
    }
}

TEST(PriceListSchema, AcceptsWhateverIsPrinted) {
    const auto schema = published_schema();
    testing::for_seeds(100, [&](testing::Random& random) {
        EXPECT_EQ(schema.refusals(Json::parse(print_price_list(testing::random_prices(random)))),
                  std::vector<std::string>{});
    });
}

/// Calls `look(changed, pointer)` with each member of each object taken away, replaced by something of
/// another type, and with an unknown member beside it.
template <class Look>
void each_change(const Json& whole, const Json::json_pointer& at, const Look& look) {
    const auto& here = whole.at(at);
    if (here.is_array())
        for (std::size_t i = 0; i < here.size(); ++i) each_change(whole, at / i, look);
    if (!here.is_object()) return;
    auto more = whole;
    more.at(at)["no_such_field"] = 1;
    look(more, at / "no_such_field");
    for (const auto& [name, member] : here.items()) {
        auto less = whole, other = whole;
        less.at(at).erase(name);
        look(less, at / name);
        other.at(at / name) = member.is_object() ? Json("text") : Json(Json::object());
        look(other, at / name);
        each_change(whole, at / name, look);
    }
}

TEST(PriceListSchema, AndTheReaderRefuseTheSameChanges) {
    const auto schema = published_schema();
    int looked = 0, refused = 0;
    each_change(Json::parse(print_price_list(testing::full_prices())), Json::json_pointer{},
                [&](const Json& changed, const Json::json_pointer& at) {
                    const bool accepted = schema.refusals(changed).empty();
                    EXPECT_EQ(reader_accepts(changed), accepted) << at.to_string();
                    ++looked, refused += accepted ? 0 : 1;
                });
    EXPECT_GT(looked, 300);
    EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace wefee::server::tests
