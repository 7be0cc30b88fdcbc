// Columns of who is known: tenants, their authorisation, members, sessions, keys.
#pragma once

#include "storage/tables/column.hpp"

namespace wefee::storage {

// clang-format off: columns read better packed
template <>
struct Table<TenantRow> {
    using Row = TenantRow;
    static constexpr std::string_view name = "tenant";
    static constexpr std::tuple columns{
        key("id", &Row::id), saved("corp_id", &Row::corp_id), saved("name", &Row::name),
        saved("anchor_day", &Row::anchor_day), saved("deduction_day", &Row::deduction_day),
        saved("deductions_paused", &Row::deductions_paused), fixed("created_at", &Row::created_at),
        version("version", &Row::version)};
};

template <>
struct Table<AuthorisationRow> {
    using Row = AuthorisationRow;
    static constexpr std::string_view name = "authorisation";
    static constexpr std::string_view entity = "authorisation";
    static constexpr std::tuple columns{
        key("id", &Row::id), saved("tenant_id", &Row::tenant_id), fixed("suite_id", &Row::suite_id),
        or_null(saved("corp_id", &Row::corp_id)), saved("state", &Row::state),
        saved("state_seq", &Row::state_seq), saved("audit_head", &Row::audit_head),
        saved("auth_code", &Row::auth_code), saved("code_deadline", &Row::code_deadline),
        saved("permanent_code", &Row::permanent_code), saved("agent_id", &Row::agent_id),
        saved("installer_user_id", &Row::installer_user_id), saved("last_event_at", &Row::last_event_at),
        fixed("created_at", &Row::created_at), version("version", &Row::version)};
};

template <>
struct Table<SuiteTicketRow> {
    using Row = SuiteTicketRow;
    static constexpr std::string_view name = "suite_ticket";
    static constexpr std::tuple columns{
        key("suite_id", &Row::suite_id), fixed("ticket", &Row::ticket), fixed("at", &Row::at)};
};

template <>
struct Table<MemberRow> {
    using Row = MemberRow;
    static constexpr std::string_view name = "member";
    static constexpr std::tuple columns{
        key("id", &Row::id), fixed("tenant_id", &Row::tenant_id), fixed("user_id", &Row::user_id),
        saved("role", &Row::role), saved("active", &Row::active), fixed("created_at", &Row::created_at),
        version("version", &Row::version)};
};

template <>
struct Table<SessionRow> {
    using Row = SessionRow;
    static constexpr std::string_view name = "session";
    static constexpr std::tuple columns{
        key("token_hash", &Row::token_hash), fixed("tenant_id", &Row::tenant_id),
        fixed("member_id", &Row::member_id), fixed("role", &Row::role), fixed("openid", &Row::openid),
        fixed("created_at", &Row::created_at), fixed("last_seen_at", &Row::last_seen_at),
        fixed("expires_at", &Row::expires_at)};
};

template <>
struct Table<ApiKeyRow> {
    using Row = ApiKeyRow;
    static constexpr std::string_view name = "api_key";
    static constexpr std::tuple columns{
        key("key_hash", &Row::key_hash), fixed("name", &Row::name), fixed("scope", &Row::scope),
        fixed("role", &Row::role), fixed("tenant_id", &Row::tenant_id),
        fixed("created_at", &Row::created_at), fixed("revoked_at", &Row::revoked_at)};
};
// clang-format on

}  // namespace wefee::storage
