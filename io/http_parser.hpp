// HTTP/1.1 requests from bytes: Beast's parser behind a plain interface, used by the server and the fuzzer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/http_checks.hpp"

namespace wefee::io {

/// One parser a connection; each message starts with parse_head.
class RequestParser {
public:
    RequestParser();
    ~RequestParser();
    RequestParser(RequestParser&&) noexcept;
    RequestParser& operator=(RequestParser&&) noexcept;

    /// `block`: a header block that HeadScanner found complete. Fills `headers` and `head` with views into it
    /// and makes all checks of http_checks. nullptr when the request is in order.
    const Violation* parse_head(std::string_view block, std::vector<HeaderView>& headers, HeadFacts& facts);

    enum class BodyState { incomplete, complete, too_large, malformed };
    struct BodyStep {
        BodyState state;
        std::size_t consumed;  // bytes of `received` that will not be needed again
    };
    /// Decodes a chunked body piece by piece, appending at most `body_bytes_max` in all. Trailers are read
    /// and ignored.
    BodyStep decode_chunked(std::string_view received, std::string& body, std::size_t body_bytes_max);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wefee::io
