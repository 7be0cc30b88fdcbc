// Alipay's asynchronous notifications: form body in Java's encoding, V1 signature, eight deliveries until
// "success".
#include <algorithm>
#include <array>

#include "billing/money.hpp"
#include "io/encoding.hpp"
#include "sandbox/alipay.hpp"

namespace wefee::sandbox {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<seconds, 7> gaps{minutes{4}, minutes{10}, minutes{10}, hours{1},
                                      hours{2},   hours{6},    hours{15}};

AlipayParams trade_fields(const Order& order, const std::string& buyer, std::int64_t amount_fen) {
    const auto amount = format_yuan(Fen{amount_fen});
    AlipayParams fields{
        {"notify_type", "trade_status_sync"},
        {"auth_app_id", order.appid},
        {"trade_no", order.transaction_id},
        {"out_trade_no", order.out_trade_no},
        {"buyer_id", buyer},
        {"buyer_logon_id", "159****5620"},
        {"seller_id", order.mchid},
        {"seller_email", "pay***@sandbox.example"},
        {"trade_status", order.state},
        {"total_amount", amount},
        {"receipt_amount", amount},
        {"invoice_amount", amount},
        {"buyer_pay_amount", amount},
        {"point_amount", "0.00"},
        {"subject", order.description},
        {"gmt_create", format_local(order.created)},
        {"gmt_payment", format_local(*order.paid_at)},
        {"fund_bill_list", "[{\"amount\":\"" + amount + "\",\"fundChannel\":\"ALIPAYACCOUNT\"}]"}};
    if (!order.attach.empty()) fields["passback_params"] = order.attach;
    return fields;
}

}  // namespace

Parcel Alipay::parcel(std::string kind, std::string key, std::string url,
                      std::function<AlipayParams(Twist)> fields) {
    Parcel parcel;
    parcel.id = format_compact(world_.now()).substr(0, 8) + io::hex_lower(io::random_bytes(13));
    parcel.provider = "alipay";
    parcel.kind = kind;
    parcel.key = std::move(key);
    parcel.url = url;
    parcel.gaps = gaps;
    parcel.accepted = [](const io::ClientResponse& response) {
        return response.status == 200 && response.body == "success";
    };
    parcel.make = [this, id = parcel.id, url, fields = std::move(fields)](Twist twist) {
        auto sent = fields(twist);
        sent["notify_id"] = id;
        sent["notify_time"] = format_local(world_.now());
        sent["app_id"] = world_.options.alipay_app_id;
        sent["charset"] = "utf-8";
        sent["version"] = "1.0";
        std::string message;
        for (const auto& [name, content] : sent)
            message += (message.empty() ? "" : "&") + name + "=" + content;
        const bool forged = twist == Twist::wrong_key || twist == Twist::probe;
        sent["sign"] = io::base64_encode((forged ? foreign_key_ : alipay_key_).sign_sha256(message));
        sent["sign_type"] = "RSA2";
        if (twist == Twist::tamper) sent["notify_time"] += "0";
        // The real one sends in no order that a receiver may rely on.
        std::vector<std::pair<std::string, std::string>> order(sent.begin(), sent.end());
        std::ranges::rotate(order,
                            order.begin() + static_cast<std::ptrdiff_t>(message.size() % order.size()));
        std::string body;
        for (const auto& [name, content] : order)
            body += (body.empty() ? "" : "&") + io::form_encode(name) + "=" + io::form_encode(content);
        return io::ClientRequest{"POST",
                                 url,
                                 {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                                  {"User-Agent", "Mozilla/4.0"}},
                                 std::move(body)};
    };
    return parcel;
}

Parcel Alipay::payment_parcel(const Order& order) {
    const auto buyer = world_.books.user(order.user).alipay_user_id;
    return parcel("trade_status_sync", order.out_trade_no, order.notify_url,
                  [snapshot = order, buyer](Twist twist) {
                      return trade_fields(snapshot, buyer,
                                          snapshot.amount_fen + (twist == Twist::wrong_amount ? 1 : 0));
                  });
}

Parcel Alipay::refund_parcel(const Order& order, const Refund& refund) {
    const auto buyer = world_.books.user(order.user).alipay_user_id;
    return parcel("trade_status_sync", order.out_trade_no + "/" + refund.out_refund_no, order.notify_url,
                  [snapshot = order, done = refund, buyer](Twist twist) {
                      auto fields = trade_fields(snapshot, buyer, snapshot.amount_fen);
                      const auto wrong = twist == Twist::wrong_amount ? 1 : 0;
                      fields["refund_fee"] = format_yuan(Fen{snapshot.refunded_fen + wrong});
                      fields["send_back_fee"] = format_yuan(Fen{done.amount_fen});
                      fields["out_biz_no"] = done.out_refund_no;
                      fields["gmt_refund"] = format_local(*done.ended) + ".0";
                      return fields;
                  });
}

Parcel Alipay::agreement_parcel(const Mandate& mandate, std::string url, bool signed_now) {
    const auto user = world_.books.user(mandate.user).alipay_user_id;
    return parcel(signed_now ? "dut_user_sign" : "dut_user_unsign", mandate.our_number, std::move(url),
                  [snapshot = mandate, user, signed_now](Twist) {
                      AlipayParams fields{{"notify_type", signed_now ? "dut_user_sign" : "dut_user_unsign"},
                                          {"status", signed_now ? "NORMAL" : "UNSIGN"},
                                          {"auth_app_id", snapshot.appid},
                                          {"agreement_no", snapshot.contract_id},
                                          {"external_agreement_no", snapshot.our_number},
                                          {"personal_product_code", snapshot.product_code},
                                          {"sign_scene", snapshot.sign_scene},
                                          {"alipay_user_id", user},
                                          {"alipay_logon_id", "159****5620"}};
                      if (!signed_now) {
                          fields["unsign_time"] = format_local(*snapshot.ended_at);
                          return fields;
                      }
                      fields["sign_time"] = format_local(*snapshot.signed_at);
                      fields["valid_time"] = format_local(*snapshot.signed_at);
                      fields["invalid_time"] = "2115-02-01 00:00:00";
                      if (!snapshot.account_name.empty()) fields["external_logon_id"] = snapshot.account_name;
                      return fields;
                  });
}

}  // namespace wefee::sandbox
