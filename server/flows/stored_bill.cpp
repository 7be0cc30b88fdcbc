#include "server/flows/stored_bill.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "server/flows/rate_period.hpp"

namespace wefee::server {

RatedPeriod stored_bill(const std::vector<storage::InvoiceLineRow>& rows) {
    RatedPeriod bill;
    for (const auto& row : rows) {
        RatedLine line;
        line.item_code = row.item_code;
        line.kind = parse_line_kind(row.kind).value();
        line.period = days_of(row).value_or(DaySpan{});
        line.title = row.title;
        line.formula.amount = row.amount_fen;
        (line.kind == LineKind::tax ? bill.tax : bill.net) += row.amount_fen;
        bill.lines.push_back(std::move(line));
    }
    bill.total = bill.net + bill.tax;
    return bill;
}

Fen left_to_credit(const storage::BilledView& billed, const storage::InvoiceLineRow& line) {
    auto on_line = line.amount_fen;
    Fen in_invoice{}, in_all{};
    for (const auto& [invoice, lines] : billed.bills)
        for (const auto& other : lines) {
            if (other.item_code != line.item_code) continue;
            in_all += other.amount_fen;
            if (invoice.id == line.invoice_id) in_invoice += other.amount_fen;
        }
    for (const auto& note : billed.credit_notes) {
        if (note.item_code != line.item_code) continue;
        in_all -= note.gross_fen;
        if (note.invoice_id != line.invoice_id) continue;
        in_invoice -= note.gross_fen;
        if (note.line_position == line.position) on_line -= note.gross_fen;
    }
    return std::max(Fen{}, std::min({on_line, in_invoice, in_all}));
}

}  // namespace wefee::server
