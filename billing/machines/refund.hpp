// Money back for one attempt. `external`: made in the provider's console, found by notice or bill.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class RefundState {
    requested,
    approved,
    refused,
    intent,
    sent,
    accepted,
    unknown,
    succeeded,
    failed,
    external
};

enum class RefundEvent {
    requested,
    found_external,
    approved,  // by a second person above the limit, else by rule
    refused,   // by a person, before anything was sent
    intended,  // number and business fields are fixed
    claimed,
    sent_again,
    accepted,  // the provider works on it, also when it reports the refund abnormal
    succeeded,
    provider_refused,  // verified refusal of the first and only send
    failed,            // queried: closed at the provider
    unknown,
    cancelled,     // never sent
    late_success,  // success after we had it as failed
};

template <>
struct Machine<RefundState> {
    using State = RefundState;
    using Event = RefundEvent;
    static constexpr std::string_view entity = "refund";

    static constexpr std::array states{
        Named<State>{State::requested, "REQUESTED"}, Named<State>{State::approved, "APPROVED"},
        Named<State>{State::refused, "REFUSED"},     Named<State>{State::intent, "INTENT"},
        Named<State>{State::sent, "SENT"},           Named<State>{State::accepted, "ACCEPTED"},
        Named<State>{State::unknown, "UNKNOWN"},     Named<State>{State::succeeded, "SUCCEEDED"},
        Named<State>{State::failed, "FAILED"},       Named<State>{State::external, "EXTERNAL"},
    };
    static constexpr std::array events{
        Named<Event>{Event::requested, "requested"},
        Named<Event>{Event::found_external, "found_external"},
        Named<Event>{Event::approved, "approved"},
        Named<Event>{Event::refused, "refused"},
        Named<Event>{Event::intended, "intended"},
        Named<Event>{Event::claimed, "claimed"},
        Named<Event>{Event::sent_again, "sent_again"},
        Named<Event>{Event::accepted, "accepted"},
        Named<Event>{Event::succeeded, "succeeded"},
        Named<Event>{Event::provider_refused, "provider_refused"},
        Named<Event>{Event::failed, "failed"},
        Named<Event>{Event::unknown, "unknown"},
        Named<Event>{Event::cancelled, "cancelled"},
        Named<Event>{Event::late_success, "late_success"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::requested, State::requested},
        Creation<State, Event>{Event::found_external, State::external},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::requested, Event::approved, State::approved},
        Transition<State, Event>{State::requested, Event::refused, State::refused},
        Transition<State, Event>{State::approved, Event::refused, State::refused},
        Transition<State, Event>{State::approved, Event::intended, State::intent},
        Transition<State, Event>{State::intent, Event::claimed, State::sent},
        Transition<State, Event>{State::intent, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::intent, Event::cancelled, State::failed},
        Transition<State, Event>{State::sent, Event::sent_again, State::sent},
        Transition<State, Event>{State::sent, Event::accepted, State::accepted},
        Transition<State, Event>{State::sent, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::sent, Event::provider_refused, State::failed},
        Transition<State, Event>{State::sent, Event::failed, State::failed},
        Transition<State, Event>{State::sent, Event::unknown, State::unknown},
        Transition<State, Event>{State::accepted, Event::sent_again, State::sent},
        Transition<State, Event>{State::accepted, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::accepted, Event::failed, State::failed},
        Transition<State, Event>{State::accepted, Event::unknown, State::unknown},
        Transition<State, Event>{State::unknown, Event::sent_again, State::sent},
        Transition<State, Event>{State::unknown, Event::accepted, State::accepted},
        Transition<State, Event>{State::unknown, Event::succeeded, State::succeeded},
        Transition<State, Event>{State::unknown, Event::failed, State::failed},
        Transition<State, Event>{State::failed, Event::late_success, State::succeeded},
    };
};
static_assert(names_in_order(Machine<RefundState>::states) && names_in_order(Machine<RefundState>::events));

/// Counts against what may still be refunded (I-10): everything but failed and refused.
constexpr bool counts_as_refund(RefundState state) {
    return state != RefundState::failed && state != RefundState::refused;
}

}  // namespace wefee
