// Tokens and calls: each call is token, exchange, and both once more after a dead token.
#include "wecom/client_core.hpp"

namespace wefee::wecom {
namespace {

using Json = nlohmann::json;

std::string_view token_parameter(TokenKind kind) {
    switch (kind) {
        case TokenKind::suite:
            return "suite_access_token";
        case TokenKind::provider:
            return "provider_access_token";
        case TokenKind::corp:
            break;
    }
    return "access_token";
}

std::unexpected<Failure> failed(ErrorClass error_class, std::string code, std::string detail = {}) {
    return std::unexpected(Failure{error_class, 0, std::move(code), std::move(detail), false});
}

}  // namespace

ClientCore::ClientCore(ClientConfig config_in, io::HttpClient& http, const io::Clock& clock,
                       CredentialSource& credentials, std::shared_ptr<TokenCache> tokens)
    : config(std::move(config_in)),
      clock_(clock),
      credentials_(credentials),
      tokens_(tokens ? std::move(tokens) : std::make_shared<TokenCache>(clock)),
      transport_(http, clock, config.base_url, config.limit) {}

io::awaitable<Result<Json>> ClientCore::call(Call call) {
    for (int attempt = 0;; ++attempt) {
        const auto access = co_await token(call.token, call.corp_id);
        if (!access) co_return std::unexpected(access.error());
        ApiRequest request = call.request;
        request.corp_id = call.corp_id;
        request.query = query_part(token_parameter(call.token), *access);
        if (!call.request.query.empty()) request.query += "&" + call.request.query;
        auto result = co_await transport_.exchange(std::move(request));
        if (result || !dead_token(result.error().errcode)) co_return result;
        if (attempt > 0) {
            result.error().error_class = ErrorClass::fix;
            co_return result;
        }
        tokens_->drop(token_key(call.token, call.corp_id), *access);
    }
}

io::awaitable<Result<std::string>> ClientCore::token(TokenKind kind, std::string corp_id) {
    std::string key = token_key(kind, corp_id);
    if (kind == TokenKind::suite) return tokens_->get(std::move(key), [this] { return fetch_suite_token(); });
    if (kind == TokenKind::provider)
        return tokens_->get(std::move(key), [this] { return fetch_provider_token(); });
    return tokens_->get(std::move(key), [this, corp_id] { return fetch_corp_token(corp_id); });
}

/// Whole: suite, corp and agent, so that two apps of one corp never overwrite each other's token.
std::string ClientCore::token_key(TokenKind kind, const std::string& corp_id) const {
    if (kind == TokenKind::suite) return "suite/" + config.suite_id;
    if (kind == TokenKind::provider) return "provider/" + config.provider_corp_id;
    if (config.mode == AppMode::self_built) return "self/" + corp_id + "/" + std::to_string(config.agent_id);
    return "corp/" + config.suite_id + "/" + corp_id;
}

io::awaitable<Result<std::int64_t>> ClientCore::agent_id(std::string corp_id) {
    if (config.mode == AppMode::self_built) co_return config.agent_id;
    const auto code = co_await credentials_.permanent_code(std::move(corp_id));
    if (!code) co_return failed(ErrorClass::reauth, "no_permanent_code");
    co_return code->agent_id;
}

io::awaitable<Result<std::string>> ClientCore::permanent_code(std::string corp_id) {
    const auto code = co_await credentials_.permanent_code(std::move(corp_id));
    if (!code || code->code.empty()) co_return failed(ErrorClass::reauth, "no_permanent_code");
    co_return code->code;
}

Result<Token> ClientCore::token_in(const Result<Json>& answer, const std::string& name) const {
    if (!answer) return std::unexpected(answer.error());
    std::string text = json_text(*answer, name);
    if (text.empty()) return failed(ErrorClass::retry, "garbled", name + " is empty");
    const std::chrono::seconds life{json_integer(*answer, "expires_in").value_or(0)};
    return Token{std::move(text), token_expiry(clock_.now(), life)};
}

/// A refused ticket is not tried again: the next push brings another one.
io::awaitable<Result<Token>> ClientCore::fetch_suite_token() {
    const auto ticket = co_await credentials_.suite_ticket();
    if (!ticket || ticket->empty()) co_return failed(ErrorClass::wait_ticket, "no_ticket");
    if (*ticket == refused_ticket_) co_return failed(ErrorClass::wait_ticket, "ticket_was_refused");
    ApiRequest request;
    request.path = "/cgi-bin/service/get_suite_token";
    request.needed = "suite_access_token";
    request.body = json_dump(
        {{"suite_id", config.suite_id}, {"suite_secret", config.suite_secret}, {"suite_ticket", *ticket}});
    const auto answer = co_await transport_.exchange(std::move(request));
    if (!answer && answer.error().error_class == ErrorClass::wait_ticket) refused_ticket_ = *ticket;
    co_return token_in(answer, "suite_access_token");
}

io::awaitable<Result<Token>> ClientCore::fetch_provider_token() {
    ApiRequest request;
    request.path = "/cgi-bin/service/get_provider_token";
    request.needed = "provider_access_token";
    request.body =
        json_dump({{"corpid", config.provider_corp_id}, {"provider_secret", config.provider_secret}});
    const auto answer = co_await transport_.exchange(std::move(request));
    co_return token_in(answer, "provider_access_token");
}

io::awaitable<Result<Token>> ClientCore::fetch_corp_token(std::string corp_id) {
    if (config.mode == AppMode::self_built) co_return co_await plain_token(corp_id, config.corp_secret);
    const auto code = co_await permanent_code(corp_id);
    if (!code) co_return std::unexpected(code.error());
    // A custom-developed app uses its permanent code in the place of the secret.
    if (config.mode == AppMode::custom_developed) co_return co_await plain_token(corp_id, *code);
    Call fetch{TokenKind::suite, corp_id, {}};
    fetch.request.path = "/cgi-bin/service/get_corp_token";
    fetch.request.needed = "access_token";
    fetch.request.body = json_dump({{"auth_corpid", corp_id}, {"permanent_code", *code}});
    const auto answer = co_await call(std::move(fetch));
    co_return token_in(answer, "access_token");
}

io::awaitable<Result<Token>> ClientCore::plain_token(std::string corp_id, std::string secret) {
    ApiRequest request;
    request.method = "GET";
    request.path = "/cgi-bin/gettoken";
    request.needed = "access_token";
    request.corp_id = corp_id;
    request.query = query_part("corpid", corp_id) + "&" + query_part("corpsecret", secret);
    const auto answer = co_await transport_.exchange(std::move(request));
    co_return token_in(answer, "access_token");
}

}  // namespace wefee::wecom
