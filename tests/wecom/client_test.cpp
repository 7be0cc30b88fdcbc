// Tokens and calls against a scripted WeCom.
#include "wecom/client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <thread>
#include <utility>

#include "run.hpp"
#include "support.hpp"

namespace wefee::wecom {
namespace {

using nlohmann::json;
using test::run;

constexpr auto suite_token_path = "/cgi-bin/service/get_suite_token";
constexpr auto corp_token_path = "/cgi-bin/service/get_corp_token";
constexpr auto provider_token_path = "/cgi-bin/service/get_provider_token";
constexpr auto admins_path = "/cgi-bin/agent/get_admin_list";
constexpr auto send_path = "/cgi-bin/message/send";
constexpr auto update_path = "/cgi-bin/message/update_template_card";

class Credentials final : public CredentialSource {
public:
    std::optional<std::string> ticket = "TICKET_1";
    std::map<std::string, PermanentCode> codes{{"wpA", {"CODE_A", 1000032}}, {"wpB", {"CODE_B", 1000044}}};
    io::awaitable<std::optional<std::string>> suite_ticket() override { co_return ticket; }
    io::awaitable<std::optional<PermanentCode>> permanent_code(std::string corp_id) override {
        const auto at = codes.find(corp_id);
        co_return at == codes.end() ? std::nullopt : std::optional{at->second};
    }
};

struct WecomClient : ::testing::Test {
    test::ScriptedWecom wecom;
    test::FakeClock clock;
    Credentials credentials;
    ClientConfig config;
    std::unique_ptr<Client> client;

    WecomClient() {
        config.suite_id = "ww-suite";
        config.suite_secret = "suite-secret";
        config.provider_corp_id = "wwprovider";
        config.provider_secret = "provider-secret";
        client = std::make_unique<Client>(config, wecom, clock, credentials);
    }
    void script_tokens() {
        wecom.answer(suite_token_path, R"({"suite_access_token":"ST1","expires_in":7200})");
        wecom.answer(suite_token_path, R"({"suite_access_token":"ST2","expires_in":7200})");
        wecom.answer(corp_token_path, R"({"access_token":"CT1","expires_in":7200})");
        wecom.answer(corp_token_path, R"({"access_token":"CT2","expires_in":7200})");
    }
};

TEST_F(WecomClient, TokensAreFetchedOnceAndAgainBeforeTheyExpire) {  // T14
    script_tokens();
    EXPECT_EQ(run(client->corp_token("wpA")).value(), "CT1");
    clock.time += std::chrono::seconds{6899};
    EXPECT_EQ(run(client->corp_token("wpA")).value(), "CT1");
    EXPECT_EQ(wecom.count(corp_token_path), 1U);
    clock.time += std::chrono::seconds{302};  // 7,201 s after the fetch
    EXPECT_EQ(run(client->corp_token("wpA")).value(), "CT2");
    EXPECT_EQ(wecom.count(suite_token_path), 2U);
    const auto& call = wecom.last(corp_token_path);
    EXPECT_EQ(call.query, "suite_access_token=ST2");
    EXPECT_EQ(json::parse(call.body), (json{{"auth_corpid", "wpA"}, {"permanent_code", "CODE_A"}}));
    EXPECT_EQ(
        json::parse(wecom.last(suite_token_path).body),
        (json{{"suite_id", "ww-suite"}, {"suite_secret", "suite-secret"}, {"suite_ticket", "TICKET_1"}}));
}

TEST_F(WecomClient, ProviderTokenHasItsOwnNameAndSecret) {  // T15
    wecom.answer(provider_token_path, R"({"provider_access_token":"PT","expires_in":7200})");
    EXPECT_EQ(run(client->provider_token()).value(), "PT");
    EXPECT_EQ(json::parse(wecom.last(provider_token_path).body),
              (json{{"corpid", "wwprovider"}, {"provider_secret", "provider-secret"}}));
    EXPECT_EQ(wecom.last(provider_token_path).query, "");
}

TEST_F(WecomClient, EachCorpHasItsOwnTokenAndCode) {  // T16
    script_tokens();
    EXPECT_EQ(run(client->corp_token("wpA")).value(), "CT1");
    EXPECT_EQ(run(client->corp_token("wpB")).value(), "CT2");
    EXPECT_EQ(json::parse(wecom.last(corp_token_path).body)["permanent_code"], "CODE_B");
    EXPECT_EQ(run(client->corp_token("wpA")).value(), "CT1");
    EXPECT_EQ(run(client->corp_token("wpX")).error().error_class, ErrorClass::reauth);
}

TEST_F(WecomClient, TwoAppsOfOneCorpKeepTheirTokensApartInASharedCache) {  // T10
    const auto tokens = std::make_shared<TokenCache>(clock);
    wecom.answer("/cgi-bin/gettoken",
                 R"({"errcode":0,"errmsg":"ok","access_token":"T_ONE","expires_in":7200})");
    wecom.answer("/cgi-bin/gettoken",
                 R"({"errcode":0,"errmsg":"ok","access_token":"T_TWO","expires_in":7200})");
    ClientConfig one;
    one.mode = AppMode::self_built;
    one.corp_id = "wwcorp";
    one.corp_secret = "s1";
    one.agent_id = 1;
    ClientConfig two = one;
    two.corp_secret = "s2";
    two.agent_id = 2;
    Client first(one, wecom, clock, credentials, tokens);
    Client second(two, wecom, clock, credentials, tokens);
    EXPECT_EQ(run(first.corp_token("wwcorp")).value(), "T_ONE");
    EXPECT_EQ(run(second.corp_token("wwcorp")).value(), "T_TWO");
    EXPECT_EQ(run(first.corp_token("wwcorp")).value(), "T_ONE");
    EXPECT_EQ(wecom.calls[0].query, "corpid=wwcorp&corpsecret=s1");
    EXPECT_EQ(wecom.calls[0].method, "GET");
}

TEST_F(WecomClient, CustomDevelopedAppUsesThePermanentCodeAsSecret) {
    config.mode = AppMode::custom_developed;
    Client custom(config, wecom, clock, credentials);
    wecom.answer("/cgi-bin/gettoken", R"({"access_token":"T","expires_in":7200})");
    EXPECT_EQ(run(custom.corp_token("wpB")).value(), "T");
    EXPECT_EQ(wecom.last("/cgi-bin/gettoken").query, "corpid=wpB&corpsecret=CODE_B");
}

TEST_F(WecomClient, ADeadTokenIsFetchedAgainOnceAndTheCallRepeated) {  // T11
    for (const int code : {40014, 42001, 40082, 42009}) {
        SCOPED_TRACE(code);
        test::ScriptedWecom fresh;
        fresh.answer(suite_token_path, R"({"suite_access_token":"ST","expires_in":7200})");
        fresh.answer(corp_token_path, R"({"access_token":"CT1","expires_in":7200})");
        fresh.answer(corp_token_path, R"({"access_token":"CT2","expires_in":7200})");
        fresh.answer(admins_path, json{{"errcode", code}, {"errmsg", "x"}}.dump());
        fresh.answer(
            admins_path,
            R"({"errcode":0,"errmsg":"ok","admin":[{"userid":"u1","auth_type":1},{"userid":"u2","auth_type":0}]})");
        Client one(config, fresh, clock, credentials);
        const auto admins = run(one.admins("wpA"));
        ASSERT_TRUE(admins.has_value());
        ASSERT_EQ(admins->size(), 2U);
        EXPECT_TRUE(admins->at(0).manages);
        EXPECT_FALSE(admins->at(1).manages);
        EXPECT_EQ(fresh.count(corp_token_path), 2U);
        EXPECT_EQ(fresh.last(admins_path).query, "access_token=CT2");
    }
}

TEST_F(WecomClient, ATokenThatNeverWorksIsFetchedAtMostOnceMore) {  // T12
    script_tokens();
    wecom.answer(admins_path, R"({"errcode":40014,"errmsg":"invalid access_token"})");
    const auto failed = run(client->admins("wpA"));
    EXPECT_EQ(failed.error().error_class, ErrorClass::fix);
    EXPECT_EQ(failed.error().errcode, 40014);
    EXPECT_EQ(wecom.count(corp_token_path), 2U);
    EXPECT_EQ(wecom.count(admins_path), 2U);
}

TEST_F(WecomClient, ADeadSuiteTokenUnderACorpTokenIsRenewedToo) {
    wecom.answer(suite_token_path, R"({"suite_access_token":"ST1","expires_in":7200})");
    wecom.answer(suite_token_path, R"({"suite_access_token":"ST2","expires_in":7200})");
    wecom.answer(corp_token_path, R"({"errcode":42009,"errmsg":"expired"})");
    wecom.answer(corp_token_path, R"({"access_token":"CT","expires_in":7200})");
    EXPECT_EQ(run(client->corp_token("wpA")).value(), "CT");
    EXPECT_EQ(wecom.last(corp_token_path).query, "suite_access_token=ST2");
}

TEST_F(WecomClient, ManyCallersAtOnceShareOneFetch) {
    script_tokens();
    wecom.answer(admins_path, R"({"errcode":0,"admin":[]})");
    boost::asio::io_context loop(1);
    int done = 0;
    for (int i = 0; i < 50; ++i)
        boost::asio::co_spawn(loop, client->admins("wpA"),
                              [&](std::exception_ptr error, const Result<std::vector<Admin>>& result) {
                                  EXPECT_FALSE(error);
                                  done += result.has_value() ? 1 : 0;
                              });
    loop.run();
    EXPECT_EQ(done, 50);
    EXPECT_EQ(wecom.count(suite_token_path), 1U);
    EXPECT_EQ(wecom.count(corp_token_path), 1U);
    EXPECT_EQ(wecom.count(admins_path), 50U);
}

TEST_F(WecomClient, AFailedFetchFailsAllWhoWaitedForItAndNobodyAsksAgain) {
    wecom.answer(suite_token_path, R"({"errcode":40080,"errmsg":"bad secret"})");
    boost::asio::io_context loop(1);
    int failed = 0;
    for (int i = 0; i < 20; ++i)
        boost::asio::co_spawn(loop, client->suite_token(),
                              [&](std::exception_ptr, const Result<std::string>& result) {
                                  failed += !result && result.error().errcode == 40080 ? 1 : 0;
                              });
    loop.run();
    EXPECT_EQ(failed, 20);
    EXPECT_EQ(wecom.count(suite_token_path), 1U);
    EXPECT_EQ(run(client->suite_token()).error().code, "circuit");  // a wrong secret is not hammered
    EXPECT_EQ(wecom.count(suite_token_path), 1U);
}

/// The first call hangs until it is cancelled; the others are answered.
class HangsOnce final : public io::HttpClient {
public:
    explicit HangsOnce(io::HttpClient& next) : next_(next) {}
    io::awaitable<io::ClientResponse> send(io::ClientRequest request,
                                           std::chrono::milliseconds limit) override {
        if (std::exchange(hangs_, false)) {
            boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                            boost::asio::steady_timer::time_point::max());
            co_await never.async_wait(boost::asio::use_awaitable);
        }
        co_return co_await next_.send(std::move(request), limit);
    }

private:
    io::HttpClient& next_;
    bool hangs_ = true;
};

TEST_F(WecomClient, WhenTheFetchingCallerIsCancelledAWaiterTakesOver) {
    script_tokens();
    HangsOnce http(wecom);
    Client one(config, http, clock, credentials);
    boost::asio::io_context loop(1);
    boost::asio::cancellation_signal stop;
    bool cancelled = false;
    std::string token;
    boost::asio::co_spawn(loop, one.suite_token(),
                          boost::asio::bind_cancellation_slot(
                              stop.slot(), [&](std::exception_ptr error, const Result<std::string>&) {
                                  cancelled = error != nullptr;
                              }));
    boost::asio::co_spawn(loop, one.suite_token(), [&](std::exception_ptr error, Result<std::string> result) {
        EXPECT_FALSE(error);
        token = result.value_or("");
    });
    loop.poll();
    EXPECT_TRUE(token.empty());
    EXPECT_TRUE(wecom.calls.empty());
    stop.emit(boost::asio::cancellation_type::terminal);
    loop.run();
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(token, "ST1");
}

TEST_F(WecomClient, CallersOnSeveralLoopsShareOneFetch) {
    script_tokens();
    std::atomic<int> done = 0;
    HangsOnce http(wecom);
    Client one(config, http, clock, credentials);
    boost::asio::io_context leader(1);
    boost::asio::cancellation_signal stop;
    boost::asio::co_spawn(leader, one.suite_token(),
                          boost::asio::bind_cancellation_slot(
                              stop.slot(), [](std::exception_ptr, const Result<std::string>&) {}));
    leader.poll();  // holds the flight while the other loops come to wait behind it
    std::vector<std::unique_ptr<boost::asio::io_context>> loops;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        loops.push_back(std::make_unique<boost::asio::io_context>(1));
        for (int caller = 0; caller < 10; ++caller)
            boost::asio::co_spawn(*loops.back(), one.suite_token(),
                                  [&](std::exception_ptr, const Result<std::string>& result) {
                                      done += result && *result == "ST1" ? 1 : 0;
                                  });
        loops.back()->poll();
    }
    for (auto& loop : loops) threads.emplace_back([&loop] { loop->run(); });
    stop.emit(boost::asio::cancellation_type::terminal);
    leader.run();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(done, 30);
    EXPECT_EQ(wecom.count(suite_token_path), 1U);
}

TEST_F(WecomClient, WithoutATicketItWaitsAndARefusedTicketIsNotTriedAgain) {
    credentials.ticket.reset();
    EXPECT_EQ(run(client->suite_token()).error().error_class, ErrorClass::wait_ticket);
    EXPECT_TRUE(wecom.calls.empty());
    credentials.ticket = "OLD";
    wecom.answer(suite_token_path, R"({"errcode":40085,"errmsg":"invalid suite ticket"})");
    wecom.answer(suite_token_path, R"({"suite_access_token":"ST","expires_in":7200})");
    EXPECT_EQ(run(client->suite_token()).error().error_class, ErrorClass::wait_ticket);
    EXPECT_EQ(run(client->suite_token()).error().error_class, ErrorClass::wait_ticket);
    EXPECT_EQ(wecom.calls.size(), 1U);
    credentials.ticket = "NEW";
    EXPECT_EQ(run(client->suite_token()).value(), "ST");
}

TEST_F(WecomClient, MissingErrcodeIsSuccessOnlyWithTheNeededField) {
    wecom.answer(suite_token_path, R"({"expires_in":7200})");
    wecom.answer(suite_token_path, R"({"suite_access_token":"","expires_in":7200})");
    wecom.answer(suite_token_path, "<html>");
    wecom.answer(suite_token_path, R"({"errcode":"x"})");
    wecom.answer(suite_token_path, "", 502);
    wecom.answer(suite_token_path, "", 0);
    for (const std::string code : {"garbled", "garbled", "garbled", "garbled", "http_502", "transport"}) {
        const auto failed = run(client->suite_token());
        ASSERT_FALSE(failed.has_value());
        EXPECT_EQ(failed.error().code, code);
        EXPECT_EQ(failed.error().error_class, ErrorClass::retry);
    }
    EXPECT_EQ(wecom.calls.size(), 6U);
}

TEST_F(WecomClient, ARateLimitOpensTheCircuitOfThatCorpAndApiAlone) {
    script_tokens();
    wecom.answer(admins_path, R"({"errcode":45009,"errmsg":"api freq out of limit"})");
    EXPECT_EQ(run(client->admins("wpA")).error().error_class, ErrorClass::blocked);
    EXPECT_EQ(run(client->admins("wpA")).error().code, "circuit");
    EXPECT_EQ(wecom.count(admins_path), 1U);
    EXPECT_EQ(run(client->admins("wpB")).error().errcode, 45009);
    EXPECT_EQ(wecom.count(admins_path), 2U);
    clock.time += std::chrono::seconds{61};
    EXPECT_EQ(run(client->admins("wpA")).error().errcode, 45009);
    clock.time += std::chrono::minutes{59};  // the second block in a row lasts an hour
    EXPECT_EQ(run(client->admins("wpA")).error().code, "circuit");
    clock.time += std::chrono::minutes{2};
    EXPECT_EQ(run(client->admins("wpA")).error().errcode, 45009);
}

TEST_F(WecomClient, AnAddressThatIsNotListedStopsAllCalls) {  // T22
    script_tokens();
    wecom.answer(admins_path, R"({"errcode":60020,"errmsg":"not allow to access from your ip"})");
    EXPECT_EQ(run(client->admins("wpA")).error().error_class, ErrorClass::admin);
    const auto calls = wecom.calls.size();
    EXPECT_EQ(run(client->admins("wpB")).error().code, "circuit");
    EXPECT_EQ(run(client->provider_token()).error().code, "circuit");
    EXPECT_EQ(wecom.calls.size(), calls);
    clock.time += std::chrono::seconds{61};
    EXPECT_EQ(run(client->admins("wpA")).error().errcode, 60020);
}

TEST_F(WecomClient, CancellationIsNotTurnedIntoAFailure) {
    class Cancelled final : public io::HttpClient {
        io::awaitable<io::ClientResponse> send(io::ClientRequest, std::chrono::milliseconds) override {
            throw boost::system::system_error(boost::asio::error::operation_aborted);
            co_return io::ClientResponse{};
        }
    } http;
    Client one(config, http, clock, credentials);
    EXPECT_THROW(run(one.suite_token()), boost::system::system_error);
}

TEST_F(WecomClient, InstallsWithTheCodeAndReadsNestedAnswers) {  // T17
    script_tokens();
    wecom.answer("/cgi-bin/service/get_pre_auth_code",
                 R"({"errcode":0,"pre_auth_code":"PRE","expires_in":1200})");
    wecom.answer("/cgi-bin/service/v2/get_permanent_code",
                 R"({"permanent_code":"PC","auth_corp_info":{"corpid":"wpNew","corp_name":"星河教育"},
        "auth_user_info":{"userid":"wo1","open_userid":"wo1o","name":"李明"},"state":"st"})");
    wecom.answer("/cgi-bin/service/v2/get_permanent_code", R"({"errcode":40078,"errmsg":"used"})");
    wecom.answer(
        "/cgi-bin/service/v2/get_auth_info",
        R"({"errcode":0,"auth_corp_info":{"corpid":"wpA","corp_name":"星河教育","corp_user_max":200,"subject_type":1},
        "auth_info":{"agent":[{"agentid":1000032,"name":"SCRM","auth_mode":0,"is_customized_app":false,
          "privilege":{"level":1,"allow_party":[1,2],"allow_user":["wo1"],"allow_tag":[7]}}]},
        "edition_info":{"agent":[{"agentid":1000032,"edition_id":"E1","edition_name":"专业版","app_status":3,"user_limit":200,"expired_time":1798761600}]}})");
    EXPECT_EQ(run(client->pre_auth_code())->code, "PRE");
    EXPECT_EQ(wecom.last("/cgi-bin/service/get_pre_auth_code").method, "GET");
    const auto installed = run(client->exchange_auth_code("AC"));
    ASSERT_TRUE(installed.has_value());
    EXPECT_EQ(installed->permanent_code, "PC");
    EXPECT_EQ(installed->corp_id, "wpNew");
    EXPECT_EQ(installed->installer.user_id, "wo1");
    EXPECT_EQ(installed->state, "st");
    EXPECT_EQ(run(client->exchange_auth_code("AC")).error().error_class, ErrorClass::reinstall);
    const auto info = run(client->auth_info("wpA"));
    ASSERT_TRUE(info.has_value());
    ASSERT_EQ(info->agents.size(), 1U);
    EXPECT_EQ(info->agents[0].agent_id, 1000032);
    EXPECT_EQ(info->agents[0].users, std::vector<std::string>{"wo1"});
    EXPECT_EQ(info->agents[0].departments, (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(info->user_max, 200);
    ASSERT_EQ(info->editions.size(), 1U);
    EXPECT_EQ(info->editions[0].app_status, 3);
    EXPECT_EQ(install_link("ww s", "p+q", "https://a.example/cb?x=1", "st"),
              "https://open.work.weixin.qq.com/3rdapp/"
              "install?suite_id=ww%20s&pre_auth_code=p%2Bq&redirect_uri=https%3A%2F%2Fa."
              "example%2Fcb%3Fx%3D1&state=st");
}

TEST_F(WecomClient, SeatsAreTheDistinctMembersOfAllPages) {
    script_tokens();
    wecom.answer(
        "/cgi-bin/user/list_id",
        R"({"errcode":0,"next_cursor":"c2","dept_user":[{"userid":"b","department":1},{"userid":"a","department":2}]})");
    wecom.answer(
        "/cgi-bin/user/list_id",
        R"({"errcode":0,"next_cursor":"","dept_user":[{"userid":"a","department":3},{"open_userid":"o","department":3}]})");
    EXPECT_EQ(run(client->visible_members("wpA")).value(), (std::vector<std::string>{"a", "b", "o"}));
    EXPECT_EQ(json::parse(wecom.last("/cgi-bin/user/list_id").body),
              (json{{"limit", 10000}, {"cursor", "c2"}}));
}

TEST_F(WecomClient, ASnapshotThatFailsOnOnePageIsVoid) {
    script_tokens();
    wecom.answer("/cgi-bin/user/list_id",
                 R"({"errcode":0,"next_cursor":"c2","dept_user":[{"userid":"a","department":1}]})");
    wecom.answer("/cgi-bin/user/list_id", R"({"errcode":-1,"errmsg":"busy"})");
    EXPECT_EQ(run(client->visible_members("wpA")).error().error_class, ErrorClass::retry);
}

TEST_F(WecomClient, ACursorThatNeverEndsIsAFailureNotALoop) {
    script_tokens();
    wecom.answer("/cgi-bin/user/list_id", R"({"errcode":0,"next_cursor":"same","dept_user":[]})");
    EXPECT_EQ(run(client->visible_members("wpA")).error().code, "endless_pages");
}

const Rendered sample_card{
    "template_card",
    R"({"card_type":"text_notice","main_title":{"title":"t"},"card_action":{"type":1,"url":"https://x"}})"};

TEST_F(WecomClient, ASentCardIsTheDocumentedRequestToTheCharacter) {  // T26
    script_tokens();
    wecom.answer(send_path, R"({"errcode":0,"errmsg":"ok","msgid":"M"})");
    ASSERT_TRUE(run(client->send_message("wpA", {"woA", "woB", "woA"}, sample_card)).has_value());
    EXPECT_EQ(wecom.last(send_path).query, "access_token=CT1");
    EXPECT_EQ(
        wecom.last(send_path).body,
        R"({"touser":"woA|woB","msgtype":"template_card","agentid":1000032,"enable_id_trans":0,"enable_duplicate_check":1,)"
        R"("duplicate_check_interval":14400,"template_card":{"card_type":"text_notice","main_title":{"title":"t"},)"
        R"("card_action":{"type":1,"url":"https://x"}}})");
}

TEST_F(WecomClient, DeliveredAreTheRecipientsLessTheInvalidAndTheUnlicensed) {  // T18
    script_tokens();
    wecom.answer(send_path,
                 R"({"errcode":0,"errmsg":"ok","invaliduser":"wotd_admin_9","unlicenseduser":"wotd_admin_2",
        "msgid":"MSGID_1","response_code":"RC_SEND_1"})");
    const auto sent =
        run(client->send_message("wpA", {"woTD_admin_1", "woTD_admin_2", "woTD_admin_9"}, sample_card));
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->delivered, std::vector<std::string>{"woTD_admin_1"});
    EXPECT_EQ(sent->unlicensed, std::vector<std::string>{"woTD_admin_2"});
    EXPECT_EQ(sent->invalid, std::vector<std::string>{"woTD_admin_9"});
    EXPECT_EQ(sent->msgid, "MSGID_1");
    EXPECT_EQ(sent->response_code, "RC_SEND_1");
}

TEST_F(WecomClient, NobodyReachableIsAFailureOfClassData) {
    script_tokens();
    wecom.answer(send_path, R"({"errcode":81013,"errmsg":"all invalid","invaliduser":"a"})");
    EXPECT_EQ(run(client->send_message("wpA", {"a"}, sample_card)).error().error_class, ErrorClass::data);
}

TEST_F(WecomClient, ARepeatedSendIsTheSameBytesSoThatTheDuplicateCheckCatchesIt) {
    script_tokens();
    wecom.answer(send_path, "", 0);
    wecom.answer(send_path, R"({"errcode":0,"msgid":"M"})");
    const auto lost = run(client->send_message("wpA", {"a", "b"}, sample_card));
    EXPECT_TRUE(lost.error().outcome_unknown);
    const std::string first = wecom.last(send_path).body;
    EXPECT_TRUE(run(client->send_message("wpA", {"a", "b"}, sample_card)).has_value());
    EXPECT_EQ(wecom.last(send_path).body, first);
}

TEST_F(WecomClient, RecipientsAreCheckedBeforeAnythingIsSent) {
    for (const auto& bad :
         std::vector<std::vector<std::string>>{{}, {""}, {"a|b"}, std::vector<std::string>(0)})
        EXPECT_EQ(run(client->send_message("wpA", bad, sample_card)).error().error_class, ErrorClass::fix);
    std::vector<std::string> many;
    for (int i = 0; i < 1001; ++i) many.push_back("u" + std::to_string(i));
    EXPECT_EQ(run(client->send_message("wpA", many, sample_card)).error().code, "recipients");
    EXPECT_TRUE(wecom.calls.empty());
}

TEST_F(WecomClient, CardUpdateGoesToItsOwnEndpointWithTheResponseCode) {  // T18, T19
    script_tokens();
    wecom.answer(update_path, R"({"errcode":0,"errmsg":"ok","invaliduser":["wo9"]})");
    wecom.answer(update_path, R"({"errcode":60140,"errmsg":"used"})");
    CardUpdate update;
    update.everybody = true;
    update.response_code = "RC_SEND_1";
    update.replace_name = "已确认";
    EXPECT_EQ(run(client->update_card("wpA", update)).value(), std::vector<std::string>{"wo9"});
    EXPECT_EQ(
        wecom.last(update_path).body,
        R"({"atall":1,"agentid":1000032,"response_code":"RC_SEND_1","button":{"replace_name":"已确认"}})");
    EXPECT_EQ(run(client->update_card("wpA", update)).error().error_class, ErrorClass::final_answer);
    update.everybody = false;
    update.user_ids = {"wo1"};
    update.replace_name.clear();
    update.card = sample_card;
    (void)run(client->update_card("wpA", update));
    EXPECT_EQ(json::parse(wecom.last(update_path).body)["template_card"]["card_type"], "text_notice");
    EXPECT_EQ(json::parse(wecom.last(update_path).body)["userids"], json{"wo1"});
    update.response_code.clear();
    EXPECT_EQ(run(client->update_card("wpA", update)).error().code, "card_update");
}

TEST_F(WecomClient, LoginAsksTheEndpointOfItsKindOfApp) {  // T21, T25
    script_tokens();
    wecom.answer("/cgi-bin/service/miniprogram/jscode2session",
                 R"({"errcode":0,"corpid":"wpA","userid":"wo1","session_key":"k","open_userid":"o1"})");
    wecom.answer("/cgi-bin/service/miniprogram/jscode2session", R"({"errcode":40029,"errmsg":"bad code"})");
    const auto session = run(client->login("c+1"));
    ASSERT_TRUE(session.has_value());
    EXPECT_EQ(session->corp_id, "wpA");
    EXPECT_EQ(session->user_id, "wo1");
    EXPECT_EQ(session->open_user_id, "o1");
    EXPECT_EQ(wecom.last("/cgi-bin/service/miniprogram/jscode2session").query,
              "suite_access_token=ST1&js_code=c%2B1&grant_type=authorization_code");
    EXPECT_EQ(run(client->login("c+1")).error().error_class, ErrorClass::user_again);
    ClientConfig self;
    self.mode = AppMode::self_built;
    self.corp_id = "wwcorp";
    self.corp_secret = "s";
    self.agent_id = 5;
    Client own(self, wecom, clock, credentials);
    wecom.answer("/cgi-bin/gettoken", R"({"errcode":0,"access_token":"T","expires_in":7200})");
    wecom.answer("/cgi-bin/miniprogram/jscode2session",
                 R"({"errcode":0,"corpid":"wwcorp","userid":"zhang","session_key":"k"})");
    EXPECT_EQ(run(own.login("c"))->user_id, "zhang");
    EXPECT_EQ(wecom.last("/cgi-bin/miniprogram/jscode2session").query,
              "access_token=T&js_code=c&grant_type=authorization_code");
}

TEST(TokenExpiry, KeepsAMarginOf300SecondsAndNeverExpiresAtOnce) {
    const io::Clock::Instant start{};
    EXPECT_EQ(token_expiry(start, std::chrono::seconds{7200}), start + std::chrono::seconds{6900});
    EXPECT_EQ(token_expiry(start, std::chrono::seconds{400}), start + std::chrono::seconds{200});
    EXPECT_EQ(token_expiry(start, std::chrono::seconds{0}), start);
}

}  // namespace
}  // namespace wefee::wecom
