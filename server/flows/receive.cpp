#include "server/flows/receive.hpp"

#include "io/crypto.hpp"
#include "io/log.hpp"
#include "server/app.hpp"
#include "server/workers/workers.hpp"
#include "wecom/callback.hpp"

namespace wefee::server {
namespace {

io::awaitable<void> keep_refused(App& app, const io::Request& request, std::string_view reason) {
    io::log(io::Level::warning, "callback_refused",
            {{"path", request.path},
             {"reason", reason},
             {"peer", request.peer},
             {"request_id", request.request_id}});
    const auto size = static_cast<std::size_t>(app.rules.quarantine_bytes);
    co_await app.store.quarantine({std::string{request.path}, std::string{reason}, request.peer,
                                   std::string{request.body.substr(0, size)}, app.clock.now()});
}

/// True when the row is durable; false when nothing may be acknowledged.
io::awaitable<bool> keep(App& app, storage::InboxRow row) {
    try {
        co_await app.store.receive(std::move(row));
        app.workers->wake();
        co_return true;
    } catch (const std::exception& error) {
        io::log(io::Level::error, "inbox_unavailable", {{"reason", error.what()}});
        co_return false;
    }
}

storage::InboxRow inbox_row(std::string source, std::string dedup_key, std::string_view raw,
                            std::string evidence, Instant now) {
    storage::InboxRow row;
    row.source = std::move(source);
    row.dedup_key = std::move(dedup_key);
    row.raw = raw;
    row.raw_sha256 = io::sha256_hex(raw);
    row.evidence = std::move(evidence);
    row.received_at = now;
    return row;
}

}  // namespace

io::awaitable<io::Response> receive_notification(App& app, payment::NotificationDoor& door,
                                                 const io::Request& request) {
    const auto now = app.clock.now();
    auto verdict = door.verify(request, now);
    if (const auto* refusal = std::get_if<payment::Refusal>(&verdict); refusal && refusal->try_newer_keys)
        if (co_await door.refresh_keys()) verdict = door.verify(request, now);
    if (const auto* refusal = std::get_if<payment::Refusal>(&verdict)) {
        const int status = refusal->status;
        co_await keep_refused(app, request, refusal->reason);
        co_return door.failure(status);
    }
    auto& receipt = std::get<payment::Receipt>(verdict);
    auto row = inbox_row(std::move(receipt.source), std::move(receipt.dedup_key), request.body,
                         std::move(receipt.evidence), now);
    co_return co_await keep(app, std::move(row)) ? door.success() : door.failure(503);
}

io::awaitable<io::Response> receive_wecom(App& app, const wecom::Door& door, const io::Request& request) {
    auto verdict = door.verify_post(request.query, request.body);
    if (const auto* refusal = std::get_if<wecom::Refusal>(&verdict)) {
        const int status = refusal->status;
        co_await keep_refused(app, request, refusal->reason);
        co_return door.failure(status);
    }
    auto& event = std::get<wecom::Event>(verdict);
    auto row =
        inbox_row(std::move(event.source), std::move(event.dedup_key), event.plaintext, {}, app.clock.now());
    co_return co_await keep(app, std::move(row)) ? door.success() : door.failure(503);
}

io::Response answer_wecom_check(const wecom::Door& door, const io::Request& request) {
    const auto answer = door.verify_get(request.query);
    if (const auto* refusal = std::get_if<wecom::Refusal>(&answer)) return door.failure(refusal->status);
    io::Response response;
    response.content_type = "text/plain";
    response.body = std::get<std::string>(answer);
    return response;
}

}  // namespace wefee::server
