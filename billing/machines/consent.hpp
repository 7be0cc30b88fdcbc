// What a member confirmed before any deduction. Granting again is a new consent.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class ConsentState { draft, presented, granted, declined, superseded, withdrawn, expired };

enum class ConsentEvent {
    drafted,
    presented,  // the exact text, items and ceilings were shown
    granted,
    declined,
    superseded,  // a newer consent took its place
    withdrawn,   // by the tenant, or its mandate ended
    expired,     // its end day came, or nobody answered
};

template <>
struct Machine<ConsentState> {
    using State = ConsentState;
    using Event = ConsentEvent;
    static constexpr std::string_view entity = "consent";

    static constexpr std::array states{
        Named<State>{State::draft, "DRAFT"},           Named<State>{State::presented, "PRESENTED"},
        Named<State>{State::granted, "GRANTED"},       Named<State>{State::declined, "DECLINED"},
        Named<State>{State::superseded, "SUPERSEDED"}, Named<State>{State::withdrawn, "WITHDRAWN"},
        Named<State>{State::expired, "EXPIRED"},
    };
    static constexpr std::array events{
        Named<Event>{Event::drafted, "drafted"},       Named<Event>{Event::presented, "presented"},
        Named<Event>{Event::granted, "granted"},       Named<Event>{Event::declined, "declined"},
        Named<Event>{Event::superseded, "superseded"}, Named<Event>{Event::withdrawn, "withdrawn"},
        Named<Event>{Event::expired, "expired"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::drafted, State::draft},
        Creation<State, Event>{Event::presented, State::presented},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::draft, Event::presented, State::presented},
        Transition<State, Event>{State::draft, Event::superseded, State::superseded},
        Transition<State, Event>{State::draft, Event::expired, State::expired},
        Transition<State, Event>{State::presented, Event::granted, State::granted},
        Transition<State, Event>{State::presented, Event::declined, State::declined},
        Transition<State, Event>{State::presented, Event::superseded, State::superseded},
        Transition<State, Event>{State::presented, Event::expired, State::expired},
        Transition<State, Event>{State::granted, Event::superseded, State::superseded},
        Transition<State, Event>{State::granted, Event::withdrawn, State::withdrawn},
        Transition<State, Event>{State::granted, Event::expired, State::expired},
    };
};
static_assert(names_in_order(Machine<ConsentState>::states) && names_in_order(Machine<ConsentState>::events));

}  // namespace wefee
