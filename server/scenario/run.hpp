// A scenario as it runs: one account a tenant, and what steps add to the result. Steps are tables, one a
// subject.
#pragma once

#include <map>
#include <span>

#include "server/http/body.hpp"
#include "server/scenario/collection.hpp"
#include "server/scenario/scenario.hpp"

namespace wefee::server {

inline constexpr std::int64_t scenario_money_max = 1'000'000'000'000;

class Run {
public:
    explicit Run(const Scenario& scenario) : scenario_(scenario) {}

    nlohmann::ordered_json run();

    // ---- what steps work on ----
    /// The tenant's account on that day. Throws Error with a pointer when it has none.
    TenantAccount& account(const std::string& tenant, CivilDay on);
    void open(const std::string& tenant, Subscription subscription);
    /// Adds one more row to a list of the result.
    void add(std::string_view list, nlohmann::ordered_json row);
    /// The price list that a step of the tenant names; none when it names none.
    std::shared_ptr<const PriceList> list(ObjectReader& reader, const std::string& tenant) const;
    /// The one that holds where none is named. Throws Error with a pointer when the scenario has none.
    std::shared_ptr<const PriceList> list_in_force(const std::string& tenant) const;
    Collection& collection(const std::string& tenant) { return collections_[tenant]; }
    std::int64_t next_event() { return events_++; }

private:
    void take(const ScenarioStep& step);
    nlohmann::ordered_json print(const std::string& tenant, const TenantAccount& account) const;

    const Scenario& scenario_;
    std::map<std::string, TenantAccount> accounts_;
    std::map<std::string, Collection> collections_;
    std::map<std::string_view, nlohmann::ordered_json> lists_;
    std::int64_t events_ = 0;
};

/// What a step may do, and what does it.
struct StepKind {
    std::string_view name;
    void (*run)(Run&, ObjectReader&, const std::string& tenant, CivilDay on);
};
std::span<const StepKind> subscription_steps();
std::span<const StepKind> usage_steps();
std::span<const StepKind> money_steps();
std::span<const StepKind> collection_steps();
std::span<const StepKind> licence_steps();

/// A list of codes; none when the step does not name it.
std::optional<std::vector<std::string>> read_codes(ObjectReader& reader, std::string_view name);
/// The invoice that a step names; it counts from 0.
std::size_t read_invoice(ObjectReader& reader);
/// A date that must be there.
CivilDay read_day(ObjectReader& reader, std::string_view name);
/// An amount above zero.
Fen read_amount(ObjectReader& reader, std::string_view name);

}  // namespace wefee::server
