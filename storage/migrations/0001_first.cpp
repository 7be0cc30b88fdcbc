// Migration 1: all tables of the first month. Keys that carry safety are the UNIQUE ones; rows of money are
// never deleted, audit and ledger rows never changed.
#include "storage/migrations/0001_first.hpp"

#include <array>

namespace wefee::storage {
namespace {

using sql::Dialect;

constexpr std::array statements{
    // -- parties
    // ---------------------------------------------------------------------------------------------
    Statement{R"(CREATE TABLE IF NOT EXISTS tenant (
        id $ID NOT NULL PRIMARY KEY, corp_id $ID NOT NULL, name $KEY NOT NULL, anchor_day $INT NOT NULL,
        deduction_day $INT NOT NULL, deductions_paused $INT NOT NULL, created_at $INT NOT NULL,
        version $INT NOT NULL, UNIQUE (corp_id)) $END)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS authorisation (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, suite_id $ID NOT NULL, corp_id $ID,
        state $WORD NOT NULL, state_seq $INT NOT NULL, audit_head $HASH NOT NULL, auth_code $CODE NOT NULL,
        code_deadline $INT, permanent_code $TEXT NOT NULL, agent_id $INT NOT NULL, installer_user_id $ID NOT NULL,
        last_event_at $INT, created_at $INT NOT NULL, version $INT NOT NULL, UNIQUE (suite_id, corp_id)) $END)"},
    Statement{"CREATE INDEX authorisation_code ON authorisation (suite_id, auth_code)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS suite_ticket (
        suite_id $ID NOT NULL PRIMARY KEY, ticket $TEXT NOT NULL, at $INT NOT NULL) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS member (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, user_id $ID NOT NULL, role $WORD NOT NULL,
        active $INT NOT NULL, created_at $INT NOT NULL, version $INT NOT NULL, UNIQUE (tenant_id, user_id)) $END)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS session (
        token_hash $HASH NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, member_id $ID NOT NULL, role $WORD NOT NULL,
        openid $ID NOT NULL, created_at $INT NOT NULL, last_seen_at $INT NOT NULL,
        expires_at $INT NOT NULL) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS api_key (
        key_hash $HASH NOT NULL PRIMARY KEY, name $KEY NOT NULL, scope $WORD NOT NULL, role $WORD NOT NULL,
        tenant_id $ID NOT NULL, created_at $INT NOT NULL, revoked_at $INT) $KEYED)"},

    // -- what is sold, used and billed
    // -----------------------------------------------------------------------
    Statement{R"(CREATE TABLE IF NOT EXISTS price_list (
        id $ID NOT NULL PRIMARY KEY, number $INT NOT NULL, status $WORD NOT NULL, effective_from $DAY,
        body $TEXT NOT NULL, body_hash $HASH NOT NULL, created_by $ID NOT NULL, created_at $INT NOT NULL,
        published_at $INT, version $INT NOT NULL, UNIQUE (number)) $END)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS subscription (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, price_list_id $ID NOT NULL, plan_code $ID NOT NULL,
        add_ons $TEXT NOT NULL, seats $INT NOT NULL, state $WORD NOT NULL, state_seq $INT NOT NULL,
        audit_head $HASH NOT NULL, payment_way $WORD NOT NULL, started_on $DAY NOT NULL,
        period_start $DAY NOT NULL, period_end $DAY NOT NULL, anchor_day $INT NOT NULL, cycle $INT NOT NULL,
        created_at $INT NOT NULL, version $INT NOT NULL) $END)"},
    Statement{"CREATE INDEX subscription_tenant ON subscription (tenant_id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS seat_change (
        subscription_id $ID NOT NULL, tenant_id $ID NOT NULL, seq $INT NOT NULL, day $DAY NOT NULL,
        seats $INT NOT NULL, source $WORD NOT NULL, created_at $INT NOT NULL,
        PRIMARY KEY (subscription_id, seq)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS usage_event (
        tenant_id $ID NOT NULL, event_id $ID NOT NULL, meter $ID NOT NULL, quantity_micro $INT NOT NULL,
        occurred_at $INT NOT NULL, day $DAY NOT NULL, period_start $DAY NOT NULL, properties $TEXT NOT NULL,
        received_at $INT NOT NULL, PRIMARY KEY (tenant_id, event_id)) $KEYED)"},
    Statement{"CREATE INDEX usage_event_period ON usage_event (tenant_id, meter, period_start, event_id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS usage_total (
        tenant_id $ID NOT NULL, meter $ID NOT NULL, period_start $DAY NOT NULL, day $DAY NOT NULL,
        quantity_micro $INT NOT NULL, events $INT NOT NULL,
        PRIMARY KEY (tenant_id, meter, period_start, day)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS invoice (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, subscription_id $ID NOT NULL, cycle $INT NOT NULL,
        number $ID NOT NULL, period_start $DAY NOT NULL, period_end $DAY NOT NULL, price_list_id $ID NOT NULL,
        state $WORD NOT NULL, state_seq $INT NOT NULL, audit_head $HASH NOT NULL, total_fen $INT NOT NULL,
        tax_fen $INT NOT NULL, paid_fen $INT NOT NULL, reserved_fen $INT NOT NULL, refunded_fen $INT NOT NULL,
        final_at $INT, due_day $DAY, created_at $INT NOT NULL, version $INT NOT NULL,
        UNIQUE (subscription_id, cycle)) $END)"},
    Statement{"CREATE INDEX invoice_tenant ON invoice (tenant_id, created_at, id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS invoice_line (
        invoice_id $ID NOT NULL, item_code $ID NOT NULL, tenant_id $ID NOT NULL, position $INT NOT NULL,
        kind $WORD NOT NULL, title $KEY NOT NULL, amount_fen $INT NOT NULL, formula $TEXT NOT NULL,
        evidence $TEXT NOT NULL, PRIMARY KEY (invoice_id, position)) $END)"},

    // -- what moves money
    // ------------------------------------------------------------------------------------
    Statement{R"(CREATE TABLE IF NOT EXISTS consent (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, subscription_id $ID NOT NULL, provider $WORD NOT NULL,
        state $WORD NOT NULL, state_seq $INT NOT NULL, audit_head $HASH NOT NULL, cap_charge_fen $INT NOT NULL,
        cap_cycle_fen $INT NOT NULL, price_list_id $ID NOT NULL, plan_code $ID NOT NULL, terms_version $ID NOT NULL,
        text $TEXT NOT NULL, text_hash $HASH NOT NULL, granted_by $ID NOT NULL, granted_from $TEXT NOT NULL,
        granted_at $INT, valid_from $INT NOT NULL, valid_to $INT, created_at $INT NOT NULL,
        version $INT NOT NULL) $END)"},
    Statement{"CREATE INDEX consent_tenant ON consent (tenant_id, created_at)"},
    Statement{"CREATE INDEX consent_subscription ON consent (subscription_id, state)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS consent_item (
        consent_id $ID NOT NULL, item_code $ID NOT NULL, tenant_id $ID NOT NULL, title $KEY NOT NULL,
        unit_price_micro_yuan $INT NOT NULL, unit $ID NOT NULL, ceiling_fen $INT NOT NULL,
        PRIMARY KEY (consent_id, item_code)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS consent_cycle (
        consent_id $ID NOT NULL, cycle $INT NOT NULL, tenant_id $ID NOT NULL, cap_fen $INT NOT NULL,
        reserved_fen $INT NOT NULL, taken_fen $INT NOT NULL, version $INT NOT NULL,
        PRIMARY KEY (consent_id, cycle)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS mandate (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, consent_id $ID NOT NULL, provider $WORD NOT NULL,
        mchid $WORD NOT NULL, our_number $ID NOT NULL, serial $INT NOT NULL, contract_id $ID NOT NULL,
        payer $KEY NOT NULL, account_text $KEY NOT NULL, state $WORD NOT NULL, state_seq $INT NOT NULL,
        audit_head $HASH NOT NULL, signed_at $INT, expires_at $INT, next_deduct_day $DAY, ended_at $INT,
        end_cause $WORD NOT NULL, queries $INT NOT NULL, created_at $INT NOT NULL, version $INT NOT NULL,
        UNIQUE (provider, our_number)) $END)"},
    Statement{"CREATE INDEX mandate_contract ON mandate (provider, contract_id)"},
    Statement{"CREATE INDEX mandate_consent ON mandate (consent_id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS charge (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, invoice_id $ID NOT NULL, consent_id $ID,
        mandate_id $ID NOT NULL, cycle $INT NOT NULL, provider $WORD NOT NULL, way $WORD NOT NULL,
        amount_fen $INT NOT NULL, state $WORD NOT NULL, state_seq $INT NOT NULL, audit_head $HASH NOT NULL,
        planned_day $DAY, notified_at $INT, announced_at $INT, window_from $INT, window_to $INT,
        failures $INT NOT NULL, last_cause $WORD NOT NULL, created_at $INT NOT NULL, version $INT NOT NULL,
        UNIQUE (consent_id, cycle, invoice_id)) $END)"},
    Statement{"CREATE INDEX charge_invoice ON charge (invoice_id)"},
    Statement{"CREATE INDEX charge_mandate ON charge (mandate_id)"},
    Statement{"CREATE INDEX charge_tenant ON charge (tenant_id, state)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS attempt (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, charge_id $ID NOT NULL, invoice_id $ID NOT NULL,
        provider $WORD NOT NULL, mchid $WORD NOT NULL, out_trade_no $ID NOT NULL, amount_fen $INT NOT NULL,
        state $WORD NOT NULL, state_seq $INT NOT NULL, audit_head $HASH NOT NULL, open_flag $INT, won_flag $INT,
        provider_txn $ID, request_fields $TEXT NOT NULL, request_digest $HASH NOT NULL, instructions $TEXT NOT NULL,
        sends $INT NOT NULL, intent_at $INT, sent_at $INT, paid_at_bj $WORD, next_query_at $INT,
        queries $INT NOT NULL, fence $INT NOT NULL, cause $WORD NOT NULL, provider_code $ID NOT NULL,
        created_at $INT NOT NULL, version $INT NOT NULL,
        UNIQUE (provider, mchid, out_trade_no), UNIQUE (charge_id, open_flag), UNIQUE (invoice_id, open_flag),
        UNIQUE (charge_id, won_flag), UNIQUE (provider, provider_txn)) $END)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS refund (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, attempt_id $ID NOT NULL, out_refund_no $ID NOT NULL,
        provider_refund_id $ID NOT NULL, amount_fen $INT NOT NULL, reason $TEXT NOT NULL, state $WORD NOT NULL,
        state_seq $INT NOT NULL, audit_head $HASH NOT NULL, created_by $ID NOT NULL, request_fields $TEXT NOT NULL,
        request_digest $HASH NOT NULL, sends $INT NOT NULL, sent_at $INT, next_query_at $INT,
        queries $INT NOT NULL, created_at $INT NOT NULL, version $INT NOT NULL, UNIQUE (out_refund_no)) $END)"},
    Statement{"CREATE INDEX refund_attempt ON refund (attempt_id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS approval (
        id $ID NOT NULL PRIMARY KEY, ref_type $WORD NOT NULL, ref_id $ID NOT NULL, approver $ID NOT NULL,
        decision $WORD NOT NULL, created_at $INT NOT NULL) $END)"},
    Statement{"CREATE INDEX approval_ref ON approval (ref_type, ref_id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS kill_switch (
        scope $KEY NOT NULL PRIMARY KEY, reason $TEXT NOT NULL, set_by $ID NOT NULL, at $INT NOT NULL) $KEYED)"},

    // -- the books
    // -------------------------------------------------------------------------------------------
    // op_log is the first thing a money transaction writes. Its key to the one row of audit_gate lets the
    // seal wait
    // for all of them that are under way: no audit row can then appear below a sealed one.
    Statement{"CREATE TABLE IF NOT EXISTS audit_gate (id $INT NOT NULL PRIMARY KEY) $END"},
    Statement{"INSERT INTO audit_gate (id) SELECT 1 FROM (SELECT 1 AS one) AS x "
              "WHERE NOT EXISTS (SELECT 1 FROM audit_gate)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS op_log (
        op_id $KEY NOT NULL PRIMARY KEY, at $INT NOT NULL, gate $INT NOT NULL DEFAULT 1,
        FOREIGN KEY (gate) REFERENCES audit_gate (id)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS audit (
        id $SERIAL, entity $WORD NOT NULL, entity_id $ID NOT NULL, seq $INT NOT NULL, from_state $WORD NOT NULL,
        to_state $WORD NOT NULL, actor $KEY NOT NULL, op_id $KEY NOT NULL, at $INT NOT NULL,
        prev_hash $HASH NOT NULL, hash $HASH NOT NULL, UNIQUE (entity, entity_id, seq)) $END)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS seal (
        id $SERIAL, from_audit $INT NOT NULL, to_audit $INT NOT NULL, row_count $INT NOT NULL,
        prev_hash $HASH NOT NULL, hash $HASH NOT NULL, at $INT NOT NULL, UNIQUE (from_audit)) $END)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS transition (
        entity $WORD NOT NULL, from_state $WORD NOT NULL, to_state $WORD NOT NULL,
        PRIMARY KEY (entity, from_state, to_state)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS ledger (
        id $SERIAL, txn_id $KEY NOT NULL, account $WORD NOT NULL, debit_fen $INT NOT NULL, credit_fen $INT NOT NULL,
        ref_type $WORD NOT NULL, ref_id $ID NOT NULL, tenant_id $ID NOT NULL, at $INT NOT NULL) $END)"},
    Statement{"CREATE INDEX ledger_txn ON ledger (txn_id)"},
    Statement{"CREATE INDEX ledger_ref ON ledger (ref_type, ref_id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS bill_row (
        provider $WORD NOT NULL, mchid $WORD NOT NULL, kind $WORD NOT NULL, out_no $ID NOT NULL,
        amount_fen $INT NOT NULL, bill_date $DAY NOT NULL, PRIMARY KEY (provider, mchid, kind, out_no)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS bill_day (
        provider $WORD NOT NULL, mchid $WORD NOT NULL, kind $WORD NOT NULL, bill_date $DAY NOT NULL,
        loaded_at $INT NOT NULL, PRIMARY KEY (provider, mchid, kind, bill_date)) $KEYED)"},

    // -- queues and once-only records
    // ------------------------------------------------------------------------
    Statement{R"(CREATE TABLE IF NOT EXISTS inbox (
        id $SERIAL, source $WORD NOT NULL, dedup_key $KEY NOT NULL, raw $BYTES NOT NULL, raw_sha256 $HASH NOT NULL,
        evidence $TEXT NOT NULL, verified $INT NOT NULL, received_at $INT NOT NULL, processed_at $INT,
        outcome $WORD, tries $INT NOT NULL, lease_until $INT, owner $ID, last_error $TEXT,
        UNIQUE (source, dedup_key)) $END)"},
    Statement{"CREATE INDEX inbox_waiting ON inbox (processed_at, id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS outbox (
        id $SERIAL, kind $WORD NOT NULL, dedup_key $KEY NOT NULL, ref_id $ID NOT NULL, tenant_id $ID NOT NULL,
        payload $TEXT NOT NULL, next_at $INT NOT NULL, expires_at $INT, done_at $INT, result $TEXT NOT NULL,
        tries $INT NOT NULL, fence $INT NOT NULL, created_at $INT NOT NULL, lease_until $INT, owner $ID,
        UNIQUE (kind, dedup_key)) $END)"},
    Statement{"CREATE INDEX outbox_due ON outbox (done_at, next_at)"},
    Statement{"CREATE INDEX outbox_ref ON outbox (ref_id)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS task (
        kind $WORD NOT NULL, ref_id $ID NOT NULL, tenant_id $ID NOT NULL, due_at $INT NOT NULL, tries $INT NOT NULL,
        fence $INT NOT NULL, lease_until $INT, owner $ID, PRIMARY KEY (kind, ref_id)) $KEYED)"},
    Statement{"CREATE INDEX task_due ON task (due_at)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS idempotency (
        scope $KEY NOT NULL, idem_key $KEY NOT NULL, input_hash $HASH NOT NULL, status $INT NOT NULL,
        body $TEXT NOT NULL, created_at $INT NOT NULL, PRIMARY KEY (scope, idem_key)) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS quarantine (
        id $SERIAL, source $WORD NOT NULL, reason $KEY NOT NULL, peer $ID NOT NULL, raw $BYTES NOT NULL,
        received_at $INT NOT NULL) $END)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS person_task (
        id $KEY NOT NULL PRIMARY KEY, kind $WORD NOT NULL, ref_id $ID NOT NULL, tenant_id $ID NOT NULL,
        text $TEXT NOT NULL, created_at $INT NOT NULL, done_at $INT) $END)"},
    Statement{"CREATE INDEX person_task_open ON person_task (done_at, created_at)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS sequence (
        name $KEY NOT NULL PRIMARY KEY, value $INT NOT NULL) $KEYED)"},
    Statement{R"(CREATE TABLE IF NOT EXISTS lease (
        name $KEY NOT NULL PRIMARY KEY, owner $ID NOT NULL, lease_until $INT NOT NULL, fence $INT NOT NULL) $KEYED)"},

    // -- append only
    // -----------------------------------------------------------------------------------------
    // Where the account may not create triggers, grant the service's account no UPDATE and DELETE on both
    // tables.
    Statement{"CREATE TRIGGER IF NOT EXISTS audit_keeps BEFORE UPDATE ON audit "
              "BEGIN SELECT RAISE(ABORT, 'audit is append only'); END",
              Dialect::sqlite},
    Statement{"CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE DELETE ON audit "
              "BEGIN SELECT RAISE(ABORT, 'audit is append only'); END",
              Dialect::sqlite},
    Statement{"CREATE TRIGGER IF NOT EXISTS ledger_keeps BEFORE UPDATE ON ledger "
              "BEGIN SELECT RAISE(ABORT, 'ledger is append only'); END",
              Dialect::sqlite},
    Statement{"CREATE TRIGGER IF NOT EXISTS ledger_stays BEFORE DELETE ON ledger "
              "BEGIN SELECT RAISE(ABORT, 'ledger is append only'); END",
              Dialect::sqlite},
    Statement{"CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit FOR EACH ROW "
              "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit is append only'",
              Dialect::mysql, true},
    Statement{"CREATE TRIGGER audit_stays BEFORE DELETE ON audit FOR EACH ROW "
              "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit is append only'",
              Dialect::mysql, true},
    Statement{"CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger FOR EACH ROW "
              "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger is append only'",
              Dialect::mysql, true},
    Statement{"CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger FOR EACH ROW "
              "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger is append only'",
              Dialect::mysql, true},
};

}  // namespace

std::span<const Statement> first_statements() { return statements; }

}  // namespace wefee::storage
