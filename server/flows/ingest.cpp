#include "server/flows/ingest.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "server/app.hpp"
#include "server/flows/budget.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/late_billing.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/thresholds.hpp"
#include "server/flows/usage_book.hpp"
#include "storage/usage_check.hpp"

namespace wefee::server {
namespace {

using storage::Ingested;
using storage::UsageEventRow;

/// What follows usage: the checks of a budget or thresholds that are watched, and the bill of what no other
/// bill will have. One of a kind a subscription, however many facts there are.
std::vector<storage::TaskRow> checks_of(const Rules& rules, const std::map<std::string, UsageBook>& books,
                                        const std::vector<storage::UsageFact>& facts, Instant now) {
    std::map<std::pair<std::string, std::string>, storage::TaskRow> checks;
    const auto add = [&](storage::TaskRow check) {
        checks.try_emplace({check.kind, check.ref_id}, std::move(check));
    };
    for (const auto& [name, book] : books)
        for (const auto& fact : facts) {
            if (!book.tenant || fact.row.tenant_id != book.tenant->id) continue;
            const auto& account = *book.account_on(fact.row.day);
            const auto& subscription = account.subscription;
            if (!account.runs()) add(late_billing_of(rules, subscription, now));
            if (account.runs() && book.has_budget) add(budget_check_of(subscription, now));
            if (account.runs() && subscription.thresholds) add(threshold_check_of(subscription, now));
        }
    std::vector<storage::TaskRow> rows;
    for (auto& [key, check] : checks) rows.push_back(std::move(check));
    return rows;
}

UsageAnswer rejected(const UsageReading& reading, std::string code, const std::string& field,
                     std::string text) {
    return {reading.id, "rejected", std::move(code), {{reading.pointer + field, std::move(text)}}};
}

UsageAnswer answer_of(const UsageReading& reading, Ingested result) {
    switch (result) {
        case Ingested::accepted:
            return {reading.id, reading.changes_an_event() ? "corrected" : "accepted", "", {}};
        case Ingested::duplicate:
            return {reading.id, "duplicate", "", {}};
        case Ingested::differs:
            return rejected(reading, "id_reused", "/id",
                            "was used before with another content; the first one stands");
        case Ingested::overflow:
            return rejected(reading, "overflow", "/quantity", "the period's total would not fit");
        case Ingested::outdated:
            break;
    }
    return rejected(reading, "conflict", "", "other corrections of this event were faster; send it again");
}

UsageEventRow event_row(const UsageReading& reading, const TenantId& tenant, Instant now) {
    UsageEventRow row;
    row.tenant_id = tenant;
    row.event_id = reading.id;
    row.meter = reading.meter;
    row.quantity_micro = *reading.quantity_micro;
    row.occurred_at = *reading.occurred_at;
    row.sequence = reading.sequence.value_or(0);
    row.properties = reading.properties.value_or("{}");
    row.received_at = now;
    return row;
}

/// What the correction gives, upon what its event counts as now.
UsageEventRow correction_row(const UsageReading& reading, UsageEventRow newest, Instant now) {
    newest.event_id = reading.id;
    newest.corrects = reading.target();
    newest.revision += 1;
    newest.received_at = now;
    newest.given = reading.deletes.empty() ? "" : "deletes";
    const auto give = [&](const auto& value, auto& member, std::string_view name) {
        if (!value) return;
        member = *value;
        newest.given += (newest.given.empty() ? "" : " ") + std::string{name};
    };
    give(reading.quantity_micro, newest.quantity_micro, "quantity");
    give(reading.occurred_at, newest.occurred_at, "occurred_at");
    give(reading.sequence, newest.sequence, "sequence");
    give(reading.properties, newest.properties, "properties");
    return newest;
}

class Ingestion {
public:
    Ingestion(App& app, TenantId only_tenant, std::vector<UsageReading> readings)
        : app_(app),
          only_tenant_(std::move(only_tenant)),
          readings_(std::move(readings)),
          answers_(readings_.size()) {}

    io::awaitable<std::vector<UsageAnswer>> run() {
        for (std::size_t i = 0; i < readings_.size(); ++i) {
            auto& reading = readings_[i];
            if (reading.changes_an_event() && reading.tenant.empty()) {
                if (only_tenant_.empty() && reading.problems.empty()) {
                    reading.mistake = Errc::missing_field;
                    reading.problems.push_back(
                        {reading.pointer + "/tenant", "is required: this key is of no single tenant"});
                }
                reading.tenant = only_tenant_.text();
            }
            if (!reading.problems.empty())
                answers_[i] = {reading.id, "rejected", std::string{fault(reading.mistake).code},
                               reading.problems};
            else if (reading.changes_an_event())
                corrections_.push_back(i);
            else
                events_.push_back(i);
        }
        co_await take_events();
        co_await take_corrections();
        co_return std::move(answers_);
    }

private:
    io::awaitable<const UsageBook*> book_of(std::string name) {
        const auto found = books_.find(name);
        if (found != books_.end()) co_return &found->second;
        auto book = co_await open_usage_book(app_, name);
        co_return &books_.emplace(std::move(name), std::move(book)).first->second;
    }

    /// True when the item's tenant can be billed; else it is answered.
    bool has_books(std::size_t i, const UsageBook& book) {
        if (!book.tenant || (!only_tenant_.empty() && book.tenant->id != only_tenant_))
            answers_[i] = rejected(readings_[i], "unknown_tenant", "/tenant", "is not a tenant");
        else if (book.accounts.empty())
            answers_[i] = rejected(readings_[i], "no_subscription", "/tenant", "has no running subscription");
        else
            return true;
        return false;
    }

    void add(std::size_t i, const UsageBook& book, UsageEventRow row) {
        Aggregation aggregation{};
        if (const auto refusal = place_fact(book, row, aggregation, now_, app_.rules.billing.late_window)) {
            answers_[i] = rejected(readings_[i], refusal->code, refusal->field, refusal->text);
            return;
        }
        facts_.emplace_back(std::move(row), aggregation);
        places_.push_back(i);
    }

    /// Stores what was added; gives the items whose event got another correction meanwhile.
    io::awaitable<std::vector<std::size_t>> store() {
        std::vector<std::size_t> again;
        if (facts_.empty()) co_return again;
        auto checks = checks_of(app_.rules, books_, facts_, now_);
        const auto results = co_await app_.store.ingest(std::move(facts_), std::move(checks));
        for (std::size_t j = 0; j < results.size(); ++j) {
            answers_[places_[j]] = answer_of(readings_[places_[j]], results[j]);
            if (results[j] == Ingested::outdated) again.push_back(places_[j]);
        }
        facts_.clear();
        places_.clear();
        co_return again;
    }

    io::awaitable<void> take_events() {
        for (const auto i : events_) {
            const auto* book = co_await book_of(readings_[i].tenant);
            if (has_books(i, *book)) add(i, *book, event_row(readings_[i], book->tenant->id, now_));
        }
        co_await store();
    }

    /// Several corrections of one event follow each other, a round each; what somebody else was faster with
    /// is read anew.
    io::awaitable<void> take_corrections() {
        std::map<std::size_t, int> lost;
        for (auto waiting = corrections_; !waiting.empty();) {
            std::set<std::pair<std::string, std::string>> targets;
            std::vector<std::size_t> now, later;
            for (const auto i : waiting)
                (targets.emplace(readings_[i].tenant, readings_[i].target()).second ? now : later)
                    .push_back(i);
            co_await resolve(now);
            for (const auto i : co_await store())
                if (++lost[i] < decide_tries) later.push_back(i);
            std::ranges::sort(later);
            waiting = std::move(later);
        }
    }

    io::awaitable<void> resolve(const std::vector<std::size_t>& items) {
        std::map<std::string, std::vector<std::string>> wanted;  // by tenant as named
        for (const auto i : items) {
            const auto* book = co_await book_of(readings_[i].tenant);
            if (has_books(i, *book)) wanted[readings_[i].tenant].push_back(readings_[i].target());
        }
        std::map<std::pair<std::string, std::string>, UsageEventRow> newest;
        for (const auto& [name, ids] : wanted)
            for (auto& row : co_await app_.store.newest_usage(books_.at(name).tenant->id, ids)) {
                auto event = row.corrects.empty() ? row.event_id : row.corrects;
                newest.emplace(std::pair{name, std::move(event)}, std::move(row));
            }
        for (const auto i : items) {
            if (!wanted.contains(readings_[i].tenant)) continue;
            const auto found = newest.find({readings_[i].tenant, readings_[i].target()});
            correct(i, found == newest.end() ? nullptr : &found->second);
        }
    }

    void correct(std::size_t i, const UsageEventRow* newest) {
        const auto& reading = readings_[i];
        const std::string field = reading.deletes.empty() ? "/corrects" : "/deletes";
        if (!newest) {
            answers_[i] = rejected(reading, "unknown_event", field, "is not an event of this tenant");
        } else if (!reading.meter.empty() && reading.meter != newest->meter) {
            answers_[i] = rejected(reading, "meter_changed", "/meter",
                                   "a correction keeps the meter: delete the event and send another");
        } else if (newest->occurred_at < now_ - app_.rules.billing.late_window) {
            answers_[i] = rejected(reading, "too_late", field, "happened before the late window");
        } else {
            add(i, books_.at(reading.tenant), correction_row(reading, *newest, now_));
        }
    }

    App& app_;
    TenantId only_tenant_;
    std::vector<UsageReading> readings_;
    std::vector<UsageAnswer> answers_;
    Instant now_ = app_.clock.now();
    std::map<std::string, UsageBook> books_;
    std::vector<std::size_t> events_, corrections_;
    std::vector<storage::UsageFact> facts_;  // of this round, with the items that they are of
    std::vector<std::size_t> places_;
};

}  // namespace

io::awaitable<std::vector<UsageAnswer>> ingest_usage(App& app, TenantId only_tenant,
                                                     std::vector<UsageReading> readings) {
    Ingestion ingestion{app, std::move(only_tenant), std::move(readings)};
    co_return co_await ingestion.run();
}

std::shared_ptr<const storage::UsageReader> usage_reader(PriceLists& lists) {
    auto reader = std::make_shared<storage::UsageReader>();
    reader->meter = [&lists](const storage::PriceListRow& list, const std::string& code) {
        const auto prices = lists.parsed(list);
        const auto* meter = find_meter(*prices, code);
        return meter ? std::optional{*meter} : std::nullopt;
    };
    reader->properties = usage_properties;
    return reader;
}

}  // namespace wefee::server
