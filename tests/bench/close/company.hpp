// The companies that a month is closed for: one plan of three meters in graduated tiers, ten lines an
// invoice.
#pragma once

#include <string>
#include <vector>

#include "billing/time.hpp"
#include "storage/store.hpp"

namespace wefee::bench {

inline constexpr CivilDay period_start{std::chrono::year{2026} / 10 / 1};
inline constexpr CivilDay period_end{std::chrono::year{2026} / 11 / 1};
inline const Instant close_time = at_local(std::chrono::year{2026} / 11 / 2, std::chrono::hours{1});

struct CompanyPlan {
    std::string code = "pro";  // or "free", which costs nothing
    bool deducted = true;      // under a consent and a mandate; otherwise paid by hand
    int usage_days = 4;        // on which each meter counted something
};

storage::Changes price_list_founding();
storage::PriceListRow price_list();

/// Company `number` with its subscription, its consent and the task that closes its period.
storage::Changes company_founding(std::size_t number, const CompanyPlan& plan);
/// What it used: each meter reaches its third tier.
std::vector<storage::UsageTotalRow> company_usage(std::size_t number, const CompanyPlan& plan);
/// What it is rated from, as load_period() would read it.
storage::PeriodView company_view(std::size_t number, const CompanyPlan& plan);

}  // namespace wefee::bench
