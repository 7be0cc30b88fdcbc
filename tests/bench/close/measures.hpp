// What wefee-close measures. Each gives its figures as JSON.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/bench/close/company.hpp"

namespace wefee::bench {

/// Fills an empty store with companies whose period is over.
void seed(const std::string& url, std::size_t companies, const CompanyPlan& plan);
/// Closes all that is due with the product's own workers. `writers`: as `store.writers`.
nlohmann::json close_month(const std::string& url, std::size_t writers);
/// Inserts every row that the close of `from` did into the empty store `url`, by nothing but multi-row
/// statements; `bills_only`: invoices, lines and charges, and none of what keeps the books.
nlohmann::json insert_closed(const std::string& url, const std::string& from, bool bills_only);
/// Rating alone: rows to rated lines, on one core.
nlohmann::json rate_alone(std::size_t invoices, const CompanyPlan& plan);
/// Events through the product's ingest in batches; all of them again; and the same rows inserted raw into
/// `raw_url`.
nlohmann::json take_events(const std::string& url, const std::string& raw_url, std::size_t events,
                           std::size_t batch);

}  // namespace wefee::bench
