// The scanner sees lines, the table sees parsed headers. See http_checks.hpp.
#include "io/http_checks.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace wefee::io {
namespace {

constexpr Violation bare_line_feed{"bare_line_feed", 400};
constexpr Violation empty_request_line{"empty_request_line", 400};
constexpr Violation folded_line{"folded_line", 400};
constexpr Violation target_too_long{"target_too_long", 414};
constexpr Violation too_many_lines{"too_many_lines", 431};
constexpr Violation block_too_large{"block_too_large", 431};

/// Room for method, blanks and version beside the target on a request line.
constexpr std::size_t request_line_rest_max = 64;

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// `b` is in lower case.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::ranges::equal(a, b, {}, lower);
}

constexpr std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

void read_connection(std::string_view list, HeadFacts& facts) {
    while (!list.empty()) {
        const auto item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        if (equal_ignoring_case(trim(item), "close")) facts.says_close = true;
        if (equal_ignoring_case(trim(item), "keep-alive")) facts.says_keep_alive = true;
    }
}

constexpr bool is_host_character(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '[' || c == ']';
}

/// "http://host" or "https://host" of an absolute target, cut off; empty when the target is not absolute.
std::string_view authority_of(std::string_view target, std::size_t& path_at) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
        path_at = std::min(target.find_first_of("/?", scheme.size()), target.size());
        return target.substr(scheme.size(), path_at - scheme.size());
    }
    return {};
}

bool is_never_served(const HeadFacts& facts) {
    return facts.head.method == "TRACE" || facts.head.method == "CONNECT";
}

bool is_host_malformed(const HeadFacts& facts) {
    return facts.host.empty() || !std::ranges::all_of(facts.host, is_host_character);
}

bool is_length_malformed(const HeadFacts& facts) {
    const auto text = facts.content_length;
    return facts.content_length_count > 0 &&
           (text.empty() || text.size() > 18 ||
            !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }));
}

bool is_target_malformed(const HeadFacts& facts) {
    const auto target = facts.head.target;
    std::size_t path_at = 0;
    if (!target.starts_with('/')) {
        if (authority_of(target, path_at).empty()) return true;
        if (path_at < target.size() && target[path_at] == '?') return true;
    }
    return !std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
}

bool is_target_of_other_host(const HeadFacts& facts) {
    std::size_t path_at = 0;
    const auto authority = authority_of(facts.head.target, path_at);
    return !authority.empty() && !std::ranges::equal(authority, facts.host, {}, lower, lower);
}

constexpr auto checks = std::to_array<HeadCheck>({
    {{"method_never_served", 400}, is_never_served},
    {{"host_not_exactly_one", 400}, [](const HeadFacts& f) { return f.host_count != 1; }},
    {{"host_malformed", 400}, is_host_malformed},
    {{"transfer_encoding_on_http_1_0", 400},
     [](const HeadFacts& f) { return f.transfer_encoding_count > 0 && f.head.version < 11; }},
    {{"transfer_encoding_repeated", 400}, [](const HeadFacts& f) { return f.transfer_encoding_count > 1; }},
    {{"transfer_encoding_not_chunked", 400},
     [](const HeadFacts& f) {
         return f.transfer_encoding_count > 0 && !equal_ignoring_case(f.transfer_encoding, "chunked");
     }},
    {{"transfer_encoding_with_content_length", 400},
     [](const HeadFacts& f) { return f.transfer_encoding_count > 0 && f.content_length_count > 0; }},
    {{"content_length_repeated", 400}, [](const HeadFacts& f) { return f.content_length_count > 1; }},
    {{"content_length_malformed", 400}, is_length_malformed},
    {{"target_malformed", 400}, is_target_malformed},
    {{"target_of_other_host", 400}, is_target_of_other_host},
    {{"content_encoding", 415},
     [](const HeadFacts& f) {
         return !f.content_encoding.empty() && !equal_ignoring_case(f.content_encoding, "identity");
     }},
    {{"expectation_unknown", 417},
     [](const HeadFacts& f) { return !f.expect.empty() && !equal_ignoring_case(f.expect, "100-continue"); }},
});

}  // namespace

HeadScanner::State HeadScanner::refuse(const Violation& violation) {
    violation_ = &violation;
    return State::refused;
}

/// `line` with its line end. The request line has number 0.
const Violation* HeadScanner::check_line(std::string_view line) const {
    if (line.size() < 2 || line[line.size() - 2] != '\r') return &bare_line_feed;
    if (lines_ == 0) {
        if (line.size() == 2) return &empty_request_line;
        const auto target_at = line.find(' ');
        if (target_at == line.npos) return nullptr;  // the parser refuses it
        const auto target = line.substr(target_at + 1, line.find(' ', target_at + 1) - target_at - 1);
        return target.size() > limits_.target_bytes_max ? &target_too_long : nullptr;
    }
    if (line.size() == 2) return nullptr;
    if (line.front() == ' ' || line.front() == '\t') return &folded_line;
    return lines_ > limits_.lines_max ? &too_many_lines : nullptr;
}

HeadScanner::State HeadScanner::scan(std::string_view received) {
    for (;;) {
        const auto end = received.find('\n', position_);
        if (end == received.npos) break;
        const auto line = received.substr(position_, end + 1 - position_);
        if (end + 1 > limits_.block_bytes_max) return refuse(lines_ == 0 ? target_too_long : block_too_large);
        if (const auto* violation = check_line(line)) return refuse(*violation);
        position_ = end + 1;
        ++lines_;
        if (line.size() == 2) return State::complete;
    }
    // Without waiting for the rest of a line that is too long already.
    if (lines_ == 0 && received.size() > limits_.target_bytes_max + request_line_rest_max)
        return refuse(target_too_long);
    if (received.size() > limits_.block_bytes_max) return refuse(block_too_large);
    return State::incomplete;
}

std::uint64_t HeadFacts::body_bytes() const {
    std::uint64_t value = 0;
    std::from_chars(content_length.data(), content_length.data() + content_length.size(), value);
    return value;
}

HeadFacts collect_facts(const RequestHead& head) {
    HeadFacts facts;
    facts.head = head;
    for (const auto& [name, value] : head.headers) {
        switch (name.size()) {  // few names have these sizes: most headers cost one comparison of numbers
            case 4:
                if (equal_ignoring_case(name, "host")) facts.host = value, ++facts.host_count;
                break;
            case 6:
                if (equal_ignoring_case(name, "expect")) facts.expect = value;
                break;
            case 10:
                if (equal_ignoring_case(name, "connection")) read_connection(value, facts);
                break;
            case 14:
                if (equal_ignoring_case(name, "content-length"))
                    facts.content_length = value, ++facts.content_length_count;
                break;
            case 16:
                // The last one that says anything: a second, harmless value does not hide the first.
                if (equal_ignoring_case(name, "content-encoding") && !equal_ignoring_case(value, "identity"))
                    facts.content_encoding = value;
                break;
            case 17:
                if (equal_ignoring_case(name, "transfer-encoding"))
                    facts.transfer_encoding = value, ++facts.transfer_encoding_count;
                break;
            default:
                break;
        }
    }
    return facts;
}

std::span<const HeadCheck> head_checks() { return checks; }

const Violation* find_violation(const HeadFacts& facts) {
    for (const auto& check : checks)
        if (check.broken(facts)) return &check.violation;
    return nullptr;
}

std::string_view origin_form(std::string_view target) {
    std::size_t path_at = 0;
    if (authority_of(target, path_at).empty()) return target;
    const auto rest = target.substr(path_at);
    return rest.starts_with('/') ? rest
                                 : std::string_view("/");  // "http://host" and, rarely, "http://host?query"
}

}  // namespace wefee::io
