#include "sandbox/books.hpp"

#include "io/crypto.hpp"

namespace wefee::sandbox {
namespace {

constexpr std::size_t refusals_kept = 1'000;

}  // namespace

std::string made_number(std::string_view prefix, Instant at, std::size_t length) {
    std::string number(prefix);
    number += format_compact(at);
    for (const char byte : io::random_bytes(length > number.size() ? length - number.size() : 0))
        number += static_cast<char>('0' + static_cast<unsigned char>(byte) % 10);
    return number;
}

User& Books::user(std::string_view name) {
    if (const auto found = users_.find(name); found != users_.end()) return found->second;
    User made;
    made.name = name;
    made.openid = "o" + io::random_alphanumeric(27);
    made.alipay_user_id =
        "2088" + std::to_string(100'000'000'000 + static_cast<std::int64_t>(users_.size()) + 1);
    return users_.emplace(made.name, std::move(made)).first->second;
}

User* Books::find_user_by_openid(std::string_view openid) {
    for (auto& [name, user] : users_)
        if (user.openid == openid) return &user;
    return nullptr;
}

Order* Books::find_order(std::string_view provider, std::string_view out_trade_no) {
    const auto found = orders_.find({std::string(provider), std::string(out_trade_no)});
    return found == orders_.end() ? nullptr : &found->second;
}

Order* Books::find_by_transaction(std::string_view provider, std::string_view transaction_id) {
    const auto found = by_transaction_.find(transaction_id);
    return found == by_transaction_.end() || found->second->provider != provider ? nullptr : found->second;
}

Order* Books::find_by_handle(std::string_view handle) {
    if (handle.empty()) return nullptr;
    for (auto* order : in_order_)
        if (order->handle == handle) return order;
    return nullptr;
}

Order& Books::add_order(Order order) {
    std::pair key{order.provider, order.out_trade_no};
    const auto [place, made] = orders_.emplace(std::move(key), std::move(order));
    if (!made) throw std::logic_error("order number added twice");
    in_order_.push_back(&place->second);
    return place->second;
}

Mandate* Books::find_mandate(std::string_view provider, std::string_view our_number) {
    const auto found = mandates_.find({std::string(provider), std::string(our_number)});
    return found == mandates_.end() ? nullptr : &found->second;
}

Mandate* Books::find_contract(std::string_view contract_id) {
    if (contract_id.empty()) return nullptr;
    for (auto* mandate : mandates_in_order_)
        if (mandate->contract_id == contract_id) return mandate;
    return nullptr;
}

Mandate& Books::add_mandate(Mandate mandate) {
    std::pair key{mandate.provider, mandate.our_number};
    const auto [place, made] = mandates_.emplace(std::move(key), std::move(mandate));
    if (!made) throw std::logic_error("mandate number added twice");
    mandates_in_order_.push_back(&place->second);
    return place->second;
}

std::string Books::take(Order& order, Instant at) {
    if (order.taken_fen != 0) {
        failed_check("money asked twice for " + order.provider + " " + order.out_trade_no);
        return "ALREADY_TAKEN";
    }
    auto& payer = user(order.user);
    const bool wechat = order.provider == "wechat";
    auto& wallet = wechat ? payer.wechat_fen : payer.alipay_fen;
    const auto& cause = wechat ? payer.wechat_cause : payer.alipay_cause;
    std::string failure = cause;
    if (failure.empty() && wallet < order.amount_fen)
        failure = wechat ? "NOTENOUGH" : "ACQ.BUYER_BALANCE_NOT_ENOUGH";
    if (!failure.empty()) {
        order.cause = failure;
        return failure;
    }
    wallet -= order.amount_fen;
    order.taken_fen = order.amount_fen;
    order.cause.clear();
    order.paid_at = std::chrono::floor<std::chrono::seconds>(at);
    if (order.transaction_id.empty()) order.transaction_id = made_number(wechat ? "4200" : "", at, 28);
    by_transaction_[order.transaction_id] = &order;
    return {};
}

void Books::give_back(Order& order, Refund& refund, Instant at) {
    if (order.refunded_fen > order.taken_fen) {
        failed_check("more given back than taken for " + order.provider + " " + order.out_trade_no);
        return;
    }
    auto& payer = user(order.user);
    (order.provider == "wechat" ? payer.wechat_fen : payer.alipay_fen) += refund.amount_fen;
    refund.state = "SUCCESS";
    refund.ended = std::chrono::floor<std::chrono::seconds>(at);
}

void Books::refuse(Refusal refusal) {
    ++refused_by_reason_[refusal.reason];
    if (refusals_.size() >= refusals_kept) refusals_.erase(refusals_.begin());
    refusals_.push_back(std::move(refusal));
}

}  // namespace wefee::sandbox
