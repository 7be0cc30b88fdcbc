#include "server/flows/thresholds.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "server/app.hpp"
#include "server/flows/close_period.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/issue.hpp"
#include "server/flows/names.hpp"
#include "server/flows/rate_period.hpp"
#include "server/http/body.hpp"

namespace wefee::server {
namespace {

constexpr std::size_t once_max = 50;
constexpr std::int64_t money_max = 1'000'000'000'000;

/// Usage that comes within so long is checked together.
constexpr auto check_delay = std::chrono::seconds{1};

std::string text_of(const Thresholds& thresholds) {
    nlohmann::ordered_json body{{"once_fen", nlohmann::ordered_json::array()}, {"every_fen", nullptr}};
    for (const auto amount : thresholds.once) body["once_fen"].push_back(amount.count());
    if (thresholds.every) body["every_fen"] = thresholds.every->count();
    return body.dump();
}

/// Pure but for the parsed list.
std::optional<Unit> part_unit(App& app, const storage::PeriodView& view) {
    const auto& row = view.subscription;
    if (!still_served(row) || civil_day(app.clock.now()) >= row.period_end) return std::nullopt;
    const auto part = rate_threshold(*app.price_lists, view);
    if (!part) return std::nullopt;
    const auto place =
        next_part(view.parts, row.cycle, {row.period_start, row.period_end}, InvoiceCause::threshold);
    Unit unit{fmt::format("threshold:{}:{}:{}", row.id.text(), place.cycle, place.part), app.clock.now(),
              "system"};
    AccountCredit credit{view.credit};
    issue(app.rules, unit, view, credit, place, *part);
    credit.save(unit, row.tenant_id);
    unit.save(row);  // a close or a change that was decided without this part is decided again
    return unit;
}

}  // namespace

std::optional<Thresholds> read_thresholds(ObjectReader& reader) {
    Thresholds thresholds;
    const auto* once = reader.optional_array("once_fen", once_max);
    for (std::size_t i = 0; once && i < once->size(); ++i) {
        const auto& at = (*once)[i];
        const Fen amount{at.is_number_integer() ? at.get<std::int64_t>() : 0};
        if (amount <= (thresholds.once.empty() ? Fen{} : thresholds.once.back()) || amount > Fen{money_max}) {
            reader.problem_in("once_fen", std::to_string(i), "must be whole fen, above the one before");
            break;
        }
        thresholds.once.push_back(amount);
    }
    if (const auto every = reader.optional_integer("every_fen", 1, money_max)) thresholds.every = Fen{*every};
    if (thresholds.once.empty() && !thresholds.every) return std::nullopt;
    return thresholds;
}

Thresholds stored_thresholds(const std::string& text) {
    const auto body = nlohmann::json::parse(text);
    Thresholds thresholds;
    for (const auto& amount : body.at("once_fen")) thresholds.once.emplace_back(amount.get<std::int64_t>());
    if (const auto& every = body.at("every_fen"); !every.is_null())
        thresholds.every = Fen{every.get<std::int64_t>()};
    return thresholds;
}

io::awaitable<storage::SubscriptionRow> set_thresholds(App& app, std::string op_id, std::string actor,
                                                       TenantId tenant, SubscriptionId id,
                                                       std::optional<Thresholds> thresholds) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_subscription(tenant, id);
        if (!row) throw Error(Errc::not_found, "there is no such subscription");
        if (row->state == "ENDED") throw Error(Errc::wrong_state, "the subscription has ended");
        Unit unit{op_id, app.clock.now(), actor};
        row->thresholds = thresholds ? std::optional{text_of(*thresholds)} : std::nullopt;
        if (row->thresholds) unit.changes().schedule.push_back(threshold_check_of(*row, unit.at()));
        unit.save(std::move(*row));
        co_return unit;
    });
    co_return (co_await app.store.find_subscription(tenant, id)).value();
}

io::awaitable<void> check_thresholds(App& app, storage::TaskRow task_row) {
    const SubscriptionId id{task_row.ref_id};
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await load_rated_period(app, id);
        co_return view ? part_unit(app, *view) : std::nullopt;
    });
}

storage::TaskRow threshold_check_of(const storage::SubscriptionRow& subscription, Instant now) {
    return {std::string{task::threshold_check},
            subscription.id.text(),
            subscription.tenant_id,
            now + check_delay,
            0,
            0};
}

}  // namespace wefee::server
