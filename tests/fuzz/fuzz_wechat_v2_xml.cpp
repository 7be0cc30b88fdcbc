// Fuzzes the APIv2 door: guard, sign, decoding. What is read must be written and read back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "payment/wechat/facts.hpp"
#include "payment/wechat/v2.hpp"

using namespace wefee::payment::wechat;

namespace {

constexpr std::string_view api_v2_key = "0123456789abcdef0123456789abcdef";

// Writing refuses what the provider would refuse (4-byte characters), which reading tolerates.
void check_round_trip(const v2::Fields& fields) {
    try {
        if (v2::read(v2::write(fields)) != fields) std::abort();
    } catch (const std::invalid_argument&) {
    }
}

void check_decoding(const v2::Fields& fields) {
    try {
        (void)fact_of(fields, api_v2_key);
    } catch (const std::runtime_error&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const std::string_view root : {"xml", "root"}) {
        auto fields = v2::read(text, root);
        if (!fields) continue;
        check_round_trip(*fields);
        check_decoding(*fields);
        fields->insert_or_assign("sign", v2::sign(*fields, api_v2_key, v2::SignType::md5));
        const bool odd_type = fields->contains("sign_type") && !fields->at("sign_type").empty() &&
                              !v2::parse_sign_type(fields->at("sign_type"));
        const auto check = v2::check_sign(*fields, api_v2_key, v2::SignType::md5, false);
        if ((check == v2::SignCheck::good) == odd_type) std::abort();
    }
    (void)v2::open_req_info(text, api_v2_key);
    return 0;
}
