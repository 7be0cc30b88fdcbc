// The port to a payment provider: what flows need of one, in billing's words. Each adapter turns its bytes
// into these. A call has more than two outcomes: a time-out is never a decline.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "billing/facts.hpp"
#include "billing/money.hpp"
#include "billing/time.hpp"
#include "io/async.hpp"

namespace wefee::payment {

/// How an answer of a provider counts. Each adapter has a table from its codes to these, walked by a test.
enum class ResultClass {
    succeeded,    // verified success: number, amount and merchant are ours
    accepted,     // the provider took the order (or the refund); no result yet
    in_progress,  // queries only: exists, unpaid or still running
    refused,      // verified refusal of this send
    failed,       // verified and final for this number (queried CLOSED, PAYERROR, TRADE_CLOSED unpaid)
    already,      // "already paid" or "already accepted": query decides
    not_found,    // queries only: no such order; proves nothing about an earlier send
    differs,      // this number was first used with other parameters: a person
    unknown       // time-out, 5xx, unverifiable, unlisted code: query decides
};
std::string_view result_class_name(ResultClass result);

struct OrderResult {
    ResultClass result = ResultClass::unknown;
    std::optional<PaymentSucceeded> payment = {};  // exactly with succeeded
    FailureCause cause = FailureCause::unlisted;   // with refused and failed
    std::string code = {};    // the provider's own code, or a word for the transport failure
    std::string detail = {};  // for the log: no secrets, no payer data
};

/// A deduction under a mandate.
struct Deduction {
    std::string out_trade_no = {};
    Fen amount = {};
    std::string contract_id = {};
    std::string description = {};
    std::string notify_url = {};
};

/// A manual payment by a person.
struct ManualOrder {
    enum class Way { mini_program, native_qr, page, wap };
    Way way{};
    std::string out_trade_no = {};
    Fen amount = {};
    std::string description = {};
    std::string notify_url = {};
    std::string return_url = {};  // page, wap
    std::string payer = {};       // openid (mini_program)
    Instant expires_at{};
};

/// What the client needs to let the person pay. Texts are ready to use.
struct PayInstructions {
    std::string prepay_id = {};
    std::string qr_code = {};       // native_qr: the text to show as a QR code
    std::string redirect_url = {};  // page, wap
    /// mini_program: JSON object with timeStamp, nonceStr, package, signType, paySign (all strings)
    std::string client_params = {};
};

struct OrderCreated {
    OrderResult result = {};  // accepted with instructions; else as classified
    PayInstructions instructions = {};
};

struct MandateRequest {
    std::string our_number = {};    // contract_code / external_agreement_no
    std::int64_t serial = 0;        // WeChat request_serial: increasing per merchant
    std::string account_name = {};  // what the payer sees: no spaces, symbols or 4-byte characters
    std::string notify_url = {};
    std::string return_url = {};
    Fen single_limit = {};  // most per deduction
    std::optional<Fen> total_limit = {};
    int period_months = 1;
    CivilDay first_execute_day = {};  // Alipay execute_time, day 1-28
};

/// Where to send the payer to sign.
struct SigningPage {
    std::string url = {};  // open in a browser or as QR code; empty when the way is mini_program
    std::string mini_program =
        {};  // JSON {appId, path, extraData} for navigateToMiniProgram; empty when not offered
};

enum class MandateState { not_signed, signing, active, suspended, ended, unknown };
struct MandateStatus {
    MandateState state = MandateState::unknown;
    std::optional<MandateSigned> signed_fact = {};  // with active and suspended
    std::optional<MandateEnded> ended_fact = {};    // with ended
    std::optional<CivilDay> next_deduct_day = {};   // Alipay
    std::string code = {};
};

struct RefundRequest {
    std::string out_trade_no = {};
    std::string transaction_id = {};
    std::string out_refund_no = {};
    Fen refund = {};
    Fen total = {};
    std::string reason = {};
    std::string notify_url = {};
};

struct RefundResult {
    ResultClass result = ResultClass::unknown;
    std::optional<RefundChanged> change = {};  // with succeeded and failed
    std::string code = {};
};

class Gateway {
public:
    virtual ~Gateway() = default;
    virtual Provider provider() const = 0;
    virtual const std::string& mchid() const = 0;

    /// All business fields of the call as one canonical JSON text: stored with the intent and sent again
    /// unchanged. Pure. Throws std::invalid_argument naming the field that the provider would refuse.
    virtual std::string fields(const Deduction& deduction) const = 0;
    virtual std::string fields(const ManualOrder& order) const = 0;
    virtual std::string fields(const RefundRequest& refund) const = 0;

    /// Sends stored fields: nonce, time stamp and signature are made anew. Idempotent at the provider by
    /// number.
    virtual io::awaitable<OrderResult> deduct(std::string fields, std::chrono::milliseconds limit) = 0;
    virtual io::awaitable<OrderCreated> create_order(std::string fields, std::chrono::milliseconds limit) = 0;
    /// `deduction`: the number belongs to a deduction, not to a manual order (other query at WeChat).
    virtual io::awaitable<OrderResult> query(std::string out_trade_no, Fen expected, bool deduction,
                                             std::chrono::milliseconds limit) = 0;
    /// Closing proves nothing by itself: query afterwards. accepted when the provider took the close.
    virtual io::awaitable<OrderResult> close(std::string out_trade_no, bool deduction,
                                             std::chrono::milliseconds limit) = 0;

    /// The provider's own notice before a deduction. succeeded also when the same notice was already sent;
    /// and at once where the provider knows no such notice.
    virtual io::awaitable<OrderResult> announce(std::string contract_id, Fen amount,
                                                std::chrono::milliseconds limit) = 0;
    virtual bool needs_announcement() const = 0;
    /// Moves the agreement's next deduction to a later day where the provider keeps such a day; elsewhere
    /// succeeded at once. After unknown read the day again.
    virtual io::awaitable<OrderResult> move_next_date(std::string contract_id, CivilDay day,
                                                      std::chrono::milliseconds limit) {
        static_cast<void>(contract_id), static_cast<void>(day), static_cast<void>(limit);
        OrderResult result;
        result.result = ResultClass::succeeded;
        co_return result;
    }

    virtual io::awaitable<SigningPage> sign_page(MandateRequest request, std::chrono::milliseconds limit) = 0;
    virtual io::awaitable<MandateStatus> query_mandate(std::string our_number, std::string contract_id,
                                                       std::chrono::milliseconds limit) = 0;
    virtual io::awaitable<MandateStatus> end_mandate(std::string our_number, std::string contract_id,
                                                     std::string reason, std::chrono::milliseconds limit) = 0;

    virtual io::awaitable<RefundResult> refund(std::string fields, std::chrono::milliseconds limit) = 0;
    virtual io::awaitable<RefundResult> query_refund(std::string out_trade_no, std::string out_refund_no,
                                                     Fen expected, std::chrono::milliseconds limit) = 0;
};

}  // namespace wefee::payment
