// WeCom through sockets: install, tokens, members, messages and their limits, cards, clicks, logins.
#include <gtest/gtest.h>

#include "rig.hpp"
#include "wecom/callback.hpp"
#include "wecom/client.hpp"
#include "wecom/login.hpp"

namespace wefee::sandbox::test {
namespace {

constexpr auto corpid = "wpcorpSandbox0000000000001";

/// What the server would have remembered.
class Remembered final : public wecom::CredentialSource {
public:
    io::awaitable<std::optional<std::string>> suite_ticket() override { co_return ticket; }
    io::awaitable<std::optional<wecom::PermanentCode>> permanent_code(std::string) override {
        co_return code;
    }
    std::optional<std::string> ticket;
    std::optional<wecom::PermanentCode> code;
};

std::string element(const std::string& xml, const std::string& name) {
    const auto from = xml.find("<" + name + ">") + name.size() + 2;
    auto text = xml.substr(from, xml.find("</" + name + ">") - from);
    if (text.starts_with("<![CDATA[")) text = text.substr(9, text.size() - 12);
    return text;
}

struct Office : Rig {
    Office()
        : command(door_config(wecom::DoorKind::command)),
          data(door_config(wecom::DoorKind::data)),
          client(client_config(), http, clock, remembered) {
        post("/sandbox/corps", {{"corpid", corpid},
                                {"name", "示例公司"},
                                {"members",
                                 {{{"userid", "Zhang"}, {"admin", true}},
                                  {{"userid", "Li"}},
                                  {{"userid", "Wang"}, {"visible", false}},
                                  {{"userid", "Zhao"}, {"licensed", false}}}}});
    }
    wecom::DoorConfig door_config(wecom::DoorKind kind) const {
        wecom::DoorConfig config;
        config.kind = kind;
        config.token = test_keys().suite_token;
        config.encoding_aes_key = test_keys().suite_aes_key;
        config.suite_id = options.wecom_suite_id;
        config.provider_corp_id = options.wecom_provider_corp_id;
        return config;
    }
    wecom::ClientConfig client_config() const {
        wecom::ClientConfig config;
        config.base_url = sandbox.base_url();
        config.suite_id = options.wecom_suite_id;
        config.suite_secret = test_keys().suite_secret;
        config.provider_corp_id = options.wecom_provider_corp_id;
        config.provider_secret = test_keys().provider_secret;
        return config;
    }
    /// Installs as the server would: ticket and auth code from the callbacks, then the permanent code.
    void install() {
        const auto answer = post("/sandbox/corps/" + std::string(corpid) + "/install");
        ASSERT_TRUE(answer["delivery"]["accepted"]);
        std::string auth_code;
        for (const auto& heard : merchant.heard("/webhooks/wecom/command")) {
            const auto event = command.verify_post(heard.query, heard.body);
            ASSERT_TRUE(std::holds_alternative<wecom::Event>(event));
            const auto& plain = std::get<wecom::Event>(event).plaintext;
            if (std::get<wecom::Event>(event).kind == "suite_ticket")
                remembered.ticket = element(plain, "SuiteTicket");
            if (std::get<wecom::Event>(event).kind == "create_auth") auth_code = element(plain, "AuthCode");
        }
        ASSERT_EQ(auth_code, answer["auth_code"].get<std::string>());
        const auto installed = run(client.exchange_auth_code(auth_code));
        ASSERT_TRUE(installed) << installed.error().code;
        EXPECT_EQ(installed->corp_id, corpid);
        EXPECT_EQ(installed->installer.user_id, "Zhang");
        remembered.code = {installed->permanent_code, answer["agentid"].get<std::int64_t>()};
    }
    wecom::Card card(const std::string& key) const {
        wecom::Card card;
        card.kind = "upcoming_deduction";
        card.title = "扣费提醒";
        card.figure = "¥3,612.50";
        card.figure_label = "预计扣费";
        card.facts = {{"日期", "3月8日"}};
        card.primary = {"查看明细", "/b/inv_1"};
        card.buttons = {{"有疑问", "dispute:inv_1"}};
        card.task_id = wecom::task_id(key, 1);
        return card;
    }
    wecom::Result<wecom::SendResult> send(const std::string& key, std::vector<std::string> to) {
        wecom::RenderOptions render;
        render.public_url = "https://pay.example.com";
        return run(
            client.send_message(corpid, std::move(to), wecom::render_template_card(card(key), render)));
    }
    Remembered remembered;
    wecom::Door command, data;
    wecom::Client client;
};

TEST(WecomInstall, GoesFromCreateAuthToAdminsAndMembers) {
    Office office;
    office.install();
    const auto info = office.run(office.client.auth_info(corpid));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->corp_name, "示例公司");
    ASSERT_EQ(info->agents.size(), 1U);
    EXPECT_EQ(info->agents[0].agent_id, office.remembered.code->agent_id);
    const auto admins = office.run(office.client.admins(corpid));
    ASSERT_TRUE(admins);
    ASSERT_EQ(admins->size(), 1U);
    EXPECT_EQ((*admins)[0].user_id, "Zhang");
    const auto members = office.run(office.client.visible_members(corpid));
    ASSERT_TRUE(members);
    EXPECT_EQ(*members, (std::vector<std::string>{"Li", "Zhang", "Zhao"}));
}

TEST(WecomInstall, CodeWorksOnceAndTenMinutes) {
    Office office;
    office.install();
    const auto again = office.post("/sandbox/corps/" + std::string(corpid) + "/install");
    EXPECT_NE(again["agentid"].get<std::int64_t>(), office.remembered.code->agent_id);
    const auto code = again["auth_code"].get<std::string>();
    ASSERT_TRUE(office.run(office.client.exchange_auth_code(code)));
    EXPECT_EQ(office.run(office.client.exchange_auth_code(code)).error().errcode, 40078);
    EXPECT_EQ(office.refused("bad_code"), 1);
}

TEST(WecomInstall, CancelledEndsTokensAndCalls) {
    Office office;
    office.install();
    ASSERT_TRUE(office.send("a", {"Zhang"}));
    office.merchant.forget();
    office.post("/sandbox/corps/" + std::string(corpid) + "/uninstall");
    const auto heard = office.merchant.heard("/webhooks/wecom/command");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(std::get<wecom::Event>(office.command.verify_post(heard[0].query, heard[0].body)).kind,
              "cancel_auth");
    const auto sent = office.send("b", {"Zhang"});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().errcode, 40084);
}

TEST(WecomTokens, ExpireAndAreFetchedAgainWithAFreshTicket) {
    Office office;
    office.install();
    ASSERT_TRUE(office.run(office.client.suite_token()));
    office.post("/sandbox/wecom/revoke-tokens");
    ASSERT_TRUE(office.send("a", {"Zhang"})) << "a revoked token is fetched again once";
    office.merchant.forget();
    office.advance(3h);
    const auto stale = office.run(office.client.suite_token());
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().errcode, 40085);
    const auto heard = office.merchant.heard("/webhooks/wecom/command");
    ASSERT_EQ(heard.size(), 1U) << "one ticket after an advance of more than ten minutes";
    office.remembered.ticket =
        element(std::get<wecom::Event>(office.command.verify_post(heard[0].query, heard[0].body)).plaintext,
                "SuiteTicket");
    EXPECT_TRUE(office.run(office.client.suite_token()));
}

TEST(WecomMessage, ReachesVisibleLicensedMembersAndNamesTheOthers) {
    Office office;
    office.install();
    const auto sent = office.send("a", {"Zhang", "Wang", "Zhao", "Nobody"});
    ASSERT_TRUE(sent) << sent.error().code << sent.error().detail;
    EXPECT_EQ(sent->delivered, std::vector<std::string>{"Zhang"});
    EXPECT_EQ(sent->invalid, (std::vector<std::string>{"Wang", "Nobody"}));
    EXPECT_EQ(sent->unlicensed, std::vector<std::string>{"Zhao"});
    EXPECT_FALSE(sent->response_code.empty());
    const auto notices = office.get("/sandbox/notices")["wecom_messages"];
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0]["recipients"], json::array({"Zhang"}));
    EXPECT_EQ(notices[0]["message"]["template_card"]["card_type"], "button_interaction");
    EXPECT_EQ(office.send("b", {"Wang"}).error().errcode, 81013);
}

TEST(WecomMessage, TheSameAgainInFourHoursIsSwallowedAndATaskIdIsUsedOnce) {
    Office office;
    office.install();
    ASSERT_TRUE(office.send("a", {"Zhang"}));
    ASSERT_TRUE(office.send("a", {"Zhang"}));
    auto notices = office.get("/sandbox/notices")["wecom_messages"];
    ASSERT_EQ(notices.size(), 2U);
    EXPECT_TRUE(notices[1]["duplicate"]);
    EXPECT_TRUE(notices[1]["recipients"].empty());
    EXPECT_EQ(office.send("a", {"Zhang", "Li"}).error().errcode, 42014)
        << "another request, the same task_id";
    EXPECT_EQ(office.refused("duplicate_task_id"), 1);
}

TEST(WecomMessage, OverThirtyAMinuteIsDroppedInSilence) {
    Office office;
    office.install();
    for (int i = 0; i < 31; ++i) ASSERT_TRUE(office.send("n" + std::to_string(i), {"Zhang"}));
    auto notices = office.get("/sandbox/notices")["wecom_messages"];
    EXPECT_EQ(notices[29]["recipients"].size(), 1U);
    EXPECT_EQ(notices[30]["dropped"], json::array({"Zhang"}));
    office.advance(61s);
    ASSERT_TRUE(office.send("later", {"Zhang"}));
    EXPECT_EQ(office.get("/sandbox/notices")["wecom_messages"][31]["recipients"].size(), 1U);
}

TEST(WecomCard, ClickIsToldAndItsCodeUpdatesTheCardOnce) {
    Office office;
    office.install();
    const auto sent = office.send("a", {"Zhang"});
    ASSERT_TRUE(sent);
    const auto clicked =
        office.post("/sandbox/wecom/click", {{"task_id", wecom::task_id("a", 1)}, {"userid", "Zhang"}});
    EXPECT_TRUE(clicked["delivery"]["accepted"]);
    const auto heard = office.merchant.heard("/webhooks/wecom/data");
    ASSERT_EQ(heard.size(), 1U);
    const auto event = std::get<wecom::Event>(office.data.verify_post(heard[0].query, heard[0].body));
    EXPECT_EQ(event.kind, "template_card_event");
    EXPECT_EQ(element(event.plaintext, "EventKey"), "dispute:inv_1");

    wecom::CardUpdate update;
    update.user_ids = {"Zhang"};
    update.response_code = clicked["response_code"];
    update.replace_name = "已收到";
    EXPECT_TRUE(office.run(office.client.update_card(corpid, update)));
    EXPECT_EQ(office.run(office.client.update_card(corpid, update)).error().errcode, 60140);
    EXPECT_EQ(office.refused("bad_response_code"), 1);
    update.response_code = sent->response_code;
    office.advance(72h + 1s);
    office.post("/sandbox/wecom/ticket");
    const auto commands = office.merchant.heard("/webhooks/wecom/command");
    office.remembered.ticket = element(
        std::get<wecom::Event>(office.command.verify_post(commands.back().query, commands.back().body))
            .plaintext,
        "SuiteTicket");
    EXPECT_EQ(office.run(office.client.update_card(corpid, update)).error().errcode, 60140);
}

TEST(WecomCard, FieldsThatProductionRefusesAreRefused) {
    struct Case {
        const char* change;
        int code;
    };
    Office office;
    office.install();
    const auto token = office.run(office.client.corp_token(corpid));
    ASSERT_TRUE(token);
    const json good{{"card_type", "button_interaction"},
                    {"task_id", "t1"},
                    {"main_title", {{"title", "账单"}}},
                    {"button_list", {{{"text", "确认"}, {"key", "confirm"}}}}};
    for (const auto& [change, code] :
         {Case{R"({"card_type":"other"})", 42031}, Case{R"({"main_title":{}})", 42033},
          Case{R"({"horizontal_content_list":[{"keyname":"一二三四五六"}]})", 42027},
          Case{R"({"horizontal_content_list":[{"keyname":"明细","type":1}]})", 42028},
          Case{R"({"horizontal_content_list":[{},{},{},{},{},{},{}]})", 42035},
          Case{R"({"jump_list":[{"title":"a"},{"title":"b"},{"title":"c"},{"title":"d"}]})", 42042},
          Case{R"({"card_action":{"type":1,"url":"pay.example.com"}})", 42045},
          Case{R"({"button_list":[{"text":"一二三四五六七八九十一","key":"a"}]})", 42038},
          Case{R"({"button_list":[{"text":"a","key":"a"},{"text":"b","key":"a"}]})", 42039},
          Case{R"({"task_id":""})", 42014}}) {
        auto card = good;
        card.update(json::parse(change));
        const json body{{"touser", "Zhang"},
                        {"agentid", office.remembered.code->agent_id},
                        {"msgtype", "template_card"},
                        {"template_card", card}};
        const auto answer =
            office.raw("POST", "/cgi-bin/message/send?access_token=" + *token, {}, body.dump());
        EXPECT_EQ(json::parse(answer.body)["errcode"], code) << change;
    }
    EXPECT_EQ(office.refused("bad_card"), 10);
    EXPECT_TRUE(office.get("/sandbox/notices")["wecom_messages"].empty());
}

TEST(WecomLogin, CodesWorkOnceForFiveMinutesAndOnlyWhereTheyBelong) {
    Office office;
    office.install();
    const auto boss = office.new_user(0);
    wecom::MiniProgramLogin weapp(office.sandbox.base_url(), office.options.miniprogram_appid,
                                  test_keys().miniprogram_secret, office.http, office.clock);
    const auto code = [&](json wanted) {
        return office.post("/sandbox/login-codes", wanted)["code"].get<std::string>();
    };
    const json member{{"kind", "wecom"}, {"corpid", corpid}, {"userid", "Li"}};
    const json payer{{"kind", "wechat"}, {"user", "boss"}};

    const auto member_code = code(member);
    const auto session = office.run(office.client.login(member_code));
    ASSERT_TRUE(session) << session.error().code;
    EXPECT_EQ(session->user_id, "Li");
    EXPECT_EQ(session->corp_id, corpid);
    EXPECT_EQ(office.run(office.client.login(member_code)).error().errcode, 40029);
    EXPECT_EQ(office.run(office.client.login(code(payer))).error().errcode, 40029);

    const auto payer_code = code(payer);
    const auto wechat = office.run(weapp.exchange(payer_code));
    ASSERT_TRUE(wechat);
    EXPECT_EQ(wechat->openid, boss["openid"].get<std::string>());
    EXPECT_EQ(office.run(weapp.exchange(payer_code)).error().errcode, 40163);
    const auto old = code(payer);
    office.advance(5min + 1s);
    EXPECT_EQ(office.run(weapp.exchange(old)).error().errcode, 40029);
}

TEST(WecomCallback, ThatIsNotAnsweredWithSuccessComesThreeTimesMore) {
    Office office;
    office.merchant.answer_next(std::vector<io::Response>(
        9, io::Response{.status = 200, .content_type = "", .body = "ok", .headers = {}}));
    office.post("/sandbox/wecom/ticket");
    office.advance(60s);
    EXPECT_EQ(office.merchant.heard("/webhooks/wecom/command").size(), 4U);
}

TEST(WecomCallback, AddressCheckCarriesTheProvidersOwnId) {
    Office office;
    office.post("/sandbox/wecom/url-check", {{"url", "command"}});
    const auto heard = office.merchant.heard("/webhooks/wecom/command");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].method, "GET");
    EXPECT_TRUE(std::holds_alternative<std::string>(office.command.verify_get(heard[0].query)));
}

TEST(WecomCallback, SpoiltOnesAreRefusedByTheDoor) {
    Office office;
    for (const char* kind : {"wrong_key", "tamper"}) {
        office.merchant.forget();
        office.post("/sandbox/faults", {{"on", "notification"}, {"provider", "wecom"}, {"kind", kind}});
        office.merchant.answer_next(
            {io::Response{.status = 403, .content_type = "", .body = "", .headers = {}}});
        office.post("/sandbox/wecom/ticket");
        office.advance(5s);
        const auto heard = office.merchant.heard("/webhooks/wecom/command");
        ASSERT_EQ(heard.size(), 2U);
        EXPECT_TRUE(std::holds_alternative<wecom::Refusal>(
            office.command.verify_post(heard[0].query, heard[0].body)));
        EXPECT_TRUE(
            std::holds_alternative<wecom::Event>(office.command.verify_post(heard[1].query, heard[1].body)));
    }
}

}  // namespace
}  // namespace wefee::sandbox::test
