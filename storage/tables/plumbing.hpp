// Columns of queues and once-only records.
#pragma once

#include "storage/tables/column.hpp"

namespace wefee::storage {

// clang-format off: columns read better packed
template <>
struct Table<InboxRow> {
    using Row = InboxRow;
    static constexpr std::string_view name = "inbox";
    static constexpr std::tuple columns{
        serial("id", &Row::id), fixed("source", &Row::source), fixed("dedup_key", &Row::dedup_key),
        bytes(fixed("raw", &Row::raw)), fixed("raw_sha256", &Row::raw_sha256), fixed("evidence", &Row::evidence),
        initial("verified", &Row::verified, "1"), fixed("received_at", &Row::received_at),
        initial("processed_at", &Row::processed_at, "NULL"), initial("outcome", &Row::outcome, "NULL"),
        initial("tries", &Row::tries, "0"),
        // A row as wide as a page's sixth must not grow under a lease: InnoDB would log the whole page. So it
        // begins with values of the size that a claim writes, and its end frees more than it adds.
        initial("lease_until", &Row::lease_until, "0"), fixed("owner", &Row::owner)};
};

template <>
struct Table<OutboxRow> {
    using Row = OutboxRow;
    static constexpr std::string_view name = "outbox";
    static constexpr std::tuple columns{
        serial("id", &Row::id), fixed("kind", &Row::kind), fixed("dedup_key", &Row::dedup_key),
        fixed("ref_id", &Row::ref_id), fixed("tenant_id", &Row::tenant_id), fixed("payload", &Row::payload),
        fixed("next_at", &Row::next_at), fixed("expires_at", &Row::expires_at),
        fixed("done_at", &Row::done_at), fixed("result", &Row::result), initial("tries", &Row::tries, "0"),
        initial("fence", &Row::fence, "0"), fixed("created_at", &Row::created_at)};
};

template <>
struct Table<TaskRow> {
    using Row = TaskRow;
    static constexpr std::string_view name = "task";
    static constexpr std::tuple columns{
        key("kind", &Row::kind), key("ref_id", &Row::ref_id), fixed("tenant_id", &Row::tenant_id),
        fixed("due_at", &Row::due_at), initial("tries", &Row::tries, "0"), fixed("fence", &Row::fence)};
};

template <>
struct Table<IdempotencyRow> {
    using Row = IdempotencyRow;
    static constexpr std::string_view name = "idempotency";
    static constexpr std::tuple columns{
        key("scope", &Row::scope), key("idem_key", &Row::key), fixed("input_hash", &Row::input_hash),
        fixed("status", &Row::status), fixed("body", &Row::body), fixed("created_at", &Row::created_at)};
};

template <>
struct Table<QuarantineRow> {
    using Row = QuarantineRow;
    static constexpr std::string_view name = "quarantine";
    static constexpr std::tuple columns{
        fixed("source", &Row::source), fixed("reason", &Row::reason), fixed("peer", &Row::peer),
        bytes(fixed("raw", &Row::raw)), fixed("received_at", &Row::received_at)};
};

template <>
struct Table<PersonTaskRow> {
    using Row = PersonTaskRow;
    static constexpr std::string_view name = "person_task";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("kind", &Row::kind), fixed("ref_id", &Row::ref_id),
        fixed("tenant_id", &Row::tenant_id), fixed("text", &Row::text),
        fixed("created_at", &Row::created_at), fixed("done_at", &Row::done_at)};
};
// clang-format on

}  // namespace wefee::storage
