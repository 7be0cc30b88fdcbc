// Buttons on cards may only make money stop or be looked at: hold this deduction.
#pragma once

#include "io/async.hpp"
#include "wecom/events.hpp"

namespace wefee::server {

struct App;

/// First click wins; the clicker must still be an active member of that tenant. Unknown keys change nothing.
io::awaitable<void> card_clicked(App& app, std::int64_t inbox_id, wecom::CardClicked fact);

}  // namespace wefee::server
