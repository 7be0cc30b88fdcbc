// From an outbox row to the notice that a member reads: loads what the row is about and asks billing for the
// words.
#pragma once

#include <optional>

#include "billing/notice.hpp"
#include "io/async.hpp"
#include "storage/store.hpp"
#include "wecom/messages.hpp"

namespace wefee::server {

struct App;

struct NoticeMatter {
    storage::TenantRow tenant;
    std::optional<storage::ChargeView> charge;  // of charge notices
    Notice notice;
    std::vector<std::string> receivers = {};  // roles or user ids; none: those who answer for fees
};

/// nullopt when the matter is over and nothing should be said any more.
io::awaitable<std::optional<NoticeMatter>> notice_matter(App& app, storage::OutboxRow row);

/// WeCom's card of a notice.
wecom::Card card_of(const Notice& notice, const std::string& task_id);

}  // namespace wefee::server
