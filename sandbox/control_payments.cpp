// Control calls that play the payer: sign and end mandates, pay, and the flood of notifications.
#include "sandbox/control_outcome.hpp"
#include "sandbox/json_fields.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;

json mandate_json(const Mandate& mandate) {
    json object{{"provider", mandate.provider},
                {"our_number", mandate.our_number},
                {"contract_id", mandate.contract_id},
                {"plan_id", mandate.plan_id},
                {"user", mandate.user},
                {"state", mandate.state}};
    if (mandate.signed_at) put_instant(object, "signed_at", *mandate.signed_at);
    if (mandate.ended_at) put_instant(object, "ended_at", *mandate.ended_at);
    if (mandate.next_day) object["next_deduct_day"] = format_day(*mandate.next_day);
    object["notices"] = json::array();
    for (const auto& notice : mandate.notices)
        object["notices"].push_back({{"day", format_day(civil_day(notice.at))},
                                     {"amount_fen", notice.amount_fen},
                                     {"open_from", format_day(notice.open_from)},
                                     {"open_to", format_day(notice.open_to)},
                                     {"used", notice.used}});
    return object;
}

bool is_alipay_link(std::string_view link) {
    return link.starts_with("alipays://") || link.find("/gateway.do") != std::string_view::npos;
}

std::string needed_text(const json& body, const char* name) {
    auto text = text_at(body, name);
    if (text.empty()) throw ControlError(400, std::string(name) + " is missing");
    return text;
}

json flood_json(const Flood& flood) {
    return {{"running", flood.running()},
            {"wanted", flood.wanted()},
            {"accepted", flood.accepted_numbers().size()},
            {"sends", flood.sends()},
            {"failed_sends", flood.failed_sends()},
            {"given_up", flood.given_up()},
            {"accepted_ids", flood.accepted_ids()},
            {"accepted_numbers", flood.accepted_numbers()}};
}

}  // namespace

Control::Outcome Control::sign_mandate(const Json& body, const std::string&) {
    const auto user = needed_text(body, "user");
    if (const auto link = text_at(body, "link"); !link.empty())
        return {.json = mandate_json(is_alipay_link(link) ? alipay_.sign_mandate(user, link)
                                                          : wechat_.sign_mandate(user, link))};
    if (body.contains("extra_data"))
        return {.json = mandate_json(wechat_.sign_mandate(user, body["extra_data"].dump()))};
    const auto number = needed_text(body, "our_number");
    if (auto* mandate = world_.books.find_mandate("wechat", number))
        return {.json = mandate_json(wechat_.sign_opened(user, *mandate))};
    if (auto* mandate = world_.books.find_mandate("alipay", number))
        return {.json = mandate_json(alipay_.sign_opened(user, *mandate))};
    throw ControlError(404, "no signing page was opened for this number");
}

Control::Outcome Control::end_mandate(const Json& body, const std::string&) {
    auto* mandate = world_.books.find_contract(text_at(body, "contract_id"));
    for (const auto* provider : {"wechat", "alipay"})
        if (!mandate) mandate = world_.books.find_mandate(provider, text_at(body, "our_number"));
    if (!mandate) throw ControlError(404, "no such mandate");
    if (mandate->state != "ACTIVE") throw ControlError(409, "the mandate is not active");
    if (mandate->provider == "wechat") {
        wechat_.end_mandate(*mandate, static_cast<int>(number_at(body, "mode", 2)), "");
    } else {
        alipay_.end_mandate(*mandate, true, "");
    }
    return {.json = mandate_json(*mandate)};
}

Control::Outcome Control::list_mandates(const Json&, const std::string&) {
    auto mandates = Json::array();
    for (const auto* mandate : world_.books.mandates()) mandates.push_back(mandate_json(*mandate));
    return {.json = {{"mandates", mandates}}};
}

Order& Control::order_to_pay(const Json& body) {
    if (const auto link = text_at(body, "page_url"); !link.empty()) return alipay_.open_page(link);
    if (const auto number = text_at(body, "out_trade_no"); !number.empty()) {
        auto* order = world_.books.find_order(needed_text(body, "provider"), number);
        if (!order) throw ControlError(404, "no such order");
        return *order;
    }
    const auto prepay_id = text_at(body, "prepay_id");
    auto* order = world_.books.find_by_handle(prepay_id.empty() ? text_at(body, "qr_code") : prepay_id);
    if (!order)
        throw ControlError(404,
                           "nothing behind this qr_code or prepay_id (a newer one replaces an older one)");
    if (order->provider == "wechat") wechat_.check_open(*order);
    if (body.contains("client_params"))
        wechat_.check_client_params(
            body["client_params"].is_string() ? text_at(body, "client_params") : body["client_params"].dump(),
            prepay_id);
    return *order;
}

Control::Outcome Control::pay(const Json& body, const std::string&) {
    const auto user = needed_text(body, "user");
    auto& order = order_to_pay(body);
    const auto confirm = [this, user, &order] {
        return order.provider == "wechat" ? wechat_.pay(order, user) : alipay_.pay(order, user);
    };
    Outcome outcome{.json = {{"provider", order.provider}, {"out_trade_no", order.out_trade_no}}};
    if (const auto wait = number_at(body, "after_seconds"); wait > 0) {
        // Whether it can still be paid then is between the order and the wallet.
        world_.agenda.call_at(world_.now() + std::chrono::seconds{wait}, [confirm, &order] {
            try {
                confirm();
            } catch (const Refused& refused) {
                order.cause = refused.what();
            }
        });
    } else if (const auto failure = confirm(); !failure.empty()) {
        outcome.status = 409;
        outcome.json["error"] = "the wallet refuses";
        outcome.json["code"] = failure;
    }
    outcome.json["state"] = order.state;
    if (!order.transaction_id.empty()) outcome.json["transaction_id"] = order.transaction_id;
    return outcome;
}

Control::Outcome Control::start_flood(const Json& body, const std::string&) {
    FloodOrder order;
    for (const auto& payment : body.value("payments", Json::array()))
        order.payments.push_back({payment.value("provider", "wechat"), needed_text(payment, "out_trade_no"),
                                  number_at(payment, "amount_fen", 1)});
    const auto prefix = body.value("prefix", "FLOOD");
    for (std::int64_t i = 1; i <= number_at(body, "count"); ++i) {
        const auto digits = std::to_string(100'000'000 + i);
        order.payments.push_back({body.value("provider", "wechat"), prefix + digits.substr(1),
                                  number_at(body, "amount_fen", 100)});
    }
    order.url = text_at(body, "url");
    order.repeats = static_cast<int>(number_at(body, "repeats", 0));
    order.concurrency = static_cast<int>(number_at(body, "concurrency", 16));
    order.tries = static_cast<int>(number_at(body, "tries", 50));
    order.retry = std::chrono::milliseconds{number_at(body, "retry_ms", 100)};
    order.seed = static_cast<std::uint64_t>(number_at(body, "seed", 1));
    flood_.start(order);
    return {.finish = [this](Json& json) { json = flood_json(flood_); }};
}

Control::Outcome Control::show_flood(const Json&, const std::string&) { return {.json = flood_json(flood_)}; }

}  // namespace wefee::sandbox
