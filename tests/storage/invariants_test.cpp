// Each query of each invariant: silent on good data, loud once its violation is planted.
#include "storage/invariants.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

using Plants =
    std::map<std::string, std::vector<std::string>>;  // one violation a query, in the queries' order

std::string posting(const std::string& ref_type, const std::string& ref_id,
                    const std::string& account = "clearing", const std::string& tenant = "ten_1") {
    return "INSERT INTO ledger (txn_id, account, debit_fen, credit_fen, ref_type, ref_id, tenant_id, at) "
           "VALUES "
           "('planted', '" +
           account + "', 5, 5, '" + ref_type + "', '" + ref_id + "', '" + tenant + "', 1)";
}

/// chg_1 is collected and refunded, chg_2 is being collected.
const Plants plants{
    {"I-01", {"UPDATE invoice SET total_fen=1 WHERE id='inv_1'; UPDATE refund SET state='FAILED'"}},
    {"I-02", {"UPDATE attempt SET charge_id='chg_1', state='SUCCEEDED' WHERE id='att_2'"}},
    {"I-03", {"UPDATE attempt SET charge_id='chg_2', state='UNKNOWN' WHERE id='att_1'"}},
    {"I-04", {"UPDATE invoice SET paid_fen=paid_fen+1 WHERE id='inv_2'"}},
    {"I-05", {"UPDATE invoice SET reserved_fen=0 WHERE id='inv_2'"}},
    {"I-06", {"UPDATE attempt SET sent_at=1 WHERE id='att_2'"}},
    {"I-07", {"DELETE FROM consent_item WHERE consent_id='con_2'"}},
    {"I-08", {"UPDATE consent SET cap_cycle_fen=1 WHERE id='con_1'"}},
    {"I-09", {"UPDATE attempt SET amount_fen=0 WHERE id='att_2'"}},
    {"I-10", {"UPDATE refund SET amount_fen=amount_fen+1"}},
    {"I-11",
     {"UPDATE attempt SET state='LOST' WHERE id='att_2'", "UPDATE charge SET state_seq=9 WHERE id='chg_1'",
      "UPDATE refund SET state='FAILED'", "UPDATE consent SET state_seq=1 WHERE id='con_1'",
      "UPDATE invoice SET state='PAID' WHERE id='inv_2'", "UPDATE mandate SET state='ENDED'",
      "UPDATE subscription SET state='PAUSED'", "UPDATE authorisation SET state='SUSPENDED'",
      "UPDATE approval_request SET state='PENDING'"}},
    {"I-12",
     {"INSERT INTO audit (entity, entity_id, seq, from_state, to_state, actor, op_id, at, prev_hash, hash) "
      "VALUES ('attempt', 'att_x', 1, 'FAILED', 'INTENT', 'a', 'o', 1, '', '')"}},
    {"I-13",
     {"INSERT INTO ledger (txn_id, account, debit_fen, credit_fen, ref_type, ref_id, tenant_id, at) VALUES "
      "('planted', 'clearing', 5, 4, 'fee', 'att_1', 'ten_1', 1)"}},
    {"I-14", {posting("attempt", "att_1"), posting("refund", "rfd_1")}},
    {"I-15",
     {posting("attempt", "att_2"), posting("credit_note", "att_1"), posting("transfer", "att_1"),
      posting("balance", "att_1"), posting("fee", "att_2")}},
    {"I-16", {"UPDATE attempt SET intent_at=NULL WHERE id='att_2'"}},
    {"I-17", {"UPDATE inbox SET verified=0"}},
    {"I-18", {"UPDATE inbox SET processed_at=NULL, received_at=1"}},
    {"I-19", {"UPDATE attempt SET next_query_at=NULL WHERE id='att_2'"}},
    {"I-21", {"DELETE FROM outbox WHERE kind='fee_reminder'"}},
    {"I-22",
     {"INSERT INTO bill_row (provider, mchid, kind, out_no, amount_fen, bill_date) VALUES "
      "('wechat', '1900000109', 'pay', 'wf1', 1, '2025-11-25')"}},
    {"I-23",
     {"INSERT INTO bill_day (provider, mchid, kind, bill_date, loaded_at) VALUES "
      "('wechat', '1900000109', 'pay', '2025-11-25', 1)"}},
    {"I-24", {"UPDATE approval SET approver='mem_1'"}},
    {"I-25", {"UPDATE attempt SET state='SURPLUS' WHERE id='att_2'"}},
    {"I-26",
     {"UPDATE account_credit SET amount_fen=amount_fen+1", "UPDATE credit_note SET kept_fen=kept_fen+1",
      "UPDATE attempt SET provider='balance' WHERE id='att_1'"}},
    {"I-27",
     {"UPDATE credit_note SET gross_fen=gross_fen+10000000",
      "UPDATE credit_note SET line_position=1, gross_fen=gross_fen+10000000",
      "UPDATE credit_note SET gross_fen=gross_fen+10000000, invoice_id=''"}},
    {"I-28",
     {"UPDATE invoice SET cause='threshold', part=1, subscription_id='sub_1' WHERE id='inv_2'",
      "UPDATE invoice SET cause='one_off' WHERE id='inv_1'"}},
    {"I-29",
     {"UPDATE credit_note SET lowered_fen=lowered_fen+1",
      "UPDATE attempt SET provider='credit_note', "
      "provider_txn='cdn_1' WHERE id='att_1'",
      "UPDATE credit_note SET cash_fen=cash_fen+1", "UPDATE refund SET source_id='cdn_1'"}},
    {"I-30",
     {"UPDATE approval SET approver='operator:a' WHERE ref_type='approval_request'",
      "UPDATE approval_request SET state='REFUSED'"}},
};

/// "SELECT .. FROM left a JOIN right b ..": the row of `left` gets a foreign tenant.
std::string mix_tenants(std::string_view query) {
    const auto word_after = [&](std::string_view marker) {
        const auto from = query.find(marker) + marker.size();
        return std::string(query.substr(from, query.find(' ', from) - from));
    };
    const auto left = word_after(" FROM ");
    const auto right = word_after(" JOIN ");
    const std::map<std::string, std::string> ids{
        {"attempt", "att_1"}, {"refund", "rfd_1"}, {"invoice", "inv_1"}, {"charge", "chg_1"}};
    if (right == "price_list") return "UPDATE price_list SET tenant_id='ten_x'";
    if (left == "ledger") return posting(right, ids.at(right), "other", "ten_x");
    const auto moved = "UPDATE " + left + " SET tenant_id='ten_x'";
    return left == "outbox" ? moved + ", ref_id='" + ids.at(right) + "'" : moved;
}

void found(storage::Store& store) {
    auto done = sent_world(store, "1");
    commit(store, done.settling("op_settle"));
    reload(store, done);
    commit(store, done.refunding("op_refund"));
    sent_world(store, "2");
    wait(store.receive(received("EV-1")));
    const auto row = wait(store.claim_inbox(1)).at(0);
    Deed rest("op_rest");
    storage::AuthorisationRow authorisation;
    authorisation.id = "aut_1";
    authorisation.tenant_id = done.tenant.id;
    authorisation.suite_id = "suite";
    authorisation.corp_id = "ww1";
    authorisation.state = "ACTIVE";
    authorisation.state_seq = 1;
    rest.changes.moves.push_back({"authorisation", "aut_1", 1, "", "ACTIVE", "provider:wecom", ""});
    rest.changes.insert(authorisation);
    rest.changes.insert(
        storage::MemberRow{MemberId{"mem_1"}, done.tenant.id, "zhang", "finance", true, noon, 1});
    rest.changes.insert(storage::SubscriptionTermsRow{done.subscription.id, 1, done.subscription.started_on,
                                                      done.tenant.id, done.subscription.price_list_id, "pro",
                                                      "[]", "[]", 1, "mem_1", noon});
    rest.changes.insert(storage::QuoteRow{QuoteId{"quo_1"}, done.tenant.id, done.subscription.id, "{}", "",
                                          "{}", "mem_1", noon, noon, std::nullopt, 1});
    storage::CreditNoteRow note;
    note.id = CreditNoteId{"cdn_1"};
    note.tenant_id = done.tenant.id;
    note.subscription_id = done.subscription.id;
    note.invoice_id = done.invoice.id;
    note.item_code = "seat";
    note.first_day = note.last_day = done.subscription.started_on;
    note.gross_fen = note.net_fen = note.total_fen = note.kept_fen = Fen{5};
    note.cause = "line";
    note.source_id = "apr_1";
    note.created_at = noon;
    rest.changes.insert(note);
    storage::ApprovalRequestRow request;
    request.id = ApprovalId{"apr_1"};
    request.tenant_id = done.tenant.id;
    request.kind = "credit_note";
    request.subject_id = done.invoice.id.text();
    request.amount_fen = Fen{200'000};
    request.wish = "{}";
    request.requested_by = "operator:a";
    request.created_at = noon;
    rest.create("approval_request", request, "PENDING");
    rest.move("approval_request", request, "APPROVED");
    rest.changes.insert(request);
    rest.changes.insert(
        storage::ApprovalRow{"apv_1", "approval_request", "apr_1", "operator:b", "YES", noon});
    rest.changes.insert(storage::CorrectionRow{CorrectionId{"cor_1"},
                                               done.tenant.id,
                                               done.subscription.id,
                                               1,
                                               1,
                                               0,
                                               "apr_1",
                                               {},
                                               Fen{},
                                               "[]",
                                               noon});
    rest.changes.insert(storage::AccountCreditRow{done.tenant.id, Fen{5}, noon, 1});
    rest.changes.postings.push_back(
        {"op_rest", "revenue", Fen{5}, Fen{}, "credit_note", "cdn_1", done.tenant.id, noon});
    rest.changes.postings.push_back(
        {"op_rest", "account_credit", Fen{}, Fen{5}, "credit_note", "cdn_1", done.tenant.id, noon});
    rest.changes.inbox.push_back({row.id, "applied"});
    commit(store, rest.changes);
    wait(store.put_session({"hash", done.tenant.id, MemberId{"mem_1"}, "finance", "", noon, noon, noon}));
}

TEST_P(Contract, EachInvariantHoldsOnGoodDataAndNamesAPlantedViolation) {
    auto store = database.open();
    found(*store);
    ASSERT_TRUE(holds(*store));
    store.reset();
    const auto engine = database.engine();
    std::set<std::string> numbers;
    for (const auto& invariant : storage::invariants()) {
        const std::string number(invariant.number);
        numbers.insert(number);
        for (std::size_t i = 0; i < invariant.queries.size(); ++i) {
            const auto query = invariant.queries[i];
            const auto plant = number == "I-20" ? mix_tenants(query) : plants.at(number).at(i);
            const auto db = engine->connect_migrator();
            const auto rows = [&] { return storage::breaking_rows(*db, query, noon, Fen{100'000}); };
            db->begin();
            EXPECT_TRUE(rows().empty()) << number << " " << i;
            for (std::size_t from = 0; from < plant.size();) {
                const auto end = std::min(plant.find("; ", from), plant.size());
                db->script(plant.substr(from, end - from));
                from = end + 2;
            }
            EXPECT_FALSE(rows().empty()) << number << " " << i << ": " << plant;
            db->rollback();
        }
        if (number != "I-20") EXPECT_EQ(plants.at(number).size(), invariant.queries.size()) << number;
    }
    EXPECT_EQ(numbers.size(), 30U);
    EXPECT_EQ(*numbers.begin(), "I-01");
    EXPECT_EQ(*numbers.rbegin(), "I-30");
}

TEST_P(Contract, TimesAndTheLimitAreBoundIntoTheInvariants) {
    auto store = database.open();
    wait(store->receive(received("EV-1")));
    EXPECT_TRUE(holds(*store, noon + std::chrono::minutes(4)));
    const auto late = wait(store->check_invariants(noon + std::chrono::minutes(6), Fen{1}));
    ASSERT_EQ(late.size(), 1U);
    EXPECT_EQ(late[0].number, "I-18");
    EXPECT_EQ(late[0].rows.size(), 1U);
}

}  // namespace
}  // namespace wefee::tests
