// The service state of a tenant's plan. Money is the invoice's matter; the two meet only in these events.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class SubscriptionState { pending, trialing, active, past_due, restricted, paused, ended };

enum class SubscriptionEvent {
    created,
    trial_started,    // days begin that cost nothing
    activated,        // consent or manual-payment choice is recorded; a trial is over
    payment_overdue,  // a final failure or the due day passed: grace begins
    grace_ended,
    recovered,  // nothing overdue is left
    paused,     // by the tenant: nothing is had, and nothing costs
    resumed,
    ended,
};

template <>
struct Machine<SubscriptionState> {
    using State = SubscriptionState;
    using Event = SubscriptionEvent;
    static constexpr std::string_view entity = "subscription";

    static constexpr std::array states{
        Named<State>{State::pending, "PENDING"},       Named<State>{State::trialing, "TRIALING"},
        Named<State>{State::active, "ACTIVE"},         Named<State>{State::past_due, "PAST_DUE"},
        Named<State>{State::restricted, "RESTRICTED"}, Named<State>{State::paused, "PAUSED"},
        Named<State>{State::ended, "ENDED"},
    };
    static constexpr std::array events{
        Named<Event>{Event::created, "created"},
        Named<Event>{Event::trial_started, "trial_started"},
        Named<Event>{Event::activated, "activated"},
        Named<Event>{Event::payment_overdue, "payment_overdue"},
        Named<Event>{Event::grace_ended, "grace_ended"},
        Named<Event>{Event::recovered, "recovered"},
        Named<Event>{Event::paused, "paused"},
        Named<Event>{Event::resumed, "resumed"},
        Named<Event>{Event::ended, "ended"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::created, State::pending},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::pending, Event::trial_started, State::trialing},
        Transition<State, Event>{State::pending, Event::activated, State::active},
        Transition<State, Event>{State::pending, Event::ended, State::ended},
        Transition<State, Event>{State::trialing, Event::activated, State::active},
        Transition<State, Event>{State::trialing, Event::payment_overdue, State::past_due},
        Transition<State, Event>{State::trialing, Event::paused, State::paused},
        Transition<State, Event>{State::trialing, Event::ended, State::ended},
        Transition<State, Event>{State::active, Event::trial_started, State::trialing},
        Transition<State, Event>{State::active, Event::payment_overdue, State::past_due},
        Transition<State, Event>{State::active, Event::paused, State::paused},
        Transition<State, Event>{State::active, Event::ended, State::ended},
        Transition<State, Event>{State::past_due, Event::grace_ended, State::restricted},
        Transition<State, Event>{State::past_due, Event::recovered, State::active},
        Transition<State, Event>{State::past_due, Event::ended, State::ended},
        Transition<State, Event>{State::restricted, Event::recovered, State::active},
        Transition<State, Event>{State::restricted, Event::ended, State::ended},
        Transition<State, Event>{State::paused, Event::resumed, State::active},
        Transition<State, Event>{State::paused, Event::payment_overdue, State::past_due},
        Transition<State, Event>{State::paused, Event::ended, State::ended},
    };
};
static_assert(names_in_order(Machine<SubscriptionState>::states) &&
              names_in_order(Machine<SubscriptionState>::events));

}  // namespace wefee
