#include "server/scenario/print.hpp"

#include "billing/invoiced.hpp"

namespace wefee::server {

using nlohmann::ordered_json;

namespace {

ordered_json print_days(DaySpan days) {
    return ordered_json::array({format_day(days.start), format_day(days.end)});
}

ordered_json print_line(const RatedLine& line, Fen discount) {
    const auto& formula = line.formula;
    return {{"code", line.item_code},
            {"kind", line_kind_name(line.kind)},
            {"title", line.title},
            {"days", print_days(line.period)},
            {"unit_price_micro_yuan", formula.unit_price.count()},
            {"unit", formula.unit},
            {"quantity", format_quantity(formula.quantity)},
            {"included", format_quantity(formula.included)},
            {"factor_num", formula.factor_num},
            {"factor_den", formula.factor_den},
            {"already_fen", formula.already.count()},
            {"amount_fen", line.amount().count()},
            {"discount_fen", discount.count()},
            {"taxable_fen", (line.amount() - discount).count()},
            {"tax_fen", line.tax.count()},
            {"formula_text", formula.text}};
}

ordered_json print_invoice(const IssuedInvoice& invoice) {
    ordered_json row{{"cause", invoice_cause_name(invoice.cause)},
                     {"issued_on", format_day(invoice.day)},
                     {"period", print_days(invoice.period)}};
    row.update(print_bill(invoice.bill));
    row["state"] = state_text(invoice.state);
    row["charged_fen"] = invoice.position().charged.count();
    row["credit_used_fen"] = invoice.credit_used.count();
    row["adjusted_fen"] = invoice.adjusted.count();
    row["received_fen"] = invoice.received().count();
    row["due_fen"] = invoice.due().count();
    row["payments"] = ordered_json::array();
    for (const auto& payment : invoice.payments)
        row["payments"].push_back({{"on", format_day(payment.day)},
                                   {"channel", provider_name(payment.channel)},
                                   {"amount_fen", payment.amount.count()},
                                   {"outcome", payment_outcome_name(payment.outcome)},
                                   {"returned_fen", payment.returned.count()}});
    return row;
}

}  // namespace

ordered_json print_bill(const RatedPeriod& bill) {
    ordered_json row{{"net_fen", bill.net.count()},       {"tax_fen", bill.tax.count()},
                     {"total_fen", bill.total.count()},   {"suppressed_fen", bill.suppressed.count()},
                     {"amounts", ordered_json::object()}, {"lines", ordered_json::array()}};
    const auto discounts = line_discounts(bill);
    for (std::size_t i = 0; i < bill.lines.size(); ++i) {
        row["amounts"][bill.lines[i].item_code] = bill.lines[i].amount().count();
        row["lines"].push_back(print_line(bill.lines[i], discounts[i]));
    }
    return row;
}

ordered_json print_change(const ChangeBill& change, Fen balance_after) {
    ordered_json row{{"charge", print_bill(change.charge)},
                     {"credit_net_fen", change.credit_net.count()},
                     {"credit_tax_fen", change.credit_tax.count()},
                     {"credit_total_fen", change.credit_total.count()},
                     {"balance_fen", change.balance().count()},
                     {"account_credit_fen", balance_after.count()},
                     {"credits", ordered_json::array()}};
    for (const auto& credit : change.credits)
        row["credits"].push_back({{"code", credit.item_code},
                                  {"title", credit.title},
                                  {"unused", print_days(credit.unused)},
                                  {"net_fen", credit.net.count()},
                                  {"tax_fen", credit.tax.count()},
                                  {"total_fen", credit.total.count()},
                                  {"formula_text", credit.text}});
    return row;
}

ordered_json print_account(const TenantAccount& account) {
    ordered_json row{{"invoices", ordered_json::array()}, {"credit_notes", ordered_json::array()}};
    for (const auto& invoice : account.invoices()) row["invoices"].push_back(print_invoice(invoice));
    for (const auto& note : account.credit_notes())
        row["credit_notes"].push_back({{"issued_on", format_day(note.day)},
                                       {"code", note.item_code},
                                       {"discount_fen", note.discount.count()},
                                       {"net_fen", note.note.net.count()},
                                       {"tax_fen", note.note.tax.count()},
                                       {"total_fen", note.note.total.count()},
                                       {"refunded_fen", note.refunded.count()},
                                       {"account_credit_fen", note.kept.count()},
                                       {"formula_text", note.text}});
    row["account_credit_fen"] = account.balance().count();
    return row;
}

}  // namespace wefee::server
