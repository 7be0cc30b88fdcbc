// Analysis (C5): what was billed, and the running period so far, by module, meter, seat, department or day.
#pragma once

#include "billing/analysis.hpp"
#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

struct TenantAnalysis {
    DaySpan range, before;
    AnalysisBy by{};
    bool open_period = false;  // the running period's cost so far is part of it
    Analysis result;
};

/// The days of the open period: what is looked at when nothing else is asked. Throws Error{not_found}.
io::awaitable<DaySpan> open_period_of(App& app, TenantId tenant);

/// Departments and seats are the properties "department" and "seat" of usage events.
io::awaitable<TenantAnalysis> analyse_for(App& app, TenantId tenant, DaySpan range, AnalysisBy by);

}  // namespace wefee::server
