// Look-ups in the tables of codes.
#include "payment/wechat/results.hpp"

namespace wefee::payment::wechat {

Classified classify_code(Call call, std::string_view code) {
    for (const CodeTable& table : code_tables)
        if (table.call == call)
            for (const CodeRow& row : table)
                if (row.code == code) return {row.result, row.cause};
    return {};
}

FailureCause deduction_cause(std::string_view err_code) {
    for (const CauseRow& row : deduction_causes)
        if (row.code == err_code) return row.cause;
    return FailureCause::unlisted;
}

ResultClass trade_state_result(std::string_view state) {
    for (const StateRow& row : trade_states)
        if (row.state == state) return row.result;
    return ResultClass::unknown;
}

Classified classify(Call call, const V3Answer& answer) {
    if (answer.kind != V3Answer::Kind::error || answer.status >= 500) return {};
    if (call == Call::refund && (!answer.verified || answer.status == 429)) return {};
    if (call == Call::create)
        for (const TailRow& row : tail_table)
            if (row.tail == answer.tail) return {row.result, FailureCause::unlisted};
    return classify_code(call, answer.code);
}

Classified classify(Call call, const V2Answer& answer) {
    if (answer.kind != V2Answer::Kind::error) return {};
    return classify_code(call, answer.code);
}

}  // namespace wefee::payment::wechat
