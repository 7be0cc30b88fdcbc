// WeChat Pay API v3 (public-key mode) and Alipay (RSA2), the shortest correct way.
#include "tests/bench/ceiling/notify.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace wefee::bench::ceiling {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

template <auto release>
struct Release {
    void operator()(auto* object) const { release(object); }
};
using KeyOwner = std::unique_ptr<EVP_PKEY, Release<&EVP_PKEY_free>>;
using DigestOwner = std::unique_ptr<EVP_MD_CTX, Release<&EVP_MD_CTX_free>>;
using CipherOwner = std::unique_ptr<EVP_CIPHER_CTX, Release<&EVP_CIPHER_CTX_free>>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A context initialised for one key; each verification copies it.
class SignatureCheck {
public:
    explicit SignatureCheck(const fs::path& pem) : ready_(EVP_MD_CTX_new()), work_(EVP_MD_CTX_new()) {
        const auto text = read(pem);
        const std::unique_ptr<BIO, Release<&BIO_free_all>> bio(
            BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
        key_.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
        if (!key_ || EVP_DigestVerifyInit(ready_.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1)
            throw std::runtime_error("not a public key: " + pem.string());
    }
    bool holds(std::string_view data, std::string_view signature) {
        return EVP_MD_CTX_copy_ex(work_.get(), ready_.get()) == 1 &&
               EVP_DigestVerify(work_.get(), bytes(signature), signature.size(), bytes(data), data.size()) ==
                   1;
    }

private:
    KeyOwner key_;
    DigestOwner ready_;
    DigestOwner work_;
};

bool decode_base64(std::string_view text, std::string& out) {
    if (text.size() % 4 != 0) return false;
    out.resize(text.size() / 4 * 3 + 1);
    const int size = EVP_DecodeBlock(bytes(out), bytes(text), static_cast<int>(text.size()));
    if (size < 0) return false;
    const auto padding = static_cast<std::size_t>(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
    out.resize(static_cast<std::size_t>(size) - padding);
    return true;
}

bool open_gcm(EVP_CIPHER_CTX* context, std::string_view nonce, std::string_view aad,
              const std::string& sealed, std::string& plain) {
    if (sealed.size() < 16 || nonce.size() != 12) return false;
    const auto size = sealed.size() - 16;
    auto tag = sealed.substr(size);
    plain.resize(size);
    int length = 0;
    return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, bytes(nonce)) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &length, bytes(aad), static_cast<int>(aad.size())) == 1 &&
           EVP_DecryptUpdate(context, bytes(plain), &length, bytes(sealed), static_cast<int>(size)) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, bytes(tag)) == 1 &&
           EVP_DecryptFinal_ex(context, bytes(plain) + length, &length) == 1;
}

std::string_view text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

std::optional<std::int64_t> number_of(std::string_view digits) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

std::optional<std::int64_t> fen_of_yuan(std::string_view yuan) {
    if (yuan.size() < 4 || yuan[yuan.size() - 3] != '.') return std::nullopt;
    std::string digits(yuan.substr(0, yuan.size() - 3));
    digits += yuan.substr(yuan.size() - 2);
    return number_of(digits);
}

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool decode_form(std::string_view text, std::string& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return false;
        out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
        i += 2;
    }
    return true;
}

using Fields = std::vector<std::pair<std::string_view, std::string>>;

bool parse_form(std::string_view body, Fields& fields) {
    while (!body.empty()) {
        const auto part = body.substr(0, body.find('&'));
        body.remove_prefix(std::min(body.size(), part.size() + 1));
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) return false;
        fields.emplace_back(part.substr(0, equals), std::string());
        if (!decode_form(part.substr(equals + 1), fields.back().second)) return false;
    }
    std::ranges::sort(fields, {}, &Fields::value_type::first);
    return true;
}

std::string_view field(const Fields& fields, std::string_view name) {
    const auto found = std::ranges::lower_bound(fields, name, {}, &Fields::value_type::first);
    return found != fields.end() && found->first == name ? std::string_view(found->second)
                                                         : std::string_view();
}

}  // namespace

struct Verifier::Parts {
    explicit Parts(const fs::path& keys)
        : wechat(keys / "wechat_public.pem"),
          alipay(keys / "alipay_public.pem"),
          cipher(EVP_CIPHER_CTX_new()) {
        const auto key = read(keys / "api_v3_key.txt");
        if (key.size() != 32 ||
            EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key), nullptr) != 1)
            throw std::runtime_error("not an API v3 key");
    }
    SignatureCheck wechat;
    SignatureCheck alipay;
    CipherOwner cipher;
    std::string message, signature, sealed, plain;  // kept for their memory
};

Verifier::Verifier(const fs::path& keys) : parts_(std::make_unique<Parts>(keys)) {}
Verifier::~Verifier() = default;

std::optional<Payment> Verifier::wechat(const WechatHeaders& headers, std::string_view body) {
    auto& p = *parts_;
    const auto timestamp = number_of(headers.timestamp);
    if (!timestamp || std::abs(std::time(nullptr) - *timestamp) >= 300) return std::nullopt;
    if (!headers.serial.starts_with("PUB_KEY_ID_")) return std::nullopt;
    p.message.assign(headers.timestamp)
        .append("\n")
        .append(headers.nonce)
        .append("\n")
        .append(body)
        .append("\n");
    if (!decode_base64(headers.signature, p.signature) || !p.wechat.holds(p.message, p.signature))
        return std::nullopt;

    std::array<unsigned char, 8192> arena;
    json::monotonic_resource memory(arena.data(), arena.size());
    boost::system::error_code error;
    const auto envelope = json::parse({body.data(), body.size()}, error, &memory);
    const auto* object = error ? nullptr : envelope.if_object();
    const auto* resource = object ? object->if_contains("resource") : nullptr;
    if (!resource || !resource->is_object()) return std::nullopt;
    const auto& sealed = resource->get_object();
    if (!decode_base64(text_at(sealed, "ciphertext"), p.sealed) ||
        !open_gcm(p.cipher.get(), text_at(sealed, "nonce"), text_at(sealed, "associated_data"), p.sealed,
                  p.plain))
        return std::nullopt;
    const auto order = json::parse({p.plain.data(), p.plain.size()}, error, &memory);
    const auto* paid = error ? nullptr : order.if_object();
    const auto* amount = paid ? paid->if_contains("amount") : nullptr;
    if (!amount || !amount->is_object() || text_at(*paid, "trade_state") != "SUCCESS") return std::nullopt;
    const auto* total = amount->get_object().if_contains("total");
    if (!total || !total->is_int64()) return std::nullopt;
    return Payment{"wechatpay",
                   std::string(text_at(*object, "id")),
                   std::string(body),
                   std::string(text_at(*paid, "out_trade_no")),
                   std::string(text_at(*paid, "transaction_id")),
                   total->get_int64()};
}

std::optional<Payment> Verifier::alipay(std::string_view body) {
    auto& p = *parts_;
    Fields fields;
    fields.reserve(32);
    if (!parse_form(body, fields)) return std::nullopt;
    p.message.clear();
    for (const auto& [name, value] : fields) {
        if (name == "sign" || name == "sign_type") continue;
        if (!p.message.empty()) p.message += '&';
        p.message.append(name).append("=").append(value);
    }
    if (!decode_base64(field(fields, "sign"), p.signature) || !p.alipay.holds(p.message, p.signature))
        return std::nullopt;
    const auto amount = fen_of_yuan(field(fields, "total_amount"));
    if (!amount || field(fields, "trade_status") != "TRADE_SUCCESS") return std::nullopt;
    return Payment{"alipay",
                   std::string(field(fields, "notify_id")),
                   std::string(body),
                   std::string(field(fields, "out_trade_no")),
                   std::string(field(fields, "trade_no")),
                   *amount};
}

}  // namespace wefee::bench::ceiling
