// The door: whole HTTP requests in, events or refusals out; and when two events are the same one.
#include "wecom/callback.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "io/encoding.hpp"
#include "support.hpp"
#include "wecom/dedup.hpp"
#include "wecom/envelope.hpp"

namespace wefee::wecom {
namespace {

using test::door_for;
using test::vectors;

std::string text(const nlohmann::json& v, const char* name) { return v.at(name).get<std::string>(); }

nlohmann::json vector(const std::string& id) {
    for (const auto& file : {"callback_positive.json", "callback_negative.json"})
        for (auto& v : vectors(file))
            if (text(v, "id") == id) return v;
    throw std::runtime_error("no vector " + id);
}

Event event_of(const std::string& id) {
    const auto v = vector(id);
    return std::get<Event>(Door{door_for(v)}.verify_post(text(v, "raw_query"), text(v, "http_body")));
}

TEST(Door, AnswersEveryUrlCheckWithTheEchoTextAlone) {
    int seen = 0;
    for (const auto& v : vectors("callback_positive.json")) {
        if (text(v, "kind") != "get_echostr") continue;
        SCOPED_TRACE(text(v, "id"));
        const auto answer = Door{door_for(v)}.verify_get(text(v, "raw_query"));
        ASSERT_TRUE(std::holds_alternative<std::string>(answer));
        EXPECT_EQ(std::get<std::string>(answer), text(v, "expect_http_body"));
        ++seen;
    }
    EXPECT_EQ(seen, 6);
}

TEST(Door, AcceptsEveryPostedVectorAndHandsOutItsPlaintext) {
    int seen = 0;
    for (const auto& v : vectors("callback_positive.json")) {
        if (!text(v, "kind").starts_with("post_")) continue;
        SCOPED_TRACE(text(v, "id"));
        const auto verdict = Door{door_for(v)}.verify_post(text(v, "raw_query"), text(v, "http_body"));
        ASSERT_TRUE(std::holds_alternative<Event>(verdict)) << std::get<Refusal>(verdict).reason;
        EXPECT_EQ(std::get<Event>(verdict).plaintext, text(v, "plaintext"));
        EXPECT_EQ(std::get<Event>(verdict).receiveid, text(v, "receiveid"));
        ++seen;
    }
    EXPECT_EQ(seen, 33);
}

/// The request of a vector that has none: as WeCom would have sent it.
CallbackCall wrapped(const nlohmann::json& v) {
    CallbackCall call;
    if (v.contains("raw_query")) return {text(v, "raw_query"), text(v, "http_body")};
    call.query = "msg_signature=" + io::percent_encode(text(v, "msg_signature")) +
                 "&timestamp=" + text(v, "timestamp") + "&nonce=" + text(v, "nonce");
    call.body = write_envelope(text(v, "receiveid"), "", text(v, "encrypt"));
    return call;
}

TEST(Door, RefusesEveryNegativeVectorWith400Or403AndOneReasonForAllOfTheCiphertext) {  // T05, T20
    static const std::map<std::string, std::pair<int, std::string>> expected{
        {"signature_mismatch", {403, "signature"}},  {"bad_envelope", {400, "envelope"}},
        {"receiveid_mismatch", {403, "ciphertext"}}, {"bad_ciphertext_length", {403, "ciphertext"}},
        {"bad_padding", {403, "ciphertext"}},        {"bad_layout", {403, "ciphertext"}},
        {"bad_base64", {403, "ciphertext"}},         {"bad_padding_or_layout", {403, "ciphertext"}}};
    int refused = 0;
    for (const auto& v : vectors("callback_negative.json")) {
        SCOPED_TRACE(text(v, "id") + " " + text(v, "name"));
        if (text(v, "expect") == "bad_key_config") {
            EXPECT_THROW(Door{door_for(v)}, std::invalid_argument);
            ++refused;
            continue;
        }
        const auto call = wrapped(v);
        const auto verdict = Door{door_for(v)}.verify_post(call.query, call.body);
        if (text(v, "expect") == "ok") {
            EXPECT_TRUE(std::holds_alternative<Event>(verdict));
            continue;
        }
        ASSERT_TRUE(std::holds_alternative<Refusal>(verdict));
        const auto& refusal = std::get<Refusal>(verdict);
        EXPECT_EQ(refusal.status, expected.at(text(v, "expect")).first);
        if (refusal.reason != "query") EXPECT_EQ(refusal.reason, expected.at(text(v, "expect")).second);
        ++refused;
    }
    EXPECT_EQ(refused, 51);
}

TEST(Door, CommandUrlTakesTheProvidersCorpOnGetAndTheSuiteOnPost) {  // T01
    DoorConfig config = door_for(vector("P008"));
    const auto get = vector("P003");
    config.token = text(get, "token");
    config.encoding_aes_key = text(get, "encoding_aes_key");
    const Door door{config};
    EXPECT_TRUE(std::holds_alternative<std::string>(door.verify_get(text(get, "raw_query"))));
    const SealedWith as_suite{std::string(16, 'r'), "1760000000", "1", config.suite_id};
    EXPECT_TRUE(
        std::holds_alternative<std::string>(door.verify_get(make_get_query(door.crypt(), as_suite, "42"))));
    const std::string message =
        "<xml><SuiteId>ww4asffe99e54c0f4c</SuiteId><InfoType>suite_ticket</InfoType></xml>";
    const auto posted = make_post(door.crypt(), as_suite, message, config.suite_id, "");
    EXPECT_TRUE(std::holds_alternative<Event>(door.verify_post(posted.query, posted.body)));
    SealedWith as_provider = as_suite;
    as_provider.receiveid = config.provider_corp_id;
    const auto foreign = make_post(door.crypt(), as_provider, message, config.suite_id, "");
    EXPECT_EQ(std::get<Refusal>(door.verify_post(foreign.query, foreign.body)).status, 403);
}

TEST(Door, DataUrlTakesTheCorpThatTheMessageNamesAndLeavesTheKnownCorpToTheCaller) {  // T02
    const auto event = event_of("P026");
    EXPECT_EQ(event.source, "wecom.data");
    EXPECT_EQ(event.corp_id, "wpTD_bDwAAabcXyz0123456789AAAAAA");
    EXPECT_TRUE(event.corp_must_be_known);
    const Door door{door_for(vector("P026"))};
    for (const std::string receiveid :
         {"wpOther", "ww4asffe99e54c0f4c", "", "wptd_bdwaaabcxyz0123456789aaaaaa"}) {
        const SealedWith with{std::string(16, 'r'), "1", "2", receiveid};
        const auto call = make_post(door.crypt(), with, event.plaintext, receiveid, "");
        EXPECT_EQ(std::get<Refusal>(door.verify_post(call.query, call.body)).reason, "ciphertext")
            << receiveid;
    }
    const SealedWith none{std::string(16, 'r'), "1", "2", ""};
    const auto nobody =
        make_post(door.crypt(), none, "<xml><ToUserName/><MsgType>event</MsgType></xml>", "", "");
    EXPECT_EQ(std::get<Refusal>(door.verify_post(nobody.query, nobody.body)).status, 403);
}

TEST(Door, SignedNonsenseIsMalformedNotAnError) {
    const Door door{door_for(vector("P008"))};
    for (const std::string message : {"", "hello", "<xml>", "<other/>", "{", "[1]", "<xml>\xC3\x28</xml>"}) {
        const SealedWith with{std::string(16, 'r'), "1", "2", "ww4asffe99e54c0f4c"};
        const auto call = make_post(door.crypt(), with, message, "", "");
        const auto refusal = std::get<Refusal>(door.verify_post(call.query, call.body));
        EXPECT_EQ(refusal.status, 400) << message;
        EXPECT_EQ(refusal.reason, "message") << message;
    }
}

TEST(Door, QueryMustNameEachParameterOnce) {
    const auto v = vector("P008");
    const Door door{door_for(v)};
    const std::string query = text(v, "raw_query");
    for (const std::string& bad : {std::string{}, query + "&timestamp=1",
                                   query + "&msg_signature=", query + "&nonce=%ZZ", query + "&nonce=%4"})
        EXPECT_EQ(std::get<Refusal>(door.verify_post(bad, text(v, "http_body"))).reason, "query") << bad;
    EXPECT_TRUE(std::holds_alternative<Event>(door.verify_post(query + "&extra=1", text(v, "http_body"))));
    EXPECT_EQ(std::get<Refusal>(door.verify_get(query)).reason, "query");
}

TEST(Door, ReplyIsSuccessOnCommandAndSystemAndEmptyOnDataAndApp) {  // T08
    for (const auto& [id, body] : std::vector<std::pair<std::string, std::string>>{
             {"P008", "success"}, {"P023", "success"}, {"P026", ""}, {"P031", ""}}) {
        const auto response = Door{door_for(vector(id))}.success();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, body) << id;
    }
}

TEST(Door, RefusesToStandWithoutTheReceiveidItMustCompare) {
    auto config = door_for(vector("P008"));
    config.suite_id.clear();
    EXPECT_THROW(Door{config}, std::invalid_argument);
    config = door_for(vector("P026"));
    config.provider_corp_id.clear();
    EXPECT_THROW(Door{config}, std::invalid_argument);
    config = door_for(vector("P031"));
    config.corp_id.clear();
    EXPECT_THROW(Door{config}, std::invalid_argument);
}

TEST(Dedup, AllEventsOfTheVectorsAreDifferentOnes) {
    std::map<std::string, std::string> by_key;
    for (const auto& v : vectors("callback_positive.json")) {
        if (!text(v, "kind").starts_with("post_")) continue;
        const auto event = event_of(text(v, "id"));
        if (text(v, "id") == "P038") continue;  // P010 told in another form: below
        const auto [at, fresh] = by_key.emplace(event.source + " " + event.dedup_key, text(v, "id"));
        EXPECT_TRUE(fresh) << text(v, "id") << " has the key of " << at->second;
        EXPECT_LE(event.dedup_key.size(), 191U);
    }
    EXPECT_EQ(event_of("P038").dedup_key, event_of("P010").dedup_key);
}

TEST(Dedup, EventsOfOneSecondStayApart) {
    EXPECT_NE(event_of("P015").dedup_key, event_of("P016").dedup_key);  // T06
    EXPECT_NE(event_of("P008").dedup_key, event_of("P011").dedup_key);  // T07
    EXPECT_NE(event_of("P019").dedup_key, event_of("P037").dedup_key);  // T27
    EXPECT_NE(event_of("P026").dedup_key, event_of("P042").dedup_key);
}

TEST(Dedup, ARepeatEncryptedAgainHasTheSameKey) {
    for (const std::string id : {"P008", "P015", "P025", "P026", "P031"}) {
        const auto first = event_of(id);
        const Door door{door_for(vector(id))};
        const SealedWith with{std::string(16, 'z'), "1999999999", "0042", first.receiveid};
        const auto call = make_post(door.crypt(), with, first.plaintext, first.receiveid, "");
        EXPECT_EQ(std::get<Event>(door.verify_post(call.query, call.body)).dedup_key, first.dedup_key) << id;
    }
}

std::string key_of(const std::string& message) {
    return dedup_key("command:s", MessageFields::read(message).value(), message);
}

std::string message_of(const DedupRule& rule, std::string_view changed, std::string_view value) {
    std::string xml = "<xml>";
    const auto element = [&](std::string_view name, std::string_view alias) {
        xml.append("<").append(name).append(">").append(alias == changed ? value : "same");
        xml.append("</").append(name).append(">");
    };
    if (rule.kind == "message")
        element("MsgType", "");
    else if (rule.kind.starts_with("template_card"))
        xml.append("<MsgType>event</MsgType><Event>").append(rule.kind).append("</Event>");
    else
        xml.append("<InfoType>").append(rule.kind).append("</InfoType>");
    for (const auto name : rule.fields) {
        if (name.empty()) continue;
        if (name == "corp")
            element("AuthCorpId", name);
        else if (name == "time")
            element("TimeStamp", name);
        else if (name == "subject")
            element("UserID", name);
        else if (name.starts_with("AccountList.")) {
            xml += "<AccountList>";
            element(name.substr(12), name);
            xml += "</AccountList>";
        } else
            element(name, name);
    }
    element("Noise", "noise");
    return xml + "</xml>";
}

TEST(Dedup, EveryRuleLooksAtEachOfItsFieldsAndAtNothingElse) {
    std::set<std::string_view> kinds;
    for (const auto& rule : dedup_rules) {
        SCOPED_TRACE(rule.kind);
        EXPECT_TRUE(kinds.insert(rule.kind).second);
        const auto base = key_of(message_of(rule, "", ""));
        for (const auto name : rule.fields)
            if (!name.empty()) EXPECT_NE(key_of(message_of(rule, name, "other")), base) << name;
        const auto noisy = key_of(message_of(rule, "noise", "other"));
        EXPECT_EQ(noisy != base, rule.payload_hash);
    }
    EXPECT_EQ(kinds.size(), 21U);
}

TEST(Dedup, AMissingKeyFieldOrAnUnknownKindFallsBackToTheWholeMessage) {
    const std::string unknown = "<xml><InfoType>change_trial_time</InfoType><A>1</A></xml>";
    const std::string other = "<xml><InfoType>change_trial_time</InfoType><A>2</A></xml>";
    EXPECT_NE(key_of(unknown), key_of(other));
    EXPECT_EQ(key_of(unknown), key_of(unknown));
    EXPECT_NE(key_of("<xml><InfoType>create_auth</InfoType><State>1</State></xml>"),
              key_of("<xml><InfoType>create_auth</InfoType><State>2</State></xml>"));
    EXPECT_TRUE(key_of("<xml><InfoType>a b\n</InfoType></xml>").starts_with("command:s:other:"));
}

TEST(Dedup, ScopeKeepsSuitesAndUrlsApart) {
    auto config = door_for(vector("P008"));
    const auto first = event_of("P011");
    config.suite_id = "ww-another-suite";
    const Door door{config};
    const SealedWith with{std::string(16, 'z'), "1", "2", config.suite_id};
    const auto call = make_post(door.crypt(), with, first.plaintext, "", "");
    EXPECT_NE(std::get<Event>(door.verify_post(call.query, call.body)).dedup_key, first.dedup_key);
}

}  // namespace
}  // namespace wefee::wecom
