#include "server/flows/quote.hpp"

#include <nlohmann/json.hpp>

#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/price_lists.hpp"

namespace wefee::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto quote_life = std::chrono::minutes{15};

/// Everything that the shown amounts come from.
std::string inputs_hash(const ChangeGround& ground, const ChangeDecision& decision, const std::string& wish) {
    std::string inputs = wish + "\n" + format_day(civil_day(ground.now)) + "\n" + format_day(decision.day);
    for (const auto& terms : ground.view.terms)
        inputs += "\nterms " + std::to_string(terms.revision) + " " + format_day(terms.from_day);
    for (const auto& seats : ground.view.seats) inputs += "\nseats " + std::to_string(seats.seq);
    for (const auto& list : ground.view.price_lists) inputs += "\nlist " + list.body_hash;
    inputs += "\nlist " + ground.view.price_list.body_hash +
              (ground.move_to ? "\nto " + ground.move_to->body_hash : "");
    for (const auto& bill : ground.billed.bills) inputs += "\nbilled " + bill.invoice.id.text();
    for (const auto& note : ground.billed.credit_notes) inputs += "\ncredited " + note.id.text();
    inputs += "\ncredit " + std::to_string(decision.credit_before.count());
    return io::sha256_hex(inputs);
}

struct Computed {
    ChangeGround ground;
    ChangeDecision decision;
    ChangeWish wish;
    std::string answer;
};

io::awaitable<Computed> compute(App& app, TenantId tenant, SubscriptionId id, std::string body) {
    Computed computed;
    computed.wish = read_change_wish(nlohmann::json::parse(body));
    computed.ground = co_await load_change(app, tenant, id, computed.wish);
    computed.decision = decide_change(*app.price_lists, computed.ground, computed.wish);
    computed.answer = change_view(computed.ground, computed.decision, computed.wish).dump();
    co_return computed;
}

io::awaitable<storage::QuoteRow> store_quote(App& app, std::string op_id, std::string actor, TenantId tenant,
                                             SubscriptionId id, std::string body) {
    const auto computed = co_await compute(app, tenant, id, body);
    storage::QuoteRow row;
    row.id = QuoteId{"quo_" + io::sha256_hex(op_id).substr(0, 20)};
    row.tenant_id = tenant;
    row.subscription_id = id;
    row.wish = std::move(body);
    row.inputs_hash = inputs_hash(computed.ground, computed.decision, row.wish);
    row.answer = computed.answer;
    row.created_by = actor;
    row.created_at = computed.ground.now;
    row.expires_at = row.created_at + quote_life;
    Unit unit{op_id, row.created_at, actor};
    unit.insert(row);
    co_await app.store.commit(unit.take());
    auto stored = co_await app.store.find_quote(tenant, row.id);
    if (!stored) throw Error(Errc::conflict, "the quote could not be stored");
    co_return std::move(*stored);
}

io::awaitable<storage::SubscriptionRow> reload(App& app, TenantId tenant, SubscriptionId id) {
    auto row = co_await app.store.find_subscription(tenant, id);
    if (!row) throw Error(Errc::not_found, "there is no such subscription");
    co_return std::move(*row);
}

}  // namespace

io::awaitable<storage::QuoteRow> quote_change(App& app, std::string op_id, std::string actor, TenantId tenant,
                                              SubscriptionId id, std::string wish) {
    return store_quote(app, std::move(op_id), std::move(actor), std::move(tenant), std::move(id),
                       std::move(wish));
}

io::awaitable<Confirmation> confirm_change(App& app, std::string actor, TenantId tenant, SubscriptionId id,
                                           QuoteId quote_id) {
    bool changed = false, expired = false;
    std::string wish;
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        changed = expired = false;
        auto quote = co_await app.store.find_quote(tenant, quote_id);
        if (!quote || quote->subscription_id != id) throw Error(Errc::not_found, "there is no such quote");
        if (quote->confirmed_at) co_return std::nullopt;
        wish = quote->wish;
        expired = app.clock.now() >= quote->expires_at;
        const auto computed = co_await compute(app, tenant, id, wish);
        changed = expired || computed.answer != quote->answer;
        if (changed) co_return std::nullopt;
        Unit unit{"change:" + quote_id.text(), computed.ground.now, actor};
        write_change(app, unit, computed.ground, computed.decision, computed.wish);
        quote->confirmed_at = unit.at();
        unit.save(*quote);
        co_return unit;
    });
    if (changed)
        co_return Confirmation{co_await store_quote(app, new_id_text("quote:"), actor, tenant, id, wish),
                               std::nullopt, expired};
    auto quote = co_await app.store.find_quote(tenant, quote_id);
    co_return Confirmation{std::move(quote).value(), co_await reload(app, tenant, id), false};
}

Json quote_differences(const storage::QuoteRow& older, const storage::QuoteRow& newer) {
    const auto before = Json::parse(older.answer).flatten(), after = Json::parse(newer.answer).flatten();
    Json differences = Json::array();
    const auto value = [](const Json& of, const std::string& pointer) {
        return of.contains(pointer) ? of[pointer] : Json{};
    };
    for (const auto& [pointer, was] : before.items())
        if (value(after, pointer) != was)
            differences.push_back({{"pointer", pointer}, {"old", was}, {"new", value(after, pointer)}});
    for (const auto& [pointer, is] : after.items())
        if (!before.contains(pointer))
            differences.push_back({{"pointer", pointer}, {"old", nullptr}, {"new", is}});
    return differences;
}

io::awaitable<storage::SubscriptionRow> make_change(App& app, std::string op_id, std::string actor,
                                                    SubscriptionId id, ChangeWish wish) {
    TenantId tenant;
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        const auto view = co_await app.store.load_period(id, std::nullopt);
        if (!view) throw Error(Errc::not_found, "there is no such subscription");
        tenant = view->tenant.id;
        const auto ground = co_await load_change(app, tenant, id, wish);
        const auto decision = decide_change(*app.price_lists, ground, wish);
        Unit unit{op_id, ground.now, actor};
        write_change(app, unit, ground, decision, wish);
        co_return unit;
    });
    co_return co_await reload(app, tenant, id);
}

}  // namespace wefee::server
