// For .cpp files of this room only: tokens of one app and the one way in which calls are made with them.
#pragma once

#include <memory>
#include <string>

#include "wecom/client.hpp"
#include "wecom/transport.hpp"

namespace wefee::wecom {

enum class TokenKind { suite, provider, corp };

class ClientCore {
public:
    ClientCore(ClientConfig config, io::HttpClient& http, const io::Clock& clock,
               CredentialSource& credentials, std::shared_ptr<TokenCache> tokens);

    struct Call {
        TokenKind token{};
        std::string corp_id;
        ApiRequest request;  // query: without the token
    };
    /// Once more after a dead token, never twice: a second one means that the kind of token is wrong.
    io::awaitable<Result<nlohmann::json>> call(Call call);

    io::awaitable<Result<std::string>> token(TokenKind kind, std::string corp_id);
    io::awaitable<Result<std::int64_t>> agent_id(std::string corp_id);
    io::awaitable<Result<std::string>> permanent_code(std::string corp_id);

    const ClientConfig config;

private:
    std::string token_key(TokenKind kind, const std::string& corp_id) const;
    Result<Token> token_in(const Result<nlohmann::json>& answer, const std::string& name) const;
    io::awaitable<Result<Token>> fetch_suite_token();
    io::awaitable<Result<Token>> fetch_provider_token();
    io::awaitable<Result<Token>> fetch_corp_token(std::string corp_id);
    io::awaitable<Result<Token>> plain_token(std::string corp_id, std::string secret);

    const io::Clock& clock_;
    CredentialSource& credentials_;
    std::shared_ptr<TokenCache> tokens_;
    Transport transport_;
    std::string refused_ticket_;  // touched by the one running fetch of the suite token only
};

}  // namespace wefee::wecom
