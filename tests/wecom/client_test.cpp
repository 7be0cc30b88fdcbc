// Calls and their typed answers against a scripted WeCom.
#include "wecom/client.hpp"

#include "client_fixture.hpp"

namespace wefee::wecom {
namespace {

using nlohmann::json;
using namespace test;

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

}  // namespace
}  // namespace wefee::wecom
