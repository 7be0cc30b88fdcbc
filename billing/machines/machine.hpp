// What all state machines share: rows, names, and the only code that reads them.
// Each machine specialises Machine<State>; no row means "not legal here" and the flow decides what that is.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace wefee {

template <class State, class Event>
struct Transition {
    State from;
    Event event;
    State to;
};

/// A row from nothing: stored and audited with from_state ''.
template <class State, class Event>
struct Creation {
    Event event;
    State to;
};

template <class Value>
struct Named {
    Value value;
    std::string_view text;
};

/// Specialised per machine: entity, Event, states, events, creations, transitions.
template <class State>
struct Machine;

/// True when the table names every enumerator once, in order: then index and value agree.
template <class Value, std::size_t Size>
constexpr bool names_in_order(const std::array<Named<Value>, Size>& names) {
    for (std::size_t i = 0; i < Size; ++i)
        if (static_cast<std::size_t>(names[i].value) != i) return false;
    return true;
}

/// The state that `event` leads to, or nullopt when the move is not legal.
template <class State>
constexpr std::optional<State> next(State from, typename Machine<State>::Event event) {
    for (const auto& row : Machine<State>::transitions)
        if (row.from == from && row.event == event) return row.to;
    return std::nullopt;
}

/// The first state of a thing that `event` creates: create<AttemptState>(AttemptEvent::intended).
template <class State>
constexpr std::optional<State> create(typename Machine<State>::Event event) {
    for (const auto& row : Machine<State>::creations)
        if (row.event == event) return row.to;
    return std::nullopt;
}

/// "UNDER_REVIEW": as stored.
template <class State>
constexpr std::string_view state_text(State state) {
    return Machine<State>::states.at(static_cast<std::size_t>(state)).text;
}

/// parse_state<AttemptState>("SENT").
template <class State>
constexpr std::optional<State> parse_state(std::string_view text) {
    for (const auto& name : Machine<State>::states)
        if (name.text == text) return name.value;
    return std::nullopt;
}

/// event_text<AttemptState>(AttemptEvent::sent_again) is "sent_again".
template <class State>
constexpr std::string_view event_text(typename Machine<State>::Event event) {
    return Machine<State>::events.at(static_cast<std::size_t>(event)).text;
}

template <class State>
constexpr std::optional<typename Machine<State>::Event> parse_event(std::string_view text) {
    for (const auto& name : Machine<State>::events)
        if (name.text == text) return name.value;
    return std::nullopt;
}

}  // namespace wefee
