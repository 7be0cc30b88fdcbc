// From the outbox row of a crossed threshold to the notice that members read.
#pragma once

#include "server/flows/notice_text.hpp"

namespace wefee::server {

/// nullopt when a higher threshold was crossed since, or the budget is watched no more.
io::awaitable<std::optional<NoticeMatter>> budget_matter(App& app, storage::OutboxRow row);

}  // namespace wefee::server
