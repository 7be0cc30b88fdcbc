// One order number at one provider. Open: intent to review; a verified success wins from every state.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class AttemptState { intent, sent, accepted, unknown, review, succeeded, failed, cancelled, surplus };

enum class AttemptEvent {
    intended,
    settled,     // internal providers insert theirs closed
    claimed,     // lease and `sent` are committed; only then the socket opens
    sent_again,  // same number, same business fields, sends + 1
    accepted,    // the provider took the order, no result yet
    succeeded,
    refused,        // verified refusal of the first and only send
    failed,         // queried: final at the provider
    unknown,        // time-out, garbled, not found, refusal after a second send
    differs,        // parameters or amount are not what was first used: a person looks
    window_closed,  // calendar over and still not found: bills will decide
    cancelled,      // never sent
    late_success,   // money came after the attempt was given up, and the invoice has room
    surplus,        // money came, the invoice has no room: goes back
};

template <>
struct Machine<AttemptState> {
    using State = AttemptState;
    using Event = AttemptEvent;
    static constexpr std::string_view entity = "attempt";

    static constexpr std::array states{
        Named<State>{State::intent, "INTENT"},     Named<State>{State::sent, "SENT"},
        Named<State>{State::accepted, "ACCEPTED"}, Named<State>{State::unknown, "UNKNOWN"},
        Named<State>{State::review, "REVIEW"},     Named<State>{State::succeeded, "SUCCEEDED"},
        Named<State>{State::failed, "FAILED"},     Named<State>{State::cancelled, "CANCELLED"},
        Named<State>{State::surplus, "SURPLUS"},
    };
    static constexpr std::array events{
        Named<Event>{Event::intended, "intended"},
        Named<Event>{Event::settled, "settled"},
        Named<Event>{Event::claimed, "claimed"},
        Named<Event>{Event::sent_again, "sent_again"},
        Named<Event>{Event::accepted, "accepted"},
        Named<Event>{Event::succeeded, "succeeded"},
        Named<Event>{Event::refused, "refused"},
        Named<Event>{Event::failed, "failed"},
        Named<Event>{Event::unknown, "unknown"},
        Named<Event>{Event::differs, "differs"},
        Named<Event>{Event::window_closed, "window_closed"},
        Named<Event>{Event::cancelled, "cancelled"},
        Named<Event>{Event::late_success, "late_success"},
        Named<Event>{Event::surplus, "surplus"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::intended, State::intent},
        Creation<State, Event>{Event::settled, State::succeeded},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::intent, Event::claimed, State::sent},
        Transition<State, Event>{State::intent, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::intent, Event::differs, State::review},
        Transition<State, Event>{State::intent, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::intent, Event::surplus, State::surplus},
        Transition<State, Event>{State::sent, Event::sent_again, State::sent},
        Transition<State, Event>{State::sent, Event::accepted, State::accepted},
        Transition<State, Event>{State::sent, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::sent, Event::refused, State::failed},
        Transition<State, Event>{State::sent, Event::failed, State::failed},
        Transition<State, Event>{State::sent, Event::unknown, State::unknown},
        Transition<State, Event>{State::sent, Event::differs, State::review},
        Transition<State, Event>{State::sent, Event::window_closed, State::review},
        Transition<State, Event>{State::sent, Event::surplus, State::surplus},
        Transition<State, Event>{State::accepted, Event::sent_again, State::sent},
        Transition<State, Event>{State::accepted, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::accepted, Event::failed, State::failed},
        Transition<State, Event>{State::accepted, Event::unknown, State::unknown},
        Transition<State, Event>{State::accepted, Event::differs, State::review},
        Transition<State, Event>{State::accepted, Event::window_closed, State::review},
        Transition<State, Event>{State::accepted, Event::surplus, State::surplus},
        Transition<State, Event>{State::unknown, Event::sent_again, State::sent},
        Transition<State, Event>{State::unknown, Event::accepted, State::accepted},
        Transition<State, Event>{State::unknown, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::unknown, Event::failed, State::failed},
        Transition<State, Event>{State::unknown, Event::differs, State::review},
        Transition<State, Event>{State::unknown, Event::window_closed, State::review},
        Transition<State, Event>{State::unknown, Event::surplus, State::surplus},
        Transition<State, Event>{State::review, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::review, Event::failed, State::failed},
        Transition<State, Event>{State::review, Event::late_success, State::succeeded},
        Transition<State, Event>{State::review, Event::surplus, State::surplus},
        Transition<State, Event>{State::failed, Event::late_success, State::succeeded},
        Transition<State, Event>{State::failed, Event::surplus, State::surplus},
        Transition<State, Event>{State::cancelled, Event::late_success, State::succeeded},
        Transition<State, Event>{State::cancelled, Event::surplus, State::surplus},
    };
};
static_assert(names_in_order(Machine<AttemptState>::states) && names_in_order(Machine<AttemptState>::events));

/// open_flag is 1 exactly here: at most one per charge and per invoice.
constexpr bool is_open(AttemptState state) {
    switch (state) {
        case AttemptState::intent:
        case AttemptState::sent:
        case AttemptState::accepted:
        case AttemptState::unknown:
        case AttemptState::review:
            return true;
        case AttemptState::succeeded:
        case AttemptState::failed:
        case AttemptState::cancelled:
        case AttemptState::surplus:
            return false;
    }
    return false;
}

/// won_flag is 1 exactly here: at most one per charge.
constexpr bool is_won(AttemptState state) { return state == AttemptState::succeeded; }

/// The provider holds (or held) money for this number: succeeded and surplus are booked and can be refunded.
constexpr bool is_captured(AttemptState state) {
    return state == AttemptState::succeeded || state == AttemptState::surplus;
}

}  // namespace wefee
