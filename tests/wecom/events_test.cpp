// What each stored event means: the vectors' plaintexts as facts.
#include "wecom/events.hpp"

#include <gtest/gtest.h>

#include <map>

#include "support.hpp"

namespace wefee::wecom {
namespace {

Fact fact_of(const std::string& id) {
    for (const auto& v : test::vectors("callback_positive.json"))
        if (v.at("id") == id) return decode(v.at("plaintext").get<std::string>());
    throw std::runtime_error("no vector " + id);
}

constexpr auto suite = "ww4asffe99e54c0f4c";
constexpr auto corp = "wpTD_bDwAAabcXyz0123456789AAAAAA";
const Instant second_of_vectors{std::chrono::seconds{1403610513}};

TEST(Events, AuthorisationLifeIsToldAsFacts) {
    const auto ticket = std::get<SuiteTicket>(fact_of("P008"));
    EXPECT_EQ(ticket.suite_id, suite);
    EXPECT_EQ(ticket.ticket, "asdfasfdasdfasdf");
    EXPECT_EQ(ticket.at, second_of_vectors);
    const auto created = std::get<AuthCreated>(fact_of("P009"));
    EXPECT_EQ(created.auth_code, "AUTHCODE_0123456789_0123456789_0123456789_0123456789_0123456789_0");
    EXPECT_EQ(created.state, "123");
    EXPECT_EQ(std::get<AuthChanged>(fact_of("P010")).corp_id, corp);
    EXPECT_EQ(std::get<AuthChanged>(fact_of("P038")).corp_id, corp);
    EXPECT_EQ(std::get<AuthCancelled>(fact_of("P011")).corp_id, corp);
    EXPECT_EQ(std::get<PermanentCodeReset>(fact_of("P012")).auth_code, "AUTHCODE");
}

TEST(Events, ContactAndVisibilityChangesNameTheirSubject) {
    const auto joined = std::get<ContactChanged>(fact_of("P013"));
    EXPECT_EQ(joined.corp_id, corp);
    EXPECT_EQ(joined.change_type, "create_user");
    EXPECT_EQ(joined.subject, "woTD_user_1");
    EXPECT_EQ(std::get<ContactChanged>(fact_of("P014")).change_type, "delete_user");
    const auto entered = std::get<ContactChanged>(fact_of("P030"));
    EXPECT_EQ(entered.change_type, "subscribe");
    EXPECT_EQ(entered.subject, "woTD_user_1");
    EXPECT_EQ(std::get<AppAdminsChanged>(fact_of("P028")).agent_id, 1000032);
}

TEST(Events, CardClickCarriesWhoWhatAndTheNewResponseCode) {
    const auto click = std::get<CardClicked>(fact_of("P026"));
    EXPECT_EQ(click.corp_id, corp);
    EXPECT_EQ(click.user_id, "woTD_user_1");
    EXPECT_EQ(click.agent_id, 1000032);
    EXPECT_EQ(click.task_id, "bill_202509_0001@1");
    EXPECT_EQ(click.key, "confirm_bill");
    EXPECT_EQ(click.card_type, "button_interaction");
    EXPECT_EQ(click.response_code, "RESPONSECODE_A");
    EXPECT_FALSE(click.menu);
    ASSERT_EQ(click.selections.size(), 1U);
    EXPECT_EQ(click.selections[0].question, "pay_method");
    EXPECT_EQ(click.selections[0].options, std::vector<std::string>{"wxpay"});
    const auto menu = std::get<CardClicked>(fact_of("P027"));
    EXPECT_TRUE(menu.menu);
    EXPECT_EQ(menu.key, "mute");
    EXPECT_TRUE(menu.selections.empty());
}

TEST(Events, MemberMessagesKeepThe64BitIdAndTheSplitCdata) {
    const auto message = std::get<MemberMessage>(fact_of("P041"));
    EXPECT_EQ(message.message_id, "9007199254740993");
    EXPECT_EQ(message.content, "a]]>b &amp; <c>");
    EXPECT_EQ(std::get<MemberMessage>(fact_of("P031")).content, "查账单 — 九月 💰 & <b>");
    const auto robot = std::get<MemberMessage>(fact_of("P033"));
    EXPECT_EQ(robot.message_id, "m1");
    EXPECT_EQ(robot.user_id, "zhangsan");
    EXPECT_EQ(robot.content, "hi");
}

TEST(Events, CashDeskLicenceAndAppStateEventsKeepAllTheirFields) {
    const auto paid = std::get<Other>(fact_of("P019"));
    EXPECT_EQ(paid.kind, "pay_for_app_success");
    EXPECT_EQ(paid.corp_id, corp);
    EXPECT_EQ(paid.get("OrderId"), "ORDERID0002");
    const auto activated = std::get<Other>(fact_of("P025"));
    EXPECT_EQ(activated.get("AccountList.ActiveCode"), "XXXX");
    EXPECT_EQ(std::ranges::count(activated.fields, "AccountList.ActiveCode",
                                 &std::pair<std::string, std::string>::first),
              2);
    EXPECT_EQ(std::get<Other>(fact_of("P024")).get("OrderStatus"), "1");
    EXPECT_EQ(std::get<Other>(fact_of("P029")).kind, "unlicensed_notify");
    EXPECT_EQ(std::get<Other>(fact_of("P040")).kind, "close_inactive_agent");
}

TEST(Events, EveryPlaintextVectorDecodes) {
    for (const auto& v : test::vectors("callback_positive.json")) {
        if (!v.at("kind").get<std::string>().starts_with("post_")) continue;
        EXPECT_NO_THROW(decode(v.at("plaintext").get<std::string>())) << v.at("id");
    }
}

TEST(Events, WhatLacksItsSubjectIsAnErrorForAPersonNotAFact) {
    for (const std::string bad :
         {"", "<xml>", "[]", "<xml><InfoType>suite_ticket</InfoType><SuiteId>s</SuiteId></xml>",
          "<xml><InfoType>create_auth</InfoType><SuiteId>s</SuiteId><AuthCode/></xml>",
          "<xml><InfoType>cancel_auth</InfoType><SuiteId>s</SuiteId></xml>",
          "<xml><MsgType>event</MsgType><Event>template_card_event</Event><ToUserName>c</ToUserName></xml>"})
        EXPECT_THROW(decode(bad), std::runtime_error) << bad;
    EXPECT_TRUE(std::holds_alternative<Other>(
        decode("<xml><InfoType>change_app</InfoType></xml>")));  // unknown: kept
}

}  // namespace
}  // namespace wefee::wecom
