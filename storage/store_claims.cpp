// Claims: rows that one worker takes for a while. Candidates are found by a plain read, so that an idle poll
// costs no write; then they are locked by key (others' locks are stepped over), checked again and leased by
// database time.
#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include "storage/parts.hpp"
#include "storage/writer/shapes.hpp"

namespace wefee::storage {
namespace {

constexpr std::int64_t inbox_tries_max = 8;
constexpr std::int64_t first_inbox_pause_ms = 100;  // doubled by each try

constexpr std::string_view lease_free = "(t.lease_until IS NULL OR t.lease_until<?)";

std::string_view skip_locked(const sql::Connection& db) {
    return db.dialect() == sql::Dialect::mysql ? " FOR UPDATE SKIP LOCKED" : "";
}

std::vector<std::int64_t> candidates(sql::Connection& db, const std::string& text,
                                     const RowValues& parameters) {
    std::vector<std::int64_t> ids;
    db.query(text, parameters, [&](std::span<const sql::Value> row) { ids.push_back(as_int(row[0])); });
    return ids;
}

/// Leases those of `ids` that are still free; `waiting` is what a row must still be.
template <class Row>
std::vector<Row> lease(sql::Connection& db, const std::vector<std::int64_t>& ids, std::string_view waiting,
                       const StoreOptions& options, std::size_t limit) {
    const auto now = db.database_now();
    RowValues parameters;
    auto tail = "WHERE t.id IN " + in_list(ids, parameters);
    parameters.emplace_back(now);
    parameters.emplace_back(static_cast<std::int64_t>(limit));
    tail += " AND " + std::string(waiting) + " AND " + std::string(lease_free) + " ORDER BY t.id LIMIT ?";
    auto rows = rows_of<Row>(db, tail + std::string(skip_locked(db)), parameters);
    if (rows.empty()) return rows;
    std::vector<std::int64_t> taken;
    for (auto& row : rows) {
        taken.push_back(row.id);
        if constexpr (requires { row.fence; }) row.fence += 1;
    }
    RowValues update = values(now + options.lease.count(), options.owner);
    const std::string fence = requires(Row r) { r.fence; } ? ", fence=fence+1" : "";
    const auto list = in_list(taken, update);
    db.execute(
        "UPDATE " + table_text<Row>().name + " SET lease_until=?, owner=?" + fence + " WHERE id IN " + list,
        update);
    return rows;
}

void sort_by_due(std::vector<TaskRow>& tasks) {
    std::ranges::sort(tasks, {},
                      [](const TaskRow& task) { return std::tie(task.due_at, task.kind, task.ref_id); });
}

/// The first of each kind by its index, however many others are due; then the first of all.
std::vector<TaskRow> due_tasks(sql::Connection& db, const std::vector<std::string>& kinds, Instant now,
                               std::size_t limit) {
    const auto time = db.database_now();
    const auto of_kind = select_text<TaskRow>() + "WHERE t.kind=? AND t.due_at<=? AND " +
                         std::string(lease_free) + " ORDER BY t.due_at, t.ref_id LIMIT ?";
    std::string text;
    RowValues parameters;
    for (const auto& kind : kinds) {
        text += (text.empty() ? "SELECT * FROM (" : " UNION ALL SELECT * FROM (") + of_kind + ") AS of_kind";
        for (auto& value : values(kind, now, time, static_cast<std::int64_t>(limit)))
            parameters.push_back(std::move(value));
    }
    std::vector<TaskRow> tasks;
    if (kinds.empty()) return tasks;
    db.query(text, parameters, [&](std::span<sql::Value> row) { tasks.push_back(read_row<TaskRow>(row)); });
    sort_by_due(tasks);
    tasks.resize(std::min(tasks.size(), limit));
    return tasks;
}

/// Leases those of one kind that are still due and free, the first ones first. What is due is told here: a
/// database that is asked for it goes through all of the kind that is, instead of these keys.
std::vector<TaskRow> lease_kind(sql::Connection& db, const std::string& kind,
                                const std::vector<std::string>& refs, Instant now,
                                const StoreOptions& options, std::size_t limit) {
    const auto time = db.database_now();
    auto parameters = values(kind);
    const auto tail = "WHERE t.kind=? AND t.ref_id IN " + in_list(refs, parameters) + " AND " +
                      std::string(lease_free) + std::string(skip_locked(db));
    parameters.emplace_back(time);
    auto tasks = rows_of<TaskRow>(db, tail, parameters);
    std::erase_if(tasks, [now](const TaskRow& task) { return task.due_at > now; });
    sort_by_due(tasks);
    tasks.resize(std::min(tasks.size(), limit));
    if (tasks.empty()) return tasks;
    std::vector<std::string> taken;
    for (auto& task : tasks) {
        taken.push_back(task.ref_id);
        task.fence += 1;
    }
    auto update = values(time + options.lease.count(), options.owner, kind);
    const auto list = in_list(taken, update);
    db.execute("UPDATE task SET lease_until=?, owner=?, fence=fence+1 WHERE kind=? AND ref_id IN " + list,
               update);
    return tasks;
}

/// At most `limit` of `found`, the first ones first.
std::vector<TaskRow> lease_tasks(sql::Connection& db, std::span<const TaskRow> found, Instant now,
                                 const StoreOptions& options, std::size_t limit) {
    std::vector<TaskRow> tasks;
    while (!found.empty() && tasks.size() < limit) {
        const auto some = found.first(std::min(found.size(), limit));
        found = found.subspan(some.size());
        std::map<std::string, std::vector<std::string>> refs;
        for (const auto& task : some) refs[task.kind].push_back(task.ref_id);
        for (const auto& [kind, of_kind] : refs) {
            if (tasks.size() == limit) break;
            std::ranges::move(lease_kind(db, kind, of_kind, now, options, limit - tasks.size()),
                              std::back_inserter(tasks));
        }
    }
    sort_by_due(tasks);
    return tasks;
}

}  // namespace

awaitable<std::vector<InboxRow>> Store::claim_inbox(std::size_t limit) {
    const auto wanted = static_cast<std::int64_t>(2 * limit);  // some may be taken by others meanwhile
    const auto ids = co_await parts_->read<std::vector<std::int64_t>>(
        [wanted](sql::Connection& db, std::vector<std::int64_t>& found) {
            found = candidates(db,
                               "SELECT t.id FROM inbox t WHERE t.processed_at IS NULL AND " +
                                   std::string(lease_free) + " ORDER BY t.id LIMIT ?",
                               values(db.database_now(), wanted));
        });
    if (ids.empty()) co_return std::vector<InboxRow>{};
    co_return co_await parts_->write<std::vector<InboxRow>>(
        [this, ids, limit](sql::Connection& db, std::vector<InboxRow>& rows) {
            rows = lease<InboxRow>(db, ids, "t.processed_at IS NULL", parts_->options, limit);
        });
}

awaitable<std::vector<OutboxRow>> Store::claim_outbox(Instant now, std::size_t limit) {
    const auto wanted = static_cast<std::int64_t>(2 * limit);
    const auto ids = co_await parts_->read<std::vector<std::int64_t>>(
        [now, wanted](sql::Connection& db, std::vector<std::int64_t>& found) {
            found = candidates(db,
                               "SELECT t.id FROM outbox t WHERE t.done_at IS NULL AND t.next_at<=? AND " +
                                   std::string(lease_free) + " ORDER BY t.next_at, t.id LIMIT ?",
                               values(now, db.database_now(), wanted));
        });
    if (ids.empty()) co_return std::vector<OutboxRow>{};
    co_return co_await parts_->write<std::vector<OutboxRow>>(
        [this, ids, limit](sql::Connection& db, std::vector<OutboxRow>& rows) {
            rows = lease<OutboxRow>(db, ids, "t.done_at IS NULL", parts_->options, limit);
        });
}

awaitable<std::vector<TaskRow>> Store::claim_tasks(Instant now, std::size_t limit,
                                                   std::vector<std::string> kinds) {
    const auto found = co_await parts_->read<std::vector<TaskRow>>(
        [now, limit, kinds = std::move(kinds)](sql::Connection& db, std::vector<TaskRow>& tasks) {
            tasks = due_tasks(db, kinds, now, 2 * limit);
        });
    if (found.empty()) co_return std::vector<TaskRow>{};
    co_return co_await parts_->write<std::vector<TaskRow>>(
        [this, found, now, limit](sql::Connection& db, std::vector<TaskRow>& tasks) {
            tasks = lease_tasks(db, found, now, parts_->options, limit);
        });
}

awaitable<bool> Store::fail_inbox(std::int64_t id, std::string reason) {
    return parts_->write<bool>([id, reason = std::move(reason)](sql::Connection& db, bool& dead) {
        std::int64_t tries = -1;
        db.query("SELECT tries FROM inbox WHERE id=? AND processed_at IS NULL" + std::string(for_update(db)),
                 values(id), [&](std::span<const sql::Value> row) { tries = as_int(row[0]) + 1; });
        if (tries < 0) return;  // somebody else brought it to an end
        dead = tries >= inbox_tries_max;
        const auto now = db.database_now();
        if (dead)
            db.execute(
                "UPDATE inbox SET tries=?, last_error=?, lease_until=NULL, owner=NULL, processed_at=?, "
                "outcome='dead' "
                "WHERE id=?",
                values(tries, reason, now, id));
        else
            db.execute("UPDATE inbox SET tries=?, last_error=?, lease_until=? WHERE id=?",
                       values(tries, reason, now + (first_inbox_pause_ms << tries), id));
    });
}

awaitable<void> Store::finish_task(TaskRow task) {
    return parts_->write([task = std::move(task)](sql::Connection& db) {
        db.execute("DELETE FROM task WHERE kind=? AND ref_id=? AND fence=?",
                   values(task.kind, task.ref_id, task.fence));
    });
}

awaitable<void> Store::postpone_task(TaskRow task, Instant due_at) {
    return parts_->write([task = std::move(task), due_at](sql::Connection& db) {
        db.execute(
            "UPDATE task SET due_at=?, tries=tries+1, lease_until=NULL WHERE kind=? AND ref_id=? AND fence=?",
            values(due_at, task.kind, task.ref_id, task.fence));
    });
}

awaitable<Store::Due> Store::due(bool sends) {
    return parts_->read<Due>([sends](sql::Connection& db, Due& due) {
        in_snapshot(db, [&] {
            const auto now = db.database_now();
            const auto earliest = [&](std::span<const sql::Value> row) {
                if (is_null(row[0])) return;
                const auto at = from_millis(as_int(row[0]));
                if (!due.next || at < *due.next) due.next = at;
            };
            const std::string free(lease_free);
            db.query("SELECT MIN(t.due_at) FROM task t WHERE " + free, values(now), earliest);
            if (sends)
                db.query("SELECT MIN(t.next_at) FROM outbox t WHERE t.done_at IS NULL AND " + free,
                         values(now), earliest);
            db.query("SELECT t.id FROM inbox t WHERE t.processed_at IS NULL AND " + free + " LIMIT 1",
                     values(now), [&](auto) { due.inbox_waiting = true; });
            db.query(
                "SELECT (SELECT COUNT(*) FROM task WHERE lease_until>=?) + "
                "(SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND lease_until>=?) + "
                "(SELECT COUNT(*) FROM inbox WHERE processed_at IS NULL AND lease_until>=?)",
                values(now, now, now), [&](std::span<const sql::Value> row) {
                    due.leased = static_cast<std::size_t>(as_int(row[0]));
                });
        });
    });
}

}  // namespace wefee::storage
