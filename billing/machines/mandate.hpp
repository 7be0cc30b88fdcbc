// The contract with a provider that lets us deduct. Signing again is a new mandate with a new number.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class MandateState { created, signing, active, suspended, ending, ended };

enum class MandateEvent {
    created,
    signing_started,       // the signing page was handed out
    contract_signed,       // provider says so: notice or query
    contract_signed_late,  // signed after we had given the signing up (no contract was ever known)
    signing_abandoned,     // nobody signed in time
    paused,                // by the tenant: deductions stop, the contract stays
    stopped,               // the provider's STOP
    resumed,
    ending_requested,  // we asked the provider to end it
    ending_refused,    // provider kept it
    ended,             // provider says so
};

template <>
struct Machine<MandateState> {
    using State = MandateState;
    using Event = MandateEvent;
    static constexpr std::string_view entity = "mandate";

    static constexpr std::array states{
        Named<State>{State::created, "CREATED"}, Named<State>{State::signing, "SIGNING"},
        Named<State>{State::active, "ACTIVE"},   Named<State>{State::suspended, "SUSPENDED"},
        Named<State>{State::ending, "ENDING"},   Named<State>{State::ended, "ENDED"},
    };
    static constexpr std::array events{
        Named<Event>{Event::created, "created"},
        Named<Event>{Event::signing_started, "signing_started"},
        Named<Event>{Event::contract_signed, "contract_signed"},
        Named<Event>{Event::contract_signed_late, "contract_signed_late"},
        Named<Event>{Event::signing_abandoned, "signing_abandoned"},
        Named<Event>{Event::paused, "paused"},
        Named<Event>{Event::stopped, "stopped"},
        Named<Event>{Event::resumed, "resumed"},
        Named<Event>{Event::ending_requested, "ending_requested"},
        Named<Event>{Event::ending_refused, "ending_refused"},
        Named<Event>{Event::ended, "ended"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::created, State::created},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::created, Event::signing_started, State::signing},
        Transition<State, Event>{State::created, Event::contract_signed, State::active},
        Transition<State, Event>{State::created, Event::signing_abandoned, State::ended},
        Transition<State, Event>{State::created, Event::ended, State::ended},
        Transition<State, Event>{State::signing, Event::contract_signed, State::active},
        Transition<State, Event>{State::signing, Event::signing_abandoned, State::ended},
        Transition<State, Event>{State::signing, Event::ended, State::ended},
        Transition<State, Event>{State::active, Event::paused, State::suspended},
        Transition<State, Event>{State::active, Event::stopped, State::suspended},
        Transition<State, Event>{State::active, Event::ending_requested, State::ending},
        Transition<State, Event>{State::active, Event::ended, State::ended},
        Transition<State, Event>{State::suspended, Event::resumed, State::active},
        Transition<State, Event>{State::suspended, Event::ending_requested, State::ending},
        Transition<State, Event>{State::suspended, Event::ended, State::ended},
        Transition<State, Event>{State::ending, Event::ending_refused, State::active},
        Transition<State, Event>{State::ending, Event::ended, State::ended},
        Transition<State, Event>{State::ended, Event::contract_signed_late, State::active},
    };
};
static_assert(names_in_order(Machine<MandateState>::states) && names_in_order(Machine<MandateState>::events));

}  // namespace wefee
