// Verifying Alipay's notifications and turning them into billing facts.
#include "payment/alipay/notify.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace wefee::payment::alipay {

namespace {

[[noreturn]] void not_documented(std::string_view what) {
    throw std::runtime_error("alipay notification: " + std::string(what));
}

// The fields of one decoded notification, by Alipay's names.
class Message {
public:
    explicit Message(const ReceivedForm& form) : fields_(utf8_fields(form)) {}

    std::string text(std::string_view name) const {
        const auto* value = io::find_field(fields_, name);
        return value == nullptr ? std::string{} : *value;
    }
    std::string required(std::string_view name) const {
        auto value = text(name);
        if (value.empty()) not_documented("no " + std::string(name));
        return value;
    }
    Fen amount(std::string_view name) const {
        const auto fen = parse_yuan(required(name));
        if (!fen || *fen < Fen{0}) not_documented(std::string(name) + " is not an amount");
        return *fen;
    }
    Fen amount_or_zero(std::string_view name) const { return text(name).empty() ? Fen{0} : amount(name); }
    /// The first of `names` that is present.
    Instant time(std::initializer_list<std::string_view> names) const {
        for (const auto name : names) {
            const auto value = text(name);
            if (value.empty()) continue;
            const auto at = parse_local(value);
            if (!at) not_documented(std::string(name) + " is not a time");
            return *at;
        }
        not_documented("no " + std::string(*names.begin()));
    }

private:
    io::Fields fields_;
};

PaymentSucceeded paid(const Message& message) {
    auto payer = message.text("buyer_id");
    if (payer.empty()) payer = message.text("buyer_open_id");
    return {.provider = Provider::alipay,
            .mchid = message.text("seller_id"),
            .app_id = message.required("app_id"),
            .out_trade_no = message.required("out_trade_no"),
            .transaction_id = message.required("trade_no"),
            .amount = message.amount("total_amount"),
            .payer = std::move(payer),
            .paid_at = message.time({"gmt_payment", "notify_time"}),
            .contract_id = message.text("agreement_no")};
}

// refund_fee is the total of all refunds on the trade; out_biz_no is the number of the one that caused this
// notification (the trade's own number when the refund had none).
RefundChanged refunded(const Message& message, Fen total) {
    auto number = message.text("out_biz_no");
    if (number == message.text("trade_no")) number.clear();
    return {.provider = Provider::alipay,
            .mchid = message.text("seller_id"),
            .out_trade_no = message.required("out_trade_no"),
            .out_refund_no = std::move(number),
            .refund_id = "",
            .status = RefundChanged::Status::succeeded,
            .amount = total,
            .cumulative = true,
            .at = message.time({"gmt_refund", "notify_time"})};
}

// Payment or refund? The presence of refund_fee proves nothing (the official sample of a payment carries
// 0.00): its decimal value does.
ProviderFact trade_fact(const Message& message) {
    const auto status = message.required("trade_status");
    message.required("app_id");
    message.required("trade_no");
    message.amount("total_amount");
    const auto refund_total = message.amount_or_zero("refund_fee");
    if (status == "WAIT_BUYER_PAY") return NoAction{.kind = "trade_status_sync.WAIT_BUYER_PAY"};
    if (status == "TRADE_FINISHED") return paid(message);  // news only to who did not know of the payment
    if (status == "TRADE_SUCCESS" || status == "TRADE_CLOSED") {
        if (refund_total > Fen{0}) return refunded(message, refund_total);
        if (!message.text("gmt_refund").empty()) not_documented("a refund without refund_fee");
    }
    if (status == "TRADE_SUCCESS") return paid(message);
    if (status != "TRADE_CLOSED") not_documented("unknown trade_status");
    if (!message.text("gmt_payment").empty()) not_documented("closed after payment without refund_fee");
    return PaymentFailed{.provider = Provider::alipay,
                         .mchid = message.text("seller_id"),
                         .out_trade_no = message.required("out_trade_no"),
                         .cause = FailureCause::closed_unpaid,
                         .provider_code = status};
}

ProviderFact signed_fact(const Message& message) {
    const auto status = message.required("status");
    if (status != "NORMAL") return NoAction{.kind = "dut_user_sign." + status};
    auto payer = message.text("alipay_user_id");
    if (payer.empty()) payer = message.text("alipay_open_id");
    std::optional<Instant> expires_at;
    // Long-term agreements say 2115-02-01 00:00:00.
    if (const auto until = message.text("invalid_time"); !until.empty() && !until.starts_with("2115-"))
        expires_at = message.time({"invalid_time"});
    return MandateSigned{.provider = Provider::alipay,
                         .mchid = "",
                         .app_id = message.required("app_id"),
                         .our_number = message.text("external_agreement_no"),
                         .contract_id = message.required("agreement_no"),
                         .plan_id = "",
                         .payer = std::move(payer),
                         .signed_at = message.time({"sign_time", "valid_time", "notify_time"}),
                         .expires_at = expires_at};
}

// The message does not say who released the agreement, we or the user.
MandateEnded ended_fact(const Message& message) {
    return {.provider = Provider::alipay,
            .mchid = "",
            .app_id = message.required("app_id"),
            .our_number = message.text("external_agreement_no"),
            .contract_id = message.required("agreement_no"),
            .cause = MandateEnded::Cause::unknown,
            .ended_at = message.time({"unsign_time", "notify_time"})};
}

}  // namespace

Verdict AlipayDoor::verify(const io::Request& request, Instant /*now*/) const {
    const auto form = ReceivedForm::parse(request.body);
    if (!form) return Refusal{.status = 400, .reason = "form"};
    const auto rule = verify_form(*form, alipay_key_);
    if (!rule) return Refusal{.status = 401, .reason = std::string(form_fault_name(rule.error()))};
    const auto notify_id = form->value("notify_id");
    constexpr std::size_t notify_id_max = 128;
    if (notify_id.empty() || notify_id.size() > notify_id_max)
        return Refusal{.status = 400, .reason = "notify_id"};
    verified_[static_cast<std::size_t>(*rule)].fetch_add(1, std::memory_order_relaxed);
    return Receipt{.source = "alipay",
                   .dedup_key = std::string(notify_id),
                   .evidence = "rule=" + std::string(sign_rule_name(*rule))};
}

ProviderFact AlipayDoor::decode_notification(std::string_view raw) {
    const auto form = ReceivedForm::parse(raw);
    if (!form) not_documented("not a form");
    const Message message(*form);
    if (const auto method = message.text("msg_method"); !method.empty()) return NoAction{.kind = method};
    const auto type = message.required("notify_type");
    if (type == "trade_status_sync") return trade_fact(message);
    if (type == "dut_user_sign") return signed_fact(message);
    if (type == "dut_user_unsign") return ended_fact(message);
    return NoAction{.kind = type};
}

io::Response AlipayDoor::success() const {
    return {.status = 200, .content_type = "text/plain", .body = "success", .headers = {}};
}

io::Response AlipayDoor::failure(int status) const {
    return {.status = status, .content_type = "text/plain", .body = "failure", .headers = {}};
}

std::uint64_t AlipayDoor::verified_by(SignRule rule) const {
    return verified_[static_cast<std::size_t>(rule)].load(std::memory_order_relaxed);
}

}  // namespace wefee::payment::alipay
