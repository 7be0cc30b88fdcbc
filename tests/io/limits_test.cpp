// Addresses, ranges, token buckets, connection counts, forwarded addresses.
#include "io/limits.hpp"

#include <gtest/gtest.h>

#include "io/forwarded.hpp"

namespace wefee::io {
namespace {

using namespace std::chrono_literals;

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }
AddressRange range(const char* text) { return AddressRange::parse(text).value(); }

TEST(IpAddress, ReadsBothFamiliesAndUnmapsIpv4) {
    EXPECT_EQ(ip("10.1.2.3").to_string(), "10.1.2.3");
    EXPECT_EQ(ip("::ffff:10.1.2.3"), ip("10.1.2.3"));
    EXPECT_EQ(ip("2001:DB8::1").to_string(), "2001:db8::1");
    for (const auto* text :
         {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:80", "[::1]", "::1%lo", "localhost", "01.2.3.4x"})
        EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddress, NetworkClearsTheHostBits) {
    EXPECT_EQ(ip("10.1.2.3").network(24, 64), ip("10.1.2.0"));
    EXPECT_EQ(ip("10.1.2.3").network(32, 64), ip("10.1.2.3"));
    EXPECT_EQ(ip("2001:db8:1:2:3::4").network(24, 64), ip("2001:db8:1:2::"));
    EXPECT_EQ(ip("255.255.255.255").network(9, 0), ip("255.128.0.0"));
}

TEST(AddressRange, ContainsItsNetworkOnly) {
    EXPECT_TRUE(range("10.0.0.0/8").contains(ip("10.255.0.1")));
    EXPECT_TRUE(range("10.9.9.9/8").contains(ip("10.255.0.1")));
    EXPECT_FALSE(range("10.0.0.0/8").contains(ip("11.0.0.1")));
    EXPECT_TRUE(range("1.2.3.4").contains(ip("1.2.3.4")));
    EXPECT_FALSE(range("1.2.3.4").contains(ip("1.2.3.5")));
    EXPECT_TRUE(range("0.0.0.0/0").contains(ip("1.2.3.4")));
    EXPECT_FALSE(range("0.0.0.0/0").contains(ip("2001:db8::1")));
    EXPECT_TRUE(range("2001:db8::/32").contains(ip("2001:db8:ffff::1")));
    for (const auto* text : {"", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "::/129", "10.0.0.0/-1"})
        EXPECT_FALSE(AddressRange::parse(text)) << text;
}

TEST(PublicAddress, ExcludesWhatLeadsInside) {
    for (const auto* text : {"127.0.0.1",       "10.0.0.1",    "172.16.0.1",
                             "172.31.255.255",  "192.168.1.1", "169.254.169.254",
                             "100.64.0.1",      "0.0.0.0",     "224.0.0.1",
                             "255.255.255.255", "::1",         "::",
                             "fe80::1",         "fc00::1",     "fd12::1",
                             "fec0::1",         "ff02::1",     "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
                             "2002:7f00:1::",   "2001:db8::1"})
        EXPECT_FALSE(is_public(ip(text))) << text;
    for (const auto* text : {"1.1.1.1", "172.32.0.1", "172.15.0.1", "100.128.0.1", "11.0.0.1",
                             "::ffff:8.8.8.8", "2606:4700::1111", "2408:8000::1"})
        EXPECT_TRUE(is_public(ip(text))) << text;
}

TEST(RateLimiter, AllowsTheBurstThenTheRate) {
    RateLimiter limiter;
    const Rate rate{.tokens = 10, .burst = 3};
    RateLimiter::Time now{1000s};
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("a", rate, now)) << i;
    EXPECT_EQ(limiter.take("a", rate, now), 100ms);
    EXPECT_FALSE(limiter.take("b", rate, now));  // a bucket a key
    EXPECT_EQ(limiter.take("a", rate, now + 99ms), 1ms);
    EXPECT_FALSE(limiter.take("a", rate, now + 100ms));
    EXPECT_TRUE(limiter.take("a", rate, now + 100ms));
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(limiter.take("a", rate, now + 10s)) << i;  // never more than the burst
    EXPECT_TRUE(limiter.take("a", rate, now + 10s));
}

TEST(RateLimiter, ARateByTheMinuteWhoseRefusalsGrow) {
    RateLimiter limiter;
    const Rate rate{.tokens = 5, .burst = 5, .per = 60s, .grows = true};
    const RateLimiter::Time now{1000s};
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.take("a", rate, now)) << i;
    EXPECT_EQ(limiter.take("a", rate, now), 24s);
    EXPECT_EQ(limiter.take("a", rate, now), 36s);
    for (int i = 0; i < 50; ++i) limiter.take("a", rate, now);
    EXPECT_EQ(limiter.take("a", rate, now), 120s);
    EXPECT_FALSE(limiter.take("a", rate, now + 121s));
}

TEST(RateLimiter, NoRateIsNoLimit) {
    RateLimiter limiter;
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(limiter.take("a", {}, RateLimiter::Time{}));
    EXPECT_EQ(limiter.size(), 0U);
}

TEST(RateLimiter, ForgetsFullBucketsAndStaysBounded) {
    RateLimiter limiter(1'600);
    const Rate rate{.tokens = 1, .burst = 1};
    RateLimiter::Time now{1000s};
    for (int i = 0; i < 10'000; ++i) limiter.take(std::to_string(i), rate, now);
    EXPECT_LE(limiter.size(), 1'600U);
    now += 10min;
    for (int i = 0; i < 200; ++i) limiter.take("new" + std::to_string(i), rate, now);
    EXPECT_LE(limiter.size(), 200U);
}

TEST(ConnectionLimiter, CountsAllAndPerAddressAndGivesPlacesBack) {
    ConnectionLimiter limiter({.all_max = 3, .per_address_max = 2});
    auto first = limiter.admit(ip("1.1.1.1"));
    {
        auto second = limiter.admit(ip("1.1.1.1"));
        EXPECT_TRUE(second);
        EXPECT_FALSE(limiter.admit(ip("1.1.1.1")));
        auto third = limiter.admit(ip("2.2.2.2"));
        EXPECT_TRUE(third);
        EXPECT_FALSE(limiter.admit(ip("3.3.3.3")));
        EXPECT_EQ(limiter.open(), 3U);
    }
    EXPECT_EQ(limiter.open(), 1U);
    EXPECT_TRUE(limiter.admit(ip("1.1.1.1")));
}

TEST(ConnectionLimiter, ReservedRangesHaveTheirOwnPlaces) {
    ConnectionLimiter limiter(
        {.all_max = 1, .per_address_max = 1, .reserved_max = 2, .reserved_ranges = {range("9.9.0.0/16")}});
    auto stranger = limiter.admit(ip("1.1.1.1"));
    EXPECT_FALSE(limiter.admit(ip("2.2.2.2")));
    auto one = limiter.admit(ip("9.9.1.1")), two = limiter.admit(ip("9.9.1.1"));
    EXPECT_TRUE(one && two);
    EXPECT_FALSE(limiter.admit(ip("9.9.1.1")));
}

TEST(ConnectionLimiter, ProxiesAreNotHeldToOneAddress) {
    ConnectionLimiter limiter({.all_max = 10, .per_address_max = 1, .shared_ranges = {range("10.0.0.1")}});
    auto one = limiter.admit(ip("10.0.0.1")), two = limiter.admit(ip("10.0.0.1"));
    EXPECT_TRUE(one && two);
}

TEST(ForwardedFor, IsBelievedFromTheRightAsFarAsProxiesGo) {
    const AddressRange proxies[] = {range("10.0.0.0/8")};
    const auto client = [&](const char* peer, std::vector<HeaderView> headers) {
        return client_address(ip(peer), headers, proxies).to_string();
    };
    EXPECT_EQ(client("8.8.8.8", {{"X-Forwarded-For", "1.1.1.1"}}), "8.8.8.8");
    EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.1", {{"x-forwarded-for", "1.1.1.1"}}), "1.1.1.1");
    EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 1.1.1.1 , 10.0.0.2"}}), "1.1.1.1");
    EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "1.1.1.1"}}),
              "1.1.1.1");
    EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, junk"}}), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, junk, 10.0.0.3"}}), "10.0.0.3");
    EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", ""}}), "10.0.0.1");
}

TEST(RequestId, IsTakenOverOnlyWhenItIsHarmless) {
    EXPECT_TRUE(is_request_id("aZ09._-"));
    EXPECT_TRUE(is_request_id(std::string(64, 'a')));
    for (const auto* text : {"", "a b", "a\n", "\"", "é"}) EXPECT_FALSE(is_request_id(text)) << text;
    EXPECT_FALSE(is_request_id(std::string(65, 'a')));
}

}  // namespace
}  // namespace wefee::io
