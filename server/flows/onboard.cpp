#include "server/flows/onboard.hpp"

#include <algorithm>

#include "billing/machines/authorisation.hpp"
#include "io/log.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"
#include "wecom/client.hpp"

namespace wefee::server {
namespace {

constexpr auto code_life = std::chrono::minutes{10};
constexpr auto corp_reading = std::chrono::hours{24};

std::string inbox_op(std::int64_t inbox_id) { return "inbox:" + std::to_string(inbox_id); }

storage::TenantRow new_tenant(const std::string& corp_id, const std::string& name, Instant now) {
    storage::TenantRow tenant;
    tenant.id = new_id<TenantId>("ten_");
    tenant.corp_id = corp_id;
    tenant.name = name;
    tenant.created_at = now;
    return tenant;
}

/// Gives the authorisation its corp: a known tenant's, or a new one made in the same unit.
io::awaitable<void> settle_tenant(App& app, Unit& unit, storage::AuthorisationRow& row,
                                  std::string corp_name) {
    if (auto tenant = co_await app.store.find_tenant_by_corp(row.corp_id)) {
        row.tenant_id = tenant->id;
        if (tenant->name == corp_name || corp_name.empty()) co_return;
        tenant->name = corp_name;
        unit.save(*tenant);
        co_return;
    }
    auto tenant = new_tenant(row.corp_id, corp_name, unit.at());
    row.tenant_id = tenant.id;
    unit.insert(std::move(tenant));
}

/// The row that keeps this corp's authorisation: an older one of the same corp takes the new code over.
io::awaitable<std::optional<Unit>> exchanged(App& app, std::string authorisation_id,
                                             const wecom::Installed& installed) {
    auto row = co_await app.store.find_authorisation(authorisation_id);
    if (!row || row->state == "CANCELLED") co_return std::nullopt;
    Unit unit{"exchange:" + row->id + ":" + io::sha256_hex(row->auth_code).substr(0, 16), app.clock.now(),
              "provider:wecom"};
    auto known = co_await app.store.find_authorisation_by_corp(row->suite_id, installed.corp_id);
    if (known && known->id != row->id) {
        // Installed again: the corp keeps its row, the one made for the new code is closed.
        unit.move<AuthorisationState>(*row, AuthorisationEvent::exchange_failed);
        row->auth_code.clear();
        unit.save(*row);
        if (known->state == "CANCELLED")
            unit.move<AuthorisationState>(*known, AuthorisationEvent::installed);
        else
            unit.move<AuthorisationState>(*known, AuthorisationEvent::exchanged);
        row = known;
    } else {
        row->corp_id = installed.corp_id;
        unit.move<AuthorisationState>(*row, AuthorisationEvent::exchanged);
    }
    row->permanent_code = installed.permanent_code;
    row->installer_user_id = installed.installer.user_id;
    row->auth_code.clear();
    row->code_deadline.reset();
    co_await settle_tenant(app, unit, *row, installed.corp_name);
    unit.schedule(task::read_corp, row->id, row->tenant_id, unit.at());
    unit.save(*row);
    co_return unit;
}

io::awaitable<void> give_up_code(App& app, std::string authorisation_id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_authorisation(authorisation_id);
        if (!row) co_return std::nullopt;
        Unit unit{"code_lost:" + row->id, app.clock.now(), "system"};
        if (!unit.try_move<AuthorisationState>(*row, AuthorisationEvent::exchange_failed))
            co_return std::nullopt;
        unit.person_task("install_again", row->id, row->tenant_id,
                         "The install code was used or expired; the company must install the app again.");
        unit.save(*row);
        co_return unit;
    });
}

void set_members(Unit& unit, const TenantId& tenant, const std::vector<storage::MemberRow>& known,
                 const std::vector<std::string>& admins) {
    for (const auto& user_id : admins) {
        const auto member = std::ranges::find(known, user_id, &storage::MemberRow::user_id);
        if (member == known.end()) {
            unit.insert(storage::MemberRow{new_id<MemberId>("mem_"), tenant, user_id, "billing_admin", true,
                                           unit.at(), 1});
        } else if (!member->active) {
            auto row = *member;
            row.active = true;
            unit.save(row);
        }
    }
    for (const auto& member : known)
        if (member.active && member.role == "billing_admin" &&
            std::ranges::count(admins, member.user_id) == 0) {
            auto row = member;
            row.active = false;
            unit.save(row);
        }
}

/// Admins that manage the app; under member authorisation there is no list, then the installer.
io::awaitable<std::vector<std::string>> billing_admins(App& app, std::string corp_id, std::string installer) {
    const auto listed = co_await app.wecom->admins(corp_id);
    if (!listed) throw Error(Errc::provider_failed, "agent/get_admin_list: " + listed.error().code);
    std::vector<std::string> admins;
    for (const auto& admin : *listed)
        if (admin.manages) admins.push_back(admin.user_id);
    if (admins.empty() && !installer.empty()) admins.push_back(installer);
    co_return admins;
}

}  // namespace

io::awaitable<void> keep_ticket(App& app, std::int64_t inbox_id, wecom::SuiteTicket fact) {
    co_await app.store.keep_suite_ticket({fact.suite_id, fact.ticket, fact.at});
    Unit unit{inbox_op(inbox_id), app.clock.now(), "provider:wecom"};
    unit.end_inbox(inbox_id, "applied");
    co_await app.store.commit(unit.take());
}

io::awaitable<void> app_authorised(App& app, std::int64_t inbox_id, wecom::AuthCreated fact) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto known = co_await app.store.find_authorisation_by_code(fact.suite_id, fact.auth_code);
        Unit unit{inbox_op(inbox_id), app.clock.now(), "provider:wecom"};
        unit.end_inbox(inbox_id, known ? "duplicate" : "applied");
        if (known) co_return unit;
        storage::AuthorisationRow row;
        row.id = new_id_text("aut_");
        row.suite_id = fact.suite_id;
        row.auth_code = fact.auth_code;
        row.code_deadline = unit.at() + code_life;
        row.last_event_at = fact.at;
        row.created_at = unit.at();
        unit.create<AuthorisationState>(row, AuthorisationEvent::code_received);
        unit.schedule(task::exchange_code, row.id, {}, unit.at());
        unit.insert(std::move(row));
        co_return unit;
    });
}

io::awaitable<void> app_cancelled(App& app, std::int64_t inbox_id, wecom::AuthCancelled fact) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_authorisation_by_corp(fact.suite_id, fact.corp_id);
        Unit unit{inbox_op(inbox_id), app.clock.now(), "provider:wecom"};
        const bool late = row && row->last_event_at && *row->last_event_at > fact.at;
        if (!row || late || !unit.try_move<AuthorisationState>(*row, AuthorisationEvent::cancelled)) {
            unit.end_inbox(inbox_id, row ? "stale" : "no_action");
            co_return unit;
        }
        row->last_event_at = fact.at;
        row->permanent_code.clear();
        unit.unschedule(task::read_corp, row->id);
        unit.person_task("app_removed", row->id, row->tenant_id,
                         "The company removed the app: notices cannot be delivered, so nothing is deducted.");
        unit.save(*row);
        unit.end_inbox(inbox_id, "applied");
        co_return unit;
    });
}

io::awaitable<void> app_changed(App& app, std::int64_t inbox_id, std::string corp_id, Instant at) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_authorisation_by_corp(app.rules.suite_id, corp_id);
        Unit unit{inbox_op(inbox_id), app.clock.now(), "provider:wecom"};
        const bool news =
            row && !row->tenant_id.empty() && (row->state == "ACTIVE" || row->state == "SUSPENDED");
        unit.end_inbox(inbox_id, news ? "applied" : "no_action");
        if (!news) co_return unit;
        row->last_event_at = std::max(row->last_event_at.value_or(at), at);
        unit.schedule(task::read_corp, row->id, row->tenant_id, unit.at());
        unit.save(*row);
        co_return unit;
    });
}

io::awaitable<void> exchange_code(App& app, storage::TaskRow task_row) {
    const auto row = co_await app.store.find_authorisation(task_row.ref_id);
    if (!row || row->auth_code.empty()) co_return;
    if (row->code_deadline && app.clock.now() >= *row->code_deadline)
        co_return co_await give_up_code(app, row->id);
    const auto installed = co_await app.wecom->exchange_auth_code(row->auth_code);
    if (!installed) {
        if (installed.error().error_class == wecom::ErrorClass::reinstall)
            co_return co_await give_up_code(app, row->id);
        throw Error(Errc::provider_failed, "get_permanent_code: " + installed.error().code);
    }
    co_await decide_and_commit(app, [&] { return exchanged(app, row->id, *installed); });
}

io::awaitable<void> read_corp(App& app, storage::TaskRow task_row) {
    const auto row = co_await app.store.find_authorisation(task_row.ref_id);
    if (!row || row->state != "ACTIVE") co_return;
    std::int64_t agent_id = row->agent_id;
    if (!app.rules.suite_id.empty()) {
        const auto info = co_await app.wecom->auth_info(row->corp_id);
        if (!info) throw Error(Errc::provider_failed, "get_auth_info: " + info.error().code);
        if (!info->agents.empty()) agent_id = info->agents.front().agent_id;
    }
    if (agent_id != row->agent_id)  // the admin list needs the agent
        co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
            auto fresh = co_await app.store.find_authorisation(row->id);
            if (!fresh || fresh->agent_id == agent_id) co_return std::nullopt;
            Unit unit{"agent:" + new_id_text(""), app.clock.now(), "system"};
            fresh->agent_id = agent_id;
            unit.save(*fresh);
            co_return unit;
        });
    const auto admins = co_await billing_admins(app, row->corp_id, row->installer_user_id);
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto known = co_await app.store.members(row->tenant_id);
        Unit unit{"members:" + new_id_text(""), app.clock.now(), "system"};
        set_members(unit, row->tenant_id, known, admins);
        unit.schedule(task::read_corp, row->id, row->tenant_id, unit.at() + corp_reading);
        co_return unit;
    });
}

io::awaitable<void> install_self_built(App& app, std::string corp_id, std::int64_t agent_id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        if (co_await app.store.find_authorisation_by_corp("", corp_id)) co_return std::nullopt;
        Unit unit{"self_built:" + corp_id, app.clock.now(), "system"};
        storage::AuthorisationRow row;
        row.id = new_id_text("aut_");
        row.corp_id = corp_id;
        row.agent_id = agent_id;
        row.created_at = unit.at();
        unit.create<AuthorisationState>(row, AuthorisationEvent::installed);
        co_await settle_tenant(app, unit, row, corp_id);
        unit.schedule(task::read_corp, row.id, row.tenant_id, unit.at());
        unit.insert(std::move(row));
        co_return unit;
    });
}

}  // namespace wefee::server
