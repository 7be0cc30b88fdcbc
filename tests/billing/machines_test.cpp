// Every state × event pair of every machine against a list written out a second time: a changed row is
// changed twice or not at all.
#include "billing/machines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace wefee {
namespace {

/// "FROM: event>TO event>TO", one line a state; the line without a name holds the creations.
using Expected = std::map<std::string, std::map<std::string, std::string>>;

Expected read(const char* text) {
    Expected expected;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        auto& moves = expected[line.substr(0, colon)];
        std::istringstream words(line.substr(colon + 1));
        for (std::string word; words >> word;) {
            const auto arrow = word.find('>');
            moves[word.substr(0, arrow)] = word.substr(arrow + 1);
        }
    }
    return expected;
}

std::string looked_up(const Expected& expected, const std::string& from, const std::string& event) {
    const auto moves = expected.find(from);
    if (moves == expected.end()) return "no line for this state";
    const auto move = moves->second.find(event);
    return move == moves->second.end() ? "" : move->second;
}

template <class State>
std::string text_of(std::optional<State> state) {
    return state ? std::string(state_text(*state)) : "";
}

template <class State>
void expect_machine(const char* text) {
    using M = Machine<State>;
    const auto expected = read(text);
    ASSERT_EQ(expected.size(), M::states.size() + 1) << "one line a state, and the creations";
    std::size_t legal = 0;
    for (const auto& event : M::events) {
        const std::string name(event.text);
        EXPECT_EQ(text_of(create<State>(event.value)), looked_up(expected, "", name))
            << "created by " << name;
        legal += create<State>(event.value).has_value();
        for (const auto& state : M::states) {
            const auto to = next(state.value, event.value);
            EXPECT_EQ(text_of(to), looked_up(expected, std::string(state.text), name))
                << state.text << " " << name;
            legal += to.has_value();
        }
    }
    std::size_t written = 0;
    for (const auto& [state, moves] : expected) written += moves.size();
    EXPECT_EQ(legal, written) << "a written line names an event that does not exist";
    EXPECT_EQ(M::creations.size() + M::transitions.size(), legal) << "two rows for one pair";
}

TEST(AuthorisationMachine, MovesExactlyAsWritten) {
    expect_machine<AuthorisationState>(R"(
: code_received>CODE_RECEIVED installed>ACTIVE
CODE_RECEIVED: code_received>CODE_RECEIVED exchanged>ACTIVE exchange_failed>CANCELLED cancelled>CANCELLED
ACTIVE: code_received>ACTIVE exchanged>ACTIVE changed>ACTIVE code_reset>ACTIVE suspended>SUSPENDED cancelled>CANCELLED cancelled_inferred>CANCELLED
SUSPENDED: code_received>SUSPENDED exchanged>ACTIVE changed>SUSPENDED code_reset>SUSPENDED resumed>ACTIVE cancelled>CANCELLED cancelled_inferred>CANCELLED
CANCELLED: code_received>CODE_RECEIVED installed>ACTIVE
)");
}

TEST(ConsentMachine, MovesExactlyAsWritten) {
    expect_machine<ConsentState>(R"(
: drafted>DRAFT presented>PRESENTED
DRAFT: presented>PRESENTED superseded>SUPERSEDED expired>EXPIRED
PRESENTED: granted>GRANTED declined>DECLINED superseded>SUPERSEDED expired>EXPIRED
GRANTED: superseded>SUPERSEDED withdrawn>WITHDRAWN expired>EXPIRED
DECLINED:
SUPERSEDED:
WITHDRAWN:
EXPIRED:
)");
}

TEST(MandateMachine, MovesExactlyAsWritten) {
    expect_machine<MandateState>(R"(
: created>CREATED
CREATED: signing_started>SIGNING contract_signed>ACTIVE signing_abandoned>ENDED ended>ENDED
SIGNING: contract_signed>ACTIVE signing_abandoned>ENDED ended>ENDED
ACTIVE: paused>SUSPENDED stopped>SUSPENDED ending_requested>ENDING ended>ENDED
SUSPENDED: resumed>ACTIVE ending_requested>ENDING ended>ENDED
ENDING: ending_refused>ACTIVE ended>ENDED
ENDED: contract_signed_late>ACTIVE
)");
}

TEST(SubscriptionMachine, MovesExactlyAsWritten) {
    expect_machine<SubscriptionState>(R"(
: created>PENDING
PENDING: trial_started>TRIALING activated>ACTIVE ended>ENDED
TRIALING: activated>ACTIVE payment_overdue>PAST_DUE paused>PAUSED ended>ENDED
ACTIVE: trial_started>TRIALING payment_overdue>PAST_DUE paused>PAUSED ended>ENDED
PAST_DUE: grace_ended>RESTRICTED recovered>ACTIVE ended>ENDED
RESTRICTED: recovered>ACTIVE ended>ENDED
PAUSED: resumed>ACTIVE payment_overdue>PAST_DUE ended>ENDED
ENDED:
)");
}

TEST(InvoiceMachine, MovesExactlyAsWritten) {
    expect_machine<InvoiceState>(R"(
: drafted>DRAFT finalised>FINAL finalised_zero>PAID
DRAFT: finalised>FINAL finalised_zero>PAID voided>VOIDED
FINAL: collection_started>PROCESSING paid_in_part>PARTLY_PAID paid_in_full>PAID fell_due>OVERDUE written_off>WRITTEN_OFF voided>VOIDED
PROCESSING: collection_ended>FINAL collection_ended_partly>PARTLY_PAID collection_ended_overdue>OVERDUE paid_in_part>PARTLY_PAID paid_in_full>PAID
PARTLY_PAID: collection_started>PROCESSING paid_in_part>PARTLY_PAID paid_in_full>PAID fell_due>OVERDUE written_off>WRITTEN_OFF refunded_in_part>PARTLY_PAID refunded_in_full>FINAL
PAID: refunded_in_part>PARTLY_PAID refunded_in_full>FINAL
OVERDUE: collection_started>PROCESSING paid_in_part>OVERDUE paid_in_full>PAID written_off>WRITTEN_OFF voided>VOIDED refunded_in_part>OVERDUE refunded_in_full>OVERDUE
WRITTEN_OFF: paid_in_part>PARTLY_PAID paid_in_full>PAID
VOIDED:
)");
}

TEST(ChargeMachine, MovesExactlyAsWritten) {
    expect_machine<ChargeState>(R"(
: planned>PLANNED manual_started>COLLECTING settled>COLLECTED
PLANNED: notice_delivered>NOTICED rescheduled>PLANNED held>HELD cancelled>CANCELLED paid_elsewhere>CANCELLED collected>COLLECTED
NOTICED: announced>WAITING window_open>DUE window_missed>FAILED rescheduled>PLANNED held>HELD cancelled>CANCELLED paid_elsewhere>CANCELLED collected>COLLECTED
WAITING: window_open>DUE window_missed>FAILED rescheduled>PLANNED held>HELD cancelled>CANCELLED paid_elsewhere>CANCELLED collected>COLLECTED
DUE: attempt_started>COLLECTING window_missed>FAILED rescheduled>PLANNED held>HELD cancelled>CANCELLED paid_elsewhere>CANCELLED collected>COLLECTED
COLLECTING: attempt_withdrawn>DUE attempt_failed_retry>WAITING attempt_failed_final>FAILED paid_elsewhere>CANCELLED collected>COLLECTED
COLLECTED:
FAILED: rescheduled>PLANNED collected>COLLECTED
HELD: released>PLANNED cancelled>CANCELLED paid_elsewhere>CANCELLED collected>COLLECTED
CANCELLED: collected>COLLECTED
)");
}

TEST(AttemptMachine, MovesExactlyAsWritten) {
    expect_machine<AttemptState>(R"(
: intended>INTENT settled>SUCCEEDED
INTENT: claimed>SENT succeeded>SUCCEEDED differs>REVIEW cancelled>CANCELLED surplus>SURPLUS
SENT: sent_again>SENT accepted>ACCEPTED succeeded>SUCCEEDED refused>FAILED failed>FAILED unknown>UNKNOWN differs>REVIEW window_closed>REVIEW surplus>SURPLUS
ACCEPTED: sent_again>SENT succeeded>SUCCEEDED failed>FAILED unknown>UNKNOWN differs>REVIEW window_closed>REVIEW surplus>SURPLUS
UNKNOWN: sent_again>SENT accepted>ACCEPTED succeeded>SUCCEEDED failed>FAILED differs>REVIEW window_closed>REVIEW surplus>SURPLUS
REVIEW: succeeded>SUCCEEDED failed>FAILED late_success>SUCCEEDED surplus>SURPLUS
SUCCEEDED:
FAILED: late_success>SUCCEEDED surplus>SURPLUS
CANCELLED: late_success>SUCCEEDED surplus>SURPLUS
SURPLUS:
)");
}

TEST(RefundMachine, MovesExactlyAsWritten) {
    expect_machine<RefundState>(R"(
: requested>REQUESTED found_external>EXTERNAL
REQUESTED: approved>APPROVED refused>REFUSED
APPROVED: refused>REFUSED intended>INTENT
REFUSED:
INTENT: claimed>SENT succeeded>SUCCEEDED cancelled>FAILED
SENT: sent_again>SENT accepted>ACCEPTED succeeded>SUCCEEDED provider_refused>FAILED failed>FAILED unknown>UNKNOWN
ACCEPTED: sent_again>SENT succeeded>SUCCEEDED failed>FAILED unknown>UNKNOWN
UNKNOWN: sent_again>SENT accepted>ACCEPTED succeeded>SUCCEEDED failed>FAILED
SUCCEEDED:
FAILED: late_success>SUCCEEDED
EXTERNAL:
)");
}

TEST(DisputeMachine, MovesExactlyAsWritten) {
    expect_machine<DisputeState>(R"(
: opened>OPENED
OPENED: review_started>UNDER_REVIEW withdrawn>CLOSED
UNDER_REVIEW: upheld>UPHELD rejected>REJECTED withdrawn>CLOSED
UPHELD: closed>CLOSED
REJECTED: reopened>UNDER_REVIEW closed>CLOSED
CLOSED:
)");
}

TEST(ApprovalMachine, MovesExactlyAsWritten) {
    expect_machine<ApprovalState>(R"(
: requested>PENDING within_limit>APPROVED
PENDING: approved>APPROVED refused>REFUSED
APPROVED:
REFUSED:
)");
}

template <class State>
void expect_names() {
    using M = Machine<State>;
    std::set<std::string_view> seen;
    for (const auto& state : M::states) {
        EXPECT_TRUE(seen.insert(state.text).second) << state.text;
        EXPECT_EQ(parse_state<State>(state_text(state.value)), state.value);
        EXPECT_EQ(state.text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), std::string_view::npos)
            << state.text;
    }
    for (const auto& event : M::events) {
        EXPECT_EQ(parse_event<State>(event_text<State>(event.value)), event.value);
        EXPECT_EQ(event.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
            << event.text;
    }
    EXPECT_EQ(parse_state<State>(""), std::nullopt);
    EXPECT_EQ(parse_state<State>("sent"), std::nullopt);
}

TEST(Machines, NamesAreUpperCaseStatesAndLowerCaseEventsThatReadBack) {
    expect_names<AuthorisationState>();
    expect_names<ConsentState>();
    expect_names<MandateState>();
    expect_names<SubscriptionState>();
    expect_names<InvoiceState>();
    expect_names<ChargeState>();
    expect_names<AttemptState>();
    expect_names<RefundState>();
    expect_names<DisputeState>();
    expect_names<ApprovalState>();
}

TEST(Machines, TransitionRowsAreDistinctAndHoldEveryCreation) {
    const auto rows = all_transitions();
    std::set<std::string> entities;
    std::set<std::string> created;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i > 0) EXPECT_LT(rows[i - 1], rows[i]);
        entities.emplace(rows[i].entity);
        if (rows[i].from.empty()) created.emplace(rows[i].entity);
    }
    const std::set<std::string> all{"approval_request", "attempt", "authorisation", "charge", "consent",
                                    "dispute",          "invoice", "mandate",       "refund", "subscription"};
    EXPECT_EQ(entities, all);
    EXPECT_EQ(created, all);
    EXPECT_EQ(std::ranges::count(rows, TransitionRow{"attempt", "FAILED", "SUCCEEDED"}), 1);
    EXPECT_EQ(std::ranges::count(rows, TransitionRow{"attempt", "FAILED", "INTENT"}), 0);
}

TEST(AttemptMachine, OpenAndWonFlagsFollowTheInvariants) {
    const std::set<std::string_view> open{"INTENT", "SENT", "ACCEPTED", "UNKNOWN", "REVIEW"};
    for (const auto& state : Machine<AttemptState>::states) {
        EXPECT_EQ(is_open(state.value), open.contains(state.text)) << state.text;
        EXPECT_EQ(is_won(state.value), state.text == "SUCCEEDED") << state.text;
        EXPECT_EQ(is_captured(state.value), state.text == "SUCCEEDED" || state.text == "SURPLUS")
            << state.text;
    }
}

TEST(AttemptMachine, VerifiedMoneyFindsAPlaceFromEveryStateThatHasNotBookedIt) {
    for (const auto& state : Machine<AttemptState>::states) {
        if (is_captured(state.value)) continue;
        const auto event = is_open(state.value) ? AttemptEvent::succeeded : AttemptEvent::late_success;
        EXPECT_EQ(next(state.value, event), AttemptState::succeeded) << state.text;
        EXPECT_EQ(next(state.value, AttemptEvent::surplus), AttemptState::surplus) << state.text;
    }
}

TEST(ChargeMachine, MoneyThatCameIsCollectedFromEveryState) {
    for (const auto& state : Machine<ChargeState>::states)
        if (state.value != ChargeState::collected)
            EXPECT_EQ(next(state.value, ChargeEvent::collected), ChargeState::collected) << state.text;
}

TEST(ChargeMachine, NothingStartsAnAttemptBeforeNoticeAndWindow) {
    for (const auto& state : Machine<ChargeState>::states)
        EXPECT_EQ(next(state.value, ChargeEvent::attempt_started).has_value(),
                  state.value == ChargeState::due);
    EXPECT_EQ(next(ChargeState::planned, ChargeEvent::window_open), std::nullopt);
}

static_assert(next(AttemptState::intent, AttemptEvent::claimed) == AttemptState::sent);
static_assert(create<RefundState>(RefundEvent::found_external) == RefundState::external);

}  // namespace
}  // namespace wefee
