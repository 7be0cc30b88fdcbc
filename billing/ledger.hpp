// Double entry (B10): the chart of accounts, and the postings of every fact that moves money. Always
// balanced.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/credit_note.hpp"

namespace wefee {

enum class AccountKind { asset, liability, income, expense };

struct Account {
    std::string_view name;
    AccountKind kind;
    std::string_view title;
};

namespace account {
inline constexpr std::string_view receivable = "receivable";
inline constexpr std::string_view clearing = "clearing";
inline constexpr std::string_view revenue = "revenue";
inline constexpr std::string_view tax_payable = "tax_payable";
inline constexpr std::string_view surplus = "surplus";
inline constexpr std::string_view account_credit = "account_credit";
inline constexpr std::string_view external_refund = "external_refund";
inline constexpr std::string_view fee = "fee";
inline constexpr std::string_view bad_debt = "bad_debt";
}  // namespace account

inline constexpr std::array chart_of_accounts{
    Account{account::receivable, AccountKind::asset, "应收账款"},
    Account{account::clearing, AccountKind::asset, "渠道在途资金"},
    Account{account::revenue, AccountKind::income, "服务收入"},
    Account{account::tax_payable, AccountKind::liability, "应交税费"},
    Account{account::surplus, AccountKind::liability, "应退多收款"},
    Account{account::account_credit, AccountKind::liability, "客户余额"},
    Account{account::external_refund, AccountKind::asset, "渠道后台退款待核"},
    Account{account::fee, AccountKind::expense, "渠道手续费"},
    Account{account::bad_debt, AccountKind::expense, "坏账"},
};

/// One side is zero, none is negative. ref_type: invoice, attempt, refund, credit_note, balance, fee.
struct Posting {
    std::string_view account;
    Fen debit;
    Fen credit;
    std::string_view ref_type;
    std::string ref_id;
};
using Postings = std::vector<Posting>;

/// total = net + tax; a negative invoice turns the sides round. No postings for nothing.
Postings post_invoice(const std::string& invoice_id, Fen net, Fen tax);
/// The one `clearing` debit of an attempt (I-14).
Postings post_capture(const std::string& attempt_id, Fen amount);
/// Money that has no invoice to pay: owed back. Also the one `clearing` debit of its attempt.
Postings post_surplus(const std::string& attempt_id, Fen amount);
/// The one `clearing` credit of a refund; `of_surplus`: of a surplus attempt, else the invoice is owed again.
Postings post_refund(const std::string& refund_id, Fen amount, bool of_surplus);
/// Found in the provider's console: waits for a person to say what it was.
Postings post_external_refund(const std::string& refund_id, Fen amount);
/// `parts` add up to net + tax. What the note lowers is cleared by its own attempt's capture; what goes back
/// in cash is owed to the tenant until its refund succeeds.
Postings post_credit_note(const std::string& note_id, Fen net, Fen tax, const NoteParts& parts);
/// The refund of a note has succeeded: its attempt's capture pays for what the refund made owed.
Postings post_note_refunded(const std::string& attempt_id, Fen amount);
/// The refund of a note has failed: what was to go back becomes account credit, by a note of its own.
Postings post_refund_kept(const std::string& note_id, Fen amount);
/// Account credit pays for what its attempt captured.
Postings post_credit_used(const std::string& attempt_id, Fen amount);
Postings post_write_off(const std::string& invoice_id, Fen owed);
/// Money for an invoice that was written off: its part is owed again before the capture pays it.
Postings post_write_off_reversed(const std::string& invoice_id, Fen amount);
/// What the provider keeps of a capture.
Postings post_fee(const std::string& fee_id, Fen amount);

bool is_balanced(std::span<const Posting> postings);

}  // namespace wefee
