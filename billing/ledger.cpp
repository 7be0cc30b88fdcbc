#include "billing/ledger.hpp"

namespace wefee {
namespace {

Postings move(Account debit, Account credit, Fen amount) {
    return {{debit, amount, Fen{}}, {credit, Fen{}, amount}};
}

}  // namespace

std::string_view account_text(Account account) {
    return account_names.at(static_cast<std::size_t>(account)).text;
}

Postings invoice_postings(Fen total, Fen tax) {
    if (total == Fen{}) return {};
    Postings postings{{Account::receivable, total, Fen{}}, {Account::revenue, Fen{}, total - tax}};
    if (tax != Fen{}) postings.push_back({Account::tax, Fen{}, tax});
    return postings;
}

Postings capture_postings(Fen amount) { return move(Account::clearing, Account::receivable, amount); }
Postings surplus_postings(Fen amount) { return move(Account::clearing, Account::surplus, amount); }
Postings refund_postings(Fen amount) { return move(Account::receivable, Account::clearing, amount); }
Postings surplus_refund_postings(Fen amount) { return move(Account::surplus, Account::clearing, amount); }
Postings write_off_postings(Fen amount) { return move(Account::written_off, Account::receivable, amount); }

bool balanced(const Postings& postings) {
    Fen debit, credit;
    for (const auto& posting : postings) debit += posting.debit, credit += posting.credit;
    return debit == credit;
}

}  // namespace wefee
