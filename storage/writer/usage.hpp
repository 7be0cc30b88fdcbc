// Usage events: inserted once, with the running totals of exactly those that were new.
#pragma once

#include <span>

#include "storage/writer/job.hpp"
#include "storage/writer/shapes.hpp"

namespace wefee::storage {

/// All events as new ones, in multi-row statements. False, with nothing written, when one of them was known.
bool write_new_usage(sql::Connection& db, ShapeTexts& texts, std::span<UsageWrite* const> writes);

/// One caller's events, whatever is known already; fills in the answers.
void write_any_usage(sql::Connection& db, ShapeTexts& texts, UsageWrite& write);

}  // namespace wefee::storage
