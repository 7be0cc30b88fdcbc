// The product's flows and workers over a store, without sockets, at a time that stands still.
#pragma once

#include <atomic>
#include <stdexcept>

#include "io/http.hpp"
#include "server/app.hpp"
#include "server/flows/price_lists.hpp"

namespace wefee::tests {

class StandingClock final : public io::Clock {
public:
    explicit StandingClock(Instant at) : now_(at) {}
    Instant now() const override { return now_; }
    void set(Instant at) { now_ = at; }

private:
    std::atomic<Instant> now_;
};

struct NoHttp final : io::HttpClient {
    io::awaitable<io::ClientResponse> send(io::ClientRequest, std::chrono::milliseconds) override {
        throw std::logic_error("nothing here calls out");
    }
};

struct StandingApp {
    StandingApp(storage::Store& store, Instant now)
        : clock(now), app{.rules = {}, .store = store, .clock = clock, .http = http} {
        app.price_lists = &lists;
    }
    StandingClock clock;
    NoHttp http;
    server::PriceLists lists;
    server::App app;
};

}  // namespace wefee::tests
