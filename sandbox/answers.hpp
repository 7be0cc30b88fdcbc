// Small shapes that the three simulated providers share: how an answer is spoilt, and how a user action is
// refused.
#pragma once

#include <stdexcept>
#include <string>

#include "io/http.hpp"

namespace wefee::sandbox {

/// How the answer of a call is signed. Providers that do not sign ignore it.
enum class AnswerStyle { normal, unsigned_answer, bad_signature, probe };

/// A user action (signing, paying) that the provider's page would refuse. `code`: the provider's word, may be
/// empty.
class Refused : public std::runtime_error {
public:
    explicit Refused(const std::string& text, std::string code = "")
        : std::runtime_error(text), code_(std::move(code)) {}
    const std::string& code() const { return code_; }

private:
    std::string code_;
};

}  // namespace wefee::sandbox
