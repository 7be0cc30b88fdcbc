// Looking up result codes.
#include "payment/alipay/codes.hpp"

#include <algorithm>
#include <span>

namespace wefee::payment::alipay {

namespace {

std::string_view bare(std::string_view sub_code) {
    for (const std::string_view prefix :
         {"ACQ.", "AQC."})  // the second spelling is Alipay's, seen in one API
        if (sub_code.starts_with(prefix)) return sub_code.substr(prefix.size());
    return sub_code;
}

const CodeRow* find(std::span<const CodeRow> rows, std::string_view code) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const CodeRow& r) { return r.code == code; });
    return row == rows.end() ? nullptr : &*row;
}

const CodeRow* business_row(Api api, std::string_view code) {
    switch (api) {
        case Api::pay:
            return find(pay_codes, code);
        case Api::order: {
            const auto* own = find(order_codes, code);
            return own != nullptr ? own : find(pay_codes, code);
        }
        case Api::query:
            return find(query_codes, code);
        case Api::close:
            return find(close_codes, code);
        case Api::refund:
            return find(refund_codes, code);
        case Api::refund_query:
            return find(refund_query_codes, code);
        case Api::plan:
            return find(plan_codes, code);
    }
    return nullptr;
}

// A gateway refusal ("not executed") says nothing about the order that a query asks for, and a refund that
// met a rate limit may be on its way by an earlier send.
CodeRow weigh(Api api, std::string_view code, CodeRow row) {
    const bool asks = api == Api::query || api == Api::refund_query;
    if (asks || (api == Api::refund && code == "40005")) row.result = ResultClass::unknown;
    return row;
}

}  // namespace

CodeRow classify(Api api, std::string_view code, std::string_view sub_code) {
    const CodeRow unlisted{.code = sub_code, .result = ResultClass::unknown};
    if (code == "40004") {
        const auto* row = business_row(api, bare(sub_code));
        return row != nullptr ? *row : unlisted;
    }
    const auto* row = find(gateway_codes, code);
    if (row == nullptr) return unlisted;
    // The sub_code refines the cause, but never turns an unknown outcome into a known one.
    if (const auto* finer = find(gateway_sub_codes, sub_code);
        finer != nullptr && row->result != ResultClass::unknown)
        return weigh(api, code, *finer);
    return weigh(api, code, *row);
}

AgreementWord agreement_word(std::string_view sub_code) {
    const auto row = std::find_if(agreement_codes.begin(), agreement_codes.end(),
                                  [&](const AgreementRow& r) { return r.code == sub_code; });
    return row == agreement_codes.end() ? AgreementWord::unclear : row->word;
}

}  // namespace wefee::payment::alipay
