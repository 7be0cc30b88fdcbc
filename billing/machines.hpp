// All machines together: the legal moves as texts, for the `transition` table that invariant I-12 reads.
#pragma once

#include <string_view>
#include <vector>

#include "billing/machines/approval.hpp"
#include "billing/machines/attempt.hpp"
#include "billing/machines/authorisation.hpp"
#include "billing/machines/charge.hpp"
#include "billing/machines/consent.hpp"
#include "billing/machines/dispute.hpp"
#include "billing/machines/invoice.hpp"
#include "billing/machines/mandate.hpp"
#include "billing/machines/refund.hpp"
#include "billing/machines/subscription.hpp"

namespace wefee {

/// `from` is "" for a creation. The texts live as long as the program.
struct TransitionRow {
    std::string_view entity;
    std::string_view from;
    std::string_view to;
    friend auto operator<=>(const TransitionRow&, const TransitionRow&) = default;
    friend bool operator==(const TransitionRow&, const TransitionRow&) = default;
};

/// Every distinct legal (entity, from, to) of all machines, creations included, sorted.
std::vector<TransitionRow> all_transitions();

}  // namespace wefee
