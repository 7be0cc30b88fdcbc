// The common case is that all events are new: plain inserts, and a duplicate key tells the other case.
#include "storage/writer/usage.hpp"

#include <algorithm>
#include <optional>

#include "storage/store.hpp"
#include "storage/writer/usage_count.hpp"

namespace wefee::storage {
namespace {

bool gives(const UsageEventRow& row, std::string_view field) {
    return row.given.find(field) != std::string::npos;
}

/// As they were sent: what a correction took over from its event may have changed since.
bool same_content(const UsageEventRow& a, const UsageEventRow& b) {
    if (a.corrects != b.corrects || a.given != b.given || a.meter != b.meter) return false;
    const bool event = a.corrects.empty();
    return ((!event && !gives(a, "quantity")) || a.quantity_micro == b.quantity_micro) &&
           ((!event && !gives(a, "occurred_at")) || a.occurred_at == b.occurred_at) &&
           ((!event && !gives(a, "properties")) || a.properties == b.properties) &&
           ((!event && !gives(a, "sequence")) || a.sequence == b.sequence);
}

void write_checks(sql::Connection& db, ShapeTexts& texts, std::span<UsageWrite* const> writes) {
    std::vector<std::span<const sql::Value>> rows;
    for (const auto* write : writes) rows.insert(rows.end(), write->checks.begin(), write->checks.end());
    if (!rows.empty()) run_shape(db, texts, shape::usage_check, rows);
}

void insert_facts(sql::Connection& db, ShapeTexts& texts, std::vector<RowValues> values) {
    std::vector<std::span<const sql::Value>> rows(values.begin(), values.end());
    run_shape(db, texts, shape::usage_event, rows);
}

void keep_revision(sql::Connection& db, const UsageEventRow& row) {
    if (row.revision == 1) {
        const UsageRevisionRow first{row.tenant_id, row.corrects, row.event_id, 1, row.received_at};
        db.execute(insert_text(table_text<UsageRevisionRow>(), db.dialect(), 1), insert_values(first));
        return;
    }
    db.execute("UPDATE usage_revision SET newest_id=?, revision=? WHERE tenant_id=? AND event_id=?",
               values(row.event_id, row.revision, row.tenant_id, row.corrects));
}

Ingested take_fact(sql::Connection& db, ShapeTexts& texts, const UsageFact& fact) {
    const auto& row = fact.row;
    const auto lock = for_update(db);
    if (const auto known = fact_of(db, row.tenant_id, row.event_id, lock))
        return same_content(*known, row) ? Ingested::duplicate : Ingested::differs;
    std::optional<UsageEventRow> before;
    if (!row.corrects.empty()) {
        before = newest_fact_of(db, row.tenant_id, row.corrects, lock);
        if (!before || before->revision + 1 != row.revision) return Ingested::outdated;
    }
    db.savepoint();
    try {
        UsageDeltas deltas{row.received_at};
        count_changes(db, deltas, {{&row, before ? &*before : nullptr, fact.aggregation}}, row.received_at);
        insert_facts(db, texts, {insert_values(row)});
        if (before) keep_revision(db, row);
        deltas.write(db, texts);
    } catch (const std::overflow_error&) {
        db.rollback_to_savepoint();
        return Ingested::overflow;
    }
    db.release_savepoint();
    return Ingested::accepted;
}

}  // namespace

bool write_new_usage(sql::Connection& db, ShapeTexts& texts, std::span<UsageWrite* const> writes) {
    std::vector<UsageChange> changes;
    std::vector<RowValues> values;
    for (const auto* write : writes)
        for (const auto& fact : write->facts) {
            if (!fact.row.corrects.empty()) return false;
            changes.push_back({&fact.row, nullptr, fact.aggregation});
            values.push_back(insert_values(fact.row));
        }
    if (changes.empty()) return true;
    const auto at = changes.front().after->received_at;
    db.savepoint();
    try {
        UsageDeltas deltas{at};
        count_changes(db, deltas, changes, at);
        insert_facts(db, texts, std::move(values));
        deltas.write(db, texts);
        write_checks(db, texts, writes);
    } catch (const std::overflow_error&) {
        db.rollback_to_savepoint();
        return false;  // the one-by-one way tells whose event it was
    } catch (const sql::Error& error) {
        if (error.error_class() != sql::ErrorClass::duplicate) throw;
        db.rollback_to_savepoint();
        return false;
    }
    db.release_savepoint();
    for (auto* write : writes) write->answers.assign(write->facts.size(), Ingested::accepted);
    return true;
}

void write_any_usage(sql::Connection& db, ShapeTexts& texts, UsageWrite& write) {
    write.answers.clear();
    for (const auto& fact : write.facts) write.answers.push_back(take_fact(db, texts, fact));
    UsageWrite* const one[] = {&write};
    if (std::ranges::find(write.answers, Ingested::accepted) != write.answers.end())
        write_checks(db, texts, one);
}

}  // namespace wefee::storage
