// Log lines: shape, escaping of hostile values, whole lines from many threads.
#include "io/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <thread>
#include <vector>

namespace wefee::io {
namespace {

constexpr std::int64_t moment = 1'763'903'392'007;  // 2025-11-23T13:09:52.007Z

TEST(LogLine, IsOneJsonObjectInTheOrderGiven) {
    EXPECT_EQ(format_log_line(LogFormat::json, moment, Level::info, "request_done",
                              {{"status", 200}, {"path", "/healthz"}, {"kept", true}, {"delta", -1L}}),
              R"({"ts":"2025-11-23T13:09:52.007Z","level":"info","event":"request_done","status":200,)"
              R"("path":"/healthz","kept":true,"delta":-1})");
}

TEST(LogLine, TextFormatCarriesTheSameForPeople) {
    EXPECT_EQ(format_log_line(LogFormat::text, moment, Level::warning, "slow", {{"ms", 12}, {"who", "a b"}}),
              "2025-11-23T13:09:52.007Z warning slow ms=12 who=\"a b\"");
}

TEST(LogLine, HostileValuesCannotBreakTheLineOrTheJson) {
    const auto line = format_log_line(LogFormat::json, moment, Level::info, "e",
                                      {{"v", "a\r\nb\t\"\\\x01\x1b[2J\x7f\xc2\x9b中\xff\xed\xa0\x80"}});
    EXPECT_TRUE(line.ends_with(R"("v":"a\r\nb\t\"\\\u0001\u001b[2J\u007f\u009b中\ufffd\ufffd\ufffd\ufffd"})"))
        << line;
    for (int c = 0; c < 256; ++c) {
        const std::string value(3, static_cast<char>(c));
        for (const char written : format_log_line(LogFormat::text, moment, Level::info, "e", {{"v", value}}))
            EXPECT_GE(static_cast<unsigned char>(written), 0x20) << c;
    }
}

TEST(LogLine, LongValuesAreCut) {
    const auto line =
        format_log_line(LogFormat::json, moment, Level::info, "e", {{"v", std::string(5000, 'x')}});
    EXPECT_LT(line.size(), 1200U);
    EXPECT_TRUE(line.ends_with("x…\"}"));
}

TEST(MaskId, ShowsThreeAndFourOfLongIdsAndNothingOfShortOnes) {
    EXPECT_EQ(mask_id("13800001234"), "138****1234");
    EXPECT_EQ(mask_id("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"), "oUp****eS6o");
    EXPECT_EQ(mask_id("1380000123"), "****");
    EXPECT_EQ(mask_id(""), "****");
}

struct LogFile : testing::Test {
    LogFile() : file_(std::tmpfile()) {}
    ~LogFile() override {
        configure_log({});
        std::fclose(file_);
    }
    std::vector<std::string> lines() {
        std::rewind(file_);
        std::vector<std::string> all;
        char text[4096];
        while (std::fgets(text, sizeof text, file_)) all.emplace_back(text);
        return all;
    }
    std::FILE* file_;
};

TEST_F(LogFile, KeepsOnlyTheLevelAskedFor) {
    configure_log({.level = Level::warning, .format = LogFormat::json, .file_descriptor = fileno(file_)});
    log(Level::info, "quiet");
    log(Level::error, "loud");
    ASSERT_EQ(lines().size(), 1U);
    EXPECT_TRUE(lines().front().contains(R"("level":"error","event":"loud")"));
}

TEST_F(LogFile, ThreadsNeverMixTheirLines) {
    configure_log({.level = Level::info, .format = LogFormat::json, .file_descriptor = fileno(file_)});
    const std::string long_value(900, 'x');
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 100; ++i) log(Level::info, "event", {{"value", long_value}});
            });
    }
    const auto all = lines();
    EXPECT_EQ(all.size(), 400U);
    for (const auto& line : all)
        EXPECT_TRUE(line.starts_with("{\"ts\":") && line.ends_with("x\"}\n")) << line;
}

TEST_F(LogFile, CountsLinesThatCouldNotBeWritten) {
    const int full = ::open("/dev/full", O_WRONLY);
    ASSERT_GE(full, 0);
    configure_log({.level = Level::info, .format = LogFormat::json, .file_descriptor = full});
    const auto before = lost_log_lines();
    log(Level::info, "lost");
    EXPECT_EQ(lost_log_lines(), before + 1);
    ::close(full);
}

}  // namespace
}  // namespace wefee::io
