// Alipay Open Platform, simulated: the v2 gateway with trades, agreements (periodic deduction) and refunds.
// Builds its own strings to sign and answers by template with "\/" in addresses, as the real one does.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "io/crypto.hpp"
#include "sandbox/answers.hpp"
#include "sandbox/world.hpp"

namespace wefee::sandbox {

/// All parameters of a call, query and body together, decoded once.
using AlipayParams = std::map<std::string, std::string, std::less<>>;

/// The node of an answer: a JSON object text. `is_signed`: some gateway errors are not.
struct AlipayAnswer {
    std::string node;
    bool is_signed = true;
};

class Alipay {
public:
    explicit Alipay(World& world);

    io::Response handle(const io::Request& request, AnswerStyle style);
    io::Response system_error(const io::Request& request);
    /// The method a request asks for; empty when there is none.
    static std::string method_of(const io::Request& request);

    /// Pays what a QR code, a page link or the order itself names. Returns the failure code or empty; throws
    /// Refused.
    std::string pay(Order& order, const std::string& user);
    /// The order behind a page.pay or wap.pay link; the page is opened by this. Throws Refused.
    Order& open_page(std::string_view link);
    /// Signs by a page.sign link, or by an alipays:// address around one. Throws Refused.
    Mandate& sign_mandate(const std::string& user, std::string_view link);
    Mandate& sign_opened(const std::string& user, Mandate& mandate);
    /// `by_user`: the notice goes to the application gateway; else to `notify_url`, or there when that is
    /// empty.
    void end_mandate(Mandate& mandate, bool by_user, const std::string& notify_url);
    Parcel payment_parcel(const Order& order);

private:
    io::Response render(std::string_view method, const AlipayAnswer& answer, AnswerStyle style);
    AlipayAnswer checked(const AlipayParams& params, std::string_view method);
    /// Empty when the public parameters and the signature are right.
    std::string gateway_mistake(const AlipayParams& params, bool& is_signed);
    AlipayAnswer route(const AlipayParams& params, const nlohmann::json& biz);
    io::Response page(const io::Request& request);

    AlipayAnswer trade_pay(const AlipayParams& params, const nlohmann::json& biz);
    AlipayAnswer repeat_pay(Order& order, const std::string& digest);
    AlipayAnswer charge(Order& order, Mandate& mandate);
    std::string deduction_refused(Mandate& mandate, std::int64_t amount_fen, std::string& reason);
    AlipayAnswer precreate(const AlipayParams& params, const nlohmann::json& biz);
    Order& open_trade(const AlipayParams& params, const nlohmann::json& biz, const std::string& kind);
    AlipayAnswer query(const nlohmann::json& biz);
    AlipayAnswer close(const nlohmann::json& biz, bool cancel);
    AlipayAnswer refund(const nlohmann::json& biz);
    AlipayAnswer refund_query(const nlohmann::json& biz);
    AlipayAnswer agreement_query(const nlohmann::json& biz);
    AlipayAnswer agreement_unsign(const AlipayParams& params, const nlohmann::json& biz);
    AlipayAnswer plan_modify(const nlohmann::json& biz);
    Mandate& open_signing(const AlipayParams& params);
    Order* order_of(const nlohmann::json& biz);
    Mandate* agreement_of(const nlohmann::json& biz);
    void expire(Order& order) const;

    Parcel parcel(std::string kind, std::string key, std::string url,
                  std::function<AlipayParams(Twist)> fields);
    Parcel refund_parcel(const Order& order, const Refund& refund);
    Parcel agreement_parcel(const Mandate& mandate, std::string url, bool signed_now);

    World& world_;
    io::PublicKey app_key_;
    io::PrivateKey alipay_key_;
    io::PrivateKey foreign_key_;
};

/// {"code":"40004","msg":"Business Failed","sub_code":..,"sub_msg":..}
AlipayAnswer alipay_failure(std::string_view sub_code, std::string_view text);

}  // namespace wefee::sandbox
