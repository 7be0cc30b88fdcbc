// The API's description and the API say the same: routes, rights, required fields, answers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "server/demo/month.hpp"
#include "server/http/credentials.hpp"
#include "server/http/router.hpp"
#include "tests/server/openapi.hpp"
#include "tests/server/rig.hpp"

namespace wefee::server::tests {
namespace {

const Instant now = parse_instant("2026-10-08T10:00:00+08:00").value();

struct Right {
    std::string scheme;  // "": none
    std::string role;
};

Right right_of(Access access) {
    switch (access) {
        case Access::anyone:
            return {"", ""};
        case Access::member_viewer:
            return {"session", "viewer"};
        case Access::member_finance:
            return {"session", "finance"};
        case Access::member_admin:
            return {"session", "billing_admin"};
        case Access::ingest_key:
            return {"ingestKey", ""};
        case Access::entitlements_key:
            return {"entitlementsKey", ""};
        case Access::operator_viewer:
            return {"operatorKey", "viewer"};
        case Access::operator_support:
            return {"operatorKey", "support"};
        case Access::operator_finance:
            return {"operatorKey", "finance"};
        case Access::operator_admin:
            return {"operatorKey", "admin"};
    }
    return {};
}

TEST(OpenApi, DescribesEveryRouteAndNoOther) {
    std::set<std::string> described, routed;
    for (const auto& operation : OpenApi{}.operations())
        described.insert(operation.method + " " + operation.path);
    for (const auto& route : routes()) routed.insert(fmt::format("{} {}", route.method, route.pattern));
    EXPECT_EQ(described, routed);
}

TEST(OpenApi, NamesTheCredentialAndRoleOfEveryRoute) {
    const OpenApi api;
    for (const auto& route : routes()) {
        SCOPED_TRACE(fmt::format("{} {}", route.method, route.pattern));
        const auto& content = api.operation(std::string{route.method}, std::string{route.pattern}).content;
        const auto right = right_of(route.access);
        const auto& security = content.at("security");
        EXPECT_EQ(security.empty() ? "" : security[0].begin().key(), right.scheme);
        EXPECT_EQ(content.value("x-role", ""), right.role);
    }
}

TEST(OpenApi, NamesTheFieldsThatACallMustHave) {
    Rig rig{now};
    rig.seed([](storage::Store& store) -> io::awaitable<void> {
        co_await store.put_session({token_hash("member"), TenantId{"ten_1"}, MemberId{"mem_1"},
                                    "billing_admin", "", now, now, now + std::chrono::hours{1}});
        co_await store.put_api_key({token_hash("ingest"), "scrm", "ingest", "", "", now, std::nullopt});
    });
    rig.start(all_providers(rig));
    const std::map<std::string, std::string> tokens{
        {"", ""}, {"session", "member"}, {"ingestKey", "ingest"}, {"operatorKey", rig.admin_key()}};
    int checked = 0;
    const OpenApi api;
    for (const auto& route : routes()) {
        const auto& operation = api.operation(std::string{route.method}, std::string{route.pattern});
        const auto wanted = OpenApi::required_fields(operation);
        if (wanted.empty()) continue;
        SCOPED_TRACE(operation.method + " " + operation.path);
        const auto reply =
            rig.call(route.method, operation.path, tokens.at(right_of(route.access).scheme), "{}");
        std::set<std::string> told;
        for (const auto& error : Json::parse(reply.body).at("errors"))
            told.insert(error.at("pointer").get<std::string>().substr(1));
        EXPECT_EQ(told, wanted) << reply.body;
        ++checked;
    }
    EXPECT_GE(checked, 10);
}

TEST(OpenApi, DescribesWhatIsAnsweredAfterAWholeMonth) {
    const Folder folder;
    demo::WorldOptions options;
    options.directory = folder.path() / "world";
    options.start = parse_instant("2026-10-01T09:00:00+08:00").value();
    demo::World world{std::move(options)};
    const auto month = demo::run_month(world, [](const std::string&) {});
    const OpenApi api;
    int checked = 0;
    const auto look = [&](const std::string& pattern, const std::string& path, const std::string& token) {
        SCOPED_TRACE(path);
        for (const auto& difference :
             api.differences(api.operation("GET", pattern), world.must("GET", path, token)))
            ADD_FAILURE() << difference;
        ++checked;
    };
    for (const auto& company : {month.wechat, month.alipay, month.unlucky}) {
        const auto code =
            world.sandbox("POST", "/sandbox/login-codes",
                          Json{{"kind", "wecom"}, {"corpid", company.corp_id}, {"userid", company.user}});
        const auto session = world.must("POST", "/api/v1/session", "", Json{{"code", code["code"]}});
        EXPECT_TRUE(api.differences(api.operation("POST", "/api/v1/session"), session).empty()) << session;
        const auto token = session["token"].get<std::string>();
        for (const std::string path :
             {"/api/v1/session", "/api/v1/overview", "/api/v1/invoices", "/api/v1/usage",
              "/api/v1/running-cost", "/api/v1/budget", "/api/v1/subscriptions", "/api/v1/recommendation",
              "/api/v1/analysis", "/api/v1/credit-notes"})
            look(path, path, token);
        look("/api/v1/invoices/{invoice_id}", "/api/v1/invoices/" + company.invoice_id, token);
        look("/api/v1/explain/{id}", "/api/v1/explain/" + company.invoice_id, token);
        look("/api/v1/charges/{charge_id}", "/api/v1/charges/" + company.charge_id, token);
        look("/api/v1/consents/{consent_id}", "/api/v1/consents/" + company.consent_id, token);
        look("/api/v1/mandates/{mandate_id}", "/api/v1/mandates/" + company.mandate_id, token);
        const auto subscription =
            world.must("GET", "/api/v1/subscriptions", token)["subscriptions"][0]["id"].get<std::string>();
        const auto quote = world.must("POST", "/api/v1/subscriptions/" + subscription + "/quotes", token,
                                      Json{{"seats", 99}, {"effective", "now"}});
        look("/api/v1/quotes/{quote_id}", "/api/v1/quotes/" + quote["id"].get<std::string>(), token);
        const auto done = world.must("POST", "/api/v1/subscriptions/" + subscription + "/changes", token,
                                     Json{{"quote_id", quote["id"]}});
        EXPECT_TRUE(
            api.differences(api.operation("POST", "/api/v1/subscriptions/{subscription_id}/changes"), done)
                .empty())
            << done;
    }
    for (const std::string path :
         {"/admin/v1/price-lists", "/admin/v1/tenants", "/admin/v1/person-tasks", "/admin/v1/verify",
          "/admin/v1/test-clock", "/public/v1/price-lists/current", "/healthz", "/readyz"})
        look(path, path, world.admin_key());
    const auto key = world.must("POST", "/admin/v1/api-keys", world.admin_key(),
                                Json{{"name", "scrm"}, {"scope", "entitlements"}})["key"];
    look("/entitlements/v1/{tenant}/{feature}", "/entitlements/v1/" + month.wechat.corp_id + "/crm",
         key.get<std::string>());
    look(
        "/admin/v1/tenants/{tenant_id}/budget",
        "/admin/v1/tenants/" +
            world.must("GET", "/admin/v1/tenants", world.admin_key())["tenants"][0]["id"].get<std::string>() +
            "/budget",
        world.admin_key());
    look("/admin/v1/explain/{id}", "/admin/v1/explain/" + month.unlucky.invoice_id, world.admin_key());
    EXPECT_EQ(checked, 59);
}

}  // namespace
}  // namespace wefee::server::tests
