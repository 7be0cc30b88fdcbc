// Runs every published case; an id without a function, and a function without an id, both fail.
#include "cases.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <set>

namespace wefee::cases {
namespace {

/// Rejected answers, kept in the file to catch the mistake.
bool is_rejected_answer(const std::string& key) {
    constexpr std::array<std::string_view, 7> prefixes{
        "naive", "uncapped", "single_round", "double_charged", "independent", "sum_if", "if_summed"};
    return std::ranges::any_of(prefixes, [&key](std::string_view prefix) { return key.starts_with(prefix); });
}

Cases all_cases() {
    Cases all;
    for (const auto* group : {&period_cases(), &usage_cases(), &money_cases(), &provider_cases()})
        all.insert(group->begin(), group->end());
    return all;
}

TEST(BillingCases, EveryPublishedCaseComesOutExactly) {
    std::ifstream file(WEFEE_BILLING_DATA "/billing-cases.jsonl");
    ASSERT_TRUE(file.is_open());
    const auto functions = all_cases();
    std::set<std::string> seen;
    for (std::string line; std::getline(file, line);) {
        const auto row = json::parse(line);
        const auto id = row.at("id").get<std::string>();
        const auto function = functions.find(id);
        ASSERT_NE(function, functions.end()) << id << " has no function";
        seen.insert(id);
        const auto ours = function->second(row.at("in"));
        for (const auto& [key, expected] : row.at("out").items()) {
            if (is_rejected_answer(key)) continue;
            ASSERT_TRUE(ours.contains(key)) << id << " lacks " << key;
            EXPECT_EQ(ours.at(key), expected) << id << " " << key;
        }
    }
    EXPECT_EQ(seen.size(), 71u);
    EXPECT_EQ(seen.size(), functions.size());
}

}  // namespace
}  // namespace wefee::cases
