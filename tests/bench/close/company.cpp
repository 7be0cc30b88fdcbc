// Rows of one company. States are walked through the machines, so that the audit has every step.
#include "tests/bench/close/company.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "billing/machines.hpp"
#include "billing/rating.hpp"
#include "io/crypto.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/terms.hpp"
#include "server/flows/unit.hpp"

namespace wefee::bench {

namespace {

constexpr Fen cap{100'000'000};
const Instant opened = day_start(period_start) + std::chrono::hours{9};
const std::array<std::string, 3> meters{"messages", "calls", "storage"};

using Json = nlohmann::json;

Json tiers_of(const std::string& meter) {
    return {{"meter", meter},
            {"model", "graduated"},
            {"tiers",
             {{{"up_to", "1000"}, {"unit_price_micro_yuan", 60'000}},
              {{"up_to", "5000"}, {"unit_price_micro_yuan", 50'000}},
              {{"unit_price_micro_yuan", 35'000}}}}};
}

std::string price_list_text() {
    Json list{
        {"title", "月结基准 价目表"},
        {"effective_from", "2026-09-01"},
        {"features", {{{"code", "crm"}, {"title", "客户管理"}, {"chargeable", true}}}},
        {"modules",
         {{{"code", "crm"}, {"title", "客户管理"}, {"features", {"crm"}}, {"price_micro_yuan", 99'000'000}}}},
        {"meters", Json::array()},
        {"plans",
         {{{"code", "pro"},
           {"title", "专业版"},
           {"modules", {"crm"}},
           {"months", 1},
           {"price_micro_yuan", 300'000'000},
           {"included_seats", 50},
           {"usage", Json::array()}},
          {{"code", "free"},
           {"title", "体验版"},
           {"modules", {"crm"}},
           {"months", 1},
           {"price_micro_yuan", 0},
           {"included_seats", 50},
           {"usage", Json::array()}}}},
        {"terms", {{"version", "2026-09"}, {"text", "按月后付;用量按分层计价。"}}},
        {"refund_policy", "多收的款项原路退回。"}};
    for (const auto& meter : meters) {
        list["meters"].push_back(
            {{"code", meter}, {"title", "用量 " + meter}, {"unit", "次"}, {"aggregation", "sum"}});
        list["plans"][0]["usage"].push_back(tiers_of(meter));
    }
    return server::print_price_list(server::parse_price_list(list.dump()));
}

std::string name_of(std::size_t number) { return fmt::format("{:08}", number); }

storage::TenantRow tenant_row(std::size_t number) {
    const auto name = name_of(number);
    return {TenantId{"ten_" + io::sha256_hex(name).substr(0, 20)},
            "wpbench" + name,
            "公司 " + name,
            1,
            8,
            false,
            opened,
            1};
}

storage::SubscriptionRow subscription_row(std::size_t number, const CompanyPlan& plan) {
    storage::SubscriptionRow row;
    row.tenant_id = tenant_row(number).id;
    row.id = server::id_beside<SubscriptionId>(row.tenant_id, "sub_", name_of(number));
    row.price_list_id = price_list().id;
    row.plan_code = plan.code;
    row.add_ons = "[]";
    row.seats = 20;
    row.payment_way = plan.deducted ? "automatic" : "manual";
    row.started_on = row.period_start = period_start;
    row.period_end = period_end;
    row.anchor_day = 1;
    row.cycle = 1;
    row.created_at = opened;
    return row;
}

storage::SeatChangeRow seats_row(std::size_t number, const CompanyPlan& plan) {
    const auto subscription = subscription_row(number, plan);
    return {subscription.id, subscription.tenant_id, 1, period_start, subscription.seats, "api", opened};
}

storage::ConsentRow consent_row(std::size_t number, const CompanyPlan& plan) {
    const auto subscription = subscription_row(number, plan);
    storage::ConsentRow row;
    row.tenant_id = subscription.tenant_id;
    row.id = server::id_beside<ConsentId>(row.tenant_id, "con_", name_of(number));
    row.subscription_id = subscription.id;
    row.provider = "wechat";
    row.cap_charge_fen = row.cap_cycle_fen = cap;
    row.price_list_id = subscription.price_list_id;
    row.plan_code = subscription.plan_code;
    row.terms_version = "2026-09";
    row.text = "每月自动扣费";
    row.text_hash = io::sha256_hex(row.text);
    row.granted_from = "{}";
    row.granted_at = row.valid_from = row.created_at = opened;
    return row;
}

std::vector<storage::ConsentItemRow> item_rows(const storage::ConsentRow& consent) {
    static const auto prices = server::parse_price_list(price_list().body);
    std::vector<storage::ConsentItemRow> rows;
    for (const auto& item : chargeable_items(prices, consent.plan_code, {}))
        rows.push_back(
            {consent.id, item.code, consent.tenant_id, item.title, item.unit_price, item.unit, cap});
    return rows;
}

storage::MandateRow mandate_row(std::size_t number, const storage::ConsentRow& consent) {
    storage::MandateRow row;
    row.tenant_id = consent.tenant_id;
    row.id = server::id_beside<MandateId>(row.tenant_id, "man_", name_of(number));
    row.consent_id = consent.id;
    row.provider = consent.provider;
    row.mchid = "1900009191";
    row.our_number = "M" + name_of(number);
    row.serial = 1;
    row.contract_id = "2026" + name_of(number);
    row.payer = "payer" + name_of(number);
    row.signed_at = row.created_at = opened;
    return row;
}

}  // namespace

storage::PriceListRow price_list() {
    static const auto row = [] {
        storage::PriceListRow list;
        list.id = PriceListId{"prl_close"};
        list.number = 1;
        list.status = "published";
        list.effective_from = std::chrono::year{2026} / 9 / 1;
        list.body = price_list_text();
        list.body_hash = io::sha256_hex(list.body);
        list.created_by = "operator:bench";
        list.created_at = opened;
        list.published_at = opened;
        return list;
    }();
    return row;
}

storage::Changes price_list_founding() {
    server::Unit unit{"op_list", opened, "operator:bench"};
    unit.insert(price_list());
    return unit.take();
}

storage::Changes company_founding(std::size_t number, const CompanyPlan& plan) {
    server::Unit unit{"op_found_" + name_of(number), opened, "system"};
    auto subscription = subscription_row(number, plan);
    unit.insert(tenant_row(number));
    unit.create<SubscriptionState>(subscription, SubscriptionEvent::created);
    unit.move<SubscriptionState>(subscription, SubscriptionEvent::activated);
    unit.insert(seats_row(number, plan));
    server::write_first_terms(unit, subscription);
    unit.schedule(server::task::close_period, subscription.id.text(), subscription.tenant_id, close_time);
    unit.insert(subscription);
    if (!plan.deducted) return unit.take();
    auto consent = consent_row(number, plan);
    for (auto& item : item_rows(consent)) unit.insert(std::move(item));
    auto mandate = mandate_row(number, consent);
    unit.create<ConsentState>(consent, ConsentEvent::presented);
    unit.move<ConsentState>(consent, ConsentEvent::granted);
    unit.create<MandateState>(mandate, MandateEvent::created);
    unit.move<MandateState>(mandate, MandateEvent::signing_started);
    unit.move<MandateState>(mandate, MandateEvent::contract_signed);
    unit.insert(std::move(consent));
    unit.insert(std::move(mandate));
    return unit.take();
}

std::vector<storage::UsageTotalRow> company_usage(std::size_t number, const CompanyPlan& plan) {
    std::vector<storage::UsageTotalRow> rows;
    const auto whole = 6'000 + static_cast<std::int64_t>(number % 1'000);
    for (const auto& meter : meters)
        for (int day = 0; day < plan.usage_days; ++day) {
            const auto quantity = whole / plan.usage_days + (day == 0 ? whole % plan.usage_days : 0);
            rows.push_back({tenant_row(number).id, meter, period_start, add_days(period_start, day),
                            quantity * 1'000'000, 40});
        }
    return rows;
}

storage::PeriodView company_view(std::size_t number, const CompanyPlan& plan) {
    storage::PeriodView view;
    view.tenant = tenant_row(number);
    view.subscription = subscription_row(number, plan);
    view.price_list = price_list();
    view.seats = {seats_row(number, plan)};
    view.usage = company_usage(number, plan);
    return view;
}

}  // namespace wefee::bench
