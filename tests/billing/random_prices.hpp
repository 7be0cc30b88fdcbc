// Random price lists, and lists with exactly one field changed: both walk the description of the model, so
// that a field which is added to it is in every property from then on.
#pragma once

#include <string>

#include "billing/price_list_fields.hpp"
#include "tests/billing/property.hpp"

namespace wefee::testing {

/// Fills every field with something that can be written in JSON; codes are different from each other. The
/// lists need not be fit to publish.
class Fill {
public:
    explicit Fill(Random& random) : random_(random) {}

    void operator()(const FieldInfo& info, std::string& text) {
        if (info.key)
            text = "c" + std::to_string(++used_);
        else if (info.required || random_.chance(50))
            text = words() + std::to_string(++used_);
        else
            text.clear();
    }
    void operator()(const FieldInfo&, bool& flag) { flag = random_.chance(50); }
    template <class Number>
        requires std::same_as<Number, int> || std::same_as<Number, std::int64_t>
    void operator()(const FieldInfo& info, Number& number) {
        number = static_cast<Number>(random_.between(info.low, info.high));
    }
    void operator()(const FieldInfo&, MicroYuan& price) {
        price = MicroYuan{random_.between(0, 1'000'000'000)};
    }
    void operator()(const FieldInfo&, Fen& amount) { amount = Fen{random_.between(0, 10'000'000)}; }
    void operator()(const FieldInfo&, Quantity& quantity) {
        quantity = Quantity{random_.between(0, 1'000'000'000'000)};
    }
    template <class Amount>
    void operator()(const FieldInfo& info, std::optional<Amount>& amount) {
        amount.reset();
        if (random_.chance(50)) (*this)(info, amount.emplace());
    }
    void operator()(const FieldInfo&, CivilDay& day) {
        day = random_.chance(80)
                  ? add_days(parse_day("1970-01-01").value(), static_cast<int>(random_.between(0, 47'000)))
                  : CivilDay{};
    }
    template <ListKind Kind>
    void operator()(const FieldInfo&, Kind& kind) {
        kind = static_cast<Kind>(random_.between(0, kinds_of<Kind> - 1));
    }
    void operator()(const FieldInfo&, std::vector<std::string>& texts) {
        texts.clear();
        for (auto left = random_.between(0, 3); left > 0; --left)
            texts.push_back("t" + std::to_string(++used_));
    }
    template <class Row>
    void operator()(const FieldInfo&, std::vector<Row>& rows) {
        rows.clear();
        for (auto left = random_.between(0, 3); left > 0; --left) describe(*this, rows.emplace_back());
    }
    template <class Row>
        requires std::same_as<Row, Percentage> || std::same_as<Row, Terms>
    void operator()(const FieldInfo&, Row& row) {
        if (random_.chance(50) || std::same_as<Row, Terms>) describe(*this, row);
    }

private:
    std::string words() {
        static constexpr std::array<std::string_view, 6> some{"套餐",  "<b>&\"'", "a/b~c",
                                                              "\\n\t", "é",       "专业版 "};
        return std::string(some.at(static_cast<std::size_t>(random_.between(0, 5))));
    }

    Random& random_;
    int used_ = 0;
};

inline PriceList random_prices(Random& random) {
    PriceList prices;
    Fill fill(random);
    describe(fill, prices);
    return prices;
}

/// What the one change was.
struct Mutation {
    std::string pointer;  // of what changed, in both lists
    bool of_key = false;  // the row at `pointer` lost its identity
    bool added = false, removed = false;
};

/// Changes the n-th thing that can be changed.
class Mutate {
public:
    Mutate(int target, Random& random) : left_(target), fill_(random) {}
    std::optional<Mutation> done;

    void operator()(const FieldInfo& info, std::string& text) {
        if (!turn(info)) return;
        if (info.key) done = {.pointer = pointer_, .of_key = true};
        text += "x";
    }
    void operator()(const FieldInfo& info, bool& flag) {
        if (turn(info)) flag = !flag;
    }
    template <class Number>
        requires std::same_as<Number, int> || std::same_as<Number, std::int64_t>
    void operator()(const FieldInfo& info, Number& number) {
        if (turn(info)) number = number < info.high ? number + 1 : number - 1;
    }
    void operator()(const FieldInfo& info, MicroYuan& price) {
        if (turn(info)) price = MicroYuan{price.count() + 1};
    }
    void operator()(const FieldInfo& info, Fen& amount) {
        if (turn(info)) amount += Fen{1};
    }
    void operator()(const FieldInfo& info, Quantity& quantity) {
        if (turn(info)) quantity = quantity + Quantity{1};
    }
    template <class Amount>
    void operator()(const FieldInfo& info, std::optional<Amount>& amount) {
        if (turn(info)) {
            done->added = !amount, done->removed = amount.has_value();
            if (amount)
                amount.reset();
            else
                amount.emplace(7);
        } else if (amount) {
            (*this)(info, *amount);
        }
    }
    void operator()(const FieldInfo& info, CivilDay& day) {
        if (!turn(info)) return;
        done->added = !day.ok();
        day = day.ok() ? add_days(day, 1) : parse_day("2026-01-01").value();
    }
    template <ListKind Kind>
    void operator()(const FieldInfo& info, Kind& kind) {
        if (turn(info)) kind = static_cast<Kind>((static_cast<int>(kind) + 1) % kinds_of<Kind>);
    }
    void operator()(const FieldInfo& info, std::vector<std::string>& texts) {
        if (!turn(info)) return;
        resize(texts, [](std::string& text) { text = "new"; });
    }
    template <class Row>
    void operator()(const FieldInfo& info, std::vector<Row>& rows) {
        if (turn(info)) return resize(rows, [this](Row& row) { describe(fill_, row); });
        for (std::size_t i = 0; i < rows.size() && !done; ++i)
            below(std::string(info.name) + "/" + std::to_string(i), rows[i]);
    }
    template <class Row>
        requires std::same_as<Row, Percentage> || std::same_as<Row, Terms>
    void operator()(const FieldInfo& info, Row& row) {
        below(std::string(info.name), row);
    }

private:
    bool turn(const FieldInfo& info) {
        if (done || left_-- > 0) return false;
        done = {.pointer = pointer_ + "/" + std::string(info.name)};
        return true;
    }
    template <class Row>
    void below(const std::string& name, Row& row) {
        const auto outside = pointer_;
        pointer_ += "/" + name;
        describe(*this, row);
        pointer_ = outside;
    }
    template <class Row, class Make>
    void resize(std::vector<Row>& rows, Make make) {
        done->added = rows.empty(), done->removed = !rows.empty();
        done->pointer += "/" + std::to_string(rows.empty() ? 0 : rows.size() - 1);
        if (rows.empty())
            make(rows.emplace_back());
        else
            rows.pop_back();
    }

    int left_;
    Fill fill_;
    std::string pointer_;
};

}  // namespace wefee::testing
