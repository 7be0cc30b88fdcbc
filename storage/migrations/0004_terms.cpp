// Migration 4: a subscription's terms through time, quotes, credit notes and account credit; a period may
// have several invoices: its own (part 0) and one for each change in it.
#include "storage/migrations/0004_terms.hpp"

#include <array>

namespace wefee::storage {
namespace {

using sql::Dialect;

constexpr std::array statements{
    Statement{R"(CREATE TABLE IF NOT EXISTS subscription_terms (
        subscription_id $ID NOT NULL, revision $INT NOT NULL, from_day $DAY NOT NULL, tenant_id $ID NOT NULL,
        price_list_id $ID NOT NULL, plan_code $ID NOT NULL, add_ons $TEXT NOT NULL, coupons $TEXT NOT NULL,
        anchor_day $INT NOT NULL, changed_by $ID NOT NULL, created_at $INT NOT NULL,
        PRIMARY KEY (subscription_id, revision, from_day)) $KEYED)"},
    // What runs has had its terms since it began; a tenant's changed anchor day holds from the next period
    // on.
    Statement{
        R"(INSERT INTO subscription_terms (subscription_id, revision, from_day, tenant_id, price_list_id,
        plan_code, add_ons, coupons, anchor_day, changed_by, created_at)
        SELECT s.id, 1, s.started_on, s.tenant_id, s.price_list_id, s.plan_code, s.add_ons, '[]', s.anchor_day,
        'migration', s.created_at FROM subscription s WHERE s.state<>'PENDING' AND NOT EXISTS
        (SELECT 1 FROM subscription_terms x WHERE x.subscription_id=s.id))"},
    Statement{
        R"(INSERT INTO subscription_terms (subscription_id, revision, from_day, tenant_id, price_list_id,
        plan_code, add_ons, coupons, anchor_day, changed_by, created_at)
        SELECT s.id, 2, s.period_end, s.tenant_id, s.price_list_id, s.plan_code, s.add_ons, '[]', t.anchor_day,
        'migration', s.created_at FROM subscription s JOIN tenant t ON t.id=s.tenant_id
        WHERE s.state NOT IN ('PENDING', 'ENDED') AND t.anchor_day<>s.anchor_day AND NOT EXISTS
        (SELECT 1 FROM subscription_terms x WHERE x.subscription_id=s.id AND x.revision=2))"},
    Statement{"ALTER TABLE subscription ADD COLUMN coupons $CODE NOT NULL DEFAULT '[]'"},
    Statement{"ALTER TABLE subscription ADD COLUMN last_day $DAY"},
    Statement{R"(CREATE TABLE IF NOT EXISTS quote (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, subscription_id $ID NOT NULL, wish $TEXT NOT NULL,
        inputs_hash $HASH NOT NULL, answer $TEXT NOT NULL, created_by $KEY NOT NULL, created_at $INT NOT NULL,
        expires_at $INT NOT NULL, confirmed_at $INT, version $INT NOT NULL) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS credit_note (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, subscription_id $ID NOT NULL, invoice_id $ID NOT NULL,
        cycle $INT NOT NULL, item_code $ID NOT NULL, title $KEY NOT NULL, first_day $DAY NOT NULL,
        last_day $DAY NOT NULL, gross_fen $INT NOT NULL, net_fen $INT NOT NULL, tax_fen $INT NOT NULL,
        total_fen $INT NOT NULL, text $TEXT NOT NULL, created_at $INT NOT NULL) $KEYED)"},
    Statement{"CREATE INDEX credit_note_subscription ON credit_note (subscription_id, cycle)"},
    Statement{"CREATE INDEX credit_note_tenant ON credit_note (tenant_id, created_at)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS account_credit (
        tenant_id $ID NOT NULL PRIMARY KEY, amount_fen $INT NOT NULL, created_at $INT NOT NULL,
        version $INT NOT NULL) $KEYED)"},

    // SQLite cannot drop the key of the first table: the rows move to one with the new key.
    Statement{"ALTER TABLE invoice ADD COLUMN part $INT NOT NULL DEFAULT 0, DROP INDEX subscription_id, "
              "ADD UNIQUE KEY invoice_part (subscription_id, cycle, part)",
              Dialect::mysql},
    Statement{R"(CREATE TABLE invoice_by_part (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, subscription_id $ID NOT NULL, cycle $INT NOT NULL,
        number $ID NOT NULL, period_start $DAY NOT NULL, period_end $DAY NOT NULL, price_list_id $ID NOT NULL,
        state $WORD NOT NULL, state_seq $INT NOT NULL, audit_head $HASH NOT NULL, total_fen $INT NOT NULL,
        tax_fen $INT NOT NULL, paid_fen $INT NOT NULL, reserved_fen $INT NOT NULL, refunded_fen $INT NOT NULL,
        final_at $INT, due_day $DAY, created_at $INT NOT NULL, version $INT NOT NULL,
        plan_code $ID NOT NULL DEFAULT '', part $INT NOT NULL DEFAULT 0,
        UNIQUE (subscription_id, cycle, part)) $END)",
              Dialect::sqlite},
    Statement{
        R"(INSERT INTO invoice_by_part (id, tenant_id, subscription_id, cycle, number, period_start, period_end,
        price_list_id, state, state_seq, audit_head, total_fen, tax_fen, paid_fen, reserved_fen, refunded_fen, final_at,
        due_day, created_at, version, plan_code)
        SELECT id, tenant_id, subscription_id, cycle, number, period_start, period_end, price_list_id, state, state_seq,
        audit_head, total_fen, tax_fen, paid_fen, reserved_fen, refunded_fen, final_at, due_day, created_at, version,
        plan_code FROM invoice)",
        Dialect::sqlite},
    Statement{"DROP TABLE invoice", Dialect::sqlite},
    Statement{"ALTER TABLE invoice_by_part RENAME TO invoice", Dialect::sqlite},
    Statement{"CREATE INDEX invoice_tenant ON invoice (tenant_id, created_at, id)", Dialect::sqlite},
};

}  // namespace

std::span<const Statement> terms_statements() { return statements; }

}  // namespace wefee::storage
