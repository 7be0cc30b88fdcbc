// Price lists as JSON: the format that docs/price-list.schema.json describes, read strictly and written in
// one order, so that the same list always has the same hash. Both walk billing/price_list_fields.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "billing/price_list_fields.hpp"
#include "server/flows/price_lists.hpp"
#include "server/http/body.hpp"

namespace wefee::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

using Problems = std::vector<FieldProblem>;

/// A number with decimals that are not all zero. Told from its text: prices and floating point stay apart.
bool has_decimals(const json& value) {
    if (!value.is_number_float()) return false;
    const auto text = value.dump();
    return !text.ends_with(".0") && text.find("e+") == std::string::npos;
}

class ReadRow {
public:
    ReadRow(const json& object, std::string pointer, Problems& problems)
        : object_(object), pointer_(pointer), reader_(object, std::move(pointer)), problems_(problems) {}

    /// Fills `row`; what is wrong with it goes to the problems.
    template <class Row>
    void read(Row& row) {
        describe(*this, row);
        for (auto& problem : reader_.take_problems()) problems_.push_back(std::move(problem));
    }

    void operator()(const FieldInfo& info, std::string& text) {
        if (info.required)
            text = reader_.text(info.name, info.longest);
        else if (auto given = reader_.optional_text(info.name, info.longest))
            text = std::move(*given);
    }
    void operator()(const FieldInfo& info, bool& flag) {
        flag = reader_.optional_flag(info.name).value_or(flag);
    }
    template <class Number>
        requires std::same_as<Number, int> || std::same_as<Number, std::int64_t>
    void operator()(const FieldInfo& info, Number& number) {
        // A rate is a price: one below zero can be written, and is told as such when it is to be published.
        const auto low = info.decimals > 0 ? -info.high : info.low;
        number = static_cast<Number>(integer(info, low).value_or(number));
    }
    void operator()(const FieldInfo& info, MicroYuan& price) {
        if (present(info) && has_decimals(object_[info.name]))
            return reader_.problem(info.name, "is finer than a millionth of a yuan: give whole micro-yuan",
                                   "price_too_fine");
        price = MicroYuan{integer(info, -info.high).value_or(price.count())};
    }
    void operator()(const FieldInfo& info, Fen& amount) {
        amount = Fen{integer(info, -info.high).value_or(amount.count())};
    }
    void operator()(const FieldInfo& info, Quantity& quantity) {
        if (present(info)) quantity = Quantity{reader_.quantity_micro(info.name)};
    }
    template <class Amount>
    void operator()(const FieldInfo& info, std::optional<Amount>& amount) {
        if (present(info)) (*this)(info, amount.emplace());
    }
    void operator()(const FieldInfo& info, CivilDay& day) {
        day = reader_.optional_day(info.name).value_or(day);
    }
    template <ListKind Kind>
    void operator()(const FieldInfo& info, Kind& kind) {
        const auto name = info.required
                              ? reader_.text(info.name, 32)
                              : reader_.optional_text(info.name, 32).value_or(std::string{kind_name(kind)});
        if (const auto parsed = parse_kind<Kind>(name))
            kind = *parsed;
        else if (!name.empty() || !info.required)
            reader_.problem(info.name, "must be one of " + names_of<Kind>());
    }
    void operator()(const FieldInfo& info, std::vector<std::string>& texts) {
        const auto* list = array(info);
        for (std::size_t i = 0; list && i < list->size(); ++i) {
            const auto& element = (*list)[i];
            const bool fits = element.is_string() && !element.get_ref<const std::string&>().empty() &&
                              element.get_ref<const std::string&>().size() <= info.longest_text;
            if (fits)
                texts.push_back(element.get<std::string>());
            else
                problems_.push_back({fmt::format("{}/{}/{}", pointer_, info.name, i),
                                     fmt::format("must be a text of 1 to {} bytes", info.longest_text)});
        }
    }
    template <class Row>
    void operator()(const FieldInfo& info, std::vector<Row>& rows) {
        const auto* list = array(info);
        for (std::size_t i = 0; list && i < list->size(); ++i)
            read_below((*list)[i], fmt::format("{}/{}/{}", pointer_, info.name, i), rows.emplace_back());
    }
    template <class Row>
        requires std::same_as<Row, Percentage> || std::same_as<Row, Terms>
    void operator()(const FieldInfo& info, Row& row) {
        const auto* object = reader_.optional_object(info.name);
        if (object)
            read_below(*object, fmt::format("{}/{}", pointer_, info.name), row);
        else if (info.required && !present(info))
            reader_.problem(info.name, "is required", "missing_field");
    }

private:
    template <class Row>
    void read_below(const json& object, std::string pointer, Row& row) {
        ReadRow{object, std::move(pointer), problems_}.read(row);
    }

    bool present(const FieldInfo& info) const { return object_.is_object() && object_.contains(info.name); }
    std::optional<std::int64_t> integer(const FieldInfo& info, std::int64_t low) {
        if (info.required) return reader_.integer(info.name, low, info.high);
        return reader_.optional_integer(info.name, low, info.high);
    }
    const json* array(const FieldInfo& info) {
        return info.required ? reader_.array(info.name, info.longest)
                             : reader_.optional_array(info.name, info.longest);
    }

    template <ListKind Kind>
    static std::string names_of() {
        std::string names;
        for (int i = 0; i < kinds_of<Kind>; ++i)
            names += fmt::format("{}{}", i == 0 ? "" : ", ", kind_name(static_cast<Kind>(i)));
        return names;
    }

    const json& object_;
    std::string pointer_;
    ObjectReader reader_;
    Problems& problems_;
};

/// What is wrong with the document as a whole: the first problem's kind, as for every other body.
Errc kind_of(const FieldProblem& problem) {
    if (problem.code == "missing_field") return Errc::missing_field;
    return problem.code == "unknown_field" ? Errc::unknown_field : Errc::invalid_value;
}

class PrintRow {
public:
    explicit PrintRow(ordered_json& row) : row_(row) {}

    void operator()(const FieldInfo& info, const std::string& text) { put(info, text, text.empty()); }
    void operator()(const FieldInfo& info, const bool& flag) { put(info, flag, !flag); }
    template <class Number>
        requires std::same_as<Number, int> || std::same_as<Number, std::int64_t>
    void operator()(const FieldInfo& info, const Number& number) {
        put(info, number, number == 0);
    }
    void operator()(const FieldInfo& info, const MicroYuan& price) {
        put(info, price.count(), price == MicroYuan{});
    }
    void operator()(const FieldInfo& info, const Fen& amount) { put(info, amount.count(), amount == Fen{}); }
    void operator()(const FieldInfo& info, const Quantity& quantity) {
        put(info, format_quantity(quantity), quantity == Quantity{});
    }
    template <class Amount>
    void operator()(const FieldInfo& info, const std::optional<Amount>& amount) {
        auto always = info;
        always.sparse = false;
        if (amount) (*this)(always, *amount);
    }
    void operator()(const FieldInfo& info, const CivilDay& day) {
        if (day.ok()) row_[std::string{info.name}] = format_day(day);
    }
    template <ListKind Kind>
    void operator()(const FieldInfo& info, const Kind& kind) {
        put(info, kind_name(kind), static_cast<int>(kind) == 0);
    }
    void operator()(const FieldInfo& info, const std::vector<std::string>& texts) {
        put(info, texts, texts.empty());
    }
    template <class Row>
    void operator()(const FieldInfo& info, const std::vector<Row>& rows) {
        auto list = ordered_json::array();
        for (const auto& row : rows) list.push_back(printed(row));
        put(info, std::move(list), rows.empty());
    }
    template <class Row>
        requires std::same_as<Row, Percentage> || std::same_as<Row, Terms>
    void operator()(const FieldInfo& info, const Row& row) {
        auto object = printed(row);
        const bool empty = object == printed(Row{});
        put(info, std::move(object), empty);
    }

    template <class Row>
    static ordered_json printed(const Row& row) {
        auto object = ordered_json::object();
        PrintRow inside{object};
        describe(inside, row);
        return object;
    }

private:
    void put(const FieldInfo& info, ordered_json value, bool empty) {
        if (!empty || !info.sparse) row_[std::string{info.name}] = std::move(value);
    }

    ordered_json& row_;
};

}  // namespace

PriceList parse_price_list(std::string_view text) {
    const auto document = parse_object_text(text);
    PriceList prices;
    Problems problems;
    ReadRow{document, "", problems}.read(prices);
    if (!problems.empty()) throw Error(kind_of(problems.front()), "", problems);
    return prices;
}

std::string print_price_list(const PriceList& prices) { return PrintRow::printed(prices).dump(); }

}  // namespace wefee::server
