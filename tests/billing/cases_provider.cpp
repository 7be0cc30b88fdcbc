// The W cases of calendars, consent cover and double payment.
#include "billing/calendar.hpp"
#include "billing/consent.hpp"
#include "billing/settle.hpp"
#include "cases.hpp"

namespace wefee::cases {
namespace {

json notice_timetable(const json& in) {
    const auto notice = wechat_announce_latest(day(in["deduct"]));
    const auto window = wechat_window(notice);
    const auto hour = [](std::chrono::minutes m) {
        const auto text = std::to_string(m.count() / 60);
        return (text.size() < 2 ? "0" : "") + text + ":00";
    };
    return {{"notice", format_day(notice)},
            {"wait", format_day(add_days(notice, 1))},
            {"first_deduct", format_day(window.days.start)},
            {"notice_hours", hour(window.opens) + "-" + hour(window.closes)}};
}

json notified_amount(const json& in) {
    json allowed = json::array();
    for (const auto& amount : in["invoice"])
        allowed.push_back(within_announced(fen(in["notified"]), fen(amount)));
    return {{"allowed", allowed}};
}

json executable_days(const json& in) {
    json days = json::array();
    for (const auto& anchor : in["anchors"]) days.push_back(alipay_execute_day(whole(anchor)));
    return {{"execute_day", days}};
}

json date_after_success(const json& in) {
    const auto execute = day(in["execute"]);
    const auto allowed = alipay_allowed(execute);
    return {{"after_failure", format_day(alipay_next_date(execute, false))},
            {"after_success", format_day(alipay_next_date(execute, true))},
            {"window", {format_day(allowed.start), format_day(add_days(allowed.end, -1))}}};
}

json limited_by_consent(const json& in) {
    Consent consent;
    consent.cap_charge = consent.cap_cycle = Fen{1'000'000};
    for (const auto& [code, ceiling] : in["authorised_items"].items())
        consent.items.push_back({.code = code, .ceiling = fen(ceiling)});
    std::vector<CoverLine> lines;
    Fen total{};
    for (const auto& [code, amount] : in["invoice"].items()) {
        lines.push_back({code, {}, fen(amount)});
        total += fen(amount);
    }
    const auto cover = covers(consent, lines, total, Fen{}, Instant{});
    return {{"auto_charge", cover.automatic.count()},
            {"needs_new_consent", cover.items_needing_consent},
            {"manual_due", cover.manual.count()}};
}

/// Two orders for one invoice: the deduction was given up (its room went back), the other one pays; both
/// succeed.
json paid_twice(const json& in) {
    InvoiceView invoice{.state = InvoiceState::final, .total = fen(in["invoice"])};
    std::string kept;
    json refunds = json::array();
    for (const auto& payment : in["payments"]) {
        const auto provider = parse_provider(payment[0].get<std::string>()).value();
        PaymentSucceeded fact;
        fact.provider = provider;
        fact.transaction_id = "t";
        fact.amount = fen(payment[1]);
        const AttemptView attempt{.state = AttemptState::failed, .provider = provider, .amount = fact.amount};
        const auto settlement = decide_payment(fact, attempt, ChargeState::failed, invoice);
        invoice.paid += settlement.paid_delta;
        if (settlement.invoice) invoice.state = next(invoice.state, *settlement.invoice).value();
        if (settlement.refund_in_full) refunds.push_back({provider_name(provider), fact.amount.count()});
        if (settlement.paid_delta != Fen{}) kept = provider_name(provider);
    }
    return {{"kept", kept}, {"refund", refunds}, {"invoice_due", (invoice.total - invoice.paid).count()}};
}

}  // namespace

const Cases& provider_cases() {
    static const Cases cases{
        {"W05", notice_timetable},   {"W06", notified_amount},    {"W07", executable_days},
        {"W08", date_after_success}, {"W16", limited_by_consent}, {"W18", paid_twice},
    };
    return cases;
}

}  // namespace wefee::cases
