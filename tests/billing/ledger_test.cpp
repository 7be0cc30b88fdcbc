// Postings balance, and each capture and refund has its one clearing row (I-13, I-14).
#include "billing/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "property.hpp"

namespace wefee {
namespace {

bool known(std::string_view name) {
    return std::ranges::any_of(chart_of_accounts, [name](const Account& a) { return a.name == name; });
}

Fen of(const Postings& postings, std::string_view account, Fen Posting::* side) {
    Fen sum{};
    for (const auto& posting : postings)
        if (posting.account == account) sum += posting.*side;
    return sum;
}

TEST(Ledger, EverySetOfPostingsBalancesOnKnownAccountsWithOneSideEach) {
    testing::for_seeds(1000, [](testing::Random& random) {
        const Fen amount{random.between(0, 10'000'000)};
        const Fen tax{random.between(0, 600'000)};
        const Fen net{random.between(-1'000'000, 10'000'000)};
        for (const auto& postings :
             {post_invoice("inv_1", net, tax), post_capture("att_1", amount), post_surplus("att_1", amount),
              post_refund("rfd_1", amount, false), post_refund("rfd_1", amount, true),
              post_external_refund("rfd_1", amount),
              post_credit_note("cn_1", net, tax, {.lowered = amount, .cash = tax, .kept = net - amount}),
              post_note_refunded("att_1", amount), post_refund_kept("cn_1", amount),
              post_write_off("inv_1", amount), post_write_off_reversed("inv_1", amount),
              post_fee("fee_1", amount)}) {
            EXPECT_TRUE(is_balanced(postings));
            for (const auto& posting : postings) {
                EXPECT_TRUE(known(posting.account)) << posting.account;
                EXPECT_GE(posting.debit, Fen{});
                EXPECT_GE(posting.credit, Fen{});
                EXPECT_NE(posting.debit == Fen{}, posting.credit == Fen{});
            }
        }
    });
}

TEST(Ledger, ACaptureIsOneClearingDebitAndARefundOneClearingCredit) {
    for (const auto& postings : {post_capture("att_1", Fen{5}), post_surplus("att_1", Fen{5})}) {
        EXPECT_EQ(std::ranges::count(postings, account::clearing, &Posting::account), 1);
        EXPECT_EQ(of(postings, account::clearing, &Posting::debit), Fen{5});
        for (const auto& posting : postings) EXPECT_EQ(posting.ref_type, "attempt");
    }
    for (const auto& postings : {post_refund("rfd_1", Fen{5}, false), post_refund("rfd_1", Fen{5}, true),
                                 post_external_refund("rfd_1", Fen{5})}) {
        EXPECT_EQ(std::ranges::count(postings, account::clearing, &Posting::account), 1);
        EXPECT_EQ(of(postings, account::clearing, &Posting::credit), Fen{5});
        for (const auto& posting : postings) EXPECT_EQ(posting.ref_type, "refund");
    }
}

TEST(Ledger, APaidInvoiceLeavesNothingReceivableAndARefundMakesItOwedAgain) {
    auto books = post_invoice("inv_1", Fen{1000}, Fen{60});
    const auto add = [&books](const Postings& more) { books.insert(books.end(), more.begin(), more.end()); };
    const auto owed = [&books] {
        return of(books, account::receivable, &Posting::debit) -
               of(books, account::receivable, &Posting::credit);
    };
    EXPECT_EQ(owed(), Fen{1060});
    add(post_capture("att_1", Fen{1060}));
    EXPECT_EQ(owed(), Fen{});
    add(post_refund("rfd_1", Fen{1060}, false));
    EXPECT_EQ(owed(), Fen{1060});
    add(post_credit_note("cn_1", Fen{1000}, Fen{60}, {.lowered = Fen{1060}}));
    add(post_capture("att_2", Fen{1060}));
    EXPECT_EQ(owed(), Fen{});
    EXPECT_EQ(of(books, account::revenue, &Posting::credit), of(books, account::revenue, &Posting::debit));
}

TEST(Ledger, TheCashOfANoteIsOwedToTheTenantUntilItsRefundSucceedsOrBecomesAccountCredit) {
    const auto balance = [](const Postings& books, std::string_view account) {
        return of(books, account, &Posting::debit) - of(books, account, &Posting::credit);
    };
    auto books = post_invoice("inv_1", Fen{1000}, Fen{60});
    const auto add = [&books](const Postings& more) { books.insert(books.end(), more.begin(), more.end()); };
    add(post_capture("att_1", Fen{1060}));
    add(post_credit_note("cn_1", Fen{1000}, Fen{60}, {.cash = Fen{900}, .kept = Fen{160}}));
    EXPECT_EQ(balance(books, account::surplus), -Fen{900});
    EXPECT_EQ(balance(books, account::account_credit), -Fen{160});
    EXPECT_EQ(balance(books, account::receivable), Fen{});
    auto failed = books;
    const auto kept = post_refund_kept("cn_2", Fen{900});
    failed.insert(failed.end(), kept.begin(), kept.end());
    EXPECT_EQ(balance(failed, account::surplus), Fen{});
    EXPECT_EQ(balance(failed, account::account_credit), -Fen{1060});
    add(post_refund("rfd_1", Fen{900}, false));
    add(post_capture("att_2", Fen{900}));
    add(post_note_refunded("att_2", Fen{900}));
    EXPECT_EQ(balance(books, account::surplus), Fen{});
    EXPECT_EQ(balance(books, account::receivable), Fen{});
    EXPECT_EQ(balance(books, account::clearing), Fen{160}) << "what is left of the money";
}

TEST(Ledger, NamesAreDistinct) {
    std::set<std::string_view> names;
    for (const auto& account : chart_of_accounts) EXPECT_TRUE(names.insert(account.name).second);
}

TEST(Ledger, NoticesAnImbalance) {
    auto postings = post_capture("att_1", Fen{5});
    postings.front().debit = Fen{6};
    EXPECT_FALSE(is_balanced(postings));
}

}  // namespace
}  // namespace wefee
