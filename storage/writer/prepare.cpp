// From Changes to bound rows.
#include "storage/writer/prepare.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "storage/audit.hpp"
#include "storage/writer/shapes.hpp"

namespace wefee::storage {
namespace {

[[noreturn]] void bug(const std::string& op_id, const std::string& what) {
    throw std::logic_error("changes " + op_id + ": " + what);
}

struct Head {
    std::string entity, entity_id;
    std::int64_t seq = 0;
    std::string state;
    std::string hash;
    bool created = false;
    bool used = false;
};

class Preparation {
public:
    explicit Preparation(Changes changes) : changes_(std::move(changes)) {
        if (changes_.op_id.empty()) bug("", "an op_id is missing");
        prepared_.op_id = changes_.op_id;
    }

    PreparedChanges run() {
        add(shape::op_log, {changes_.op_id, to_millis(changes_.at)});
        chain_moves();
        add_tables(std::make_index_sequence<changed_tables>{});
        for (const auto& head : heads_)
            if (!head.used)
                bug(changes_.op_id,
                    "the row of the move of " + head.entity + " " + head.entity_id + " is missing");
        add_queues();
        add_books();
        for (std::size_t shape = 0; shape < rows_.size(); ++shape)
            for (auto& row : rows_[shape]) prepared_.writes.push_back({shape, std::move(row)});
        return std::move(prepared_);
    }

private:
    void add(std::size_t shape, RowValues values) { rows_[shape].push_back(std::move(values)); }

    void touch(std::string_view table, const std::string& key) {
        const auto hash = std::hash<std::string>{}(std::string(table) + '|' + key);
        prepared_.touched.push_back(hash);
    }

    Head* head_of(std::string_view entity, std::string_view entity_id) {
        const auto found = std::ranges::find_if(
            heads_, [&](const Head& head) { return head.entity_id == entity_id && head.entity == entity; });
        return found == heads_.end() ? nullptr : &*found;
    }

    /// Audit rows; a second move of one row chains onto the first.
    void chain_moves() {
        for (auto& move : changes_.moves) {
            auto* known = head_of(move.entity, move.entity_id);
            auto& head = known ? *known : heads_.emplace_back(move.entity, move.entity_id);
            if (head.seq != 0 && (move.seq != head.seq + 1 || move.from_state != head.state))
                bug(changes_.op_id,
                    "the moves of " + move.entity + " " + move.entity_id + " do not follow each other");
            AuditRow row{.entity = move.entity,
                         .entity_id = move.entity_id,
                         .seq = move.seq,
                         .from_state = move.from_state,
                         .to_state = move.to_state,
                         .actor = move.actor,
                         .op_id = changes_.op_id,
                         .at = changes_.at,
                         .prev_hash = head.seq == 0 ? move.prev_hash : head.hash,
                         .hash = {}};
            if ((row.seq == 1) != row.prev_hash.empty() || (row.seq == 1) != row.from_state.empty())
                bug(changes_.op_id,
                    "the move of " + move.entity + " " + move.entity_id + " has a wrong start");
            row.hash = audit_hash(row);
            head.seq = row.seq;
            head.state = row.to_state;
            head.hash = row.hash;
            head.created = head.created || row.seq == 1;
            add(shape::audit, insert_values(std::move(row)));
        }
    }

    template <std::size_t... I>
    void add_tables(std::index_sequence<I...>) {
        (add_table<I>(std::get<I>(changes_.rows)), ...);
    }

    template <std::size_t I, class Row>
    void add_table(RowChanges<Row>& table) {
        std::vector<std::string> keys;
        keys.reserve(table.saves.size() + table.inserts.size());
        for (auto& row : table.saves) {
            if (!table_text<Row>().versioned)
                bug(changes_.op_id, table_text<Row>().name + " rows are written once");
            keys.push_back(key_text(row));
            take_row(row, keys.back(), false);
            check_guard(row);
            touch(Table<Row>::name, keys.back());
            add(shape::saves + I, insert_values(std::move(row)));
        }
        for (auto& row : table.inserts) {
            keys.push_back(key_text(row));
            take_row(row, keys.back(), true);
            check_guard(row);
            add(shape::inserts + I, insert_values(std::move(row)));
        }
        std::ranges::sort(keys);
        if (const auto twice = std::ranges::adjacent_find(keys); twice != keys.end())
            bug(changes_.op_id, table_text<Row>().name + " " + *twice + " is there twice");
    }

    template <class Row>
    void take_row(Row& row, const std::string& key, bool inserted) {
        if constexpr (requires { Table<Row>::entity; }) {
            auto* head = head_of(Table<Row>::entity, key);
            if (!head) {
                if (inserted) bug(changes_.op_id, table_text<Row>().name + " " + key + " has no move");
                return;
            }
            if (row.state != head->state || row.state_seq != head->seq || inserted != head->created)
                bug(changes_.op_id,
                    table_text<Row>().name + " " + key + " does not stand where its move ends");
            row.audit_head = head->hash;
            head->used = true;
        }
    }

    /// The counters' guards, as far as the new row alone tells: a broken one never reaches the database.
    void check_guard(const InvoiceRow& row) {
        if (row.paid_fen + row.reserved_fen - row.refunded_fen > row.total_fen) prepared_.impossible = true;
    }
    void check_guard(const ConsentCycleRow& row) {
        if (row.reserved_fen + row.taken_fen > row.cap_fen) prepared_.impossible = true;
    }
    void check_guard(const AccountCreditRow& row) {
        if (row.amount_fen < Fen{}) prepared_.impossible = true;
    }
    void check_guard(const auto&) {}

    template <class Row>
    static std::string key_text(const Row& row) {
        std::string text;
        const auto add = [&](const auto& column) {
            if (column.role != Role::key) return;
            if (!text.empty()) text += '/';
            const auto value = to_value(row.*column.member);
            text += std::holds_alternative<std::string>(value)
                        ? std::get<std::string>(value)
                        : std::to_string(std::get<std::int64_t>(value));
        };
        std::apply([&](const auto&... column) { (add(column), ...); }, Table<Row>::columns);
        return text;
    }

    void add_queues() {
        for (const auto& outcome : changes_.inbox) {
            add(shape::inbox_outcome, {outcome.outcome, to_millis(changes_.at), outcome.id});
            touch("inbox", std::to_string(outcome.id));
        }
        for (const auto& outcome : changes_.outbox_done) {
            if (outcome.done_at)
                add(shape::outbox_finish,
                    {to_millis(*outcome.done_at), outcome.result, outcome.id, outcome.fence});
            else if (outcome.next_at)
                add(shape::outbox_again,
                    {to_millis(*outcome.next_at), outcome.result, outcome.id, outcome.fence});
            else
                bug(changes_.op_id, "an outbox outcome has neither an end nor a next time");
            touch("outbox", std::to_string(outcome.id));
        }
        for (auto& row : changes_.outbox) {
            if (row.created_at == Instant{}) row.created_at = changes_.at;
            add(shape::outbox, insert_values(std::move(row)));
        }
        for (const auto& move : changes_.usage_moves)
            for (std::size_t step = 0; step < 5; ++step) {
                RowValues row{to_value(move.tenant_id), to_value(move.from_start), to_value(move.to_start)};
                if (step < 3) row.insert(row.begin(), to_value(move.to_start));
                add(shape::usage_moves + step, std::move(row));
            }
        for (const auto& [kind, ref_id] : changes_.unschedule) {
            add(shape::unschedule, {kind, ref_id});
            touch("task", kind + "/" + ref_id);
        }
        for (auto& row : changes_.schedule) {
            row.tries = 0;
            row.fence = first_task_fence();
            touch("task", row.kind + "/" + row.ref_id);
            add(shape::schedule, insert_values(std::move(row)));
        }
        for (auto& row : changes_.person_tasks) add(shape::person_task, insert_values(std::move(row)));
    }

    void add_books() {
        for (auto& row : changes_.postings) {
            if (row.txn_id.empty()) row.txn_id = changes_.op_id;
            if (row.at == Instant{}) row.at = changes_.at;
            add(shape::ledger, insert_values(std::move(row)));
        }
    }

    Changes changes_;
    PreparedChanges prepared_;
    std::array<std::vector<RowValues>, shape::receipt> rows_;
    std::vector<Head> heads_;
};

}  // namespace

std::int64_t first_task_fence() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

PreparedChanges prepare(Changes changes) { return Preparation(std::move(changes)).run(); }

}  // namespace wefee::storage
