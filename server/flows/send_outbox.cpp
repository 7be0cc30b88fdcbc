#include "server/flows/send_outbox.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "io/log.hpp"
#include "server/app.hpp"
#include "server/flows/charge.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"
#include "server/flows/notice_text.hpp"
#include "wecom/client.hpp"

namespace wefee::server {
namespace {

/// Who is asked, one after the other, until a card was delivered.
constexpr std::array<std::string_view, 2> audiences{"billing_admin", "finance"};
constexpr std::int64_t tries_max = 12;
/// A row that ended without delivery keeps done_at empty (a reminder that was not delivered opens nothing)
/// and is never due again.
constexpr auto never = std::chrono::days{365 * 60};

Instant next_try(Instant now, std::int64_t tries) {
    const auto wait = std::min<std::int64_t>(60, std::int64_t{1} << std::min<std::int64_t>(tries, 6));
    return now + std::chrono::minutes{wait};
}

std::vector<std::string> users_with_role(const std::vector<storage::MemberRow>& members,
                                         std::string_view role) {
    std::vector<std::string> users;
    for (const auto& member : members)
        if (member.active && member.role == role) users.push_back(member.user_id);
    return users;
}

/// Roles stand for all who have them.
std::vector<std::string> chosen_users(const std::vector<storage::MemberRow>& members,
                                      const std::vector<std::string>& receivers) {
    std::vector<std::string> users;
    for (const auto& member : members)
        if (member.active &&
            (std::ranges::count(receivers, member.role) + std::ranges::count(receivers, member.user_id)) > 0)
            users.push_back(member.user_id);
    return users;
}

struct Delivery {
    enum class Kind { delivered, undeliverable, later } kind = Kind::later;
    std::string reason;
    wecom::SendResult result;
};

/// May another try reach somebody, or is this audience out of reach?
bool out_of_reach(wecom::ErrorClass error_class) {
    using enum wecom::ErrorClass;
    return error_class == data || error_class == licence || error_class == reauth;
}

wecom::RenderOptions render_options(const App& app) {
    wecom::RenderOptions options;
    options.public_url = app.rules.public_url;
    options.source_name = app.rules.notice.source_name;
    options.open_in_miniprogram = app.rules.notice.open_in == "miniprogram";
    options.miniprogram_appid = app.rules.miniprogram_appid;
    return options;
}

/// To those whom the tenant chose for this matter, and nobody else.
io::awaitable<Delivery> deliver_chosen(App& app, const NoticeMatter& matter, const wecom::Card& card,
                                       std::vector<std::string> users) {
    if (users.empty())
        co_return Delivery{Delivery::Kind::undeliverable, "none of the chosen receivers is a member", {}};
    auto sent = co_await app.wecom->send_message(matter.tenant.corp_id, users,
                                                 wecom::render_template_card(card, render_options(app)));
    if (sent && !sent->delivered.empty()) co_return Delivery{Delivery::Kind::delivered, "", std::move(*sent)};
    if (!sent && !out_of_reach(sent.error().error_class))
        co_return Delivery{Delivery::Kind::later, sent.error().code, {}};
    co_return Delivery{
        Delivery::Kind::undeliverable, sent ? "no receiver could be reached" : sent.error().code, {}};
}

io::awaitable<Delivery> deliver(App& app, const storage::OutboxRow& row, const NoticeMatter& matter) {
    const auto members = co_await app.store.members(matter.tenant.id);
    const auto card = card_of(matter.notice, wecom::task_id(row.kind + "_" + row.dedup_key, 1));
    if (!matter.receivers.empty())
        co_return co_await deliver_chosen(app, matter, card, chosen_users(members, matter.receivers));
    Delivery delivery{Delivery::Kind::undeliverable, "nobody has a role", {}};
    for (const auto role : audiences) {
        const auto users = users_with_role(members, role);
        if (users.empty()) continue;
        auto sent = co_await app.wecom->send_message(matter.tenant.corp_id, users,
                                                     wecom::render_template_card(card, render_options(app)));
        if (sent && !sent->delivered.empty() && role == audiences.front())
            co_return Delivery{Delivery::Kind::delivered, "", std::move(*sent)};
        if (!sent && !out_of_reach(sent.error().error_class))
            co_return Delivery{Delivery::Kind::later, sent.error().code, {}};
        delivery.reason = sent ? "no billing administrator could be reached" : sent.error().code;
    }
    co_return delivery;
}

std::string delivered_json(const wecom::SendResult& result) {
    return nlohmann::json{{"result", "delivered"},
                          {"recipients", result.delivered},
                          {"msgid", result.msgid},
                          {"response_code", result.response_code}}
        .dump();
}
std::string ended_json(std::string_view result, std::string_view reason) {
    return nlohmann::json{{"result", result}, {"reason", reason}}.dump();
}

storage::OutboxOutcome outcome_of(const storage::OutboxRow& row) {
    storage::OutboxOutcome outcome;
    outcome.id = row.id;
    outcome.fence = row.fence;
    return outcome;
}

/// Ends the row in one transaction with what the delivery, or its failure, does to the charge.
io::awaitable<void> finish(App& app, const storage::OutboxRow& row, const Delivery& delivery) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        Unit unit{"outbox:" + std::to_string(row.id) + ":" + std::to_string(row.fence), app.clock.now(),
                  "system"};
        auto outcome = outcome_of(row);
        const bool delivered = delivery.kind == Delivery::Kind::delivered;
        if (delivered) {
            outcome.done_at = unit.at();
            outcome.result = delivered_json(delivery.result);
        } else {
            outcome.next_at = unit.at() + never;
            outcome.result = ended_json("undeliverable", delivery.reason);
        }
        if (row.kind == notice::fee_reminder)
            if (auto view = co_await app.store.load_charge(ChargeId{row.ref_id})) {
                if (delivered)
                    notice_delivered(unit, view->charge, unit.at());
                else
                    notice_undeliverable(unit, view->charge);
            }
        unit.changes().outbox_done.push_back(std::move(outcome));
        co_return unit;
    });
}

io::awaitable<void> end_quietly(App& app, const storage::OutboxRow& row, std::string_view result) {
    Unit unit{"outbox:" + std::to_string(row.id) + ":" + std::to_string(row.fence), app.clock.now(),
              "system"};
    auto outcome = outcome_of(row);
    outcome.next_at = unit.at() + never;
    outcome.result = ended_json(result, "");
    unit.changes().outbox_done.push_back(std::move(outcome));
    co_await app.store.commit(unit.take());
}

io::awaitable<void> try_later(App& app, const storage::OutboxRow& row, std::string reason) {
    io::log(io::Level::warning, "notice_delayed",
            {{"kind", row.kind}, {"ref", row.ref_id}, {"reason", reason}});
    Unit unit{"outbox:" + std::to_string(row.id) + ":" + std::to_string(row.fence), app.clock.now(),
              "system"};
    auto outcome = outcome_of(row);
    outcome.next_at = next_try(unit.at(), row.tries);
    outcome.result = ended_json("delayed", reason);
    unit.changes().outbox_done.push_back(std::move(outcome));
    co_await app.store.commit(unit.take());
}

io::awaitable<void> send(App& app, const storage::OutboxRow& row) {
    if (row.expires_at && app.clock.now() >= *row.expires_at) {
        if (row.kind != notice::fee_reminder) co_return co_await end_quietly(app, row, "expired");
        co_return co_await finish(app, row, {Delivery::Kind::undeliverable, "expired", {}});
    }
    const auto matter = co_await notice_matter(app, row);
    if (!matter) co_return co_await end_quietly(app, row, "obsolete");
    auto delivery = co_await deliver(app, row, *matter);
    if (delivery.kind == Delivery::Kind::later && row.tries < tries_max)
        co_return co_await try_later(app, row, delivery.reason);
    co_await finish(app, row, delivery);
}

}  // namespace

io::awaitable<void> send_outbox(App& app, storage::OutboxRow row) {
    std::string failure;
    try {
        co_await send(app, row);
        co_return;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    try {
        co_await try_later(app, row, failure);
    } catch (const std::exception& error) {
        io::log(io::Level::error, "outbox_row_failed", {{"id", row.id}, {"reason", error.what()}});
    }
}

}  // namespace wefee::server
