// Reads of usage: totals, facts, and what a price needs of them.
#include "storage/usage_reads.hpp"

#include <algorithm>

#include "storage/usage_facts.hpp"

namespace wefee::storage {

UsageFact::UsageFact(UsageEventRow fact) : UsageFact(std::move(fact), Aggregation::sum) {}
UsageFact::UsageFact(UsageEventRow fact, Aggregation by) : row(std::move(fact)), aggregation(by) {}

namespace {

constexpr std::size_t page = 2'000;

std::int64_t level_before(sql::Connection& db, const UsagePlace& place) {
    std::int64_t level = 0;
    db.query(
        "SELECT COALESCE(SUM(quantity_micro), 0) FROM usage_total WHERE tenant_id=? AND meter=? AND "
        "period_start<?",
        values(place.tenant_id, place.meter, place.period_start),
        [&](std::span<const sql::Value> row) { level = as_int(row[0]); });
    return level;
}

std::vector<DayAmount> transactions_of(sql::Connection& db, const UsagePlace& place) {
    std::vector<DayAmount> amounts;
    auto after = before_all();
    for (std::size_t read = page; read == page;) {
        const auto rows = facts_in_order(db, place, after, page, "");
        read = rows.size();
        for (const auto& row : rows) amounts.push_back({row.day, row.quantity_micro});
        if (!rows.empty()) after = order_of(rows.back());
    }
    return amounts;
}

void fill(sql::Connection& db, UsageView& usage, const TenantId& tenant, CivilDay start,
          const PeriodNeeds& needs) {
    for (const auto& meter : needs.levels) usage.levels[meter] = level_before(db, {tenant, meter, start});
    for (const auto& meter : needs.transactions)
        usage.transactions[meter] = transactions_of(db, {tenant, meter, start});
}

/// What any plan of the subscription's terms needs.
PeriodNeeds needs_of(const PeriodView& view, const NeedsOf& needs) {
    PeriodNeeds all;
    if (!needs) return all;
    const auto add = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
        for (const auto& meter : from)
            if (std::ranges::find(to, meter) == to.end()) to.push_back(meter);
    };
    const auto list_of = [&](const PriceListId& id) -> const PriceListRow& {
        if (id == view.price_list.id) return view.price_list;
        const auto list = std::ranges::find(view.price_lists, id, &PriceListRow::id);
        if (list == view.price_lists.end())
            throw std::logic_error("price list " + id.text() + " was not loaded");
        return *list;
    };
    const auto add_plan = [&](const PriceListRow& list, const std::string& plan) {
        const auto one = needs(list, plan);
        add(all.levels, one.levels);
        add(all.transactions, one.transactions);
    };
    add_plan(view.price_list, view.subscription.plan_code);
    for (const auto& terms : view.terms) add_plan(list_of(terms.price_list_id), terms.plan_code);
    return all;
}

std::optional<LateView> late_view(sql::Connection& db, const SubscriptionRow& subscription, CivilDay start,
                                  const PeriodNeeds& needs) {
    LateView view;
    auto invoice =
        row_of<InvoiceRow>(db,
                           "WHERE t.subscription_id=? AND t.period_start=? AND t.cycle>0 AND t.part=0 "
                           "ORDER BY t.created_at DESC LIMIT 1",
                           values(subscription.id, start));
    if (!invoice) return std::nullopt;
    view.lines = rows_of<InvoiceLineRow>(db,
                                         "JOIN invoice i ON i.id=t.invoice_id WHERE i.subscription_id=? AND "
                                         "i.cycle=? AND (i.part=0 OR i.cause='threshold') AND "
                                         "i.state<>'VOIDED' ORDER BY i.part, t.position",
                                         values(invoice->subscription_id, invoice->cycle));
    const auto of_period = values(subscription.tenant_id, start);
    view.late =
        rows_of<UsageLateRow>(db, "WHERE t.tenant_id=? AND t.period_start=? ORDER BY t.meter", of_period);
    view.usage.totals = rows_of<UsageTotalRow>(
        db, "WHERE t.tenant_id=? AND t.period_start=? ORDER BY t.meter, t.day", of_period);
    fill(db, view.usage, subscription.tenant_id, start, needs);
    view.invoice = std::move(*invoice);
    return view;
}

}  // namespace

void load_needs(sql::Connection& db, PeriodView& view, CivilDay period_start, const NeedsOf& needs) {
    fill(db, view.needed, view.subscription.tenant_id, period_start, needs_of(view, needs));
}

void load_late(sql::Connection& db, PeriodView& view, CivilDay period_start, const NeedsOf& needs) {
    if (auto one = late_view(db, view.subscription, period_start, needs_of(view, needs)))
        view.late.push_back(std::move(*one));
}

awaitable<std::vector<UsageTotalRow>> Store::usage_totals(TenantId tenant, CivilDay period_start) {
    return parts_->many<UsageTotalRow>("WHERE t.tenant_id=? AND t.period_start=? ORDER BY t.meter, t.day",
                                       values(tenant, period_start));
}

awaitable<std::vector<UsageDimensionRow>> Store::usage_dimensions(TenantId tenant, CivilDay period_start) {
    return parts_->many<UsageDimensionRow>(
        "WHERE t.tenant_id=? AND t.period_start=? ORDER BY t.meter, t.day, t.dimension, t.value",
        values(tenant, period_start));
}

awaitable<std::vector<UsageEventRow>> Store::usage_events(TenantId tenant, std::string meter,
                                                          CivilDay period_start, std::size_t limit,
                                                          std::string after_event_id) {
    const auto count = static_cast<std::int64_t>(limit);
    if (after_event_id.empty())
        return parts_->many<UsageEventRow>(
            "WHERE t.tenant_id=? AND t.meter=? AND t.period_start=? ORDER BY t.occurred_at, t.sequence, "
            "t.event_id LIMIT ?",
            values(tenant, meter, period_start, count));
    return parts_->many<UsageEventRow>(
        "JOIN usage_event b ON b.tenant_id=t.tenant_id AND b.event_id=? WHERE t.tenant_id=? AND t.meter=? "
        "AND "
        "t.period_start=? AND (t.occurred_at>b.occurred_at OR (t.occurred_at=b.occurred_at AND "
        "(t.sequence>b.sequence OR "
        "(t.sequence=b.sequence AND t.event_id>b.event_id)))) ORDER BY t.occurred_at, t.sequence, t.event_id "
        "LIMIT ?",
        values(after_event_id, tenant, meter, period_start, count));
}

awaitable<std::vector<UsageEventRow>> Store::newest_usage(TenantId tenant,
                                                          std::vector<std::string> event_ids) {
    using Rows = std::vector<UsageEventRow>;
    return parts_->read<Rows>([tenant, ids = std::move(event_ids)](sql::Connection& db, Rows& rows) {
        in_snapshot(db, [&] {
            for (const auto& id : ids)
                if (auto row = newest_fact_of(db, tenant, id, "")) rows.push_back(std::move(*row));
        });
    });
}

}  // namespace wefee::storage
