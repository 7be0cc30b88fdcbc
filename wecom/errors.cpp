// Words of the error classes for logs and metrics.
#include "wecom/errors.hpp"

namespace wefee::wecom {
namespace {

struct Name {
    ErrorClass error_class;
    std::string_view text;
};
constexpr std::array names{Name{ErrorClass::ok, "ok"},
                           Name{ErrorClass::refresh_corp, "refresh_corp"},
                           Name{ErrorClass::refresh_suite, "refresh_suite"},
                           Name{ErrorClass::wait_ticket, "wait_ticket"},
                           Name{ErrorClass::retry, "retry"},
                           Name{ErrorClass::blocked, "blocked"},
                           Name{ErrorClass::fix, "fix"},
                           Name{ErrorClass::data, "data"},
                           Name{ErrorClass::admin, "admin"},
                           Name{ErrorClass::reauth, "reauth"},
                           Name{ErrorClass::licence, "licence"},
                           Name{ErrorClass::user_again, "user_again"},
                           Name{ErrorClass::reinstall, "reinstall"},
                           Name{ErrorClass::renewal, "renewal"},
                           Name{ErrorClass::read_order, "read_order"},
                           Name{ErrorClass::final_answer, "final_answer"}};

}  // namespace

std::string_view error_class_name(ErrorClass error_class) {
    for (const auto& name : names)
        if (name.error_class == error_class) return name.text;
    return "";
}

}  // namespace wefee::wecom
