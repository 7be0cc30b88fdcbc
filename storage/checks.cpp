// Proving: invariants, audit chains and seals, each in one consistent read.
#include <array>

#include "storage/audit.hpp"
#include "storage/invariants.hpp"
#include "storage/parts.hpp"

namespace wefee::storage {
namespace {

constexpr std::size_t rows_shown = 20;
constexpr std::int64_t page = 2'000;

struct Bound {
    std::string text;
    RowValues parameters;
};

/// Replaces :t5m, :t1h and :lim by parameters in their order.
Bound bind(std::string_view query, Instant now, Fen approval_limit) {
    using std::chrono::hours;
    using std::chrono::minutes;
    const std::array<std::pair<std::string_view, sql::Value>, 3> names{{{":t5m", to_value(now - minutes(5))},
                                                                        {":t1h", to_value(now - hours(1))},
                                                                        {":lim", to_value(approval_limit)}}};
    Bound bound;
    for (std::size_t i = 0; i < query.size();) {
        bool replaced = false;
        for (const auto& [name, value] : names) {
            if (!query.substr(i).starts_with(name)) continue;
            bound.text += '?';
            bound.parameters.push_back(value);
            i += name.size();
            replaced = true;
            break;
        }
        if (!replaced) bound.text += query[i++];
    }
    bound.text += " LIMIT " + std::to_string(rows_shown);
    return bound;
}

std::string shown(std::span<const sql::Value> row) {
    std::string text;
    for (const auto& value : row) {
        if (!text.empty()) text += '/';
        if (const auto* number = std::get_if<std::int64_t>(&value)) text += std::to_string(*number);
        if (const auto* part = std::get_if<std::string>(&value)) text += *part;
    }
    return text;
}

/// Collects rows under one heading, the first ones only.
class Finding {
public:
    Finding(std::string number, std::string says) { violation_ = {std::move(number), std::move(says), {}}; }
    void add(std::string row) {
        if (violation_.rows.size() < rows_shown) violation_.rows.push_back(std::move(row));
    }
    void report(std::vector<Violation>& all) {
        if (!violation_.rows.empty()) all.push_back(std::move(violation_));
    }

private:
    Violation violation_;
};

std::string name_of(const AuditRow& row) {
    return row.entity + "/" + row.entity_id + "/" + std::to_string(row.seq);
}

/// Walks all chains, entity by entity, in pages.
void walk_chains(sql::Connection& db, Finding& broken) {
    AuditRow last;
    std::size_t count = 0;
    do {
        count = 0;
        const auto rows = rows_of<AuditRow>(
            db,
            "WHERE t.entity>? OR (t.entity=? AND (t.entity_id>? OR (t.entity_id=? AND t.seq>?))) "
            "ORDER BY t.entity, t.entity_id, t.seq LIMIT ?",
            values(last.entity, last.entity, last.entity_id, last.entity_id, last.seq, page));
        for (const auto& row : rows) {
            const bool same = row.entity == last.entity && row.entity_id == last.entity_id;
            const auto seq = same ? last.seq + 1 : 1;
            const auto& before = same ? last.hash : std::string();
            if (row.seq != seq || row.prev_hash != before || row.hash != audit_hash(row))
                broken.add(name_of(row));
            last = row;
            ++count;
        }
    } while (count == static_cast<std::size_t>(page));
}

/// The head that each row carries is its chain's last hash.
void check_heads(sql::Connection& db, Finding& broken) {
    for (const auto* entity : {"approval_request", "attempt", "authorisation", "charge", "consent", "invoice",
                               "mandate", "refund", "subscription"}) {
        const std::string table(entity);
        db.query("SELECT e.id FROM " + table +
                     " e LEFT JOIN audit u ON u.entity=? AND u.entity_id=e.id AND "
                     "u.seq=e.state_seq WHERE u.hash IS NULL OR u.hash<>e.audit_head LIMIT 20",
                 values(table),
                 [&](std::span<const sql::Value> row) { broken.add(table + "/" + as_text(row[0])); });
    }
}

std::string hashes_between(sql::Connection& db, std::int64_t from, std::int64_t to, std::int64_t& count) {
    std::string hashes;
    count = 0;
    for (std::int64_t read = page; read == page;) {
        read = 0;
        db.query("SELECT id, hash FROM audit WHERE id>? AND id<=? ORDER BY id LIMIT ?",
                 values(from, to, page), [&](std::span<const sql::Value> row) {
                     from = as_int(row[0]);
                     hashes += as_text(row[1]);
                     ++read;
                 });
        count += read;
    }
    return hashes;
}

void check_seals(sql::Connection& db, Finding& broken) {
    std::vector<SealRow> seals;
    db.query("SELECT id, from_audit, to_audit, row_count, prev_hash, hash, at FROM seal ORDER BY id", {},
             [&](std::span<const sql::Value> row) {
                 seals.push_back({as_int(row[0]), as_int(row[1]), as_int(row[2]), as_int(row[3]),
                                  as_text(row[4]), as_text(row[5]), from_millis(as_int(row[6]))});
             });
    std::int64_t end = 0;
    std::string before;
    for (const auto& seal : seals) {
        std::int64_t count = 0;
        const auto hashes = hashes_between(db, seal.from_audit, seal.to_audit, count);
        if (seal.from_audit != end || seal.prev_hash != before || count != seal.row_count ||
            seal.hash != seal_hash(seal, hashes))
            broken.add("seal/" + std::to_string(seal.id));
        end = seal.to_audit;
        before = seal.hash;
    }
}

}  // namespace

std::vector<std::string> breaking_rows(sql::Connection& db, std::string_view query, Instant now,
                                       Fen approval_limit) {
    std::vector<std::string> rows;
    const auto bound = bind(query, now, approval_limit);
    db.query(bound.text, bound.parameters,
             [&](std::span<const sql::Value> row) { rows.push_back(shown(row)); });
    return rows;
}

awaitable<std::vector<Violation>> Store::check_invariants(Instant now, Fen approval_limit) {
    return parts_->read<std::vector<Violation>>(
        [now, approval_limit](sql::Connection& db, std::vector<Violation>& violations) {
            in_snapshot(db, [&] {
                for (const auto& invariant : invariants()) {
                    Finding finding(std::string(invariant.number), std::string(invariant.says));
                    for (const auto query : invariant.queries)
                        for (auto& row : breaking_rows(db, query, now, approval_limit))
                            finding.add(std::move(row));
                    finding.report(violations);
                }
            });
        },
        true);
}

awaitable<std::vector<Violation>> Store::check_audit_chain() {
    return parts_->read<std::vector<Violation>>(
        [](sql::Connection& db, std::vector<Violation>& violations) {
            in_snapshot(db, [&] {
                Finding chain("A-01", "each audit row follows the one before it and hashes to what it says");
                walk_chains(db, chain);
                chain.report(violations);
                Finding head("A-02", "each row carries the hash of its last audit row");
                check_heads(db, head);
                head.report(violations);
                Finding seal("A-03",
                             "each seal covers the audit rows of its span and follows the seal before it");
                check_seals(db, seal);
                seal.report(violations);
            });
        },
        true);
}

}  // namespace wefee::storage
