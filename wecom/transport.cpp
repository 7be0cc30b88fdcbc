// Answers are judged by errcode alone; errmsg changes and is only logged. Some calls leave errcode out on
// success: then the field that we came for decides.
#include "wecom/transport.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "io/encoding.hpp"

namespace wefee::wecom {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view whole_client = "*";  // circuit of our address

Failure unusable(ErrorClass error_class, std::string code, std::string detail, bool outcome_unknown) {
    return Failure{error_class, 0, std::move(code), std::move(detail), outcome_unknown};
}

Result<nlohmann::json> judge(const ApiRequest& request, const io::ClientResponse& response) {
    if (response.status >= 500)
        return std::unexpected(
            unusable(ErrorClass::retry, "http_" + std::to_string(response.status), "", true));
    if (response.status != 200)
        return std::unexpected(
            unusable(ErrorClass::fix, "http_" + std::to_string(response.status), "", false));
    auto answer = parse_json_object(response.body);
    if (!answer) return std::unexpected(unusable(ErrorClass::retry, "garbled", "not a JSON object", true));
    const bool has_errcode = answer->contains("errcode");
    const auto errcode = json_integer(*answer, "errcode");
    if (has_errcode && !errcode)
        return std::unexpected(unusable(ErrorClass::retry, "garbled", "errcode", true));
    if (errcode.value_or(0) != 0)
        return std::unexpected(Failure{classify(*errcode), *errcode, std::to_string(*errcode),
                                       json_text(*answer, "errmsg"), false});
    if (!request.needed.empty() && !answer->contains(request.needed))
        return std::unexpected(unusable(ErrorClass::retry, "garbled", request.needed + " is missing", true));
    if (request.needed.empty() && !has_errcode)
        return std::unexpected(unusable(ErrorClass::retry, "garbled", "errcode is missing", true));
    return std::move(*answer);
}

}  // namespace

io::awaitable<Result<nlohmann::json>> Transport::exchange(ApiRequest request) {
    if (circuit_open(request))
        co_return std::unexpected(unusable(ErrorClass::blocked, "circuit", request.path, false));
    io::ClientRequest message;
    message.method = request.method;
    message.url = base_url_ + request.path + (request.query.empty() ? "" : "?" + request.query);
    message.body = request.body;
    if (!message.body.empty()) message.headers.emplace_back("Content-Type", "application/json");
    io::ClientResponse response;
    try {
        response = co_await http_.send(std::move(message), limit_);
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) throw;
        co_return std::unexpected(unusable(ErrorClass::retry, "transport", error.code().message(), true));
    }
    auto result = judge(request, response);
    if (!result) note_failure(request, result.error().errcode);
    co_return result;
}

bool Transport::circuit_open(const ApiRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    for (const auto& key : {std::string{whole_client}, request.corp_id + request.path})
        if (const auto at = circuits_.find(key); at != circuits_.end() && now < at->second.open_until)
            return true;
    return false;
}

/// Block lengths: a rate limit blocks for its window, which the answer does not name: a minute, then an hour.
/// A wrong secret repeated often blocks our address for an hour, and an address that is not listed stays so
/// until a person acts.
void Transport::note_failure(const ApiRequest& request, long long errcode) {
    const std::string key = request.corp_id + request.path;
    if (errcode == 45009) open_circuit(key, minutes{1}, minutes{60});
    if (errcode == 40001 || errcode == 40080 || errcode == 40091) open_circuit(key, minutes{1}, minutes{10});
    if (errcode == 60020) open_circuit(std::string{whole_client}, minutes{1}, minutes{1});
}

void Transport::open_circuit(const std::string& key, seconds first, seconds again) {
    static constexpr minutes still_the_same_trouble{5};
    const std::lock_guard lock(mutex_);
    Circuit& circuit = circuits_[key];
    const auto now = clock_.now();
    const bool repeated = circuit.length.count() > 0 && now < circuit.open_until + still_the_same_trouble;
    circuit.length = repeated ? again : first;
    circuit.open_until = now + circuit.length;
}

std::string query_part(std::string_view name, std::string_view value) {
    return std::string{name} + "=" + io::percent_encode(value);
}

}  // namespace wefee::wecom
