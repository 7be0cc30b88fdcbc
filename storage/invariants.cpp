// The invariants as data. Each query runs unchanged on SQLite and MariaDB; :t5m, :t1h and :lim are bound.
#include "storage/invariants.hpp"

#include <array>

namespace wefee::storage {
namespace {

// clang-format off: one query an entry reads better unbroken
constexpr std::string_view i01[] = {
    "SELECT i.id FROM invoice i WHERE (SELECT COALESCE(SUM(a.amount_fen),0) FROM charge c JOIN attempt a "
    "ON a.charge_id=c.id WHERE c.invoice_id=i.id AND a.state='SUCCEEDED') - (SELECT "
    "COALESCE(SUM(r.amount_fen),0) FROM charge c JOIN attempt a ON a.charge_id=c.id JOIN refund r ON "
    "r.attempt_id=a.id WHERE c.invoice_id=i.id AND a.state='SUCCEEDED' AND r.state='SUCCEEDED') > "
    "i.total_fen"};

constexpr std::string_view i02[] = {
    "SELECT charge_id FROM attempt WHERE state='SUCCEEDED' GROUP BY charge_id HAVING COUNT(*)>1"};

constexpr std::string_view i03[] = {
    "SELECT charge_id FROM attempt WHERE state IN ('INTENT','SENT','ACCEPTED','UNKNOWN','REVIEW') GROUP BY "
    "charge_id HAVING COUNT(*)>1"};

constexpr std::string_view i04[] = {
    "SELECT id FROM invoice WHERE paid_fen+reserved_fen-refunded_fen>total_fen OR paid_fen<0 OR "
    "reserved_fen<0 OR refunded_fen>paid_fen"};

constexpr std::string_view i05[] = {
    "SELECT i.id FROM invoice i WHERE i.paid_fen<>(SELECT COALESCE(SUM(a.amount_fen),0) FROM charge c JOIN "
    "attempt a ON a.charge_id=c.id WHERE c.invoice_id=i.id AND a.state='SUCCEEDED') OR "
    "i.reserved_fen<>(SELECT COALESCE(SUM(a.amount_fen),0) FROM charge c JOIN attempt a ON "
    "a.charge_id=c.id WHERE c.invoice_id=i.id AND a.state IN "
    "('INTENT','SENT','ACCEPTED','UNKNOWN','REVIEW')) OR i.refunded_fen<>(SELECT "
    "COALESCE(SUM(r.amount_fen),0) FROM charge c JOIN attempt a ON a.charge_id=c.id JOIN refund r ON "
    "r.attempt_id=a.id WHERE c.invoice_id=i.id AND a.state='SUCCEEDED' AND r.state='SUCCEEDED')"};

constexpr std::string_view i06[] = {
    "SELECT a.id FROM attempt a JOIN charge c ON c.id=a.charge_id JOIN consent k ON k.id=c.consent_id "
    "WHERE a.sent_at IS NOT NULL AND (k.tenant_id<>c.tenant_id OR k.provider<>a.provider OR "
    "a.amount_fen>k.cap_charge_fen OR a.sent_at<k.valid_from OR "
    "a.sent_at>=COALESCE(k.valid_to,9223372036854775807))"};

constexpr std::string_view i07[] = {
    "SELECT c.id FROM charge c JOIN invoice_line l ON l.invoice_id=c.invoice_id LEFT JOIN consent_item t "
    "ON t.consent_id=c.consent_id AND t.item_code=l.item_code WHERE c.consent_id IS NOT NULL AND "
    "t.item_code IS NULL"};

constexpr std::string_view i08[] = {
    "SELECT c.consent_id,c.cycle FROM charge c JOIN attempt a ON a.charge_id=c.id AND a.state='SUCCEEDED' "
    "JOIN consent k ON k.id=c.consent_id GROUP BY c.consent_id,c.cycle,k.cap_cycle_fen HAVING "
    "SUM(a.amount_fen)>k.cap_cycle_fen"};

constexpr std::string_view i09[] = {
    "SELECT a.id FROM attempt a JOIN charge c ON c.id=a.charge_id WHERE a.amount_fen<>c.amount_fen OR "
    "a.amount_fen<=0"};

constexpr std::string_view i10[] = {
    "SELECT a.id FROM attempt a JOIN refund r ON r.attempt_id=a.id AND r.state NOT IN ('FAILED','REFUSED') "
    "GROUP BY a.id,a.amount_fen,a.state HAVING SUM(r.amount_fen)>a.amount_fen OR a.state NOT IN "
    "('SUCCEEDED','SURPLUS')"};

constexpr std::string_view i11[] = {
    "SELECT a.id FROM attempt a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE u.entity='attempt' "
    "AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u WHERE u.entity='attempt' "
    "AND u.entity_id=a.id AND u.seq=a.state_seq),'')",
    "SELECT a.id FROM charge a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE u.entity='charge' "
    "AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u WHERE u.entity='charge' "
    "AND u.entity_id=a.id AND u.seq=a.state_seq),'')",
    "SELECT a.id FROM refund a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE u.entity='refund' "
    "AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u WHERE u.entity='refund' "
    "AND u.entity_id=a.id AND u.seq=a.state_seq),'')",
    "SELECT a.id FROM consent a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE u.entity='consent' "
    "AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u WHERE u.entity='consent' "
    "AND u.entity_id=a.id AND u.seq=a.state_seq),'')",
    "SELECT a.id FROM invoice a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE u.entity='invoice' "
    "AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u WHERE u.entity='invoice' "
    "AND u.entity_id=a.id AND u.seq=a.state_seq),'')",
    "SELECT a.id FROM mandate a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE u.entity='mandate' "
    "AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u WHERE u.entity='mandate' "
    "AND u.entity_id=a.id AND u.seq=a.state_seq),'')",
    "SELECT a.id FROM subscription a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE "
    "u.entity='subscription' AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u "
    "WHERE u.entity='subscription' AND u.entity_id=a.id AND u.seq=a.state_seq),'')",
    "SELECT a.id FROM authorisation a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE "
    "u.entity='authorisation' AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u "
    "WHERE u.entity='authorisation' AND u.entity_id=a.id AND u.seq=a.state_seq),'')",
    "SELECT a.id FROM approval_request a WHERE a.state_seq<>(SELECT COUNT(*) FROM audit u WHERE "
    "u.entity='approval_request' AND u.entity_id=a.id) OR a.state<>COALESCE((SELECT u.to_state FROM audit u "
    "WHERE u.entity='approval_request' AND u.entity_id=a.id AND u.seq=a.state_seq),'')"};

constexpr std::string_view i12[] = {
    "SELECT u.id FROM audit u LEFT JOIN transition t ON t.entity=u.entity AND t.from_state=u.from_state "
    "AND t.to_state=u.to_state WHERE t.entity IS NULL"};

constexpr std::string_view i13[] = {
    "SELECT txn_id FROM ledger GROUP BY txn_id HAVING SUM(debit_fen)<>SUM(credit_fen)"};

constexpr std::string_view i14[] = {
    "SELECT a.id FROM attempt a LEFT JOIN ledger l ON l.ref_type='attempt' AND l.ref_id=a.id AND "
    "l.account='clearing' WHERE a.state IN ('SUCCEEDED','SURPLUS') GROUP BY a.id,a.amount_fen HAVING "
    "COUNT(l.id)<>1 OR COALESCE(SUM(l.debit_fen),0)<>a.amount_fen",
    "SELECT a.id FROM refund a LEFT JOIN ledger l ON l.ref_type='refund' AND l.ref_id=a.id AND "
    "l.account='clearing' WHERE a.state IN ('SUCCEEDED','EXTERNAL') GROUP BY a.id,a.amount_fen HAVING "
    "COUNT(l.id)<>1 OR COALESCE(SUM(l.credit_fen),0)<>a.amount_fen"};

constexpr std::string_view i15[] = {
    "SELECT l.id FROM ledger l LEFT JOIN attempt a ON l.ref_type='attempt' AND a.id=l.ref_id AND a.state "
    "IN ('SUCCEEDED','SURPLUS') LEFT JOIN refund r ON l.ref_type='refund' AND r.id=l.ref_id AND r.state IN "
    "('SUCCEEDED','EXTERNAL') LEFT JOIN invoice i ON l.ref_type='invoice' AND i.id=l.ref_id WHERE a.id IS "
    "NULL AND r.id IS NULL AND i.id IS NULL AND l.ref_type NOT IN "
    "('credit_note','fee','transfer','balance')",
    "SELECT l.id FROM ledger l LEFT JOIN attempt a ON a.id=l.ref_id AND a.provider='credit_note' AND "
    "a.state IN ('SUCCEEDED','SURPLUS') LEFT JOIN credit_note n ON n.id=l.ref_id WHERE "
    "l.ref_type='credit_note' AND a.id IS NULL AND n.id IS NULL",
    "SELECT l.id FROM ledger l LEFT JOIN attempt a ON a.id=l.ref_id AND a.provider='transfer' AND a.state "
    "IN ('SUCCEEDED','SURPLUS') WHERE l.ref_type='transfer' AND a.id IS NULL",
    "SELECT l.id FROM ledger l LEFT JOIN attempt a ON a.id=l.ref_id AND a.provider='balance' AND a.state "
    "IN ('SUCCEEDED','SURPLUS') WHERE l.ref_type='balance' AND a.id IS NULL",
    "SELECT l.id FROM ledger l LEFT JOIN attempt a ON a.id=l.ref_id AND a.state IN ('SUCCEEDED','SURPLUS') "
    "WHERE l.ref_type='fee' AND a.id IS NULL"};

constexpr std::string_view i16[] = {
    "SELECT id FROM attempt WHERE sent_at IS NOT NULL AND (intent_at IS NULL OR sent_at<intent_at OR "
    "request_digest IS NULL)"};

constexpr std::string_view i17[] = {
    "SELECT id FROM inbox WHERE verified<>1 OR (processed_at IS NOT NULL AND outcome IS NULL)"};

constexpr std::string_view i18[] = {
    "SELECT id FROM inbox WHERE processed_at IS NULL AND received_at<:t5m"};

constexpr std::string_view i19[] = {
    "SELECT id FROM attempt WHERE state IN ('SENT','ACCEPTED','UNKNOWN') AND (next_query_at IS NULL OR "
    "next_query_at<:t1h)"};

constexpr std::string_view i20[] = {
    "SELECT a.id FROM charge a JOIN invoice b ON b.id=a.invoice_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM charge a JOIN consent b ON b.id=a.consent_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM charge a JOIN mandate b ON b.id=a.mandate_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM attempt a JOIN charge b ON b.id=a.charge_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM attempt a JOIN invoice b ON b.id=a.invoice_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM refund a JOIN attempt b ON b.id=a.attempt_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM invoice a JOIN subscription b ON b.id=a.subscription_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.invoice_id FROM invoice_line a JOIN invoice b ON b.id=a.invoice_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM consent a JOIN subscription b ON b.id=a.subscription_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.consent_id FROM consent_item a JOIN consent b ON b.id=a.consent_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.consent_id FROM consent_cycle a JOIN consent b ON b.id=a.consent_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM mandate a JOIN consent b ON b.id=a.consent_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.subscription_id FROM subscription_terms a JOIN subscription b ON b.id=a.subscription_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM subscription a JOIN price_list b ON b.id=a.price_list_id WHERE b.tenant_id NOT IN ('', a.tenant_id)",
    "SELECT a.subscription_id FROM subscription_terms a JOIN price_list b ON b.id=a.price_list_id WHERE b.tenant_id NOT IN "
    "('', a.tenant_id)",
    "SELECT a.id FROM invoice a JOIN price_list b ON b.id=a.price_list_id WHERE b.tenant_id NOT IN ('', a.tenant_id)",
    "SELECT a.id FROM consent a JOIN price_list b ON b.id=a.price_list_id WHERE b.tenant_id NOT IN ('', a.tenant_id)",
    "SELECT a.id FROM quote a JOIN subscription b ON b.id=a.subscription_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM credit_note a JOIN subscription b ON b.id=a.subscription_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM credit_note a JOIN invoice b ON b.id=a.invoice_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM credit_note a JOIN approval_request b ON b.id=a.source_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM correction a JOIN subscription b ON b.id=a.subscription_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM correction a JOIN approval_request b ON b.id=a.request_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.subscription_id FROM seat_change a JOIN subscription b ON b.id=a.subscription_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.token_hash FROM session a JOIN member b ON b.id=a.member_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM ledger a JOIN attempt b ON a.ref_type='attempt' AND b.id=a.ref_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM ledger a JOIN refund b ON a.ref_type='refund' AND b.id=a.ref_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM ledger a JOIN invoice b ON a.ref_type='invoice' AND b.id=a.ref_id WHERE "
    "a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM outbox a JOIN charge b ON b.id=a.ref_id WHERE a.tenant_id<>b.tenant_id",
    "SELECT a.id FROM outbox a JOIN invoice b ON b.id=a.ref_id WHERE a.tenant_id<>b.tenant_id"};

constexpr std::string_view i21[] = {
    "SELECT a.id FROM attempt a JOIN charge c ON c.id=a.charge_id LEFT JOIN outbox o ON "
    "o.kind='fee_reminder' AND o.ref_id=c.id AND o.done_at<a.sent_at WHERE c.consent_id IS NOT NULL AND "
    "a.sent_at IS NOT NULL AND o.id IS NULL"};

constexpr std::string_view i22[] = {
    "SELECT b.out_no FROM bill_row b LEFT JOIN attempt a ON a.provider=b.provider AND a.mchid=b.mchid AND "
    "a.out_trade_no=b.out_no AND a.state IN ('SUCCEEDED','SURPLUS') AND a.amount_fen=b.amount_fen WHERE "
    "b.kind='pay' AND a.id IS NULL"};

constexpr std::string_view i23[] = {
    "SELECT a.id FROM attempt a JOIN bill_day d ON d.provider=a.provider AND d.mchid=a.mchid AND "
    "d.bill_date=SUBSTR(a.paid_at_bj,1,10) LEFT JOIN bill_row b ON b.kind='pay' AND b.provider=a.provider "
    "AND b.mchid=a.mchid AND b.out_no=a.out_trade_no WHERE a.state IN ('SUCCEEDED','SURPLUS') AND b.out_no "
    "IS NULL"};

constexpr std::string_view i24[] = {
    "SELECT r.id FROM refund r LEFT JOIN approval p ON p.ref_type='refund' AND p.ref_id=r.id AND "
    "p.decision='YES' AND p.approver<>r.created_by WHERE r.amount_fen>=:lim AND r.state NOT IN "
    "('REQUESTED','REFUSED','EXTERNAL') AND p.id IS NULL"};

constexpr std::string_view i25[] = {
    "SELECT a.id FROM attempt a LEFT JOIN refund r ON r.attempt_id=a.id AND r.state NOT IN "
    "('FAILED','REFUSED') WHERE a.state='SURPLUS' GROUP BY a.id,a.amount_fen HAVING "
    "COALESCE(SUM(r.amount_fen),0)<>a.amount_fen"};

constexpr std::string_view i26[] = {
    "SELECT k.tenant_id FROM account_credit k WHERE k.amount_fen<0 OR k.amount_fen<>(SELECT "
    "COALESCE(SUM(n.kept_fen),0) FROM credit_note n WHERE n.tenant_id=k.tenant_id)-(SELECT "
    "COALESCE(SUM(a.amount_fen),0) FROM charge c JOIN attempt a ON a.charge_id=c.id WHERE "
    "c.tenant_id=k.tenant_id AND a.provider='balance' AND a.state='SUCCEEDED')",
    "SELECT n.id FROM credit_note n LEFT JOIN ledger l ON l.ref_type='credit_note' AND l.ref_id=n.id AND "
    "l.account='account_credit' GROUP BY n.id,n.kept_fen HAVING COUNT(l.id)<>(CASE WHEN n.kept_fen>0 THEN 1 "
    "ELSE 0 END) OR COALESCE(SUM(l.credit_fen),0)<>n.kept_fen",
    "SELECT a.id FROM attempt a LEFT JOIN ledger l ON l.ref_type='balance' AND l.ref_id=a.id AND "
    "l.account='account_credit' WHERE a.provider='balance' AND a.state='SUCCEEDED' GROUP BY "
    "a.id,a.amount_fen HAVING COUNT(l.id)<>1 OR COALESCE(SUM(l.debit_fen),0)<>a.amount_fen"};

constexpr std::string_view i27[] = {
    "SELECT n.invoice_id,n.item_code FROM credit_note n WHERE n.invoice_id<>'' GROUP BY n.invoice_id,n.item_code "
    "HAVING SUM(n.gross_fen)>(SELECT COALESCE(SUM(l.amount_fen),0) FROM invoice_line l WHERE "
    "l.invoice_id=n.invoice_id AND l.item_code=n.item_code)",
    "SELECT n.invoice_id,n.line_position FROM credit_note n WHERE n.line_position IS NOT NULL GROUP BY "
    "n.invoice_id,n.line_position HAVING SUM(n.gross_fen)>(SELECT COALESCE(SUM(l.amount_fen),0) FROM invoice_line l "
    "WHERE l.invoice_id=n.invoice_id AND l.position=n.line_position)",
    "SELECT n.subscription_id,n.item_code FROM credit_note n WHERE n.subscription_id<>'' GROUP BY "
    "n.subscription_id,n.item_code HAVING SUM(n.gross_fen)>(SELECT COALESCE(SUM(l.amount_fen),0) FROM invoice i JOIN "
    "invoice_line l ON l.invoice_id=i.id WHERE i.subscription_id=n.subscription_id AND l.item_code=n.item_code)"};

constexpr std::string_view i29[] = {
    "SELECT id FROM credit_note WHERE lowered_fen+cash_fen+kept_fen<>total_fen OR net_fen+tax_fen<>total_fen",
    "SELECT n.id FROM credit_note n LEFT JOIN attempt a ON a.provider='credit_note' AND a.provider_txn=n.id AND "
    "a.state='SUCCEEDED' GROUP BY n.id,n.lowered_fen HAVING COALESCE(SUM(a.amount_fen),0)<>n.lowered_fen",
    "SELECT n.id FROM credit_note n LEFT JOIN refund r ON r.source_id=n.id GROUP BY n.id,n.cash_fen HAVING "
    "COALESCE(SUM(r.amount_fen),0)<>n.cash_fen",
    // A refund of a note settles its invoice again, unless it had failed and its amount became account credit.
    "SELECT r.id FROM refund r JOIN credit_note n ON n.id=r.source_id LEFT JOIN attempt a ON "
    "a.provider='credit_note' AND a.provider_txn=r.id AND a.state='SUCCEEDED' AND a.amount_fen=r.amount_fen LEFT JOIN "
    "credit_note k ON k.source_id=r.id AND k.kept_fen=r.amount_fen WHERE (r.state='SUCCEEDED' AND a.id IS NULL AND "
    "k.id IS NULL) OR (r.state='FAILED' AND k.id IS NULL) OR (a.id IS NOT NULL AND k.id IS NOT NULL)"};

constexpr std::string_view i30[] = {
    "SELECT q.id FROM approval_request q LEFT JOIN approval p ON p.ref_type='approval_request' AND p.ref_id=q.id AND "
    "p.decision='YES' AND p.approver<>q.requested_by WHERE q.amount_fen>=:lim AND q.state='APPROVED' AND p.id IS NULL",
    // What is given comes from a request that was granted.
    "SELECT n.id FROM credit_note n LEFT JOIN approval_request q ON q.id=n.source_id AND q.state='APPROVED' WHERE "
    "n.cause IN ('grant', 'line', 'correction') AND q.id IS NULL"};

// A period's own bill has, item by item, what its thresholds invoiced as billed already; orders bill nothing of it.
constexpr std::string_view i28[] = {
    "SELECT x.id,x.item_code FROM (SELECT o.id,l.item_code,l.amount_fen AS part_fen,0 AS already_fen FROM invoice p JOIN "
    "invoice o ON o.subscription_id=p.subscription_id AND o.cycle=p.cycle AND o.part=0 JOIN invoice_line l ON "
    "l.invoice_id=p.id WHERE p.cause='threshold' AND p.state<>'VOIDED' UNION ALL SELECT o.id,l.item_code,0,l.already_fen "
    "FROM (SELECT DISTINCT subscription_id,cycle FROM invoice WHERE cause='threshold') p JOIN invoice o ON "
    "o.subscription_id=p.subscription_id AND o.cycle=p.cycle AND o.part=0 JOIN invoice_line l ON l.invoice_id=o.id AND "
    "l.kind<>'late_usage') x GROUP BY x.id,x.item_code HAVING SUM(x.part_fen)<>SUM(x.already_fen)",
    "SELECT i.id FROM invoice i JOIN invoice_line l ON l.invoice_id=i.id WHERE i.cause='one_off' AND l.kind NOT IN "
    "('one_off','tax')"};

constexpr std::array all{
    Invariant{"I-01", "captured minus refunded never exceeds the invoice", i01},
    Invariant{"I-02", "one success per charge", i02},
    Invariant{"I-03", "one open attempt per charge", i03},
    Invariant{"I-04", "the guard counters hold", i04},
    Invariant{"I-05", "the counters are the sums", i05},
    Invariant{"I-06", "deducted only under a live consent of the same tenant and provider, within its cap", i06},
    Invariant{"I-07", "every billed item is named in the consent", i07},
    Invariant{"I-08", "cap per cycle", i08},
    Invariant{"I-09", "an attempt takes the charge's amount, above zero", i09},
    Invariant{"I-10", "refunds only of captured money, never more", i10},
    Invariant{"I-11", "every change of state is in the audit, without a gap", i11},
    Invariant{"I-12", "only legal moves", i12},
    Invariant{"I-13", "ledger balanced", i13},
    Invariant{"I-14", "each capture is booked once, in full", i14},
    Invariant{"I-15", "nothing is booked without a cause", i15},
    Invariant{"I-16", "intent and request fields fixed before sending", i16},
    Invariant{"I-17", "only verified notifications in the inbox; each processed one has an outcome", i17},
    Invariant{"I-18", "no notification waits", i18},
    Invariant{"I-19", "no unknown is forgotten", i19},
    Invariant{"I-20", "tenants never mix", i20},
    Invariant{"I-21", "reminded before deducted", i21},
    Invariant{"I-22", "each payment in the provider's bill is ours and equal", i22},
    Invariant{"I-23", "each capture of a loaded day is in the bill", i23},
    Invariant{"I-24", "large refunds have a second person", i24},
    Invariant{"I-25", "surplus money is on its way back", i25},
    Invariant{"I-26", "account credit is what credit notes gave less what it paid, booked once", i26},
    Invariant{"I-27", "no item is credited above what was billed on it", i27},
    Invariant{"I-28", "no part of a period is billed twice", i28},
    Invariant{"I-29", "a credit note's parts went where it says", i29},
    Invariant{"I-30", "what an operator gives was asked for, and above the limit a second person approved it", i30},
};
// clang-format on

}  // namespace

std::span<const Invariant> invariants() { return all; }

}  // namespace wefee::storage
