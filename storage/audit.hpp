// The audit chain: each row's hash covers the row and the hash before it; a seal covers all hashes of a span.
#pragma once

#include <string>
#include <vector>

#include "storage/rows.hpp"

namespace wefee::storage {

/// SHA-256 hex over entity, entity_id, seq, from, to, actor, op_id, at and prev_hash, each with its length
/// before it, so that no two rows share a text.
std::string audit_hash(const AuditRow& row);

/// One hourly seal: rows `from_audit` < id <= `to_audit`.
struct SealRow {
    std::int64_t id = 0;
    std::int64_t from_audit = 0;
    std::int64_t to_audit = 0;
    std::int64_t row_count = 0;
    std::string prev_hash{};
    std::string hash{};
    Instant at{};
};

/// `hashes`: of the covered rows, by id.
std::string seal_hash(const SealRow& seal, const std::string& hashes);

}  // namespace wefee::storage
