// Identifiers: opaque strings with a prefix, one C++ type each so that two kinds cannot be swapped.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace wefee {

template <class Tag>
class Id {
public:
    Id() = default;
    explicit Id(std::string text) : text_(std::move(text)) {}
    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    friend auto operator<=>(const Id&, const Id&) = default;
    friend bool operator==(const Id&, const Id&) = default;

private:
    std::string text_;
};

using TenantId = Id<struct TenantTag>;              // ten_
using MemberId = Id<struct MemberTag>;              // mem_
using PriceListId = Id<struct PriceListTag>;        // prl_
using SubscriptionId = Id<struct SubscriptionTag>;  // sub_
using InvoiceId = Id<struct InvoiceTag>;            // inv_
using ConsentId = Id<struct ConsentTag>;            // con_
using MandateId = Id<struct MandateTag>;            // man_
using ChargeId = Id<struct ChargeTag>;              // chg_
using AttemptId = Id<struct AttemptTag>;            // att_
using RefundId = Id<struct RefundTag>;              // rfd_
using DisputeId = Id<struct DisputeTag>;            // dsp_
using QuoteId = Id<struct QuoteTag>;                // quo_
using CreditNoteId = Id<struct CreditNoteTag>;      // cdn_
using ApprovalId = Id<struct ApprovalTag>;          // apr_
using CorrectionId = Id<struct CorrectionTag>;      // cor_
using OperationId = Id<struct OperationTag>;        // op_: one money transaction

}  // namespace wefee
