// The vectors' files and the fake provider.
#include "wechat_testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <fstream>
#include <sstream>

#include "payment/wechat/envelope.hpp"
#include "payment/wechat/sign.hpp"

namespace wefee::payment::wechat::testing {

std::string read_data(const std::string& name) {
    std::ifstream file(std::string(WEFEE_TEST_DATA) + "/" + name, std::ios::binary);
    if (!file) throw std::runtime_error("no test data " + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

const nlohmann::json& vectors() {
    static const nlohmann::json parsed = nlohmann::json::parse(read_data("vectors.json"));
    return parsed;
}

const nlohmann::json& vector_named(const std::string& list, const std::string& name) {
    for (const auto& one : vectors().at(list))
        if (one.at("name") == name) return one;
    throw std::runtime_error("no vector " + list + "/" + name);
}

io::PrivateKey private_key(const std::string& name) {
    return io::PrivateKey::parse(read_data("keys/" + name + "_private.pem"));
}

io::PublicKey public_key(const std::string& name) {
    return io::PublicKey::parse(read_data("keys/" + name + "_public.pem"));
}

const std::string& public_key_id() {
    static const std::string id = vectors().at("wechatpay_public_key_id");
    return id;
}

const std::string& platform_serial(const std::string& which) {
    static const std::string old_one = vectors().at("platform_old_serial");
    static const std::string new_one = vectors().at("platform_new_serial");
    return which == "old" ? old_one : new_one;
}

Settings vector_settings() {
    return {.base_url = "http://127.0.0.1:9",
            .mchid = vectors().at("mchid"),
            .appid = "wxd678efh567hg6787",
            .merchant_serial = vectors().at("merchant_serial"),
            .merchant_key = private_key("merchant"),
            .api_v3_key = vectors().at("api_v3_key"),
            .api_v2_key = vectors().at("api_v2_key"),
            .public_keys = {NamedKey{public_key_id(), public_key("wechatpay_pub")}},
            .plan_id = "12535"};
}

Instant vector_now() { return Instant{std::chrono::seconds{vectors().at("clock").get<std::int64_t>()}}; }

io::Request Message::view() const {
    io::Request request;
    request.method = "POST";
    request.target = request.path = "/webhooks/wechatpay";
    for (const auto& [name, value] : headers) request.headers.emplace_back(name, value);
    request.body = body;
    return request;
}

void Message::set(const std::string& name, const std::string& value) {
    for (auto& header : headers)
        if (header.first == name) header.second = value;
}

void Message::drop(const std::string& name) {
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
}

void Message::twice(const std::string& name) {
    for (std::size_t i = 0; i < headers.size(); ++i)
        if (headers[i].first == name) {
            headers.push_back(headers[i]);
            return;
        }
}

Message vector_notification(const std::string& name) {
    const auto& one = vector_named("notifications", name);
    Message message{.headers = {}, .body = read_data(one.at("body_file"))};
    for (const auto& [header, value] : one.at("headers").items())
        message.headers.emplace_back(header, value.get<std::string>());
    return message;
}

Message make_notification(const std::string& event_type, const std::string& plaintext, Instant now) {
    const EnvelopeParts parts{.id = "EV-made",
                              .created = now,
                              .event_type = event_type,
                              .summary = "摘要",
                              .original_type = "transaction",
                              .associated_data = "transaction",
                              .nonce = "abcdefghijkl",
                              .plaintext = plaintext};
    Message message{.headers = {}, .body = seal_envelope(parts, vector_settings().api_v3_key)};
    message.headers =
        signature_headers(private_key("wechatpay_pub"), public_key_id(), now, "nonce", message.body);
    return message;
}

Message v2_message(const std::string& xml) {
    return {.headers = {{"Content-Type", "text/xml"}}, .body = xml};
}

FakeProvider::FakeProvider(const FakeClock& clock) : clock_(clock) {}

void FakeProvider::answer_v3(int status, std::string body, Signing signing, std::string tail) {
    const bool merchant_signs = signing == Signing::other_key;
    const auto key = private_key(merchant_signs ? "merchant" : "wechatpay_pub");
    const Instant at =
        clock_.now() - (signing == Signing::stale ? std::chrono::seconds{301} : std::chrono::seconds{0});
    io::ClientResponse response{.status = status, .headers = {}, .body = std::move(body)};
    if (signing != Signing::none)
        response.headers = signature_headers(key, public_key_id(), at, "responseNonce", response.body);
    for (auto& [name, value] : response.headers) {
        if (name == "Wechatpay-Signature" && signing == Signing::probe)
            value = std::string(probe_prefix) + value.substr(0, 336);
        if (name == "Wechatpay-Signature" && signing == Signing::empty) value.clear();
        if (name == "Wechatpay-Serial" && signing == Signing::unknown_serial) value = "PUB_KEY_ID_0";
    }
    if (signing == Signing::tampered) response.body += " ";
    response.headers.emplace_back("request-id", "08F5B8C2B506-" + tail);
    script_.push_back({std::move(response), std::nullopt});
}

void FakeProvider::answer_from_certificate(std::string body, const std::string& which) {
    io::ClientResponse response{.status = 200, .headers = {}, .body = std::move(body)};
    response.headers = signature_headers(private_key("platform_" + which), platform_serial(which),
                                         clock_.now(), "responseNonce", response.body);
    script_.push_back({std::move(response), std::nullopt});
}

void FakeProvider::answer_v2(v2::Fields fields, Signing signing, v2::SignType type) {
    const std::string key = vectors().at("api_v2_key");
    if (signing != Signing::none) fields["sign"] = v2::sign(fields, key, type);
    if (signing == Signing::empty) fields["sign"].clear();
    if (signing == Signing::tampered) fields["added_later"] = "1";
    if (signing == Signing::other_key) fields["sign"] = v2::sign(fields, "another key", type);
    script_.push_back({{.status = 200, .headers = {}, .body = v2::write(fields)}, std::nullopt});
}

void FakeProvider::answer_raw(io::ClientResponse response) {
    script_.push_back({std::move(response), std::nullopt});
}

void FakeProvider::break_with(boost::system::error_code error) { script_.push_back({{}, error}); }

v2::Fields FakeProvider::last_v2() const {
    const auto fields = v2::read(last().body);
    if (!fields) throw std::runtime_error("the last request is no v2 message");
    return *fields;
}

void FakeProvider::check_request(const io::ClientRequest& request) const {
    const std::string target = request.url.substr(vector_settings().base_url.size());
    if (!target.starts_with("/v3/")) {
        const auto fields = v2::read(request.body);
        ASSERT_TRUE(fields) << request.body;
        EXPECT_NE(v2::check_sign(*fields, vector_settings().api_v2_key, v2::SignType::md5, true),
                  v2::SignCheck::bad);
        return;
    }
    const std::string* header = io::find_header(request.headers, "Authorization");
    ASSERT_NE(header, nullptr);
    const auto parts = parse_authorization(*header);
    ASSERT_TRUE(parts) << *header;
    const std::string signature =
        sign_base64(private_key("merchant"),
                    request_message(request.method, target, parts->timestamp, parts->nonce, request.body));
    EXPECT_EQ(parts->signature, signature);  // PKCS#1 v1.5 is deterministic
    EXPECT_EQ(parts->mchid, vector_settings().mchid);
    EXPECT_EQ(parts->serial, vector_settings().merchant_serial);
}

io::awaitable<io::ClientResponse> FakeProvider::send(io::ClientRequest request, std::chrono::milliseconds) {
    check_request(request);
    seen.push_back(std::move(request));
    if (script_.empty()) throw std::runtime_error("the fake provider has no answer left");
    Step step = std::move(script_.front());
    script_.pop_front();
    if (step.failure) throw boost::system::system_error(*step.failure);
    co_return std::move(step.response);
}

}  // namespace wefee::payment::wechat::testing
