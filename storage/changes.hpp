// What a decision wants written, as data: one Changes is one money transaction. The writer turns it into SQL,
// several of them into one database transaction (group commit).
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "storage/rows.hpp"

namespace wefee::storage {

/// One move of a machine; becomes the audit row with its chained hash. `seq` and `prev_hash` are those of the
/// new row; the saved row's audit_head is filled in by the writer.
struct Move {
    std::string entity;  // attempt, charge, invoice, ...
    std::string entity_id;
    std::int64_t seq = 0;    // 1 for a creation
    std::string from_state;  // "" for a creation
    std::string to_state;
    std::string actor;      // "system", "member:mem_..", "operator:..", "provider:wechat"
    std::string prev_hash;  // audit_head of the row as loaded; "" for a creation. The second move of one row
                            // within a Changes follows the first one's hash: the writer chains them in order
};

/// How an inbox row ended.
struct InboxOutcome {
    std::int64_t id = 0;
    std::string outcome;
};

/// How an outbox row ended or when it goes on.
struct OutboxOutcome {
    std::int64_t id = 0;
    std::int64_t fence = 0;          // of the claim
    std::optional<Instant> done_at;  // set: finished
    std::string result;
    std::optional<Instant> next_at;  // not finished: again then
};

/// Rows to insert or to save whole. A save matches (key, version) and writes every mutable column with
/// version + 1; no match means that somebody was faster (CommitResult::conflict).
template <class Row>
struct RowChanges {
    std::vector<Row> inserts;
    std::vector<Row> saves;
};

/// Usage of a period from another period's first day on goes over to that one.
struct UsageMove {
    TenantId tenant_id;
    CivilDay from_start{};  // of the period that it was counted in
    CivilDay to_start{};
};

struct Changes {
    std::string op_id;  // primary key of op_log: the same operation is never applied twice
    Instant at{};       // our clock; stamps audit and ledger rows

    std::tuple<RowChanges<TenantRow>, RowChanges<AuthorisationRow>, RowChanges<MemberRow>,
               RowChanges<PriceListRow>, RowChanges<SubscriptionRow>, RowChanges<SeatChangeRow>,
               RowChanges<InvoiceRow>, RowChanges<InvoiceLineRow>, RowChanges<ConsentRow>,
               RowChanges<ConsentItemRow>, RowChanges<ConsentCycleRow>, RowChanges<MandateRow>,
               RowChanges<ChargeRow>, RowChanges<AttemptRow>, RowChanges<RefundRow>, RowChanges<ApprovalRow>,
               RowChanges<BudgetRow>, RowChanges<BudgetEventRow>, RowChanges<UsageLateRow>,
               RowChanges<SubscriptionTermsRow>, RowChanges<QuoteRow>, RowChanges<CreditNoteRow>,
               RowChanges<AccountCreditRow>, RowChanges<ApprovalRequestRow>, RowChanges<CorrectionRow>>
        rows;
    std::vector<Move> moves;
    std::vector<UsageMove> usage_moves;
    std::vector<LedgerRow> postings;  // txn_id and at are filled in by the writer when empty
    std::vector<OutboxRow> outbox;    // a known (kind, dedup_key) is left as it stands
    std::vector<TaskRow> schedule;    // insert or move; resets tries
    std::vector<std::pair<std::string, std::string>> unschedule;  // (kind, ref_id)
    std::vector<PersonTaskRow> person_tasks;                      // a known id is left as it stands
    std::vector<InboxOutcome> inbox;
    std::vector<OutboxOutcome> outbox_done;

    template <class Row>
    void insert(Row row) {
        std::get<RowChanges<Row>>(rows).inserts.push_back(std::move(row));
    }
    template <class Row>
    void save(Row row) {
        std::get<RowChanges<Row>>(rows).saves.push_back(std::move(row));
    }
};

enum class CommitResult {
    applied,
    conflict,  // a guard did not hold: nothing of this Changes was written; load again and decide again
    already    // op_id was there: this operation was done before
};

}  // namespace wefee::storage
