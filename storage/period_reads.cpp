// Periods by the page: some queries for all of them, whatever their number, in one snapshot.
#include <algorithm>
#include <limits>
#include <map>
#include <ranges>
#include <set>
#include <stdexcept>
#include <utility>

#include "storage/parts.hpp"
#include "storage/usage_reads.hpp"

namespace wefee::storage {
namespace {

using Views = std::vector<std::optional<PeriodView>>;

/// Rows whose `column` is one of `keys` and for which `rest` holds; `more` are the parameters of that.
template <class Row, class Key>
std::vector<Row> rows_in(sql::Connection& db, const std::string& column, const std::vector<Key>& keys,
                         const std::string& rest = {}, const RowValues& more = {}) {
    if (keys.empty()) return {};
    RowValues parameters;
    const auto tail = "WHERE " + column + " IN " + in_list(keys, parameters) + rest;
    parameters.insert(parameters.end(), more.begin(), more.end());
    return rows_of<Row>(db, tail, parameters);
}

/// The values of a map for keys that come in runs: one like the last is not looked for again.
template <class Key, class Value>
class Runs {
public:
    explicit Runs(std::map<Key, Value>& map) : map_(map), last_(map.end()) {}
    Value& at(const Key& key) {
        if (last_ == map_.end() || last_->first != key) last_ = map_.find(key);
        if (last_ == map_.end()) throw std::logic_error("a row of " + key.text() + " was not asked for");
        return last_->second;
    }

private:
    std::map<Key, Value>& map_;
    typename std::map<Key, Value>::iterator last_;
};

/// Tenant, terms and price lists of these.
void load_terms(sql::Connection& db, const std::vector<TermsView*>& views) {
    std::map<SubscriptionId, TermsView*> by_subscription;
    std::vector<SubscriptionId> ids;
    std::vector<TenantId> tenants;
    for (auto* view : views) {
        by_subscription[view->subscription.id] = view;
        ids.push_back(view->subscription.id);
        tenants.push_back(view->subscription.tenant_id);
    }
    for (auto& row : rows_in<SubscriptionTermsRow>(db, "t.subscription_id", ids,
                                                   " ORDER BY t.subscription_id, t.revision, t.from_day"))
        by_subscription.at(row.subscription_id)->terms.push_back(std::move(row));
    std::map<PriceListId, PriceListRow> lists;
    for (const auto* view : views) {
        lists[view->subscription.price_list_id];
        for (const auto& terms : view->terms) lists[terms.price_list_id];
    }
    std::vector<PriceListId> list_ids;
    for (const auto& [id, row] : lists) list_ids.push_back(id);
    for (auto& row : rows_in<PriceListRow>(db, "t.id", list_ids)) lists[row.id] = std::move(row);
    std::map<TenantId, TenantRow> owners;
    for (auto& row : rows_in<TenantRow>(db, "t.id", tenants)) owners[row.id] = std::move(row);
    for (auto* view : views) {
        view->tenant = owners[view->subscription.tenant_id];
        view->price_list = lists.at(view->subscription.price_list_id);
        if (view->tenant.id.empty() || view->price_list.id.empty())
            throw std::logic_error("subscription " + view->subscription.id.text() +
                                   " lacks its tenant or price list");
        std::set<PriceListId> named;
        for (const auto& terms : view->terms)
            if (terms.price_list_id != view->price_list.id && named.insert(terms.price_list_id).second)
                view->price_lists.push_back(lists.at(terms.price_list_id));
    }
}

/// The first day that is not billed yet.
CivilDay open_from(const SubscriptionRow& subscription) {
    return subscription.state == "ENDED" ? subscription.period_end : subscription.period_start;
}

/// The views under construction, and the ways to them.
class Page {
public:
    Page(sql::Connection& db, const std::vector<SubscriptionId>& asked, std::optional<CivilDay> period_start,
         Views& views)
        : db_(db), period_start_(period_start), views_(views) {
        for (auto& row : rows_in<SubscriptionRow>(db, "t.id", asked)) {
            auto& view = by_subscription_[row.id];
            ids_.push_back(row.id);
            by_tenant_[row.tenant_id].push_back(&view);
            view.subscription = std::move(row);
            of_start_[start_of(view)].push_back(&view);
        }
        for (const auto& [id, of_tenant] : by_tenant_) tenants_.push_back(id);
    }

    void load(const NeedsOf& needs) {
        std::vector<TermsView*> all;
        for (auto& [id, view] : by_subscription_) all.push_back(&view);
        load_terms(db_, all);
        for (auto& row :
             rows_in<SeatChangeRow>(db_, "t.subscription_id", ids_, " ORDER BY t.subscription_id, t.seq"))
            by_subscription_.at(row.subscription_id).seats.push_back(std::move(row));
        for (const auto& [start, views] : of_start_) load_usage(start, views);
        load_budgets();
        load_consents();
        load_credits();
        load_parts();
        for (auto& [id, view] : by_subscription_) load_needs(db_, view, start_of(view), needs);
        if (!period_start_) load_late_usage(needs);
    }

    void give(const std::vector<SubscriptionId>& asked) {
        for (const auto& id : asked) {
            const auto found = by_subscription_.find(id);
            views_.push_back(found == by_subscription_.end() ? std::nullopt
                                                             : std::optional(std::move(found->second)));
        }
    }

private:
    CivilDay start_of(const PeriodView& view) const {
        return period_start_.value_or(view.subscription.period_start);
    }

    void load_usage(CivilDay start, const std::vector<PeriodView*>& views) {
        std::vector<TenantId> tenants;
        for (const auto* view : views) tenants.push_back(view->tenant.id);
        Runs places{by_tenant_};
        for (auto& row : rows_in<UsageTotalRow>(db_, "t.tenant_id", tenants,
                                                " AND t.period_start=? ORDER BY t.tenant_id, t.meter, t.day",
                                                values(start))) {
            const auto& own = places.at(row.tenant_id);
            const auto add = [&](PeriodView& view, auto&& usage) {
                if (start_of(view) == start) view.usage.push_back(std::forward<decltype(usage)>(usage));
            };
            for (auto* view : own | std::views::take(own.size() - 1)) add(*view, row);
            add(*own.back(), std::move(row));
        }
    }

    void load_budgets() {
        std::map<CivilDay, std::vector<SubscriptionId>> watched;
        for (const auto& row : rows_in<BudgetRow>(db_, "t.tenant_id", tenants_))
            for (auto* view : by_tenant_.at(row.tenant_id)) {
                view->budget = row;
                watched[start_of(*view)].push_back(view->subscription.id);
            }
        for (const auto& [start, ids] : watched)
            for (auto& row : rows_in<BudgetEventRow>(
                     db_, "t.subscription_id", ids,
                     " AND t.period_start=? ORDER BY t.subscription_id, t.percent", values(start)))
                by_subscription_.at(row.subscription_id).budget_events.push_back(std::move(row));
    }

    /// Of several the newest; of the mandates an active one first.
    void load_consents() {
        std::map<ConsentId, PeriodView*> by_consent;
        for (auto& row :
             rows_in<ConsentRow>(db_, "t.subscription_id", ids_,
                                 " AND t.state='GRANTED' ORDER BY t.granted_at DESC, t.id DESC")) {
            auto& view = by_subscription_.at(row.subscription_id);
            if (view.consent) continue;
            by_consent[row.id] = &view;
            view.consent = std::move(row);
        }
        std::vector<ConsentId> consents;
        for (const auto& [id, view] : by_consent) consents.push_back(id);
        Runs owners{by_consent};
        for (auto& row :
             rows_in<ConsentItemRow>(db_, "t.consent_id", consents, " ORDER BY t.consent_id, t.item_code"))
            owners.at(row.consent_id)->items.push_back(std::move(row));
        for (auto& row : rows_in<MandateRow>(
                 db_, "t.consent_id", consents,
                 " AND t.state IN ('ACTIVE', 'SUSPENDED') ORDER BY t.state, t.created_at DESC")) {
            auto& mandate = by_consent.at(row.consent_id)->mandate;
            if (!mandate) mandate = std::move(row);
        }
    }

    void load_credits() {
        for (const auto& row : rows_in<AccountCreditRow>(db_, "t.tenant_id", tenants_))
            for (auto* view : by_tenant_.at(row.tenant_id)) view->credit = row;
    }

    /// What was invoiced within the open period, and whether a change has charged the one after it.
    void load_parts() {
        if (ids_.empty()) return;
        // Not joined with the subscriptions: for that MariaDB reads all invoices there are.
        std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = 0;
        for (const auto& [id, view] : by_subscription_) {
            first = std::min(first, view.subscription.cycle);
            last = std::max(last, view.subscription.cycle + 1);
        }
        std::map<InvoiceId, PeriodView*> by_invoice;
        std::vector<InvoiceId> invoices;
        for (auto& row :
             rows_in<InvoiceRow>(db_, "t.subscription_id", ids_,
                                 " AND t.part>0 AND t.cycle BETWEEN ? AND ? AND t.state<>'VOIDED' "
                                 "ORDER BY t.subscription_id, t.cycle, t.part",
                                 values(first, last))) {
            auto& view = by_subscription_.at(row.subscription_id);
            const auto cycle = view.subscription.cycle;
            if (row.cycle == cycle + 1) {
                view.next_is_billed = view.next_is_billed || row.cause == "change";
            } else if (row.cycle == cycle && !period_start_) {
                by_invoice[row.id] = &view;
                invoices.push_back(row.id);
                view.parts.push_back({std::move(row), {}});
            }
        }
        for (auto& row :
             rows_in<InvoiceLineRow>(db_, "t.invoice_id", invoices, " ORDER BY t.invoice_id, t.position")) {
            auto& parts = by_invoice.at(row.invoice_id)->parts;
            std::ranges::find(parts, row.invoice_id, [](const Bill& bill) {
                return bill.invoice.id;
            })->lines.push_back(std::move(row));
        }
    }

    void load_late_usage(const NeedsOf& needs) {
        std::set<std::pair<TenantId, CivilDay>> periods;
        for (const auto& row : rows_in<UsageLateRow>(db_, "t.tenant_id", tenants_, " AND t.waits=1"))
            periods.emplace(row.tenant_id, row.period_start);
        for (const auto& [tenant, start] : periods)
            for (auto* view : by_tenant_.at(tenant))
                if (start < open_from(view->subscription)) load_late(db_, *view, start, needs);
    }

    sql::Connection& db_;
    std::optional<CivilDay> period_start_;
    Views& views_;
    std::map<SubscriptionId, PeriodView> by_subscription_;
    std::map<TenantId, std::vector<PeriodView*>> by_tenant_;
    std::map<CivilDay, std::vector<PeriodView*>> of_start_;
    std::vector<SubscriptionId> ids_;
    std::vector<TenantId> tenants_;
};

}  // namespace

TermsView terms_of(sql::Connection& db, SubscriptionRow subscription) {
    TermsView view;
    view.subscription = std::move(subscription);
    load_terms(db, {&view});
    return view;
}

awaitable<std::vector<std::optional<PeriodView>>> Store::load_periods(std::vector<SubscriptionId> ids,
                                                                      std::optional<CivilDay> period_start,
                                                                      NeedsOf needs) {
    return parts_->read<Views>(
        [ids = std::move(ids), period_start, needs = std::move(needs)](sql::Connection& db, Views& views) {
            in_snapshot(db, [&] {
                Page page(db, ids, period_start, views);
                page.load(needs);
                page.give(ids);
            });
        });
}

awaitable<std::optional<PeriodView>> Store::load_period(SubscriptionId id,
                                                        std::optional<CivilDay> period_start, NeedsOf needs) {
    auto views = co_await load_periods(std::vector{std::move(id)}, period_start, std::move(needs));
    co_return std::move(views.front());
}

}  // namespace wefee::storage
