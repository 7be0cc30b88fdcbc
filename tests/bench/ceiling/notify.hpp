// Verifying and reading notifications with keys that were parsed once. Nothing beyond what a payment needs.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/bench/ceiling/committer.hpp"

typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_md_ctx_st EVP_MD_CTX;

namespace wefee::bench::ceiling {

struct WechatHeaders {
    std::string_view timestamp;
    std::string_view nonce;
    std::string_view serial;
    std::string_view signature;
};

/// One for each event loop: its contexts are not shared.
class Verifier {
public:
    /// `keys`: the folder that wefee-load made.
    explicit Verifier(const std::filesystem::path& keys);
    ~Verifier();
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;

    /// nullopt: signature, time, serial or content is not right.
    std::optional<Payment> wechat(const WechatHeaders& headers, std::string_view body);
    std::optional<Payment> alipay(std::string_view body);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wefee::bench::ceiling
