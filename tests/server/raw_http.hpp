// A request as exact bytes over a socket of its own, and its answer: nothing between the test and the server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/io/raw_socket.hpp"

namespace wefee::server::tests {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct RawReply {
    int status = 0;    // 0: the server closed without an answer
    std::string head;  // with the status line
    std::string body;

    /// First value of a header; empty when absent. Names as the server writes them.
    std::string header(std::string_view name) const {
        const auto at = head.find("\r\n" + std::string{name} + ": ");
        if (at == std::string::npos) return {};
        const auto from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
};

/// Sends one request and reads until the server closes. Content-Length is added for a body or a POST.
inline RawReply send_raw(std::uint16_t port, std::string_view method, std::string_view target,
                         const Headers& headers = {}, std::string_view body = {}) {
    std::string request;
    request.append(method).append(" ").append(target).append(
        " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
    for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
    if (!body.empty() || method != "GET")
        request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    request.append("\r\n").append(body);
    io::test::RawSocket socket{port};
    socket.send(request);
    const auto answer = socket.read_to_end();
    RawReply reply;
    const auto end = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.1 ") || end == std::string::npos) return reply;
    reply.status = std::stoi(answer.substr(9, 3));
    reply.head = answer.substr(0, end + 2);
    reply.body = answer.substr(end + 4);
    return reply;
}

}  // namespace wefee::server::tests
