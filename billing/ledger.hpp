// Double entry: which accounts there are and what each event posts. Every function gives a balanced set.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "billing/money.hpp"

namespace wefee {

enum class Account {
    receivable,  // what tenants owe
    revenue,
    tax,
    clearing,    // at the provider, ours
    surplus,     // money that came although nothing was owed: goes back
    written_off
};

struct AccountName {
    Account account;
    std::string_view text;  // as stored
};
inline constexpr std::array account_names{
    AccountName{Account::receivable, "receivable"}, AccountName{Account::revenue, "revenue"},
    AccountName{Account::tax, "tax"},               AccountName{Account::clearing, "clearing"},
    AccountName{Account::surplus, "surplus"},       AccountName{Account::written_off, "written_off"},
};
std::string_view account_text(Account account);

struct Posting {
    Account account{};
    Fen debit;
    Fen credit;
    friend bool operator==(const Posting&, const Posting&) = default;
};
using Postings = std::vector<Posting>;

/// `total` includes `tax`. ref_type 'invoice'. Nothing for a zero invoice.
Postings invoice_postings(Fen total, Fen tax);
/// A won attempt pays what is owed: exactly one debit of `clearing` over the amount. ref_type 'attempt'.
Postings capture_postings(Fen amount);
/// Money for which nothing is owed. ref_type 'attempt'.
Postings surplus_postings(Fen amount);
/// A refund of a won attempt: owed again, until a credit note says otherwise (R7). ref_type 'refund'.
Postings refund_postings(Fen amount);
/// A refund of a surplus. ref_type 'refund'.
Postings surplus_refund_postings(Fen amount);
/// What will not be collected any more. ref_type 'invoice'.
Postings write_off_postings(Fen amount);

bool balanced(const Postings& postings);

}  // namespace wefee
