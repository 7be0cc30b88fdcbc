// Rating alone: the rows of a period to its rated lines, as the close calls it.
#include <chrono>

#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"
#include "tests/bench/close/measures.hpp"

namespace wefee::bench {

nlohmann::json rate_alone(std::size_t invoices, const CompanyPlan& plan) {
    server::PriceLists lists;
    std::vector<storage::PeriodView> views;
    for (std::size_t number = 0; number < 100; ++number) views.push_back(company_view(number, plan));
    std::size_t lines = 0;
    const auto from = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < invoices; ++i)
        lines += server::rate_closing(lists, views[i % views.size()]).lines.size();
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
    return {{"invoices", invoices},
            {"lines", lines},
            {"seconds", seconds},
            {"lines_per_second", static_cast<double>(lines) / seconds}};
}

}  // namespace wefee::bench
