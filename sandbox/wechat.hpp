// WeChat Pay, simulated: APIv3 orders, refunds and pre-deduction notices, APIv2 deduction contracts and
// deductions. Signs every 2xx v3 answer, verifies strictly, and refuses what production refuses (direct
// merchant, mainland).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "io/crypto.hpp"
#include "sandbox/answers.hpp"
#include "sandbox/world.hpp"

namespace wefee::sandbox {

/// A v3 answer before it is signed. `tail`: the number that ends Request-ID.
struct ApiAnswer {
    int status = 200;
    std::string body;
    std::int64_t tail = 0;
};

/// Fields of a v2 message, sorted as its sign wants them.
using V2Fields = std::map<std::string, std::string, std::less<>>;

class WechatPay {
public:
    explicit WechatPay(World& world);

    /// Any path of WeChat Pay. Due work that the call starts (execution, notifications) is put on the agenda.
    io::Response handle(const io::Request& request, AnswerStyle style);
    /// What a call that was not executed, or whose answer got lost inside, answers: v3 500, v2 SYSTEMERROR.
    io::Response system_error(const io::Request& request);

    /// The payer opens the code or the cashier. Throws Refused when it is too late. Who has opened in time
    /// may pay later.
    void check_open(const Order& order) const;
    /// The payer confirms an order. Returns the failure code, or empty when it is paid. Throws Refused when
    /// the order cannot be paid at all.
    std::string pay(Order& order, const std::string& user);
    /// The payer signs by an entrustweb link, the mini-program's JSON, or its extraData as JSON. Throws
    /// Refused.
    Mandate& sign_mandate(const std::string& user, std::string_view link);
    Mandate& sign_opened(const std::string& user, Mandate& mandate);
    /// `mode`: contract_termination_mode (2 payer, 3 our call, 5 account closed, 7 customer service).
    void end_mandate(Mandate& mandate, int mode, const std::string& remark);
    /// The notification of a paid order, as pay() sends it.
    Parcel payment_parcel(const Order& order);
    /// Checks the five values that a mini-program is given. Throws Refused.
    void check_client_params(std::string_view json_text, const std::string& prepay_id);

    /// "certificate", "grey" (notifications signed with the public key in `percent` of 100), "public_key";
    /// `rotate_percent`: share of certificate signatures made with the second certificate. False: no such
    /// mode.
    bool set_keys(const std::string& mode, int percent, int rotate_percent);

private:
    struct Signer {
        std::string serial;
        io::PrivateKey key;
    };

    // v3
    io::Response handle_v3(const io::Request& request, AnswerStyle style);
    std::optional<ApiAnswer> check_authorization(const io::Request& request);
    ApiAnswer route_v3(const io::Request& request);
    void sign_answer(const io::Request& request, io::Response& response, AnswerStyle style);
    const Signer& answer_signer(const io::Request& request);
    const Signer& notification_signer();
    const Signer& certificate_signer();
    ApiAnswer certificates();
    ApiAnswer create_order(const io::Request& request, const std::string& kind);
    ApiAnswer repeat_order(Order& order, const std::string& digest);
    ApiAnswer order_handle(Order& order);
    ApiAnswer query_order(const io::Request& request, std::string_view out_trade_no,
                          std::string_view transaction_id);
    ApiAnswer close_order(const io::Request& request, std::string_view out_trade_no);
    ApiAnswer announce(const io::Request& request, std::string_view contract_id, bool after_failure);
    ApiAnswer add_notice(Mandate& mandate, std::int64_t amount_fen, int days, std::string_view path);
    ApiAnswer create_refund(const io::Request& request);
    ApiAnswer query_refund(std::string_view out_refund_no);
    ApiAnswer echo(const io::Request& request);
    std::string order_json(const Order& order, std::int64_t amount_fen) const;
    void finish_refund(const std::string& out_trade_no, const std::string& out_refund_no);
    Parcel v3_parcel(std::string kind, std::string key, std::string url, std::string original_type,
                     std::function<std::string(Twist)> plain);

    // v2
    io::Response handle_v2(const io::Request& request);
    V2Fields route_v2(std::string_view path, const V2Fields& fields);
    std::string v2_sign(const V2Fields& fields, std::string_view type) const;
    bool v2_sign_holds(const V2Fields& fields) const;
    V2Fields apply_deduction(const V2Fields& fields);
    V2Fields repeat_deduction(Order& order, const std::string& digest);
    struct Allowance {
        std::string code;  // empty: allowed
        std::string text;
        std::string reason;
        DeductionNotice* notice = nullptr;
    };
    Allowance deduction_allowed(Mandate& mandate, std::int64_t amount_fen);
    Allowance notice_allows(Mandate& mandate, std::int64_t amount_fen);
    void execute_deduction(const std::string& out_trade_no, bool odd_failure_shape);
    V2Fields query_order_v2(const V2Fields& fields, bool deductions_only);
    V2Fields close_order_v2(const V2Fields& fields);
    V2Fields query_contract(const V2Fields& fields);
    V2Fields delete_contract(const V2Fields& fields);
    Mandate* contract_of(const V2Fields& fields);
    Mandate& open_signing(const V2Fields& fields, std::string_view path);
    void post_contract_notice(const Mandate& mandate, bool added);
    void post_deduction_notice(const Order& order, bool odd_failure_shape);
    Parcel v2_parcel(std::string kind, std::string key, std::string url,
                     std::span<const std::chrono::seconds> gaps, std::string sign_type, V2Fields fields);

    World& world_;
    io::PublicKey merchant_key_;
    std::array<Signer, 2> platform_;
    Signer public_key_;
    io::PrivateKey foreign_key_;
    std::string key_mode_;
    int public_key_percent_ = 0;
    int rotate_percent_ = 0;
    std::int64_t last_request_serial_ = 0;
    int failures_ = 0;
};

/// {"code","message"} with the status and Request-ID tail.
ApiAnswer v3_error(int status, std::string_view code, std::string_view message, std::int64_t tail = 0);
/// result_code FAIL with the code.
V2Fields v2_error(std::string_view code, std::string_view text);

}  // namespace wefee::sandbox
