// The control interface under /sandbox/: moves the clock, plays users, corps and faults, shows the books.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sandbox/alipay.hpp"
#include "sandbox/flood.hpp"
#include "sandbox/wechat.hpp"
#include "sandbox/wecom.hpp"

namespace wefee::sandbox {

class Control {
public:
    using Json = nlohmann::json;

    Control(World& world, WechatPay& wechat, Alipay& alipay, Wecom& wecom, Flood& flood)
        : world_(world), wechat_(wechat), alipay_(alipay), wecom_(wecom), flood_(flood) {}

    io::awaitable<io::Response> handle(const io::Request& request);

private:
    /// What a call answers. `delivery` and `finish` are looked at after the first deliveries have been made.
    struct Outcome;
    struct Route;
    static const Route* find_route(const io::Request& request, std::string& id);
    io::awaitable<io::Response> run(const Route& route, std::string id, std::string body);

    // clock, users, faults, keys
    io::awaitable<void> move_clock(std::string body);
    Outcome clock(const Json& body, const std::string& id);
    Outcome put_user(const Json& body, const std::string& id);
    Outcome list_users(const Json& body, const std::string& id);
    Outcome add_fault(const Json& body, const std::string& id);
    Outcome list_faults(const Json& body, const std::string& id);
    Outcome clear_faults(const Json& body, const std::string& id);
    Outcome set_keys(const Json& body, const std::string& id);
    Outcome settle(const Json& body, const std::string& id);

    // mandates and payments
    Outcome sign_mandate(const Json& body, const std::string& id);
    Outcome end_mandate(const Json& body, const std::string& id);
    Outcome list_mandates(const Json& body, const std::string& id);
    Outcome pay(const Json& body, const std::string& id);
    Outcome start_flood(const Json& body, const std::string& id);
    Outcome show_flood(const Json& body, const std::string& id);
    Order& order_to_pay(const Json& body);

    // WeCom
    Outcome put_corp(const Json& body, const std::string& id);
    Outcome put_members(const Json& body, const std::string& id);
    Outcome install(const Json& body, const std::string& id);
    Outcome uninstall(const Json& body, const std::string& id);
    Outcome change_auth(const Json& body, const std::string& id);
    Outcome data_event(const Json& body, const std::string& id);
    Outcome ticket(const Json& body, const std::string& id);
    Outcome url_check(const Json& body, const std::string& id);
    Outcome click(const Json& body, const std::string& id);
    Outcome revoke_tokens(const Json& body, const std::string& id);
    Outcome login_code(const Json& body, const std::string& id);
    Corp& known_corp(const std::string& id);

    // what happened
    Outcome books(const Json& body, const std::string& id);
    Outcome notices(const Json& body, const std::string& id);
    Outcome notifications(const Json& body, const std::string& id);

    World& world_;
    WechatPay& wechat_;
    Alipay& alipay_;
    Wecom& wecom_;
    Flood& flood_;
    std::size_t sent_before_ = 0;
};

}  // namespace wefee::sandbox
