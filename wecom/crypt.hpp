// WeCom callback encryption and signature ("加解密方案说明", developer.work.weixin.qq.com document 90968):
// AES-256-CBC, padding to 32, msg_signature by SHA-1. Pure; one object serves any number of threads.
#pragma once

#include <array>
#include <expected>
#include <string>
#include <string_view>

namespace wefee::wecom {

/// Why a signed ciphertext was refused. For tests and counters inside the house only: a sender gets one
/// answer for all.
enum class OpenFailure { base64, length, padding, layout };

/// One decrypted message. The views live as long as the object stays where it is.
class Opened {
public:
    std::string_view message() const { return std::string_view{bytes_}.substr(message_at, message_bytes_); }
    std::string_view receiveid() const {
        return std::string_view{bytes_}.substr(message_at + message_bytes_);
    }
    /// The message without another copy of it; the object is empty afterwards.
    std::string take_message() &&;

private:
    friend class CallbackCrypt;
    static constexpr std::size_t message_at = 20;  // 16 random bytes, 4 bytes of length
    std::string bytes_;                            // random, length, message, receiveid; padding cut off
    std::size_t message_bytes_ = 0;
};

class CallbackCrypt {
public:
    /// `token`: 1 to 32 letters and digits. `encoding_aes_key`: exactly 43 letters and digits; its two unused
    /// low bits may be set. Throws std::invalid_argument that names the wrong one without its value.
    CallbackCrypt(std::string token, std::string_view encoding_aes_key);

    /// 40 lower-case hex digits over the four texts, sorted as bytes. `timestamp` and `nonce` exactly as in
    /// the query.
    std::string signature(std::string_view timestamp, std::string_view nonce, std::string_view encrypt) const;
    /// Constant time in the signature.
    bool signature_holds(std::string_view msg_signature, std::string_view timestamp, std::string_view nonce,
                         std::string_view encrypt) const;

    /// Base64, length, AES, padding, layout, in this order. Check the signature before, the receiveid after.
    std::expected<Opened, OpenFailure> open(std::string_view encrypt) const;

    /// The base64 text for `message`. `random16` are 16 random bytes. Throws std::invalid_argument on another
    /// length.
    std::string seal(std::string_view random16, std::string_view message, std::string_view receiveid) const;

private:
    std::string token_;
    std::array<unsigned char, 32> key_{};
};

}  // namespace wefee::wecom
