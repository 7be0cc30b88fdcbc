// Collects the rows of all machines.
#include "billing/machines.hpp"

#include <algorithm>

namespace wefee {
namespace {

template <class State>
void add(std::vector<TransitionRow>& rows) {
    using M = Machine<State>;
    for (const auto& row : M::creations) rows.push_back({M::entity, "", state_text(row.to)});
    for (const auto& row : M::transitions)
        rows.push_back({M::entity, state_text(row.from), state_text(row.to)});
}

}  // namespace

std::vector<TransitionRow> all_transitions() {
    std::vector<TransitionRow> rows;
    add<AuthorisationState>(rows);
    add<ConsentState>(rows);
    add<MandateState>(rows);
    add<SubscriptionState>(rows);
    add<InvoiceState>(rows);
    add<ChargeState>(rows);
    add<AttemptState>(rows);
    add<RefundState>(rows);
    add<DisputeState>(rows);
    add<ApprovalState>(rows);
    std::ranges::sort(rows);
    rows.erase(std::ranges::unique(rows).begin(), rows.end());
    return rows;
}

}  // namespace wefee
