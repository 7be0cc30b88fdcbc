// The providers' own books: wallets, orders, refunds, mandates, and what was refused. The witness of every
// money test, so money moves through take() and give_back() alone. WeChat Pay and Alipay share the shapes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/time.hpp"

namespace wefee::sandbox {

struct User {
    std::string name;
    std::string openid;          // WeChat, under our appid
    std::string alipay_user_id;  // 2088...
    std::int64_t wechat_fen = 0;
    std::int64_t alipay_fen = 0;
    std::string wechat_cause;  // not empty: money movements fail with it
    std::string alipay_cause;
};

struct Refund {
    std::string out_refund_no;
    std::string refund_id;
    std::int64_t amount_fen = 0;
    std::string state;  // PROCESSING, SUCCESS, CLOSED, ABNORMAL
    std::string notify_url;
    std::string reason;
    std::string fields_digest;
    Instant created{};
    std::optional<Instant> ended;
};

struct Order {
    std::string provider;  // "wechat", "alipay"
    std::string mchid;     // mchid, seller id
    std::string out_trade_no;
    std::int64_t amount_fen = 0;
    std::string kind;   // deduction, jsapi, native, h5, precreate, page, wap, create
    std::string state;  // in the provider's words; Alipay also NONE: not scanned yet, FAILED: deduction
                        // without a trade
    std::string user;
    std::string contract_id;
    std::string transaction_id;
    std::string description;
    std::string attach;
    std::string notify_url;
    std::string return_url;
    std::string appid;
    std::string fields_digest;  // of the first send (P-03)
    std::string handle;         // prepay_id, code_url, qr_code: what the payer holds now
    Instant handle_made{};
    std::string cause;
    std::string sign_type;  // WeChat v2: how the notice will be signed
    std::int64_t taken_fen = 0;
    std::int64_t refunded_fen = 0;  // refunds that were not closed
    Instant created{};
    std::optional<Instant> paid_at;
    std::optional<Instant> expires_at;
    std::vector<Refund> refunds;
};

/// A pre-deduction notice (WeChat mode 2).
struct DeductionNotice {
    Instant at{};
    std::int64_t amount_fen = 0;
    int days = 7;
    CivilDay open_from{};
    CivilDay open_to{};  // last chargeable day
    bool used = false;
};

struct Mandate {
    std::string provider;
    std::string our_number;   // contract_code, external_agreement_no
    std::string contract_id;  // contract_id, agreement_no; empty while TEMP
    std::string plan_id;
    std::string appid;
    std::string user;
    std::string state;  // TEMP, ACTIVE, ENDED
    std::string notify_url;
    std::string return_url;
    std::string sign_type;
    std::string account_name;
    std::string request_serial;
    std::string product_code;  // Alipay personal_product_code
    std::string sign_scene;
    std::string end_remark;
    int end_mode = 0;  // WeChat contract_termination_mode
    Instant created{};
    std::optional<Instant> page_until;
    std::optional<Instant> signed_at;
    std::optional<Instant> expires_at;
    std::optional<Instant> ended_at;
    std::vector<DeductionNotice> notices;
    // Alipay period rule
    std::string period_type;
    int period = 1;
    std::optional<CivilDay> next_day;
    std::optional<CivilDay> last_planned_day;  // whose deduction succeeded
    std::optional<Instant> last_deducted;
    std::int64_t single_limit_fen = 0;
    std::optional<std::int64_t> total_limit_fen;
    std::optional<int> total_payments;
    std::int64_t deducted_fen = 0;
    int deductions = 0;
};

struct Refusal {
    std::string provider;
    std::string path;
    std::string reason;
    std::string detail;
    Instant at{};
};

class Books {
public:
    User& user(std::string_view name);  // made when missing, with empty wallets
    User* find_user_by_openid(std::string_view openid);
    const std::map<std::string, User, std::less<>>& users() const { return users_; }

    Order* find_order(std::string_view provider, std::string_view out_trade_no);
    Order* find_by_transaction(std::string_view provider, std::string_view transaction_id);
    Order* find_by_handle(std::string_view handle);
    Order& add_order(Order order);  // the number must be new
    const std::vector<Order*>& orders() const { return in_order_; }

    Mandate* find_mandate(std::string_view provider, std::string_view our_number);
    Mandate* find_contract(std::string_view contract_id);
    Mandate& add_mandate(Mandate mandate);
    const std::vector<Mandate*>& mandates() const { return mandates_in_order_; }

    /// Moves the order's amount out of its user's wallet and stamps the order. Returns the provider's failure
    /// code, or empty when the money moved. Never twice for one order.
    std::string take(Order& order, Instant at);
    /// Moves a refund back. At most what was taken.
    void give_back(Order& order, Refund& refund, Instant at);

    void refuse(Refusal refusal);
    void failed_check(std::string text) { failed_checks_.push_back(std::move(text)); }
    const std::vector<Refusal>& refusals() const { return refusals_; }
    const std::map<std::string, int>& refused_by_reason() const { return refused_by_reason_; }
    const std::vector<std::string>& failed_checks() const { return failed_checks_; }

private:
    std::map<std::string, User, std::less<>> users_;
    std::map<std::pair<std::string, std::string>, Order> orders_;
    std::map<std::string, Order*, std::less<>> by_transaction_;
    std::vector<Order*> in_order_;
    std::map<std::pair<std::string, std::string>, Mandate> mandates_;
    std::vector<Mandate*> mandates_in_order_;
    std::vector<Refusal> refusals_;
    std::map<std::string, int> refused_by_reason_;
    std::vector<std::string> failed_checks_;
};

/// Digits of a system-like number: the day and a running count, `length` in all.
std::string made_number(std::string_view prefix, Instant at, std::size_t length);

}  // namespace wefee::sandbox
