// Names of the result classes, as logged and stored.
#include "payment/gateway.hpp"

namespace wefee::payment {

std::string_view result_class_name(ResultClass result) {
    switch (result) {
        case ResultClass::succeeded:
            return "succeeded";
        case ResultClass::accepted:
            return "accepted";
        case ResultClass::in_progress:
            return "in_progress";
        case ResultClass::refused:
            return "refused";
        case ResultClass::failed:
            return "failed";
        case ResultClass::already:
            return "already";
        case ResultClass::not_found:
            return "not_found";
        case ResultClass::differs:
            return "differs";
        case ResultClass::unknown:
            return "unknown";
    }
    return "unknown";
}

}  // namespace wefee::payment
