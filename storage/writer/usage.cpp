// The common case is that all events are new: plain inserts, and a duplicate key tells the other case.
#include "storage/writer/usage.hpp"

#include "storage/store.hpp"

#include <map>
#include <optional>
#include <tuple>

namespace wefee::storage {
namespace {

using Totals = std::map<std::tuple<std::string, std::string, std::string, std::string>, UsageTotalRow>;

void add_to(Totals& totals, const UsageEventRow& event) {
    auto& total = totals[{event.tenant_id.text(), event.meter, to_value_text(event.period_start),
                          to_value_text(event.day)}];
    total.tenant_id = event.tenant_id;
    total.meter = event.meter;
    total.period_start = event.period_start;
    total.day = event.day;
    if (__builtin_add_overflow(total.quantity_micro, event.quantity_micro, &total.quantity_micro))
        throw std::overflow_error("usage total of " + event.meter);
    total.events += 1;
}

/// Takes the subscription's row before its totals change: either the close that is under way sees this usage, or
/// this usage sees that its period is closed.
void hold_period_open(sql::Connection& db, const UsageTotalRow& total) {
    const RowValues period{total.tenant_id.text(), to_value_text(total.period_start)};
    const auto open = db.execute(
        "UPDATE subscription SET version=version+1 WHERE tenant_id=? AND state<>'ENDED' AND period_start<=?", period);
    if (open > 0) return;
    bool closed = false;  // or the tenant has no subscription that runs: nothing to close
    std::string text = "SELECT id FROM subscription WHERE tenant_id=? AND state<>'ENDED' AND period_start>?";
    if (db.dialect() == sql::Dialect::mysql) text += " FOR UPDATE";
    db.query(text, period, [&](std::span<const sql::Value>) { closed = true; });
    if (closed) throw PeriodClosed("the period from " + to_value_text(total.period_start) + " is closed");
}

void write_totals(sql::Connection& db, ShapeTexts& texts, const Totals& totals) {
    std::vector<RowValues> values;
    const UsageTotalRow* held = nullptr;
    for (const auto& [key, total] : totals) {
        const bool again = held && held->tenant_id == total.tenant_id && held->period_start == total.period_start;
        if (!again) hold_period_open(db, total);
        held = &total;
        values.push_back(insert_values(total));
    }
    std::vector<std::span<const sql::Value>> rows(values.begin(), values.end());
    run_shape(db, texts, shape::usage_total, rows);
}

void write_checks(sql::Connection& db, ShapeTexts& texts, std::span<UsageWrite* const> writes) {
    std::vector<std::span<const sql::Value>> rows;
    for (const auto* write : writes) rows.insert(rows.end(), write->checks.begin(), write->checks.end());
    if (!rows.empty()) run_shape(db, texts, shape::usage_check, rows);
}

bool same_content(const UsageEventRow& a, const UsageEventRow& b) {
    return a.meter == b.meter && a.quantity_micro == b.quantity_micro && a.occurred_at == b.occurred_at &&
           a.properties == b.properties;
}

std::optional<UsageEventRow> find_event(sql::Connection& db, const UsageEventRow& event) {
    // A locking read sees what others committed since this transaction began.
    static const std::string text = select_text<UsageEventRow>() + "WHERE t.tenant_id=? AND t.event_id=?";
    static const std::string locking = text + " FOR UPDATE";
    std::optional<UsageEventRow> found;
    const RowValues key{event.tenant_id.text(), event.event_id};
    db.query(db.dialect() == sql::Dialect::mysql ? locking : text, key,
             [&](std::span<const sql::Value> row) { found = read_row<UsageEventRow>(row); });
    return found;
}

}  // namespace

bool write_new_usage(sql::Connection& db, ShapeTexts& texts, std::span<UsageWrite* const> writes) {
    std::vector<RowValues> values;
    Totals totals;
    for (const auto* write : writes)
        for (const auto& event : write->events) {
            values.push_back(insert_values(event));
            try {
                add_to(totals, event);
            } catch (const std::overflow_error&) {
                return false;  // the one-by-one way tells whose event it was
            }
        }
    std::vector<std::span<const sql::Value>> rows(values.begin(), values.end());
    db.savepoint();
    try {
        run_shape(db, texts, shape::usage_event, rows);
    } catch (const sql::Error& error) {
        if (error.error_class() != sql::ErrorClass::duplicate) throw;
        db.rollback_to_savepoint();
        return false;
    }
    try {
        write_totals(db, texts, totals);
        write_checks(db, texts, writes);
    } catch (const PeriodClosed&) {
        db.rollback_to_savepoint();
        return false;  // the one-by-one way tells whose it was
    }
    db.release_savepoint();
    for (auto* write : writes) write->answers.assign(write->events.size(), Ingested::accepted);
    return true;
}

void write_any_usage(sql::Connection& db, ShapeTexts& texts, UsageWrite& write) {
    write.answers.clear();
    Totals totals;
    for (const auto& event : write.events) {
        const auto known = find_event(db, event);
        if (known) {
            write.answers.push_back(same_content(*known, event) ? Ingested::duplicate : Ingested::differs);
            continue;
        }
        const auto values = insert_values(event);
        std::vector<std::span<const sql::Value>> rows{values};
        run_shape(db, texts, shape::usage_event, rows);
        add_to(totals, event);
        write.answers.push_back(Ingested::accepted);
    }
    write_totals(db, texts, totals);
    UsageWrite* const one[] = {&write};
    if (!totals.empty()) write_checks(db, texts, one);
}

}  // namespace wefee::storage
