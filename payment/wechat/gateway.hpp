// WeChat Pay behind the port: manual orders and refunds by APIv3, contracts and deductions by APIv2.
#pragma once

#include "payment/gateway.hpp"
#include "payment/wechat/client.hpp"
#include "payment/wechat/settings.hpp"

namespace wefee::payment::wechat {

class WechatGateway final : public Gateway {
public:
    /// All outlive the gateway; `keeper` may be null. One gateway a loop is fine: they share only `keys`.
    WechatGateway(const Settings& settings, const KeyRing& keys, KeyKeeper* keeper, io::HttpClient& http,
                  const io::Clock& clock);

    Provider provider() const override { return Provider::wechat; }
    const std::string& mchid() const override { return settings_.mchid; }
    bool needs_announcement() const override { return settings_.deduct_mode == 2; }

    std::string fields(const Deduction& deduction) const override;
    std::string fields(const ManualOrder& order) const override;
    std::string fields(const RefundRequest& refund) const override;

    io::awaitable<OrderResult> deduct(std::string fields, std::chrono::milliseconds limit) override;
    io::awaitable<OrderCreated> create_order(std::string fields, std::chrono::milliseconds limit) override;
    io::awaitable<OrderResult> query(std::string out_trade_no, Fen expected, bool deduction,
                                     std::chrono::milliseconds limit) override;
    io::awaitable<OrderResult> close(std::string out_trade_no, bool deduction,
                                     std::chrono::milliseconds limit) override;
    io::awaitable<OrderResult> announce(std::string contract_id, Fen amount,
                                        std::chrono::milliseconds limit) override;
    io::awaitable<SigningPage> sign_page(MandateRequest request, std::chrono::milliseconds limit) override;
    io::awaitable<MandateStatus> query_mandate(std::string our_number, std::string contract_id,
                                               std::chrono::milliseconds limit) override;
    io::awaitable<MandateStatus> end_mandate(std::string our_number, std::string contract_id,
                                             std::string reason, std::chrono::milliseconds limit) override;
    io::awaitable<RefundResult> refund(std::string fields, std::chrono::milliseconds limit) override;
    io::awaitable<RefundResult> query_refund(std::string out_trade_no, std::string out_refund_no,
                                             Fen expected, std::chrono::milliseconds limit) override;

private:
    io::awaitable<OrderResult> query_deduction(std::string out_trade_no, Fen expected,
                                               std::chrono::milliseconds limit);

    const Settings& settings_;
    const io::Clock& clock_;
    Client client_;
};

}  // namespace wefee::payment::wechat
