// Columns of what moves money, and its books.
#pragma once

#include "storage/tables/column.hpp"

namespace wefee::storage {

// clang-format off: columns read better packed
template <>
struct Table<ConsentRow> {
    using Row = ConsentRow;
    static constexpr std::string_view name = "consent";
    static constexpr std::string_view entity = "consent";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id),
        fixed("subscription_id", &Row::subscription_id), saved("provider", &Row::provider),
        saved("state", &Row::state), saved("state_seq", &Row::state_seq),
        saved("audit_head", &Row::audit_head), saved("cap_charge_fen", &Row::cap_charge_fen),
        saved("cap_cycle_fen", &Row::cap_cycle_fen), saved("price_list_id", &Row::price_list_id),
        saved("plan_code", &Row::plan_code), saved("terms_version", &Row::terms_version),
        saved("text", &Row::text), saved("text_hash", &Row::text_hash),
        saved("granted_by", &Row::granted_by), saved("granted_from", &Row::granted_from),
        saved("granted_at", &Row::granted_at), saved("valid_from", &Row::valid_from),
        saved("valid_to", &Row::valid_to), fixed("created_at", &Row::created_at),
        version("version", &Row::version)};
};

template <>
struct Table<ConsentItemRow> {
    using Row = ConsentItemRow;
    static constexpr std::string_view name = "consent_item";
    static constexpr std::tuple columns{
        key("consent_id", &Row::consent_id), key("item_code", &Row::item_code),
        fixed("tenant_id", &Row::tenant_id), fixed("title", &Row::title),
        fixed("unit_price_micro_yuan", &Row::unit_price_micro_yuan), fixed("unit", &Row::unit),
        fixed("ceiling_fen", &Row::ceiling_fen)};
};

template <>
struct Table<ConsentCycleRow> {
    using Row = ConsentCycleRow;
    static constexpr std::string_view name = "consent_cycle";
    static constexpr std::string_view guard = "n.reserved_fen+n.taken_fen<=t.cap_fen";
    static constexpr std::tuple columns{
        key("consent_id", &Row::consent_id), key("cycle", &Row::cycle), fixed("tenant_id", &Row::tenant_id),
        fixed("cap_fen", &Row::cap_fen), saved("reserved_fen", &Row::reserved_fen),
        saved("taken_fen", &Row::taken_fen), version("version", &Row::version)};
};

template <>
struct Table<MandateRow> {
    using Row = MandateRow;
    static constexpr std::string_view name = "mandate";
    static constexpr std::string_view entity = "mandate";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("consent_id", &Row::consent_id),
        fixed("provider", &Row::provider), saved("mchid", &Row::mchid),
        fixed("our_number", &Row::our_number), saved("serial", &Row::serial),
        saved("contract_id", &Row::contract_id), saved("payer", &Row::payer),
        saved("account_text", &Row::account_text), saved("state", &Row::state),
        saved("state_seq", &Row::state_seq), saved("audit_head", &Row::audit_head),
        saved("signed_at", &Row::signed_at), saved("expires_at", &Row::expires_at),
        saved("next_deduct_day", &Row::next_deduct_day), saved("ended_at", &Row::ended_at),
        saved("end_cause", &Row::end_cause), saved("queries", &Row::queries),
        fixed("created_at", &Row::created_at), version("version", &Row::version)};
};

template <>
struct Table<ChargeRow> {
    using Row = ChargeRow;
    static constexpr std::string_view name = "charge";
    static constexpr std::string_view entity = "charge";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("invoice_id", &Row::invoice_id),
        fixed("consent_id", &Row::consent_id), saved("mandate_id", &Row::mandate_id),
        fixed("cycle", &Row::cycle), saved("provider", &Row::provider), saved("way", &Row::way),
        saved("amount_fen", &Row::amount_fen), saved("state", &Row::state),
        saved("state_seq", &Row::state_seq), saved("audit_head", &Row::audit_head),
        saved("planned_day", &Row::planned_day), saved("notified_at", &Row::notified_at),
        saved("announced_at", &Row::announced_at), saved("window_from", &Row::window_from),
        saved("window_to", &Row::window_to), saved("failures", &Row::failures),
        saved("last_cause", &Row::last_cause), fixed("created_at", &Row::created_at),
        version("version", &Row::version)};
};

template <>
struct Table<AttemptRow> {
    using Row = AttemptRow;
    static constexpr std::string_view name = "attempt";
    static constexpr std::string_view entity = "attempt";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("charge_id", &Row::charge_id),
        fixed("invoice_id", &Row::invoice_id), fixed("provider", &Row::provider),
        fixed("mchid", &Row::mchid), fixed("out_trade_no", &Row::out_trade_no),
        fixed("amount_fen", &Row::amount_fen), saved("state", &Row::state),
        saved("state_seq", &Row::state_seq), saved("audit_head", &Row::audit_head),
        saved("open_flag", &Row::open_flag), saved("won_flag", &Row::won_flag),
        saved("provider_txn", &Row::provider_txn), fixed("request_fields", &Row::request_fields),
        fixed("request_digest", &Row::request_digest), saved("instructions", &Row::instructions),
        saved("sends", &Row::sends), fixed("intent_at", &Row::intent_at), saved("sent_at", &Row::sent_at),
        saved("paid_at_bj", &Row::paid_at_bj), saved("next_query_at", &Row::next_query_at),
        saved("queries", &Row::queries), saved("fence", &Row::fence), saved("cause", &Row::cause),
        saved("provider_code", &Row::provider_code), fixed("created_at", &Row::created_at),
        version("version", &Row::version)};
};

template <>
struct Table<RefundRow> {
    using Row = RefundRow;
    static constexpr std::string_view name = "refund";
    static constexpr std::string_view entity = "refund";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("attempt_id", &Row::attempt_id),
        fixed("out_refund_no", &Row::out_refund_no), saved("provider_refund_id", &Row::provider_refund_id),
        fixed("amount_fen", &Row::amount_fen), saved("reason", &Row::reason), saved("state", &Row::state),
        saved("state_seq", &Row::state_seq), saved("audit_head", &Row::audit_head),
        fixed("created_by", &Row::created_by), saved("request_fields", &Row::request_fields),
        saved("request_digest", &Row::request_digest), saved("sends", &Row::sends),
        saved("sent_at", &Row::sent_at), saved("next_query_at", &Row::next_query_at),
        saved("queries", &Row::queries), fixed("source_id", &Row::source_id),
        fixed("created_at", &Row::created_at), version("version", &Row::version)};
};

template <>
struct Table<ApprovalRequestRow> {
    using Row = ApprovalRequestRow;
    static constexpr std::string_view name = "approval_request";
    static constexpr std::string_view entity = "approval_request";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("kind", &Row::kind),
        fixed("subject_id", &Row::subject_id), fixed("amount_fen", &Row::amount_fen), fixed("wish", &Row::wish),
        fixed("reason", &Row::reason), fixed("requested_by", &Row::requested_by), saved("state", &Row::state),
        saved("state_seq", &Row::state_seq), saved("audit_head", &Row::audit_head),
        saved("decided_by", &Row::decided_by), saved("decided_at", &Row::decided_at),
        saved("answer", &Row::answer), fixed("created_at", &Row::created_at), version("version", &Row::version)};
};

template <>
struct Table<ApprovalRow> {
    using Row = ApprovalRow;
    static constexpr std::string_view name = "approval";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("ref_type", &Row::ref_type), fixed("ref_id", &Row::ref_id),
        fixed("approver", &Row::approver), fixed("decision", &Row::decision),
        fixed("created_at", &Row::created_at)};
};

template <>
struct Table<LedgerRow> {
    using Row = LedgerRow;
    static constexpr std::string_view name = "ledger";
    static constexpr std::tuple columns{
        fixed("txn_id", &Row::txn_id), fixed("account", &Row::account), fixed("debit_fen", &Row::debit_fen),
        fixed("credit_fen", &Row::credit_fen), fixed("ref_type", &Row::ref_type),
        fixed("ref_id", &Row::ref_id), fixed("tenant_id", &Row::tenant_id), fixed("at", &Row::at)};
};

template <>
struct Table<AuditRow> {
    using Row = AuditRow;
    static constexpr std::string_view name = "audit";
    static constexpr std::tuple columns{
        serial("id", &Row::id), fixed("entity", &Row::entity), fixed("entity_id", &Row::entity_id),
        fixed("seq", &Row::seq), fixed("from_state", &Row::from_state), fixed("to_state", &Row::to_state),
        fixed("actor", &Row::actor), fixed("op_id", &Row::op_id), fixed("at", &Row::at),
        fixed("prev_hash", &Row::prev_hash), fixed("hash", &Row::hash)};
};

template <>
struct Table<KillSwitchRow> {
    using Row = KillSwitchRow;
    static constexpr std::string_view name = "kill_switch";
    static constexpr std::tuple columns{
        key("scope", &Row::scope), fixed("reason", &Row::reason), fixed("set_by", &Row::set_by),
        fixed("at", &Row::at)};
};
// clang-format on

}  // namespace wefee::storage
