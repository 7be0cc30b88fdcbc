// Routes of the control interface, and those about time, users, faults and keys.
#include "sandbox/control.hpp"

#include <array>

#include "sandbox/control_outcome.hpp"
#include "sandbox/json_fields.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;

io::Response json_response(int status, const json& body) {
    return {.status = status,
            .content_type = "application/json",
            .body = body.dump(-1, ' ', false, json::error_handler_t::replace),
            .headers = {}};
}

/// The moment that a clock call names: "to", "to_ms" or "advance_seconds".
Instant wanted_moment(const json& body, Instant now) {
    if (body.contains("to_ms")) return from_millis(number_at(body, "to_ms"));
    if (body.contains("advance_seconds"))
        return now + std::chrono::seconds{number_at(body, "advance_seconds", -1)};
    const auto moment = parse_instant(text_at(body, "to"));
    if (!moment) throw ControlError(400, "to, to_ms or advance_seconds");
    return *moment;
}

bool matches(std::string_view pattern, std::string_view path, std::string& id) {
    const auto open = pattern.find("{id}");
    if (open == std::string_view::npos) return pattern == path;
    const auto tail = pattern.substr(open + 4);
    if (!path.starts_with(pattern.substr(0, open)) || !path.ends_with(tail) ||
        path.size() <= open + tail.size())
        return false;
    const auto middle = path.substr(open, path.size() - open - tail.size());
    if (middle.find('/') != std::string_view::npos) return false;
    id = std::string(middle);
    return true;
}

}  // namespace

const Control::Route* Control::find_route(const io::Request& request, std::string& id) {
    static constexpr std::array routes{
        Route{"GET", "/sandbox/clock", &Control::clock},
        Route{"POST", "/sandbox/clock", &Control::clock},
        Route{"POST", "/sandbox/settle", &Control::settle},
        Route{"GET", "/sandbox/users", &Control::list_users},
        Route{"POST", "/sandbox/users", &Control::put_user},
        Route{"GET", "/sandbox/faults", &Control::list_faults},
        Route{"POST", "/sandbox/faults", &Control::add_fault},
        Route{"DELETE", "/sandbox/faults", &Control::clear_faults},
        Route{"POST", "/sandbox/wechat/keys", &Control::set_keys},
        Route{"POST", "/sandbox/mandates/sign", &Control::sign_mandate},
        Route{"POST", "/sandbox/mandates/end", &Control::end_mandate},
        Route{"GET", "/sandbox/mandates", &Control::list_mandates},
        Route{"POST", "/sandbox/payments/pay", &Control::pay},
        Route{"POST", "/sandbox/deliver", &Control::start_flood},
        Route{"GET", "/sandbox/deliver", &Control::show_flood},
        Route{"POST", "/sandbox/corps", &Control::put_corp},
        Route{"POST", "/sandbox/corps/{id}/members", &Control::put_members},
        Route{"POST", "/sandbox/corps/{id}/install", &Control::install},
        Route{"POST", "/sandbox/corps/{id}/uninstall", &Control::uninstall},
        Route{"POST", "/sandbox/corps/{id}/change-auth", &Control::change_auth},
        Route{"POST", "/sandbox/corps/{id}/event", &Control::data_event},
        Route{"POST", "/sandbox/wecom/ticket", &Control::ticket},
        Route{"POST", "/sandbox/wecom/url-check", &Control::url_check},
        Route{"POST", "/sandbox/wecom/click", &Control::click},
        Route{"POST", "/sandbox/wecom/revoke-tokens", &Control::revoke_tokens},
        Route{"POST", "/sandbox/login-codes", &Control::login_code},
        Route{"GET", "/sandbox/books", &Control::books},
        Route{"GET", "/sandbox/notices", &Control::notices},
        Route{"GET", "/sandbox/notifications", &Control::notifications},
    };
    for (const auto& route : routes)
        if (route.method == request.method && matches(route.path, request.path, id)) return &route;
    return nullptr;
}

io::awaitable<io::Response> Control::handle(const io::Request& request) {
    std::string id;
    const auto* route = find_route(request, id);
    if (!route) co_return json_response(404, {{"error", "no such path or method under /sandbox/"}});
    std::string body(request.body);
    int status = 400;
    std::string text;
    std::string code;
    try {
        co_return co_await run(*route, std::move(id), std::move(body));
    } catch (const Refused& refused) {
        text = refused.what();
        code = refused.code();
    } catch (const ControlError& error) {
        status = error.status();
        text = error.what();
    } catch (const std::invalid_argument& error) {
        text = error.what();
    } catch (const Json::exception& error) {
        text = error.what();  // a member of another type than the call wants
    }
    co_return json_response(status, {{"error", text}, {"code", code}});
}

io::awaitable<io::Response> Control::run(const Route& route, std::string id, std::string body) {
    if (route.method == "POST" && route.path == "/sandbox/clock") co_await move_clock(body);
    sent_before_ = world_.courier.sent();
    const auto parsed = parse_object(body.empty() ? "{}" : body);
    if (!parsed) throw ControlError(400, "the body is no JSON object");
    if (route.path == "/sandbox/corps/{id}/install") {
        wecom_.ensure_ticket();  // and let it arrive first: without one the auth code cannot be exchanged
        co_await world_.agenda.settle();
    }
    auto outcome = (this->*route.run)(*parsed, id);
    if (route.method != "GET") co_await world_.agenda.settle();
    if (route.method == "POST" && route.path == "/sandbox/deliver" && parsed->value("wait", true))
        co_await flood_.wait();
    if (outcome.delivery)
        outcome.json["delivery"] = {{"status", outcome.delivery->last_status},
                                    {"body", outcome.delivery->last_body},
                                    {"accepted", outcome.delivery->state == "accepted"}};
    if (outcome.finish) outcome.finish(outcome.json);
    co_return json_response(outcome.status, outcome.json);
}

io::awaitable<void> Control::move_clock(std::string body) {
    const auto parsed = parse_object(body);
    if (!parsed) throw ControlError(400, "the body is no JSON object");
    const auto to = wanted_moment(*parsed, world_.now());
    if (to < world_.now()) throw ControlError(400, "the clock never goes backwards");
    co_await world_.agenda.advance(to);
    wecom_.keep_ticket_fresh();
}

Control::Outcome Control::clock(const Json&, const std::string&) {
    return {.finish = [this](Json& json) {
        put_instant(json, "now", world_.now());
        json["running"] = world_.clock.running();
        if (const auto due = world_.agenda.next_due()) put_instant(json, "next_due", *due);
    }};
}

Control::Outcome Control::settle(const Json&, const std::string&) {
    return {.finish = [this](Json& json) { json["sent"] = world_.courier.sent() - sent_before_; }};
}

namespace {

json user_json(const User& user) {
    return {{"user", user.name},
            {"openid", user.openid},
            {"alipay_user_id", user.alipay_user_id},
            {"wechat_balance_fen", user.wechat_fen},
            {"alipay_balance_fen", user.alipay_fen},
            {"wechat_cause", user.wechat_cause},
            {"alipay_cause", user.alipay_cause}};
}

}  // namespace

Control::Outcome Control::put_user(const Json& body, const std::string&) {
    const auto name = text_at(body, "user");
    if (name.empty()) throw ControlError(400, "user");
    auto& user = world_.books.user(name);
    user.wechat_fen = number_at(body, "wechat_balance_fen", user.wechat_fen);
    user.alipay_fen = number_at(body, "alipay_balance_fen", user.alipay_fen);
    user.wechat_cause = body.value("wechat_cause", user.wechat_cause);
    user.alipay_cause = body.value("alipay_cause", user.alipay_cause);
    return {.json = user_json(user)};
}

Control::Outcome Control::list_users(const Json&, const std::string&) {
    auto users = Json::array();
    for (const auto& [name, user] : world_.books.users()) users.push_back(user_json(user));
    return {.json = {{"users", users}}};
}

Control::Outcome Control::add_fault(const Json& body, const std::string&) {
    Fault fault;
    const auto on = text_at(body, "on");
    if (on != "call" && on != "notification") throw ControlError(400, "on: call or notification");
    fault.on_call = on == "call";
    fault.provider = body.value("provider", "*");
    fault.subject = body.value(fault.on_call ? "path" : "event", "*");
    fault.kind = text_at(body, "kind");
    fault.times = static_cast<int>(number_at(body, "times", 1));
    fault.percent = static_cast<int>(number_at(body, "percent", 100));
    fault.seconds = static_cast<int>(number_at(body, "seconds", 1));
    fault.status = static_cast<int>(number_at(body, "status", 502));
    fault.copies = static_cast<int>(number_at(body, "copies", 2));
    if (body.contains("seed")) world_.faults.seed(static_cast<std::uint64_t>(number_at(body, "seed")));
    return {.json = {{"id", world_.faults.add(std::move(fault))}}};
}

Control::Outcome Control::list_faults(const Json&, const std::string&) {
    auto faults = Json::array();
    for (const auto& fault : world_.faults.all())
        faults.push_back({{"id", fault.id},
                          {"on", fault.on_call ? "call" : "notification"},
                          {"provider", fault.provider},
                          {fault.on_call ? "path" : "event", fault.subject},
                          {"kind", fault.kind},
                          {"times", fault.times},
                          {"fired", fault.fired}});
    return {.json = {{"faults", faults}}};
}

Control::Outcome Control::clear_faults(const Json&, const std::string&) {
    world_.faults.clear();
    return {};
}

Control::Outcome Control::set_keys(const Json& body, const std::string&) {
    if (!wechat_.set_keys(text_at(body, "mode"), static_cast<int>(number_at(body, "percent", 50)),
                          static_cast<int>(number_at(body, "rotate_percent", 0))))
        throw ControlError(400, "mode: certificate, grey or public_key");
    return {};
}

}  // namespace wefee::sandbox
