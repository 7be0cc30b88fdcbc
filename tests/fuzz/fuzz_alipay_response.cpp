// Fuzz target: an answer of Alipay's gateway. Cutting must neither crash nor read past the input, the node
// must lie in it, and nothing unsigned may ever be trusted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "payment/alipay/response.hpp"

namespace {

using namespace wefee::payment::alipay;

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto key = wefee::io::PrivateKey::generate_rsa().public_key();
    static const std::optional<std::string> aes_key = "0123456789abcdef";
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    if (const auto cut = cut_response(raw, "alipay.trade.pay")) {
        require(cut->node.data() >= raw.data() &&
                cut->node.data() + cut->node.size() <= raw.data() + raw.size());
        require(cut->node.size() >= 2);
    }
    require(!read_response(raw, "alipay.trade.pay", key, aes_key).trusted());
    return 0;
}
