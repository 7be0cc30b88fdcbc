// Canonical texts of the audit chain and of its seals.
#include "storage/audit.hpp"

#include "io/crypto.hpp"

namespace wefee::storage {
namespace {

void add(std::string& text, const std::string& part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
    text += ',';
}
void add(std::string& text, std::int64_t number) { add(text, std::to_string(number)); }

}  // namespace

std::string audit_hash(const AuditRow& row) {
    std::string text;
    text.reserve(320);
    add(text, row.entity);
    add(text, row.entity_id);
    add(text, row.seq);
    add(text, row.from_state);
    add(text, row.to_state);
    add(text, row.actor);
    add(text, row.op_id);
    add(text, to_millis(row.at));
    add(text, row.prev_hash);
    return io::sha256_hex(text);
}

std::string seal_hash(const SealRow& seal, const std::string& hashes) {
    std::string text;
    text.reserve(hashes.size() + 200);
    add(text, seal.prev_hash);
    add(text, seal.from_audit);
    add(text, seal.to_audit);
    add(text, seal.row_count);
    add(text, to_millis(seal.at));
    text += hashes;
    return io::sha256_hex(text);
}

}  // namespace wefee::storage
