// WeCom's error codes in classes that say what to do ("全局错误码", document 90313, and field experience):
// one table, by range where a code is not listed.
#pragma once

#include <array>
#include <expected>
#include <string>
#include <string_view>

namespace wefee::wecom {

enum class ErrorClass {
    ok,
    refresh_corp,   // drop the corp token, fetch, repeat once
    refresh_suite,  // drop the suite token, fetch with the newest ticket, repeat once
    wait_ticket,    // pause suite calls until the next suite_ticket; alarm after 15 minutes
    retry,          // back-off 1, 2, 4 s with jitter, up to 3, then queue; sends only with duplicate check
    blocked,        // rate limit: open a circuit for that corp and API
    fix,            // our bug or configuration: no retry, alarm
    data,           // that one id is bad: drop or read it again, go on
    admin,          // an admin must act: tell once, retry daily
    reauth,         // the authorisation is gone: verify, then cancelled
    licence,        // buy or activate a licence
    user_again,     // the person starts again (a new login code)
    reinstall,      // the install starts again (auth_code, pre_auth_code spent)
    renewal,        // billing: trial or paid period ended, headcount exceeded
    read_order,     // read the order, then decide
    final_answer    // too late or used up: nothing more can be done with this id
};
std::string_view error_class_name(ErrorClass error_class);

/// Why a call gave no answer that can be used.
struct Failure {
    ErrorClass error_class = ErrorClass::fix;
    long long errcode = 0;  // WeCom's; 0 when the failure is not its word
    std::string code;  // errcode as text, or "transport", "http_502", "garbled", "circuit", "no_ticket", ...
    std::string detail;            // errmsg or the transport's words, whole, for the log; never to be parsed
    bool outcome_unknown = false;  // the call may have had its effect: repeat only what is safe to repeat
};
template <class T>
using Result = std::expected<T, Failure>;

struct ErrorRow {
    int first;
    int last;  // inclusive
    ErrorClass error_class;
};

/// Ascending, without overlap.
inline constexpr std::array error_rows{
    ErrorRow{-1, -1, ErrorClass::retry},
    ErrorRow{0, 0, ErrorClass::ok},
    ErrorRow{40001, 40001,
             ErrorClass::admin},  // wrong secret or app disabled; repeats block the address for an hour
    ErrorRow{40003, 40003, ErrorClass::data},
    ErrorRow{40008, 40008, ErrorClass::fix},
    ErrorRow{40013, 40013, ErrorClass::fix},
    ErrorRow{40014, 40014, ErrorClass::refresh_corp},
    ErrorRow{40029, 40029, ErrorClass::user_again},
    ErrorRow{40032, 40032, ErrorClass::fix},
    ErrorRow{40056, 40056, ErrorClass::admin},  // bad agentid: read the auth info again first
    ErrorRow{40058, 40058, ErrorClass::fix},
    ErrorRow{40063, 40063, ErrorClass::fix},
    ErrorRow{40066, 40066, ErrorClass::data},
    ErrorRow{40068, 40068, ErrorClass::data},
    ErrorRow{40077, 40078, ErrorClass::reinstall},
    ErrorRow{40080, 40080, ErrorClass::fix},
    ErrorRow{40082, 40082, ErrorClass::refresh_suite},
    ErrorRow{40083, 40083, ErrorClass::fix},
    ErrorRow{40084, 40084, ErrorClass::reauth},
    ErrorRow{40085, 40085, ErrorClass::wait_ticket},
    ErrorRow{40086, 40086, ErrorClass::fix},
    ErrorRow{40091, 40091, ErrorClass::fix},
    ErrorRow{40093, 40093, ErrorClass::fix},
    ErrorRow{40096, 40096, ErrorClass::data},
    ErrorRow{40125, 40125, ErrorClass::fix},  // mini-program: bad secret
    ErrorRow{40133, 40134, ErrorClass::admin},
    ErrorRow{40136, 40139, ErrorClass::renewal},
    ErrorRow{40163, 40163, ErrorClass::user_again},    // mini-program: code used
    ErrorRow{40226, 40226, ErrorClass::final_answer},  // mini-program: high-risk user
    ErrorRow{41001, 41001, ErrorClass::fix},
    ErrorRow{41022, 41023, ErrorClass::fix},
    ErrorRow{41025, 41025, ErrorClass::fix},
    ErrorRow{42001, 42001, ErrorClass::refresh_corp},
    ErrorRow{42003, 42003, ErrorClass::user_again},
    ErrorRow{42007, 42007, ErrorClass::reinstall},
    ErrorRow{42009, 42009, ErrorClass::refresh_suite},
    ErrorRow{42012, 42012, ErrorClass::retry},  // jsapi_ticket: fetch a new one
    ErrorRow{42013, 42013, ErrorClass::user_again},
    ErrorRow{42014, 42015, ErrorClass::fix},
    ErrorRow{42016, 42016, ErrorClass::data},
    ErrorRow{42017, 42020, ErrorClass::fix},  // card fields: validated before sending
    ErrorRow{42022, 42022, ErrorClass::user_again},
    ErrorRow{42027, 42031, ErrorClass::fix},
    ErrorRow{42033, 42033, ErrorClass::fix},
    ErrorRow{42035, 42047, ErrorClass::fix},
    ErrorRow{42049, 42051, ErrorClass::fix},
    ErrorRow{42052, 42052, ErrorClass::final_answer},  // recall after 24 h
    ErrorRow{44004, 44004, ErrorClass::fix},
    ErrorRow{45002, 45002, ErrorClass::fix},
    ErrorRow{45008, 45008, ErrorClass::fix},
    ErrorRow{45009, 45009, ErrorClass::blocked},
    ErrorRow{45011, 45011, ErrorClass::blocked},  // mini-program: 100 a minute for that user
    ErrorRow{45033, 45033, ErrorClass::retry},    // too many at once: one at a time
    ErrorRow{46004, 46004, ErrorClass::data},
    ErrorRow{48002, 48002, ErrorClass::admin},
    ErrorRow{48003, 48003, ErrorClass::fix},
    ErrorRow{48004, 48004, ErrorClass::reauth},
    ErrorRow{48005, 48005, ErrorClass::fix},
    ErrorRow{48006, 48006, ErrorClass::admin},
    ErrorRow{50001, 50001, ErrorClass::fix},
    ErrorRow{50002, 50002, ErrorClass::data},
    ErrorRow{50003, 50003, ErrorClass::admin},  // app disabled: SUSPENDED
    ErrorRow{60011, 60011, ErrorClass::data},
    ErrorRow{60020, 60020, ErrorClass::admin},  // our address is not allowed: all calls stop
    ErrorRow{60021, 60021, ErrorClass::data},
    ErrorRow{60031, 60031, ErrorClass::admin},
    ErrorRow{60111, 60111, ErrorClass::data},
    ErrorRow{60140, 60140,
             ErrorClass::final_answer},  // response_code used or expired: wait for the next click
    ErrorRow{60206, 60208, ErrorClass::fix},
    ErrorRow{60221, 60221, ErrorClass::fix},
    ErrorRow{81013, 81013, ErrorClass::data},  // nobody reachable: read the admins again
    ErrorRow{81017, 81017, ErrorClass::fix},
    ErrorRow{82001, 82003, ErrorClass::fix},
    ErrorRow{84014, 84015, ErrorClass::user_again},
    ErrorRow{84061, 84061, ErrorClass::data},
    ErrorRow{84074, 84074, ErrorClass::admin},
    ErrorRow{84080, 84082, ErrorClass::read_order},
    ErrorRow{84085, 84085, ErrorClass::fix},
    ErrorRow{84086, 84089, ErrorClass::read_order},
    ErrorRow{90200, 90205, ErrorClass::fix},
    ErrorRow{90206, 90206, ErrorClass::admin},  // mini-program is not linked to the corp
    ErrorRow{90207, 90208, ErrorClass::fix},
    ErrorRow{90210, 90210, ErrorClass::user_again},  // the member must authorise
    ErrorRow{90211, 90212, ErrorClass::fix},
    ErrorRow{92000, 92000, ErrorClass::data},
    ErrorRow{301002, 301002, ErrorClass::fix},  // token of another agent: the cache key is wrong
    ErrorRow{301007, 301007, ErrorClass::reauth},
    ErrorRow{301021, 301021, ErrorClass::data},
    ErrorRow{301052, 301053, ErrorClass::admin},
    ErrorRow{610016, 610016, ErrorClass::admin},
    ErrorRow{701003, 701003, ErrorClass::data},
    ErrorRow{701005, 701005, ErrorClass::read_order},
    ErrorRow{701008, 701008, ErrorClass::licence},
    ErrorRow{701011, 701012, ErrorClass::data},
    ErrorRow{701015, 701015, ErrorClass::reauth},
    ErrorRow{701016, 701018, ErrorClass::data},
    ErrorRow{701021, 701021, ErrorClass::data},
    ErrorRow{701022, 701022, ErrorClass::retry},
    ErrorRow{701025, 701030, ErrorClass::fix},
    ErrorRow{701031, 701032, ErrorClass::read_order},
    ErrorRow{701033, 701033, ErrorClass::retry},
    ErrorRow{701036, 701037, ErrorClass::read_order},
    ErrorRow{701081, 701081, ErrorClass::retry},
    ErrorRow{701082, 701082, ErrorClass::data},
    ErrorRow{701083, 701084, ErrorClass::read_order},
    ErrorRow{701085, 701085, ErrorClass::retry},
    ErrorRow{701086, 701086, ErrorClass::read_order},
    ErrorRow{701087, 701089, ErrorClass::data},
    ErrorRow{701090, 701090, ErrorClass::fix},
    ErrorRow{701099, 701099, ErrorClass::licence},
    ErrorRow{701131, 701133, ErrorClass::admin},
    ErrorRow{701134, 701134, ErrorClass::retry},
    ErrorRow{701135, 701135, ErrorClass::fix},
    ErrorRow{710000, 710000, ErrorClass::data},
};

/// For codes without a row; the first match counts, what matches none is fix.
inline constexpr std::array error_ranges{
    ErrorRow{40000, 41999, ErrorClass::fix},       ErrorRow{42000, 42999, ErrorClass::user_again},
    ErrorRow{45000, 45999, ErrorClass::retry},     ErrorRow{48000, 60999, ErrorClass::admin},
    ErrorRow{701000, 701999, ErrorClass::licence},
};

constexpr ErrorClass classify(long long errcode) {
    for (const auto& row : error_rows)
        if (errcode >= row.first && errcode <= row.last) return row.error_class;
    for (const auto& row : error_ranges)
        if (errcode >= row.first && errcode <= row.last) return row.error_class;
    return ErrorClass::fix;
}

/// Any of the four codes that a dead token gives; fetch once and repeat the call once, whatever its kind.
constexpr bool dead_token(long long errcode) {
    const auto error_class = classify(errcode);
    return error_class == ErrorClass::refresh_corp || error_class == ErrorClass::refresh_suite;
}

}  // namespace wefee::wecom
