// What an operator asks for that moves money: made at once below the approval limit, from there on when a
// second person has approved it.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class ApprovalState { pending, approved, refused };

enum class ApprovalEvent {
    requested,     // at or above the limit: a second person decides
    within_limit,  // made at once
    approved,      // by another person than the one who asked
    refused,
};

template <>
struct Machine<ApprovalState> {
    using State = ApprovalState;
    using Event = ApprovalEvent;
    static constexpr std::string_view entity = "approval_request";

    static constexpr std::array states{
        Named<State>{State::pending, "PENDING"},
        Named<State>{State::approved, "APPROVED"},
        Named<State>{State::refused, "REFUSED"},
    };
    static constexpr std::array events{
        Named<Event>{Event::requested, "requested"},
        Named<Event>{Event::within_limit, "within_limit"},
        Named<Event>{Event::approved, "approved"},
        Named<Event>{Event::refused, "refused"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::requested, State::pending},
        Creation<State, Event>{Event::within_limit, State::approved},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::pending, Event::approved, State::approved},
        Transition<State, Event>{State::pending, Event::refused, State::refused},
    };
};
static_assert(names_in_order(Machine<ApprovalState>::states) &&
              names_in_order(Machine<ApprovalState>::events));

}  // namespace wefee
