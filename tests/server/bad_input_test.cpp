// What the server answers to requests that it must not act on, and that nobody gets past a guarded route.
#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "server/demo/month.hpp"
#include "server/http/credentials.hpp"
#include "server/http/router.hpp"
#include "tests/server/rig.hpp"

namespace wefee::server::tests {
namespace {

const Instant now = parse_instant("2026-10-08T10:00:00+08:00").value();

class BadInput : public ::testing::Test {
protected:
    void SetUp() override {
        rig.seed([](storage::Store& store) -> io::awaitable<void> {
            for (const std::string role : {"viewer", "finance", "billing_admin"})
                co_await store.put_session({token_hash("member-" + role), TenantId{"ten_1"},
                                            MemberId{"mem_1"}, role, "", now, now,
                                            now + std::chrono::hours{1}});
            co_await store.put_session({token_hash("member-ended"), TenantId{"ten_1"}, MemberId{"mem_1"},
                                        "billing_admin", "", now - std::chrono::hours{13}, now,
                                        now + std::chrono::hours{1}});
            for (const std::string role : {"viewer", "support", "finance", "admin"})
                co_await store.put_api_key(
                    {token_hash("operator-" + role), role, "admin", role, "", now, std::nullopt});
            co_await store.put_api_key({token_hash("ingest"), "scrm", "ingest", "", "", now, std::nullopt});
            co_await store.put_api_key(
                {token_hash("entitlements"), "scrm", "entitlements", "", "", now, std::nullopt});
            co_await store.put_api_key({token_hash("revoked"), "old", "admin", "admin", "", now, now});
        });
        rig.start(all_providers(rig));
    }

    /// The answer is a problem of this status and code; gives its body.
    static Json expect_problem(const RawReply& reply, int status, const std::string& code) {
        EXPECT_EQ(reply.status, status) << reply.body;
        EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
        const auto body = Json::parse(reply.body, nullptr, false);
        EXPECT_EQ(body.value("status", 0), status) << reply.body;
        EXPECT_EQ(body.value("code", ""), code) << reply.body;
        return body;
    }

    RawReply operate(std::string_view path, const std::string& body, Headers headers = {}) const {
        return rig.call("POST", path, rig.admin_key(), body, std::move(headers));
    }

    /// Says how large the body will be and sends none of it.
    std::string announce(std::string_view path, std::size_t bytes) const {
        io::test::RawSocket socket{rig.port()};
        socket.send(
            fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
                        "application/json\r\nContent-Length: {}\r\n\r\n",
                        path, bytes));
        return socket.read_response();
    }

    Rig rig{now};
};

/// JSON pointers of a problem's errors.
std::set<std::string> pointers(const Json& body) {
    std::set<std::string> found;
    for (const auto& error : body.value("errors", Json::array()))
        found.insert(error.at("pointer").get<std::string>());
    return found;
}

/// The path of a route, with some id in each place.
std::string path_of(const Route& route) {
    std::string path{route.pattern};
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}') - open + 1, "id_00000000000000000000000000");
    return path;
}

bool is_member(Access access) {
    return access == Access::member_viewer || access == Access::member_finance ||
           access == Access::member_admin;
}

bool is_operator(Access access) {
    return !is_member(access) && access != Access::anyone && access != Access::ingest_key &&
           access != Access::entitlements_key;
}

TEST_F(BadInput, AWrongSignatureGetsTheProvidersOwnWords) {
    const auto xml = rig.post("/webhooks/wechatpay/v2/deduction",
                              "<xml><return_code>SUCCESS</return_code><contract_id>1</contract_id>"
                              "<out_trade_no>1</out_trade_no><sign>AB</sign></xml>");
    EXPECT_EQ(xml.status, 401);
    EXPECT_TRUE(xml.body.starts_with("<xml><return_code><![CDATA[FAIL]]></return_code>")) << xml.body;
    const auto v3 = rig.post("/webhooks/wechatpay", "{}",
                             {{"Wechatpay-Timestamp", std::to_string(to_millis(now) / 1000)},
                              {"Wechatpay-Nonce", "n"},
                              {"Wechatpay-Serial", "PUB_KEY_ID_0114232134912410000000000000000001"},
                              {"Wechatpay-Signature", "AAAA"}});
    EXPECT_EQ(v3.status, 401);
    EXPECT_EQ(Json::parse(v3.body).at("code"), "FAIL");
    EXPECT_EQ(rig.post("/webhooks/wechatpay", "{}").status, 401) << "headers absent";
    const auto form = rig.post("/webhooks/alipay", "notify_id=1&sign_type=RSA2&sign=AAAA");
    EXPECT_EQ(form.status, 401);
    EXPECT_EQ(form.body, "failure");
    const auto wecom = rig.post("/webhooks/wecom/app?msg_signature=0&timestamp=1&nonce=1",
                                "<xml><Encrypt>AAAA</Encrypt></xml>");
    EXPECT_EQ(wecom.status, 403);
    EXPECT_EQ(rig.get("/webhooks/wecom/app?msg_signature=0&timestamp=1&nonce=1&echostr=AAAA").status, 403);
    EXPECT_EQ(rig.counts(), (Counts{0, 5}));
}

TEST_F(BadInput, AMalformedMessageIs400) {
    EXPECT_EQ(rig.post("/webhooks/wechatpay/v2/contract", "hello").status, 400);
    EXPECT_EQ(rig.post("/webhooks/alipay", "a=%zz").body, "failure");
    EXPECT_EQ(rig.post("/webhooks/alipay", "a=%zz").status, 400);
    EXPECT_EQ(rig.post("/webhooks/wecom/app?msg_signature=0&timestamp=1&nonce=1", "hello").status, 400);
    EXPECT_EQ(rig.post("/webhooks/wecom/app", "<xml><Encrypt>AAAA</Encrypt></xml>").status, 400);
    EXPECT_EQ(rig.get("/webhooks/wecom/app").status, 400);
    EXPECT_EQ(rig.get("/healthz", {{"Bad Name", "1"}}).status, 400);
    EXPECT_EQ(rig.counts().inbox, 0);
}

TEST_F(BadInput, ABodyOverTheLimitOfItsRouteIs413BeforeItIsRead) {
    const std::map<std::string, std::size_t> limits{
        {"/webhooks/wechatpay", 65'536},           {"/webhooks/alipay", 65'536},
        {"/webhooks/wechatpay/v2/refund", 65'536}, {"/webhooks/wecom/command", 262'144},
        {"/ingest/v1/events", 1'048'576},          {"/api/v1/session", 65'536},
        {"/admin/v1/price-lists", 2'097'152}};
    for (const auto& [path, bytes] : limits)
        EXPECT_TRUE(announce(path, bytes + 1).starts_with("HTTP/1.1 413 ")) << path;
    // At the limit the body is read, and judged.
    EXPECT_EQ(rig.post("/webhooks/alipay", std::string(65'536, 'a')).status, 401);
    EXPECT_EQ(rig.counts(), (Counts{0, 1}));
    EXPECT_EQ(rig.column("SELECT length(raw) FROM quarantine"), std::vector<std::string>{"4096"});
}

TEST_F(BadInput, AnUnknownPathIs404AndAnUnknownMethod405WithAllow) {
    for (const std::string path : {"/", "/api/v1", "/api/v1/invoices/", "/webhooks/wechatpay/",
                                   "/webhooks/wecom/suite", "/api/v2/overview"})
        expect_problem(rig.get(path), 404, "not_found");
    std::map<std::string, std::string> allowed;
    for (const auto& route : routes()) {
        auto& list = allowed[std::string{route.pattern}];
        list += (list.empty() ? "" : ", ") + std::string{route.method};
    }
    for (const auto& route : routes()) {
        SCOPED_TRACE(route.pattern);
        const auto reply = rig.call("COPY", path_of(route), rig.admin_key());
        expect_problem(reply, 405, "method_not_allowed");
        EXPECT_EQ(reply.header("Allow"), allowed.at(std::string{route.pattern}));
    }
}

TEST_F(BadInput, ACallbackOfAProviderThatIsNotConfiguredIs404) {
    Rig bare{now};
    bare.start("");
    for (const std::string path : {"/webhooks/wechatpay", "/webhooks/wechatpay/v2/refund", "/webhooks/alipay",
                                   "/webhooks/wecom/command"})
        expect_problem(bare.post(path, "x"), 404, "not_found");
    EXPECT_EQ(bare.counts(), (Counts{0, 0}));
}

TEST_F(BadInput, EveryWrongFieldIsPointedAt) {
    const auto wrong =
        expect_problem(operate("/admin/v1/api-keys", R"({"name":7,"scope":"root","extra":1,"a/b~c":2})"), 400,
                       "invalid_value");
    EXPECT_EQ(pointers(wrong), (std::set<std::string>{"/name", "/scope", "/extra", "/a~1b~0c"}));
    std::map<std::string, std::string> codes;
    for (const auto& error : wrong.at("errors")) codes[error.at("pointer")] = error.at("code");
    EXPECT_EQ(codes, (std::map<std::string, std::string>{{"/name", "invalid_value"},
                                                         {"/scope", "invalid_value"},
                                                         {"/extra", "unknown_field"},
                                                         {"/a~1b~0c", "unknown_field"}}));
    EXPECT_EQ(pointers(expect_problem(operate("/admin/v1/api-keys", "{}"), 400, "missing_field")),
              (std::set<std::string>{"/name", "/scope"}));
    EXPECT_EQ(
        pointers(expect_problem(operate("/admin/v1/stops", R"({"scope":"global","reason":"r","until":1})"),
                                400, "unknown_field")),
        (std::set<std::string>{"/until"}));
    EXPECT_EQ(pointers(expect_problem(operate("/admin/v1/subscriptions/sub_1/seats", R"({"seats":-1})"), 400,
                                      "invalid_value")),
              (std::set<std::string>{"/seats"}));
    for (const std::string seats : {"1.0", "\"1\"", "1e3", "99999999999999999999", "null", "true"})
        expect_problem(operate("/admin/v1/subscriptions/sub_1/seats", "{\"seats\":" + seats + "}"), 400,
                       "invalid_value");
    EXPECT_EQ(rig.column("SELECT count(*) FROM api_key"), std::vector<std::string>{"7"});
}

TEST_F(BadInput, ABodyThatIsNotOneStrictObjectIs400) {
    for (const std::string body :
         {"", "{", "[]", "7", "null", "{}{}", R"({"scope":"global","scope":"one","reason":"r"})",
          R"({"scope":"global","reason":{"a":1,"a":2}})", "{\"scope\":\"\xC3\x28\",\"reason\":\"r\"}",
          "{\"scope\":NaN}", "{'scope':1}"}) {
        SCOPED_TRACE(body);
        expect_problem(rig.call("POST", "/admin/v1/stops", rig.admin_key(), body,
                                body.empty() ? Headers{{"Content-Type", "application/json"}} : Headers{}),
                       400, "bad_request");
    }
    expect_problem(operate("/admin/v1/stops", std::string(40, '[') + std::string(40, ']')), 400,
                   "bad_request");
    EXPECT_EQ(rig.column("SELECT count(*) FROM kill_switch"), std::vector<std::string>{"0"});
}

TEST_F(BadInput, OnlyJsonIsTaken) {
    const Headers bearer{{"Authorization", "Bearer " + rig.admin_key()}};
    const std::string body = R"({"scope":"global","reason":"r"})";
    expect_problem(rig.post("/admin/v1/stops", body, bearer), 415, "unsupported_media_type");
    for (const std::string type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonp"}) {
        auto headers = bearer;
        headers.emplace_back("Content-Type", type);
        expect_problem(rig.post("/admin/v1/stops", body, headers), 415, "unsupported_media_type");
    }
    auto headers = bearer;
    headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    EXPECT_EQ(rig.post("/admin/v1/stops", body, headers).status, 201);
}

TEST_F(BadInput, AStopThatWouldStopNothingIsRefused) {
    for (const std::string scope :
         {"all", "wechat", "provider:", "provider:unionpay", "tenant:", "consent:", "Global", "global "})
        EXPECT_EQ(pointers(expect_problem(
                      operate("/admin/v1/stops", Json{{"scope", scope}, {"reason", "r"}}.dump()), 400,
                      "invalid_value")),
                  std::set<std::string>{"/scope"})
            << scope;
    for (const std::string scope :
         {"global", "provider:wechat", "provider:alipay", "tenant:ten_1", "consent:con_1"})
        EXPECT_EQ(operate("/admin/v1/stops", Json{{"scope", scope}, {"reason", "r"}}.dump()).status, 201)
            << scope;
}

TEST_F(BadInput, NoGuardedRouteAnswersWithoutACredential) {
    int guarded = 0;
    for (const auto& route : routes()) {
        if (route.access == Access::anyone) continue;
        SCOPED_TRACE(std::string{route.method} + " " + std::string{route.pattern});
        ++guarded;
        for (const std::string token : {"", "guess", "member-ended", "revoked"})
            expect_problem(rig.call(route.method, path_of(route), token), 401, "unauthorised");
        expect_problem(send_raw(rig.port(), route.method, path_of(route),
                                {{"Authorization", "Basic " + rig.admin_key()}}),
                       401, "unauthorised");
        expect_problem(
            send_raw(rig.port(), route.method, path_of(route),
                     {{"Authorization", "Bearer guess"}, {"Authorization", "Bearer " + rig.admin_key()}}),
            401, "unauthorised");
    }
    EXPECT_GE(guarded, 30);
}

TEST_F(BadInput, ACredentialOfOneKindOpensNoRouteOfAnother) {
    for (const auto& route : routes()) {
        if (route.access == Access::anyone) continue;
        SCOPED_TRACE(std::string{route.method} + " " + std::string{route.pattern});
        if (!is_member(route.access))
            for (const std::string role : {"viewer", "finance", "billing_admin"})
                expect_problem(rig.call(route.method, path_of(route), "member-" + role), 401, "unauthorised");
        if (!is_operator(route.access))
            for (const std::string& token : {std::string{"operator-admin"}, rig.admin_key()})
                expect_problem(rig.call(route.method, path_of(route), token), 401, "unauthorised");
        if (route.access != Access::ingest_key)
            expect_problem(rig.call(route.method, path_of(route), "ingest"), 401, "unauthorised");
        if (route.access != Access::entitlements_key)
            expect_problem(rig.call(route.method, path_of(route), "entitlements"), 401, "unauthorised");
    }
}

TEST_F(BadInput, ARoleBelowTheRoutesIs403AndOneThatReachesIsNot) {
    const std::map<Access, std::set<std::string>> enough{
        {Access::member_viewer, {"member-viewer", "member-finance", "member-billing_admin"}},
        {Access::member_finance, {"member-finance", "member-billing_admin"}},
        {Access::member_admin, {"member-billing_admin"}},
        {Access::operator_viewer,
         {"operator-viewer", "operator-support", "operator-finance", "operator-admin"}},
        {Access::operator_support, {"operator-support", "operator-finance", "operator-admin"}},
        {Access::operator_finance, {"operator-finance", "operator-admin"}},
        {Access::operator_admin, {"operator-admin"}}};
    for (const auto& route : routes()) {
        if (!is_member(route.access) && !is_operator(route.access)) continue;
        SCOPED_TRACE(std::string{route.method} + " " + std::string{route.pattern});
        const auto& all =
            enough.at(is_member(route.access) ? Access::member_viewer : Access::operator_viewer);
        for (const auto& token : all) {
            const auto reply = rig.call(route.method, path_of(route), token);
            if (!enough.at(route.access).contains(token)) {
                expect_problem(reply, 403, "forbidden");
            } else {
                EXPECT_NE(reply.status, 401) << token;
                EXPECT_NE(reply.status, 403) << token;
                EXPECT_NE(reply.status, 500) << token << " " << reply.body;
            }
        }
    }
}

TEST_F(BadInput, TheSameIdempotencyKeyGivesTheSameAnswerAndOneEffect) {
    const auto body = demo::demo_price_list().dump();
    const Headers key{{"Idempotency-Key", "price-list-of-october"}};
    const auto first = operate("/admin/v1/price-lists", body, key);
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.header("Idempotency-Replayed"), "");
    const auto again = operate("/admin/v1/price-lists", body, key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
    EXPECT_EQ(rig.column("SELECT count(*) FROM price_list"), std::vector<std::string>{"1"});
}

TEST_F(BadInput, AnIdempotencyKeyWithAnotherRequestIs409AndChangesNothing) {
    const Headers key{{"Idempotency-Key", "stop-of-today"}};
    ASSERT_EQ(operate("/admin/v1/stops", R"({"scope":"global","reason":"r"})", key).status, 201);
    expect_problem(operate("/admin/v1/stops", R"({"scope":"provider:wechat","reason":"r"})", key), 409,
                   "idempotency_conflict");
    EXPECT_EQ(rig.column("SELECT scope FROM kill_switch"), std::vector<std::string>{"global"});
    // Another caller's key is another key.
    EXPECT_EQ(rig.call("POST", "/admin/v1/stops", "operator-admin",
                       R"({"scope":"provider:alipay","reason":"r"})", key)
                  .status,
              201);
}

TEST_F(BadInput, AFailedCallIsNotKeptUnderItsIdempotencyKey) {
    const Headers key{{"Idempotency-Key", "stop-of-today"}};
    expect_problem(operate("/admin/v1/stops", R"({"scope":"global"})", key), 400, "missing_field");
    EXPECT_EQ(operate("/admin/v1/stops", R"({"scope":"global","reason":"r"})", key).status, 201);
}

TEST_F(BadInput, OfManyCallsAtOnceWithOneKeyOneActsAndNoneAnswersOtherwise) {
    const auto body = demo::demo_price_list().dump();
    const Headers key{{"Idempotency-Key", "price-list-of-october"}};
    std::vector<RawReply> replies(8);
    {
        std::vector<std::jthread> callers;
        for (auto& reply : replies)
            callers.emplace_back([&] { reply = operate("/admin/v1/price-lists", body, key); });
    }
    std::set<std::string> answers;
    for (const auto& reply : replies) {
        if (reply.status == 201)
            answers.insert(reply.body);
        else
            expect_problem(reply, 409, "idempotency_in_progress");
    }
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_EQ(rig.column("SELECT count(*) FROM price_list"), std::vector<std::string>{"1"});
}

TEST_F(BadInput, MoreThanATenantOrMemberMaySendIs429WithTheTimeToWait) {
    for (const auto& [member, tenant] : {std::pair{1, 100'000}, {100'000, 1}}) {
        rig.stop();
        rig.rates = fmt::format("rate_api = 100000\nrate_member = {}\nrate_tenant = {}\n", member, tenant);
        SCOPED_TRACE(rig.rates);
        rig.start(all_providers(rig));
        int refused = 0;
        for (int i = 0; i < 40; ++i) {
            const auto reply = rig.call("GET", "/api/v1/invoices", "member-viewer");
            if (reply.status == 200) continue;
            ++refused;
            expect_problem(reply, 429, "too_many_requests");
            EXPECT_EQ(reply.header("Retry-After"), "1");
        }
        EXPECT_GE(refused, 1);
        EXPECT_LT(refused, 40);
        // Who belongs to no tenant is not held to either.
        for (int i = 0; i < 40; ++i)
            EXPECT_EQ(rig.call("GET", "/admin/v1/tenants", "operator-viewer").status, 200);
    }
}

TEST_F(BadInput, AnIdempotencyKeyOfTheWrongFormIs400) {
    for (const std::string key : {"short", "has blank", "\xE9\x94\xAE\xE9\x94\xAE\xE9\x94\xAE"})
        expect_problem(
            operate("/admin/v1/stops", R"({"scope":"global","reason":"r"})", {{"Idempotency-Key", key}}), 400,
            "bad_request");
    expect_problem(operate("/admin/v1/stops", R"({"scope":"global","reason":"r"})",
                           {{"Idempotency-Key", std::string(129, 'k')}}),
                   400, "bad_request");
}

}  // namespace
}  // namespace wefee::server::tests
