// The books as JSON: orders, totals, refusals, notices, notifications.
#include <algorithm>

#include "sandbox/control_outcome.hpp"
#include "sandbox/json_fields.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;

/// A payer without money is no offence of the caller.
bool is_payers_fault(std::string_view reason) {
    return reason == "balance_not_enough" || reason == "wallet_refused";
}

json order_json(const Order& order) {
    auto refunds = json::array();
    for (const auto& refund : order.refunds)
        refunds.push_back({{"out_refund_no", refund.out_refund_no},
                           {"amount_fen", refund.amount_fen},
                           {"state", refund.state}});
    json object{{"provider", order.provider},
                {"mchid", order.mchid},
                {"out_trade_no", order.out_trade_no},
                {"amount_fen", order.amount_fen},
                {"state", order.state},
                {"kind", order.kind},
                {"user", order.user},
                {"contract_id", order.contract_id},
                {"transaction_id", order.transaction_id},
                {"cause", order.cause},
                {"taken_fen", order.taken_fen},
                {"refunds", refunds}};
    if (order.paid_at) put_instant(object, "paid_at", *order.paid_at);
    return object;
}

json totals_of(const std::vector<Order*>& orders, std::string_view provider) {
    std::int64_t count = 0, paid = 0, taken = 0, refunded = 0;
    for (const auto* order : orders) {
        if (order->provider != provider) continue;
        ++count;
        paid += order->taken_fen > 0 ? 1 : 0;
        taken += order->taken_fen;
        for (const auto& refund : order->refunds)
            if (refund.state == "SUCCESS") refunded += refund.amount_fen;
    }
    return {{"orders", count}, {"paid", paid}, {"taken_fen", taken}, {"refunded_fen", refunded}};
}

json refusals_json(const Books& books) {
    int count = 0;
    for (const auto& [reason, times] : books.refused_by_reason())
        if (!is_payers_fault(reason)) count += times;
    auto details = json::array();
    for (const auto& refusal : books.refusals()) {
        json object{{"provider", refusal.provider},
                    {"path", refusal.path},
                    {"reason", refusal.reason},
                    {"detail", refusal.detail}};
        put_instant(object, "at", refusal.at);
        details.push_back(std::move(object));
    }
    return {{"count", count}, {"by_reason", books.refused_by_reason()}, {"details", details}};
}

json message_json(const SentMessage& message) {
    json object{{"corpid", message.corpid},   {"agentid", message.agentid},
                {"msgtype", message.msgtype}, {"recipients", message.recipients},
                {"invalid", message.invalid}, {"unlicensed", message.unlicensed},
                {"dropped", message.dropped}, {"duplicate", message.duplicate},
                {"msgid", message.msgid},     {"message", json::parse(message.request)},
                {"updates", json::array()}};
    for (const auto& update : message.updates) object["updates"].push_back(json::parse(update));
    if (!message.task_id.empty()) object["task_id"] = message.task_id;
    if (!message.response_code.empty()) object["response_code"] = message.response_code;
    put_instant(object, "at", message.at);
    return object;
}

}  // namespace

Control::Outcome Control::books(const Json&, const std::string&) {
    auto orders = Json::array();
    for (const auto* order : world_.books.orders()) orders.push_back(order_json(*order));
    return {.json = {{"orders", orders},
                     {"totals",
                      {{"wechat", totals_of(world_.books.orders(), "wechat")},
                       {"alipay", totals_of(world_.books.orders(), "alipay")}}},
                     {"refused", refusals_json(world_.books)},
                     {"failed_checks", world_.books.failed_checks()}}};
}

Control::Outcome Control::notices(const Json&, const std::string&) {
    auto messages = Json::array();
    for (const auto& message : wecom_.messages()) messages.push_back(message_json(message));
    auto announced = Json::array();
    for (const auto* mandate : world_.books.mandates())
        for (const auto& notice : mandate->notices) {
            Json object{{"contract_id", mandate->contract_id},
                        {"our_number", mandate->our_number},
                        {"amount_fen", notice.amount_fen},
                        {"open_from", format_day(notice.open_from)},
                        {"open_to", format_day(notice.open_to)}};
            put_instant(object, "at", notice.at);
            announced.push_back(std::move(object));
        }
    return {.json = {{"wecom_messages", messages}, {"wechat_notices", announced}}};
}

Control::Outcome Control::notifications(const Json&, const std::string&) {
    auto all = Json::array();
    for (const auto& delivery : world_.courier.all()) {
        Json object{{"id", delivery->parcel.id},     {"provider", delivery->parcel.provider},
                    {"kind", delivery->parcel.kind}, {"key", delivery->parcel.key},
                    {"url", delivery->parcel.url},   {"tries", delivery->tries},
                    {"state", delivery->state},      {"last_status", delivery->last_status}};
        if (delivery->next_at) put_instant(object, "next_at", *delivery->next_at);
        all.push_back(std::move(object));
    }
    return {.json = {{"notifications", all}, {"accepted", world_.courier.accepted_ids()}}};
}

}  // namespace wefee::sandbox
