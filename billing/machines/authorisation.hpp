// The WeCom app at a tenant (WeCom third-party authorisation events). No row is the state before the first
// install.
#pragma once

#include "billing/machines/machine.hpp"

namespace wefee {

enum class AuthorisationState { code_received, active, suspended, cancelled };

enum class AuthorisationEvent {
    code_received,       // create_auth, or the redirect brought an auth_code
    installed,           // self-built app: configured, no code to exchange
    exchanged,           // permanent code obtained
    exchange_failed,     // 40078, or ten minutes passed
    changed,             // change_auth; the app stays as open or closed as it was
    code_reset,          // reset_permanent_code: exchange is pending
    suspended,           // close=1, 50003, close_inactive_agent
    resumed,             // reopen_inactive_agent, change_auth with close=0
    cancelled,           // cancel_auth
    cancelled_inferred,  // 40084 or 48004 twice, ten minutes apart
};

template <>
struct Machine<AuthorisationState> {
    using State = AuthorisationState;
    using Event = AuthorisationEvent;
    static constexpr std::string_view entity = "authorisation";

    static constexpr std::array states{
        Named<State>{State::code_received, "CODE_RECEIVED"},
        Named<State>{State::active, "ACTIVE"},
        Named<State>{State::suspended, "SUSPENDED"},
        Named<State>{State::cancelled, "CANCELLED"},
    };
    static constexpr std::array events{
        Named<Event>{Event::code_received, "code_received"},
        Named<Event>{Event::installed, "installed"},
        Named<Event>{Event::exchanged, "exchanged"},
        Named<Event>{Event::exchange_failed, "exchange_failed"},
        Named<Event>{Event::changed, "changed"},
        Named<Event>{Event::code_reset, "code_reset"},
        Named<Event>{Event::suspended, "suspended"},
        Named<Event>{Event::resumed, "resumed"},
        Named<Event>{Event::cancelled, "cancelled"},
        Named<Event>{Event::cancelled_inferred, "cancelled_inferred"},
    };

    static constexpr std::array creations{
        Creation<State, Event>{Event::code_received, State::code_received},
        Creation<State, Event>{Event::installed, State::active},
    };
    static constexpr std::array transitions{
        Transition<State, Event>{State::code_received, Event::code_received, State::code_received},
        Transition<State, Event>{State::code_received, Event::exchanged, State::active},
        Transition<State, Event>{State::code_received, Event::exchange_failed, State::cancelled},
        Transition<State, Event>{State::code_received, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::active, Event::code_received, State::active},
        Transition<State, Event>{State::active, Event::exchanged, State::active},
        Transition<State, Event>{State::active, Event::changed, State::active},
        Transition<State, Event>{State::active, Event::code_reset, State::active},
        Transition<State, Event>{State::active, Event::suspended, State::suspended},
        Transition<State, Event>{State::active, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::active, Event::cancelled_inferred, State::cancelled},
        Transition<State, Event>{State::suspended, Event::code_received, State::suspended},
        Transition<State, Event>{State::suspended, Event::exchanged, State::active},
        Transition<State, Event>{State::suspended, Event::changed, State::suspended},
        Transition<State, Event>{State::suspended, Event::code_reset, State::suspended},
        Transition<State, Event>{State::suspended, Event::resumed, State::active},
        Transition<State, Event>{State::suspended, Event::cancelled, State::cancelled},
        Transition<State, Event>{State::suspended, Event::cancelled_inferred, State::cancelled},
        Transition<State, Event>{State::cancelled, Event::code_received, State::code_received},
        Transition<State, Event>{State::cancelled, Event::installed, State::active},
    };
};
static_assert(names_in_order(Machine<AuthorisationState>::states) &&
              names_in_order(Machine<AuthorisationState>::events));

}  // namespace wefee
