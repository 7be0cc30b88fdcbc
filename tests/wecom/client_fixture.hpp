// A client of a third-party app over a scripted WeCom, with two corps installed.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "run.hpp"
#include "support.hpp"
#include "wecom/client.hpp"

namespace wefee::wecom::test {

inline constexpr auto suite_token_path = "/cgi-bin/service/get_suite_token";
inline constexpr auto corp_token_path = "/cgi-bin/service/get_corp_token";
inline constexpr auto provider_token_path = "/cgi-bin/service/get_provider_token";
inline constexpr auto admins_path = "/cgi-bin/agent/get_admin_list";
inline constexpr auto send_path = "/cgi-bin/message/send";
inline constexpr auto update_path = "/cgi-bin/message/update_template_card";

class Credentials final : public CredentialSource {
public:
    std::optional<std::string> ticket = "TICKET_1";
    std::map<std::string, PermanentCode> codes{{"wpA", {"CODE_A", 1000032}}, {"wpB", {"CODE_B", 1000044}}};
    io::awaitable<std::optional<std::string>> suite_ticket() override { co_return ticket; }
    io::awaitable<std::optional<PermanentCode>> permanent_code(std::string corp_id) override {
        const auto at = codes.find(corp_id);
        co_return at == codes.end() ? std::nullopt : std::optional{at->second};
    }
};

struct WecomClient : ::testing::Test {
    ScriptedWecom wecom;
    FakeClock clock;
    Credentials credentials;
    ClientConfig config;
    std::unique_ptr<Client> client;

    WecomClient() {
        config.suite_id = "ww-suite";
        config.suite_secret = "suite-secret";
        config.provider_corp_id = "wwprovider";
        config.provider_secret = "provider-secret";
        client = std::make_unique<Client>(config, wecom, clock, credentials);
    }
    void script_tokens() {
        wecom.answer(suite_token_path, R"({"suite_access_token":"ST1","expires_in":7200})");
        wecom.answer(suite_token_path, R"({"suite_access_token":"ST2","expires_in":7200})");
        wecom.answer(corp_token_path, R"({"access_token":"CT1","expires_in":7200})");
        wecom.answer(corp_token_path, R"({"access_token":"CT2","expires_in":7200})");
    }
};

}  // namespace wefee::wecom::test
