// Migration 7: what operators give, take back and correct, with a second person above a limit. A credit note
// says where its total went.
#include "storage/migrations/0007_corrections.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr std::array statements{
    Statement{R"(CREATE TABLE IF NOT EXISTS approval_request (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, kind $WORD NOT NULL, subject_id $ID NOT NULL,
        amount_fen $INT NOT NULL, wish $TEXT NOT NULL, reason $TEXT NOT NULL, requested_by $KEY NOT NULL,
        state $WORD NOT NULL, state_seq $INT NOT NULL, audit_head $HASH NOT NULL, decided_by $KEY NOT NULL,
        decided_at $INT, answer $TEXT NOT NULL, created_at $INT NOT NULL, version $INT NOT NULL) $KEYED)"},
    Statement{"CREATE INDEX approval_request_state ON approval_request (state, created_at)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS correction (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, subscription_id $ID NOT NULL, seq $INT NOT NULL,
        cycle $INT NOT NULL, after_part $INT NOT NULL, request_id $ID NOT NULL, invoice_id $ID NOT NULL,
        total_fen $INT NOT NULL, advance $TEXT NOT NULL, created_at $INT NOT NULL,
        UNIQUE (subscription_id, seq)) $KEYED)"},
    Statement{"CREATE INDEX correction_request ON correction (request_id)"},
    Statement{"CREATE INDEX correction_invoice ON correction (invoice_id)"},

    Statement{"ALTER TABLE refund ADD COLUMN source_id $ID NOT NULL DEFAULT ''"},
    Statement{"CREATE INDEX refund_source ON refund (source_id)"},
    Statement{"ALTER TABLE credit_note ADD COLUMN cause $WORD NOT NULL DEFAULT 'change'"},
    Statement{"ALTER TABLE credit_note ADD COLUMN line_position $INT"},
    Statement{"ALTER TABLE credit_note ADD COLUMN lowered_fen $INT NOT NULL DEFAULT 0"},
    Statement{"ALTER TABLE credit_note ADD COLUMN cash_fen $INT NOT NULL DEFAULT 0"},
    Statement{"ALTER TABLE credit_note ADD COLUMN kept_fen $INT NOT NULL DEFAULT 0"},
    Statement{"ALTER TABLE credit_note ADD COLUMN reason $CODE NOT NULL DEFAULT ''"},
    Statement{"ALTER TABLE credit_note ADD COLUMN source_id $ID NOT NULL DEFAULT ''"},
    Statement{"UPDATE credit_note SET kept_fen=total_fen WHERE cause='change'"},
    Statement{"CREATE INDEX credit_note_invoice ON credit_note (invoice_id)"},
    Statement{"CREATE INDEX credit_note_source ON credit_note (source_id)"},
};

}  // namespace

std::span<const Statement> correction_statements() { return statements; }

}  // namespace wefee::storage
