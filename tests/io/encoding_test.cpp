// Encodings: published examples, strictness, and decode(encode(x)) = x.
#include "io/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace wefee::io {
namespace {

TEST(Base64, EncodesTheExamplesOfRfc4648) {
    const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : examples) {
        EXPECT_EQ(base64_encode(plain), text);
        EXPECT_EQ(base64_decode(text), std::string(plain));
    }
}

TEST(Base64, RefusesWhatIsNotStrictlyBase64) {
    for (const auto* text :
         {"Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Zm=v", "Zm9v\n", " Zm9v", "Zm9-", "Zm9_", "Zm9\xE4"})
        EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(Base64, TakesUnusedBitsThatAreNotZero) { EXPECT_EQ(base64_decode("Zh=="), "f"); }

RC_GTEST_PROP(Base64, ReturnsWhatWasEncoded, (const std::string& data)) {
    RC_ASSERT(base64_decode(base64_encode(data)) == data);
}

TEST(Hex, WritesBothCasesAndReadsBoth) {
    const std::string data("\x00\xAB\xFF", 3);
    EXPECT_EQ(hex_lower(data), "00abff");
    EXPECT_EQ(hex_upper(data), "00ABFF");
    EXPECT_EQ(hex_decode("00aBFf"), data);
    for (const auto* text : {"0", "0g", "g0", "0x", " 0"}) EXPECT_FALSE(hex_decode(text)) << text;
}

TEST(Percent, EncodesAsRfc3986) {
    EXPECT_EQ(percent_encode("aZ09-._~ /+*中"), "aZ09-._~%20%2F%2B%2A%E4%B8%AD");
}

TEST(Percent, FormEncodingIsThatOfJava) {
    EXPECT_EQ(form_encode("aZ09-._* ~/+中"), "aZ09-._*+%7E%2F%2B%E4%B8%AD");
}

TEST(Percent, DecodesOnceAndRefusesBrokenEscapes) {
    EXPECT_EQ(percent_decode("%2541+", false), "%41+");
    EXPECT_EQ(percent_decode("a+b%2b", true), "a b+");
    for (const auto* text : {"%", "%4", "%4g", "%g4", "a%", "%%41"})
        EXPECT_FALSE(percent_decode(text, true)) << text;
}

RC_GTEST_PROP(Percent, ReturnsWhatWasEncoded, (const std::string& text)) {
    RC_ASSERT(percent_decode(percent_encode(text), false) == text);
    RC_ASSERT(percent_decode(form_encode(text), true) == text);
}

TEST(Form, KeepsOrderRepeatsAndEmptyValues) {
    const auto fields = parse_form("b=2&a=1&b=&c&=x&d=1%3D2%26");
    ASSERT_TRUE(fields);
    const Fields expected{{"b", "2"}, {"a", "1"}, {"b", ""}, {"c", ""}, {"", "x"}, {"d", "1=2&"}};
    EXPECT_EQ(*fields, expected);
    EXPECT_EQ(*find_field(*fields, "b"), "2");
    EXPECT_EQ(find_field(*fields, "B"), nullptr);
}

TEST(Form, PlusIsASpaceOnlyWhenAsked) {
    EXPECT_EQ(parse_form("a=x+y")->front().second, "x y");
    EXPECT_EQ(parse_form("a=x+y", false)->front().second, "x+y");
}

TEST(Form, EmptyPartsNameNothingAndBrokenEscapesRefuseTheWhole) {
    EXPECT_TRUE(parse_form("")->empty());
    EXPECT_TRUE(parse_form("&&")->empty());
    EXPECT_FALSE(parse_form("a=1&b=%zz"));
    EXPECT_FALSE(parse_form("%z=1"));
}

}  // namespace
}  // namespace wefee::io
