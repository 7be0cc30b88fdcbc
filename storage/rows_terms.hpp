// Rows of a subscription through time: its terms, quoted changes, and what changes give back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "billing/ids.hpp"
#include "billing/money.hpp"
#include "billing/time.hpp"

namespace wefee::storage {

/// What a tenant has from a day on, until other terms begin; key (subscription, revision, day). Rows are never changed:
/// those of a later revision replace all earlier ones from their first day on.
struct SubscriptionTermsRow {
    SubscriptionId subscription_id;
    std::int64_t revision = 1;
    CivilDay from_day{};
    TenantId tenant_id;
    PriceListId price_list_id;
    std::string plan_code;
    std::string add_ons;      // JSON array of codes
    std::string coupons;      // JSON array of codes
    int anchor_day = 1;
    std::string changed_by;
    Instant created_at{};
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

/// Given back of one billed item, to the tenant's account credit; never changed.
struct CreditNoteRow {
    CreditNoteId id;
    TenantId tenant_id;
    SubscriptionId subscription_id;
    InvoiceId invoice_id;     // that billed the item
    std::int64_t cycle = 0;   // of the period that it was billed for
    std::string item_code;
    std::string title;
    CivilDay first_day{};     // unused from here
    CivilDay last_day{};
    Fen gross_fen;            // before coupons
    Fen net_fen;
    Fen tax_fen;
    Fen total_fen;
    std::string text;         // formula in words
    Instant created_at{};
};

/// What a tenant has to its credit; key tenant_id. It pays the next invoices first.
struct AccountCreditRow {
    TenantId tenant_id;
    Fen amount_fen;           // never below zero
    Instant created_at{};
    std::int64_t version = 1;
};

}  // namespace wefee::storage
