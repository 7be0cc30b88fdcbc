// Groups A, B and S: anchors, changes, seats.
#include "billing/credit_note.hpp"
#include "billing/limits.hpp"
#include "billing/proration.hpp"
#include "billing/seats.hpp"
#include "billing/splits.hpp"
#include "cases.hpp"

namespace wefee::cases {
namespace {

json periods(const json& in) {
    json list = json::array();
    for (const auto period : periods_from(day(in["start"]), {.day = whole(in["anchor"])}, whole(in["n"])))
        list.push_back(text(period));
    return {{"periods", list}};
}

json stub_before_first_anchor(const json& in) {
    const Anchor anchor{.day = whole(in["anchor"])};
    const auto start = day(in["start"]);
    return {{"first_full_start", format_day(boundary_at_or_after(start, anchor))},
            {"stub", text(first_period(start, anchor))}};
}

json cycles_in_advance(const json& in) {
    return {{"full_cycles_billed_in_advance",
             full_periods_begun(day(in["start"]), {.day = whole(in["anchor"])}, day(in["target"]))}};
}

Fen stub_fee(const json& in) {
    return rounded(
        prorated(fen(in["amount"]), {day(in["frm"]), day(in["to"])}, {day(in["p0"]), day(in["p1"])}));
}
json fee_of_span(const json& in) { return {{"fee", stub_fee(in).count()}}; }
json stub_of_span(const json& in) { return {{"stub", stub_fee(in).count()}}; }

json thirty_day_months(const json& in) {
    json out{{"days", json::array()}, {"fees", json::array()}};
    for (const auto& pair : in["spans"]) {
        out["days"].push_back(days_of_30(span(pair)));
        out["fees"].push_back(rounded(prorated_30(fen(in["amount"]), span(pair))).count());
    }
    return out;
}

json half_february(const json& in) {
    json fees = json::array();
    for (std::size_t i = 0; i < in["a"].size(); ++i)
        fees.push_back(rounded(share_of(fen(in["a"][i]), whole(in["n"][i]), whole(in["den"][i]))).count());
    return {{"fees", fees}};
}

json upgrade_to_yearly(const json& in) {
    const auto old_period = span(in["op"]);
    const auto new_period = span(in["np"]);
    const auto change = day(in["chg"]);
    return {
        {"credit", credit_for_unused(fen(in["old"]), from_change(old_period, change), old_period).count()},
        {"charge", rounded(prorated(fen(in["new"]), from_change(new_period, change), new_period)).count()}};
}

json upgrade_with_tax(const json& in) {
    const auto period = span(in["p"]);
    const auto rest = from_change(period, day(in["chg"]));
    const auto note = credit_note(prorated(fen(in["old"]), rest, period), whole(in["tax"]) * 100);
    return {{"charge", rounded(prorated(fen(in["new"]), rest, period)).count()},
            {"credit_net", note.net.count()},
            {"credit_tax", note.tax.count()},
            {"credit_total", note.total.count()}};
}

json downgrade_at_period_end(const json& in) {
    const auto period = span(in["np"]);
    const auto rest = from_change(period, day(in["start"]));
    return {{"charge", rounded(prorated(fen(in["new"]), rest, period)).count()},
            {"credit", 0},
            {"days", rest.days()}};
}

json end_day_or_change_day(const json& in) {
    const auto period = span(in["p"]);
    const auto fee = [&](DaySpan part) { return rounded(prorated(fen(in["amount"]), part, period)).count(); };
    return {{"terminated", fee(billed_until_end(period, day(in["day"])))},
            {"upgraded", fee(before_change(period, day(in["day"])))}};
}

json quarter_entered_midway(const json& in) {
    const auto quarter = span(in["p"]);
    const auto used = from_change(billed_until_end(quarter, day(in["last"])), day(in["frm"]));
    return {{"fee", rounded(prorated(fen(in["amount"]), used, quarter)).count()}, {"days", used.days()}};
}

json upgrade_with_pending_anchor(const json& in) {
    auto out = upgrade_to_yearly(in);
    out["account_credit"] = use_credit(fen(out["credit"]), fen(out["charge"])).credit_left.count();
    return out;
}

json downgrade_then_upgrade(const json& in) {
    const auto period = span(in["p"]);
    const auto first = from_change(period, parse_day("2012-05-07").value());
    const auto second = from_change(period, parse_day("2012-05-08").value());
    const auto charge1 = rounded(prorated(fen(in["b"]), first, period));
    const auto credit1 = credit_for_unused(fen(in["a"]), first, period);
    const auto balance1 = use_credit(credit1, charge1).credit_left;
    const auto charge2 = rounded(prorated(fen(in["c"]), second, period));
    const auto credit2 = std::min(rounded(prorated(fen(in["b"]), second, period)), charge1);
    const auto from_balance = charge2 - credit2;
    return {{"charge1", charge1.count()},
            {"credit1", credit1.count()},
            {"balance1", balance1.count()},
            {"charge2", charge2.count()},
            {"credit2", credit2.count()},
            {"used_from_balance", from_balance.count()},
            {"balance2", use_credit(balance1, from_balance).credit_left.count()}};
}

json half_period_upgrades(const json& in) {
    json net = json::array();
    for (const auto& pair : in["pairs"])
        net.push_back((rounded(share_of(fen(pair[1]), whole(in["n"]), whole(in["den"]))) -
                       rounded(share_of(fen(pair[0]), whole(in["n"]), whole(in["den"]))))
                          .count());
    return {{"net", net}};
}

json one_off(const json& in) {
    return {{"fee", rounded(per_unit_fee(price(in["rate"]), units(in["qty"].get<std::int64_t>()))).count()}};
}

json rewritten_history(const json& in) {
    json lines = json::array();
    Fen invoice{};
    for (const auto& addon : in["addons"]) {
        const auto fee = rounded(share_of(fen(addon), whole(in["n"]), whole(in["den"])));
        lines.push_back(fee.count());
        invoice += fee;
    }
    // The whole, as it should have been, less what was invoiced: base and first add-on remain.
    const auto should_be = Fraction{fen(in["new_base"]) + fen(lines[0])};
    return {{"lines", lines},
            {"invoice", invoice.count()},
            {"correction", amount_now(should_be, fen(in["old_base"]) + invoice).count()}};
}

json credit_at_billed_price(const json& in) {
    return {{"credit", rounded(share_of(fen(in["billed"]), whole(in["n"]), whole(in["den"]))).count()}};
}

json more_seats(const json& in) {
    const Fen old_price = rounded(per_unit_fee(price(in["unit"]), units(whole(in["a"]))));
    const Fen new_price = rounded(per_unit_fee(price(in["unit"]), units(whole(in["b"]))));
    const auto credit = rounded(share_of(old_price, whole(in["n"]), whole(in["den"])));
    const auto charge = rounded(share_of(new_price, whole(in["n"]), whole(in["den"])));
    return {{"credit", credit.count()}, {"charge", charge.count()}, {"net", (charge - credit).count()}};
}

json high_water(const json& in) {
    HighWaterMark mark;
    json invoices = json::array();
    for (const auto& level : in["seq"])
        invoices.push_back(mark.raise_to(level.get<std::int64_t>(), price(in["unit"])).count());
    return {{"invoices", invoices}};
}

json seats_on_boundary(const json& in) {
    json fees = json::array();
    for (const auto& quantity : in["q"])
        fees.push_back(rounded(per_unit_fee(price(in["unit"]), units(quantity.get<std::int64_t>()))).count());
    return {{"fees", fees}};
}

json graduated_seats(const json& in) {
    std::vector<Tier> tiers;
    for (const auto& row : in["tiers"]) {
        tiers.push_back({.up_to = {}, .unit_price = price(row[1]), .flat_fee = fen(row[2])});
        if (!row[0].is_null()) tiers.back().up_to = units(row[0].get<std::int64_t>());
    }
    SeatLedger ledger(tiers, whole(in["den"]));
    json totals{ledger.total().count()};
    for (const auto& event : in["events"]) {
        ledger.change(event[0].get<std::int64_t>(), whole(event[1]));
        totals.push_back(ledger.total().count());
    }
    return {{"totals", totals}};
}

json free_seats(const json& in) {
    const std::vector<Tier> tiers{{.up_to = units(whole(in["free"])), .unit_price = {}},
                                  {.up_to = {}, .unit_price = price(in["unit"])}};
    SeatLedger ledger(tiers, whole(in["den"]), whole(in["seats"]));
    const auto month1 = ledger.total();
    ledger.change(whole(in["add"]), whole(in["days"]));
    return {{"month1", month1.count()}, {"month2", ledger.total().count()}};
}

json weighted(const json& in) {
    json fees = json::array();
    std::int64_t closing = 0;
    for (std::size_t i = 0; i < in["segs"].size(); ++i) {
        std::vector<LevelDays> levels;
        for (const auto& segment : in["segs"][i]) {
            closing = segment[0].get<std::int64_t>();
            levels.push_back({units(closing), whole(segment[1])});
        }
        fees.push_back(
            rounded(in_fen(price(in["unit"])) * weighted_quantity(levels, whole(in["den"][i]))).count());
    }
    return {{"fees", fees}, {"closing_units", closing}};
}

}  // namespace

const Cases& period_cases() {
    static const Cases cases{
        {"A01", periods},
        {"A02", periods},
        {"A04", stub_before_first_anchor},
        {"A06", cycles_in_advance},
        {"A07", fee_of_span},
        {"A09", fee_of_span},
        {"A11", thirty_day_months},
        {"A12", half_february},
        {"A14", fee_of_span},
        {"B01", upgrade_to_yearly},
        {"B02", upgrade_with_tax},
        {"B04", upgrade_with_tax},
        {"B06", downgrade_at_period_end},
        {"B07", end_day_or_change_day},
        {"B08", quarter_entered_midway},
        {"B10", upgrade_with_pending_anchor},
        {"B12", stub_of_span},
        {"B14", stub_of_span},
        {"B16", downgrade_then_upgrade},
        {"B17", half_period_upgrades},
        {"B19", one_off},
        {"B21", rewritten_history},
        {"B22", credit_at_billed_price},
        {"S01", more_seats},
        {"S03", high_water},
        {"S05", seats_on_boundary},
        {"S07", graduated_seats},
        {"S09", free_seats},
        {"S11", weighted},
    };
    return cases;
}

}  // namespace wefee::cases
