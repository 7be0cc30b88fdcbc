// A tenant's objection to lines; the lines are out of deduction from `opened` until an answer.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class DisputeState { opened, under_review, upheld, rejected, closed };

enum class DisputeEvent {
    opened,
    review_started,
    upheld,     // credit note or refund follows
    rejected,   // with reasons
    withdrawn,  // by the tenant
    reopened,   // new evidence
    closed,     // answer carried out
};

template <>
struct Machine<DisputeState> {
    using State = DisputeState;
    using Event = DisputeEvent;
    static constexpr std::string_view entity = "dispute";

    static constexpr std::array states{
        Named<State>{State::opened, "OPENED"}, Named<State>{State::under_review, "UNDER_REVIEW"},
        Named<State>{State::upheld, "UPHELD"}, Named<State>{State::rejected, "REJECTED"},
        Named<State>{State::closed, "CLOSED"},
    };
    static constexpr std::array events{
        Named<Event>{Event::opened, "opened"},       Named<Event>{Event::review_started, "review_started"},
        Named<Event>{Event::upheld, "upheld"},       Named<Event>{Event::rejected, "rejected"},
        Named<Event>{Event::withdrawn, "withdrawn"}, Named<Event>{Event::reopened, "reopened"},
        Named<Event>{Event::closed, "closed"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::opened, State::opened},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::opened, Event::review_started, State::under_review},
        Transition<State, Event>{State::opened, Event::withdrawn, State::closed},
        Transition<State, Event>{State::under_review, Event::upheld, State::upheld},
        Transition<State, Event>{State::under_review, Event::rejected, State::rejected},
        Transition<State, Event>{State::under_review, Event::withdrawn, State::closed},
        Transition<State, Event>{State::upheld, Event::closed, State::closed},
        Transition<State, Event>{State::rejected, Event::reopened, State::under_review},
        Transition<State, Event>{State::rejected, Event::closed, State::closed},
    };
};
static_assert(names_in_order(Machine<DisputeState>::states) && names_in_order(Machine<DisputeState>::events));

}  // namespace wefee
