// History rewritten: the account is lived again under the terms that should have held, with the same events
// on the same days. What its bills come to, less what was billed, is the correction; what thresholds invoiced
// of the open period stands until that period's next bill looks at the whole of it.
#include <algorithm>

#include "billing/invoiced.hpp"
#include "billing/order.hpp"
#include "billing/tenant_account.hpp"

namespace wefee {

TenantAccount TenantAccount::replayed(Subscription subscription) const {
    std::vector<UsageEvent> events;
    for (const auto& closed : closed_)
        events.insert(events.end(), closed.events.begin(), closed.events.end());
    events.insert(events.end(), events_.begin(), events_.end());
    sort_steadily(events, [](const UsageEvent& event) { return civil_day(event.occurred_at); });
    TenantAccount account{std::move(subscription), KnownAdvance{period_.start, advance_waits_}};
    for (auto& event : events) {
        account.reach(std::clamp(civil_day(event.occurred_at), account.today_, today_));
        account.use(std::move(event));
    }
    account.reach(today_);
    return account;
}

bool TenantAccount::is_open_part(const Book& book) const {
    return !over_ && book.cause == IssuedInvoice::Cause::threshold && book.period == period_;
}

RatedPeriod TenantAccount::billed_by_item() const {
    std::vector<RatedPeriod> bills;
    for (const auto& book : books_)
        if (!is_open_part(book)) bills.push_back(book.bill);
    return joined(bills, JoinBy::item);
}

RatedPeriod TenantAccount::correct(const std::vector<CorrectedTerms>& terms) {
    auto account = replayed(rewritten(subscription_, terms, today_));
    auto bill = correction(account.billed_by_item(), billed_by_item());
    std::erase_if(account.books_, [&](const Book& book) { return account.is_open_part(book); });
    std::ranges::copy_if(books_, std::back_inserter(account.books_),
                         [&](const Book& book) { return is_open_part(book); });
    account.parts_ = std::move(parts_);
    account.invoices_ = std::move(invoices_);
    account.credit_notes_ = std::move(credit_notes_);
    account.balance_ = balance_;
    *this = std::move(account);
    known_.reset();
    if (!bill.lines.empty()) issue(IssuedInvoice::Cause::correction, period_, bill);
    end_trial(today_);
    return bill;
}

}  // namespace wefee
