// Usage facts: inserted once, with what exactly those that were new change in the running totals.
#pragma once

#include <span>

#include "storage/writer/job.hpp"
#include "storage/writer/shapes.hpp"

namespace wefee::storage {

/// All facts as new events, in multi-row statements. False, with nothing written, when one of them was known,
/// is a correction or does not fit.
bool write_new_usage(sql::Connection& db, ShapeTexts& texts, std::span<UsageWrite* const> writes);

/// One caller's facts, whatever is known already; fills in the answers.
void write_any_usage(sql::Connection& db, ShapeTexts& texts, UsageWrite& write);

}  // namespace wefee::storage
