// Groups U and M, and the tiered cases of W: charge models, running totals, caps, minimums.
#include <array>

#include "billing/credit_note.hpp"
#include "billing/limits.hpp"
#include "billing/pricing.hpp"
#include "billing/proration.hpp"
#include "billing/tax.hpp"
#include "cases.hpp"

namespace wefee::cases {
namespace {

/// [up_to or null, unit price, flat fee]
std::vector<Tier> tiers_of(const json& rows) {
    std::vector<Tier> tiers;
    for (const auto& row : rows) {
        tiers.push_back({.up_to = {}, .unit_price = price(row[1]), .flat_fee = fen(row[2])});
        if (!row[0].is_null()) tiers.back().up_to = units(row[0].get<std::int64_t>());
    }
    return tiers;
}

/// A whole number, or [numerator, denominator].
Quantity quantity_of(const json& q) {
    if (q.is_array()) return Quantity{q[0].get<std::int64_t>() * quantity_scale / q[1].get<std::int64_t>()};
    return units(q.get<std::int64_t>());
}

template <class Fee>
json fees_of(const json& quantities, const Fee& fee) {
    json fees = json::array();
    for (const auto& q : quantities) fees.push_back(rounded(fee(quantity_of(q))).count());
    return fees;
}

json graduated(const json& in) {
    const auto tiers = tiers_of(in["tiers"]);
    return {{"fees", fees_of(in["q"], [&](Quantity q) { return graduated_fee(tiers, q); })}};
}

json volume(const json& in) {
    const auto tiers = tiers_of(in["tiers"]);
    return {{"fees", fees_of(in["q"], [&](Quantity q) { return volume_fee(tiers, q); })}};
}

json both_tiered(const json& in) {
    const auto tiers = tiers_of(in["tiers"]);
    return {{"volume", fees_of(in["q"], [&](Quantity q) { return volume_fee(tiers, q); })},
            {"graduated", fees_of(in["q"], [&](Quantity q) { return graduated_fee(tiers, q); })}};
}

json maximum_spend(const json& in) {
    const auto capped = cap_total(fen(in["billed"]) + fen(in["line"]), fen(in["billed"]), fen(in["cap"]));
    return {{"charged", capped.charged.count()}, {"discount", capped.suppressed.count()}};
}

json minimum_spend(const json& in) {
    const auto top_up = [&](bool last) {
        return minimum_top_up(fen(in["minimum"]), fen(in["billed"]) + fen(in["lines"]), last).count();
    };
    return {{"mid_period", top_up(false)}, {"last", top_up(true)}};
}

json running_packages(const json& in) {
    const auto a = units(whole(in["a"]));
    const auto per = units(whole(in["per"]));
    const auto first = packages(a, per);
    return {{"cumulative", {first, packages(a + units(whole(in["b"])), per) - first}}};
}

json late_usage(const json& in) {
    json delta = json::array();
    for (std::size_t i = 0; i < in["q"].size(); ++i) {
        const auto total = package_fee(price(in["price"]), units(whole(in["size"])), quantity_of(in["q"][i]));
        delta.push_back(amount_now(total, fen(in["already"][i])).count());
    }
    return {{"delta", delta}};
}

json percentage_with_free_events(const json& in) {
    const Percentage terms{.rate_ppm = whole(in["rate"]) * 10'000,
                           .fixed_fee = fen(in["fixed"]),
                           .free_events = whole(in["free_events"])};
    std::vector<Fen> events;
    json totals = json::array();
    Fen total{};
    for (const auto& event : in["events"]) {
        events.push_back(fen(event));
        total = rounded(percentage_fee(terms, events));
        totals.push_back(total.count());
    }
    const std::array lines{total};
    return {{"totals", totals}, {"with_tax", (total + invoice_tax(lines, Fen{}, 2000).total).count()}};
}

json percentage_with_limits(const json& in) {
    const Percentage terms{.rate_ppm = whole(in["rate"]) * 10'000,
                           .fixed_fee = fen(in["fixed"]),
                           .event_minimum = fen(in["lo"]),
                           .event_maximum = fen(in["hi"])};
    json each = json::array();
    std::vector<Fen> events;
    for (const auto& event : in["events"]) {
        each.push_back(rounded(percentage_event_fee(terms, fen(event), 0)).count());
        events.push_back(fen(event));
    }
    return {{"per_event", each}, {"total", rounded(percentage_fee(terms, events)).count()}};
}

json lines_below_a_fen_and_a_half(const json& in) {
    const auto line = rounded(Fraction{in["num"].get<std::int64_t>(), in["den"].get<std::int64_t>()});
    const std::vector<Fen> lines(in["lines"].get<std::size_t>(), line);
    Fen subtotal{};
    for (const auto each : lines) subtotal += each;
    const auto tax = invoice_tax(lines, Fen{}, whole(in["tax"]) * 100).total;
    return {{"line", line.count()},
            {"subtotal", subtotal.count()},
            {"tax", tax.count()},
            {"total", (subtotal + tax).count()}};
}

json progressive(const json& in) {
    Thresholds thresholds;
    for (const auto& amount : in["once"]) thresholds.once.push_back(fen(amount));
    thresholds.every = fen(in["rec"]);
    const Fraction unit{in["un"].get<std::int64_t>(), in["ud"].get<std::int64_t>()};
    json invoices = json::array();
    Fraction used;
    Fen invoiced{};
    for (const auto& event : in["events"]) {
        used += unit * Fraction{event.get<std::int64_t>()};
        const auto invoice = threshold_invoice(thresholds, rounded(used), invoiced);
        invoiced += invoice;
        invoices.push_back(invoice.count());
    }
    const auto gross = fen(in["base"]) + rounded(used);
    return {
        {"invoices", invoices}, {"end_credit", invoiced.count()}, {"end_total", (gross - invoiced).count()}};
}

json flat_or_cap(const json& in) {
    const auto q = units(whole(in["q"]));
    const std::vector<Tier> with_flat{
        {.up_to = {}, .unit_price = price(in["rate"]), .flat_fee = fen(in["flat"])}};
    const std::vector<Tier> with_cap{{.up_to = {}, .unit_price = price(in["rate"]), .cap = fen(in["cap"])}};
    return {{"with_flat", rounded(volume_fee(with_flat, q)).count()},
            {"with_cap", rounded(volume_fee(with_cap, q)).count()}};
}

json whole_packages(const json& in) {
    const auto size = units(in["size"].get<std::int64_t>());
    return {{"fees", fees_of(in["q"], [&](Quantity q) { return package_fee(price(in["price"]), size, q); })}};
}

json packages_in_tiers(const json& in) {
    std::vector<Tier> tiers;
    for (const auto& row : in["tiers"]) {
        tiers.push_back(
            {.up_to = {}, .unit_price = price(row[2]), .package_size = units(row[1].get<std::int64_t>())});
        if (!row[0].is_null()) tiers.back().up_to = units(row[0].get<std::int64_t>());
    }
    const auto q = quantity_of(in["q"]);
    return {{"slab", rounded(graduated_fee(tiers, q)).count()},
            {"volume", rounded(volume_fee(tiers, q)).count()}};
}

json minimum_on_termination(const json& in) {
    const int rate = whole(in["tax"]) * 100;
    const auto minimum = share_of(fen(in["minimum"]), whole(in["n"]), whole(in["den"]));
    const auto true_up = minimum_top_up(minimum, fen(in["used"]), true);
    const std::array lines{fen(in["used"]), true_up};
    const auto tax = invoice_tax(lines, Fen{}, rate).total;
    const auto invoice = lines[0] + lines[1] + tax;
    const auto note = credit_note(share_of(fen(in["adv"]), whole(in["left"]), whole(in["den"])), rate);
    return {{"true_up", true_up.count()},
            {"tax", tax.count()},
            {"invoice", invoice.count()},
            {"cn_net", note.net.count()},
            {"cn_tax", note.tax.count()},
            {"cn", note.total.count()},
            {"payable", (invoice - note.total).count()}};
}

json commitment_of_partial_month(const json& in) {
    const auto part = [&](const char* key) {
        return share_of(fen(in[key]), whole(in["n"]), whole(in["den"]));
    };
    const auto base = rounded(part("base"));
    return {{"base_fee", base.count()},
            {"true_up", minimum_top_up(part("commit"), base + fen(in["usage"]), true).count()}};
}

json commitment_of_full_month(const json& in) {
    const auto true_up = minimum_top_up(fen(in["commit"]), fen(in["base"]), true);
    return {{"true_up", true_up.count()}, {"total", (fen(in["base"]) + true_up).count()}};
}

json licence_tiers(const json& in) {
    return {{"fee", rounded(graduated_fee(tiers_of(in["tiers"]), quantity_of(in["q"]))).count()}};
}

json licence_rest_of_year(const json& in) {
    const auto year = rounded(per_unit_fee(price(in["unit"]), units(whole(in["n"]))));
    return {{"fee", rounded(share_of(year, whole(in["m"]), 12)).count()}};
}

json licence_duration(const json& in) {
    return {{"days", licence_days(whole(in["months"]), whole(in["days"]))}, {"max_days", licence_days_max}};
}

json overspend_cap(const json& in) {
    const auto capped = cap_total(fen(in["billed"]) + fen(in["usage"]), fen(in["billed"]), fen(in["cap"]));
    constexpr std::array percents{50, 80, 100};
    json alerts = json::array();
    for (const auto amount : alert_amounts(fen(in["cap"]), percents)) alerts.push_back(amount.count());
    return {
        {"charged", capped.charged.count()}, {"suppressed", capped.suppressed.count()}, {"alert_at", alerts}};
}

}  // namespace

const Cases& usage_cases() {
    static const Cases cases{
        {"U01", graduated},
        {"U03", volume},
        {"U05", both_tiered},
        {"U07", maximum_spend},
        {"U08", minimum_spend},
        {"U11", running_packages},
        {"U13", late_usage},
        {"U15", percentage_with_free_events},
        {"U17", percentage_with_limits},
        {"U19", lines_below_a_fen_and_a_half},
        {"U21", progressive},
        {"U23", flat_or_cap},
        {"U24", whole_packages},
        {"U25", packages_in_tiers},
        {"M01", minimum_on_termination},
        {"M03", commitment_of_partial_month},
        {"M05", commitment_of_full_month},
        {"W01", licence_tiers},
        {"W02", licence_rest_of_year},
        {"W03", licence_duration},
        {"W12", overspend_cap},
    };
    return cases;
}

}  // namespace wefee::cases
