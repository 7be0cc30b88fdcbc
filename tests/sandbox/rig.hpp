// A sandbox on loopback, a merchant's server that records what it is told, and the adapters as the merchant
// uses them.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/loop.hpp"
#include "payment/alipay/gateway.hpp"
#include "payment/alipay/notify.hpp"
#include "payment/wechat/gateway.hpp"
#include "payment/wechat/notify_v2.hpp"
#include "payment/wechat/notify_v3.hpp"
#include "sandbox/door.hpp"
#include "sandbox/plain_client.hpp"
#include "sandbox/sandbox.hpp"

namespace wefee::sandbox::test {

using nlohmann::json;
using namespace std::chrono_literals;

/// A recorded request, with its own copy of all that a door looks at.
struct Heard {
    std::string method, path, query, body;
    std::vector<std::pair<std::string, std::string>> headers;
    io::Request request() const;  // views into this object
};

/// The merchant's callback server. Acknowledges as each provider wants it unless a script says otherwise.
class Merchant {
public:
    Merchant();
    ~Merchant();
    std::string base_url() const;
    std::vector<Heard> heard(const std::string& path_prefix = "/") const;
    void forget();
    /// The next answers, one a request, before the usual ones.
    void answer_next(std::vector<io::Response> answers);

private:
    io::awaitable<Reply> take(const io::Request& request);
    io::Loop loop_;
    io::TaskGroup tasks_;
    std::unique_ptr<Door> door_;
    mutable std::mutex mutex_;
    std::vector<Heard> heard_;
    std::deque<io::Response> scripted_;
};

/// The merchant's clock: as the test sets it, together with the sandbox's.
class TestClock final : public io::Clock {
public:
    explicit TestClock(Instant now) : now_(now) {}
    Instant now() const override { return now_; }
    void set(Instant now) { now_ = now; }

private:
    Instant now_;
};

const Keys& test_keys();  // of the published test keys: drawing new ones costs each test a second or two
Instant local_time(std::string_view text);  // "2026-03-02 10:00:00"

class Rig {
public:
    explicit Rig(std::string_view start = "2026-03-02 10:00:00",
                 std::function<void(Options&)> change = nullptr);
    ~Rig();

    json get(const std::string& path);
    /// `status` receives the answer's; without it anything but 200 is a test failure.
    json post(const std::string& path, const json& body = json::object(), int* status = nullptr);
    void advance(std::chrono::seconds by);
    void go_to(std::string_view local);
    void settle() { post("/sandbox/settle"); }
    json order(const std::string& out_trade_no);
    int refused(const std::string& reason);

    template <class T>
    T run(io::awaitable<T> task) {
        return caller.run(std::move(task));
    }
    io::ClientResponse raw(const std::string& method, const std::string& path, io::Headers headers = {},
                           const std::string& body = "");

    // shorthands for the flows
    json new_user(std::int64_t wechat_fen, std::int64_t alipay_fen = 0, const std::string& name = "boss");
    std::string wechat_contract(const std::string& number = "C1", const std::string& user = "boss");
    std::string alipay_agreement(const std::string& number, std::string_view first_day,
                                 const std::string& user = "boss");
    payment::OrderResult deduct(payment::Gateway& gateway, const std::string& number, std::int64_t fen,
                                const std::string& contract);
    payment::OrderResult query(payment::Gateway& gateway, const std::string& number, std::int64_t fen,
                               bool deduction = true);
    std::string notify_url(const std::string& path) const {
        return merchant.base_url() + "/webhooks/" + path;
    }

    Merchant merchant;
    Options options;
    Sandbox sandbox;
    io::Loop caller;
    PlainClient http;
    TestClock clock;
    payment::wechat::Settings wechat_settings;
    payment::wechat::KeyRing wechat_keys;
    payment::wechat::WechatGateway wechat;
    payment::alipay::AlipayGateway alipay;

private:
    std::int64_t serial_ = 0;
};

}  // namespace wefee::sandbox::test
