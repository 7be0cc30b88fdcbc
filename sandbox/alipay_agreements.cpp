// Alipay agreements: page.sign and the payer's signature, the deduction window, query, unsign, plan changes.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "billing/money.hpp"
#include "io/encoding.hpp"
#include "sandbox/alipay.hpp"
#include "sandbox/json_fields.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto page_life = std::chrono::hours{24};
constexpr int agreements_per_user = 10;
constexpr std::string_view long_term = "2115-02-01 00:00:00";

std::string value(const AlipayParams& params, std::string_view name) {
    const auto found = params.find(name);
    return found == params.end() ? std::string() : found->second;
}

/// A number that may come as JSON number or as its digits; 0 when it is neither.
int whole(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) return 0;
    const auto text = found->is_string() ? found->get<std::string>() : found->dump();
    if (text.empty() || text.size() > 4 || text.find_first_not_of("0123456789") != std::string::npos)
        return 0;
    return std::stoi(text);
}

bool letters_and_digits(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

/// The name of the first field that production would refuse; fills the period rule otherwise.
std::string read_rule(const json& biz, Mandate& mandate) {
    if (!biz.contains("period_rule_params") || !biz["period_rule_params"].is_object())
        return "period_rule_params";
    const auto& rule = biz["period_rule_params"];
    mandate.period_type = text_at(rule, "period_type");
    mandate.period = whole(rule, "period");
    if (mandate.period_type != "DAY" && mandate.period_type != "MONTH") return "period_type";
    if (mandate.period < (mandate.period_type == "DAY" ? 7 : 1)) return "period";
    mandate.next_day = parse_day(text_at(rule, "execute_time"));
    if (!mandate.next_day) return "execute_time";
    if (mandate.period_type == "MONTH" && static_cast<unsigned>(mandate.next_day->day()) > 28)
        return "execute_time";
    const auto single = parse_yuan(text_at(rule, "single_amount"));
    if (!single || *single < Fen{1}) return "single_amount";
    mandate.single_limit_fen = single->count();
    if (const auto text = text_at(rule, "total_amount"); !text.empty()) {
        const auto total = parse_yuan(text);
        if (!total || *total < *single) return "total_amount";
        mandate.total_limit_fen = total->count();
    }
    if (rule.contains("total_payments")) {
        mandate.total_payments = whole(rule, "total_payments");
        if (*mandate.total_payments < 1) return "total_payments";
    }
    return {};
}

/// Everything after "gateway.do?" of the signed address, also from inside an alipays:// address.
std::string signed_query(std::string_view link) {
    const auto question = link.find('?');
    if (question == std::string_view::npos) throw Refused("link has no query");
    auto query = std::string(link.substr(question + 1));
    if (!link.starts_with("alipays://")) return query;
    const auto outer = io::parse_form(query);
    if (!outer) throw Refused("broken alipays:// address");
    if (const auto* inner = io::find_field(*outer, "sign_params")) return *inner;
    if (const auto* inner = io::find_field(*outer, "url")) return signed_query(*inner);
    throw Refused("alipays:// address without sign_params or url");
}

}  // namespace

Mandate& Alipay::open_signing(const AlipayParams& params) {
    constexpr std::string_view method = "alipay.user.agreement.page.sign";
    const auto refused = [&](std::string_view reason, const std::string& text) {
        world_.refuse("alipay", method, reason, text);
        return Refused("INVALID_PARAMETER " + text, "INVALID_PARAMETER");
    };
    const auto biz = parse_object(value(params, "biz_content"));
    if (!biz) throw refused("bad_parameter", "biz_content");
    Mandate mandate;
    mandate.provider = "alipay";
    mandate.our_number = text_at(*biz, "external_agreement_no");
    mandate.product_code = text_at(*biz, "personal_product_code");
    mandate.sign_scene = text_at(*biz, "sign_scene");
    if (mandate.product_code != "CYCLE_PAY_AUTH_P" && mandate.product_code != "GENERAL_WITHHOLDING_P")
        throw refused("bad_parameter", "personal_product_code");
    if (!letters_and_digits(mandate.our_number)) throw refused("bad_parameter", "external_agreement_no");
    if (mandate.sign_scene.empty() || mandate.sign_scene == "DEFAULT|DEFAULT")
        throw refused("bad_parameter", "sign_scene");
    const auto channel = text_at(*biz, "access_params.channel");
    if (channel != "ALIPAYAPP" && channel != "QRCODE" && channel != "QRCODEORSMS")
        throw refused("bad_parameter", "access_params.channel");
    if (const auto mistake = read_rule(*biz, mandate); !mistake.empty())
        throw refused("bad_parameter", "period_rule_params." + mistake);
    if (auto* known = world_.books.find_mandate("alipay", mandate.our_number)) {
        if (known->state != "TEMP") throw refused("number_reused", "external_agreement_no");
        known->page_until = world_.now() + page_life;
        return *known;
    }
    mandate.appid = value(params, "app_id");
    mandate.state = "TEMP";
    mandate.notify_url = value(params, "notify_url");
    mandate.return_url = value(params, "return_url");
    mandate.account_name = text_at(*biz, "external_logon_id");
    mandate.created = world_.now();
    mandate.page_until = world_.now() + page_life;
    return world_.books.add_mandate(std::move(mandate));
}

Mandate& Alipay::sign_mandate(const std::string& user, std::string_view link) {
    const auto query = io::parse_form(signed_query(link));
    if (!query) throw Refused("link has no readable query");
    const AlipayParams params(query->begin(), query->end());
    bool is_signed = true;
    if (const auto mistake = gateway_mistake(params, is_signed); !mistake.empty()) throw Refused(mistake);
    if (value(params, "method") != "alipay.user.agreement.page.sign") throw Refused("not a signing address");
    return sign_opened(user, open_signing(params));
}

Mandate& Alipay::sign_opened(const std::string& user, Mandate& mandate) {
    if (mandate.state != "TEMP") throw Refused("already signed or ended");
    if (world_.now() > *mandate.page_until) throw Refused("the signing page has expired");
    const auto live = std::ranges::count_if(world_.books.mandates(), [&user](const Mandate* other) {
        return other->provider == "alipay" && other->state == "ACTIVE" && other->user == user;
    });
    if (live >= agreements_per_user) throw Refused("this payer holds ten agreements with this merchant");
    mandate.user = world_.books.user(user).name;
    mandate.contract_id = made_number("", world_.now(), 20);
    mandate.state = "ACTIVE";
    mandate.signed_at = std::chrono::floor<std::chrono::seconds>(world_.now());
    world_.courier.post(agreement_parcel(mandate, mandate.notify_url, true));
    return mandate;
}

void Alipay::end_mandate(Mandate& mandate, bool by_user, const std::string& notify_url) {
    mandate.state = "ENDED";
    mandate.ended_at = std::chrono::floor<std::chrono::seconds>(world_.now());
    const auto& url = by_user || notify_url.empty() ? world_.options.alipay_gateway_url : notify_url;
    world_.courier.post(agreement_parcel(mandate, url, false));
}

std::string Alipay::deduction_refused(Mandate& mandate, std::int64_t amount_fen, std::string& reason) {
    const auto refused = [&reason](const char* code, const char* why) {
        reason = why;
        return std::string(code);
    };
    if (mandate.state != "ACTIVE") return refused("ACQ.AGREEMENT_STATUS_NOT_NORMAL", "mandate_ended");
    const auto today = civil_day(world_.now());
    if (mandate.last_planned_day && today <= *mandate.last_planned_day)
        return refused("ACQ.CYCLE_PAY_DATE_NOT_MATCH", "second_charge_in_period");
    if (today < add_days(*mandate.next_day, -world_.options.alipay_window_days) || today > *mandate.next_day)
        return refused("ACQ.CYCLE_PAY_DATE_NOT_MATCH", "outside_window");
    if (amount_fen > mandate.single_limit_fen)
        return refused("ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED", "amount_above_cap");
    if (mandate.total_limit_fen && mandate.deducted_fen + amount_fen > *mandate.total_limit_fen)
        return refused("ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED", "total_exceeded");
    if (mandate.total_payments && mandate.deductions >= *mandate.total_payments)
        return refused("ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED", "total_exceeded");
    return {};
}

Mandate* Alipay::agreement_of(const json& biz) {
    if (const auto id = text_at(biz, "agreement_no"); !id.empty()) {
        auto* found = world_.books.find_contract(id);
        return found && found->provider == "alipay" ? found : nullptr;
    }
    auto* found = world_.books.find_mandate("alipay", text_at(biz, "external_agreement_no"));
    const bool same = found && found->product_code == text_at(biz, "personal_product_code") &&
                      found->sign_scene == text_at(biz, "sign_scene");
    return same ? found : nullptr;
}

AlipayAnswer Alipay::agreement_query(const json& biz) {
    const auto* mandate = agreement_of(biz);
    if (!mandate) return alipay_failure("USER_AGREEMENT_NOT_EXIST", "用户协议不存在");
    if (mandate->state == "ENDED") return alipay_failure("AGREEMENT_HAS_UNSIGNED", "协议已解约");
    ordered_json node{{"code", "10000"},
                      {"msg", "Success"},
                      {"external_agreement_no", mandate->our_number},
                      {"personal_product_code", mandate->product_code},
                      {"sign_scene", mandate->sign_scene},
                      {"status", mandate->state == "ACTIVE" ? "NORMAL" : "TEMP"}};
    if (mandate->signed_at)
        node.update({{"agreement_no", mandate->contract_id},
                     {"sign_time", format_local(*mandate->signed_at)},
                     {"valid_time", format_local(*mandate->signed_at)},
                     {"invalid_time", long_term},
                     {"principal_id", world_.books.user(mandate->user).alipay_user_id},
                     {"pricipal_type", "CARD"},
                     {"alipay_logon_id", "159****5620"},
                     {"single_quota", format_yuan(Fen{mandate->single_limit_fen})},
                     {"next_deduct_time", format_day(*mandate->next_day)}});
    if (mandate->last_deducted) node["last_deduct_time"] = format_day(civil_day(*mandate->last_deducted));
    return {node.dump()};
}

AlipayAnswer Alipay::agreement_unsign(const AlipayParams& params, const json& biz) {
    auto* mandate = agreement_of(biz);
    if (!mandate) return alipay_failure("USER_AGREEMENT_NOT_EXIST", "用户协议不存在");
    if (mandate->state != "ACTIVE")
        return alipay_failure("USER_AGREEMENT_STATUS_NOT_NORMAL", "协议状态不正常");
    end_mandate(*mandate, false, value(params, "notify_url"));
    return {ordered_json{{"code", "10000"}, {"msg", "Success"}}.dump()};
}

AlipayAnswer Alipay::plan_modify(const json& biz) {
    auto* mandate = agreement_of(biz);
    if (!mandate || mandate->state != "ACTIVE") return alipay_failure("ILLEGAL_AGREEMENT", "协议不合法");
    const auto day = parse_day(text_at(biz, "deduct_time"));
    const bool in_month = day && (mandate->period_type != "MONTH" || static_cast<unsigned>(day->day()) <= 28);
    if (!in_month || *day <= *mandate->next_day) {
        world_.refuse("alipay", "alipay.user.agreement.executionplan.modify", "bad_parameter", "deduct_time");
        return alipay_failure("ILLEGAL_EXECUTION_TIME", "执行时间不合法");
    }
    mandate->next_day = day;
    return {ordered_json{{"code", "10000"},
                         {"msg", "Success"},
                         {"agreement_no", mandate->contract_id},
                         {"deduct_time", format_day(*day)}}
                .dump()};
}

}  // namespace wefee::sandbox
