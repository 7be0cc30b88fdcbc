// WeChat Pay pre-deduction notices (v3 "notify" of family A) and the rules by which a notice allows a
// deduction.
#include <array>
#include <nlohmann/json.hpp>

#include "sandbox/json_fields.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {
namespace {

constexpr auto opens = std::chrono::hours{7};
constexpr auto closes = std::chrono::hours{22};
constexpr auto free_after_signing = std::chrono::hours{12};
constexpr int default_days = 7;

constexpr std::array notice_rules{
    FieldRule{"mchid", 's', true, 32},
    FieldRule{"appid", 's', true, 32},
    FieldRule{"deduct_duration", 'o', false, 0},
    FieldRule{"deduct_duration.count", 'i', true, 1},
    FieldRule{"deduct_duration.unit", 's', false, 8},
    FieldRule{"estimated_amount", 'o', true, 0},
    FieldRule{"estimated_amount.amount", 'i', true, 1},
    FieldRule{"estimated_amount.currency", 's', false, 16},
};
constexpr std::array fail_notice_rules{
    FieldRule{"mchid", 's', true, 32},
    FieldRule{"appid", 's', true, 32},
};

bool in_hours(Instant now) {
    const auto minute = minute_of_day(now);
    return minute >= opens && minute < closes;
}

}  // namespace

ApiAnswer WechatPay::announce(const io::Request& request, std::string_view contract_id, bool after_failure) {
    const auto refused = [&](int status, std::string_view code, std::string_view text,
                             std::string_view reason) {
        world_.refuse("wechat", request.path, reason, text);
        return v3_error(status, code, text);
    };
    const auto body = parse_object(request.body);
    if (!body) return refused(400, "PARAM_ERROR", "请求体不是JSON对象", "bad_parameter");
    const auto rules = after_failure ? std::span<const FieldRule>(fail_notice_rules)
                                     : std::span<const FieldRule>(notice_rules);
    if (const auto mistake = check_fields(*body, rules))
        return refused(400, "PARAM_ERROR", mistake->field + ": " + mistake->text,
                       mistake->unknown ? "unknown_field" : "bad_parameter");
    const auto days = static_cast<int>(number_at(*body, "deduct_duration.count", default_days));
    if (body->contains("deduct_duration") &&
        (days > 3 || (*body)["deduct_duration"].value("unit", "DAY") != "DAY"))
        return refused(400, "PARAM_ERROR", "deduct_duration", "bad_parameter");
    auto* mandate = world_.books.find_contract(contract_id);
    if (!mandate || mandate->provider != "wechat" || mandate->state != "ACTIVE")
        return refused(404, "CONTRACT_NOT_EXIST", "签约协议不存在或已解约", "mandate_ended");
    if (text_at(*body, "mchid") != world_.options.wechat_mchid || text_at(*body, "appid") != mandate->appid)
        return refused(400, "PARAM_ERROR", "mchid或appid与协议不一致", "bad_parameter");
    if (!in_hours(world_.now()))
        return refused(400, "INVALID_REQUEST", "仅支持在每天7:00~22:00发送通知", "outside_hours");
    if (after_failure) return {204, "", 0};
    if (world_.options.wechat_deduct_mode != 2)
        return refused(400, "INVALID_REQUEST", "当前签约的模板不是周期扣费类型", "bad_parameter");
    return add_notice(*mandate, number_at(*body, "estimated_amount.amount"), days, request.path);
}

ApiAnswer WechatPay::add_notice(Mandate& mandate, std::int64_t amount_fen, int days, std::string_view path) {
    const auto today = civil_day(world_.now());
    if (amount_fen > world_.options.wechat_plan_cap_fen) {
        world_.refuse("wechat", path, "amount_above_cap", mandate.contract_id);
        return v3_error(403, "RULELIMIT", "预扣费金额超过模板限额");
    }
    if (!mandate.notices.empty()) {
        const auto& last = mandate.notices.back();
        const bool cycle_open = !last.used && today <= last.open_to;
        // The same notice again is the idempotent repeat, no offence.
        if (cycle_open && last.amount_fen == amount_fen && last.days == days)
            return v3_error(400, "RESOURCE_ALREADY_EXISTS", "已发送过相同的扣费前通知");
        if (cycle_open) {
            world_.refuse("wechat", path, "notice_differs", mandate.contract_id);
            return v3_error(400, "INVALID_REQUEST", "已发送过扣费前通知，本扣费周期内不能再次发送");
        }
    }
    mandate.notices.push_back({.at = world_.now(),
                               .amount_fen = amount_fen,
                               .days = days,
                               .open_from = add_days(today, 2),
                               .open_to = add_days(today, 1 + days)});
    return {204, "", 0};
}

WechatPay::Allowance WechatPay::deduction_allowed(Mandate& mandate, std::int64_t amount_fen) {
    if (mandate.state != "ACTIVE") return {"CONTRACT_NOT_EXIST", "签约协议不存在或已解约", "mandate_ended"};
    if (amount_fen > world_.options.wechat_plan_cap_fen)
        return {"RULELIMIT", "扣款金额超过模板限额", "amount_above_cap"};
    for (const auto* order : world_.books.orders()) {
        if (order->provider != "wechat" || order->contract_id != mandate.contract_id) continue;
        if (order->state == "ACCEPT")
            return {"ORDER_ACCEPTED", "扣款请求已受理，请勿重复发起", "order_in_progress"};
        if (order->paid_at && civil_day(*order->paid_at) == civil_day(world_.now()))
            return {"RULELIMIT", "同一协议每天只能扣款成功一次", "second_charge_in_day"};
    }
    const bool fresh = world_.now() < *mandate.signed_at + free_after_signing;
    if (mandate.notices.empty()) {
        if (fresh || world_.options.wechat_deduct_mode == 1) return {};
        return {"INVALID_REQUEST", "需要先下发扣费前通知才能扣费", "no_notice"};
    }
    return notice_allows(mandate, amount_fen);
}

WechatPay::Allowance WechatPay::notice_allows(Mandate& mandate, std::int64_t amount_fen) {
    auto& notice = mandate.notices.back();
    const auto today = civil_day(world_.now());
    if (!in_hours(world_.now()))
        return {"INVALID_REQUEST", "仅支持在每天7:00~22:00发起扣费", "outside_hours"};
    if (notice.used && today <= notice.open_to)
        return {"INVALID_REQUEST", "本扣费周期已扣费成功", "second_charge_in_period"};
    if (notice.used) return {"INVALID_REQUEST", "需要先下发扣费前通知才能扣费", "no_notice"};
    if (today < notice.open_from) return {"INVALID_REQUEST", "扣费等待期内不能扣费", "waiting_day"};
    if (today > notice.open_to)
        return {"INVALID_REQUEST", "已超过可扣费期，需要重新下发扣费前通知", "window_closed"};
    if (amount_fen > notice.amount_fen)
        return {"INVALID_REQUEST", "扣费金额大于扣费前通知的预计金额", "amount_above_notice"};
    return {.code = {}, .text = {}, .reason = {}, .notice = &notice};
}

}  // namespace wefee::sandbox
