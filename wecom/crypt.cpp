// SHA-1 and AES run on one OpenSSL context a thread with algorithms fetched once: the fetch and the
// allocation would cost more than the work on a callback of some hundred bytes.
#include "wecom/crypt.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include "io/crypto.hpp"
#include "io/encoding.hpp"

namespace wefee::wecom {
namespace {

constexpr std::size_t random_bytes = 16;
constexpr std::size_t header_bytes = 20;
constexpr std::size_t block_bytes = 32;
constexpr std::size_t sealed_bytes_max =
    std::size_t{16} * 1024 * 1024;  // far above any body limit, far below INT_MAX

void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
}

struct DigestContext {
    std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha1{EVP_MD_fetch(nullptr, "SHA1", nullptr), EVP_MD_free};
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    DigestContext() { require(sha1 && context, "SHA-1 is not available"); }
};

struct CipherContext {
    std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher{
        EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr), EVP_CIPHER_free};
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{EVP_CIPHER_CTX_new(),
                                                                            EVP_CIPHER_CTX_free};
    CipherContext() { require(cipher && context, "AES-256-CBC is not available"); }
};

/// In place; `data` is a whole number of 16-byte blocks, so nothing waits in the context at the end. The IV
/// is the first half of the key, as WeCom defines it.
void aes_cbc(const std::array<unsigned char, 32>& key, std::string& data, bool encrypt) {
    thread_local CipherContext aes;
    EVP_CIPHER_CTX* context = aes.context.get();
    require(EVP_CipherInit_ex2(context, aes.cipher.get(), key.data(), key.data(), encrypt ? 1 : 0, nullptr) ==
                    1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1,
            "AES-256-CBC cannot start");
    auto* bytes = reinterpret_cast<unsigned char*>(data.data());
    int written = 0;
    const bool done = EVP_CipherUpdate(context, bytes, &written, bytes, static_cast<int>(data.size())) == 1;
    require(done && written == static_cast<int>(data.size()), "AES-256-CBC failed");
}

bool letters_and_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

/// All of the last `count` bytes are looked at, whatever the first of them says.
bool padding_holds(std::string_view plain) {
    const auto count = static_cast<unsigned char>(plain.back());
    if (count < 1 || count > block_bytes) return false;
    unsigned char difference = 0;
    for (const char c : plain.substr(plain.size() - count))
        difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(c) ^ count));
    return difference == 0;
}

std::uint32_t read_big_endian(std::string_view four) {
    std::uint32_t value = 0;
    for (const char c : four) value = (value << 8U) | static_cast<unsigned char>(c);
    return value;
}

}  // namespace

std::string Opened::take_message() && {
    bytes_.resize(message_at + message_bytes_);
    bytes_.erase(0, message_at);
    message_bytes_ = 0;
    return std::move(bytes_);
}

CallbackCrypt::CallbackCrypt(std::string token, std::string_view encoding_aes_key)
    : token_(std::move(token)) {
    if (token_.empty() || token_.size() > 32 || !letters_and_digits(token_))
        throw std::invalid_argument("WeCom token: 1 to 32 letters and digits");
    if (encoding_aes_key.size() != 43 || !letters_and_digits(encoding_aes_key))
        throw std::invalid_argument("WeCom EncodingAESKey: exactly 43 letters and digits");
    // 43 characters carry 258 bits. The two extra ones may be set (WeCom's own sample key has them); they are
    // masked in the last character, so that a decoder of either strictness takes the text.
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string padded{encoding_aes_key};
    padded.back() = alphabet[alphabet.find(padded.back()) & ~std::size_t{3}];
    const auto raw = io::base64_decode(padded + "=");
    if (!raw || raw->size() != key_.size())
        throw std::invalid_argument("WeCom EncodingAESKey cannot be decoded");
    std::ranges::copy(*raw, key_.begin());
}

std::string CallbackCrypt::signature(std::string_view timestamp, std::string_view nonce,
                                     std::string_view encrypt) const {
    std::array<std::string_view, 4> parts{token_, timestamp, nonce, encrypt};
    std::ranges::sort(parts);  // char_traits compare bytes as unsigned
    thread_local DigestContext digest;
    EVP_MD_CTX* context = digest.context.get();
    require(EVP_DigestInit_ex2(context, digest.sha1.get(), nullptr) == 1, "SHA-1 cannot start");
    for (const auto part : parts)
        require(EVP_DigestUpdate(context, part.data(), part.size()) == 1, "SHA-1 failed");
    std::array<unsigned char, 20> sum{};
    unsigned length = 0;
    require(EVP_DigestFinal_ex(context, sum.data(), &length) == 1 && length == sum.size(), "SHA-1 failed");
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(40);
    for (const unsigned char byte : sum) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 15U];
    }
    return hex;
}

bool CallbackCrypt::signature_holds(std::string_view msg_signature, std::string_view timestamp,
                                    std::string_view nonce, std::string_view encrypt) const {
    return io::equal_constant_time(msg_signature, signature(timestamp, nonce, encrypt));
}

std::expected<Opened, OpenFailure> CallbackCrypt::open(std::string_view encrypt) const {
    auto cipher = io::base64_decode(encrypt);
    if (!cipher) return std::unexpected(OpenFailure::base64);
    if (cipher->size() < block_bytes || cipher->size() % block_bytes != 0 ||
        cipher->size() > sealed_bytes_max)
        return std::unexpected(OpenFailure::length);
    std::string plain = std::move(*cipher);
    aes_cbc(key_, plain, false);
    if (!padding_holds(plain)) return std::unexpected(OpenFailure::padding);
    plain.resize(plain.size() - static_cast<unsigned char>(plain.back()));
    if (plain.size() < header_bytes) return std::unexpected(OpenFailure::layout);
    const std::size_t length = read_big_endian(std::string_view{plain}.substr(random_bytes, 4));
    if (length > plain.size() - header_bytes) return std::unexpected(OpenFailure::layout);
    Opened opened;
    opened.bytes_ = std::move(plain);
    opened.message_bytes_ = length;
    return opened;
}

std::string CallbackCrypt::seal(std::string_view random16, std::string_view message,
                                std::string_view receiveid) const {
    if (random16.size() != random_bytes) throw std::invalid_argument("seal needs 16 random bytes");
    if (message.size() + receiveid.size() > sealed_bytes_max - 64)
        throw std::invalid_argument("message is too long");
    std::string plain{random16};
    for (int shift = 24; shift >= 0; shift -= 8)
        plain += static_cast<char>((message.size() >> shift) & 0xFFU);
    plain.append(message).append(receiveid);
    const std::size_t pad = block_bytes - plain.size() % block_bytes;
    plain.append(pad, static_cast<char>(pad));
    aes_cbc(key_, plain, true);
    return io::base64_encode(plain);
}

}  // namespace wefee::wecom
