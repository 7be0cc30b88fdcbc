#include "server/workers/tasks.hpp"

#include <array>

#include "io/log.hpp"
#include "server/app.hpp"
#include "server/flows/attempt.hpp"
#include "server/flows/budget.hpp"
#include "server/flows/change_decision.hpp"
#include "server/flows/charge.hpp"
#include "server/flows/close_page.hpp"
#include "server/flows/close_period.hpp"
#include "server/flows/late_billing.hpp"
#include "server/flows/mandate.hpp"
#include "server/flows/names.hpp"
#include "server/flows/onboard.hpp"
#include "server/flows/refund.hpp"
#include "server/flows/thresholds.hpp"
#include "server/flows/watch.hpp"

namespace wefee::server {
namespace {

constexpr std::array kinds{
    TaskKind{task::exchange_code, exchange_code},
    TaskKind{task::read_corp, read_corp},
    TaskKind{task::mandate_step, mandate_step},
    TaskKind{task::bill_opening, bill_opening},
    TaskKind{.name = task::close_period, .run_page = close_periods},
    TaskKind{task::bill_late, bill_late},
    TaskKind{task::begin_terms, begin_terms},
    TaskKind{task::charge_step, charge_step},
    TaskKind{task::attempt_step, attempt_step},
    TaskKind{task::refund_step, refund_step},
    TaskKind{task::invoice_paid, invoice_paid},
    TaskKind{task::invoice_due, invoice_due},
    TaskKind{task::service_grace, service_grace_over},
    TaskKind{task::budget_check, check_budget},
    TaskKind{task::threshold_check, check_thresholds},
    TaskKind{task::refresh_keys, refresh_keys},
    TaskKind{task::seal_audit, seal_audit},
    TaskKind{task::check_invariants, check_invariants},
};

}  // namespace

std::span<const TaskKind> task_kinds() { return kinds; }

}  // namespace wefee::server
