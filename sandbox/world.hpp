// What the three providers share: time, due things, books, faults, the sender of notifications.
#pragma once

#include "sandbox/agenda.hpp"
#include "sandbox/books.hpp"
#include "sandbox/clock.hpp"
#include "sandbox/courier.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/options.hpp"

namespace wefee::sandbox {

struct World {
    World(Options given_options, Keys given_keys, io::TaskGroup& tasks, const io::Executor& executor,
          io::HttpClient& client)
        : options(std::move(given_options)),
          keys(std::move(given_keys)),
          clock(options.start),
          agenda(clock, tasks, executor),
          courier(clock, agenda, faults, books, client) {}

    const Options options;
    const Keys keys;
    SandboxClock clock;
    Agenda agenda;
    Books books;
    Faults faults;
    Courier courier;

    Instant now() const { return clock.now(); }
    void refuse(std::string_view provider, std::string_view path, std::string_view reason,
                std::string_view detail) {
        books.refuse(
            {std::string(provider), std::string(path), std::string(reason), std::string(detail), now()});
    }
};

}  // namespace wefee::sandbox
