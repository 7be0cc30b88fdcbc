// A tenant's days: where its periods end, when it is charged, and whether deductions are paused.
#pragma once

#include <optional>

#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// What is not named stays as it is.
struct TenantWish {
    std::optional<std::int64_t>
        anchor_day;  // 1-31; of a running subscription it holds from the next period on
    std::optional<std::int64_t> deduction_day;  // 1-28; for what is planned from now on
    std::optional<bool> deductions_paused;
};

/// Throws Error{not_found}.
io::awaitable<storage::TenantRow> set_tenant(App& app, std::string op_id, std::string actor, TenantId id,
                                             TenantWish wish);

}  // namespace wefee::server
