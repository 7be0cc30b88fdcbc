// Reading answers about agreements.
#include "payment/alipay/answers.hpp"

#include <array>
#include <utility>

namespace wefee::payment::alipay {

namespace {

struct StateRow {
    std::string_view status;
    MandateState state{};
};
constexpr std::array agreement_states{
    StateRow{"TEMP", MandateState::signing}, StateRow{"NORMAL", MandateState::active},
    StateRow{"STOP", MandateState::suspended},  // older documents: do not charge
    StateRow{"UNSIGN", MandateState::ended}};

MandateState state_of(std::string_view status) {
    for (const auto& row : agreement_states)
        if (row.status == status) return row.state;
    return MandateState::unknown;
}

std::optional<CivilDay> day_of(std::string_view text) { return parse_day(text.substr(0, 10)); }

MandateEnded ended(const AgreementAsked& asked, Instant learned_at) {
    return {.provider = Provider::alipay,
            .mchid = "",
            .app_id = asked.app_id,
            .our_number = asked.our_number,
            .contract_id = asked.contract_id,
            .cause = MandateEnded::Cause::unknown,
            .ended_at = learned_at};
}

std::optional<MandateSigned> signed_fact(const Answer& answer, const AgreementAsked& asked) {
    auto signed_at = parse_local(answer.field("sign_time"));
    if (!signed_at) signed_at = parse_local(answer.field("valid_time"));
    if (!signed_at || answer.field("agreement_no").empty()) return std::nullopt;
    auto payer = std::string(answer.field("principal_id"));
    if (payer.empty()) payer = answer.field("principal_open_id");
    std::optional<Instant> expires_at;
    const auto until = answer.field("invalid_time");
    if (!until.starts_with("2115-")) expires_at = parse_local(until);  // 2115-02-01 is "long-term"
    return MandateSigned{.provider = Provider::alipay,
                         .mchid = "",
                         .app_id = asked.app_id,
                         .our_number = asked.our_number,
                         .contract_id = std::string(answer.field("agreement_no")),
                         .plan_id = "",
                         .payer = std::move(payer),
                         .signed_at = *signed_at,
                         .expires_at = expires_at};
}

// "No such agreement" is an end only for an agreement that we know to have existed.
MandateStatus without_agreement(const Answer& answer, const AgreementAsked& asked, Instant now) {
    MandateStatus status;
    status.code = answer.sub_code();
    if (answer.code() != "40004") return status;
    const auto word = agreement_word(answer.sub_code());
    if (word == AgreementWord::unclear) return status;
    const bool existed = word == AgreementWord::released || !asked.contract_id.empty();
    status.state = existed ? MandateState::ended : MandateState::not_signed;
    if (existed) status.ended_fact = ended(asked, now);
    return status;
}

}  // namespace

MandateStatus read_agreement(const Answer& answer, const AgreementAsked& asked, Instant now) {
    MandateStatus status;
    status.code = answer.failure.empty() ? std::string(trust_name(answer.trust)) : answer.failure;
    if (!answer.trusted()) return status;
    if (answer.code() != "10000") return without_agreement(answer, asked, now);
    status.code = answer.field("status");
    const auto number = answer.field("external_agreement_no");
    const bool other_number = !number.empty() && !asked.our_number.empty() && number != asked.our_number;
    const bool other_contract =
        !asked.contract_id.empty() && answer.field("agreement_no") != asked.contract_id;
    if (other_number || other_contract) return status;  // about something else: proves nothing
    status.state = state_of(status.code);
    status.next_deduct_day = day_of(answer.field("next_deduct_time"));
    if (status.state == MandateState::ended) status.ended_fact = ended(asked, now);
    if (status.state != MandateState::active && status.state != MandateState::suspended) return status;
    status.signed_fact = signed_fact(answer, asked);
    if (!status.signed_fact) status.state = MandateState::unknown;
    return status;
}

PlanChange read_plan_change(const Answer& answer, std::string_view contract_id, CivilDay deduct_day) {
    PlanChange change;
    change.code = answer.failure.empty() ? std::string(trust_name(answer.trust)) : answer.failure;
    if (!answer.trusted()) return change;
    change.code = answer.sub_code().empty() ? answer.code() : answer.sub_code();
    if (answer.code() == "10000") {
        if (answer.field("agreement_no") != contract_id || day_of(answer.field("deduct_time")) != deduct_day)
            return change;
        change.result = ResultClass::succeeded;
        change.deduct_day = deduct_day;
        return change;
    }
    change.result = classify(Api::plan, answer.code(), answer.sub_code()).result;
    return change;
}

}  // namespace wefee::payment::alipay
