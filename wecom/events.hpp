// What a stored callback means: the decrypted message as one fact that a flow can act on. An event is a hint
// to read the state again from the API; it carries no amounts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "billing/time.hpp"

namespace wefee::wecom {

/// Keep it durable and per suite; an older `at` never replaces a newer one.
struct SuiteTicket {
    std::string suite_id;
    std::string ticket;
    Instant at{};
};

/// The code lives 10 minutes and works once.
struct AuthCreated {
    std::string suite_id;
    std::string auth_code;
    std::string state;
    Instant at{};
};

struct AuthChanged {
    std::string suite_id;
    std::string corp_id;
    Instant at{};
};

struct AuthCancelled {
    std::string suite_id;
    std::string corp_id;
    Instant at{};
};

/// Custom-developed apps: the corp is known only after the code was exchanged.
struct PermanentCodeReset {
    std::string suite_id;
    std::string auth_code;
    Instant at{};
};

/// A trigger to count seats again, never a count by itself.
struct ContactChanged {
    std::string corp_id;
    std::string
        change_type;  // create_user, delete_user, update_party, ...; subscribe, unsubscribe of the data URL
    std::string subject;  // userid, department id or tag id
    Instant at{};
};

struct AppAdminsChanged {
    std::string corp_id;
    std::int64_t agent_id = 0;
    Instant at{};
};

struct CardClicked {
    struct Selection {
        std::string question;
        std::vector<std::string> options;
    };
    std::string corp_id;
    std::string user_id;
    std::int64_t agent_id = 0;
    std::string task_id;
    std::string key;  // the button's or menu item's; trust only keys that we issued
    std::string card_type;
    std::string response_code;  // new with each click: 72 h, one use
    bool menu = false;
    std::vector<Selection> selections;
    Instant at{};
};

struct MemberMessage {
    std::string corp_id;
    std::string user_id;
    std::int64_t agent_id = 0;
    std::string message_id;  // 64-bit number as text
    std::string type;        // text, image, ...
    std::string content;     // of text messages
    Instant at{};
};

/// Cash desk, licences, app state and all that is not above. `fields`: every leaf in document order, nested
/// names joined by '.' ("AccountList.ActiveCode", repeated for each account).
struct Other {
    std::string kind;
    std::string corp_id;
    std::vector<std::pair<std::string, std::string>> fields;
    Instant at{};

    std::string_view get(std::string_view name) const;
};

using Fact = std::variant<SuiteTicket, AuthCreated, AuthChanged, AuthCancelled, PermanentCodeReset,
                          ContactChanged, AppAdminsChanged, CardClicked, MemberMessage, Other>;

/// Pure. Throws std::runtime_error when `plaintext` is not a message, or lacks what its kind cannot be
/// without.
Fact decode(std::string_view plaintext);

}  // namespace wefee::wecom
