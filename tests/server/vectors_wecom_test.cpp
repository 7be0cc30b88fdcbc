// Every WeCom callback vector, sent to a running server that holds the vector's token, key and receiver.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/encoding.hpp"
#include "tests/server/rig.hpp"
#include "wecom/envelope.hpp"

namespace wefee::server::tests {
namespace {

constexpr const char* suite_id = "ww4asffe99e54c0f4c";
constexpr const char* provider_corp_id = "wwprovider00000001";
const Instant vector_now = parse_instant("2025-10-09T17:00:00+08:00").value();

std::string text(const Json& vector, const char* name) { return vector.at(name).get<std::string>(); }

std::string callback_keys(const Rig& rig, const std::string& token, const std::string& key) {
    return fmt::format("token_file = \"{}\"\nencoding_aes_key_file = \"{}\"\n",
                       rig.folder.file("token", token), rig.folder.file("aes", key));
}

std::string self_built(const Rig& rig, const std::string& corp_id, const std::string& token,
                       const std::string& key) {
    return fmt::format(
        "[wecom]\nbase_url = \"http://127.0.0.1:1\"\ncorp_id = \"{}\"\nagent_id = 1000002\ncorp_secret_file "
        "= \"{}\"\n{}",
        corp_id, rig.folder.file("secret", "Wq3Zt8Lk2Xv9Rm4Yc7Nb1Hd6Kf5Gp0Ts"),
        callback_keys(rig, token, key));
}

std::string third_party(const Rig& rig, const std::string& suite, const std::string& token,
                        const std::string& key) {
    return fmt::format(
        "[wecom]\nbase_url = \"http://127.0.0.1:1\"\nsuite_id = \"{}\"\nsuite_secret_file = "
        "\"{}\"\nprovider_corp_id = \"{}\"\n{}",
        suite, rig.folder.file("secret", "Wq3Zt8Lk2Xv9Rm4Yc7Nb1Hd6Kf5Gp0Ts"), provider_corp_id,
        callback_keys(rig, token, key));
}

/// The vendor's own app with system events of its provider account.
std::string suite_with_system(const Rig& rig) {
    return third_party(rig, suite_id, "SuiteToken9Zz", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg") +
           fmt::format("provider_token_file = \"{}\"\nprovider_encoding_aes_key_file = \"{}\"\n",
                       rig.folder.file("provider_token", "ProviderTok7"),
                       rig.folder.file("provider_aes", "ZyXwVuTsRqPoNmLkJiHgFeDcBa9876543210zyxwvut"));
}

std::string self_app(const Rig& rig) {
    return self_built(rig, "ww0123456789abcdef", "SelfAppToken01",
                      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ");
}

std::string personal(const Rig& rig) {
    return third_party(rig, "wwpersonal00000001", "PersonalTok1",
                       "QWERTYUIOPasdfghjklZXCVBNMqwertyuiopASDFGHJ");
}

/// The address that a receiver is reached at.
std::string path_of(const std::string& receiveid) {
    if (receiveid.empty() || receiveid == suite_id) return "/webhooks/wecom/command";
    if (receiveid == provider_corp_id) return "/webhooks/wecom/system";
    return receiveid.starts_with("wp") ? "/webhooks/wecom/data" : "/webhooks/wecom/app";
}

std::string query_of(const Json& v) {
    if (v.contains("raw_query")) return text(v, "raw_query");
    return "msg_signature=" + io::percent_encode(text(v, "msg_signature")) +
           "&timestamp=" + text(v, "timestamp") + "&nonce=" + text(v, "nonce");
}

/// As WeCom would have sent it: the vector's own request, or its ciphertext in an envelope.
Delivery post_of(const Json& v, int status = 200) {
    const auto path = path_of(text(v, "receiveid"));
    Delivery one{text(v, "id"), "POST",      path + "?" + query_of(v), {{"Content-Type", "text/xml"}}, {},
                 status,        std::nullopt};
    one.body = v.contains("raw_query") ? text(v, "http_body")
                                       : wecom::write_envelope(text(v, "receiveid"), "", text(v, "encrypt"));
    const bool says_success = path.ends_with("command") || path.ends_with("system");
    one.answer = status == 200 && says_success ? "success" : "";
    return one;
}

/// The "save URL" check with the same ciphertext.
Delivery get_of(const Json& v, int status, std::string answer = {}) {
    const auto target = path_of(text(v, "receiveid")) + "?" + query_of(v) +
                        "&echostr=" + io::percent_encode(text(v, "encrypt"));
    return {text(v, "id") + " as URL check", "GET", target, {}, {}, status, std::move(answer)};
}

/// All positive vectors of one token. Passive replies are what a server answers; sent here, they are one more
/// message to open, and the data URL refuses the one that names a member where the receiver must stand.
std::vector<Delivery> positives(const std::string& token, std::size_t expected) {
    std::vector<Delivery> deliveries;
    for (const auto& v : wecom_vectors("callback_positive.json")) {
        if (text(v, "token") != token) continue;
        const auto kind = text(v, "kind");
        if (kind == "get_echostr")
            deliveries.push_back({text(v, "id"),
                                  "GET",
                                  path_of(text(v, "receiveid")) + "?" + text(v, "raw_query"),
                                  {},
                                  {},
                                  200,
                                  text(v, "expect_http_body")});
        else if (kind.starts_with("post_"))
            deliveries.push_back(post_of(v));
        else
            deliveries.push_back(post_of(v, text(v, "receiveid").starts_with("wp") ? 403 : 200));
    }
    EXPECT_EQ(deliveries.size(), expected) << token;
    return deliveries;
}

TEST(WecomVectors, APublishedSampleOfTheVendorIsAnswered) {
    Rig rig{vector_now};
    rig.start(self_built(rig, "wx5823bf96d3bd56c7", "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"));
    deliver_twice(rig, positives("QDG6eK", 2), 1);
}

TEST(WecomVectors, ASelfBuiltAppTakesItsUrlChecksAndMessages) {
    Rig rig{vector_now};
    rig.start(self_app(rig));
    deliver_twice(rig, positives("SelfAppToken01", 5), 2);
}

TEST(WecomVectors, AThirdPartyAppTakesCommandDataAndSystemEvents) {
    Rig rig{vector_now};
    rig.start(suite_with_system(rig));
    auto deliveries = positives("SuiteToken9Zz", 27);
    for (auto& one : positives("ProviderTok7", 4)) deliveries.push_back(std::move(one));
    // 29 posted events; P038 tells P010 once more in another form.
    deliver_twice(rig, deliveries, 28);
    EXPECT_EQ(rig.column("SELECT count(*) FROM inbox WHERE source = 'wecom.command'"),
              std::vector<std::string>{"17"});
    EXPECT_EQ(rig.column("SELECT count(*) FROM inbox WHERE source = 'wecom.data'"),
              std::vector<std::string>{"8"});
    EXPECT_EQ(rig.column("SELECT count(*) FROM inbox WHERE source = 'wecom.system'"),
              std::vector<std::string>{"3"});
}

TEST(WecomVectors, TheCommandUrlIsSavedWithTheProvidersCorp) {
    Rig rig{vector_now};
    rig.start(third_party(rig, suite_id, "ProviderTok7", "ZyXwVuTsRqPoNmLkJiHgFeDcBa9876543210zyxwvut"));
    for (const auto& v : wecom_vectors("callback_positive.json")) {
        if (text(v, "id") != "P003") continue;
        for (const std::string path : {"command", "data"}) {
            const auto reply = rig.get("/webhooks/wecom/" + path + "?" + text(v, "raw_query"));
            EXPECT_EQ(reply.status, 200);
            EXPECT_EQ(reply.body, text(v, "expect_http_body"));
        }
    }
    EXPECT_EQ(rig.counts(), (Counts{0, 0}));
}

TEST(WecomVectors, AnAppWithoutReceiverIsServedOnlyWhereTheConfigurationSaysSo) {
    Rig open{vector_now};
    open.start(personal(open) + "empty_receiveid = true\n");
    deliver_twice(open, positives("PersonalTok1", 4), 3);
    Rig strict{vector_now};
    strict.start(personal(strict));
    auto deliveries = positives("PersonalTok1", 4);
    for (auto& one : deliveries) one.status = 403, one.answer = "";
    deliver_twice(strict, deliveries, 0);
}

TEST(WecomVectors, EveryNegativeIsRefusedWithOneAnswerForAllOfTheCiphertext) {
    Rig rig{vector_now};
    rig.start(self_app(rig));
    std::vector<Delivery> deliveries;
    int refused_keys = 0, control = 0;
    for (const auto& v : wecom_vectors("callback_negative.json")) {
        const auto expect = text(v, "expect");
        if (expect == "bad_key_config") {
            SCOPED_TRACE(text(v, "id"));
            Rig wrong{vector_now};
            EXPECT_ANY_THROW(wrong.start(
                self_built(wrong, text(v, "receiveid"), text(v, "token"), text(v, "encoding_aes_key"))));
            ++refused_keys;
        } else if (expect == "ok") {
            deliveries.push_back(post_of(v));
            auto check = get_of(v, 200);
            check.answer.reset();
            deliveries.push_back(std::move(check));
            ++control;
        } else if (expect == "bad_envelope") {
            deliveries.push_back(post_of(v, 400));
            if (text(v, "name").starts_with("query")) deliveries.push_back(get_of(v, 400));
        } else {
            deliveries.push_back(post_of(v, 403));
            deliveries.push_back(get_of(v, 403));
        }
    }
    EXPECT_EQ(refused_keys, 4);
    EXPECT_EQ(control, 1);
    EXPECT_EQ(std::ranges::count(deliveries, "POST", &Delivery::method) + refused_keys, 52);
    deliver_twice(rig, deliveries, 1);
}

TEST(WecomVectors, EveryPaddingLengthOpens) {
    Rig rig{vector_now};
    rig.start(self_app(rig));
    std::vector<Delivery> deliveries;
    for (const auto& v : wecom_vectors("padding_all_lengths.json")) {
        deliveries.push_back(get_of(v, 200, std::string(v.at("msg_bytes").get<std::size_t>(), 'x')));
        deliveries.push_back(post_of(v, 400));  // opened, but the letters x are no message
    }
    EXPECT_EQ(deliveries.size(), 64U);
    deliver_twice(rig, deliveries, 0);
    EXPECT_EQ(rig.column("SELECT DISTINCT reason FROM quarantine"), std::vector<std::string>{"message"});
}

TEST(WecomVectors, ABodyOfSeventyThousandBytesIsOpenedAndKeptWhole) {
    Rig rig{vector_now};
    rig.start(self_app(rig));
    const auto large = wecom_vectors("large_body.json").at(0);
    deliver_twice(rig, {post_of(large, 400)}, 0);  // the letter A alone is no message
    EXPECT_EQ(rig.column("SELECT DISTINCT reason FROM quarantine"), std::vector<std::string>{"message"});
    EXPECT_EQ(rig.column("SELECT DISTINCT length(raw) FROM quarantine"), std::vector<std::string>{"4096"});

    const wecom::CallbackCrypt crypt{"SelfAppToken01", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"};
    const auto message =
        "<xml><ToUserName>ww0123456789abcdef</ToUserName><MsgType>text</MsgType><MsgId>7</MsgId><Content>" +
        std::string(70'000, 'A') + "</Content></xml>";
    const auto call =
        wecom::make_post(crypt, {std::string(16, 'r'), "1760000500", "500", "ww0123456789abcdef"}, message,
                         "ww0123456789abcdef", "1000002");
    EXPECT_EQ(rig.post("/webhooks/wecom/app?" + call.query, call.body).status, 200);
    EXPECT_EQ(rig.column("SELECT raw FROM inbox"), std::vector{message});
}

}  // namespace
}  // namespace wefee::server::tests
