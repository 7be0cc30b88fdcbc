// Rows of usage: facts, running totals, and what came late. Part of rows.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "billing/ids.hpp"
#include "billing/money.hpp"
#include "billing/time.hpp"

namespace wefee::storage {

/// A fact about usage, never changed: an event, a correction of one or its deletion. The newest of them
/// counts.
struct UsageEventRow {
    TenantId tenant_id;
    std::string event_id;  // unique with tenant_id, also over corrections
    std::string meter;
    std::int64_t quantity_micro = 0;
    Instant occurred_at{};
    CivilDay day{};           // civil day of occurred_at
    CivilDay period_start{};  // the period that the day lies in
    std::string properties;   // JSON object
    Instant received_at{};
    std::int64_t sequence = 0;  // orders events of one moment
    std::string corrects = {};  // the event that it corrects or deletes; "" for an event
    std::string given = {};     // what it was sent with, "quantity occurred_at properties", or "deletes"; the
                                // rest is taken over from what it corrects, so that each row is whole
    std::int64_t revision = 0;  // 0 for an event, then 1, 2 ... of its corrections
    bool counts = true;         // its meter's filters hold, and it is no deletion
    std::string value = {};     // what a meter of different values counts
    std::string dimensions = {};  // what it is shown by: name=value, a line each
};

/// Which fact of a corrected event is the newest.
struct UsageRevisionRow {
    TenantId tenant_id;
    std::string event_id;
    std::string newest_id;
    std::int64_t revision = 0;
    Instant created_at{};
};

/// Where a value of a `unique` meter was first seen in a period.
struct UsageFirstRow {
    TenantId tenant_id;
    std::string meter;
    CivilDay period_start{};
    std::string value;
    Instant occurred_at{};
    std::int64_t sequence = 0;
    std::string event_id;
    CivilDay day{};
    std::string dimensions;
    Instant created_at{};
};

/// A day's total once more, by what its events are shown by: the rows of one dimension add up to the events
/// that name it.
struct UsageDimensionRow {
    TenantId tenant_id;
    std::string meter;
    CivilDay period_start{};
    CivilDay day{};
    std::string dimension;
    std::string value;
    std::int64_t quantity_micro = 0;
    std::int64_t events = 0;
    Instant created_at{};
};

/// Facts that came after their period was invoiced, and what was billed for them since; likewise for what of
/// the plan looks at all usage.
struct UsageLateRow {
    TenantId tenant_id;
    std::string meter;  // or minimum, cap: a late line without ".late"
    CivilDay period_start{};
    Fen billed_fen;                     // by late lines so far
    bool waits = true;                  // there is something that no invoice has yet
    std::optional<CivilDay> first_day;  // of what waits
    std::optional<CivilDay> last_day;
    Instant created_at{};
    std::int64_t version = 1;
};

struct UsageTotalRow {
    TenantId tenant_id;
    std::string meter;
    CivilDay period_start{};
    CivilDay day{};  // one row a day; key (tenant, meter, period_start, day)
    std::int64_t quantity_micro = 0;
    std::int64_t events = 0;
};

}  // namespace wefee::storage
