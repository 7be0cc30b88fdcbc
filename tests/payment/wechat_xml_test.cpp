// The guard before pugixml: what a v2 message may be, and the corpus of what it may not be.
#include <gtest/gtest.h>

#include "payment/text.hpp"
#include "payment/wechat/v2.hpp"
#include "payment/xml_guard.hpp"
#include "wechat_testing.hpp"

namespace wefee::payment::wechat {

namespace {

std::string elements(int count) {
    std::string xml = "<xml>";
    for (int i = 0; i < count; ++i) xml += "<f" + std::to_string(i) + ">1</f" + std::to_string(i) + ">";
    return xml + "</xml>";
}

}  // namespace

TEST(WechatXml, ReadsCdataAndPlainTextWithBlanksAround) {
    const auto fields = v2::read(
        "<?xml version=\"1.0\"?>\n<xml>\n <a> <![CDATA[x & <y>]]>\n </a><b>2 &lt; 3 "
        "&#20803;</b><c></c><d/>\r\n</xml>\n");
    ASSERT_TRUE(fields);
    EXPECT_EQ(*fields, (v2::Fields{{"a", "x & <y>"}, {"b", "2 < 3 元"}, {"c", ""}, {"d", ""}}));
}

TEST(WechatXml, SplitCdataSectionsAreOneValue) {
    const auto fields = v2::read("<xml><a><![CDATA[1]]><![CDATA[2]]></a></xml>");
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->at("a"), "12");
}

TEST(WechatXml, WhatIsWrittenIsReadBack) {
    const v2::Fields fields{
        {"body", "SCRM 专业版 ]]> & <tag>"}, {"empty", ""}, {"end", "]]"}, {"many", "]]>]]>"}};
    const std::string xml = v2::write(fields);
    EXPECT_EQ(v2::read(xml), fields);
    EXPECT_EQ(xml.find('\n'), std::string::npos);
}

TEST(WechatXml, AnEmojiIsRefusedWithTheFieldsName) {
    try {
        v2::write({{"attach", "ok"}, {"body", "party \xF0\x9F\x8E\x89"}});
        FAIL() << "was written";
    } catch (const std::invalid_argument& refused) {
        EXPECT_TRUE(std::string_view(refused.what()).starts_with("body:")) << refused.what();
    }
    EXPECT_THROW(v2::write({{"body", "\xC0\xAF"}}), std::invalid_argument);
    EXPECT_THROW(v2::write({{"bo dy", "x"}}), std::invalid_argument);
}

TEST(WechatXml, TheHostileCorpusIsRefused) {
    const std::string bomb =
        "<!DOCTYPE xml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><xml><x>&b;</x></xml>";
    const std::string file =
        "<!DOCTYPE xml [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><x>&e;</x></xml>";
    const std::vector<std::string> corpus{
        "",
        " ",
        "text",
        "<xml>",
        "<xml></root>",
        "<xml></xml><xml></xml>",
        "<root></root>",
        "</xml>",
        bomb,
        file,
        "<!DOCTYPE xml><xml><a>1</a></xml>",
        "<xml><!DOCTYPE xml><a>1</a></xml>",
        "<xml><a>&unknown;</a></xml>",
        "<xml><a>&#0;</a></xml>",
        "<xml><a>&#xD800;</a></xml>",
        "<xml><a>&#x110000;</a></xml>",
        "<xml><a>&#99999999999;</a></xml>",
        "<xml><a>& b</a></xml>",
        "<xml><a>1<!-- -->2</a></xml>",
        "<!-- before --><xml><a>1</a></xml>",
        "<?php evil ?><xml><a>1</a></xml>",
        "<xml><?pi x?><a>1</a></xml>",
        "<xml><a>1</a><a>2</a></xml>",
        "<xml><a><b>1</b></a></xml>",
        "<xml><a><b><c><d><e>1</e></d></c></b></a></xml>",
        "<xml>stray<a>1</a></xml>",
        "<xml><![CDATA[stray]]><a>1</a></xml>",
        "<xml><a><![CDATA[1</a></xml>",
        "<xml><a>1</a></xml>trailing<b>",
        "<xml><a>1</a></xml>trailing",
        "leading<xml><a>1</a></xml>",
        "<xml><a>1</a></xml><![CDATA[trailing]]>",
        "<xml><a-b>1</a-b></xml>",
        "<xml><a:b>1</a:b></xml>",
        std::string("<xml><a>1\0</a></xml>", 20),
        "<xml><a>\xFF\xFE</a></xml>",
        "<xml><a>\xED\xA0\x80</a></xml>",
        std::string("\xFF\xFE<\0x\0m\0l\0/\0>\0", 14),
        elements(64),
        "<xml><a>" + std::string(xml_bytes_max, 'x') + "</a></xml>",
        std::string(10'000, '<'),
    };
    for (const std::string& text : corpus) EXPECT_FALSE(v2::read(text)) << text.substr(0, 80);
}

TEST(WechatXml, TheLimitsAreExact) {
    EXPECT_TRUE(v2::read(elements(63))) << "the root is the 64th";
    const std::string head = "<xml><a>";
    const std::string tail = "</a></xml>";
    const std::string longest = head + std::string(xml_bytes_max - head.size() - tail.size(), 'x') + tail;
    EXPECT_TRUE(v2::read(longest));
    EXPECT_FALSE(v2::read(longest + " "));
}

TEST(WechatXml, EveryCutOfARealMessageIsRefused) {
    const std::string whole = testing::read_data("bodies/v2_notify_deduct_success.xml");
    const std::size_t end = whole.rfind('>');
    for (std::size_t length = 0; length <= end; ++length)
        EXPECT_FALSE(v2::read(whole.substr(0, length))) << length;
}

TEST(PlainText, Utf8IsInspectedByItsRules) {
    EXPECT_EQ(inspect_utf8("元a").characters, 2U);
    EXPECT_TRUE(inspect_utf8("\xF0\x9F\x8E\x89").supplementary);
    EXPECT_FALSE(inspect_utf8("专业").supplementary);
    for (const std::string_view bad : {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                       "\xF5\x80\x80\x80", "\xE5\x85", "\xF0\x9F\x8E"})
        EXPECT_FALSE(inspect_utf8(bad).well_formed);
}

TEST(PlainText, ACallbackUrlHasAPathAndNoQuery) {
    EXPECT_NO_THROW(require_callback_url("https://pay.example.com/webhooks/wechatpay", "notify_url"));
    for (const std::string& bad :
         {std::string{}, std::string{"ftp://a/b"}, std::string{"https://pay.example.com"},
          std::string{"https:///a"}, std::string{"https://a/b?c=d"}, std::string{"https://a/b#c"},
          std::string{"https://a/ b"}, "https://a/" + std::string(256, 'x')})
        EXPECT_THROW(require_callback_url(bad, "notify_url"), std::invalid_argument) << bad;
}

}  // namespace wefee::payment::wechat
