// The store: what flows need to remember, named after needs. One implementation over sql::Engine serves
// SQLite and MySQL/MariaDB; both pass the same contract tests.
//
// Threads: every method may be called from any loop; it resumes on the caller's executor. Reads take a pooled
// connection; writes go through the group-commit writer and resume after COMMIT.
// Errors: throws Unavailable when the database is away, the queue is full or a commit's result stays unknown
// (nothing may be acknowledged then); throws sql::Error{broken} for bugs.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "io/async.hpp"
#include "storage/changes.hpp"
#include "storage/rows.hpp"
#include "storage/sql.hpp"

namespace wefee {
enum class Aggregation;
}

namespace wefee::storage {

using io::awaitable;

struct Unavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct StoreOptions {
    std::string url;  // sqlite:///path, mysql://user@host:3306/db, mysql://user@/db?socket=/path
    std::string password;
    std::size_t readers = 4;
    std::size_t writers = 1;       // of work, MySQL only; SQLite has one for all
    std::size_t queue_max = 1024;  // waiting writes; beyond it Unavailable at once
    std::size_t batch_max = 128;
    bool group_commit = true;  // off: one transaction a job (for measuring)
    std::chrono::milliseconds lease{30'000};
    std::string owner;  // this process, for leases
};

struct OrderNumber {
    std::string provider;
    std::string mchid;
    std::string out_trade_no;
};

/// What a settlement decides on.
struct SettlementView {
    AttemptRow attempt;
    ChargeRow charge;
    InvoiceRow invoice;
    std::optional<ConsentCycleRow> consent_cycle;
    bool other_charge_open = false;  // another charge of the invoice, planned or under way
    std::string service_state;       // of the invoice's subscription; empty when it has none
};

/// What a step of a charge decides on.
struct ChargeView {
    TenantRow tenant;
    ChargeRow charge;
    InvoiceRow invoice;
    std::vector<InvoiceLineRow> lines;
    std::optional<ConsentRow> consent;
    std::vector<ConsentItemRow> items;
    std::optional<ConsentCycleRow> consent_cycle;
    std::optional<MandateRow> mandate;
    std::vector<AttemptRow> attempts;        // of this charge, oldest first
    std::optional<AttemptRow> open_attempt;  // of this invoice, over all charges
    std::vector<KillSwitchRow> stops;        // those that concern it
};

/// What a price needs of a period beside its day totals, by meter code.
struct PeriodNeeds {
    std::vector<std::string> levels;        // time-weighted meters: the level at the period's start
    std::vector<std::string> transactions;  // percentage prices: the events in order
};
/// What the plan of a price list needs. Called on a storage thread.
using NeedsOf = std::function<PeriodNeeds(const PriceListRow& list, const std::string& plan_code)>;

struct DayAmount {
    CivilDay day{};
    std::int64_t quantity_micro = 0;
};

/// One period's usage.
struct UsageView {
    std::vector<UsageTotalRow> totals;                           // of all meters, or of the one asked for
    std::map<std::string, std::int64_t> levels;                  // by meter, 10^-6
    std::map<std::string, std::vector<DayAmount>> transactions;  // by meter, in order
};

/// A closed period with facts that no invoice has yet.
struct LateView {
    InvoiceRow invoice;                 // of that period
    std::vector<InvoiceLineRow> lines;  // of that invoice, and of those at thresholds before it
    std::vector<UsageLateRow> late;     // what waits, and what was billed since
    UsageView usage;                    // late facts included
};

/// A subscription with its terms through time.
struct TermsView {
    TenantRow tenant;
    SubscriptionRow subscription;
    PriceListRow price_list;                  // of now
    std::vector<SubscriptionTermsRow> terms;  // all, by revision and day
    std::vector<PriceListRow> price_lists;    // that `terms` name beside it
};

/// An invoice as it was billed.
struct Bill {
    InvoiceRow invoice;
    std::vector<InvoiceLineRow> lines;
};

/// What a period's close, a running cost or a preview is rated from.
struct PeriodView : TermsView {
    std::vector<SeatChangeRow> seats;   // all, in the order in which they were made
    std::vector<UsageTotalRow> usage;   // of the asked period
    UsageView needed;                   // of the asked period: levels and transactions only
    std::vector<LateView> late;         // of the open period only, or of a subscription that has ended
    std::optional<ConsentRow> consent;  // the granted one
    std::vector<ConsentItemRow> items;
    std::optional<MandateRow> mandate;  // active or suspended one of that consent
    std::optional<BudgetRow> budget;
    std::vector<BudgetEventRow> budget_events;  // of the asked period, rising
    std::optional<AccountCreditRow> credit;
    std::vector<Bill> parts;      // of the open period only: invoiced within it, by part
    bool next_is_billed = false;  // a change that began the next period has charged it
};

/// What was billed for some periods of a subscription, and given back.
struct BilledView {
    std::vector<Bill> bills;  // in the order in which they were made
    std::vector<CreditNoteRow> credit_notes;
    std::vector<CorrectionRow> corrections;  // in the order in which they were made
};

/// What an operator asked for, who decided, and what came of it.
struct ApprovalView {
    ApprovalRequestRow request;
    std::vector<ApprovalRow> decisions;
    std::vector<CreditNoteRow> credit_notes;
    std::vector<RefundRow> refunds;
    std::optional<CorrectionRow> correction;
    std::optional<InvoiceRow> invoice;  // that it is about, or that it made
};

/// What the usage events of one tenant are checked against.
struct UsageBook {
    std::optional<TenantRow> tenant;
    std::optional<TermsView> running;  // the subscription that runs
    std::vector<TermsView> ended;      // lately, the newest first
    bool has_budget = false;
};

struct InvoiceView {
    InvoiceRow invoice;
    std::vector<InvoiceLineRow> lines;
    std::vector<ChargeRow> charges;
    std::vector<AttemptRow> attempts;
    std::vector<RefundRow> refunds;
    std::vector<CreditNoteRow> credit_notes;
    std::optional<CorrectionRow> correction;  // that made it
};

/// A fact to take, with the way in which its meter counts.
struct UsageFact {
    UsageFact(UsageEventRow fact);  // NOLINT: most meters sum
    UsageFact(UsageEventRow fact, Aggregation by);
    UsageEventRow row;
    Aggregation aggregation;
};

enum class Ingested {
    accepted,
    duplicate,
    differs,   // same id, other content (first one stands)
    outdated,  // what it corrects is not there, or has another newest fact: read it again
    overflow   // the period's total would not fit
};

struct UsageReader;

/// One invariant of the set, with the rows that break it.
struct Violation {
    std::string number;  // I-01
    std::string says;
    std::vector<std::string> rows;  // first 20
};

class Store {
public:
    /// Opens the store. `migrate`: apply pending migrations first; otherwise pending ones throw.
    /// SQLite: takes the file lock; a second process gets Unavailable unless `read_only`.
    static std::unique_ptr<Store> open(StoreOptions options, bool migrate, bool read_only = false);
    /// The same over an engine that stands (fault tests wrap one).
    static std::unique_ptr<Store> open_on(std::unique_ptr<sql::Engine> engine, StoreOptions options,
                                          bool migrate, bool read_only = false);
    ~Store();
    /// Finishes queued writes, then refuses.
    void close();

    // -- receiving
    // -------------------------------------------------------------------------------------------
    /// Durable when it returns. A known (source, dedup_key) is fine and changes nothing.
    awaitable<void> receive(InboxRow row);
    /// Size-capped by the caller; table capped at 10,000 rows (oldest go). Never throws.
    awaitable<void> quarantine(QuarantineRow row);

    // -- writing
    // ---------------------------------------------------------------------------------------------
    awaitable<CommitResult> commit(Changes changes);
    /// Each for itself, but queued together, so that they share database transactions. What commit() would
    /// throw stands in `failure`.
    struct Committed {
        CommitResult result = CommitResult::conflict;
        std::exception_ptr failure;
    };
    awaitable<std::vector<Committed>> commit_all(std::vector<Changes> all);
    /// Idempotent by (tenant, event_id); running totals in the same transaction. One answer a fact, in order.
    /// New usage moves the version of the tenant's subscription, so a close that was decided without it
    /// conflicts and is decided again. What counts in a period that is closed waits as late usage. `checks`:
    /// tasks that are due once any of it was new, written in the same transaction. One that waits already
    /// keeps its time, so a stream of usage does not put it off; one that runs now comes again.
    awaitable<std::vector<Ingested>> ingest(std::vector<UsageFact> facts, std::vector<TaskRow> checks = {});
    awaitable<void> keep_suite_ticket(SuiteTicketRow ticket);  // an older one changes nothing
    awaitable<void> put_session(SessionRow session);
    awaitable<void> touch_session(std::string token_hash, Instant seen_at);
    awaitable<void> put_api_key(ApiKeyRow key);
    /// Takes the key for a call that begins (status 0) and returns nothing, or returns the row that has it:
    /// an answer, or a call that began at or after `stale_before` and has not ended. An older one that never
    /// ended is taken over.
    awaitable<std::optional<IdempotencyRow>> claim_idempotency(IdempotencyRow call, Instant stale_before);
    /// Keeps the answer of the call that has the key.
    awaitable<void> keep_idempotent_answer(IdempotencyRow answered);
    /// The call failed: its key is free again.
    awaitable<void> free_idempotency(std::string scope, std::string key);
    awaitable<void> set_kill_switch(KillSwitchRow stop);
    awaitable<void> clear_kill_switch(std::string scope);
    /// Next number of a named sequence (invoice numbers, WeChat request_serial); gaps are possible.
    awaitable<std::int64_t> next_number(std::string sequence);
    /// Hourly: hashes all audit rows since the last seal and the seal before it.
    awaitable<std::string> seal_audit(Instant at);

    // -- claiming (lease, owner, fence; database time)
    // ---------------------------------------------------------
    awaitable<std::vector<InboxRow>> claim_inbox(std::size_t limit);
    /// An inbox row could not be applied: counts the try; the 8th ends it as `dead` (returns true then).
    awaitable<bool> fail_inbox(std::int64_t id, std::string reason);
    awaitable<std::vector<OutboxRow>> claim_outbox(Instant now, std::size_t limit);
    /// Of these kinds, the longest due first.
    awaitable<std::vector<TaskRow>> claim_tasks(Instant now, std::size_t limit,
                                                std::vector<std::string> kinds);
    /// The task is done: removed, unless it was scheduled anew since the claim (fence).
    awaitable<void> finish_task(TaskRow task);
    /// Not done: due again then; counts the try and drops the lease.
    awaitable<void> postpone_task(TaskRow task, Instant due_at);
    awaitable<void> schedule_task(TaskRow task);
    /// Earliest due moment of tasks and, where somebody `sends` notices, the outbox; `inbox_waiting` tells
    /// whether a received row waits.
    struct Due {
        std::optional<Instant> next;
        bool inbox_waiting = false;
        std::size_t leased = 0;  // claimed rows that are still under way
    };
    awaitable<Due> due(bool sends = true);

    // -- reading
    // -----------------------------------------------------------------------------------------------
    awaitable<std::vector<std::optional<SettlementView>>> load_settlements(std::vector<OrderNumber> numbers);
    awaitable<std::optional<ChargeView>> load_charge(ChargeId id);
    awaitable<std::optional<AttemptRow>> find_attempt(AttemptId id);
    awaitable<std::optional<RefundRow>> find_refund(RefundId id);
    awaitable<std::optional<RefundRow>> find_refund_by_number(std::string out_refund_no);
    awaitable<std::vector<RefundRow>> refunds_of_attempt(AttemptId id);
    /// Period that starts on `period_start`; without it the open one. `needs`: what to load beside day
    /// totals.
    awaitable<std::optional<PeriodView>> load_period(SubscriptionId id, std::optional<CivilDay> period_start,
                                                     NeedsOf needs = {});
    /// The same of many, in the order asked, by a few queries in one snapshot.
    awaitable<std::vector<std::optional<PeriodView>>> load_periods(std::vector<SubscriptionId> ids,
                                                                   std::optional<CivilDay> period_start,
                                                                   NeedsOf needs = {});

    /// Bills, credit notes and corrections of the cycles [first, last].
    awaitable<BilledView> billed(SubscriptionId id, std::int64_t first_cycle, std::int64_t last_cycle);
    awaitable<std::optional<QuoteRow>> find_quote(TenantId tenant, QuoteId id);
    awaitable<std::optional<AccountCreditRow>> find_account_credit(TenantId tenant);
    /// Newest first.
    awaitable<std::vector<CreditNoteRow>> credit_notes(TenantId tenant, std::size_t limit,
                                                       std::string before_id);

    awaitable<std::optional<CreditNoteRow>> find_credit_note(
        CreditNoteId id);                                                 // operators, or compare its tenant
    awaitable<std::optional<ApprovalView>> find_approval(ApprovalId id);  // operators only
    /// Newest first. `state`, `tenant`: empty for all.
    awaitable<std::vector<ApprovalRequestRow>> approvals(std::string state, TenantId tenant,
                                                         std::size_t limit, std::string before_id);

    awaitable<std::optional<TenantRow>> find_tenant(TenantId id);
    awaitable<std::optional<TenantRow>> find_tenant_by_corp(std::string corp_id);
    awaitable<std::vector<TenantRow>> tenants(std::size_t limit, std::string after_id);  // operators only
    awaitable<std::optional<AuthorisationRow>> find_authorisation(std::string id);
    awaitable<std::optional<AuthorisationRow>> find_authorisation_by_corp(std::string suite_id,
                                                                          std::string corp_id);
    awaitable<std::optional<AuthorisationRow>> find_authorisation_by_code(std::string suite_id,
                                                                          std::string auth_code);
    awaitable<std::optional<SuiteTicketRow>> find_suite_ticket(std::string suite_id);
    awaitable<std::optional<MemberRow>> find_member(TenantId tenant, std::string user_id);
    awaitable<std::vector<MemberRow>> members(TenantId tenant);
    awaitable<std::optional<SessionRow>> find_session(std::string token_hash);
    awaitable<std::optional<ApiKeyRow>> find_api_key(std::string key_hash);

    awaitable<std::optional<BudgetRow>> find_budget(TenantId tenant);
    /// By tenant id or corp id. Nothing in it: there is no such tenant. `ended_since`: with the subscriptions
    /// whose last day is not before that day.
    awaitable<UsageBook> usage_book(std::string name, std::optional<CivilDay> ended_since = {});
    /// A number for each of these tenants that is another one after every change of the tenant, its
    /// subscriptions, usage, seats, consents or budget. Unknown tenants are left out.
    awaitable<std::map<TenantId, std::int64_t>> service_versions(std::vector<TenantId> tenants);

    awaitable<std::optional<PriceListRow>> find_price_list(PriceListId id);
    /// The published one in force on that day.
    awaitable<std::optional<PriceListRow>> price_list_on(CivilDay day, TenantId tenant = {});
    /// A published one that the tenant may see: everybody's, or its own.
    awaitable<std::optional<PriceListRow>> price_list_of(TenantId tenant, PriceListId id);
    awaitable<std::vector<PriceListRow>> price_lists();

    awaitable<std::vector<SubscriptionRow>> subscriptions(TenantId tenant);
    awaitable<std::optional<SubscriptionRow>> find_subscription(TenantId tenant, SubscriptionId id);
    awaitable<std::vector<InvoiceRow>> invoices(TenantId tenant, std::size_t limit, std::string before_id);
    /// Newest first: standing ones that may have lines for days from `from` on, which are those of periods
    /// that end after it, and of the period that closed last before it, for its fees in advance.
    awaitable<std::vector<InvoiceRow>> invoices_reaching(TenantId tenant, CivilDay from, std::size_t limit);
    awaitable<std::optional<InvoiceView>> find_invoice(TenantId tenant, InvoiceId id);
    /// The periods' own whose period ends after `day`, oldest period first.
    awaitable<std::vector<InvoiceRow>> invoices_after(TenantId tenant, CivilDay day);
    awaitable<std::optional<TenantId>> tenant_of_invoice(InvoiceId id);  // operators only
    awaitable<std::vector<ChargeRow>> charges_of_invoice(InvoiceId id);
    awaitable<std::vector<ConsentRow>> consents(TenantId tenant);
    struct ConsentView {
        ConsentRow consent;
        std::vector<ConsentItemRow> items;
        std::vector<MandateRow> mandates;
    };
    awaitable<std::optional<ConsentView>> find_consent(TenantId tenant, ConsentId id);
    awaitable<std::optional<MandateRow>> find_mandate(MandateId id);
    awaitable<std::optional<MandateRow>> find_mandate_by_number(std::string provider, std::string our_number);
    awaitable<std::optional<MandateRow>> find_mandate_by_contract(std::string provider,
                                                                  std::string contract_id);
    /// Charges not closed that deduct under this mandate (contract ended: hold them).
    awaitable<std::vector<ChargeRow>> open_charges_of_mandate(MandateId id);
    awaitable<std::vector<ChargeRow>> open_charges_of_tenant(TenantId tenant);
    awaitable<std::vector<UsageTotalRow>> usage_totals(TenantId tenant, CivilDay period_start);
    /// All facts of the period, corrections included, by time, sequence and id.
    awaitable<std::vector<UsageEventRow>> usage_events(TenantId tenant, std::string meter,
                                                       CivilDay period_start, std::size_t limit,
                                                       std::string after_event_id);
    /// The newest fact of each of these events, in any order; unknown events are left out.
    awaitable<std::vector<UsageEventRow>> newest_usage(TenantId tenant, std::vector<std::string> event_ids);
    /// Totals by what usage is shown by, by day, dimension and value.
    awaitable<std::vector<UsageDimensionRow>> usage_dimensions(TenantId tenant, CivilDay period_start);
    /// What came late to closed periods, billed or not.
    awaitable<std::vector<UsageLateRow>> late_usage(TenantId tenant);
    awaitable<std::vector<OutboxRow>> outbox_of(std::string ref_id);
    awaitable<std::vector<AuditRow>> audit_of(std::string entity, std::string entity_id);
    awaitable<std::vector<LedgerRow>> ledger_of(std::string ref_type, std::string ref_id);
    awaitable<std::vector<PersonTaskRow>> open_person_tasks(std::size_t limit);
    awaitable<std::vector<KillSwitchRow>> kill_switches();
    /// Sums of `clearing` by provider for comparing with a provider's own books: captured and refunded.
    struct Takings {
        std::string provider;
        std::int64_t payments = 0;
        Fen paid;
        Fen refunded;
    };
    awaitable<std::vector<Takings>> takings();
    struct Counts {
        std::int64_t inbox = 0;
        std::int64_t inbox_processed = 0;
        std::int64_t charges_collected = 0;
        std::int64_t outbox_pending = 0;
        std::int64_t quarantine = 0;
    };
    awaitable<Counts> counts();

    // -- proving
    // -----------------------------------------------------------------------------------------------
    /// All invariants in one consistent read, with `now` and the approval limit bound. Empty: all hold.
    awaitable<std::vector<Violation>> check_invariants(Instant now, Fen approval_limit);
    /// Walks every audit chain and the seals; the first broken rows.
    awaitable<std::vector<Violation>> check_audit_chain();
    /// Counts every period's events again and compares with the stored totals, meter by meter.
    awaitable<std::vector<Violation>> check_usage(std::shared_ptr<const UsageReader> reader);
    /// True when a connection answers and no migration is pending.
    awaitable<bool> ready();

    struct Parts;  // implementation
    explicit Store(std::unique_ptr<Parts> parts);

private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace wefee::storage
