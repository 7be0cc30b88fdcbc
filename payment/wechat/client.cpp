// Signing of requests and judging of answers: what cannot be verified proves nothing.
#include "payment/wechat/client.hpp"

#include <boost/system/system_error.hpp>

#include "io/encoding.hpp"
#include "payment/text.hpp"
#include "payment/wechat/json_read.hpp"
#include "payment/wechat/sign.hpp"

namespace wefee::payment::wechat {

namespace {

constexpr std::size_t detail_bytes_max = 200;

// The path part of base_url ("" for a bare host): it is on the request line, so it is signed.
std::string_view path_prefix(std::string_view base_url) {
    const auto host = base_url.find("://");
    const auto slash = base_url.find('/', host == std::string_view::npos ? 0 : host + 3);
    return slash == std::string_view::npos ? std::string_view{} : base_url.substr(slash);
}

std::string cut(std::string text) {
    if (text.size() > detail_bytes_max) text.resize(detail_bytes_max);
    while (!text.empty() && !inspect_utf8(text).well_formed) text.pop_back();
    return text;
}

std::string request_id(const io::Headers& headers) {
    const std::string* id = io::find_header(headers, "Request-ID");
    return id == nullptr ? std::string{} : *id;
}

std::string digits_after_dash(const std::string& id) {
    const auto dash = id.rfind('-');
    const std::string tail = dash == std::string::npos ? std::string{} : id.substr(dash + 1);
    return tail.find_first_not_of("0123456789") == std::string::npos ? tail : std::string{};
}

// Code and message of an error body; HTML of a gateway has neither.
void read_error_body(V3Answer& answer) {
    const auto parsed = nlohmann::json::parse(answer.body, nullptr, false);
    if (parsed.is_object()) {
        answer.code = text_at(parsed, "code");
        answer.detail = cut(text_at(parsed, "message"));
    }
    if (answer.code.empty()) answer.code = "HTTP_" + std::to_string(answer.status);
}

V3Answer unbelieved(V3Answer answer, std::string code) {
    answer.kind = V3Answer::Kind::unknown;
    answer.verified = false;
    answer.code = std::move(code);
    answer.body.clear();
    return answer;
}

std::string transport_word(const boost::system::system_error& failure) {
    return failure.code() == boost::system::errc::timed_out ? "TIMED_OUT" : "TRANSPORT";
}

}  // namespace

io::ClientRequest make_v3_request(const Settings& settings, std::string_view method, std::string_view target,
                                  std::string body, Instant now, std::string_view nonce) {
    const std::string signed_target = std::string(path_prefix(settings.base_url)).append(target);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    Authorization parts{.mchid = settings.mchid,
                        .nonce = std::string(nonce),
                        .timestamp = std::to_string(seconds),
                        .serial = settings.merchant_serial,
                        .signature = {}};
    parts.signature = sign_base64(settings.merchant_key,
                                  request_message(method, signed_target, parts.timestamp, nonce, body));
    io::ClientRequest request{.method = std::string(method),
                              .url = settings.base_url + std::string(target),
                              .headers = {{"Authorization", write_authorization(parts)},
                                          {"Accept", "application/json"},
                                          {"User-Agent", settings.user_agent}},
                              .body = std::move(body)};
    if (!request.body.empty())
        request.headers.emplace_back("Content-Type", "application/json; charset=UTF-8");
    // Chooses the key that signs the response: without it a migrating merchant still gets the certificate's.
    if (!settings.public_keys.empty())
        request.headers.emplace_back("Wechatpay-Serial", settings.public_keys.front().id);
    return request;
}

io::ClientRequest make_v2_request(const Settings& settings, std::string_view path, v2::Fields fields,
                                  bool with_nonce) {
    if (with_nonce) fields.insert_or_assign("nonce_str", io::random_alphanumeric(32));
    if (settings.v2_sign_type == v2::SignType::hmac_sha256)
        fields.insert_or_assign("sign_type", std::string(v2::sign_type_name(settings.v2_sign_type)));
    fields.insert_or_assign("sign", v2::sign(fields, settings.api_v2_key, settings.v2_sign_type));
    return {.method = "POST",
            .url = settings.base_url + std::string(path),
            .headers = {{"Content-Type", "text/xml; charset=UTF-8"}, {"User-Agent", settings.user_agent}},
            .body = v2::write(fields)};
}

V3Answer judge_v3(const io::ClientResponse& response, const KeyRing& keys, Instant now) {
    const std::string id = request_id(response.headers);
    V3Answer answer{.status = response.status, .tail = digits_after_dash(id), .body = response.body};
    SignedHeaders headers;
    const auto collected = collect_signature(response.headers, headers);
    const auto check =
        collected == SignatureCheck::good ? check_signature(headers, response.body, keys, now) : collected;
    answer.verified = check == SignatureCheck::good;

    if (response.status == 200 || response.status == 204) {
        if (!answer.verified)
            return unbelieved(std::move(answer), "UNVERIFIED_" + std::string(signature_check_name(check)));
        answer.kind = V3Answer::Kind::success;
        return answer;
    }
    if (response.status < 400)
        return unbelieved(std::move(answer), "HTTP_" + std::to_string(response.status));
    // Errors may come unsigned (gateways do); one whose signature is wrong was changed on the way.
    const bool carries_signature = io::count_header(response.headers, "Wechatpay-Signature") > 0;
    if (carries_signature && !answer.verified)
        return unbelieved(std::move(answer), "UNVERIFIED_" + std::string(signature_check_name(check)));
    answer.kind = V3Answer::Kind::error;
    read_error_body(answer);
    if (!id.empty()) answer.detail += " [" + cut(id) + "]";
    return answer;
}

V2Answer judge_v2(const io::ClientResponse& response, const Settings& settings) {
    V2Answer answer;
    const auto unknown = [&](std::string code) {
        answer.code = std::move(code);
        return answer;
    };
    if (response.status != 200) return unknown("HTTP_" + std::to_string(response.status));
    auto fields = v2::read(response.body);
    if (!fields) return unknown("UNREADABLE");
    if (v2::value_of(*fields, "return_code") != "SUCCESS") {
        // A failed transport is not signed: it says what to look for, not what happened.
        answer.detail = cut(std::string(v2::value_of(*fields, "return_msg")));
        return unknown("RETURN_CODE");
    }
    if (v2::check_sign(*fields, settings.api_v2_key, settings.v2_sign_type,
                       settings.v2_accept_other_algorithm) == v2::SignCheck::bad)
        return unknown("UNVERIFIED_sign");
    const auto mchid = v2::value_of(*fields, "mch_id");
    if (!mchid.empty() && mchid != settings.mchid) return unknown("FOREIGN_MCHID");
    const auto result = v2::value_of(*fields, "result_code");
    if (result != "SUCCESS" && result != "FAIL") return unknown("RESULT_CODE");
    answer.kind = result == "SUCCESS" ? V2Answer::Kind::success : V2Answer::Kind::error;
    answer.code = v2::value_of(*fields, "err_code");
    answer.detail = cut(std::string(v2::value_of(*fields, "err_code_des")));
    answer.fields = std::move(*fields);
    return answer;
}

Client::Client(const Settings& settings, const KeyRing& keys, KeyKeeper* keeper, io::HttpClient& http,
               const io::Clock& clock)
    : settings_(settings), keys_(keys), keeper_(keeper), http_(http), clock_(clock) {}

io::awaitable<V3Answer> Client::v3(std::string method, std::string target, std::string body,
                                   std::chrono::milliseconds limit) {
    io::ClientRequest request = make_v3_request(settings_, method, target, std::move(body), clock_.now(),
                                                io::random_alphanumeric(32));
    io::ClientResponse response;
    try {
        response = co_await http_.send(std::move(request), limit);
    } catch (const boost::system::system_error& failure) {
        co_return V3Answer{.code = transport_word(failure), .detail = cut(failure.code().message())};
    }
    const std::string* serial = io::find_header(response.headers, "Wechatpay-Serial");
    if (serial != nullptr && keeper_ != nullptr && keeper_->may_help(*serial)) co_await keeper_->refresh();
    co_return judge_v3(response, keys_, clock_.now());
}

io::awaitable<V2Answer> Client::v2(std::string path, v2::Fields fields, bool with_nonce,
                                   std::chrono::milliseconds limit) {
    io::ClientRequest request = make_v2_request(settings_, path, std::move(fields), with_nonce);
    io::ClientResponse response;
    try {
        response = co_await http_.send(std::move(request), limit);
    } catch (const boost::system::system_error& failure) {
        co_return V2Answer{.code = transport_word(failure), .detail = cut(failure.code().message())};
    }
    co_return judge_v2(response, settings_);
}

}  // namespace wefee::payment::wechat
