// Migration 11: SQLite keeps tenants, subscriptions and mandates in the order of their ids, as InnoDB does.
// What is done for many in that order then writes each page once; in the order in which they came, a page for
// each row.
#include "storage/migrations/0011_clustered.hpp"

#include <array>

namespace wefee::storage {
namespace {

constexpr auto sqlite = sql::Dialect::sqlite;

constexpr std::array statements{
    Statement{R"(CREATE TABLE tenant_by_id (
        id $ID NOT NULL PRIMARY KEY, corp_id $ID NOT NULL, name $KEY NOT NULL, anchor_day $INT NOT NULL,
        deduction_day $INT NOT NULL, deductions_paused $INT NOT NULL, created_at $INT NOT NULL,
        version $INT NOT NULL, UNIQUE (corp_id)) $KEYED)",
              sqlite},
    Statement{
        R"(INSERT INTO tenant_by_id (id, corp_id, name, anchor_day, deduction_day, deductions_paused, created_at,
        version) SELECT id, corp_id, name, anchor_day, deduction_day, deductions_paused, created_at, version
        FROM tenant ORDER BY id)",
        sqlite},
    Statement{"DROP TABLE tenant", sqlite},
    Statement{"ALTER TABLE tenant_by_id RENAME TO tenant", sqlite},

    Statement{R"(CREATE TABLE subscription_by_id (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, price_list_id $ID NOT NULL, plan_code $ID NOT NULL,
        add_ons $TEXT NOT NULL, seats $INT NOT NULL, state $WORD NOT NULL, state_seq $INT NOT NULL,
        audit_head $HASH NOT NULL, payment_way $WORD NOT NULL, started_on $DAY NOT NULL,
        period_start $DAY NOT NULL, period_end $DAY NOT NULL, anchor_day $INT NOT NULL, cycle $INT NOT NULL,
        created_at $INT NOT NULL, version $INT NOT NULL, coupons $TEXT NOT NULL DEFAULT '[]', last_day $DAY,
        thresholds $TEXT, trial $INT NOT NULL DEFAULT 1, trial_end $DAY, advance_waits $INT NOT NULL DEFAULT 0,
        first_started_on $DAY) $KEYED)",
              sqlite},
    Statement{
        R"(INSERT INTO subscription_by_id (id, tenant_id, price_list_id, plan_code, add_ons, seats, state,
        state_seq, audit_head, payment_way, started_on, period_start, period_end, anchor_day, cycle, created_at,
        version, coupons, last_day, thresholds, trial, trial_end, advance_waits, first_started_on)
        SELECT id, tenant_id, price_list_id, plan_code, add_ons, seats, state, state_seq, audit_head, payment_way,
        started_on, period_start, period_end, anchor_day, cycle, created_at, version, coupons, last_day, thresholds,
        trial, trial_end, advance_waits, first_started_on FROM subscription ORDER BY id)",
        sqlite},
    Statement{"DROP TABLE subscription", sqlite},
    Statement{"ALTER TABLE subscription_by_id RENAME TO subscription", sqlite},
    Statement{"CREATE INDEX subscription_tenant ON subscription (tenant_id)", sqlite},

    Statement{R"(CREATE TABLE mandate_by_id (
        id $ID NOT NULL PRIMARY KEY, tenant_id $ID NOT NULL, consent_id $ID NOT NULL, provider $WORD NOT NULL,
        mchid $WORD NOT NULL, our_number $ID NOT NULL, serial $INT NOT NULL, contract_id $ID NOT NULL,
        payer $KEY NOT NULL, account_text $KEY NOT NULL, state $WORD NOT NULL, state_seq $INT NOT NULL,
        audit_head $HASH NOT NULL, signed_at $INT, expires_at $INT, next_deduct_day $DAY, ended_at $INT,
        end_cause $WORD NOT NULL, queries $INT NOT NULL, created_at $INT NOT NULL, version $INT NOT NULL,
        UNIQUE (provider, our_number)) $KEYED)",
              sqlite},
    Statement{
        R"(INSERT INTO mandate_by_id (id, tenant_id, consent_id, provider, mchid, our_number, serial, contract_id,
        payer, account_text, state, state_seq, audit_head, signed_at, expires_at, next_deduct_day, ended_at, end_cause,
        queries, created_at, version)
        SELECT id, tenant_id, consent_id, provider, mchid, our_number, serial, contract_id, payer, account_text, state,
        state_seq, audit_head, signed_at, expires_at, next_deduct_day, ended_at, end_cause, queries, created_at, version
        FROM mandate ORDER BY id)",
        sqlite},
    Statement{"DROP TABLE mandate", sqlite},
    Statement{"ALTER TABLE mandate_by_id RENAME TO mandate", sqlite},
    Statement{"CREATE INDEX mandate_contract ON mandate (provider, contract_id)", sqlite},
    Statement{"CREATE INDEX mandate_consent ON mandate (consent_id)", sqlite},
};

}  // namespace

std::span<const Statement> clustered_statements() { return statements; }

}  // namespace wefee::storage
