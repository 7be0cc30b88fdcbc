// Columns of what is sold, used and billed.
#pragma once

#include "storage/tables/column.hpp"

namespace wefee::storage {

// clang-format off: columns read better packed
template <>
struct Table<PriceListRow> {
    using Row = PriceListRow;
    static constexpr std::string_view name = "price_list";
    static constexpr std::tuple columns{
        key("id", &Row::id), saved("number", &Row::number), saved("status", &Row::status),
        saved("effective_from", &Row::effective_from), saved("body", &Row::body),
        saved("body_hash", &Row::body_hash), fixed("created_by", &Row::created_by),
        fixed("tenant_id", &Row::tenant_id), fixed("created_at", &Row::created_at),
        saved("published_at", &Row::published_at), version("version", &Row::version)};
};

template <>
struct Table<SubscriptionRow> {
    using Row = SubscriptionRow;
    static constexpr std::string_view name = "subscription";
    static constexpr std::string_view entity = "subscription";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id),
        saved("price_list_id", &Row::price_list_id), saved("plan_code", &Row::plan_code),
        saved("add_ons", &Row::add_ons), saved("seats", &Row::seats), saved("state", &Row::state),
        saved("state_seq", &Row::state_seq), saved("audit_head", &Row::audit_head),
        saved("payment_way", &Row::payment_way), saved("started_on", &Row::started_on),
        saved("period_start", &Row::period_start), saved("period_end", &Row::period_end),
        saved("anchor_day", &Row::anchor_day), saved("cycle", &Row::cycle), saved("coupons", &Row::coupons),
        saved("last_day", &Row::last_day), saved("thresholds", &Row::thresholds),
        fixed("trial", &Row::trial), fixed("first_started_on", &Row::first_started_on), saved("trial_end", &Row::trial_end),
        saved("advance_waits", &Row::advance_waits), saved("paused", &Row::paused),
        fixed("created_at", &Row::created_at), version("version", &Row::version)};
};

template <>
struct Table<SeatChangeRow> {
    using Row = SeatChangeRow;
    static constexpr std::string_view name = "seat_change";
    static constexpr std::tuple columns{
        key("subscription_id", &Row::subscription_id), fixed("tenant_id", &Row::tenant_id),
        key("seq", &Row::seq), fixed("day", &Row::day), fixed("seats", &Row::seats),
        fixed("source", &Row::source), fixed("created_at", &Row::created_at)};
};

template <>
struct Table<UsageEventRow> {
    using Row = UsageEventRow;
    static constexpr std::string_view name = "usage_event";
    static constexpr std::tuple columns{
        key("tenant_id", &Row::tenant_id), key("event_id", &Row::event_id), fixed("meter", &Row::meter),
        fixed("quantity_micro", &Row::quantity_micro), fixed("occurred_at", &Row::occurred_at),
        fixed("day", &Row::day), fixed("period_start", &Row::period_start),
        fixed("properties", &Row::properties), fixed("received_at", &Row::received_at),
        fixed("sequence", &Row::sequence), fixed("corrects", &Row::corrects), fixed("given", &Row::given),
        fixed("revision", &Row::revision), fixed("counts", &Row::counts), fixed("value", &Row::value),
        fixed("dimensions", &Row::dimensions)};
};

template <>
struct Table<UsageRevisionRow> {
    using Row = UsageRevisionRow;
    static constexpr std::string_view name = "usage_revision";
    static constexpr std::tuple columns{
        key("tenant_id", &Row::tenant_id), key("event_id", &Row::event_id),
        saved("newest_id", &Row::newest_id), saved("revision", &Row::revision),
        fixed("created_at", &Row::created_at)};
};

template <>
struct Table<UsageFirstRow> {
    using Row = UsageFirstRow;
    static constexpr std::string_view name = "usage_first";
    static constexpr std::tuple columns{
        key("tenant_id", &Row::tenant_id), key("meter", &Row::meter),
        key("period_start", &Row::period_start), key("value", &Row::value),
        saved("occurred_at", &Row::occurred_at), saved("sequence", &Row::sequence),
        saved("event_id", &Row::event_id), saved("day", &Row::day),
        saved("dimensions", &Row::dimensions), fixed("created_at", &Row::created_at)};
};

template <>
struct Table<UsageDimensionRow> {
    using Row = UsageDimensionRow;
    static constexpr std::string_view name = "usage_dimension";
    static constexpr std::tuple columns{
        key("tenant_id", &Row::tenant_id), key("meter", &Row::meter),
        key("period_start", &Row::period_start), key("day", &Row::day),
        key("dimension", &Row::dimension), key("value", &Row::value),
        fixed("quantity_micro", &Row::quantity_micro), fixed("events", &Row::events),
        fixed("created_at", &Row::created_at)};
};

template <>
struct Table<UsageLateRow> {
    using Row = UsageLateRow;
    static constexpr std::string_view name = "usage_late";
    static constexpr std::tuple columns{
        key("tenant_id", &Row::tenant_id), key("meter", &Row::meter),
        key("period_start", &Row::period_start), saved("billed_fen", &Row::billed_fen),
        saved("waits", &Row::waits), saved("first_day", &Row::first_day),
        saved("last_day", &Row::last_day), fixed("created_at", &Row::created_at),
        version("version", &Row::version)};
};

template <>
struct Table<UsageTotalRow> {
    using Row = UsageTotalRow;
    static constexpr std::string_view name = "usage_total";
    static constexpr std::tuple columns{
        key("tenant_id", &Row::tenant_id), key("meter", &Row::meter),
        key("period_start", &Row::period_start), key("day", &Row::day),
        fixed("quantity_micro", &Row::quantity_micro), fixed("events", &Row::events)};
};

template <>
struct Table<InvoiceRow> {
    using Row = InvoiceRow;
    static constexpr std::string_view name = "invoice";
    static constexpr std::string_view entity = "invoice";
    static constexpr std::string_view guard =
        "(t.state='DRAFT' OR t.total_fen=n.total_fen) AND "
        "n.paid_fen+n.reserved_fen-n.refunded_fen<=n.total_fen";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id),
        fixed("subscription_id", &Row::subscription_id), fixed("cycle", &Row::cycle),
        saved("number", &Row::number), saved("period_start", &Row::period_start),
        saved("period_end", &Row::period_end), saved("price_list_id", &Row::price_list_id),
        saved("state", &Row::state), saved("state_seq", &Row::state_seq),
        saved("audit_head", &Row::audit_head), saved("total_fen", &Row::total_fen),
        saved("tax_fen", &Row::tax_fen), saved("paid_fen", &Row::paid_fen),
        saved("reserved_fen", &Row::reserved_fen), saved("refunded_fen", &Row::refunded_fen),
        saved("final_at", &Row::final_at), saved("due_day", &Row::due_day),
        fixed("plan_code", &Row::plan_code), fixed("part", &Row::part), fixed("cause", &Row::cause),
        fixed("created_at", &Row::created_at),
        version("version", &Row::version)};
};

template <>
struct Table<InvoiceLineRow> {
    using Row = InvoiceLineRow;
    static constexpr std::string_view name = "invoice_line";
    static constexpr std::tuple columns{
        key("invoice_id", &Row::invoice_id), fixed("item_code", &Row::item_code),
        fixed("tenant_id", &Row::tenant_id), key("position", &Row::position), fixed("kind", &Row::kind),
        fixed("title", &Row::title), fixed("amount_fen", &Row::amount_fen), fixed("formula", &Row::formula),
        fixed("evidence", &Row::evidence), fixed("already_fen", &Row::already_fen)};
};

template <>
struct Table<BudgetRow> {
    using Row = BudgetRow;
    static constexpr std::string_view name = "budget";
    static constexpr std::tuple columns{
        key("tenant_id", &Row::tenant_id), saved("amount_fen", &Row::amount_fen),
        saved("thresholds", &Row::thresholds), saved("receivers", &Row::receivers),
        saved("at_limit", &Row::at_limit), saved("hard_cap", &Row::hard_cap), saved("features", &Row::features),
        saved("changed_by", &Row::changed_by), saved("changed_at", &Row::changed_at),
        fixed("created_at", &Row::created_at), version("version", &Row::version)};
};

template <>
struct Table<BudgetEventRow> {
    using Row = BudgetEventRow;
    static constexpr std::string_view name = "budget_event";
    static constexpr std::tuple columns{
        key("subscription_id", &Row::subscription_id), key("period_start", &Row::period_start),
        key("percent", &Row::percent), fixed("tenant_id", &Row::tenant_id), fixed("cost_fen", &Row::cost_fen),
        fixed("amount_fen", &Row::amount_fen), fixed("at_limit", &Row::at_limit), fixed("told", &Row::told),
        fixed("created_at", &Row::created_at)};
};
// clang-format on

}  // namespace wefee::storage
