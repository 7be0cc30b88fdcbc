// Entitlements through sockets and in the process: who may ask, what other instances see, how long an answer
// takes.
#include <algorithm>
#include <iostream>

#include <fmt/format.h>

#include "io/loop.hpp"
#include "server/app.hpp"
#include "server/config/config.hpp"
#include "server/flows/entitlements.hpp"
#include "server/parts.hpp"
#include "tests/server/service.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::server::tests {
namespace {

TEST(Entitlements, AreToldToTheKeysThatMayAskAndNobodyElse) {
    Service service;
    service.open();
    EXPECT_EQ(service.reason("crm"), "included");
    const auto archive = Service::must(service.ask("archive"));
    EXPECT_EQ(archive.at("reason"), "not_in_plan");
    EXPECT_EQ(archive.at("offers")[0].at("code"), "archive");
    EXPECT_EQ(archive.at("offers")[0].at("price_micro_yuan"), 120'000'000);
    const auto unknown = service.ask("nothing");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(Json::parse(unknown.body).at("code"), "unknown_feature");
    const auto nobody = service.ask("crm", "wwnobody");
    EXPECT_EQ(nobody.status, 404);
    EXPECT_EQ(Json::parse(nobody.body).at("code"), "not_found") << "told apart from an unknown feature";
    EXPECT_EQ(service.ask("crm", corp, "bound").status, 404) << "a foreign tenant";
    EXPECT_EQ(service.ask("crm", "ten_1", "bound").status, 404);
    EXPECT_EQ(Service::must(service.ask("crm", "ten_2", "bound")).at("reason"), "no_subscription");
    EXPECT_EQ(service.ask("crm", corp, "ingest").status, 401);
    EXPECT_EQ(service.ask("crm", corp, service.rig.admin_key()).status, 401);
    const auto made = Service::must(service.rig.call("POST", "/admin/v1/api-keys", service.rig.admin_key(),
                                                     R"({"name":"n","scope":"entitlements"})"));
    EXPECT_EQ(service.ask("crm", corp, made.at("key")).status, 200);
}

TEST(MysqlEntitlements, AnotherInstanceOnTheSameDatabaseSeesAChangeWithinThePoll) {
    auto& mariadb = wefee::tests::PrivateMariadb::instance();
    mariadb.create_database("entitlements");
    {
        Service one{mariadb.url("entitlements")}, two{mariadb.url("entitlements")};
        one.open();
        two.rig.start(all_providers(two.rig));
        const Json budget{{"amount_fen", 30'000}, {"at_limit", "stop"}, {"features", {"broadcast"}}};
        Service::must(one.member("PUT", "/api/v1/budget", budget));
        EXPECT_EQ(two.reason("broadcast"), "included");
        one.use(12'000);
        EXPECT_TRUE(two.becomes("broadcast", "budget_stopped"));
        auto more = budget;
        more["amount_fen"] = 90'000;
        Service::must(one.member("PUT", "/api/v1/budget", more));
        const auto written = std::chrono::steady_clock::now();
        EXPECT_TRUE(two.becomes("broadcast", "metered"));
        const auto seen = std::chrono::steady_clock::now() - written;
        EXPECT_LT(seen, std::chrono::seconds{5});
        std::cout << "seen by the other instance after "
                  << std::chrono::duration_cast<std::chrono::milliseconds>(seen).count() << " ms\n";
        // A restart begins with nothing and asks the store.
        two.rig.stop();
        two.rig.start(all_providers(two.rig));
        EXPECT_EQ(two.reason("broadcast"), "metered");
    }
    mariadb.drop_database("entitlements");
}

/// The parts of a server without its listener and workers.
struct InProcess {
    explicit InProcess(const Service& service, const std::string& section)
        : parts(parse_config(service.rig.config_text(all_providers(service.rig) + section), {}).config,
                true) {}
    ~InProcess() { parts.close(); }
    std::string reason(const std::string& tenant) {
        return loop.run([](Entitlements& memory, std::string name) -> io::awaitable<std::string> {
            const auto standing = co_await memory.standing(std::move(name));
            co_return std::string{
                entitlement_reason_name(entitlement(standing->facts, "broadcast").value().reason)};
        }(*parts.app().entitlements, tenant));
    }
    io::Loop loop;
    Parts parts;
};

TEST(Entitlements, MemoryHoldsNoMoreTenantsThanItMay) {
    Service service;
    service.open();
    service.rig.stop();
    InProcess process{service, "[entitlements]\ntenants_max = 1\n"};
    EXPECT_EQ(process.reason("ten_1"), "included");
    EXPECT_EQ(process.reason(corp), "included");
    EXPECT_EQ(process.parts.app().entitlements->size(), 1U);
    EXPECT_EQ(process.reason("wwother"), "no_subscription");
    EXPECT_EQ(process.parts.app().entitlements->size(), 1U);
    EXPECT_EQ(process.reason("ten_1"), "included");
    process.parts.app().entitlements->forget(TenantId{"ten_1"});
    EXPECT_EQ(process.parts.app().entitlements->size(), 0U);
}

TEST(Entitlements, TenThousandQuestions) {
    Service service;
    service.open();
    service.rig.stop();
    InProcess process{service, ""};
    process.reason(corp);
    std::vector<std::int64_t> took;
    process.loop.run([](Entitlements& memory, std::vector<std::int64_t>& times) -> io::awaitable<void> {
        for (int i = 0; i < 10'000; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            const auto standing = co_await memory.standing(corp);
            const auto answer = entitlement(standing->facts, "broadcast");
            times.push_back((std::chrono::steady_clock::now() - begin).count());
            EXPECT_TRUE(answer && answer->allowed);
        }
    }(*process.parts.app().entitlements, took));
    std::ranges::sort(took);
    std::cout << fmt::format("10,000 look-ups: p50 {} ns, p99 {} ns, most {} ns\n", took[5'000], took[9'900],
                             took.back());
}

}  // namespace
}  // namespace wefee::server::tests
