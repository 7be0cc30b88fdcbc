#include "server/flows/entitlements.hpp"

#include "io/log.hpp"
#include "io/loop.hpp"
#include "server/app.hpp"
#include "server/flows/standing.hpp"
#include "server/flows/written.hpp"

namespace wefee::server {
namespace {

constexpr auto lately = std::chrono::minutes{1};
constexpr std::size_t keys_max = 1'000;

template <class Row>
void add_tenants(const storage::Changes& changes, std::vector<TenantId>& tenants) {
    const auto& rows = std::get<storage::RowChanges<Row>>(changes.rows);
    for (const auto* written : {&rows.inserts, &rows.saves})
        for (const auto& row : *written) {
            if constexpr (requires { row.tenant_id; })
                tenants.push_back(row.tenant_id);
            else
                tenants.push_back(row.id);
        }
}

}  // namespace

std::vector<TenantId> service_changes(const storage::Changes& changes) {
    std::vector<TenantId> tenants;
    add_tenants<storage::TenantRow>(changes, tenants);
    add_tenants<storage::SubscriptionRow>(changes, tenants);
    add_tenants<storage::ConsentRow>(changes, tenants);
    add_tenants<storage::BudgetRow>(changes, tenants);
    return tenants;
}

void forget_service(App& app, const std::vector<TenantId>& tenants) {
    if (!app.entitlements) return;
    for (const auto& tenant : tenants) app.entitlements->forget(tenant);
}

Entitlements::Entries::iterator Entitlements::find(const std::string& name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? entries_.end() : found->second;
}

void Entitlements::drop(Entries::iterator entry) {
    by_name_.erase(entry->standing->tenant.text());
    by_name_.erase(entry->standing->corp_id);
    entries_.erase(entry);
}

/// What may be answered from without looking; nullptr when there is nothing such.
std::shared_ptr<const Standing> Entitlements::held(const std::string& name) {
    const auto now = Steady::now();
    const std::lock_guard lock{mutex_};
    const auto entry = find(name);
    if (entry == entries_.end()) return nullptr;
    entry->asked = now;
    entries_.splice(entries_.begin(), entries_, entry);
    const bool fresh = entry->compared != Steady::time_point{} && now - entry->compared <= options_.poll;
    return fresh && app_.clock.now() < entry->standing->good_until ? entry->standing : nullptr;
}

/// The versions were read after `compared`: when they are those of the entry, it holds as of then.
std::shared_ptr<const Standing> Entitlements::still_true(const std::string& name, Steady::time_point compared,
                                                         const std::map<TenantId, std::int64_t>& versions) {
    const std::lock_guard lock{mutex_};
    const auto entry = find(name);
    if (entry == entries_.end() || app_.clock.now() >= entry->standing->good_until) return nullptr;
    const auto version = versions.find(entry->standing->tenant);
    if (version == versions.end() || version->second != entry->version) return nullptr;
    entry->compared = std::max(entry->compared, compared);
    return entry->standing;
}

void Entitlements::keep(std::shared_ptr<const Standing> standing, std::int64_t version,
                        Steady::time_point compared, std::uint64_t forgotten, bool asked) {
    const auto now = Steady::now();
    const std::lock_guard lock{mutex_};
    auto was_asked = now;
    for (const auto& name : {standing->tenant.text(), standing->corp_id})
        if (const auto old = find(name); old != entries_.end()) {
            if (!asked) was_asked = old->asked;
            drop(old);
        }
    if (forgotten != forgotten_) compared = {};
    entries_.push_front({standing, version, compared, was_asked});
    by_name_[standing->tenant.text()] = by_name_[standing->corp_id] = entries_.begin();
    while (entries_.size() > options_.tenants_max) drop(std::prev(entries_.end()));
}

io::awaitable<std::shared_ptr<const Standing>> Entitlements::load(std::string name, bool asked) {
    const auto compared = Steady::now();
    std::uint64_t forgotten = 0;
    {
        const std::lock_guard lock{mutex_};
        forgotten = forgotten_;
    }
    const auto tenant = name.starts_with("ten_") ? co_await app_.store.find_tenant(TenantId{name})
                                                 : co_await app_.store.find_tenant_by_corp(name);
    if (!tenant) throw Error(Errc::not_found, "there is no such tenant");
    // First the number, then the rows: they are at least as new as it says.
    const auto versions = co_await app_.store.service_versions({tenant->id});
    auto standing = co_await load_standing(app_, *tenant);
    const auto version = versions.find(tenant->id);
    keep(standing, version == versions.end() ? 0 : version->second, compared, forgotten, asked);
    co_return standing;
}

io::awaitable<std::shared_ptr<const Standing>> Entitlements::standing(std::string name) {
    if (auto known = held(name)) co_return known;
    TenantId tenant;
    {
        const std::lock_guard lock{mutex_};
        if (const auto entry = find(name); entry != entries_.end()) tenant = entry->standing->tenant;
    }
    if (!tenant.empty()) {
        const auto compared = Steady::now();
        const auto versions = co_await app_.store.service_versions({tenant});
        if (auto known = still_true(name, compared, versions)) co_return known;
    }
    co_return co_await load(std::move(name), true);
}

io::awaitable<std::optional<storage::ApiKeyRow>> Entitlements::key(std::string hash) {
    const auto read = Steady::now();
    {
        const std::lock_guard lock{mutex_};
        const auto known = keys_.find(hash);
        if (known != keys_.end() && read - known->second.read <= options_.poll) co_return known->second.row;
    }
    auto row = co_await app_.store.find_api_key(hash);
    const std::lock_guard lock{mutex_};
    if (keys_.size() >= keys_max) keys_.clear();
    if (row) keys_.insert_or_assign(std::move(hash), KnownKey{*row, read});  // guesses are not remembered
    co_return row;
}

void Entitlements::forget(const TenantId& tenant) {
    const std::lock_guard lock{mutex_};
    ++forgotten_;
    if (const auto entry = find(tenant.text()); entry != entries_.end()) drop(entry);
}

std::size_t Entitlements::size() const {
    const std::lock_guard lock{mutex_};
    return entries_.size();
}

/// A tenant that cannot be read does not keep the others from being compared: who asks about it is told why.
io::awaitable<void> Entitlements::load_again(TenantId tenant) {
    try {
        co_await load(tenant.text(), false);
    } catch (const Error&) {
        forget(tenant);
    }
}

/// One read for all that was asked about lately; only what changed is loaded again.
io::awaitable<void> Entitlements::compare() {
    const auto compared = Steady::now();
    std::vector<TenantId> tenants;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& entry : entries_)
            if (compared - entry.asked < lately) tenants.push_back(entry.standing->tenant);
    }
    if (tenants.empty()) co_return;
    const auto versions = co_await app_.store.service_versions(tenants);
    for (const auto& tenant : tenants)
        if (!still_true(tenant.text(), compared, versions)) co_await load_again(tenant);
}

io::awaitable<void> Entitlements::watch() {
    std::string failure;
    for (;;) {
        co_await io::sleep_for(options_.poll / 2);  // ends here when it is cancelled
        if (!failure.empty()) io::log(io::Level::warning, "entitlements_not_compared", {{"reason", failure}});
        failure.clear();
        try {
            co_await compare();
        } catch (const std::exception& error) {  // until it works again, what is asked is compared one by one
            failure = error.what();
        }
    }
}

}  // namespace wefee::server
