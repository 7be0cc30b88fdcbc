// Columns of a subscription through time.
#pragma once

#include "storage/tables/column.hpp"

namespace wefee::storage {

// clang-format off: columns read better packed
template <>
struct Table<SubscriptionTermsRow> {
    using Row = SubscriptionTermsRow;
    static constexpr std::string_view name = "subscription_terms";
    static constexpr std::tuple columns{
        key("subscription_id", &Row::subscription_id), key("revision", &Row::revision), key("from_day", &Row::from_day),
        fixed("tenant_id", &Row::tenant_id), fixed("price_list_id", &Row::price_list_id),
        fixed("plan_code", &Row::plan_code), fixed("add_ons", &Row::add_ons), fixed("coupons", &Row::coupons),
        fixed("anchor_day", &Row::anchor_day), fixed("changed_by", &Row::changed_by),
        fixed("created_at", &Row::created_at), fixed("paused", &Row::paused)};
};

template <>
struct Table<QuoteRow> {
    using Row = QuoteRow;
    static constexpr std::string_view name = "quote";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("subscription_id", &Row::subscription_id),
        fixed("wish", &Row::wish), fixed("inputs_hash", &Row::inputs_hash), fixed("answer", &Row::answer),
        fixed("created_by", &Row::created_by), fixed("created_at", &Row::created_at),
        fixed("expires_at", &Row::expires_at), saved("confirmed_at", &Row::confirmed_at),
        version("version", &Row::version)};
};

template <>
struct Table<CreditNoteRow> {
    using Row = CreditNoteRow;
    static constexpr std::string_view name = "credit_note";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("subscription_id", &Row::subscription_id),
        fixed("invoice_id", &Row::invoice_id), fixed("cycle", &Row::cycle), fixed("item_code", &Row::item_code),
        fixed("title", &Row::title), fixed("first_day", &Row::first_day), fixed("last_day", &Row::last_day),
        fixed("gross_fen", &Row::gross_fen), fixed("net_fen", &Row::net_fen), fixed("tax_fen", &Row::tax_fen),
        fixed("total_fen", &Row::total_fen), fixed("text", &Row::text), fixed("created_at", &Row::created_at),
        fixed("cause", &Row::cause), fixed("line_position", &Row::line_position), fixed("lowered_fen", &Row::lowered_fen),
        fixed("cash_fen", &Row::cash_fen), fixed("kept_fen", &Row::kept_fen), fixed("reason", &Row::reason),
        fixed("source_id", &Row::source_id)};
};

template <>
struct Table<CorrectionRow> {
    using Row = CorrectionRow;
    static constexpr std::string_view name = "correction";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("subscription_id", &Row::subscription_id),
        fixed("seq", &Row::seq), fixed("cycle", &Row::cycle), fixed("after_part", &Row::after_part),
        fixed("request_id", &Row::request_id), fixed("invoice_id", &Row::invoice_id), fixed("total_fen", &Row::total_fen),
        fixed("advance", &Row::advance), fixed("created_at", &Row::created_at)};
};

template <>
struct Table<AccountCreditRow> {
    using Row = AccountCreditRow;
    static constexpr std::string_view name = "account_credit";
    static constexpr std::string_view guard = "n.amount_fen>=0";
    static constexpr std::tuple columns{
        key("tenant_id", &Row::tenant_id), saved("amount_fen", &Row::amount_fen), fixed("created_at", &Row::created_at),
        version("version", &Row::version)};
};
// clang-format on

}  // namespace wefee::storage
