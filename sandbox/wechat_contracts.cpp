// WeChat Pay deduction contracts: signing pages (entrustweb, mini-program), query, termination by either
// side.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "io/encoding.hpp"
#include "sandbox/json_fields.hpp"
#include "sandbox/wechat.hpp"

namespace wefee::sandbox {
namespace {

constexpr std::size_t link_bytes_max = 1024;
constexpr auto page_life = std::chrono::minutes{10};
constexpr auto timestamp_tolerance = std::chrono::minutes{5};

std::string value(const V2Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

std::optional<std::int64_t> digits(std::string_view text, std::size_t most) {
    std::int64_t number{};
    if (text.empty() || text.size() > most || text.front() == '0') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool letters_and_digits(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

/// "No emoji, spaces or symbols": they break the way back into the app.
bool plain_words(std::string_view text) {
    return !text.empty() && count_characters(text) <= 128 && !has_four_byte_characters(text) &&
           std::ranges::none_of(text, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x30 || (byte > 0x39 && byte < 0x41) || (byte > 0x5A && byte < 0x61) ||
                      (byte > 0x7A && byte < 0x80);
           });
}

/// extraData as JSON: numbers count as their digits.
V2Fields fields_of(const nlohmann::json& object) {
    V2Fields fields;
    for (const auto& [name, content] : object.items())
        fields[name] = content.is_string() ? content.get<std::string>() : content.dump();
    return fields;
}

std::string mistake_in(const V2Fields& fields, const Options& options, Instant now) {
    if (value(fields, "mch_id") != options.wechat_mchid) return "mch_id";
    if (value(fields, "appid") != options.wechat_appid && value(fields, "appid") != options.miniprogram_appid)
        return "appid";
    if (value(fields, "plan_id") != options.wechat_plan_id) return "plan_id";
    if (!letters_and_digits(value(fields, "contract_code"))) return "contract_code";
    if (!digits(value(fields, "request_serial"), 12)) return "request_serial";
    if (!plain_words(value(fields, "contract_display_account"))) return "contract_display_account";
    const auto notify = value(fields, "notify_url");
    if (!notify.starts_with("http") || notify.find('?') != std::string::npos) return "notify_url";
    const auto stamp = digits(value(fields, "timestamp"), 10);
    if (!stamp) return "timestamp";
    const auto off = Instant{std::chrono::seconds{*stamp}} - now;
    if (off > timestamp_tolerance || off < -timestamp_tolerance) return "timestamp: expired";
    return {};
}

}  // namespace

Mandate& WechatPay::open_signing(const V2Fields& fields, std::string_view path) {
    const auto refused = [&](std::string_view reason, const std::string& text) -> Refused {
        world_.refuse("wechat", path, reason, text);
        return Refused(text);
    };
    auto signed_fields = fields;
    if (path == "/papay/h5entrustweb") signed_fields.try_emplace("sign_type", "HMAC-SHA256");
    const bool holds = path == "/papay/h5entrustweb"
                           ? io::equal_constant_time(value(fields, "sign"), v2_sign(fields, "HMAC-SHA256")) ||
                                 v2_sign_holds(fields)
                           : v2_sign_holds(fields) && value(fields, "sign_type") != "HMAC-SHA256";
    if (!holds) throw refused("wrong_signature", "签名错误");
    if (path != "mini_program" && value(fields, "version") != "1.0")
        throw refused("bad_parameter", "version");
    if (const auto mistake = mistake_in(fields, world_.options, world_.now()); !mistake.empty())
        throw refused("bad_parameter", "参数错误 " + mistake);
    const auto code = value(fields, "contract_code");
    const auto serial = *digits(value(fields, "request_serial"), 12);
    if (auto* known = world_.books.find_mandate("wechat", code)) {
        if (known->state != "TEMP" || known->request_serial != value(fields, "request_serial"))
            throw refused("number_reused", "签约协议号重复 " + code);
        known->page_until = world_.now() + page_life;
        return *known;
    }
    if (serial <= last_request_serial_) throw refused("bad_parameter", "request_serial is not increasing");
    last_request_serial_ = serial;
    Mandate mandate;
    mandate.provider = "wechat";
    mandate.our_number = code;
    mandate.plan_id = value(fields, "plan_id");
    mandate.appid = value(fields, "appid");
    mandate.state = "TEMP";
    mandate.notify_url = value(fields, "notify_url");
    mandate.sign_type = path == "/papay/h5entrustweb" ? "HMAC-SHA256" : "";
    mandate.account_name = value(fields, "contract_display_account");
    mandate.request_serial = value(fields, "request_serial");
    mandate.created = world_.now();
    mandate.page_until = world_.now() + page_life;
    return world_.books.add_mandate(std::move(mandate));
}

Mandate& WechatPay::sign_mandate(const std::string& user, std::string_view link) {
    if (link.starts_with('{')) {
        const auto object = parse_object(link);
        if (!object) throw Refused("mini_program is no JSON object");
        const auto extra = object->contains("extraData") ? (*object)["extraData"] : *object;
        if (object->contains("appId") && text_at(*object, "appId") != "wxbd687630cd02ce1d")
            throw Refused("mini_program opens another mini-program");
        if (!extra.is_object()) throw Refused("extraData is no JSON object");
        return sign_opened(user, open_signing(fields_of(extra), "mini_program"));
    }
    if (link.size() > link_bytes_max) throw Refused("link is longer than 1024 bytes");
    const auto question = link.find('?');
    const auto query =
        question == std::string_view::npos ? std::nullopt : io::parse_form(link.substr(question + 1), false);
    if (!query) throw Refused("link has no readable query");
    const bool h5 = link.substr(0, question).ends_with("/papay/h5entrustweb");
    return sign_opened(user, open_signing(V2Fields(query->begin(), query->end()),
                                          h5 ? "/papay/h5entrustweb" : "/papay/entrustweb"));
}

Mandate& WechatPay::sign_opened(const std::string& user, Mandate& mandate) {
    if (mandate.state != "TEMP") throw Refused("already signed or ended");
    if (world_.now() > *mandate.page_until) throw Refused("the signing page has expired");
    for (const auto* other : world_.books.mandates())
        if (other->provider == "wechat" && other->state == "ACTIVE" && other->user == user &&
            other->plan_id == mandate.plan_id)
            throw Refused("this payer has a live contract of this template", "CONTRACT_EXISTED");
    mandate.user = world_.books.user(user).name;
    mandate.contract_id = made_number("2026", world_.now(), 32);
    mandate.state = "ACTIVE";
    mandate.signed_at = std::chrono::floor<std::chrono::seconds>(world_.now());
    mandate.expires_at = *mandate.signed_at + std::chrono::days{3650};
    post_contract_notice(mandate, true);
    return mandate;
}

void WechatPay::end_mandate(Mandate& mandate, int mode, const std::string& remark) {
    mandate.state = "ENDED";
    mandate.end_mode = mode;
    mandate.end_remark = remark;
    mandate.ended_at = std::chrono::floor<std::chrono::seconds>(world_.now());
    post_contract_notice(mandate, false);
}

Mandate* WechatPay::contract_of(const V2Fields& fields) {
    if (const auto id = value(fields, "contract_id"); !id.empty()) {
        auto* found = world_.books.find_contract(id);
        return found && found->provider == "wechat" ? found : nullptr;
    }
    auto* found = world_.books.find_mandate("wechat", value(fields, "contract_code"));
    return found && found->plan_id == value(fields, "plan_id") ? found : nullptr;
}

V2Fields WechatPay::query_contract(const V2Fields& fields) {
    if (value(fields, "version") != "1.0") return v2_error("PARAM_ERROR", "version");
    const auto* mandate = contract_of(fields);
    if (!mandate) return v2_error("CONTRACT_NOT_EXIST", "签约协议不存在");
    V2Fields answer{{"plan_id", mandate->plan_id},
                    {"request_serial", mandate->request_serial},
                    {"contract_code", mandate->our_number},
                    {"contract_display_account", mandate->account_name}};
    answer["contract_state"] = mandate->state == "ACTIVE" ? "0" : mandate->state == "TEMP" ? "9" : "1";
    if (mandate->signed_at) {
        answer["contract_id"] = mandate->contract_id;
        answer["contract_signed_time"] = format_local(*mandate->signed_at);
        answer["contract_expired_time"] = format_local(*mandate->expires_at);
        answer["openid"] = world_.books.user(mandate->user).openid;
    }
    if (mandate->ended_at) {
        answer["contract_terminated_time"] = format_local(*mandate->ended_at);
        answer["contract_termination_mode"] = std::to_string(mandate->end_mode);
        answer["contract_termination_remark"] = mandate->end_remark;
    }
    return answer;
}

V2Fields WechatPay::delete_contract(const V2Fields& fields) {
    if (value(fields, "version") != "1.0" || value(fields, "contract_termination_remark").empty())
        return v2_error("PARAMETER FAIL", "version or contract_termination_remark");
    auto* mandate = contract_of(fields);
    if (!mandate || !mandate->signed_at) return v2_error("CONTRACT_NOT_EXIST", "签约协议不存在");
    if (mandate->state == "ACTIVE") end_mandate(*mandate, 3, value(fields, "contract_termination_remark"));
    return {{"contract_id", mandate->contract_id},
            {"plan_id", mandate->plan_id},
            {"contract_code", mandate->our_number}};
}

}  // namespace wefee::sandbox
