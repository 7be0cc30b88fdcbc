// Tokens against a scripted WeCom: one fetch, one renewal, circuits.
#include "wecom/tokens.hpp"

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <thread>
#include <utility>

#include "client_fixture.hpp"

namespace wefee::wecom {
namespace {

using nlohmann::json;
using namespace test;

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

TEST(TokenExpiry, KeepsAMarginOf300SecondsAndNeverExpiresAtOnce) {
    const io::Clock::Instant start{};
    EXPECT_EQ(token_expiry(start, std::chrono::seconds{7200}), start + std::chrono::seconds{6900});
    EXPECT_EQ(token_expiry(start, std::chrono::seconds{400}), start + std::chrono::seconds{200});
    EXPECT_EQ(token_expiry(start, std::chrono::seconds{0}), start);
}

}  // namespace
}  // namespace wefee::wecom
