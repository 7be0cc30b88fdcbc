// One plain struct a table. Column names are the member names; tables.hpp maps them. States are the
// upper-case texts of billing's machines. Every stateful row carries state_seq (audit rows so far),
// audit_head (hash of the last audit row) and version (guards each save).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "billing/ids.hpp"
#include "billing/money.hpp"
#include "billing/time.hpp"
#include "storage/rows_terms.hpp"
#include "storage/rows_usage.hpp"

namespace wefee::storage {

struct TenantRow {
    TenantId id;
    std::string corp_id;  // WeCom corp id as given to us (encrypted for ISV)
    std::string name;
    int anchor_day = 1;     // 1-31: ends the period
    int deduction_day = 8;  // 1-28
    bool deductions_paused = false;
    Instant created_at{};
    std::int64_t version = 1;
};

/// WeCom app at a tenant; key (suite_id, corp_id). suite_id is the agent id text for a self-built app.
struct AuthorisationRow {
    std::string id;      // aut_
    TenantId tenant_id;  // empty until the exchange told the corp
    std::string suite_id;
    std::string corp_id;  // empty until the exchange told it; then unique with suite_id
    std::string state;
    std::int64_t state_seq = 0;
    std::string audit_head;
    std::string auth_code;
    std::optional<Instant> code_deadline;
    std::string permanent_code;
    std::int64_t agent_id = 0;
    std::string installer_user_id;
    std::optional<Instant> last_event_at;
    Instant created_at{};
    std::int64_t version = 1;
};

/// Newest suite ticket; a late older one never replaces it.
struct SuiteTicketRow {
    std::string suite_id;
    std::string ticket;
    Instant at{};
};

struct MemberRow {
    MemberId id;
    TenantId tenant_id;
    std::string user_id;  // unique with tenant_id
    std::string role;     // billing_admin, finance, viewer
    bool active = true;
    Instant created_at{};
    std::int64_t version = 1;
};

struct SessionRow {
    std::string token_hash;  // SHA-256 hex of the bearer token
    TenantId tenant_id;
    MemberId member_id;
    std::string role;
    std::string openid;  // mini-program openid of this member, when told
    Instant created_at{};
    Instant last_seen_at{};
    Instant expires_at{};
};

struct ApiKeyRow {
    std::string key_hash;  // SHA-256 hex
    std::string name;
    std::string scope;      // ingest, entitlements, admin
    std::string role;       // operator role for admin: viewer, support, finance, admin
    std::string tenant_id;  // empty: all tenants
    Instant created_at{};
    std::optional<Instant> revoked_at;
};

struct PriceListRow {
    PriceListId id;
    std::int64_t number = 0;  // 1, 2, ...
    std::string status;       // draft, published
    std::optional<CivilDay> effective_from;
    std::string body;       // JSON
    std::string body_hash;  // SHA-256 hex of body
    std::string created_by;
    Instant created_at{};
    std::optional<Instant> published_at;
    std::int64_t version = 1;
    TenantId tenant_id = {};  // whose own it is; empty: everybody's
};

/// List, plan, add-ons, coupons, seats, trial_end and paused are those of now; subscription_terms and
/// seat_change have them by day.
struct SubscriptionRow {
    SubscriptionId id;
    TenantId tenant_id;
    PriceListId price_list_id;
    std::string plan_code;
    std::string add_ons;     // JSON array of codes
    std::int64_t seats = 0;  // now
    std::string state;       // service state
    std::int64_t state_seq = 0;
    std::string audit_head;
    std::string payment_way;  // automatic, manual
    CivilDay started_on{};
    CivilDay period_start{};  // of the open period
    CivilDay period_end{};
    int anchor_day = 1;      // by which the open period was laid
    std::int64_t cycle = 0;  // number of the open period
    Instant created_at{};
    std::int64_t version = 1;
    std::string coupons = "[]";                     // JSON array of codes
    std::optional<CivilDay> last_day = {};          // cancelled: still billed
    std::optional<std::string> thresholds = {};     // JSON: once_fen, every_fen
    bool trial = true;                              // false: plans' trials were waived
    std::optional<CivilDay> first_started_on = {};  // of a later subscription: the day of the tenant's first
    std::optional<CivilDay> trial_end = {};         // while on trial: the first day that costs
    bool advance_waits = false;                     // the open period's fees in advance: until no trial lasts
    bool paused = false;                            // by the tenant: nothing is had, and nothing costs
};

struct SeatChangeRow {
    SubscriptionId subscription_id;
    TenantId tenant_id;
    std::int64_t seq = 0;  // unique with subscription_id
    CivilDay day{};
    std::int64_t seats = 0;
    std::string source;  // wecom, api, operator
    Instant created_at{};
};

struct InvoiceRow {
    InvoiceId id;
    TenantId tenant_id;
    SubscriptionId subscription_id;
    std::int64_t cycle =
        0;  // of the period; 0: billed before the first one. Unique with subscription_id and part
    std::string number;  // shown: 2026-11-0001
    CivilDay period_start{};
    CivilDay period_end{};
    PriceListId price_list_id;
    std::string state;
    std::int64_t state_seq = 0;
    std::string audit_head;
    Fen total_fen;
    Fen tax_fen;
    Fen paid_fen;
    Fen reserved_fen;
    Fen refunded_fen;
    std::optional<Instant> final_at;
    std::optional<CivilDay> due_day;
    Instant created_at{};
    std::int64_t version = 1;
    std::string plan_code = {};  // what it was rated by, with price_list_id
    std::int64_t part = 0;       // 0: the period's own; 1, 2, ...: made within it
    std::string cause = {};      // invoice_cause_names
};

struct InvoiceLineRow {
    InvoiceId invoice_id;
    std::string item_code;
    TenantId tenant_id;
    std::int64_t position = 0;
    std::string kind;
    std::string title;
    Fen amount_fen;
    std::string formula;   // JSON (ux: unit_price_micro_yuan, unit, quantity_micro, included, factor, text)
    std::string evidence;  // JSON
    Fen already_fen = {};  // of the whole, what earlier invoices had; amount_fen is the rest
};

struct ConsentRow {
    ConsentId id;
    TenantId tenant_id;
    SubscriptionId subscription_id;
    std::string provider;  // wechat, alipay
    std::string state;
    std::int64_t state_seq = 0;
    std::string audit_head;
    Fen cap_charge_fen;
    Fen cap_cycle_fen;
    PriceListId price_list_id;
    std::string plan_code;
    std::string terms_version;
    std::string text;          // what was shown
    std::string text_hash;     // SHA-256 hex
    std::string granted_by;    // member id
    std::string granted_from;  // client, address, request id (JSON)
    std::optional<Instant> granted_at;
    Instant valid_from{};
    std::optional<Instant> valid_to;
    Instant created_at{};
    std::int64_t version = 1;
};

struct ConsentItemRow {
    ConsentId consent_id;
    std::string item_code;
    TenantId tenant_id;
    std::string title;
    MicroYuan unit_price_micro_yuan;
    std::string unit;
    Fen ceiling_fen;
};

/// Guard counter of a consent's cycle cap: taken + reserved never above cap_fen.
struct ConsentCycleRow {
    ConsentId consent_id;
    std::int64_t cycle = 0;
    TenantId tenant_id;
    Fen cap_fen;
    Fen reserved_fen;
    Fen taken_fen;
    std::int64_t version = 1;
};

struct MandateRow {
    MandateId id;
    TenantId tenant_id;
    ConsentId consent_id;
    std::string provider;
    std::string mchid;
    std::string our_number;  // unique with provider
    std::int64_t serial = 0;
    std::string contract_id;
    std::string payer;
    std::string account_text;  // "微信支付", "支付宝 139******"
    std::string state;
    std::int64_t state_seq = 0;
    std::string audit_head;
    std::optional<Instant> signed_at;
    std::optional<Instant> expires_at;
    std::optional<CivilDay> next_deduct_day;
    std::optional<Instant> ended_at;
    std::string end_cause;
    std::int64_t queries = 0;
    Instant created_at{};
    std::int64_t version = 1;
};

struct ChargeRow {
    ChargeId id;
    TenantId tenant_id;
    InvoiceId invoice_id;
    std::optional<ConsentId> consent_id;  // none: a manual payment
    std::string mandate_id;               // empty for manual
    std::int64_t cycle = 0;
    std::string provider;
    std::string way;  // deduction, mini_program, native_qr, page, wap, transfer
    Fen amount_fen;
    std::string state;
    std::int64_t state_seq = 0;
    std::string audit_head;
    std::optional<CivilDay> planned_day;
    std::optional<Instant> notified_at;   // our reminder delivered
    std::optional<Instant> announced_at;  // provider's notice taken
    std::optional<Instant> window_from;   // chargeable [from, to)
    std::optional<Instant> window_to;
    std::int64_t failures = 0;
    std::string last_cause;
    Instant created_at{};
    std::int64_t version = 1;
};

struct AttemptRow {
    AttemptId id;
    TenantId tenant_id;
    ChargeId charge_id;
    InvoiceId invoice_id;
    std::string provider;
    std::string mchid;
    std::string out_trade_no;
    Fen amount_fen;
    std::string state;
    std::int64_t state_seq = 0;
    std::string audit_head;
    std::optional<std::int64_t> open_flag;
    std::optional<std::int64_t> won_flag;
    std::optional<std::string> provider_txn;
    std::string request_fields;  // canonical JSON of all business fields
    std::string request_digest;  // SHA-256 hex of it
    std::string instructions;    // JSON for manual orders: prepay_id, qr_code, client_params ...
    std::int64_t sends = 0;
    std::optional<Instant> intent_at;
    std::optional<Instant> sent_at;
    std::optional<std::string> paid_at_bj;  // yyyy-MM-dd HH:mm:ss, Beijing
    std::optional<Instant> next_query_at;
    std::int64_t queries = 0;
    std::int64_t fence = 0;
    std::string cause;
    std::string provider_code;
    Instant created_at{};
    std::int64_t version = 1;
};

struct RefundRow {
    RefundId id;
    TenantId tenant_id;
    AttemptId attempt_id;
    std::string out_refund_no;
    std::string provider_refund_id;
    Fen amount_fen;
    std::string reason;
    std::string state;
    std::int64_t state_seq = 0;
    std::string audit_head;
    std::string created_by;
    std::string request_fields;
    std::string request_digest;
    std::int64_t sends = 0;
    std::optional<Instant> sent_at;
    std::optional<Instant> next_query_at;
    std::int64_t queries = 0;
    Instant created_at{};
    std::int64_t version = 1;
    std::string source_id =
        {};  // what it comes from: credit_note, or the approval_request that asked for it alone
};

struct InboxRow {
    std::int64_t id = 0;  // assigned by the database
    std::string source;
    std::string dedup_key;
    std::string raw;         // raw bytes
    std::string raw_sha256;  // hex
    std::string evidence;
    std::int64_t verified = 1;
    Instant received_at{};
    std::optional<Instant> processed_at;
    std::optional<std::string> outcome;  // applied, duplicate, stale, mismatch, early, no_action, dead
    std::int64_t tries = 0;
    std::optional<std::int64_t> lease_until = 0;
    std::optional<std::string> owner;  // who received it, then who works on it; always of one length
};

struct OutboxRow {
    std::int64_t id = 0;    // assigned by the database
    std::string kind;       // fee_reminder, charge_succeeded, ... ; what the sender does
    std::string dedup_key;  // unique with kind
    std::string ref_id;     // charge, invoice ...
    TenantId tenant_id;
    std::string payload;  // JSON
    Instant next_at{};
    std::optional<Instant> expires_at;  // not sent after that
    std::optional<Instant> done_at;
    std::string result;  // delivered, expired, gave_up, replaced; with evidence (JSON)
    std::int64_t tries = 0;
    std::int64_t fence = 0;
    Instant created_at{};
};

/// A row of the books: append only.
struct LedgerRow {
    std::string txn_id;  // the operation id
    std::string account;
    Fen debit_fen;
    Fen credit_fen;
    std::string ref_type;
    std::string ref_id;
    TenantId tenant_id;
    Instant at{};
};

struct AuditRow {
    std::int64_t id = 0;  // assigned by the database
    std::string entity;
    std::string entity_id;
    std::int64_t seq = 0;
    std::string from_state;
    std::string to_state;
    std::string actor;
    std::string op_id;
    Instant at{};
    std::string prev_hash;
    std::string hash;
};

/// Something to do at a time, for one entity. Key (kind, ref_id): scheduling again moves it.
struct TaskRow {
    std::string kind;
    std::string ref_id;
    TenantId tenant_id;
    Instant due_at{};
    std::int64_t tries = 0;
    std::int64_t fence = 0;
};

/// First answer to a mutating call, given again for the same key and input.
struct IdempotencyRow {
    std::string scope;  // credential and route
    std::string key;
    std::string input_hash;
    std::int64_t status = 0;
    std::string body;
    Instant created_at{};
};

/// Refused requests, size-capped; no business code reads them.
struct QuarantineRow {
    std::string source;
    std::string reason;
    std::string peer;
    std::string raw;
    Instant received_at{};
};

/// Work for a person (REVIEW, mismatch, dead rows, held deductions).
struct PersonTaskRow {
    std::string id;  // dedup key
    std::string kind;
    std::string ref_id;
    TenantId tenant_id;
    std::string text;
    Instant created_at{};
    std::optional<Instant> done_at;
};

struct ApprovalRow {
    std::string id;
    std::string ref_type;
    std::string ref_id;
    std::string approver;
    std::string decision;  // YES, NO
    Instant created_at{};
};

/// What a tenant wants to spend in a period; key tenant_id.
struct BudgetRow {
    TenantId tenant_id;
    Fen amount_fen;          // with tax
    std::string thresholds;  // JSON array of percents, rising
    std::string receivers;   // JSON array of roles and user ids
    std::string at_limit;    // notify, stop, ask
    bool hard_cap = false;
    std::string features;    // JSON array of codes
    std::string changed_by;  // member id
    Instant changed_at{};
    Instant created_at{};
    std::int64_t version = 1;
};

/// A threshold that a period crossed; key (subscription, period, percent): once a period.
struct BudgetEventRow {
    SubscriptionId subscription_id;
    CivilDay period_start{};
    std::int64_t percent = 0;
    TenantId tenant_id;
    Fen cost_fen;    // of the period when it was found, before any cap
    Fen amount_fen;  // of the budget then
    std::string at_limit;
    bool told = false;  // has a notice of its own; several at once give one, of the highest
    Instant created_at{};
};

/// Stops: scope "global", "provider:wechat", "tenant:ten_..", "consent:con_..".
struct KillSwitchRow {
    std::string scope;
    std::string reason;
    std::string set_by;
    Instant at{};
};

}  // namespace wefee::storage
