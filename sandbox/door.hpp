// The sandbox's listener. Not io's server: a simulated provider must be able to drop a connection instead of
// answering, to answer late, and to take addresses of any length.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "io/http.hpp"
#include "io/loop.hpp"

namespace wefee::sandbox {

struct Reply {
    io::Response response;
    bool drop = false;                   // the connection ends without an answer
    std::chrono::milliseconds delay{0};  // real time, before the answer
};

class Door {
public:
    using Handler = std::function<io::awaitable<Reply>(const io::Request&)>;
    /// `answered` is called after each answer is on its way (or was dropped).
    Door(io::Executor executor, io::TaskGroup& tasks, Handler handler, std::function<void()> answered);
    ~Door();
    /// Binds and accepts. Throws boost::system::system_error.
    void listen(const std::string& address, unsigned short port);
    unsigned short port() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wefee::sandbox
