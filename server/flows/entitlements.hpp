// Entitlements from memory (C7): what each tenant that was asked about has, and where its period stands.
//
// How stale an answer can be: it is never made from rows older than entitlements.poll_ms. What was asked
// about lately is compared with the store twice in that time, all in one read; what was not compared for so
// long is compared before it is answered, and while the store is away there is no answer (503). The numbers
// compared are versions of rows: they survive a restart, and any number of instances on one database see each
// other's changes. The instance that changes a subscription, a consent or a budget forgets that tenant at
// once.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "billing/entitlement.hpp"
#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// One tenant as decisions read it; never changes once it is shared.
struct Standing {
    TenantId tenant;
    std::string corp_id;
    std::shared_ptr<const PriceList> prices;  // facts point into it
    EntitlementFacts facts;
    Instant good_until{};  // another period or price list from then on
};

struct EntitlementsOptions {
    std::chrono::milliseconds poll{500};
    std::size_t tenants_max = 10'000;  // those asked about longest ago go first
};

/// Any thread.
class Entitlements {
public:
    using Steady = std::chrono::steady_clock;

    Entitlements(App& app, EntitlementsOptions options) : app_(app), options_(options) {}

    /// By tenant id or corp id. Throws Error{not_found}; storage::Unavailable when it had to look and could
    /// not.
    io::awaitable<std::shared_ptr<const Standing>> standing(std::string name);
    /// An API key, at most poll old.
    io::awaitable<std::optional<storage::ApiKeyRow>> key(std::string hash);
    void forget(const TenantId& tenant);
    /// Compares what is held with the store, until it is cancelled.
    io::awaitable<void> watch();

    std::size_t size() const;

private:
    struct Entry {
        std::shared_ptr<const Standing> standing;
        std::int64_t version = 0;
        Steady::time_point compared{};  // before the rows were read; what nobody trusts has none
        Steady::time_point asked{};
    };
    using Entries = std::list<Entry>;  // asked last stands first
    struct KnownKey {
        storage::ApiKeyRow row;
        Steady::time_point read{};
    };

    std::shared_ptr<const Standing> held(const std::string& name);
    std::shared_ptr<const Standing> still_true(const std::string& name, Steady::time_point compared,
                                               const std::map<TenantId, std::int64_t>& versions);
    io::awaitable<std::shared_ptr<const Standing>> load(std::string name, bool asked);
    io::awaitable<void> load_again(TenantId tenant);
    io::awaitable<void> compare();
    void keep(std::shared_ptr<const Standing> standing, std::int64_t version, Steady::time_point compared,
              std::uint64_t forgotten, bool asked);
    void drop(Entries::iterator entry);
    Entries::iterator find(const std::string& name);

    App& app_;
    EntitlementsOptions options_;
    mutable std::mutex mutex_;
    Entries entries_;
    std::unordered_map<std::string, Entries::iterator> by_name_;  // tenant id and corp id
    std::unordered_map<std::string, KnownKey> keys_;
    std::uint64_t forgotten_ =
        0;  // how often something was forgotten: a load that began before may be of before
};

}  // namespace wefee::server
