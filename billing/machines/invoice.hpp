// What is owed for a period. total_fen never changes after `final`; `processing` means that an attempt is
// open.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class InvoiceState { draft, final, processing, partly_paid, paid, overdue, written_off, voided };

enum class InvoiceEvent {
    drafted,
    finalised,
    finalised_zero,            // nothing to collect
    collection_started,        // an attempt was opened
    collection_ended,          // it closed without money: nothing paid, not yet due
    collection_ended_partly,   // ... something was paid before
    collection_ended_overdue,  // ... and the due day is over
    paid_in_part,
    paid_in_full,
    fell_due,  // the due day passed
    written_off,
    voided,            // void and issue anew, never edit
    refunded_in_part,  // refund without adjustment: owed again (R7)
    refunded_in_full,  // ... with nothing kept
};

template <>
struct Machine<InvoiceState> {
    using State = InvoiceState;
    using Event = InvoiceEvent;
    static constexpr std::string_view entity = "invoice";

    static constexpr std::array states{
        Named<State>{State::draft, "DRAFT"},
        Named<State>{State::final, "FINAL"},
        Named<State>{State::processing, "PROCESSING"},
        Named<State>{State::partly_paid, "PARTLY_PAID"},
        Named<State>{State::paid, "PAID"},
        Named<State>{State::overdue, "OVERDUE"},
        Named<State>{State::written_off, "WRITTEN_OFF"},
        Named<State>{State::voided, "VOIDED"},
    };
    static constexpr std::array events{
        Named<Event>{Event::drafted, "drafted"},
        Named<Event>{Event::finalised, "finalised"},
        Named<Event>{Event::finalised_zero, "finalised_zero"},
        Named<Event>{Event::collection_started, "collection_started"},
        Named<Event>{Event::collection_ended, "collection_ended"},
        Named<Event>{Event::collection_ended_partly, "collection_ended_partly"},
        Named<Event>{Event::collection_ended_overdue, "collection_ended_overdue"},
        Named<Event>{Event::paid_in_part, "paid_in_part"},
        Named<Event>{Event::paid_in_full, "paid_in_full"},
        Named<Event>{Event::fell_due, "fell_due"},
        Named<Event>{Event::written_off, "written_off"},
        Named<Event>{Event::voided, "voided"},
        Named<Event>{Event::refunded_in_part, "refunded_in_part"},
        Named<Event>{Event::refunded_in_full, "refunded_in_full"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::drafted, State::draft},
        Creation<State, Event>{Event::finalised, State::final},
        Creation<State, Event>{Event::finalised_zero, State::paid},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::draft, Event::finalised, State::final},
        Transition<State, Event>{State::draft, Event::finalised_zero, State::paid},
        Transition<State, Event>{State::draft, Event::voided, State::voided},
        Transition<State, Event>{State::final, Event::collection_started, State::processing},
        Transition<State, Event>{State::final, Event::paid_in_part, State::partly_paid},
        Transition<State, Event>{State::final, Event::paid_in_full, State::paid},
        Transition<State, Event>{State::final, Event::fell_due, State::overdue},
        Transition<State, Event>{State::final, Event::written_off, State::written_off},
        Transition<State, Event>{State::final, Event::voided, State::voided},
        Transition<State, Event>{State::processing, Event::collection_ended, State::final},
        Transition<State, Event>{State::processing, Event::collection_ended_partly, State::partly_paid},
        Transition<State, Event>{State::processing, Event::collection_ended_overdue, State::overdue},
        Transition<State, Event>{State::processing, Event::paid_in_part, State::partly_paid},
        Transition<State, Event>{State::processing, Event::paid_in_full, State::paid},
        Transition<State, Event>{State::partly_paid, Event::collection_started, State::processing},
        Transition<State, Event>{State::partly_paid, Event::paid_in_part, State::partly_paid},
        Transition<State, Event>{State::partly_paid, Event::paid_in_full, State::paid},
        Transition<State, Event>{State::partly_paid, Event::fell_due, State::overdue},
        Transition<State, Event>{State::partly_paid, Event::written_off, State::written_off},
        Transition<State, Event>{State::partly_paid, Event::refunded_in_part, State::partly_paid},
        Transition<State, Event>{State::partly_paid, Event::refunded_in_full, State::final},
        Transition<State, Event>{State::paid, Event::refunded_in_part, State::partly_paid},
        Transition<State, Event>{State::paid, Event::refunded_in_full, State::final},
        Transition<State, Event>{State::overdue, Event::collection_started, State::processing},
        Transition<State, Event>{State::overdue, Event::paid_in_part, State::overdue},
        Transition<State, Event>{State::overdue, Event::paid_in_full, State::paid},
        Transition<State, Event>{State::overdue, Event::written_off, State::written_off},
        Transition<State, Event>{State::overdue, Event::voided, State::voided},
        Transition<State, Event>{State::overdue, Event::refunded_in_part, State::overdue},
        Transition<State, Event>{State::overdue, Event::refunded_in_full, State::overdue},
        Transition<State, Event>{State::written_off, Event::paid_in_part, State::partly_paid},
        Transition<State, Event>{State::written_off, Event::paid_in_full, State::paid},
    };
};
static_assert(names_in_order(Machine<InvoiceState>::states) && names_in_order(Machine<InvoiceState>::events));

}  // namespace wefee
