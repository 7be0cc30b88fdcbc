// Blocking sockets for tests that need exact bytes. Every read gives up after 20 s, so a hang is a failure.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace wefee::io::test {

class RawSocket {
public:
    explicit RawSocket(int descriptor) : descriptor_(descriptor) { limit_waits(); }
    /// Connects to 127.0.0.1:port, from `source` when given.
    explicit RawSocket(std::uint16_t port, const char* source = nullptr, int receive_buffer = 0)
        : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
        limit_waits();
        if (receive_buffer > 0)
            ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        if (source) {
            const auto from = address(source, 0);
            if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
                throw std::runtime_error("bind");
        }
        const auto to = address("127.0.0.1", port);
        if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error("connect");
    }
    RawSocket(RawSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    RawSocket& operator=(RawSocket&&) = delete;
    ~RawSocket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    int descriptor() const { return descriptor_; }
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return;  // the server has closed: what it answered is what the test looks at
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void finish_sending() { ::shutdown(descriptor_, SHUT_WR); }
    /// Until the peer closes. Throws when it does not.
    std::string read_to_end() {
        while (read_more()) {
        }
        return std::exchange(received_, {});
    }
    /// One response with its body (by Content-Length); what follows stays for later.
    std::string read_response() {
        std::size_t head = 0;
        while ((head = received_.find("\r\n\r\n")) == std::string::npos)
            if (!read_more()) return std::exchange(received_, {});
        std::size_t size = head + 4;
        if (const auto at = received_.find("Content-Length: "); at < head)
            size += std::stoul(received_.substr(at + 16));
        while (received_.size() < size)
            if (!read_more()) return std::exchange(received_, {});
        auto response = received_.substr(0, size);
        received_.erase(0, size);
        return response;
    }

private:
    static sockaddr_in address(const char* host, std::uint16_t port) {
        sockaddr_in result{};
        result.sin_family = AF_INET;
        result.sin_port = htons(port);
        ::inet_pton(AF_INET, host, &result.sin_addr);
        return result;
    }
    void limit_waits() {
        const timeval limit{.tv_sec = 100, .tv_usec = 0};  // only who hangs: a sanitized month takes 10
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    bool read_more() {
        char bytes[16 * 1024];
        const auto count = ::recv(descriptor_, bytes, sizeof bytes, 0);
        if (count < 0 && errno == EAGAIN) throw std::runtime_error("the peer neither answers nor closes");
        if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
        return count > 0;  // a reset counts as an end
    }

    int descriptor_;
    std::string received_;
};

/// Listens on a free port of 127.0.0.1.
class RawListener {
public:
    RawListener() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0 ||
            ::listen(descriptor_, 64) != 0 ||
            ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&any), &size) != 0)
            throw std::runtime_error("listen");
        port_ = ntohs(any.sin_port);
    }
    RawListener(const RawListener&) = delete;
    RawListener& operator=(const RawListener&) = delete;
    ~RawListener() { ::close(descriptor_); }
    std::uint16_t port() const { return port_; }
    RawSocket accept() { return RawSocket(::accept(descriptor_, nullptr, nullptr)); }

private:
    int descriptor_;
    std::uint16_t port_ = 0;
};

}  // namespace wefee::io::test
