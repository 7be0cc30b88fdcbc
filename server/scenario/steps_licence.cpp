// Steps about WeCom's interface licences: how long they run, and who gets which part of an order's price.
#include <array>

#include "billing/period.hpp"
#include "billing/splits.hpp"
#include "server/scenario/run.hpp"

namespace wefee::server {
namespace {

std::vector<Fen> read_shares(ObjectReader& reader) {
    std::vector<Fen> shares;
    const auto* object = reader.optional_object("shares_fen");
    if (!object) return shares;
    ObjectReader row{*object, reader.pointer("shares_fen")};
    for (const auto& [name, value] : object->items())
        shares.emplace_back(row.integer(name, 0, scenario_money_max));
    row.finish();
    return shares;
}

void licence_order(Run& run, ObjectReader& reader, const std::string&, CivilDay) {
    const auto months = reader.optional_integer("months", 0, 1'000);
    const auto days = reader.optional_integer("days", 0, 100'000);
    const auto price = reader.optional_integer("price_fen", 0, scenario_money_max);
    const auto shares = read_shares(reader);
    if (!months && !days && !price)
        reader.problem("", "names a term (months, days) or a price_fen with shares_fen");
    reader.finish();
    nlohmann::ordered_json row = nlohmann::ordered_json::object();
    if (months || days) {
        const int term =
            licence_days(static_cast<int>(months.value_or(0)), static_cast<int>(days.value_or(0)));
        row["days"] = term;
        row["max_days"] = licence_days_max;
        row["term_allowed"] = licence_term_allowed(term);
    }
    if (price) {
        row["shares_sum_fen"] = sum_of(shares).count();
        row["shares_ok"] = shares_add_up(Fen{*price}, shares);
    }
    run.add("licence_orders", std::move(row));
}

constexpr std::array steps{StepKind{"licence_order", licence_order}};

}  // namespace

std::span<const StepKind> licence_steps() { return steps; }

}  // namespace wefee::server
