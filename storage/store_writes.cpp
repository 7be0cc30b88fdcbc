// Writes: receipts, money transactions, usage, and the small ones.
#include <atomic>

#include "storage/audit.hpp"
#include "storage/parts.hpp"
#include "storage/writer/shapes.hpp"

namespace wefee::storage {
namespace {

void insert_row(sql::Connection& db, std::size_t shape, const RowValues& row) {
    db.execute(shapes()[shape].text(db.dialect(), 1), row);
}

/// Inserts, or writes all columns over the row with the same key.
std::string upsert_text(const TableText& table, sql::Dialect dialect) {
    std::string text = insert_text(table, dialect, 1);
    if (dialect == sql::Dialect::sqlite)
        text += " ON CONFLICT (" + column_list(table.keys) + ") DO UPDATE SET ";
    else
        text += " ON DUPLICATE KEY UPDATE ";
    bool first = true;
    for (const auto& column : table.inserted) {
        if (!first) text += ", ";
        first = false;
        text +=
            column + (dialect == sql::Dialect::sqlite ? "=excluded." + column : "=VALUES(" + column + ")");
    }
    return text;
}

template <class Row>
void put(sql::Connection& db, const Row& row) {
    db.execute(upsert_text(table_text<Row>(), db.dialect()), insert_values(row));
}

}  // namespace

awaitable<void> Store::receive(InboxRow row) {
    Job job;
    job.kind = Job::Kind::receipt;
    row.owner = parts_->options.owner;
    job.row = insert_values(std::move(row));
    return parts_->submit(std::move(job));
}

awaitable<void> Store::quarantine(QuarantineRow row) {
    Job job;
    job.kind = Job::Kind::quarantine;
    job.row = insert_values(std::move(row));
    try {
        co_await parts_->submit(std::move(job));
    } catch (const std::exception&) {
        // A refused request that is not kept harms nobody; the answer to its sender stands anyway.
    }
}

awaitable<CommitResult> Store::commit(Changes changes) {
    Job job;
    job.kind = Job::Kind::changes;
    job.changes = prepare(std::move(changes));
    auto result = std::make_shared<CommitResult>(CommitResult::conflict);
    job.result = result;
    return parts_->submit<CommitResult>(std::move(job), std::move(result));
}

namespace {

/// Jobs that were queued together; the last one to end resumes the caller.
struct Together {
    std::vector<Store::Committed> committed;
    std::atomic<std::size_t> left;
    Resume resume;

    void end(std::size_t place, std::exception_ptr failure) {
        committed[place].failure = std::move(failure);
        if (--left == 0) resume(nullptr);
    }
};

Job changes_job(const std::shared_ptr<Together>& together, std::size_t place, Changes changes) {
    Job job;
    job.kind = Job::Kind::changes;
    job.changes = prepare(std::move(changes));
    job.result = std::shared_ptr<CommitResult>(together, &together->committed[place].result);
    job.done = [together, place](std::exception_ptr failure) { together->end(place, std::move(failure)); };
    return job;
}

}  // namespace

awaitable<std::vector<Store::Committed>> Store::commit_all(std::vector<Changes> all) {
    auto together = std::make_shared<Together>();
    together->committed.resize(all.size());
    std::vector<Job> jobs;
    jobs.reserve(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        try {
            jobs.push_back(changes_job(together, i, std::move(all[i])));
        } catch (const std::logic_error&) {  // changes that cannot be meant
            together->committed[i].failure = std::current_exception();
        }
    }
    together->left = jobs.size();
    if (!jobs.empty())
        co_await suspend([this, &jobs, together](Resume resume) mutable {
            together->resume = std::move(resume);
            parts_->hand_over_all(std::move(jobs));
        });
    co_return std::move(together->committed);
}

awaitable<std::vector<Ingested>> Store::ingest(std::vector<UsageFact> facts, std::vector<TaskRow> checks) {
    Job job;
    job.kind = Job::Kind::usage;
    auto usage = std::make_shared<UsageWrite>();
    usage->facts = std::move(facts);
    for (auto& check : checks) {
        check.tries = 0;
        check.fence = first_task_fence();
        usage->checks.push_back(insert_values(check));
    }
    job.usage = usage;
    return parts_->submit<std::vector<Ingested>>(
        std::move(job), std::shared_ptr<std::vector<Ingested>>(usage, &usage->answers));
}

awaitable<void> Store::keep_suite_ticket(SuiteTicketRow ticket) {
    return parts_->write([ticket = std::move(ticket)](sql::Connection& db) {
        const auto known = row_of<SuiteTicketRow>(db, "WHERE t.suite_id=?" + std::string(for_update(db)),
                                                  values(ticket.suite_id));
        if (!known || known->at <= ticket.at) put(db, ticket);
    });
}

awaitable<void> Store::put_session(SessionRow session) {
    return parts_->write([session = std::move(session)](sql::Connection& db) { put(db, session); });
}

awaitable<void> Store::touch_session(std::string token_hash, Instant seen_at) {
    return parts_->write([token_hash = std::move(token_hash), seen_at](sql::Connection& db) {
        db.execute("UPDATE session SET last_seen_at=? WHERE token_hash=? AND last_seen_at<?",
                   values(seen_at, token_hash, seen_at));
    });
}

awaitable<void> Store::put_api_key(ApiKeyRow key) {
    return parts_->write([key = std::move(key)](sql::Connection& db) { put(db, key); });
}

awaitable<std::optional<IdempotencyRow>> Store::claim_idempotency(IdempotencyRow call, Instant stale_before) {
    call.status = 0;
    using Holder = std::optional<IdempotencyRow>;
    return parts_->write<Holder>([call = std::move(call), stale_before](sql::Connection& db, Holder& holder) {
        holder = row_of<IdempotencyRow>(db, "WHERE t.scope=? AND t.idem_key=?" + std::string(for_update(db)),
                                        values(call.scope, call.key));
        if (holder && (holder->status != 0 || holder->created_at >= stale_before)) return;
        holder.reset();
        put(db, call);
    });
}

awaitable<void> Store::keep_idempotent_answer(IdempotencyRow answered) {
    return parts_->write([row = std::move(answered)](sql::Connection& db) { put(db, row); });
}

awaitable<void> Store::free_idempotency(std::string scope, std::string key) {
    return parts_->write([scope = std::move(scope), key = std::move(key)](sql::Connection& db) {
        db.execute("DELETE FROM idempotency WHERE scope=? AND idem_key=? AND status=0", values(scope, key));
    });
}

awaitable<void> Store::set_kill_switch(KillSwitchRow stop) {
    return parts_->write([stop = std::move(stop)](sql::Connection& db) { put(db, stop); });
}

awaitable<void> Store::clear_kill_switch(std::string scope) {
    return parts_->write([scope = std::move(scope)](sql::Connection& db) {
        db.execute("DELETE FROM kill_switch WHERE scope=?", values(scope));
    });
}

awaitable<std::int64_t> Store::next_number(std::string sequence) {
    return parts_->write<std::int64_t>(
        [sequence = std::move(sequence)](sql::Connection& db, std::int64_t& number) {
            const bool sqlite = db.dialect() == sql::Dialect::sqlite;
            db.execute(sqlite ? "INSERT INTO sequence (name, value) VALUES (?, 1) "
                                "ON CONFLICT (name) DO UPDATE SET value=value+1"
                              : "INSERT INTO sequence (name, value) VALUES (?, 1) "
                                "ON DUPLICATE KEY UPDATE value=value+1",
                       values(sequence));
            db.query("SELECT value FROM sequence WHERE name=?" + std::string(for_update(db)),
                     values(sequence), [&](std::span<const sql::Value> row) { number = as_int(row[0]); });
        });
}

awaitable<void> Store::schedule_task(TaskRow task) {
    task.tries = 0;
    return parts_->write([task = std::move(task)](sql::Connection& db) {
        auto row = task;
        row.fence = first_task_fence();
        insert_row(db, shape::schedule, insert_values(row));
    });
}

awaitable<std::string> Store::seal_audit(Instant at) {
    return parts_->write<std::string>([at](sql::Connection& db, std::string& hash) {
        // The gate: waits for all money transactions that are under way, so that no audit row can appear
        // later with an id below the last one seen here.
        db.query("SELECT id FROM audit_gate WHERE id=1" + std::string(for_update(db)), {}, [](auto) {});
        SealRow seal{.at = at};
        db.query("SELECT to_audit, hash FROM seal ORDER BY id DESC LIMIT 1" + std::string(for_update(db)), {},
                 [&](std::span<const sql::Value> row) {
                     seal.from_audit = as_int(row[0]);
                     seal.prev_hash = as_text(row[1]);
                 });
        seal.to_audit = seal.from_audit;
        std::string hashes;
        const std::string lock = db.dialect() == sql::Dialect::mysql ? " LOCK IN SHARE MODE" : "";
        db.query("SELECT id, hash FROM audit WHERE id>? ORDER BY id" + lock, values(seal.from_audit),
                 [&](std::span<const sql::Value> row) {
                     seal.to_audit = as_int(row[0]);
                     seal.row_count += 1;
                     hashes += as_text(row[1]);
                 });
        hash = seal.prev_hash;
        if (seal.row_count == 0) return;  // nothing new: the last seal stands
        seal.hash = seal_hash(seal, hashes);
        db.execute(
            "INSERT INTO seal (from_audit, to_audit, row_count, prev_hash, hash, at) VALUES (?, ?, ?, ?, ?, "
            "?)",
            values(seal.from_audit, seal.to_audit, seal.row_count, seal.prev_hash, seal.hash, seal.at));
        hash = seal.hash;
    });
}

}  // namespace wefee::storage
