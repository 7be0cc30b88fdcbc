// Reads that money decisions stand on: settlements, charges, refunds, mandates, books.
#include <algorithm>
#include <bit>

#include "storage/parts.hpp"

namespace wefee::storage {
namespace {

std::string columns_of(const TableText& table, std::string_view alias) {
    return column_list(table.all, alias);
}

template <class Row>
std::span<sql::Value> next_columns(std::span<sql::Value>& row) {
    const auto own = row.first(column_count<Row>);
    row = row.subspan(column_count<Row>);
    return own;
}

/// The numbers as a derived table, each with its place: one look-up by unique key each, in either engine.
std::string settlement_text(std::size_t numbers) {
    std::string text =
        "SELECT n.place, EXISTS (SELECT 1 FROM charge o WHERE o.invoice_id=c.invoice_id AND o.id<>c.id "
        "AND o.state NOT IN ('COLLECTED', 'FAILED', 'CANCELLED')), "
        "(SELECT s.state FROM subscription s WHERE s.id=i.subscription_id), " +
        columns_of(table_text<AttemptRow>(), "a") + ", " + columns_of(table_text<ChargeRow>(), "c") + ", " +
        columns_of(table_text<InvoiceRow>(), "i") + ", " + columns_of(table_text<ConsentCycleRow>(), "y") +
        " FROM (SELECT ? AS place, ? AS provider, ? AS mchid, ? AS out_trade_no";
    for (std::size_t i = 1; i < numbers; ++i) text += " UNION ALL SELECT ?, ?, ?, ?";
    return text +
           ") n JOIN attempt a ON a.provider=n.provider AND a.mchid=n.mchid AND "
           "a.out_trade_no=n.out_trade_no JOIN charge c ON c.id=a.charge_id JOIN invoice i ON "
           "i.id=a.invoice_id LEFT JOIN consent_cycle y ON y.consent_id=c.consent_id AND y.cycle=c.cycle";
}

SettlementView read_settlement(std::span<sql::Value> row) {
    SettlementView view;
    view.other_charge_open = as_int(row[0]) != 0;
    if (!is_null(row[1])) view.service_state = as_text(row[1]);
    row = row.subspan(2);
    view.attempt = read_row<AttemptRow>(next_columns<AttemptRow>(row));
    view.charge = read_row<ChargeRow>(next_columns<ChargeRow>(row));
    view.invoice = read_row<InvoiceRow>(next_columns<InvoiceRow>(row));
    if (!is_null(row[0])) view.consent_cycle = read_row<ConsentCycleRow>(row);
    return view;
}

using Settlements = std::vector<std::optional<SettlementView>>;

void load_some(sql::Connection& db, std::span<const OrderNumber> numbers, std::size_t first,
               Settlements& views) {
    const auto size = std::bit_ceil(numbers.size());
    RowValues parameters;
    for (std::size_t i = 0; i < size; ++i) {  // the last one is repeated: few different statements
        const auto place = std::min(i, numbers.size() - 1);
        parameters.emplace_back(static_cast<std::int64_t>(first + place));
        parameters.emplace_back(numbers[place].provider);
        parameters.emplace_back(numbers[place].mchid);
        parameters.emplace_back(numbers[place].out_trade_no);
    }
    db.query(settlement_text(size), parameters, [&](std::span<sql::Value> row) {
        views[static_cast<std::size_t>(as_int(row[0]))] = read_settlement(row.subspan(1));
    });
}

void add_charge_parts(sql::Connection& db, ChargeView& view) {
    const auto& charge = view.charge;
    view.lines = rows_of<InvoiceLineRow>(db, "WHERE t.invoice_id=? ORDER BY t.position, t.item_code",
                                         values(charge.invoice_id));
    if (charge.consent_id) {
        view.consent = row_of<ConsentRow>(db, "WHERE t.id=?", values(*charge.consent_id));
        view.items = rows_of<ConsentItemRow>(db, "WHERE t.consent_id=? ORDER BY t.item_code",
                                             values(*charge.consent_id));
        view.consent_cycle = row_of<ConsentCycleRow>(db, "WHERE t.consent_id=? AND t.cycle=?",
                                                     values(*charge.consent_id, charge.cycle));
    }
    if (!charge.mandate_id.empty())
        view.mandate = row_of<MandateRow>(db, "WHERE t.id=?", values(charge.mandate_id));
    view.attempts =
        rows_of<AttemptRow>(db, "WHERE t.charge_id=? ORDER BY t.created_at, t.id", values(charge.id));
    view.open_attempt =
        row_of<AttemptRow>(db, "WHERE t.invoice_id=? AND t.open_flag=1", values(charge.invoice_id));
    view.stops = rows_of<KillSwitchRow>(
        db, "WHERE t.scope IN ('global', ?, ?, ?) ORDER BY t.scope",
        values("provider:" + charge.provider, "tenant:" + charge.tenant_id.text(),
               "consent:" + (charge.consent_id ? charge.consent_id->text() : std::string())));
}

constexpr std::string_view charge_is_open = "t.state NOT IN ('COLLECTED', 'FAILED', 'CANCELLED')";

}  // namespace

awaitable<Settlements> Store::load_settlements(std::vector<OrderNumber> numbers) {
    return parts_->read<Settlements>([numbers = std::move(numbers)](sql::Connection& db, Settlements& views) {
        views.resize(numbers.size());
        constexpr std::size_t together = 64;
        for (std::size_t first = 0; first < numbers.size(); first += together) {
            const auto count = std::min(together, numbers.size() - first);
            load_some(db, std::span(numbers).subspan(first, count), first, views);
        }
    });
}

awaitable<std::optional<ChargeView>> Store::load_charge(ChargeId id) {
    return parts_->read<std::optional<ChargeView>>(
        [id](sql::Connection& db, std::optional<ChargeView>& view) {
            in_snapshot(db, [&] {
                const auto charge = row_of<ChargeRow>(db, "WHERE t.id=?", values(id));
                if (!charge) return;
                const auto tenant = row_of<TenantRow>(db, "WHERE t.id=?", values(charge->tenant_id));
                const auto invoice = row_of<InvoiceRow>(db, "WHERE t.id=?", values(charge->invoice_id));
                if (!tenant || !invoice)
                    throw std::logic_error("charge " + id.text() + " lacks its tenant or invoice");
                view.emplace();
                view->tenant = *tenant;
                view->charge = *charge;
                view->invoice = *invoice;
                add_charge_parts(db, *view);
            });
        });
}

awaitable<std::optional<AttemptRow>> Store::find_attempt(AttemptId id) {
    return parts_->one<AttemptRow>("WHERE t.id=?", values(id));
}
awaitable<std::optional<RefundRow>> Store::find_refund(RefundId id) {
    return parts_->one<RefundRow>("WHERE t.id=?", values(id));
}
awaitable<std::optional<RefundRow>> Store::find_refund_by_number(std::string out_refund_no) {
    return parts_->one<RefundRow>("WHERE t.out_refund_no=?", values(out_refund_no));
}
awaitable<std::vector<RefundRow>> Store::refunds_of_attempt(AttemptId id) {
    return parts_->many<RefundRow>("WHERE t.attempt_id=? ORDER BY t.created_at, t.id", values(id));
}
awaitable<std::vector<ChargeRow>> Store::charges_of_invoice(InvoiceId id) {
    return parts_->many<ChargeRow>("WHERE t.invoice_id=? ORDER BY t.created_at, t.id", values(id));
}
awaitable<std::vector<ChargeRow>> Store::open_charges_of_mandate(MandateId id) {
    return parts_->many<ChargeRow>(
        "WHERE t.mandate_id=? AND " + std::string(charge_is_open) + " ORDER BY t.created_at, t.id",
        values(id));
}
awaitable<std::vector<ChargeRow>> Store::open_charges_of_tenant(TenantId tenant) {
    return parts_->many<ChargeRow>(
        "WHERE t.tenant_id=? AND " + std::string(charge_is_open) + " ORDER BY t.created_at, t.id",
        values(tenant));
}

awaitable<std::vector<ConsentRow>> Store::consents(TenantId tenant) {
    return parts_->many<ConsentRow>("WHERE t.tenant_id=? ORDER BY t.created_at DESC, t.id DESC",
                                    values(tenant));
}

awaitable<std::optional<Store::ConsentView>> Store::find_consent(TenantId tenant, ConsentId id) {
    return parts_->read<std::optional<ConsentView>>(
        [tenant, id](sql::Connection& db, std::optional<ConsentView>& view) {
            in_snapshot(db, [&] {
                auto consent = row_of<ConsentRow>(db, "WHERE t.tenant_id=? AND t.id=?", values(tenant, id));
                if (!consent) return;
                view.emplace();
                view->consent = std::move(*consent);
                view->items =
                    rows_of<ConsentItemRow>(db, "WHERE t.consent_id=? ORDER BY t.item_code", values(id));
                view->mandates =
                    rows_of<MandateRow>(db, "WHERE t.consent_id=? ORDER BY t.created_at, t.id", values(id));
            });
        });
}

awaitable<std::optional<MandateRow>> Store::find_mandate(MandateId id) {
    return parts_->one<MandateRow>("WHERE t.id=?", values(id));
}
awaitable<std::optional<MandateRow>> Store::find_mandate_by_number(std::string provider,
                                                                   std::string our_number) {
    return parts_->one<MandateRow>("WHERE t.provider=? AND t.our_number=?", values(provider, our_number));
}
awaitable<std::optional<MandateRow>> Store::find_mandate_by_contract(std::string provider,
                                                                     std::string contract_id) {
    return parts_->one<MandateRow>(
        "WHERE t.provider=? AND t.contract_id=? ORDER BY t.created_at DESC LIMIT 1",
        values(provider, contract_id));
}

awaitable<std::vector<AuditRow>> Store::audit_of(std::string entity, std::string entity_id) {
    return parts_->many<AuditRow>("WHERE t.entity=? AND t.entity_id=? ORDER BY t.seq",
                                  values(entity, entity_id));
}
awaitable<std::vector<LedgerRow>> Store::ledger_of(std::string ref_type, std::string ref_id) {
    return parts_->many<LedgerRow>("WHERE t.ref_type=? AND t.ref_id=? ORDER BY t.id",
                                   values(ref_type, ref_id));
}
awaitable<std::vector<KillSwitchRow>> Store::kill_switches() {
    return parts_->many<KillSwitchRow>("ORDER BY t.scope", {});
}

awaitable<std::vector<Store::Takings>> Store::takings() {
    return parts_->read<std::vector<Takings>>([](sql::Connection& db, std::vector<Takings>& takings) {
        // A payment is booked by its attempt (debit), money that goes back by its refund (credit).
        db.query(
            "SELECT a.provider, SUM(CASE WHEN l.ref_type='attempt' THEN 1 ELSE 0 END), "
            "SUM(CASE WHEN l.ref_type='attempt' THEN l.debit_fen ELSE 0 END), "
            "SUM(CASE WHEN l.ref_type='refund' THEN l.credit_fen ELSE 0 END) FROM ledger l "
            "LEFT JOIN refund r ON l.ref_type='refund' AND r.id=l.ref_id "
            "JOIN attempt a ON a.id=CASE WHEN l.ref_type='refund' THEN r.attempt_id ELSE l.ref_id END "
            "WHERE l.account='clearing' AND l.ref_type IN ('attempt', 'refund') AND a.provider NOT IN "
            "('balance', 'credit_note') "
            "GROUP BY a.provider ORDER BY a.provider",
            {}, [&](std::span<const sql::Value> row) {
                takings.push_back(
                    {as_text(row[0]), as_int(row[1]), Fen{as_int(row[2])}, Fen{as_int(row[3])}});
            });
    });
}

}  // namespace wefee::storage
