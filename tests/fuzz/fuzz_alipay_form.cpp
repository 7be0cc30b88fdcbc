// Fuzz target: a notification of Alipay as anybody may send it. Parsing, the texts of all rules, verification
// and decoding must neither crash nor read past the input, and what is written must be read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "payment/alipay/notify.hpp"

namespace {

using namespace wefee::payment::alipay;

const wefee::io::PrivateKey& private_key() {
    static const auto key = wefee::io::PrivateKey::generate_rsa();
    return key;
}

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto key = private_key().public_key();
    static const AlipayDoor door(key);
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    wefee::io::Request request;
    request.body = raw;
    require(std::holds_alternative<wefee::payment::Refusal>(door.verify(request, {})));  // nobody signed it
    try {
        door.decode(raw);
    } catch (const std::runtime_error&) {
        // not a documented message
    }
    const auto form = ReceivedForm::parse(raw);
    if (!form) return 0;
    for (const auto rule : {SignRule::v1, SignRule::drop_empty, SignRule::keep_sign_type})
        require(signed_text(*form, rule).size() <= raw.size() + form->parameters().size());  // "a" is "a="
    wefee::io::Fields fields;
    for (const auto& [name, value] : form->parameters())
        if (name != "sign" && name != "sign_type") fields.emplace_back(name, value);
    // RSA signing is slow: one input in 64 is signed and read back.
    if (fields.empty() || fields.size() >= ReceivedForm::parameters_max || size % 64 != 0) return 0;
    const auto again = ReceivedForm::parse(write_signed_form(fields, private_key()));
    require(again && verify_form(*again, key) == SignRule::v1);
    return 0;
}
