// Builds everything that a running wefee is made of, in order, from the configuration. main reads as a table
// of contents because the wiring is here.
#pragma once

#include <memory>

#include "server/app.hpp"
#include "server/config/config.hpp"

namespace wefee::server {

class Parts {
public:
    /// Opens the store and loads every key. Throws std::runtime_error or std::invalid_argument with what is
    /// wrong; secrets never stand in it. `migrate`: apply pending migrations (demo, tests); otherwise they
    /// are refused. `read_only`: beside a running server, for explaining.
    explicit Parts(const Config& config, bool migrate = false, bool read_only = false);
    ~Parts();
    App& app();
    /// Finishes queued writes; nothing may use the app any more.
    void close();

private:
    struct Held;
    std::unique_ptr<Held> held_;
};

/// Store options of a configuration.
storage::StoreOptions store_options(const Config& config);

}  // namespace wefee::server
