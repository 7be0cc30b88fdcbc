// The breaker as a table of moments, and URLs and requests as bytes.
#include "io/breaker.hpp"

#include <gtest/gtest.h>

#include "io/client_url.hpp"

namespace wefee::io {
namespace {

using namespace std::chrono_literals;

class BreakerTest : public testing::Test {
protected:
    void fail(int times) {
        for (int i = 0; i < times; ++i) breaker_.failure(now_);
    }
    Breaker breaker_;
    Breaker::Time now_{1000s};
};

TEST_F(BreakerTest, OpensAtTheFifthFailureWithinTenSeconds) {
    fail(4);
    EXPECT_TRUE(breaker_.allow(now_));
    fail(1);
    EXPECT_FALSE(breaker_.allow(now_));
    EXPECT_EQ(breaker_.wait(now_), 30s);
    EXPECT_EQ(breaker_.wait(now_ + 29s), 1s);
}

TEST_F(BreakerTest, StaysClosedWhenFailuresAreFarApartOrBrokenBySuccess) {
    fail(4);
    now_ += 11s;
    fail(4);
    EXPECT_TRUE(breaker_.allow(now_));
    breaker_.success();
    fail(4);
    EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(BreakerTest, LetsOneProbeThroughAfterThirtySeconds) {
    fail(5);
    EXPECT_FALSE(breaker_.allow(now_ + 29'999ms));
    now_ += 30s;
    EXPECT_EQ(breaker_.wait(now_), 0s);
    EXPECT_TRUE(breaker_.allow(now_));
    EXPECT_FALSE(breaker_.allow(now_));  // the probe is on its way
    breaker_.success();
    EXPECT_TRUE(breaker_.allow(now_));
    fail(4);
    EXPECT_TRUE(breaker_.allow(now_));  // counted from zero
}

TEST_F(BreakerTest, AFailedProbeOpensAgainAndALostOneIsGivenUp) {
    fail(5);
    now_ += 30s;
    EXPECT_TRUE(breaker_.allow(now_));
    fail(1);
    EXPECT_FALSE(breaker_.allow(now_ + 29s));
    now_ += 30s;
    EXPECT_TRUE(breaker_.allow(now_));  // and is never heard of again
    EXPECT_FALSE(breaker_.allow(now_ + 29s));
    EXPECT_TRUE(breaker_.allow(now_ + 30s));
}

TEST(ClientUrl, TakesPlainAbsoluteUrls) {
    const auto url = parse_client_url("https://API.mch.weixin.qq.com/v3/pay?a=b");
    EXPECT_TRUE(url.tls);
    EXPECT_EQ(url.host, "api.mch.weixin.qq.com");
    EXPECT_EQ(url.port, 443);
    EXPECT_EQ(url.target, "/v3/pay?a=b");
    EXPECT_EQ(url.authority(), "api.mch.weixin.qq.com");
    EXPECT_EQ(parse_client_url("http://a:8080").target, "/");
    EXPECT_EQ(parse_client_url("http://a:8080").authority(), "a:8080");
    EXPECT_EQ(parse_client_url("https://a?x").target, "/?x");
    EXPECT_EQ(parse_client_url("https://[::1]:444/").host, "::1");
    EXPECT_EQ(parse_client_url("https://[::1]:444/").authority(), "[::1]:444");
}

TEST(ClientUrl, RefusesWhatCouldMeanAnotherPeer) {
    for (const auto* text : {"",
                             "a",
                             "//a/",
                             "ftp://a/",
                             "https://",
                             "https:///x",
                             "https://user@a/",
                             "https://a:b@c/",
                             "https://a:/",
                             "https://a:0/",
                             "https://a:65536/",
                             "https://a:80x/",
                             "https://a/ b",
                             "https://a/\r\nX: y",
                             "https://a/#f",
                             "https://a\\b/",
                             "https://[::1",
                             "https://[a]/",
                             "https://[::1]x/",
                             "https://\xE4/",
                             "HTTPS://a/"})
        EXPECT_THROW(parse_client_url(text), NotSent) << text;
}

TEST(RenderRequest, WritesExactBytes) {
    const auto url = parse_client_url("https://a/x?y");
    EXPECT_EQ(
        render_request({.method = "POST", .headers = {{"Accept", "application/json"}}, .body = "{}"}, url),
        "POST /x?y HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(render_request({.method = "GET"}, url), "GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(render_request({.method = "POST"}, url).contains("Content-Length: 0\r\n"));
}

TEST(RenderRequest, RefusesHeadersThatBreakOutOrAreOurs) {
    const auto url = parse_client_url("https://a/");
    const Headers hostile[] = {{{"X", "a\r\nY: b"}},
                               {{"X\r\nY", "b"}},
                               {{"", "b"}},
                               {{"X", std::string("a\0b", 3)}},
                               {{"Host", "b"}},
                               {{"content-length", "7"}},
                               {{"Transfer-Encoding", "chunked"}}};
    for (const auto& headers : hostile)
        EXPECT_THROW(render_request({.method = "GET", .headers = headers}, url), NotSent);
    for (const auto* method : {"", "get", "GET /", "G\r\n"})
        EXPECT_THROW(render_request({.method = method}, url), NotSent);
}

}  // namespace
}  // namespace wefee::io
