// Reads of who is known, of the queues and of what people have to do.
#include "storage/parts.hpp"

namespace wefee::storage {

awaitable<std::optional<TenantRow>> Store::find_tenant(TenantId id) {
    return parts_->one<TenantRow>("WHERE t.id=?", values(id));
}
awaitable<std::optional<TenantRow>> Store::find_tenant_by_corp(std::string corp_id) {
    return parts_->one<TenantRow>("WHERE t.corp_id=?", values(corp_id));
}
awaitable<std::vector<TenantRow>> Store::tenants(std::size_t limit, std::string after_id) {
    return parts_->many<TenantRow>("WHERE t.id>? ORDER BY t.id LIMIT ?",
                                   values(after_id, static_cast<std::int64_t>(limit)));
}
awaitable<std::optional<AuthorisationRow>> Store::find_authorisation(std::string id) {
    return parts_->one<AuthorisationRow>("WHERE t.id=?", values(id));
}
awaitable<std::optional<AuthorisationRow>> Store::find_authorisation_by_corp(std::string suite_id,
                                                                             std::string corp_id) {
    return parts_->one<AuthorisationRow>("WHERE t.suite_id=? AND t.corp_id=?", values(suite_id, corp_id));
}
awaitable<std::optional<AuthorisationRow>> Store::find_authorisation_by_code(std::string suite_id,
                                                                             std::string auth_code) {
    return parts_->one<AuthorisationRow>(
        "WHERE t.suite_id=? AND t.auth_code=? ORDER BY t.created_at DESC LIMIT 1",
        values(suite_id, auth_code));
}
awaitable<std::optional<SuiteTicketRow>> Store::find_suite_ticket(std::string suite_id) {
    return parts_->one<SuiteTicketRow>("WHERE t.suite_id=?", values(suite_id));
}
awaitable<std::optional<MemberRow>> Store::find_member(TenantId tenant, std::string user_id) {
    return parts_->one<MemberRow>("WHERE t.tenant_id=? AND t.user_id=?", values(tenant, user_id));
}
awaitable<std::vector<MemberRow>> Store::members(TenantId tenant) {
    return parts_->many<MemberRow>("WHERE t.tenant_id=? ORDER BY t.created_at, t.id", values(tenant));
}
awaitable<std::optional<SessionRow>> Store::find_session(std::string token_hash) {
    return parts_->one<SessionRow>("WHERE t.token_hash=?", values(token_hash));
}
awaitable<std::optional<ApiKeyRow>> Store::find_api_key(std::string key_hash) {
    return parts_->one<ApiKeyRow>("WHERE t.key_hash=?", values(key_hash));
}
awaitable<std::vector<OutboxRow>> Store::outbox_of(std::string ref_id) {
    return parts_->many<OutboxRow>("WHERE t.ref_id=? ORDER BY t.id", values(ref_id));
}
awaitable<std::vector<PersonTaskRow>> Store::open_person_tasks(std::size_t limit) {
    return parts_->many<PersonTaskRow>("WHERE t.done_at IS NULL ORDER BY t.created_at, t.id LIMIT ?",
                                       values(static_cast<std::int64_t>(limit)));
}

awaitable<Store::Counts> Store::counts() {
    return parts_->read<Counts>([](sql::Connection& db, Counts& counts) {
        in_snapshot(db, [&] {
            const auto count = [&](std::string_view what, std::int64_t& out) {
                db.query("SELECT COUNT(*) FROM " + std::string(what), {},
                         [&](std::span<const sql::Value> row) { out = as_int(row[0]); });
            };
            count("inbox", counts.inbox);
            count("inbox WHERE processed_at IS NOT NULL", counts.inbox_processed);
            count("charge WHERE state='COLLECTED'", counts.charges_collected);
            count("outbox WHERE done_at IS NULL", counts.outbox_pending);
            count("quarantine", counts.quarantine);
        });
    });
}

}  // namespace wefee::storage
