// What a payment or an answer does, state by state, and that any order of true events keeps each fen once.
#include "billing/settle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "billing/ledger.hpp"
#include "property.hpp"

namespace wefee {
namespace {

PaymentSucceeded paid() {
    PaymentSucceeded fact;
    fact.provider = Provider::wechat;
    fact.mchid = "1900000001";
    fact.app_id = "wx1";
    fact.out_trade_no = "W1";
    fact.transaction_id = "4200001";
    fact.amount = Fen{30'000};
    fact.payer = "openid-1";
    fact.contract_id = "c1";
    return fact;
}

AttemptView attempt_in(AttemptState state) {
    AttemptView view{state, Provider::wechat, "1900000001", "wx1", "W1", Fen{30'000}, "openid-1", "c1", ""};
    if (is_captured(state)) view.provider_txn = "4200001";
    return view;
}

InvoiceView invoice_of(InvoiceState state, std::int64_t paid_fen, std::int64_t reserved) {
    return {.state = state, .total = Fen{30'000}, .paid = Fen{paid_fen}, .reserved = Fen{reserved}};
}

TEST(Payment, AnOpenAttemptWinsFromEveryOpenState) {
    for (const auto& state : Machine<AttemptState>::states) {
        if (!is_open(state.value)) continue;
        const auto result = decide_payment(paid(), attempt_in(state.value), ChargeState::collecting,
                                           invoice_of(InvoiceState::processing, 0, 30'000));
        EXPECT_EQ(result.outcome, PaymentOutcome::succeeded) << state.text;
        EXPECT_EQ(next(state.value, result.attempt.value()), AttemptState::succeeded);
        EXPECT_EQ(result.charge, ChargeEvent::collected);
        EXPECT_EQ(result.invoice, InvoiceEvent::paid_in_full);
        EXPECT_EQ(result.paid_delta, Fen{30'000});
        EXPECT_EQ(result.reserved_delta, Fen{-30'000});
        EXPECT_FALSE(result.refund_in_full);
    }
}

TEST(Payment, ALateOneIsKeptWhenTheInvoiceHasRoomAndGoesBackOtherwise) {
    for (const auto state : {AttemptState::failed, AttemptState::cancelled}) {
        const auto kept = decide_payment(paid(), attempt_in(state), ChargeState::failed,
                                         invoice_of(InvoiceState::overdue, 0, 0));
        EXPECT_EQ(kept.outcome, PaymentOutcome::late_success);
        EXPECT_EQ(kept.attempt, AttemptEvent::late_success);
        EXPECT_EQ(kept.charge, ChargeEvent::collected);
        EXPECT_EQ(kept.reserved_delta, Fen{});
        for (const auto& full :
             {invoice_of(InvoiceState::paid, 30'000, 0), invoice_of(InvoiceState::processing, 0, 30'000),
              invoice_of(InvoiceState::partly_paid, 1, 0), invoice_of(InvoiceState::voided, 0, 0)}) {
            const auto back = decide_payment(paid(), attempt_in(state), ChargeState::cancelled, full);
            EXPECT_EQ(back.outcome, PaymentOutcome::surplus);
            EXPECT_EQ(back.attempt, AttemptEvent::surplus);
            EXPECT_TRUE(back.refund_in_full);
            EXPECT_EQ(back.paid_delta, Fen{});
            EXPECT_EQ(back.charge, std::nullopt);
        }
    }
}

TEST(Payment, ASecondWinnerOfOneChargeIsSurplusAndFreesItsReservation) {
    const auto result = decide_payment(paid(), attempt_in(AttemptState::accepted), ChargeState::collected,
                                       {.state = InvoiceState::processing,
                                        .total = Fen{90'000},
                                        .paid = Fen{30'000},
                                        .reserved = Fen{30'000}});
    EXPECT_EQ(result.outcome, PaymentOutcome::surplus);
    EXPECT_EQ(result.reserved_delta, Fen{-30'000});
    EXPECT_EQ(result.invoice, InvoiceEvent::collection_ended_partly);
    EXPECT_EQ(result.charge, std::nullopt);
}

TEST(Payment, TheCycleCapOfTheConsentIsAGuardToo) {
    auto invoice = invoice_of(InvoiceState::overdue, 0, 0);
    invoice.cycle_room = Fen{29'999};
    EXPECT_EQ(decide_payment(paid(), attempt_in(AttemptState::failed), ChargeState::failed, invoice).outcome,
              PaymentOutcome::surplus);
    invoice.cycle_room = Fen{30'000};
    EXPECT_EQ(decide_payment(paid(), attempt_in(AttemptState::failed), ChargeState::failed, invoice).outcome,
              PaymentOutcome::late_success);
}

TEST(Payment, ARepeatIsADuplicateAndAnotherTransactionIsNot) {
    for (const auto state : {AttemptState::succeeded, AttemptState::surplus}) {
        const auto again = decide_payment(paid(), attempt_in(state), ChargeState::collected,
                                          invoice_of(InvoiceState::paid, 30'000, 0));
        EXPECT_EQ(again.outcome, PaymentOutcome::duplicate);
        EXPECT_EQ(again.attempt, std::nullopt);
        auto other = paid();
        other.transaction_id = "4200002";
        EXPECT_EQ(decide_payment(other, attempt_in(state), ChargeState::collected,
                                 invoice_of(InvoiceState::paid, 30'000, 0))
                      .mismatch,
                  "transaction_id");
    }
}

TEST(Payment, ForeignMessagesMoveNothingAndNameTheirField) {
    const auto expect_foreign = [](std::string_view field, auto change) {
        auto fact = paid();
        change(fact);
        for (const auto& state : Machine<AttemptState>::states) {
            const auto result = decide_payment(fact, attempt_in(state.value), ChargeState::collecting,
                                               invoice_of(InvoiceState::processing, 0, 30'000));
            EXPECT_EQ(result.outcome, PaymentOutcome::mismatch) << field;
            EXPECT_EQ(result.mismatch, field);
            EXPECT_FALSE(result.attempt || result.charge || result.invoice);
            EXPECT_EQ(result.paid_delta, Fen{});
            EXPECT_EQ(result.reserved_delta, Fen{});
        }
    };
    expect_foreign("provider", [](auto& f) { f.provider = Provider::alipay; });
    expect_foreign("mchid", [](auto& f) { f.mchid = "1900000002"; });
    expect_foreign("app_id", [](auto& f) { f.app_id = "wx2"; });
    expect_foreign("out_trade_no", [](auto& f) { f.out_trade_no = "W2"; });
    expect_foreign("transaction_id", [](auto& f) { f.transaction_id.clear(); });
}

TEST(Payment, AnotherAmountIsNeverAppliedAndWaitsForAPerson) {
    const auto expect_differs = [](std::string_view field, auto change) {
        auto fact = paid();
        change(fact);
        for (const auto& state : Machine<AttemptState>::states) {
            const auto result = decide_payment(fact, attempt_in(state.value), ChargeState::collecting,
                                               invoice_of(InvoiceState::processing, 0, 30'000));
            EXPECT_EQ(result.outcome, PaymentOutcome::mismatch) << state.text;
            EXPECT_EQ(result.mismatch, field);
            EXPECT_EQ(result.paid_delta, Fen{});
            const bool moves = is_open(state.value) && state.value != AttemptState::review;
            EXPECT_EQ(result.attempt.has_value(), moves) << state.text;
            if (moves) EXPECT_EQ(next(state.value, *result.attempt), AttemptState::review);
        }
    };
    expect_differs("amount", [](auto& f) { f.amount = Fen{29'999}; });
    expect_differs("contract_id", [](auto& f) { f.contract_id = "c2"; });
    expect_differs("payer", [](auto& f) { f.payer = "openid-2"; });
}

TEST(Release, GivesTheReservationBackAndSaysWhatComesNext) {
    const auto invoice = invoice_of(InvoiceState::processing, 0, 30'000);
    const auto again = decide_release(AttemptEvent::failed, AttemptState::accepted, Fen{30'000},
                                      ChargeState::collecting, invoice, true);
    EXPECT_EQ(again.charge, ChargeEvent::attempt_failed_retry);
    EXPECT_EQ(again.invoice, InvoiceEvent::collection_ended);
    EXPECT_EQ(again.reserved_delta, Fen{-30'000});
    EXPECT_EQ(decide_release(AttemptEvent::refused, AttemptState::sent, Fen{1}, ChargeState::collecting,
                             invoice, false)
                  .charge,
              ChargeEvent::attempt_failed_final);
    EXPECT_EQ(decide_release(AttemptEvent::cancelled, AttemptState::intent, Fen{1}, ChargeState::collecting,
                             invoice, true)
                  .charge,
              ChargeEvent::attempt_withdrawn);
    auto overdue = invoice;
    overdue.overdue = true;
    EXPECT_EQ(decide_release(AttemptEvent::failed, AttemptState::sent, Fen{1}, ChargeState::collecting,
                             overdue, false)
                  .invoice,
              InvoiceEvent::collection_ended_overdue);
    // Events that leave the attempt open, or that are not legal, release nothing.
    EXPECT_EQ(decide_release(AttemptEvent::unknown, AttemptState::sent, Fen{1}, ChargeState::collecting,
                             invoice, true)
                  .reserved_delta,
              Fen{});
    EXPECT_EQ(decide_release(AttemptEvent::failed, AttemptState::failed, Fen{1}, ChargeState::collecting,
                             invoice, true)
                  .reserved_delta,
              Fen{});
}

TEST(Room, IsWhatIsOwedAndNotReservedInStatesThatTakeMoney) {
    InvoiceView invoice{.state = InvoiceState::partly_paid,
                        .total = Fen{100},
                        .paid = Fen{40},
                        .reserved = Fen{30},
                        .refunded = Fen{10}};
    EXPECT_EQ(room_of(invoice), Fen{40});
    invoice.cycle_room = Fen{15};
    EXPECT_EQ(room_of(invoice), Fen{15});
    for (const auto state :
         {InvoiceState::draft, InvoiceState::paid, InvoiceState::written_off, InvoiceState::voided}) {
        invoice.state = state;
        EXPECT_EQ(room_of(invoice), Fen{});
    }
}

/// The table of the money protocol, written out: answer → event and next step for the open states.
TEST(Refund, WithoutAnAdjustmentMakesTheInvoiceOwedAgain) {
    const auto event = [](InvoiceState state, Fen paid, Fen refunded, Fen amount) {
        return event_of_refund({.state = state, .total = Fen{100}, .paid = paid, .refunded = refunded},
                               amount);
    };
    EXPECT_EQ(event(InvoiceState::paid, Fen{100}, Fen{}, Fen{40}), InvoiceEvent::refunded_in_part);
    EXPECT_EQ(event(InvoiceState::paid, Fen{100}, Fen{}, Fen{100}), InvoiceEvent::refunded_in_full);
    EXPECT_EQ(event(InvoiceState::partly_paid, Fen{100}, Fen{40}, Fen{60}), InvoiceEvent::refunded_in_full);
    EXPECT_EQ(event(InvoiceState::overdue, Fen{50}, Fen{}, Fen{50}), InvoiceEvent::refunded_in_full);
    EXPECT_EQ(event(InvoiceState::processing, Fen{50}, Fen{}, Fen{50}), std::nullopt)
        << "the open attempt ends it";
}

TEST(Settlement, FromInsidePaysAsFarAsItGoes) {
    const auto event = [](InvoiceState state, Fen paid, Fen amount) {
        return event_of_settlement({.state = state, .total = Fen{100}, .paid = paid}, amount);
    };
    EXPECT_EQ(event(InvoiceState::final, Fen{}, Fen{40}), InvoiceEvent::paid_in_part);
    EXPECT_EQ(event(InvoiceState::overdue, Fen{60}, Fen{40}), InvoiceEvent::paid_in_full);
    EXPECT_EQ(event(InvoiceState::paid, Fen{100}, Fen{40}), std::nullopt);
}

TEST(Answers, CountAsTheProtocolSays) {
    using enum NextStep;
    struct Row {
        CallAnswer answer;
        std::int64_t sends;
        std::string sent, accepted, unknown, review;  // event or "" for each state
        NextStep step;
    };
    const std::vector<Row> table{
        {CallAnswer::succeeded, 1, "succeeded", "succeeded", "succeeded", "succeeded", book},
        {CallAnswer::accepted, 1, "accepted", "", "accepted", "", query},
        {CallAnswer::in_progress, 1, "accepted", "", "accepted", "", query},
        {CallAnswer::refused, 2, "unknown", "unknown", "", "", query},
        {CallAnswer::failed, 1, "failed", "failed", "failed", "failed", retry_calendar},
        {CallAnswer::already, 1, "", "", "", "", query},
        {CallAnswer::not_found, 1, "unknown", "unknown", "", "", send_again},
        {CallAnswer::differs, 1, "differs", "differs", "differs", "", person},
        {CallAnswer::unknown, 1, "unknown", "unknown", "", "", query},
        {CallAnswer::window_closed, 1, "window_closed", "window_closed", "window_closed", "", person},
    };
    const auto event_in = [](const AnswerEffect& effect) {
        return effect.event ? std::string(event_text<AttemptState>(*effect.event)) : "";
    };
    for (const auto& row : table) {
        const std::map<AttemptState, std::string> expected{{AttemptState::sent, row.sent},
                                                           {AttemptState::accepted, row.accepted},
                                                           {AttemptState::unknown, row.unknown},
                                                           {AttemptState::review, row.review}};
        for (const auto& [state, event] : expected) {
            const auto effect = effect_of(row.answer, state, row.sends);
            EXPECT_EQ(event_in(effect), event) << static_cast<int>(row.answer) << " " << state_text(state);
            const bool final_word = row.step == book || row.step == retry_calendar;
            EXPECT_EQ(effect.next, state == AttemptState::review && !final_word ? person : row.step)
                << state_text(state);
        }
    }
    const auto refused = effect_of(CallAnswer::refused, AttemptState::sent, 1);
    EXPECT_EQ(refused.event, AttemptEvent::refused);
    EXPECT_EQ(refused.next, retry_calendar);
}

TEST(Answers, NeverMoveAClosedAttempt) {
    for (const auto& state : Machine<AttemptState>::states)
        for (int answer = 0; answer <= static_cast<int>(CallAnswer::window_closed); ++answer) {
            const auto effect = effect_of(static_cast<CallAnswer>(answer), state.value, 1);
            if (!is_open(state.value)) {
                EXPECT_EQ(effect.event, std::nullopt);
                EXPECT_EQ(effect.next, NextStep::none);
            } else if (effect.event) {
                EXPECT_TRUE(next(state.value, *effect.event)) << state.text << " " << answer;
            }
        }
}

/// P-06 in the small: attempts of one invoice, true successes of some of them, told in any order, any number
/// of times. Whatever the order, the invoice keeps at most its total, each attempt is captured once, and the
/// books balance.
TEST(Payment, AnyOrderAndRepetitionKeepsEachFenOnce) {
    testing::for_seeds(3000, [](testing::Random& random) {
        InvoiceView invoice{.state = InvoiceState::final, .total = Fen{30'000}};
        struct Order {
            AttemptView view;
            ChargeState charge = ChargeState::collecting;
        };
        std::vector<Order> orders(3);
        const auto live = static_cast<std::size_t>(random.between(0, 2));
        for (std::size_t i = 0; i < orders.size(); ++i) {
            orders[i].view = attempt_in(AttemptState::failed);
            orders[i].view.out_trade_no = "W" + std::to_string(i);
            orders[i].charge = ChargeState::failed;
        }
        orders[live].view.state = AttemptState::accepted;
        orders[live].charge = ChargeState::collecting;
        invoice.state = InvoiceState::processing;
        invoice.reserved = Fen{30'000};
        Postings books;
        Fen captured{};
        for (int told = 0; told < 12; ++told) {
            auto& order = orders[static_cast<std::size_t>(random.between(0, 2))];
            auto fact = paid();
            fact.out_trade_no = order.view.out_trade_no;
            fact.transaction_id = "T" + order.view.out_trade_no;
            const auto result = decide_payment(fact, order.view, order.charge, invoice);
            invoice.paid += result.paid_delta;
            invoice.reserved += result.reserved_delta;
            if (result.invoice) invoice.state = next(invoice.state, *result.invoice).value();
            if (result.charge) order.charge = next(order.charge, *result.charge).value();
            if (!result.attempt) continue;
            order.view.state = next(order.view.state, *result.attempt).value();
            order.view.provider_txn = fact.transaction_id;
            captured += fact.amount;
            const auto postings = result.refund_in_full ? post_surplus(order.view.out_trade_no, fact.amount)
                                                        : post_capture(order.view.out_trade_no, fact.amount);
            books.insert(books.end(), postings.begin(), postings.end());
            EXPECT_LE(invoice.paid + invoice.reserved - invoice.refunded, invoice.total);
            EXPECT_GE(invoice.reserved, Fen{});
        }
        EXPECT_TRUE(is_balanced(books));
        Fen cleared{};
        for (const auto& posting : books)
            if (posting.account == account::clearing) cleared += posting.debit;
        EXPECT_EQ(cleared, captured);
    });
}

}  // namespace
}  // namespace wefee
