// Answers as bytes; for the listener only.
#pragma once

#include <string>
#include <string_view>

#include "io/http.hpp"

namespace wefee::io {

struct ResponseFrame {
    std::string_view request_id;
    bool keep_alive = true;
    bool head_only = false;  // answer to HEAD: the length of a body that is not sent
};

/// Appends status line and headers. Framing headers are ours; those in `response` are left out. Throws
/// std::invalid_argument when a header could break out of its line.
void append_response_head(std::string& out, const Response& response, const ResponseFrame& frame);
/// False for 1xx, 204, 304 and answers to HEAD.
bool sends_body(const Response& response, const ResponseFrame& frame);

std::string_view reason_phrase(int status);
/// RFC 9457 without details: {"type":"about:blank","title":…,"status":…,"code":…}.
Response problem(int status);

}  // namespace wefee::io
