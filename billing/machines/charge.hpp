// The wish to take one amount for one invoice: notice, wait, window, attempts. Money that came is always
// `collected`, from wherever the charge stands by then.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class ChargeState { planned, noticed, waiting, due, collecting, collected, failed, held, cancelled };

enum class ChargeEvent {
    planned,
    manual_started,        // a person pays: charge and attempt are made together
    settled,               // internal providers: money is there already
    notice_delivered,      // our notice reached a billing admin
    announced,             // the provider took its pre-deduction notice
    window_open,           // the next chargeable instant has come
    attempt_started,       // intent committed
    attempt_withdrawn,     // its attempt was cancelled unsent
    attempt_failed_retry,  // another attempt will follow inside the window
    attempt_failed_final,  // cause cannot heal, or no retry is left
    window_missed,         // the latest moment passed without an attempt
    rescheduled,           // amount or day changed: notice and wait begin anew
    held,                  // dispute, pause, kill switch, undelivered notice
    released,              // planned anew, with a new notice
    cancelled,
    paid_elsewhere,  // the invoice was paid another way
    collected,       // an attempt won, also late
};

template <>
struct Machine<ChargeState> {
    using State = ChargeState;
    using Event = ChargeEvent;
    static constexpr std::string_view entity = "charge";

    static constexpr std::array states{
        Named<State>{State::planned, "PLANNED"},       Named<State>{State::noticed, "NOTICED"},
        Named<State>{State::waiting, "WAITING"},       Named<State>{State::due, "DUE"},
        Named<State>{State::collecting, "COLLECTING"}, Named<State>{State::collected, "COLLECTED"},
        Named<State>{State::failed, "FAILED"},         Named<State>{State::held, "HELD"},
        Named<State>{State::cancelled, "CANCELLED"},
    };
    static constexpr std::array events{
        Named<Event>{Event::planned, "planned"},
        Named<Event>{Event::manual_started, "manual_started"},
        Named<Event>{Event::settled, "settled"},
        Named<Event>{Event::notice_delivered, "notice_delivered"},
        Named<Event>{Event::announced, "announced"},
        Named<Event>{Event::window_open, "window_open"},
        Named<Event>{Event::attempt_started, "attempt_started"},
        Named<Event>{Event::attempt_withdrawn, "attempt_withdrawn"},
        Named<Event>{Event::attempt_failed_retry, "attempt_failed_retry"},
        Named<Event>{Event::attempt_failed_final, "attempt_failed_final"},
        Named<Event>{Event::window_missed, "window_missed"},
        Named<Event>{Event::rescheduled, "rescheduled"},
        Named<Event>{Event::held, "held"},
        Named<Event>{Event::released, "released"},
        Named<Event>{Event::cancelled, "cancelled"},
        Named<Event>{Event::paid_elsewhere, "paid_elsewhere"},
        Named<Event>{Event::collected, "collected"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::planned, State::planned},
        Creation<State, Event>{Event::manual_started, State::collecting},
        Creation<State, Event>{Event::settled, State::collected},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::planned, Event::notice_delivered, State::noticed},
        Transition<State, Event>{State::planned, Event::rescheduled, State::planned},
        Transition<State, Event>{State::planned, Event::held, State::held},
        Transition<State, Event>{State::planned, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::planned, Event::paid_elsewhere, State::cancelled},
        Transition<State, Event>{State::planned, Event::collected, State::collected},
        Transition<State, Event>{State::noticed, Event::announced, State::waiting},
        Transition<State, Event>{State::noticed, Event::window_open, State::due},
        Transition<State, Event>{State::noticed, Event::window_missed, State::failed},
        Transition<State, Event>{State::noticed, Event::rescheduled, State::planned},
        Transition<State, Event>{State::noticed, Event::held, State::held},
        Transition<State, Event>{State::noticed, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::noticed, Event::paid_elsewhere, State::cancelled},
        Transition<State, Event>{State::noticed, Event::collected, State::collected},
        Transition<State, Event>{State::waiting, Event::window_open, State::due},
        Transition<State, Event>{State::waiting, Event::window_missed, State::failed},
        Transition<State, Event>{State::waiting, Event::rescheduled, State::planned},
        Transition<State, Event>{State::waiting, Event::held, State::held},
        Transition<State, Event>{State::waiting, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::waiting, Event::paid_elsewhere, State::cancelled},
        Transition<State, Event>{State::waiting, Event::collected, State::collected},
        Transition<State, Event>{State::due, Event::attempt_started, State::collecting},
        Transition<State, Event>{State::due, Event::window_missed, State::failed},
        Transition<State, Event>{State::due, Event::rescheduled, State::planned},
        Transition<State, Event>{State::due, Event::held, State::held},
        Transition<State, Event>{State::due, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::due, Event::paid_elsewhere, State::cancelled},
        Transition<State, Event>{State::due, Event::collected, State::collected},
        Transition<State, Event>{State::collecting, Event::attempt_withdrawn, State::due},
        Transition<State, Event>{State::collecting, Event::attempt_failed_retry, State::waiting},
        Transition<State, Event>{State::collecting, Event::attempt_failed_final, State::failed},
        Transition<State, Event>{State::collecting, Event::paid_elsewhere, State::cancelled},
        Transition<State, Event>{State::collecting, Event::collected, State::collected},
        Transition<State, Event>{State::failed, Event::rescheduled, State::planned},
        Transition<State, Event>{State::failed, Event::collected, State::collected},
        Transition<State, Event>{State::held, Event::released, State::planned},
        Transition<State, Event>{State::held, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::held, Event::paid_elsewhere, State::cancelled},
        Transition<State, Event>{State::held, Event::collected, State::collected},
        Transition<State, Event>{State::cancelled, Event::collected, State::collected},
    };
};
static_assert(names_in_order(Machine<ChargeState>::states) && names_in_order(Machine<ChargeState>::events));

}  // namespace wefee
