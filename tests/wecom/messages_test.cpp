// Renderers: every notice with sample and with long texts, against every limit of WeCom's fields.
#include "wecom/messages.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "wecom/text.hpp"

namespace wefee::wecom {
namespace {

using nlohmann::json;

RenderOptions options() {
    RenderOptions out;
    out.public_url = "https://pay.example.com";
    out.miniprogram_appid = "wx1234567890abcdef";
    return out;
}

Card upcoming() {
    Card card;
    card.kind = "upcoming";
    card.title = "12月08日将自动扣费,请核对";
    card.lead = "星河教育 · 2026年11月账单";
    card.figure = "¥3,612.50";
    card.figure_label = "预计扣费金额";
    card.facts = {{"扣费时间", "12月08日 10:00"},
                  {"扣费账户", "微信支付(尾号 0912)"},
                  {"主要项目", "专业版 30 席"},
                  {"其他项目", "短信 2,400 条"},
                  {"授权额度", "¥5,000.00/次"}};
    card.sub = "扣费前可随时修改、暂停或取消。实际扣费不会超过此金额。";
    card.primary = {"查看费用明细", "/b/inv_1"};
    card.secondary = {{"暂停本次扣费", "/c/chg_1/pause"}};
    card.task_id = "fee_reminder-chg_1@1";
    return card;
}

/// The samples of the notice copy, one a kind.
std::vector<Card> samples() {
    std::vector<Card> all{upcoming()};
    const auto add = [&](std::string kind, std::string title, std::string lead, std::string figure,
                         std::string label, std::vector<CardFact> facts, std::string sub,
                         std::vector<std::string> links) {
        Card card;
        card.kind = std::move(kind);
        card.title = std::move(title);
        card.lead = std::move(lead);
        card.figure = std::move(figure);
        card.figure_label = std::move(label);
        card.facts = std::move(facts);
        card.sub = std::move(sub);
        card.primary = {links.at(0), "/x/1"};
        for (std::size_t i = 1; i < links.size(); ++i) card.secondary.push_back({links[i], "/x/2"});
        card.task_id = "t@1";
        all.push_back(std::move(card));
    };
    add("succeeded", "11月费用已扣款成功", "账单", "¥3,612.50", "已扣款",
        {{"扣费时间", "12月08日 10:00"},
         {"扣费账户", "微信支付"},
         {"账单编号", "INV-2026-11-000123"},
         {"下次扣费", "01月08日"}},
        "", {"查看费用明细", "申请开票/报销单", "对费用有疑问"});
    add("failed", "扣费未成功,请尽快处理", "原因:账户余额不足", "¥3,612.50", "待支付",
        {{"账单", "2026年11月"},
         {"扣费账户", "微信支付"},
         {"再次扣费", "12月09日 10:00"},
         {"宽限期至", "12月15日"}},
        "12月15日前不影响使用。我们会在 12月09日 10:00 再试一次;您也可以现在手动支付。",
        {"立即支付", "更换扣费账户"});
    add("final_failure", "多次扣费未成功,已停止自动重试", "请在宽限期内手动支付", "¥3,612.50", "待支付",
        {{"宽限期至", "12月15日"}, {"逾期影响", "暂停高级功能"}, {"数据保留", "90 天"}}, "",
        {"立即支付", "联系客服"});
    add("budget", "本月费用已达预算的 80%", "", "¥4,000.00", "预算 ¥5,000.00",
        {{"增长最快", "短信"}, {"超出处理", "仅提醒"}}, "按当前用量,预计月底约 ¥5,320.00,可能超出预算。",
        {"查看用量", "调整预算"});
    add("consent_request", "请确认自动扣费授权", "星河软件 申请开通自动扣费", "", "",
        {{"扣费项目", "专业版、短信"},
         {"单次上限", "¥5,000.00"},
         {"扣费周期", "每月"},
         {"授权期限", "2027年12月31日"},
         {"申请编号", "con_123"}},
        "授权后,仅可按下列项目和上限扣费,每次扣费前至少提前 24 小时通知您,可随时解除。",
        {"查看并决定是否授权"});
    add("consent_expiring", "自动扣费授权将于 7 天后到期", "到期后改为手动支付", "", "",
        {{"到期日期", "2026年12月31日"}, {"单次上限", "¥5,000.00"}, {"影响账单", "2026年12月"}}, "",
        {"续期授权", "改为手动支付"});
    add("consent_ended", "自动扣费授权已解除", "解除人:李明 · 11月23日 14:05", "", "", {},
        "不会再自动扣费。未付账单请手动支付。", {"查看未付账单"});
    add("refund", "退款已到账", "原路退回 · 微信支付(尾号 0912)", "¥264.00", "退款金额",
        {{"退款原因", "席位减少"}, {"原账单", "2026年11月"}, {"到账时间", "12月03日"}, {"退款编号", "rfd_9"}},
        "", {"查看退款明细"});
    add("statement", "2026年11月账单已生成", "", "¥3,612.50", "较上月 +6.2%",
        {{"席位", "30"}, {"用量", "12,400 条"}, {"优惠", "−¥220.00"}, {"付款方式", "自动扣费"}}, "",
        {"查看账单", "下载报销表格"});
    add("plan_changed", "套餐变更已生效", "专业版 → 旗舰版", "¥800.00", "本次补差价",
        {{"生效时间", "12月01日"},
         {"计算方式", "¥1,500.00 × 16/30"},
         {"下期费用", "¥5,000.00"},
         {"操作人", "李明"}},
        "", {"查看差价明细"});
    add("dispute", "您反馈的费用问题已有回复", "", "", "", {}, "核对期间该项目不会被扣费。", {"查看回复"});
    return all;
}

/// The same notice when every text is far too long.
Card stretched(Card card) {
    const auto stretch = [](std::string& text) {
        if (!text.empty())
            text +=
                "，某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某 "
                "¥9,876,543.21 于2026年12月31日 23:59 前"
                "某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某"
                "某某某某某某某某某某某某某某某某某某";
    };
    stretch(card.title);
    stretch(card.lead);
    stretch(card.figure_label);
    stretch(card.sub);
    stretch(card.primary.text);
    for (auto& link : card.secondary) stretch(link.text);
    for (auto& fact : card.facts) {
        stretch(fact.name);
        stretch(fact.value);
    }
    while (card.facts.size() < 12) card.facts.push_back({"补充说明", "¥12,345.67 12月31日"});
    while (card.secondary.size() < 5) card.secondary.push_back({"更多", "/more"});
    card.figure = card.figure.empty() ? "" : "¥92,233,720,368,547,758.07";
    return card;
}

std::size_t length(const json& text) { return code_points(text.get<std::string>()); }

void expect_card_within_limits(const json& card) {
    EXPECT_LE(length(card["source"]["desc"]), 20U);
    EXPECT_LE(length(card["main_title"]["title"]), 36U);
    if (card["main_title"].contains("desc")) EXPECT_LE(length(card["main_title"]["desc"]), 44U);
    if (card.contains("emphasis_content")) {
        EXPECT_LE(length(card["emphasis_content"]["title"]), 10U);
        EXPECT_LE(length(card["emphasis_content"]["desc"]), 22U);
    }
    if (card.contains("sub_title_text")) EXPECT_LE(length(card["sub_title_text"]), 160U);
    if (card.contains("horizontal_content_list")) {
        EXPECT_LE(card["horizontal_content_list"].size(), 6U);
        for (const auto& row : card["horizontal_content_list"]) {
            EXPECT_LE(length(row["keyname"]), 5U);
            EXPECT_GE(length(row["keyname"]), 1U);
            EXPECT_LE(length(row["value"]), 30U);
        }
    }
    EXPECT_LE(card["jump_list"].size(), 3U);
    for (const auto& link : card["jump_list"]) EXPECT_LE(length(link["title"]), 18U);
    EXPECT_TRUE(card["card_action"].contains("url") || card["card_action"].contains("pagepath"));
}

/// Every amount and date in `shown` stands whole in `written`.
void expect_whole_figures(const std::string& shown, const std::string& written) {
    static const std::regex figure(
        "(¥[0-9][0-9,]*(\\.[0-9]+)?|[0-9]+年[0-9]+月[0-9]+日|[0-9]+月[0-9]+日|[0-9]+:[0-9]+)");
    std::set<std::string> known;
    for (std::sregex_iterator at(written.begin(), written.end(), figure), end; at != end; ++at) {
        known.insert(at->str());
        std::string plain = at->str();
        std::erase(plain, ',');
        known.insert(plain);
    }
    for (std::sregex_iterator at(shown.begin(), shown.end(), figure), end; at != end; ++at)
        EXPECT_TRUE(known.contains(at->str())) << at->str() << " in " << shown;
}

std::string written(const Card& card) {
    std::string all =
        card.title + "\n" + card.lead + "\n" + card.figure + "\n" + card.figure_label + "\n" + card.sub;
    for (const auto& fact : card.facts) all += "\n" + fact.name + "\n" + fact.value;
    return all + "\n" + card.primary.text;
}

TEST(TemplateCard, EveryNoticeKeepsTheLimitsAndItsFiguresWhole) {
    for (const auto& sample : samples())
        for (const Card& card : {sample, stretched(sample)}) {
            SCOPED_TRACE(card.title);
            for (const bool callbacks : {false, true})
                for (const bool muted : {false, true}) {
                    Card variant = card;
                    if (callbacks)
                        variant.buttons = {{"暂停本次扣费某某某某某某某", "pause:chg_1"},
                                           {"知道了", "seen:chg_1"}};
                    variant.can_be_muted = muted;
                    const auto rendered = render_template_card(variant, options());
                    EXPECT_EQ(rendered.msgtype, "template_card");
                    const auto body = json::parse(rendered.content);
                    expect_card_within_limits(body);
                    expect_whole_figures(rendered.content, written(variant));
                    EXPECT_EQ(body["card_type"], callbacks ? "button_interaction" : "text_notice");
                    EXPECT_EQ(body.contains("action_menu"), muted);
                    if (callbacks)
                        for (const auto& button : body["button_list"]) EXPECT_LE(length(button["text"]), 10U);
                }
        }
}

TEST(TemplateCard, TheSamplesAreShownUncut) {
    for (const auto& sample : samples())
        EXPECT_EQ(render_template_card(sample, options()).content.find("…"), std::string::npos)
            << sample.title;
}

TEST(TemplateCard, UpcomingNoticeIsTheDocumentedCard) {
    const auto body = json::parse(render_template_card(upcoming(), options()).content);
    const auto expected =
        json::parse(R"j({"card_type":"text_notice","source":{"desc":"费用中心","desc_color":1},
      "task_id":"fee_reminder-chg_1@1","main_title":{"title":"12月08日将自动扣费,请核对","desc":"星河教育 · 2026年11月账单"},
      "emphasis_content":{"title":"¥3,612.50","desc":"预计扣费金额"},"sub_title_text":"扣费前可随时修改、暂停或取消。实际扣费不会超过此金额。",
      "horizontal_content_list":[{"keyname":"扣费时间","value":"12月08日 10:00"},{"keyname":"扣费账户","value":"微信支付(尾号 0912)"},
        {"keyname":"主要项目","value":"专业版 30 席"},{"keyname":"其他项目","value":"短信 2,400 条"},{"keyname":"授权额度","value":"¥5,000.00/次"}],
      "jump_list":[{"type":1,"url":"https://pay.example.com/b/inv_1","title":"查看费用明细"},
        {"type":1,"url":"https://pay.example.com/c/chg_1/pause","title":"暂停本次扣费"}],
      "card_action":{"type":1,"url":"https://pay.example.com/b/inv_1"}})j");
    EXPECT_EQ(body, expected);
}

TEST(TemplateCard, AnAmountThatIsTooLongLosesItsGroupingThenBecomesARow) {
    for (const auto& [figure, shown] : std::vector<std::pair<std::string, std::string>>{
             {"¥99,999.00", "¥99,999.00"}, {"¥999,999.00", "¥999999.00"}, {"¥9,999,999.00", ""}}) {
        Card card = upcoming();
        card.figure = figure;
        const auto body = json::parse(render_template_card(card, options()).content);
        EXPECT_EQ(
            body.contains("emphasis_content") ? body["emphasis_content"]["title"].get<std::string>() : "",
            shown);
        const auto first = body["horizontal_content_list"][0];
        if (shown.empty())
            EXPECT_EQ(first, (json{{"keyname", "金额"}, {"value", figure + " 预计扣费金额"}}));
        else
            EXPECT_EQ(first["keyname"], "扣费时间");
    }
}

TEST(TemplateCard, AFactThatFindsNoRowIsToldInTheText) {
    Card card = upcoming();
    card.figure = "¥9,999,999.00";
    card.facts.push_back({"截止", "12月07日"});
    const auto body = json::parse(render_template_card(card, options()).content);
    EXPECT_EQ(body["horizontal_content_list"].size(), 6U);
    EXPECT_TRUE(body["sub_title_text"].get<std::string>().starts_with("截止:12月07日。"));
}

TEST(TemplateCard, ButtonsCallBackAndTheAmountStaysOnTheCard) {
    Card card = upcoming();
    card.buttons = {{"暂停本次扣费", "pause:chg_1"}};
    const auto body = json::parse(render_template_card(card, options()).content);
    EXPECT_EQ(body["button_list"], json::parse(R"([{"text":"暂停本次扣费","style":1,"key":"pause:chg_1"}])"));
    EXPECT_EQ(body["horizontal_content_list"][0]["value"], "¥3,612.50 预计扣费金额");
    card.task_id.clear();
    EXPECT_THROW(render_template_card(card, options()), std::invalid_argument);
    card.buttons.clear();
    EXPECT_NO_THROW(render_template_card(card, options()));
}

TEST(TemplateCard, OptionalNoticesCarryTheMenuThatMutesThem) {
    Card card = samples().at(4);
    card.can_be_muted = true;
    const auto actions =
        json::parse(render_template_card(card, options()).content)["action_menu"]["action_list"];
    ASSERT_EQ(actions.size(), 3U);
    std::set<std::string> keys;
    for (const auto& action : actions) keys.insert(action["key"].get<std::string>());
    EXPECT_EQ(keys, (std::set<std::string>{"mute:budget", "weekly:budget", "settings:budget"}));
}

TEST(TemplateCard, LinksLeadIntoTheMiniProgramWhenSoConfigured) {
    auto into = options();
    into.open_in_miniprogram = true;
    const auto body = json::parse(render_template_card(upcoming(), into).content);
    EXPECT_EQ(
        body["card_action"],
        json::parse(
            R"({"type":2,"appid":"wx1234567890abcdef","pagepath":"pages/open/index?path=%2Fb%2Finv_1"})"));
    Card outside = upcoming();
    outside.primary.path = "https://help.example.com/x";
    EXPECT_EQ(json::parse(render_template_card(outside, into).content)["card_action"]["url"],
              "https://help.example.com/x");
}

TEST(TemplateCard, WhatWecomRequiresIsRequiredHere) {
    Card card = upcoming();
    card.title.clear();
    EXPECT_THROW(render_template_card(card, options()), std::invalid_argument);
    card = upcoming();
    card.primary.path.clear();
    EXPECT_THROW(render_template_card(card, options()), std::invalid_argument);
    card = upcoming();
    card.primary.path = "/" + std::string(3000, 'x');
    EXPECT_THROW(render_template_card(card, options()), std::invalid_argument);
    card = upcoming();
    card.buttons = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
    EXPECT_THROW(render_template_card(card, options()), std::invalid_argument);
}

TEST(OtherRenderers, EveryNoticeKeepsTheLimitsAndItsFiguresWhole) {
    for (const auto& sample : samples())
        for (const Card& card : {sample, stretched(sample)}) {
            SCOPED_TRACE(card.title);
            const auto textcard = render_textcard(card, options());
            const auto text = json::parse(textcard.content);
            EXPECT_LE(text["title"].get<std::string>().size(), 128U);
            EXPECT_LE(text["description"].get<std::string>().size(), 512U);
            EXPECT_LE(length(text["btntxt"]), 4U);
            expect_whole_figures(textcard.content, written(card));

            const auto notice = render_miniprogram_notice(card, options());
            const auto mini = json::parse(notice.content);
            EXPECT_GE(length(mini["title"]), 4U);
            EXPECT_LE(length(mini["title"]), 12U);
            if (mini.contains("description")) {
                EXPECT_GE(length(mini["description"]), 4U);
                EXPECT_LE(length(mini["description"]), 12U);
            }
            EXPECT_LE(mini["content_item"].size(), 10U);
            for (const auto& item : mini["content_item"]) {
                EXPECT_LE(length(item["key"]), 10U);
                EXPECT_LE(length(item["value"]), 30U);
            }
            if (!card.figure.empty()) EXPECT_EQ(mini["content_item"][0]["value"], card.figure);
            expect_whole_figures(notice.content, written(card));

            const auto approved = render_template_msg(card, options(), "tty1");
            const auto pairs = json::parse(approved.content)["content_item"];
            EXPECT_GE(pairs.size(), 1U);
            EXPECT_LE(pairs.size(), 5U);
            for (const auto& pair : pairs) {
                EXPECT_GE(length(pair["key"]), 1U);
                EXPECT_LE(length(pair["key"]), 20U);
                EXPECT_GE(length(pair["value"]), 1U);
                EXPECT_LE(length(pair["value"]), 40U);
            }
            expect_whole_figures(approved.content, written(card));
        }
}

TEST(OtherRenderers, ANameDoesNotBecomeATagOfATextcard) {
    Card card = upcoming();
    card.lead = "<a href=x>星河</a>";
    EXPECT_EQ(
        json::parse(render_textcard(card, options()).content)["description"].get<std::string>().find('<'),
        std::string::npos);
}

TEST(OtherRenderers, BrokenUtf8IsReplacedNotThrownAt) {
    Card card = upcoming();
    card.lead = "\xC3\x28";
    EXPECT_NO_THROW(render_template_card(card, options()));
}

TEST(TaskId, KeepsWecomsAlphabetAndLengthAndStaysUnique) {
    EXPECT_EQ(task_id("fee_reminder-chg_1", 2), "fee_reminder-chg_1@2");
    std::set<std::string> ids;
    static const std::regex alphabet("[0-9A-Za-z_@-]{1,128}");
    const std::vector<std::string> keys{
        "a:b", "a_b", "a b", "账单", "", std::string(100, 'k'), std::string(101, 'k'), std::string(500, 'k'),
        "a@1"};
    for (const auto& key : keys)
        for (const int attempt : {1, 2, 1000}) {
            const auto id = task_id(key, attempt);
            EXPECT_TRUE(std::regex_match(id, alphabet)) << id;
            EXPECT_TRUE(ids.insert(id).second) << id;
        }
}

}  // namespace
}  // namespace wefee::wecom
