#include "server/flows/refund_request.hpp"

#include <algorithm>
#include <stdexcept>

#include "billing/machines/refund.hpp"
#include "io/crypto.hpp"
#include "server/flows/names.hpp"
#include "server/flows/new_ids.hpp"

namespace wefee::server {
namespace {

/// Of one payment. Account credit and credit notes brought no cash; who paid by transfer is paid back by
/// people.
Fen left_of(const storage::AttemptRow& attempt, const std::vector<storage::RefundRow>& refunds) {
    if (attempt.state != "SUCCEEDED" || (attempt.provider != "wechat" && attempt.provider != "alipay"))
        return {};
    auto left = attempt.amount_fen;
    for (const auto& refund : refunds)
        if (refund.attempt_id == attempt.id && refund.state != "FAILED" && refund.state != "REFUSED")
            left -= refund.amount_fen;
    return std::max(left, Fen{});
}

}  // namespace

Fen refundable_cash(const storage::InvoiceView& view) {
    Fen sum{};
    for (const auto& attempt : view.attempts) sum += left_of(attempt, view.refunds);
    return sum;
}

storage::RefundRow new_refund(Unit& unit, const storage::AttemptRow& attempt, Fen amount, std::string words,
                              std::string created_by) {
    storage::RefundRow refund;
    refund.id = new_id<RefundId>("rfd_");
    refund.tenant_id = attempt.tenant_id;
    refund.attempt_id = attempt.id;
    refund.out_refund_no = "R" + io::random_alphanumeric(25);
    refund.amount_fen = amount;
    refund.reason = std::move(words);
    refund.created_by = std::move(created_by);
    refund.created_at = unit.at();
    unit.create<RefundState>(refund, RefundEvent::requested);
    return refund;
}

void approve_refund(Unit& unit, storage::RefundRow& refund) {
    unit.move<RefundState>(refund, RefundEvent::approved);
    unit.schedule(task::refund_step, refund.id.text(), refund.tenant_id, unit.at());
}

void request_refunds(Unit& unit, const storage::InvoiceView& view, Fen amount, const std::string& source_id,
                     const std::string& created_by) {
    for (const auto& attempt : view.attempts) {
        const auto part = std::min(amount, left_of(attempt, view.refunds));
        if (part <= Fen{}) continue;
        auto refund = new_refund(unit, attempt, part, "服务费退款", created_by);
        refund.source_id = source_id;
        approve_refund(unit, refund);
        unit.insert(std::move(refund));
        amount -= part;
    }
    if (amount != Fen{})
        throw std::logic_error("refunds of " + view.invoice.id.text() + " above what was received");
}

}  // namespace wefee::server
