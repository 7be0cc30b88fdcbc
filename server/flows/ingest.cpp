#include "server/flows/ingest.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "billing/period.hpp"
#include "server/app.hpp"
#include "server/flows/budget.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/price_lists.hpp"

namespace wefee::server {
namespace {

constexpr auto future_tolerance = std::chrono::minutes{5};

/// What the events of one tenant are checked against.
struct TenantBook {
    std::optional<storage::TenantRow> tenant;
    std::optional<storage::SubscriptionRow> subscription;
    std::shared_ptr<const PriceList> prices;
    bool has_budget = false;
};

io::awaitable<TenantBook> open_book(App& app, std::string name) {
    auto rows = co_await app.store.usage_book(std::move(name));
    TenantBook book{std::move(rows.tenant), std::move(rows.subscription), nullptr, rows.has_budget};
    if (rows.price_list) book.prices = app.price_lists->parsed(*rows.price_list);
    co_return book;
}

/// Where a budget is watched, its check follows the usage: one a tenant, however many events there are.
std::vector<storage::TaskRow> checks_of(const std::map<std::string, TenantBook>& books,
                                        const std::set<TenantId>& tenants, Instant now) {
    std::vector<storage::TaskRow> checks;
    for (const auto& [name, book] : books)
        if (book.has_budget && book.subscription && tenants.contains(book.tenant->id))
            checks.push_back(budget_check_of(*book.subscription, now));
    return checks;
}

UsageAnswer rejected(const UsageReading& reading, std::size_t index, std::string_view code, std::string_view field,
                     std::string text) {
    return {reading.id, "rejected", std::string{code},
            {{"/events/" + std::to_string(index) + "/" + std::string{field}, std::move(text)}}};
}

/// The period that a day is billed in: its own, or the open one when its own is closed already.
CivilDay billed_period(const TenantBook& book, const Plan& plan, CivilDay day) {
    Anchor anchor;
    anchor.day = book.tenant->anchor_day;
    anchor.months = plan.months;
    anchor.origin = book.subscription->started_on.year() / book.subscription->started_on.month();
    const auto own = std::max(full_period(day, anchor).start, book.subscription->started_on);
    return std::max(own, book.subscription->period_start);
}

/// Pure: the event as a row, or why not.
std::optional<UsageAnswer> check(const App& app, const TenantId& only_tenant, const TenantBook& book,
                                 const UsageReading& reading, std::size_t index, Instant now) {
    if (!reading.problems.empty()) return UsageAnswer{reading.id, "rejected", "invalid_value", reading.problems};
    if (!book.tenant || (!only_tenant.empty() && book.tenant->id != only_tenant))
        return rejected(reading, index, "unknown_tenant", "tenant", "is not a tenant");
    if (!book.subscription || !book.prices)
        return rejected(reading, index, "no_subscription", "tenant", "has no running subscription");
    const auto* plan = find_plan(*book.prices, book.subscription->plan_code);
    if (!plan || !find_meter(*book.prices, reading.meter))
        return rejected(reading, index, "unknown_meter", "meter", "is not a meter of the price list");
    if (reading.quantity_micro < 0)
        return rejected(reading, index, "negative_quantity", "quantity", "must not be negative");
    if (reading.occurred_at > now + future_tolerance)
        return rejected(reading, index, "in_the_future", "occurred_at", "lies more than 5 minutes in the future");
    if (reading.occurred_at < now - app.rules.billing.late_window)
        return rejected(reading, index, "too_late", "occurred_at", "lies before the late window");
    if (civil_day(reading.occurred_at) < book.subscription->started_on)
        return rejected(reading, index, "before_start", "occurred_at", "lies before the subscription's start");
    return std::nullopt;
}

storage::UsageEventRow row_of(const TenantBook& book, const UsageReading& reading, Instant now) {
    storage::UsageEventRow row;
    row.tenant_id = book.tenant->id;
    row.event_id = reading.id;
    row.meter = reading.meter;
    row.quantity_micro = reading.quantity_micro;
    row.occurred_at = reading.occurred_at;
    row.day = civil_day(reading.occurred_at);
    row.period_start = billed_period(book, *find_plan(*book.prices, book.subscription->plan_code), row.day);
    row.properties = reading.properties;
    row.received_at = now;
    return row;
}

UsageAnswer answer_of(const UsageReading& reading, std::size_t index, storage::Ingested result) {
    switch (result) {
        case storage::Ingested::accepted: return {reading.id, "accepted", "", {}};
        case storage::Ingested::duplicate: return {reading.id, "duplicate", "", {}};
        case storage::Ingested::differs: break;
    }
    return rejected(reading, index, "id_reused", "id", "was used before with another content; the first one stands");
}

/// One try: checked against the books as they stand, stored whole or (PeriodClosed) not at all.
io::awaitable<std::vector<UsageAnswer>> ingest_once(App& app, TenantId only_tenant,
                                                    const std::vector<UsageReading>& readings) {
    const auto now = app.clock.now();
    std::map<std::string, TenantBook> books;
    for (const auto& reading : readings)
        if (reading.problems.empty() && !books.contains(reading.tenant))
            books.emplace(reading.tenant, co_await open_book(app, reading.tenant));
    std::vector<UsageAnswer> answers(readings.size());
    std::vector<storage::UsageEventRow> rows;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < readings.size(); ++i) {
        const auto& book = books[readings[i].tenant];
        if (auto refusal = check(app, only_tenant, book, readings[i], i, now)) {
            answers[i] = std::move(*refusal);
            continue;
        }
        rows.push_back(row_of(book, readings[i], now));
        places.push_back(i);
    }
    if (rows.empty()) co_return answers;
    std::set<TenantId> tenants;
    for (const auto& row : rows) tenants.insert(row.tenant_id);
    auto checks = checks_of(books, tenants, now);
    const auto results = co_await app.store.ingest(std::move(rows), std::move(checks));
    for (std::size_t j = 0; j < results.size(); ++j)
        answers[places[j]] = answer_of(readings[places[j]], places[j], results[j]);
    co_return answers;
}

}  // namespace

io::awaitable<std::vector<UsageAnswer>> ingest_usage(App& app, TenantId only_tenant,
                                                     std::vector<UsageReading> readings) {
    // A period that closes between the check and the write sends the events to the next one.
    for (int round = 0; round < decide_tries; ++round) {
        try {
            co_return co_await ingest_once(app, only_tenant, readings);
        } catch (const storage::PeriodClosed&) {
        }
    }
    throw Error(Errc::conflict, "periods were closed faster than usage could be counted");
}

}  // namespace wefee::server
