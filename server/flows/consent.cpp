#include "server/flows/consent.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "billing/machines/consent.hpp"
#include "billing/rating.hpp"
#include "server/app.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/subscribe.hpp"

namespace wefee::server {
namespace {

std::string_view provider_title(std::string_view provider) {
    return provider == "wechat" ? "微信支付" : "支付宝";
}

/// The text that the member reads: items, unit prices, ceilings, dates, how to end it. Every word is in the
/// hash.
std::string consent_text(const storage::ConsentRow& row, const std::vector<storage::ConsentItemRow>& items,
                         const std::vector<ChargeableItem>& listed, const storage::TenantRow& tenant,
                         const PriceList& prices) {
    std::string text =
        fmt::format("自动扣费授权\n客户企业:{}\n扣费账户:{}\n价目表:第 {} 版\n条款版本:{}\n\n扣费项目:\n",
                    tenant.name, provider_title(row.provider), prices.version, row.terms_version);
    for (std::size_t i = 0; i < items.size(); ++i)
        text += fmt::format("{}. {} {}{}{}(单期上限 {})\n", i + 1, items[i].title,
                            items[i].unit_price_micro_yuan == MicroYuan{}
                                ? ""
                                : format_unit_price(items[i].unit_price_micro_yuan),
                            items[i].unit.empty() ? "" : "/" + items[i].unit,
                            listed[i].how_counted.empty() ? "" : "," + listed[i].how_counted,
                            format_yuan_for_people(items[i].ceiling_fen));
    text += fmt::format("\n单次上限:{}\n每期上限:{}\n扣费日:每月 {} 日起的可扣费日\n有效期:{} 至 {}\n",
                        format_yuan_for_people(row.cap_charge_fen), format_yuan_for_people(row.cap_cycle_fen),
                        tenant.deduction_day, format_day(civil_day(row.valid_from)),
                        row.valid_to ? format_day(add_days(civil_day(*row.valid_to), -1)) : "解除为止");
    return text + "\n每次扣费前至少提前 24 小时通知,实际扣费不超过通知金额。可随时在本页面或支付渠道解除。\n";
}

std::vector<storage::ConsentItemRow> item_rows(const storage::ConsentRow& consent,
                                               const std::vector<ChargeableItem>& listed,
                                               const ConsentWish& wish) {
    std::vector<storage::ConsentItemRow> rows;
    for (const auto& item : listed) {
        const auto ceiling = wish.ceilings.find(item.code);
        rows.push_back({consent.id, item.code, consent.tenant_id, item.title, item.unit_price, item.unit,
                        ceiling == wish.ceilings.end() ? wish.cap_charge : ceiling->second});
    }
    return rows;
}

std::vector<FieldProblem> misfits(const App& app, const ConsentWish& wish,
                                  const std::vector<ChargeableItem>& listed) {
    std::vector<FieldProblem> problems;
    const auto limit = wish.provider == "wechat" ? app.rules.collection.max_charge_fen_wechat
                                                 : app.rules.collection.max_charge_fen_alipay;
    if (wish.cap_charge.count() > limit)
        problems.push_back({"/cap_charge_fen", "is above the provider's limit of " + std::to_string(limit)});
    if (wish.cap_cycle < wish.cap_charge)
        problems.push_back({"/cap_cycle_fen", "must not be below cap_charge_fen"});
    for (const auto& [code, ceiling] : wish.ceilings)
        if (std::ranges::find(listed, code, &ChargeableItem::code) == listed.end())
            problems.push_back({"/ceilings/" + code, "is not an item that this plan can cost"});
    return problems;
}

io::awaitable<storage::Store::ConsentView> reload(App& app, TenantId tenant, ConsentId id) {
    auto view = co_await app.store.find_consent(tenant, id);
    if (!view) throw Error(Errc::not_found, "there is no such consent");
    co_return std::move(*view);
}

/// Other consents of the subscription that this one replaces.
io::awaitable<void> supersede(App& app, Unit& unit, storage::ConsentRow granted) {
    for (auto& other : co_await app.store.consents(granted.tenant_id)) {
        if (other.id == granted.id || other.subscription_id != granted.subscription_id) continue;
        if (!unit.try_move<ConsentState>(other, ConsentEvent::superseded)) continue;
        other.valid_to = std::min(other.valid_to.value_or(unit.at()), unit.at());
        unit.save(other);
    }
}

io::awaitable<void> open_pending(App& app, Unit& unit, storage::ConsentRow consent) {
    auto subscription = co_await app.store.find_subscription(consent.tenant_id, consent.subscription_id);
    if (!subscription) co_return;
    const auto tenant = co_await app.store.find_tenant(consent.tenant_id);
    if (subscription->state == "PENDING") {
        const auto row = co_await app.store.find_price_list(subscription->price_list_id);
        activate(app, unit, *subscription, tenant.value(), app.price_lists->parsed(row.value()));
    }
    subscription->payment_way = "automatic";
    unit.save(*subscription);
}

}  // namespace

io::awaitable<storage::Store::ConsentView> present_consent(App& app, std::string op_id, std::string actor,
                                                           TenantId tenant_id, ConsentWish wish) {
    app.gateway(wish.provider);
    const auto tenant = co_await app.store.find_tenant(tenant_id);
    const auto subscription = co_await app.store.find_subscription(tenant_id, wish.subscription);
    if (!subscription) throw Error(Errc::not_found, "there is no such subscription");
    const auto list_row = co_await app.store.find_price_list(subscription->price_list_id);
    const auto prices = app.price_lists->parsed(list_row.value());
    const auto add_ons = nlohmann::json::parse(subscription->add_ons).get<std::vector<std::string>>();
    const auto listed = chargeable_items(*prices, subscription->plan_code, add_ons);
    if (auto problems = misfits(app, wish, listed); !problems.empty())
        throw Error(Errc::invalid_value, "", std::move(problems));

    storage::ConsentRow row;
    row.id = id_beside<ConsentId>(tenant_id, "con_", op_id);
    row.tenant_id = tenant_id;
    row.subscription_id = subscription->id;
    row.provider = wish.provider;
    row.cap_charge_fen = wish.cap_charge;
    row.cap_cycle_fen = wish.cap_cycle;
    row.price_list_id = list_row->id;
    row.plan_code = subscription->plan_code;
    row.terms_version = prices->terms.version;
    row.created_at = app.clock.now();
    row.valid_from = row.created_at;
    if (wish.valid_until) row.valid_to = day_start(add_days(*wish.valid_until, 1));
    const auto items = item_rows(row, listed, wish);
    row.text = consent_text(row, items, listed, *tenant, *prices);
    row.text_hash = io::sha256_hex(row.text);
    Unit unit{op_id, row.created_at, actor};
    unit.create<ConsentState>(row, ConsentEvent::presented);
    for (const auto& item : items) unit.insert(item);
    unit.insert(row);
    co_await app.store.commit(unit.take());
    co_return co_await reload(app, tenant_id, row.id);
}

io::awaitable<storage::Store::ConsentView> grant_consent(App& app, std::string op_id, std::string actor,
                                                         TenantId tenant_id, ConsentId id,
                                                         std::string text_hash, std::string member,
                                                         std::string from) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await reload(app, tenant_id, id);
        auto& row = view.consent;
        if (row.text_hash != text_hash)
            throw Error(Errc::conflict, "the confirmed text is not the one that was shown");
        if (row.state == "GRANTED") co_return std::nullopt;
        Unit unit{op_id, app.clock.now(), actor};
        unit.move<ConsentState>(row, ConsentEvent::granted);
        row.granted_by = member;
        row.granted_from = from;
        row.granted_at = unit.at();
        row.valid_from = unit.at();
        co_await supersede(app, unit, row);
        co_await open_pending(app, unit, row);
        unit.save(row);
        co_return unit;
    });
    co_return co_await reload(app, tenant_id, id);
}

io::awaitable<storage::Store::ConsentView> decline_consent(App& app, std::string op_id, std::string actor,
                                                           TenantId tenant_id, ConsentId id) {
    co_await decide_and_commit(app, [&]() -> io::awaitable<std::optional<Unit>> {
        auto view = co_await reload(app, tenant_id, id);
        if (view.consent.state == "DECLINED") co_return std::nullopt;
        Unit unit{op_id, app.clock.now(), actor};
        unit.move<ConsentState>(view.consent, ConsentEvent::declined);
        unit.save(view.consent);
        co_return unit;
    });
    co_return co_await reload(app, tenant_id, id);
}

}  // namespace wefee::server
