// Checks of a request's header block that the parser does not make or makes too kindly: each closes a way to
// make two servers read two different requests from the same bytes. Pure; RFC 9112 sections 2.2, 3.2, 5.2, 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace wefee::io {

/// Why a header block is refused: the answer's status and the check's name (for logs and tests).
struct Violation {
    std::string_view name;
    int status;
};

struct HeadLimits {
    std::size_t block_bytes_max = 8 * 1024;
    std::size_t lines_max = 64;  // header lines, without the request line
    std::size_t target_bytes_max = 2 * 1024;
};

/// Finds the end of a header block in bytes that arrive piece by piece, and refuses what no later step may
/// see: bare line feeds, folded lines, too much of anything.
class HeadScanner {
public:
    explicit HeadScanner(HeadLimits limits = {}) : limits_(limits) {}
    enum class State { incomplete, complete, refused };
    /// `received`: all bytes since the request began, earlier ones unchanged.
    State scan(std::string_view received);
    std::size_t size() const { return position_; }  // of the block with its empty line, when complete
    const Violation& violation() const { return *violation_; }

private:
    State refuse(const Violation& violation);
    const Violation* check_line(std::string_view line) const;

    HeadLimits limits_;
    std::size_t position_ = 0;  // start of the line that is not complete yet
    std::size_t lines_ = 0;
    const Violation* violation_ = nullptr;
};

using HeaderView = std::pair<std::string_view, std::string_view>;

/// A parsed request head, and what its framing headers say. Views into the header block.
struct RequestHead {
    std::string_view method, target;
    int version = 11;  // 10 or 11
    std::span<const HeaderView> headers;
};

struct HeadFacts {
    RequestHead head;
    std::string_view host, content_length, transfer_encoding, content_encoding, expect;
    unsigned host_count = 0, content_length_count = 0, transfer_encoding_count = 0;
    bool says_close = false, says_keep_alive = false;

    bool chunked() const { return transfer_encoding_count > 0; }
    bool keeps_alive() const { return head.version >= 11 ? !says_close : says_keep_alive && !says_close; }
    bool expects_continue() const { return !expect.empty() && head.version >= 11; }
    /// 0 without a Content-Length. Only after the checks have passed.
    std::uint64_t body_bytes() const;
};

HeadFacts collect_facts(const RequestHead& head);

struct HeadCheck {
    Violation violation;
    bool (*broken)(const HeadFacts&);
};
/// The table, in the order of checking.
std::span<const HeadCheck> head_checks();
/// The first check that is broken, or nullptr.
const Violation* find_violation(const HeadFacts& facts);

/// The path and query part of a target that passed the checks ("http://host/a?b" gives "/a?b").
std::string_view origin_form(std::string_view target);

}  // namespace wefee::io
