#include "server/flows/price_lists.hpp"

#include "io/crypto.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/names.hpp"

namespace wefee::server {

std::shared_ptr<const PriceList> PriceLists::parsed(const storage::PriceListRow& row) {
    const std::lock_guard lock{mutex_};
    auto& known = known_[row.id];
    if (!known) {
        auto prices = std::make_shared<PriceList>(parse_price_list(row.body));
        prices->id = row.id.text();
        prices->version = static_cast<int>(row.number);
        known = std::move(prices);
    }
    return known;
}

io::awaitable<storage::PriceListRow> stored_price_list(App& app, PriceListId id) {
    auto row = co_await app.store.find_price_list(id);
    if (!row) throw Error(Errc::not_found, "there is no price list " + id.text());
    co_return std::move(*row);
}

std::vector<Difference> price_list_differences(PriceLists& lists, const storage::PriceListRow& older,
                                               const storage::PriceListRow& newer) {
    return differences(*lists.parsed(older), *lists.parsed(newer));
}

PriceListId new_price_list_id(const std::string& op_id) {
    return PriceListId{"prl_" + io::sha256_hex(op_id).substr(0, 20)};
}

io::awaitable<storage::PriceListRow> price_list_in_force(App& app, TenantId tenant) {
    auto row = co_await app.store.price_list_on(civil_day(app.clock.now()), std::move(tenant));
    if (!row) throw Error(Errc::not_found, "no price list is published yet");
    co_return std::move(*row);
}

io::awaitable<storage::PriceListRow> price_list_of(App& app, TenantId tenant, PriceListId id) {
    auto row = co_await app.store.price_list_of(std::move(tenant), id);
    if (!row) throw Error(Errc::not_found, "there is no price list " + id.text());
    co_return std::move(*row);
}

io::awaitable<storage::PriceListRow> create_price_list(App& app, std::string op_id, std::string actor,
                                                       TenantId tenant, std::string json) {
    const auto prices = parse_price_list(json);
    if (!tenant.empty() && !co_await app.store.find_tenant(tenant))
        throw Error(Errc::not_found, "", {{"/tenant_id", "is not a tenant"}});
    storage::PriceListRow row;
    row.tenant_id = tenant;
    row.id = new_price_list_id(op_id);
    row.number = co_await app.store.next_number("price_list");
    row.status = "draft";
    if (prices.effective_from.ok()) row.effective_from = prices.effective_from;
    row.body = print_price_list(prices);
    row.body_hash = io::sha256_hex(row.body);
    row.created_by = actor;
    row.created_at = app.clock.now();
    Unit unit{op_id, row.created_at, actor};
    unit.insert(row);
    co_await app.store.commit(unit.take());
    auto stored = co_await app.store.find_price_list(row.id);
    if (!stored) throw Error(Errc::conflict, "the price list could not be stored");
    co_return std::move(*stored);
}

io::awaitable<storage::PriceListRow> publish_price_list(App& app, std::string op_id, std::string actor,
                                                        PriceListId id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto row = co_await app.store.find_price_list(id);
        if (!row) throw Error(Errc::not_found, "there is no such price list");
        if (row->status == "published") co_return std::nullopt;
        std::vector<FieldProblem> problems;
        for (const auto& issue : validate(*app.price_lists->parsed(*row)))
            problems.push_back({issue.pointer, issue.text, issue.code});
        if (!problems.empty()) throw Error(Errc::invalid_value, "this list must not be published", problems);
        Unit unit{op_id, app.clock.now(), actor};
        row->status = "published";
        row->published_at = unit.at();
        if (!row->tenant_id.empty())  // what entitlements remember of it is read again
            unit.save((co_await app.store.find_tenant(row->tenant_id)).value());
        unit.save(*row);
        co_return unit;
    });
    auto row = co_await app.store.find_price_list(id);
    co_return std::move(*row);
}

}  // namespace wefee::server
