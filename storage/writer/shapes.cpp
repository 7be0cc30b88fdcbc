// Texts of each shape in both dialects.
#include "storage/writer/shapes.hpp"

#include <algorithm>
#include <bit>

namespace wefee::storage {
namespace {

using sql::Dialect;

template <std::size_t I>
using RowAt = typename decltype(std::tuple_element_t<I, ChangedTables>::inserts)::value_type;

std::string op_log_text(Dialect, std::size_t rows) {
    return "INSERT INTO op_log (op_id, at) VALUES " + placeholders(2, rows);
}

std::string marker_text(Dialect dialect, std::size_t rows) {
    return op_log_text(dialect, rows) + (dialect == Dialect::sqlite
                                             ? " ON CONFLICT (op_id) DO UPDATE SET at=excluded.at"
                                             : " ON DUPLICATE KEY UPDATE at=VALUES(at)");
}

/// UPDATE by (values..., id): one row plain, several joined. `set` names the values in order, `condition`
/// what else must hold; the last `keys` values are matched.
std::string update_text(std::string_view table, const std::vector<std::string>& set,
                        const std::vector<std::string>& keys, std::string_view condition,
                        std::string_view extra, std::size_t rows) {
    auto columns = set;
    columns.insert(columns.end(), keys.begin(), keys.end());
    std::string text = "UPDATE " + std::string(table);
    if (rows == 1) {
        text += " SET ";
        for (const auto& column : set) text += column + "=?, ";
        text += std::string(extra) + " WHERE ";
        for (const auto& column : keys) text += column + "=? AND ";
        return text + std::string(condition);
    }
    text += " t JOIN (";
    for (std::size_t row = 0; row < rows; ++row) {
        text += row == 0 ? "SELECT " : " UNION ALL SELECT ";
        for (std::size_t i = 0; i < columns.size(); ++i) {
            text += i == 0 ? "?" : ", ?";
            if (row == 0) text += " AS n_" + columns[i];
        }
    }
    text += ") n ON ";
    for (const auto& column : keys) text += column + "=n_" + column + " AND ";
    text += std::string(condition) + " SET ";
    for (const auto& column : set) text += column + "=n_" + column + ", ";
    return text + std::string(extra);
}

std::string inbox_outcome_text(Dialect, std::size_t rows) {
    std::string text =
        "UPDATE inbox SET outcome=?, processed_at=?, lease_until=NULL, owner=NULL WHERE processed_at IS NULL "
        "AND id IN (?";
    for (std::size_t i = 1; i < rows; ++i) text += ", ?";
    return text + ")";
}
std::string outbox_finish_text(Dialect, std::size_t rows) {
    return update_text("outbox", {"done_at", "result"}, {"id", "fence"}, "done_at IS NULL",
                       "lease_until=NULL", rows);
}
std::string outbox_again_text(Dialect, std::size_t rows) {
    return update_text("outbox", {"next_at", "result"}, {"id", "fence"}, "done_at IS NULL",
                       "tries=tries+1, lease_until=NULL", rows);
}

std::string unschedule_text(Dialect, std::size_t rows) {
    std::string text = "DELETE FROM task WHERE kind=? AND ref_id IN (?";
    for (std::size_t i = 1; i < rows; ++i) text += ", ?";
    return text + ")";
}

template <std::size_t I>
std::string table_save_text(Dialect dialect, std::size_t rows) {
    return save_text(table_text<RowAt<I>>(), dialect, rows);
}
template <std::size_t I>
std::string table_insert_text(Dialect dialect, std::size_t rows) {
    return insert_text(table_text<RowAt<I>>(), dialect, rows);
}
template <class Row>
std::string plain_insert_text(Dialect dialect, std::size_t rows) {
    return insert_text(table_text<Row>(), dialect, rows);
}

std::string outbox_text(Dialect dialect, std::size_t rows) {
    return insert_text(table_text<OutboxRow>(), dialect, rows,
                       keep_known(dialect, "kind, dedup_key", "dedup_key"));
}
std::string person_task_text(Dialect dialect, std::size_t rows) {
    return insert_text(table_text<PersonTaskRow>(), dialect, rows, keep_known(dialect, "id", "id"));
}

/// A task that is there moves: due anew, tries from the start, and its fence goes up so that whoever works on
/// the old one cannot finish the new one.
std::string schedule_text(Dialect dialect, std::size_t rows) {
    constexpr std::string_view sqlite =
        " ON CONFLICT (kind, ref_id) DO UPDATE SET tenant_id=excluded.tenant_id, due_at=excluded.due_at, "
        "tries=0, "
        "fence=max(fence+1, excluded.fence), lease_until=NULL";
    constexpr std::string_view mysql =
        " ON DUPLICATE KEY UPDATE tenant_id=VALUES(tenant_id), due_at=VALUES(due_at), tries=0, "
        "fence=GREATEST(fence+1, VALUES(fence)), lease_until=NULL";
    return insert_text(table_text<TaskRow>(), dialect, rows, dialect == Dialect::sqlite ? sqlite : mysql);
}

/// A task that waits for an earlier moment stays untouched: nothing is written for most of a stream. One that
/// is being worked on comes again at the new moment.
std::string usage_check_text(Dialect dialect, std::size_t rows) {
    constexpr std::string_view sqlite =
        " ON CONFLICT (kind, ref_id) DO UPDATE SET due_at=excluded.due_at, fence=max(fence+1, "
        "excluded.fence), "
        "lease_until=NULL WHERE lease_until IS NOT NULL OR due_at>excluded.due_at";
    constexpr std::string_view mysql =  // assigned from left to right, each seeing those before
        " ON DUPLICATE KEY UPDATE due_at=CASE WHEN lease_until IS NOT NULL OR due_at>VALUES(due_at) "
        "THEN VALUES(due_at) ELSE due_at END, fence=CASE WHEN lease_until IS NOT NULL "
        "THEN GREATEST(fence+1, VALUES(fence)) ELSE fence END, lease_until=NULL";
    return insert_text(table_text<TaskRow>(), dialect, rows, dialect == Dialect::sqlite ? sqlite : mysql);
}

std::string receipt_text(Dialect dialect, std::size_t rows) {
    return insert_text(table_text<InboxRow>(), dialect, rows,
                       keep_known(dialect, "source, dedup_key", "dedup_key"));
}
std::string quarantine_text(Dialect dialect, std::size_t rows) {
    return insert_text(table_text<QuarantineRow>(), dialect, rows);
}

std::string usage_total_text(Dialect dialect, std::size_t rows) {
    constexpr std::string_view sqlite =
        " ON CONFLICT (tenant_id, meter, period_start, day) DO UPDATE SET "
        "quantity_micro=quantity_micro+excluded.quantity_micro, events=events+excluded.events";
    constexpr std::string_view mysql =
        " ON DUPLICATE KEY UPDATE quantity_micro=quantity_micro+VALUES(quantity_micro), "
        "events=events+VALUES(events)";
    return insert_text(table_text<UsageTotalRow>(), dialect, rows,
                       dialect == Dialect::sqlite ? sqlite : mysql);
}

std::string usage_dimension_text(Dialect dialect, std::size_t rows) {
    constexpr std::string_view sqlite =
        " ON CONFLICT (tenant_id, meter, period_start, day, dimension, value) DO UPDATE SET "
        "quantity_micro=quantity_micro+excluded.quantity_micro, events=events+excluded.events";
    constexpr std::string_view mysql =
        " ON DUPLICATE KEY UPDATE quantity_micro=quantity_micro+VALUES(quantity_micro), "
        "events=events+VALUES(events)";
    return insert_text(table_text<UsageDimensionRow>(), dialect, rows,
                       dialect == Dialect::sqlite ? sqlite : mysql);
}

constexpr std::string_view moved_place = "(tenant_id=? AND period_start=? AND day>=?)";

std::string moved_places(std::size_t rows) {
    std::string text(moved_place);
    for (std::size_t i = 1; i < rows; ++i) text += " OR " + std::string(moved_place);
    return text;
}

/// Rows of the same key in the new period are added to: usage of a day may have come before and after the
/// change.
std::string add_moved_text(const TableText& table, Dialect dialect, std::size_t rows) {
    std::string columns;
    for (const auto& column : table.inserted)
        columns += (columns.empty() ? "" : ", ") + (column == "period_start" ? "?" : column);
    std::string text = "INSERT INTO " + table.name + " (" + column_list(table.inserted) + ") SELECT " +
                       columns + " FROM " + table.name + " o WHERE " + moved_places(rows);
    const bool sqlite = dialect == Dialect::sqlite;
    text += sqlite ? " ON CONFLICT DO UPDATE SET " : " ON DUPLICATE KEY UPDATE ";
    const auto sum = [&](const std::string& column) {
        return column + "=" + table.name + "." + column + "+" +
               (sqlite ? "excluded." + column : "VALUES(" + column + ")");
    };
    return text + sum("quantity_micro") + ", " + sum("events");
}
std::string move_events_text(Dialect, std::size_t rows) {
    return "UPDATE usage_event SET period_start=? WHERE " + moved_places(rows);
}
std::string add_totals_text(Dialect dialect, std::size_t rows) {
    return add_moved_text(table_text<UsageTotalRow>(), dialect, rows);
}
std::string add_dimensions_text(Dialect dialect, std::size_t rows) {
    return add_moved_text(table_text<UsageDimensionRow>(), dialect, rows);
}
std::string drop_totals_text(Dialect, std::size_t rows) {
    return "DELETE FROM usage_total WHERE " + moved_places(rows);
}
std::string drop_dimensions_text(Dialect, std::size_t rows) {
    return "DELETE FROM usage_dimension WHERE " + moved_places(rows);
}

std::size_t first_key(const TableText& table) {
    if (table.keys.empty()) return 0;
    return static_cast<std::size_t>(std::ranges::find(table.inserted, table.keys.front()) -
                                    table.inserted.begin());
}

template <std::size_t... I>
std::vector<Shape> make_shapes(std::index_sequence<I...>) {
    std::vector<Shape> all(shape::count);
    all[shape::op_log] = {"op_log", op_log_text, Counts::once, 0};
    all[shape::inbox_outcome] = {"inbox outcome", inbox_outcome_text, Counts::once, 2, 2};
    all[shape::outbox_finish] = {"outbox finish", outbox_finish_text, Counts::once, 2};
    all[shape::outbox_again] = {"outbox again", outbox_again_text, Counts::once, 2};
    all[shape::unschedule] = {"unschedule", unschedule_text, Counts::any, 1, 1};
    all[shape::usage_moves] = {"usage_event move", move_events_text, Counts::any, 1, 1};
    all[shape::usage_moves + 1] = {"usage_total move", add_totals_text, Counts::any, 1, 1};
    all[shape::usage_moves + 2] = {"usage_dimension move", add_dimensions_text, Counts::any, 1, 1};
    all[shape::usage_moves + 3] = {"usage_total moved", drop_totals_text, Counts::any, 0};
    all[shape::usage_moves + 4] = {"usage_dimension moved", drop_dimensions_text, Counts::any, 0};
    ((all[shape::saves + I] = {Table<RowAt<I>>::name, table_save_text<I>, Counts::saved,
                               first_key(table_text<RowAt<I>>())}),
     ...);
    ((all[shape::inserts + I] = {Table<RowAt<I>>::name, table_insert_text<I>, Counts::once, 0}), ...);
    all[shape::audit] = {"audit", plain_insert_text<AuditRow>, Counts::once, 1};
    all[shape::ledger] = {"ledger", plain_insert_text<LedgerRow>, Counts::once, 0};
    all[shape::outbox] = {"outbox", outbox_text, Counts::any, 1};
    all[shape::schedule] = {"schedule", schedule_text, Counts::any, 1};
    all[shape::person_task] = {"person_task", person_task_text, Counts::any, 0};
    all[shape::receipt] = {"receipt", receipt_text, Counts::any, 1, 0, true};
    all[shape::quarantine] = {"quarantine", quarantine_text, Counts::once, 0};
    all[shape::usage_event] = {"usage_event", plain_insert_text<UsageEventRow>, Counts::once, 1};
    all[shape::usage_total] = {"usage_total", usage_total_text, Counts::any, 0};
    all[shape::usage_check] = {"usage check", usage_check_text, Counts::any, 1};
    all[shape::usage_dimension] = {"usage_dimension", usage_dimension_text, Counts::any, 0};
    all[shape::marker] = {"marker", marker_text, Counts::any, 0};
    return all;
}

constexpr std::size_t rows_max = 512;
constexpr std::size_t any_size_max = 64;
constexpr std::size_t statement_bytes_max = 1 << 20;  // far below any server's max_allowed_packet

std::size_t bytes_of(std::span<const std::span<const sql::Value>> rows) {
    std::size_t bytes = 0;
    for (const auto& row : rows)
        for (const auto& value : row)
            if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    return bytes;
}

/// By what statements share, then by key; rows with equal keys keep their order.
void sort_rows(std::vector<std::span<const sql::Value>>& rows, const Shape& what) {
    std::vector<std::pair<std::span<const sql::Value>, std::size_t>> order;
    for (std::size_t i = 0; i < rows.size(); ++i) order.emplace_back(rows[i], i);
    std::ranges::sort(order, [&](const auto& a, const auto& b) {
        for (std::size_t i = 0; i < what.shared; ++i)
            if (a.first[i] != b.first[i]) return a.first[i] < b.first[i];
        const auto &left = a.first[what.sort_by], &right = b.first[what.sort_by];
        return left != right ? left < right : a.second < b.second;
    });
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = order[i].first;
}

/// How many rows from the first on have its leading values.
std::size_t sharing(std::span<const std::span<const sql::Value>> rows, std::size_t shared) {
    if (shared == 0) return rows.size();
    std::size_t count = 1;
    while (count < rows.size() && std::ranges::equal(rows[0].first(shared), rows[count].first(shared)))
        ++count;
    return count;
}

std::int64_t expected(Counts counts, sql::Dialect dialect, std::size_t rows) {
    const auto each = counts == Counts::saved && dialect == sql::Dialect::mysql ? 2 : 1;
    return static_cast<std::int64_t>(rows) * each;
}

}  // namespace

std::span<const Shape> shapes() {
    static const std::vector<Shape> all = make_shapes(std::make_index_sequence<changed_tables>{});
    return all;
}

ShapeTexts::ShapeTexts(Dialect dialect) : dialect_(dialect), texts_(shape::count) {}

std::size_t ShapeTexts::chunk(std::size_t shape, std::size_t rows) const {
    if (dialect_ == Dialect::sqlite) return 1;
    if (shapes()[shape].any_size && rows <= any_size_max) return rows;
    rows = std::min(rows, rows_max);
    const auto step = std::max(std::bit_floor(rows) / 4, std::size_t{1});
    return rows / step * step;
}

const std::string& ShapeTexts::text(std::size_t shape, std::size_t chunk) {
    auto& all = texts_[shape];
    if (all.size() <= chunk) all.resize(chunk + 1);
    auto& text = all[chunk];
    if (text.empty()) text = shapes()[shape].text(dialect_, chunk);
    return text;
}

bool run_shape(sql::Connection& db, ShapeTexts& texts, std::size_t shape,
               std::vector<std::span<const sql::Value>>& rows) {
    const auto& what = shapes()[shape];
    if (rows.size() > 1 && texts.dialect() == Dialect::mysql) sort_rows(rows, what);
    for (std::size_t from = 0; from < rows.size();) {
        const auto rest = std::span(rows).subspan(from);
        auto chunk = texts.chunk(shape, sharing(rest, what.shared));
        while (chunk > 1 && bytes_of(rest.first(chunk)) > statement_bytes_max) chunk /= 2;
        std::vector<std::span<const sql::Value>> bound(rest.begin(),
                                                       rest.begin() + static_cast<std::ptrdiff_t>(chunk));
        for (auto& row : std::span(bound).subspan(1)) row = row.subspan(what.shared);
        const auto counted = db.execute_rows(texts.text(shape, chunk), bound);
        if (what.counts != Counts::any && counted != expected(what.counts, texts.dialect(), chunk))
            return false;
        from += chunk;
    }
    return true;
}

bool commit_shape(sql::Connection& db, ShapeTexts& texts, std::size_t shape,
                  std::vector<std::span<const sql::Value>>& rows) {
    if (texts.chunk(shape, rows.size()) != rows.size() || bytes_of(rows) > statement_bytes_max) return false;
    if (rows.size() > 1) sort_rows(rows, shapes()[shape]);
    db.commit_rows(texts.text(shape, rows.size()), rows);
    return true;
}

}  // namespace wefee::storage
