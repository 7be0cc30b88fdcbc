// A notification or callback comes in: verify raw bytes, inbox, commit, answer. Nothing is acknowledged
// before the commit; what is refused leaves only a capped quarantine row.
#pragma once

#include "io/async.hpp"
#include "io/http.hpp"
#include "payment/notification.hpp"

namespace wefee::wecom {
class Door;
}

namespace wefee::server {

struct App;

io::awaitable<io::Response> receive_notification(App& app, payment::NotificationDoor& door,
                                                 const io::Request& request);
io::awaitable<io::Response> receive_wecom(App& app, const wecom::Door& door, const io::Request& request);
/// The GET check of a saved callback address: stateless.
io::Response answer_wecom_check(const wecom::Door& door, const io::Request& request);

}  // namespace wefee::server
