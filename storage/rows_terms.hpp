// Rows of a subscription through time: its terms, quoted changes, and what changes give back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "billing/ids.hpp"
#include "billing/money.hpp"
#include "billing/time.hpp"

namespace wefee::storage {

/// What a tenant has from a day on, until other terms begin; key (subscription, revision, day). Rows are
/// never changed: those of a later revision replace all earlier ones from their first day on.
struct SubscriptionTermsRow {
    SubscriptionId subscription_id;
    std::int64_t revision = 1;
    CivilDay from_day{};
    TenantId tenant_id;
    PriceListId price_list_id;
    std::string plan_code;
    std::string add_ons;  // JSON array of codes
    std::string coupons;  // JSON array of codes
    int anchor_day = 1;
    std::string changed_by;
    Instant created_at{};
    bool paused = false;
};

/// A change as it was shown: it is confirmed as it stands or not at all.
struct QuoteRow {
    QuoteId id;
    TenantId tenant_id;
    SubscriptionId subscription_id;
    std::string wish;         // JSON: what was asked for
    std::string inputs_hash;  // SHA-256 hex over what it was computed from
    std::string answer;       // JSON: what was shown
    std::string created_by;
    Instant created_at{};
    Instant expires_at{};
    std::optional<Instant> confirmed_at;
    std::int64_t version = 1;
};

/// Given back to the tenant; never changed. Its parts say where the total went.
struct CreditNoteRow {
    CreditNoteId id;
    TenantId tenant_id;
    SubscriptionId subscription_id;  // empty: of no bill
    InvoiceId invoice_id;            // that billed the item; empty: of no bill
    std::int64_t cycle = 0;          // of the period that it was billed for
    std::string item_code;
    std::string title;
    CivilDay first_day{};  // unused from here
    CivilDay last_day{};
    Fen gross_fen;  // before coupons
    Fen net_fen;
    Fen tax_fen;
    Fen total_fen;
    std::string text;  // formula in words
    Instant created_at{};
    std::string cause = "change";                    // change, period, grant, line, correction, refund_failed
    std::optional<std::int64_t> line_position = {};  // of the invoice's line, where it is of one line
    Fen lowered_fen = {};                            // of what the invoice owed
    Fen cash_fen = {};                               // goes back by refunds
    Fen kept_fen = {};                               // became account credit
    std::string reason = {};                         // an operator's words
    std::string source_id = {};  // what it comes from: approval_request, correction, refund
};

/// What an operator asked for that moves money. PENDING: a second person decides.
struct ApprovalRequestRow {
    ApprovalId id;
    TenantId tenant_id;
    std::string kind;        // credit, credit_note, refund, correction, surplus_refund
    std::string subject_id;  // tenant, invoice, subscription or refund that it is about
    Fen amount_fen;          // that it moves
    std::string wish;        // JSON: the request's body
    std::string reason;
    std::string requested_by;
    std::string state;
    std::int64_t state_seq = 0;
    std::string audit_head;
    std::string decided_by;
    std::optional<Instant> decided_at;
    std::string answer;  // of who decided, in words
    Instant created_at{};
    std::int64_t version = 1;
};

/// History rewritten: a revision of the terms that begins in the past; never changed.
struct CorrectionRow {
    CorrectionId id;
    TenantId tenant_id;
    SubscriptionId subscription_id;
    std::int64_t seq = 0;         // 1, 2, ...; unique with subscription_id
    std::int64_t cycle = 0;       // of the open period
    std::int64_t after_part = 0;  // the cycle's newest part then, its own invoice included
    std::string request_id;
    InvoiceId invoice_id;  // of the difference; empty: there was none
    Fen total_fen;         // of the difference: above zero to pay, below account credit
    std::string advance;   // JSON: what was billed in advance for the open period from then on, by item
    Instant created_at{};
};

/// What a tenant has to its credit; key tenant_id. It pays the next invoices first.
struct AccountCreditRow {
    TenantId tenant_id;
    Fen amount_fen;  // never below zero
    Instant created_at{};
    std::int64_t version = 1;
};

}  // namespace wefee::storage
