// The XML guard, JSON envelopes and the text rules: hostile and strange inputs.
#include "wecom/xml.hpp"

#include <gtest/gtest.h>

#include "wecom/envelope.hpp"
#include "wecom/message_fields.hpp"
#include "wecom/text.hpp"

namespace wefee::wecom {
namespace {

std::string nested(int depth) {
    std::string xml = "<xml>";
    for (int i = 1; i < depth; ++i) xml += "<a>";
    for (int i = 1; i < depth; ++i) xml += "</a>";
    return xml + "</xml>";
}

std::string repeated(int elements) {
    std::string xml = "<xml>";
    for (int i = 1; i < elements; ++i) xml += "<a/>";
    return xml + "</xml>";
}

TEST(Xml, HostileDocumentsAreRefused) {
    for (const std::string& bad :
         {std::string{},
          std::string{"  "},
          std::string{"hello"},
          std::string{"<xml>"},
          std::string{"<xml></xm>"},
          std::string{"<!DOCTYPE xml><xml/>"},
          std::string{"<!DOCTYPE xml [<!ENTITY a \"b\">]><xml>&a;</xml>"},
          std::string{"<?xml version=\"1.0\"?><!DOCTYPE xml SYSTEM \"http://x/\"><xml/>"},
          std::string{"<xml><!DOCTYPE a><b/></xml>"},
          std::string{"<xml/><xml/>"},
          std::string{"<other/>"},
          std::string{"text<xml/>"},
          std::string{"<xml/>text"},
          std::string{"<xml>\0</xml>", 12},
          std::string{"<xml>a</xml>\0<xml/>", 19},
          std::string{"<xml>\xFF</xml>"},
          std::string{"<xml>\xED\xA0\x80</xml>"},
          std::string{"<xml><a></xml></a>"},
          std::string{"<xml a='1></xml>"},
          std::string{"<xml><![CDATA[a]]</xml>"},
          nested(17),
          repeated(4097),
          "<xml>" + std::string(xml_bytes_max, 'a') + "</xml>"})
        EXPECT_FALSE(XmlDocument::parse(bad).has_value()) << bad.substr(0, 60);
}

TEST(Xml, LimitsAreInclusive) {
    EXPECT_TRUE(XmlDocument::parse(nested(16)).has_value());
    EXPECT_TRUE(XmlDocument::parse(repeated(4096)).has_value());
    EXPECT_TRUE(XmlDocument::parse("<xml>" + std::string(xml_bytes_max - 11, 'a') + "</xml>").has_value());
}

TEST(Xml, TextIsKeptAsItWasWritten) {
    const auto document = XmlDocument::parse(
        "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<xml><a>  x &amp; &#x67; </a><b><![CDATA[a]]]]><![CDATA[>b "
        "&amp; <c>]]></b><c/><d></d>"
        "<e>\r\n<![CDATA[y]]>\r\n</e><f>p<!-- no -->q</f><g>&x;</g><h>x\r\ny</h></xml>\n");
    ASSERT_TRUE(document.has_value());
    const auto root = document->root();
    EXPECT_EQ(root.child("a").text(), "  x & g ");
    EXPECT_EQ(root.child("b").text(), "a]]>b &amp; <c>");
    EXPECT_EQ(root.child("c").text(), "");
    EXPECT_TRUE(root.child("d"));
    EXPECT_EQ(root.child("e").text(), "y");
    EXPECT_EQ(root.child("f").text(), "pq");
    EXPECT_EQ(root.child("g").text(), "&x;");  // undeclared entities are not expanded
    EXPECT_EQ(root.child("h").text(), "x\r\ny");
    EXPECT_FALSE(root.child("nope"));
    EXPECT_EQ(root.child("nope").text(), "");
}

TEST(Xml, CdataCarriesAnyText) {
    for (const std::string text : {"", "a]]>b", "]]>", "]]>]]>", "]]", "<a>&amp;", "]]]>"}) {
        const auto document = XmlDocument::parse("<xml><a>" + xml_cdata(text) + "</a></xml>");
        ASSERT_TRUE(document.has_value()) << text;
        EXPECT_EQ(document->root().child("a").text(), text);
    }
}

TEST(EnvelopeForm, XmlAndJsonInEveryDocumentedSpelling) {
    for (const auto& [body, to, agent] : std::vector<std::array<std::string, 3>>{
             {"<xml><Encrypt>QQ==</Encrypt></xml>", "", ""},
             {"<xml><AgentID>7</AgentID><X><Encrypt>no</Encrypt></X><Encrypt><![CDATA[QQ==]]></"
              "Encrypt><ToUserName>c</ToUserName></xml>",
              "c", "7"},
             {" {\"encrypt\":\"QQ==\"}", "", ""},
             {"{\"tousername\":\"c\",\"encrypt\":\"QQ==\",\"agentid\":\"7\"}", "c", "7"},
             {"{\"ToUserName\":\"c\",\"AgentID\":7,\"Encrypt\":\"QQ==\",\"x\":{\"encrypt\":\"no\"},\"y\":[1,"
              "null]}",
              "c", "7"}}) {
        const auto envelope = parse_envelope(body);
        ASSERT_TRUE(envelope.has_value()) << body;
        EXPECT_EQ(envelope->encrypt, "QQ==");
        EXPECT_EQ(envelope->to_user_name, to);
        EXPECT_EQ(envelope->agent_id, agent);
    }
}

TEST(EnvelopeForm, AmbiguousOrBrokenOnesAreRefused) {
    std::string deep = "{\"x\":";
    for (int i = 0; i < 40; ++i) deep += '[';
    for (const std::string& body : std::vector<std::string>{
             "", " \n", "[]", "{}", "{\"encrypt\":1}", "{\"encrypt\":null}", "{\"encrypt\":{\"a\":1}}",
             "{\"encrypt\":[\"a\"]}", "{\"encrypt\":\"a\",\"encrypt\":\"b\"}",
             "{\"encrypt\":\"a\",\"Encrypt\":\"b\"}", "{\"encrypt\":\"a\"} x", "{\"encrypt\":\"a\"", deep,
             "<xml><Encrypt><a/></Encrypt></xml>", "<xml><Encrypt/><Encrypt/></xml>",
             "{\"encrypt\":\"" + std::string(xml_bytes_max, 'a') + "\"}"})
        EXPECT_FALSE(parse_envelope(body).has_value()) << body.substr(0, 60);
}

TEST(MessageForm, NumbersStayTextAndNamesMeet) {
    const auto xml = MessageFields::read(
        "<xml><MsgType>text</MsgType><MsgId>9007199254740993</MsgId><A><B>1</B><B>2</B></A></xml>");
    EXPECT_EQ(xml->get("MsgId"), "9007199254740993");
    EXPECT_EQ(xml->every("A.B"), (std::vector<std::string_view>{"1", "2"}));
    const auto json =
        MessageFields::read("{\"msgid\":9007199254740993,\"msgtype\":\"text\",\"from\":{\"userid\":\"u\"}}");
    EXPECT_EQ(json->get("MsgId"), "9007199254740993");
    EXPECT_EQ(json->get("FromUserName"), "u");
    EXPECT_EQ(json->kind(), "message");
    EXPECT_EQ(MessageFields::read("<xml><CreateTime>99999999999999999999</CreateTime></xml>")->at(),
              Instant{});
}

TEST(Text, Utf8IsStrict) {
    for (const std::string good : {"", "abc", "账单 💰", "12345678账", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(valid_utf8(good)) << good;
    for (const std::string bad :
         {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
          "\xF8\x88\x80\x80\x80", "12345678\xC3"})
        EXPECT_FALSE(valid_utf8(bad));
}

TEST(Text, ACutNeverSplitsAnAmountOrADate) {
    EXPECT_EQ(cut_code_points("账单金额", 4), "账单金额");
    EXPECT_EQ(cut_code_points("账单金额是", 4), "账单金…");
    EXPECT_EQ(cut_code_points("应付 ¥3,612.50 元", 8), "应付…");
    EXPECT_EQ(cut_code_points("将于12月08日扣费", 6), "将于…");
    EXPECT_EQ(cut_code_points("将于12月08日扣费用", 9), "将于12月08日…");
    EXPECT_EQ(cut_bytes("账单金额", 12), "账单金额");
    EXPECT_EQ(cut_bytes("账单金额", 11), "账单…");
    EXPECT_EQ(cut_code_points(std::string(50, '7'), 40), std::string(39, '7') + "…");  // an id, not an amount
    EXPECT_EQ(code_points("账单💰a"), 4U);
}

}  // namespace
}  // namespace wefee::wecom
