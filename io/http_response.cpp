// Answers as bytes, written by hand: one append each, into a buffer that the connection keeps.
#include "io/http_response.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <stdexcept>

namespace wefee::io {
namespace {

struct Status {
    int number;
    std::string_view reason, code;
};
constexpr auto statuses = std::to_array<Status>({
    {100, "Continue", "continue"},
    {200, "OK", "ok"},
    {201, "Created", "created"},
    {202, "Accepted", "accepted"},
    {204, "No Content", "no_content"},
    {301, "Moved Permanently", "moved_permanently"},
    {302, "Found", "found"},
    {303, "See Other", "see_other"},
    {304, "Not Modified", "not_modified"},
    {307, "Temporary Redirect", "temporary_redirect"},
    {308, "Permanent Redirect", "permanent_redirect"},
    {400, "Bad Request", "bad_request"},
    {401, "Unauthorized", "unauthorized"},
    {402, "Payment Required", "payment_required"},
    {403, "Forbidden", "forbidden"},
    {404, "Not Found", "not_found"},
    {405, "Method Not Allowed", "method_not_allowed"},
    {406, "Not Acceptable", "not_acceptable"},
    {408, "Request Timeout", "request_timeout"},
    {409, "Conflict", "conflict"},
    {410, "Gone", "gone"},
    {412, "Precondition Failed", "precondition_failed"},
    {413, "Content Too Large", "content_too_large"},
    {414, "URI Too Long", "uri_too_long"},
    {415, "Unsupported Media Type", "unsupported_media_type"},
    {417, "Expectation Failed", "expectation_failed"},
    {422, "Unprocessable Content", "unprocessable_content"},
    {423, "Locked", "locked"},
    {425, "Too Early", "too_early"},
    {428, "Precondition Required", "precondition_required"},
    {429, "Too Many Requests", "too_many_requests"},
    {431, "Request Header Fields Too Large", "header_too_large"},
    {500, "Internal Server Error", "internal_error"},
    {501, "Not Implemented", "not_implemented"},
    {502, "Bad Gateway", "bad_gateway"},
    {503, "Service Unavailable", "unavailable"},
    {504, "Gateway Timeout", "gateway_timeout"},
    {505, "HTTP Version Not Supported", "version_not_supported"},
});

const Status* find_status(int number) {
    const auto* found = std::ranges::lower_bound(statuses, number, {}, &Status::number);
    return found != statuses.end() && found->number == number ? found : nullptr;
}

void append_number(std::string& out, std::uint64_t number) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

/// IMF-fixdate of this second, made anew once a second and thread.
std::string_view date_now() {
    thread_local std::time_t made_for = 0;
    thread_local char text[40];
    thread_local std::size_t size = 0;
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    if (now != made_for) {
        static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::tm parts{};
        gmtime_r(&now, &parts);
        // Names by hand: those of strftime follow the process's locale.
        char format[40] = "";
        std::snprintf(format, sizeof format, "%s, %%d %s %%Y %%H:%%M:%%S GMT",
                      days[static_cast<std::size_t>(parts.tm_wday)],
                      months[static_cast<std::size_t>(parts.tm_mon)]);
        size = std::strftime(text, sizeof text, format, &parts);
        made_for = now;
    }
    return {text, size};
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_framing(std::string_view name) {
    for (const std::string_view ours :
         {"content-length", "transfer-encoding", "connection", "x-request-id", "date"})
        if (name.size() == ours.size() && std::ranges::equal(name, ours, {}, lower)) return true;
    return false;
}

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_';
}

bool is_value_character(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; }

void append_header(std::string& out, std::string_view name, std::string_view value) {
    if (name.empty() || !std::ranges::all_of(name, is_name_character) ||
        !std::ranges::all_of(value, is_value_character))
        throw std::invalid_argument("a response header holds characters that would end its line");
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string_view reason_phrase(int status) {
    const auto* found = find_status(status);
    return found ? found->reason : std::string_view("Unknown");
}

bool sends_body(const Response& response, const ResponseFrame& frame) {
    return !frame.head_only && response.status >= 200 && response.status != 204 && response.status != 304;
}

void append_response_head(std::string& out, const Response& response, const ResponseFrame& frame) {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(std::clamp(response.status, 100, 999)));
    out.push_back(' ');
    out.append(reason_phrase(response.status)).append("\r\nDate: ").append(date_now()).append("\r\n");
    if (!response.content_type.empty()) append_header(out, "Content-Type", response.content_type);
    for (const auto& [name, value] : response.headers)
        if (!is_framing(name)) append_header(out, name, value);
    if (response.status >= 200 && response.status != 204 && response.status != 304) {
        out += "Content-Length: ";
        append_number(out, response.body.size());
        out += "\r\n";
    }
    if (!frame.request_id.empty()) out.append("X-Request-Id: ").append(frame.request_id).append("\r\n");
    out += frame.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

Response problem(int status) {
    const auto* known = find_status(status);
    Response response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body.append(R"({"type":"about:blank","title":")")
        .append(reason_phrase(status))
        .append(R"(","status":)");
    append_number(response.body, static_cast<std::uint64_t>(status));
    response.body.append(R"(,"code":")").append(known ? known->code : "error").append("\"}");
    return response;
}

}  // namespace wefee::io
