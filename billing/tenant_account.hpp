// A tenant's account through time, as a value: periods close as days pass, changes are charged and credited,
// the account credit pays first. Simulation and tests walk it; the server keeps the same facts as rows.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "billing/change.hpp"
#include "billing/correction.hpp"
#include "billing/credit_note.hpp"
#include "billing/invoice_cause.hpp"
#include "billing/invoiced.hpp"
#include "billing/settle.hpp"
#include "billing/usage.hpp"

namespace wefee {

/// Money that a channel reported for an invoice. The first confirmed success is kept; what the invoice has no
/// room for goes back in full.
struct ReportedPayment {
    CivilDay day;
    Provider channel{};
    Fen amount;
    PaymentOutcome outcome{};
    Fen returned;
};

struct IssuedInvoice {
    using Cause = InvoiceCause;
    Cause cause{};
    CivilDay day;    // on which it was issued
    DaySpan period;  // that was closed, or in which the change lies
    RatedPeriod bill;
    InvoiceState state = InvoiceState::final;
    Fen credit_used{};  // paid by account credit
    Fen paid{};         // in cash, and kept
    Fen refunded{};     // of that
    Fen adjusted{};     // by credit notes
    Fen moved{};        // paid, and account credit again since a credit note
    std::vector<ReportedPayment> payments = {};
    Fen received() const { return paid - refunded; }
    Position position() const;
    Fen due() const { return position().due; }
};

struct IssuedCreditNote {
    CivilDay day;
    std::string item_code;
    CreditNote note;
    Fen discount;  // the part of the coupons that went with it
    Fen refunded;  // in cash
    Fen kept;      // as account credit; the rest lowers what is owed
    std::string text;
    std::optional<std::size_t> invoice = {};  // none: of a change, for its unused days
    Fen part = {};                            // of the line, before coupons
};

class TenantAccount {
public:
    /// Begins on the subscription's first day.
    explicit TenantAccount(Subscription subscription);

    /// All days before `day` have passed: periods that ended by then are closed, and what came late after the
    /// end of the last one is billed with its day. Days never go back.
    void reach(CivilDay day);

    /// An event of the open period, in any order. Of a closed period: it is billed as the exact difference
    /// with the open one. The quantity of a percentage price is an amount in yuan. Throws
    /// Error{invalid_value} with pointers.
    void use(UsageEvent event);
    /// What the wish would cost from the current day, or from the end of the period (nothing now).
    ChangeBill quote(const TermsWish& wish, bool at_period_end) const;
    /// Does it: what is due becomes an invoice, what is given back account credit.
    ChangeBill change(const TermsWish& wish, bool at_period_end);
    /// Orders so many of a one-off item: charged at once, whole.
    void order(const std::string& one_off, std::int64_t quantity);
    /// Ends with the current day, with credits for the days billed in advance; or with the period.
    ChangeBill cancel(bool at_period_end);

    /// History rewritten: from each day on what its wish names holds instead. What all bills so far should
    /// have come to, less what they did come to, is one invoice; below zero it becomes account credit.
    RatedPeriod correct(const std::vector<CorrectedTerms>& terms);

    void grant(Fen credit) { balance_ += credit; }
    /// What the channel says it took for the invoice, settled as the server settles it.
    const ReportedPayment& pay(std::size_t invoice, Provider channel, Fen amount);
    /// Cash back without an adjustment: the invoice is owed again (R7).
    void refund(std::size_t invoice, Fen amount);
    /// One transfer over open invoices, oldest first; what is left over becomes account credit. Per invoice.
    std::vector<Fen> transfer(Fen amount);
    /// A note for `part` of a line, discounts and tax included. `in_cash`: as far as R7 allows, else all of
    /// what was paid for it becomes account credit.
    const IssuedCreditNote& credit(std::size_t invoice, std::string_view line_code, Fen part,
                                   bool in_cash = true);

    const Subscription& subscription() const { return subscription_; }
    CivilDay today() const { return today_; }
    Fen balance() const { return balance_; }
    const std::vector<IssuedInvoice>& invoices() const { return invoices_; }
    /// Throws Error{invalid_value} when there is no such invoice yet.
    const IssuedInvoice& invoice(std::size_t index) const;
    const std::vector<IssuedCreditNote>& credit_notes() const { return credit_notes_; }
    /// The open period's cost so far, by the rating of its invoice. No lines after the end.
    RatedPeriod running_cost() const;

private:
    /// Whether the fees in advance of the period from `start` wait for the end of a trial, where that is
    /// settled already.
    struct KnownAdvance {
        CivilDay start;
        bool waits;
    };
    TenantAccount(Subscription subscription, std::optional<KnownAdvance> known);
    bool advance_waits_at(CivilDay start) const;
    void bill_advance();
    void end_trial(CivilDay by);
    void close_period();
    void issue(IssuedInvoice::Cause cause, DaySpan period, RatedPeriod bill);
    void follow(const Subscription& after);
    ChangeBill settle(const Subscription& after, CivilDay from);
    CivilDay day_of(bool at_period_end) const { return at_period_end ? period_.end : today_; }

    using Levels = std::map<std::string, Quantity>;
    struct ClosedPeriod {
        DaySpan period;
        std::vector<UsageEvent> events;
        Levels levels;  // of time-weighted meters when it began
    };
    const Meter& meter_of(const std::string& code, CivilDay day) const;
    PeriodUsage usage_of(DaySpan period, const std::vector<UsageEvent>& events, const Levels& levels) const;
    void check_thresholds();
    void keep(DaySpan period, const CreditNote& kept);
    std::vector<LateUsage> late_usage() const;
    void settle_late(const RatedPeriod& bill);
    void bill_late();
    IssuedInvoice& invoice_at(std::size_t index);
    TenantAccount replayed(Subscription rewritten) const;

    /// One of the bills that together are what the terms have cost so far. After a correction: as they should
    /// have been.
    struct Book {
        IssuedInvoice::Cause cause{};
        DaySpan period;
        RatedPeriod bill;
    };
    /// What thresholds invoiced of the open period, which its own bill takes off.
    bool is_open_part(const Book& book) const;
    /// Without the open period's parts.
    RatedPeriod billed_by_item() const;
    Subscription subscription_;
    CivilDay today_;
    DaySpan period_;
    bool over_ = false;
    bool next_is_billed_ = false;
    bool advance_waits_ =
        false;  // the open period's fees in advance: until the trial that it began in is over
    std::optional<KnownAdvance> known_;  // of the last period, while history is lived again
    std::vector<UsageEvent> events_;
    Levels levels_;  // when the open period began
    std::map<CivilDay, std::set<std::string>>
        late_;  // meters with late usage that no bill has yet, by closed period
    std::vector<BilledItem> billed_;
    std::vector<ClosedPeriod> closed_;
    std::vector<Book> books_;
    std::vector<RatedPeriod> parts_;  // of the open period, invoiced at thresholds
    std::vector<IssuedInvoice> invoices_;
    std::vector<IssuedCreditNote> credit_notes_;
    Fen balance_;
};

}  // namespace wefee
