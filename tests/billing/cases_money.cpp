// Group N and the splitting cases of W: tax, coupons, credit notes, refunds, modules.
#include "billing/coupons.hpp"
#include "billing/credit_note.hpp"
#include "billing/modules.hpp"
#include "billing/proration.hpp"
#include "billing/splits.hpp"
#include "billing/tax.hpp"
#include "cases.hpp"

namespace wefee::cases {
namespace {

std::vector<Fen> fens(const json& list) {
    std::vector<Fen> amounts;
    for (const auto& each : list) amounts.push_back(fen(each));
    return amounts;
}

json counts(std::span<const Fen> amounts) {
    json list = json::array();
    for (const auto amount : amounts) list.push_back(amount.count());
    return list;
}

json note_of_unused_days(const json& in) {
    const auto basis_points =
        static_cast<int>(in["tnum"].get<std::int64_t>() * 10'000 / in["tden"].get<std::int64_t>());
    const auto note =
        credit_note(share_of(fen(in["amount"]), whole(in["n"]), whole(in["den"])), basis_points);
    return {{"net", note.net.count()}, {"tax", note.tax.count()}, {"total", note.total.count()}};
}

json note_with_coupon(const json& in) {
    const auto line = fen(in["line"]);
    const auto coupon = fen(in["coupon"]);
    const auto part = fen(in["part"]);
    const auto note = credit_note_for_part(line, coupon, part, whole(in["tax"]) * 100);
    return {{"coupon_share", rounded(discount_of_part(line, coupon, part)).count()},
            {"net", note.net.count()},
            {"tax", note.tax.count()},
            {"total", note.total.count()}};
}

json coupon_over_lines(const json& in) {
    const auto lines = fens(in["lines"]);
    const auto coupon = fen(in["coupon"]);
    const auto shares = discount_shares(coupon, lines);
    Fen subtotal{};
    Fen sum{};
    for (const auto line : lines) subtotal += line;
    for (const auto share : shares) sum += share;
    const auto tax = invoice_tax(lines, coupon, whole(in["tax"]) * 100).total;
    return {{"shares", counts(shares)},
            {"sum", sum.count()},
            {"tax", tax.count()},
            {"total", (subtotal - coupon + tax).count()}};
}

json discounted_lines(const json& in) {
    auto lines = fens(in["lines"]);
    const auto shares = discount_shares(fen(in["coupon"]), lines);
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i] -= shares[i];
    return {{"taxable", counts(lines)}};
}

json coupon_order(const json& in) {
    using enum Coupon::Kind;
    const auto total = [&](std::vector<Coupon> coupons) {
        return discount(fen(in["sub"]), coupons).total.count();
    };
    return {{"pct10_then_5000", total({{fixed, 0, Fen{5000}}, {percent, 1000}})},
            {"pct25_pct10", total({{percent, 2500}, {percent, 1000}})},
            {"fixed_80_50", total({{fixed, 0, Fen{8000}}, {fixed, 0, Fen{5000}}})}};
}

json refund_limit(const json& in) {
    const auto result = refundable(fen(in["total"]), fen(in["paid"]), fen(in["note"]));
    return {{"refund", result.refund.count()}, {"credit", result.credit.count()}};
}

json as_json(const Position& at) {
    return {{"charged", at.charged.count()},
            {"account_credit", at.account_credit.count()},
            {"due", at.due.count()}};
}

json three_ways(const json& in) {
    const auto charge = fen(in["charge"]);
    const auto adj = fen(in["adj"]);
    return {{"adjust_only", as_json(position(charge, adj, charge, Fen{}))},
            {"refund_with_adjust", as_json(position(charge, adj, charge, adj))},
            {"refund_only", as_json(position(charge, Fen{}, charge, adj))}};
}

json credit_first(const json& in) {
    const auto use = use_credit(fen(in["credit"]), fen(in["charge"]));
    return {{"due", use.due.count()}, {"credit_left", use.credit_left.count()}};
}

json full_refund(const json& in) {
    const auto paid = fen(in["paid"]);
    return {{"balance_after_full_refund", position(paid, Fen{}, paid, paid).due.count()}};
}

/// The numbers exceed 64 bits, so the parser reads them as floating point: the case is written out here.
json long_decimal(const json&) {
    constexpr auto wide = [](std::int64_t high, std::int64_t low) {
        return static_cast<__int128>(high) * 1'000'000'000'000 + low;
    };
    return {{"fen", rounded(Fraction{wide(179'699'999'999, 999'988'631'316), wide(10'000'000'000, 0)} *
                            Fraction{100})
                        .count()}};
}

json dealer_shares(const json& in) {
    const auto shares = fens(in["shares"]);
    Fen sum{};
    for (const auto share : shares) sum += share;
    return {{"sum", sum.count()}, {"ok", shares_add_up(fen(in["price"]), shares)}};
}

constexpr DaySpan month{CivilDay{std::chrono::year{2026}, std::chrono::June, std::chrono::day{1}},
                        CivilDay{std::chrono::year{2026}, std::chrono::July, std::chrono::day{1}}};

json module_in_package(const json& in) {
    std::vector<SelectedItem> items;
    std::vector<ModulePrice> list;
    for (const auto& row : in["items"]) {
        const auto modules = row[2].get<std::vector<std::string>>();
        items.push_back({row[0].get<std::string>(), fen(row[1]), modules, month});
        if (modules.size() == 1) list.push_back({modules[0], fen(row[1])});
    }
    json lines = json::array();
    Fen total{};
    for (const auto& charge : charge_once(items, list, month)) {
        lines.push_back({charge.code, charge.amount.count()});
        total += charge.amount;
    }
    return {{"lines", lines}, {"total", total.count()}};
}

json overlapping_packages(const json& in) {
    const std::vector<SelectedItem> items{{"a", fen(in["a"]), {"a_only", "shared"}, month},
                                          {"b", fen(in["b"]), {"b_only", "shared"}, month}};
    const std::vector<ModulePrice> list{{"shared", fen(in["shared"])}};
    Fen total{};
    for (const auto& charge : charge_once(items, list, month)) total += charge.amount;
    return {{"total", total.count()}};
}

json transfer_over_invoices(const json& in) {
    const auto spread = spread_oldest_first(fen(in["paid"]), fens(in["invoices"]));
    return {{"applied", counts(spread.applied)}, {"left", counts(spread.left)}};
}

}  // namespace

const Cases& money_cases() {
    static const Cases cases{
        {"N01", note_of_unused_days}, {"N03", note_of_unused_days},  {"N05", note_with_coupon},
        {"N07", coupon_over_lines},   {"N09", discounted_lines},     {"N10", coupon_order},
        {"N12", refund_limit},        {"N14", three_ways},           {"N15", credit_first},
        {"N16", full_refund},         {"N17", long_decimal},         {"W04", dealer_shares},
        {"W09", module_in_package},   {"W11", overlapping_packages}, {"W14", transfer_over_invoices},
    };
    return cases;
}

}  // namespace wefee::cases
