// Stored names of providers and failure causes read back.
#include "billing/facts.hpp"

#include <gtest/gtest.h>

#include <set>

namespace wefee {
namespace {

TEST(Facts, ProviderNamesReadBack) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Provider::credit_note); ++i) {
        const auto provider = static_cast<Provider>(i);
        EXPECT_TRUE(names.insert(provider_name(provider)).second);
        EXPECT_EQ(parse_provider(provider_name(provider)), provider);
    }
    EXPECT_EQ(parse_provider("WECHAT"), std::nullopt);
    EXPECT_EQ(parse_provider(""), std::nullopt);
}

TEST(Facts, FailureCauseNamesReadBack) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(FailureCause::unlisted); ++i) {
        const auto cause = static_cast<FailureCause>(i);
        EXPECT_TRUE(names.insert(failure_cause_name(cause)).second);
        EXPECT_EQ(parse_failure_cause(failure_cause_name(cause)), cause);
    }
    EXPECT_EQ(parse_failure_cause("no such cause"), std::nullopt);
}

}  // namespace
}  // namespace wefee
