// A company installs the app: code received, exchanged for the permanent code, tenant and members appear
// (A1).
#pragma once

#include "billing/time.hpp"
#include "io/async.hpp"
#include "server/flows/unit.hpp"
#include "storage/rows.hpp"
#include "wecom/events.hpp"

namespace wefee::server {

struct App;

/// Each applies one callback and ends its inbox row.
io::awaitable<void> app_authorised(App& app, std::int64_t inbox_id, wecom::AuthCreated fact);
io::awaitable<void> app_cancelled(App& app, std::int64_t inbox_id, wecom::AuthCancelled fact);
io::awaitable<void> app_changed(App& app, std::int64_t inbox_id, std::string corp_id, Instant at);
io::awaitable<void> keep_ticket(App& app, std::int64_t inbox_id, wecom::SuiteTicket fact);

/// Task: exchanges the code; the answer is stored before anything else is asked.
io::awaitable<void> exchange_code(App& app, storage::TaskRow task);
/// Task: admins become billing admins, members that left lose their role.
io::awaitable<void> read_corp(App& app, storage::TaskRow task);

/// At start, for a self-built app: its corp is a tenant without any callback. Idempotent.
io::awaitable<void> install_self_built(App& app, std::string corp_id, std::int64_t agent_id);

}  // namespace wefee::server
