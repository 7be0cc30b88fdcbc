// WeChat Pay, Alipay and WeCom in one process, as strict as the references say: own keys, own books, own
// clock; talks through sockets only. The control interface under /sandbox/ moves the clock, plays users and
// faults, and shows the books (see sandbox/README.md).
#pragma once

#include <memory>
#include <string>

#include "sandbox/options.hpp"

namespace wefee::sandbox {

class Sandbox {
public:
    Sandbox(Options options, Keys keys);
    ~Sandbox();  // stops
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    /// Binds and serves on a thread of its own; returns when it listens. Throws boost::system::system_error.
    void start();
    /// Ends what is under way and joins the thread. Idempotent.
    void stop();
    unsigned short port() const;
    std::string base_url() const;  // http://address:port

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wefee::sandbox
