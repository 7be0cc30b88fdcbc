// Fuzzes the APIv3 envelope, the decoding of its plaintext, the Authorization header and the certificate
// list.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "payment/wechat/certificates.hpp"
#include "payment/wechat/envelope.hpp"
#include "payment/wechat/facts.hpp"
#include "payment/wechat/orders.hpp"
#include "payment/wechat/sign.hpp"

using namespace wefee::payment::wechat;

namespace {

constexpr std::string_view api_v3_key = "0123456789abcdef0123456789abcdef";
constexpr const char* events[]{"TRANSACTION.SUCCESS", "TRANSACTION.FAIL",  "REFUND.SUCCESS", "REFUND.CLOSED",
                               "ENTRUST.SIGN",        "ENTRUST.TERMINATE", "OTHER"};

void decode(const OpenedEnvelope& envelope) {
    try {
        (void)fact_of(envelope);
    } catch (const std::runtime_error&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto opened = open_envelope(text, api_v3_key)) decode(*opened);
    for (const char* event : events)
        decode({.id = "E",
                .event_type = event,
                .original_type = {},
                .created = {},
                .plaintext = std::string(text)});
    (void)read_order(text);
    (void)read_created(text);
    (void)parse_authorization(text);
    (void)open_certificate_list(text, api_v3_key);
    return 0;
}
