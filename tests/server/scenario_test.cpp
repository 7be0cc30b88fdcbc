// Scenario files: each of tests/scenarios comes out as it expects, and what is wrong with a file is named.
#include "server/scenario/scenario.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace wefee::server {
namespace {

std::vector<std::filesystem::path> files() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(WEFEE_SCENARIOS))
        if (entry.path().extension() == ".json") paths.push_back(entry.path());
    std::ranges::sort(paths);
    return paths;
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class ScenarioFile : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(ScenarioFile, ComesOutAsItExpects) try {
    const auto scenario = read_scenario(text_of(GetParam()));
    EXPECT_EQ(scenario.id, GetParam().stem().string()) << "a file is found by the id of its case";
    EXPECT_FALSE(scenario.expect.empty()) << "nothing is expected";
    for (const auto& problem : unmet(scenario.expect, run_scenario(scenario)))
        ADD_FAILURE() << problem.pointer << ": " << problem.text;
} catch (const Error& error) {
    for (const auto& problem : error.fields()) ADD_FAILURE() << problem.pointer << ": " << problem.text;
    FAIL() << error.what();
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioFile, ::testing::ValuesIn(files()), [](const auto& info) {
    auto name = info.param.stem().string();
    std::ranges::replace(name, '-', '_');
    return name;
});

constexpr const char* small =
    R"({"id": "x", "price_lists": {"p": {"plans": [{"code": "a", "title": "A", "price_micro_yuan": 10000000}]}},
    "timeline": [{"on": "2025-01-01", "do": "subscribe", "plan": "a"}], "until": "2025-02-01",
    "expect": {"invoices": [{"total_fen": 1000}]}})";

nlohmann::json edited(auto edit) {
    auto document = nlohmann::json::parse(small);
    edit(document);
    return document;
}

/// The pointers that a file's mistakes are told by.
std::vector<std::string> mistakes(const nlohmann::json& document) {
    std::vector<std::string> pointers;
    try {
        run_scenario(read_scenario(document.dump()));
    } catch (const Error& error) {
        for (const auto& problem : error.fields()) pointers.push_back(problem.pointer);
    }
    return pointers;
}

/// A case has the file of its id, or several whose names begin with it.
TEST(Scenario, EveryPublishedCaseHasOne) {
    std::ifstream cases(WEFEE_BILLING_CASES);
    ASSERT_TRUE(cases.is_open());
    const auto scenarios = files();
    int count = 0;
    for (std::string line; std::getline(cases, line); ++count) {
        const auto id = nlohmann::json::parse(line).at("id").get<std::string>();
        EXPECT_TRUE(std::ranges::any_of(scenarios,
                                        [&](const auto& path) {
                                            const auto name = path.stem().string();
                                            return name == id || name.starts_with(id + "-");
                                        }))
            << id << " has no scenario";
    }
    EXPECT_GT(count, 70);
}

TEST(Scenario, EveryMistakeIsNamedByItsPointer) {
    using Pointers = std::vector<std::string>;
    EXPECT_EQ(mistakes(edited([](auto&) {})), Pointers{});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["more"] = 1; })), Pointers{"/more"});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["price_lists"]["p"]["plans"][0]["price_micro_yuan"] = -1; })),
              Pointers{"/price_lists/p/plans/0/price_micro_yuan"});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["price_lists"]["p"]["tenant"] = 1; })),
              Pointers{"/price_lists/p/tenant"});
    EXPECT_EQ(mistakes(edited([](auto& d) {
                  d["price_lists"]["p"]["tenant"] = "other";
                  d["timeline"][0]["price_list"] = "p";
              })),
              Pointers{"/timeline/0/price_list"})
        << "another tenant's own list";
    EXPECT_EQ(mistakes(edited([](auto& d) { d["timeline"][0]["do"] = "dance"; })),
              Pointers{"/timeline/0/do"});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["timeline"][0]["on"] = "2101-01-01"; })),
              Pointers{"/timeline/0/on"});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["timeline"][0]["plan"] = "b"; })),
              Pointers{"/timeline/0/plan"});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["timeline"][0]["colour"] = "red"; })),
              Pointers{"/timeline/0/colour"});
    EXPECT_EQ(
        mistakes(edited([](auto& d) {
            d["timeline"].push_back({{"on", "2025-01-02"}, {"do", "usage"}, {"meter", "m"}, {"quantity", 1}});
        })),
        Pointers{"/timeline/1/meter"});
    EXPECT_EQ(
        mistakes(edited([](auto& d) { d["timeline"].push_back({{"on", "2024-12-31"}, {"do", "cancel"}}); })),
        Pointers{"/timeline/1/on"});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["until"] = "2024-01-01"; })), Pointers{"/until"});
}

/// A step after the subscription, and what is wrong with it.
TEST(Scenario, EveryStepNamesItsMistakesByTheirPointers) {
    using nlohmann::json;
    const json steps[][2] = {
        {{{"do", "pay"}, {"invoice", 9}, {"amount_fen", 1}}, {"/invoice"}},
        {{{"do", "pay"}, {"invoice", 0}, {"amount_fen", 0}, {"channel", "cash"}},
         {"/amount_fen", "/channel"}},
        {{{"do", "refund"}, {"invoice", 0}, {"amount_fen", 1}}, {"/amount_fen"}},
        {{{"do", "grant"}, {"amount_yuan", "1e3"}}, {"/amount_yuan"}},
        {{{"do", "credit_note"}, {"invoice", 0}, {"line", "plan.b"}, {"amount_fen", 1}}, {"/line"}},
        {{{"do", "credit_note"}, {"invoice", 0}, {"line", "plan.a"}, {"amount_fen", 1001}}, {"/amount_fen"}},
        {{{"do", "correct"}}, {"/terms"}},
        {{{"do", "correct"}, {"terms", {{{"plan", "a"}}}}}, {"/terms/0/from"}},
        {{{"do", "correct"}, {"terms", {{{"from", "2024-12-31"}}}}}, {"/terms/0/from"}},
        {{{"do", "correct"}, {"terms", {{{"from", "2025-01-01"}, {"plan", "b"}}}}}, {"/terms/0/plan"}},
        {{{"do", "consent"}, {"provider", "cash"}, {"items", {{{"code", "m"}}}}}, {"/items/0/ceiling_fen"}},
        {{{"do", "consent"}, {"provider", "transfer"}, {"items", json::array()}}, {"/provider"}},
        {{{"do", "mandate"}, {"provider", "alipay"}}, {"/execute_day"}},
        {{{"do", "mandate"}, {"provider", "wechat"}, {"execute_day", 3}}, {"/execute_day"}},
        {{{"do", "mandate"}, {"provider", "alipay"}, {"execute_day", 32}}, {"/execute_day"}},
        {{{"do", "schedule"}, {"invoice", 0}}, {"/day"}},
        {{{"do", "announce"}, {"invoice", 0}, {"at", "23:00"}}, {"/at"}},
        {{{"do", "deduct"}, {"invoice", 0}, {"result", "maybe"}, {"at", "25:00"}}, {"/result", "/at"}},
        {{{"do", "one_off"}, {"code", "setup"}}, {"/code"}},
        {{{"do", "subscribe"},
          {"tenant", "other"},
          {"plan", "a"},
          {"thresholds", {{"once_fen", {200, 200}}, {"every_fen", 0}}}},
         {"/thresholds/once_fen/1", "/thresholds/every_fen"}},
        {{{"do", "licence_order"}}, {""}},
        {{{"do", "licence_order"}, {"price_fen", 1}, {"shares_fen", {{"dealer", -1}}}},
         {"/shares_fen/dealer"}},
    };
    for (const auto& [step, wrong] : steps) {
        std::vector<std::string> pointers;
        for (const auto& pointer : wrong) pointers.push_back("/timeline/1" + pointer.get<std::string>());
        EXPECT_EQ(mistakes(edited([&](auto& d) {
                      d["timeline"].push_back(step);
                      d["timeline"][1]["on"] = "2025-02-01";
                  })),
                  pointers)
            << step.dump();
    }
}

TEST(Scenario, WhatIsGivenNamesItsMistakesToo) {
    using Pointers = std::vector<std::string>;
    EXPECT_EQ(mistakes(edited([](auto& d) { d["given"] = {{"gifts", 1}}; })), Pointers{"/given/gifts"});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["given"] = {{"mandates", {1}}}; })),
              Pointers{"/given/mandates/0"});
    EXPECT_EQ(mistakes(edited([](auto& d) { d["given"] = {{"mandates", {{{"provider", "x"}}}}}; })),
              Pointers{"/given/mandates/0/provider"});
}

TEST(Scenario, WhatIsNotAsExpectedIsToldWithBothValues) {
    const auto scenario = read_scenario(edited([](auto& d) {
                                            d["expect"]["invoices"][0] = {{"total_fen", 999}, {"gift", 1}};
                                            d["expect"]["quotes"] = nlohmann::json::array({1});
                                        }).dump());
    const auto problems = unmet(scenario.expect, run_scenario(scenario));
    ASSERT_EQ(problems.size(), 3U);
    EXPECT_EQ(problems[0].pointer, "/expect/invoices/0/gift");
    EXPECT_EQ(problems[1].text, "expected 999, is 1000");
    EXPECT_EQ(problems[2].text, "expected 1 entries, are 0");
}

}  // namespace
}  // namespace wefee::server
