// Alipay as a payment provider: deductions under 周期扣款 / 商家扣款 agreements, manual orders, refunds, over
// the v2 gateway (the v3 protocol has no agreement page.sign).
#pragma once

#include <chrono>
#include <string>

#include "io/clock.hpp"
#include "io/http.hpp"
#include "payment/alipay/answers.hpp"
#include "payment/alipay/certs.hpp"
#include "payment/alipay/settings.hpp"
#include "payment/alipay/sign.hpp"
#include "payment/gateway.hpp"

namespace wefee::payment::alipay {

/// `http` and `clock` outlive the gateway. Immutable; may be used from several loops. A call whose answer is
/// lost or not signed ends as unknown, never as failed; so does one signed under a certificate that is not
/// installed (a renewed certificate keeps its key, and then nothing has to be installed).
class AlipayGateway final : public Gateway {
public:
    /// Throws std::invalid_argument with all mistakes of the settings.
    AlipayGateway(Settings settings, io::HttpClient& http, const io::Clock& clock);

    Provider provider() const override { return Provider::alipay; }
    const std::string& mchid() const override { return settings_.seller_id; }

    std::string fields(const Deduction& deduction) const override;
    std::string fields(const ManualOrder& order) const override;  // mini_program is refused
    std::string fields(const RefundRequest& refund) const override;

    io::awaitable<OrderResult> deduct(std::string fields, std::chrono::milliseconds limit) override;
    /// native_qr asks Alipay for the code; page and wap only sign an address and call nobody.
    io::awaitable<OrderCreated> create_order(std::string fields, std::chrono::milliseconds limit) override;
    io::awaitable<OrderResult> query(std::string out_trade_no, Fen expected, bool deduction,
                                     std::chrono::milliseconds limit) override;
    /// not_found before the payer scanned or logged in: then there is no trade to close, and the order's own
    /// expiry ends it.
    io::awaitable<OrderResult> close(std::string out_trade_no, bool deduction,
                                     std::chrono::milliseconds limit) override;

    /// Alipay knows no notice before a deduction: succeeded at once.
    io::awaitable<OrderResult> announce(std::string contract_id, Fen amount,
                                        std::chrono::milliseconds limit) override;
    bool needs_announcement() const override { return false; }

    /// Signs an address and calls nobody. Throws std::invalid_argument naming the field that Alipay would
    /// refuse.
    io::awaitable<SigningPage> sign_page(MandateRequest request, std::chrono::milliseconds limit) override;
    io::awaitable<MandateStatus> query_mandate(std::string our_number, std::string contract_id,
                                               std::chrono::milliseconds limit) override;
    /// Unsigns, then asks: only a signed answer of success or of "released" makes it ended. Without a
    /// `contract_id` the agreement is looked up by our number first.
    io::awaitable<MandateStatus> end_mandate(std::string our_number, std::string contract_id,
                                             std::string reason, std::chrono::milliseconds limit) override;
    /// modify_plan for the port.
    io::awaitable<OrderResult> move_next_date(std::string contract_id, CivilDay day,
                                              std::chrono::milliseconds limit) override;
    /// Moves the next deduction to a later day (1-28). A repeat is refused, since the day is no longer later:
    /// read next_deduct_day after unknown.
    io::awaitable<PlanChange> modify_plan(std::string contract_id, CivilDay deduct_day, std::string memo,
                                          std::chrono::milliseconds limit);

    io::awaitable<RefundResult> refund(std::string fields, std::chrono::milliseconds limit) override;
    io::awaitable<RefundResult> query_refund(std::string out_trade_no, std::string out_refund_no,
                                             Fen expected, std::chrono::milliseconds limit) override;

private:
    using Deadline = std::chrono::steady_clock::time_point;

    io::awaitable<Answer> ask(Call call, Deadline deadline);
    /// The raw body, or the failure word in `failure`.
    io::awaitable<std::string> exchange(const Call& call, Deadline deadline, std::string& failure);
    Asked asked(std::string out_trade_no, Fen amount, std::string contract_id = "") const;
    AgreementAsked agreement_asked(std::string our_number, std::string contract_id) const;

    Settings settings_;
    Identity identity_;
    io::HttpClient& http_;
    const io::Clock& clock_;
};

}  // namespace wefee::payment::alipay
