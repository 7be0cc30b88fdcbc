// Texts of deduction contracts.
#include "payment/wechat/papay.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

#include "io/encoding.hpp"
#include "payment/text.hpp"
#include "payment/wechat/json_read.hpp"

namespace wefee::payment::wechat {

namespace {

using nlohmann::json;  // sorts its keys

constexpr std::size_t link_bytes_max = 1024;
constexpr std::int64_t serial_max = 999'999'999'999;
constexpr std::string_view signing_mini_program = "wxbd687630cd02ce1d";

void require_account_name(std::string_view name) {
    require_plain_text(name, "account_name", 128);
    for (const char c : name) {  // blanks and symbols break the return to the app
        const bool ascii = static_cast<unsigned char>(c) < 0x80;
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (ascii && !plain) throw std::invalid_argument("account_name: holds a blank or a symbol");
    }
}

void require_request(const MandateRequest& request) {
    require_token(request.our_number, "our_number", 1, 32);
    require_account_name(request.account_name);
    require_callback_url(request.notify_url, "notify_url");
    if (request.serial < 1 || request.serial > serial_max)
        throw std::invalid_argument("serial: must have 1 to 12 digits and no leading zero");
}

std::string seconds_text(Instant now) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
}

v2::Fields signing_fields(const Settings& settings, const MandateRequest& request, Instant now) {
    return {{"appid", settings.appid},
            {"mch_id", settings.mchid},
            {"plan_id", settings.plan_id},
            {"contract_code", request.our_number},
            {"request_serial", std::to_string(request.serial)},
            {"contract_display_account", request.account_name},
            {"notify_url", request.notify_url},
            {"timestamp", seconds_text(now)}};
}

std::string browser_link(const Settings& settings, v2::Fields fields, bool come_back) {
    fields.emplace("version", "1.0");
    if (come_back) fields.emplace("return_web", "1");
    fields.emplace("sign", v2::sign(fields, settings.api_v2_key, v2::SignType::md5));
    std::string link = settings.base_url + "/papay/entrustweb";
    char mark = '?';
    for (const auto& [name, value] : fields) {  // signed raw, percent-encoded once
        link += mark;
        link += name + "=" + io::percent_encode(value);
        mark = '&';
    }
    if (link.size() > link_bytes_max)
        throw std::invalid_argument("notify_url: the signing link is over 1024 bytes");
    return link;
}

std::string mini_program_argument(const Settings& settings, const v2::Fields& fields, std::int64_t serial,
                                  Instant now) {
    json extra = json::object();
    for (const auto& [name, value] : fields) extra[name] = value;
    extra["request_serial"] = serial;  // numbers in this interface, texts in the sign
    extra["timestamp"] = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    extra["sign"] = v2::sign(fields, settings.api_v2_key, v2::SignType::md5);
    return json{{"appId", signing_mini_program}, {"path", "pages/index/index"}, {"extraData", extra}}.dump();
}

std::optional<Fen> parse_fen(std::string_view text) {
    std::int64_t count{};
    if (text.empty() || text.size() > 15 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return Fen{count};
}

std::string copy(const v2::Fields& fields, std::string_view name) {
    return std::string(v2::value_of(fields, name));
}

struct CauseRow {
    std::string_view mode;
    MandateEnded::Cause cause;
};
using Cause = MandateEnded::Cause;
constexpr std::array ended_causes{CauseRow{"1", Cause::expired},
                                  CauseRow{"2", Cause::by_payer},
                                  CauseRow{"3", Cause::by_us},  // our call, or our console
                                  CauseRow{"4", Cause::by_us},
                                  CauseRow{"5", Cause::account_closed},
                                  CauseRow{"7", Cause::by_provider},
                                  CauseRow{"USER_TERMINATE", Cause::by_payer},
                                  CauseRow{"MCH_API_TERMINATE", Cause::by_us},
                                  CauseRow{"API", Cause::by_us},
                                  CauseRow{"WEPAY_WEB_TERMINATE", Cause::by_us},
                                  CauseRow{"CUSTOMER_SERVICE_TERMINATE", Cause::by_provider},
                                  CauseRow{"SYSTEM_TERMINATE", Cause::by_provider}};

MandateSigned signed_fact(const v2::Fields& fields) {
    return {.provider = Provider::wechat,
            .mchid = copy(fields, "mch_id"),
            .app_id = copy(fields, "appid"),
            .our_number = copy(fields, "contract_code"),
            .contract_id = copy(fields, "contract_id"),
            .plan_id = copy(fields, "plan_id"),
            .payer = copy(fields, "openid"),
            .signed_at = parse_local(v2::value_of(fields, "contract_signed_time")).value_or(Instant{}),
            .expires_at = parse_local(v2::value_of(fields, "contract_expired_time"))};
}

MandateEnded ended_fact(const v2::Fields& fields) {
    return {.provider = Provider::wechat,
            .mchid = copy(fields, "mch_id"),
            .app_id = copy(fields, "appid"),
            .our_number = copy(fields, "contract_code"),
            .contract_id = copy(fields, "contract_id"),
            .cause = ended_cause(v2::value_of(fields, "contract_termination_mode")),
            .ended_at = parse_local(v2::value_of(fields, "contract_terminated_time")).value_or(Instant{})};
}

// Empty in the answer is no contradiction; something else is.
bool contradicts(const v2::Fields& fields, std::string_view name, std::string_view wanted) {
    const auto value = v2::value_of(fields, name);
    return !value.empty() && !wanted.empty() && value != wanted;
}

}  // namespace

MandateEnded::Cause ended_cause(std::string_view mode) {
    for (const CauseRow& row : ended_causes)
        if (row.mode == mode) return row.cause;
    return Cause::unknown;
}

SigningPage make_sign_page(const Settings& settings, const MandateRequest& request, Instant now) {
    require_request(request);
    const v2::Fields fields = signing_fields(settings, request, now);
    return {.url = browser_link(settings, fields, !request.return_url.empty()),
            .mini_program = mini_program_argument(settings, fields, request.serial, now)};
}

std::string deduction_fields(const Settings& settings, const Deduction& deduction) {
    require_token(deduction.out_trade_no, "out_trade_no", 6, 32, "_-*|");
    require_token(deduction.contract_id, "contract_id", 1, 64);
    require_plain_text(deduction.description, "description", 127);
    require_callback_url(deduction.notify_url, "notify_url");
    if (deduction.amount < Fen{1}) throw std::invalid_argument("amount: must be at least 1 fen");
    return json{{"appid", settings.appid},
                {"mch_id", settings.mchid},
                {"body", deduction.description},
                {"out_trade_no", deduction.out_trade_no},
                {"total_fee", std::to_string(deduction.amount.count())},
                {"fee_type", "CNY"},
                {"spbill_create_ip", settings.server_ip},
                {"notify_url", deduction.notify_url},
                {"trade_type", "PAP"},
                {"contract_id", deduction.contract_id}}
        .dump();
}

v2::Fields read_deduction_fields(std::string_view fields) {
    const auto parsed = parse_object(fields);
    v2::Fields result;
    if (parsed)
        for (const auto& [name, value] : parsed->items())
            if (value.is_string()) result.emplace(name, value.get<std::string>());
    if (!parsed || result.size() != parsed->size() || v2::value_of(result, "trade_type") != "PAP")
        throw std::invalid_argument("fields: not of a WeChat Pay deduction");
    return result;
}

v2::Fields deduction_query(const Settings& settings, std::string_view out_trade_no) {
    return {
        {"appid", settings.appid}, {"mch_id", settings.mchid}, {"out_trade_no", std::string(out_trade_no)}};
}

v2::Fields contract_query(const Settings& settings, std::string_view our_number,
                          std::string_view contract_id) {
    v2::Fields fields{{"appid", settings.appid}, {"mch_id", settings.mchid}, {"version", "1.0"}};
    if (!contract_id.empty()) {
        fields.emplace("contract_id", contract_id);
    } else {
        fields.emplace("plan_id", settings.plan_id);
        fields.emplace("contract_code", our_number);
    }
    return fields;
}

std::string notice_target(std::string_view contract_id) {
    return "/v3/papay/contracts/" + io::percent_encode(contract_id) + "/notify";
}

std::string notice_body(const Settings& settings, Fen amount) {
    json body{{"mchid", settings.mchid},
              {"appid", settings.appid},
              {"estimated_amount", {{"amount", amount.count()}, {"currency", "CNY"}}}};
    if (settings.deduct_days) body["deduct_duration"] = {{"count", *settings.deduct_days}, {"unit", "DAY"}};
    return body.dump();
}

Order read_v2_order(const v2::Fields& fields) {
    return {.appid = copy(fields, "appid"),
            .mchid = copy(fields, "mch_id"),
            .out_trade_no = copy(fields, "out_trade_no"),
            .transaction_id = copy(fields, "transaction_id"),
            .trade_type = copy(fields, "trade_type"),
            .trade_state = copy(fields, "trade_state"),
            .payer = copy(fields, "openid"),
            .currency = copy(fields, "fee_type"),
            .contract_id = copy(fields, "contract_id"),
            .err_code = copy(fields, "err_code"),
            .total = parse_fen(v2::value_of(fields, "total_fee")),
            .success_time = parse_compact(v2::value_of(fields, "time_end"))};
}

MandateStatus judge_contract(const Settings& settings, const v2::Fields& fields, std::string_view our_number,
                             std::string_view contract_id) {
    if (contradicts(fields, "mch_id", settings.mchid) || contradicts(fields, "plan_id", settings.plan_id) ||
        contradicts(fields, "contract_code", our_number) || contradicts(fields, "contract_id", contract_id))
        return {.code = "MISMATCH"};
    const auto state = v2::value_of(fields, "contract_state");
    MandateStatus status{.code = std::string(state)};
    if (state == "0") {  // zero means valid
        if (v2::value_of(fields, "contract_id").empty()) return {.code = "INCOMPLETE"};
        status.state = MandateState::active;
        status.signed_fact = signed_fact(fields);
    } else if (state == "9") {
        status.state = MandateState::signing;
    } else if (state == "1") {
        const bool was_signed = !v2::value_of(fields, "contract_terminated_time").empty() ||
                                !v2::value_of(fields, "contract_termination_mode").empty();
        status.state = was_signed ? MandateState::ended : MandateState::not_signed;
        if (was_signed) status.ended_fact = ended_fact(fields);
    }
    return status;
}

}  // namespace wefee::payment::wechat
