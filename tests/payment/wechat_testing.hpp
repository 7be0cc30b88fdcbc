// What the WeChat Pay tests share: the vectors, their keys, and a fake provider that checks the merchant's
// signatures and signs its answers, or signs them wrongly on demand.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "billing/time.hpp"
#include "io/clock.hpp"
#include "io/http.hpp"
#include "payment/wechat/settings.hpp"
#include "payment/wechat/v2.hpp"

namespace wefee::payment::wechat::testing {

std::string read_data(const std::string& name);
const nlohmann::json& vectors();
/// One of a list of named vectors ("responses", "platform_cert").
const nlohmann::json& vector_named(const std::string& list, const std::string& name);

io::PrivateKey private_key(
    const std::string& name);  // "merchant", "platform_old", "platform_new", "wechatpay_pub"
io::PublicKey public_key(const std::string& name);
const std::string& public_key_id();
const std::string& platform_serial(const std::string& which);  // "old", "new"

/// Public-key mode with the vectors' merchant; v2 signs with MD5.
Settings vector_settings();

class FakeClock final : public io::Clock {
public:
    explicit FakeClock(Instant now) : now_(now) {}
    Instant now() const override { return now_; }
    void advance(std::chrono::milliseconds step) { now_ += step; }

private:
    Instant now_;
};
Instant vector_now();

/// A request that owns its bytes; `view` lives as long as it.
struct Message {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    io::Request view() const;
    void set(const std::string& name, const std::string& value);
    void drop(const std::string& name);
    void twice(const std::string& name);
};
/// A notification of the vectors.
Message vector_notification(const std::string& name);
/// A notification sealed and signed here, with the vectors' public key.
Message make_notification(const std::string& event_type, const std::string& plaintext, Instant now);
Message v2_message(const std::string& xml);

/// Signs, and plays a script of answers. Every request that it sees must carry a good merchant signature.
class FakeProvider final : public io::HttpClient {
public:
    enum class Signing { good, none, empty, probe, tampered, stale, other_key, unknown_serial };

    explicit FakeProvider(const FakeClock& clock);

    void answer_v3(int status, std::string body, Signing signing = Signing::good, std::string tail = "0");
    /// return_code and result_code are given by the caller; `key` empty: the vectors' key.
    void answer_v2(v2::Fields fields, Signing signing = Signing::good, v2::SignType type = v2::SignType::md5);
    void answer_raw(io::ClientResponse response);
    void answer_from_certificate(std::string body, const std::string& which);
    void break_with(boost::system::error_code error);

    io::awaitable<io::ClientResponse> send(io::ClientRequest request,
                                           std::chrono::milliseconds limit) override;

    std::vector<io::ClientRequest> seen;
    const io::ClientRequest& last() const { return seen.back(); }
    v2::Fields last_v2() const;

private:
    struct Step {
        io::ClientResponse response;
        std::optional<boost::system::error_code> failure;
    };
    void check_request(const io::ClientRequest& request) const;

    const FakeClock& clock_;
    std::deque<Step> script_;
};

template <class T>
T run(io::awaitable<T> operation) {
    boost::asio::io_context loop(1);
    std::optional<T> result;
    std::exception_ptr failure;
    boost::asio::co_spawn(loop, std::move(operation), [&](std::exception_ptr thrown, T value) {
        failure = thrown;
        result = std::move(value);
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

inline constexpr std::chrono::milliseconds limit{15'000};

}  // namespace wefee::payment::wechat::testing
