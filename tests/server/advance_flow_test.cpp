// A plan that is billed in advance, end to end through the providers' sandbox: the opening invoice is
// deducted as soon as the mandate allows it, and each later period's fees with the usage before them.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/crypto.hpp"
#include "io/log.hpp"
#include "server/demo/steps.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::server::demo {
namespace {

Json in_advance() {
    auto prices = demo_price_list();
    prices["plans"][0]["timing"] = "advance";
    return prices;
}

Instant noon_of(unsigned month, unsigned day) {
    return at_local(std::chrono::year{2026} / std::chrono::month{month} / std::chrono::day{day},
                    std::chrono::hours{12});
}

class Advance {
public:
    Advance(const std::string& store_url, std::vector<std::string> providers) {
        io::configure_log({.level = io::Level::error});
        WorldOptions options;
        options.directory = folder_;
        options.store_url = store_url;
        options.start = noon_of(10, 1);
        world_ = std::make_unique<World>(std::move(options));
        for (auto& provider : providers)
            companies.push_back({.corp_id = "wpcorp" + provider,
                                 .name = "星河教育",
                                 .user = "zhangwei",
                                 .payer = "payer-" + provider,
                                 .provider = provider});
    }
    ~Advance() {
        world_.reset();
        std::filesystem::remove_all(folder_);
    }

    World& world() { return *world_; }

    /// All agree; nobody has signed yet.
    void begin() {
        const auto list = publish(*world_, in_advance(), silent_);
        key_ = world_
                   ->must("POST", "/admin/v1/api-keys", world_->admin_key(),
                          Json{{"name", "scrm"}, {"scope", "ingest"}})["key"]
                   .get<std::string>();
        for (auto& company : companies) {
            install(*world_, company, silent_);
            world_->sandbox("POST", "/sandbox/users",
                            Json{{"user", company.payer},
                                 {"wechat_balance_fen", 2'000'000},
                                 {"alipay_balance_fen", 2'000'000}});
            agree(*world_, list, company, silent_);
        }
    }
    void all_sign() {
        for (auto& company : companies) sign(*world_, company, silent_);
    }
    /// 1,000 messages above those that are included.
    void use(const Company& company, const std::string& at) {
        world_->must("POST", "/ingest/v1/events", key_,
                     Json{{"events",
                           {{{"id", "e-" + company.corp_id},
                             {"tenant", company.corp_id},
                             {"meter", "messages"},
                             {"quantity", 11'000},
                             {"occurred_at", at}}}}});
    }

    /// The company's invoices with their charges and payments, oldest first.
    std::vector<Json> invoices(Company& company) {
        log_in_again(*world_, company);
        std::vector<Json> all;
        for (const auto& row : world_->must("GET", "/api/v1/invoices", company.token)["invoices"])
            all.push_back(
                world_->must("GET", "/api/v1/invoices/" + row["id"].get<std::string>(), company.token));
        std::ranges::reverse(all);  // the API tells the newest first
        return all;
    }

    /// Each of these totals deducted once, under the company's one mandate.
    void expect_paid(Company& company, const std::vector<std::int64_t>& totals) {
        SCOPED_TRACE(company.provider);
        const auto all = invoices(company);
        ASSERT_EQ(all.size(), totals.size());
        for (std::size_t i = 0; i < totals.size(); ++i) {
            EXPECT_EQ(all[i]["total_fen"], totals[i]);
            EXPECT_EQ(all[i]["state"], "PAID") << all[i].dump();
            ASSERT_EQ(all[i]["charges"].size(), 1U);
            EXPECT_EQ(all[i]["charges"][0]["state"], "COLLECTED");
            EXPECT_EQ(all[i]["charges"][0]["way"], "deduction");
            EXPECT_EQ(all[i]["payments"].size(), 1U);
        }
        EXPECT_EQ(world_->must("GET", "/api/v1/mandates/" + company.mandate_id, company.token)["state"],
                  "ACTIVE");
    }

    void expect_equal_books() {
        const auto proof = world_->must("GET", "/admin/v1/verify", world_->admin_key());
        EXPECT_TRUE(proof["violations"].empty()) << proof["violations"].dump();
        const auto books = world_->sandbox("GET", "/sandbox/books");
        EXPECT_EQ(books["refused"]["count"], 0) << books["refused"].dump();
        EXPECT_EQ(proof["takings"].size(), companies.size());
        for (const auto& ours : proof["takings"])
            EXPECT_EQ(ours["paid_fen"], books["totals"][ours["provider"].get<std::string>()]["taken_fen"]);
    }

    std::vector<Company> companies;

private:
    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("wefee-advance-" + io::random_alphanumeric(8));
    std::unique_ptr<World> world_;
    std::string key_;
    const Narrator silent_ = [](const std::string&) {};
};

constexpr std::int64_t fees = (30'000 + 25 * 9'900) * 106 / 100;  // plan, seats above those included, tax
constexpr std::int64_t usage = 5'000 * 106 / 100;

void a_quarter(const std::string& store_url) {
    Advance run{store_url, {"wechat", "alipay"}};
    run.begin();
    run.world().advance_to(noon_of(10, 1) + std::chrono::hours{3});
    for (auto& company : run.companies)
        EXPECT_EQ(run.invoices(company).size(), 0U) << "the mandate that deducts it is being signed";
    run.all_sign();
    run.world().advance_to(noon_of(10, 20));
    for (auto& company : run.companies) run.expect_paid(company, {fees});
    for (const auto& company : run.companies) run.use(company, "2026-10-20T09:00:00+08:00");
    run.world().advance_to(noon_of(12, 20));
    for (auto& company : run.companies) run.expect_paid(company, {fees, fees + usage, fees});
    run.expect_equal_books();
}

TEST(AdvanceFlow, TheOpeningAndEachLaterPeriodAreDeductedOnceUnderOneMandateOnSqlite) { a_quarter(""); }

TEST(AdvanceFlow, TheOpeningAndEachLaterPeriodAreDeductedOnceUnderOneMandateOnMysql) {
    auto& mariadb = tests::PrivateMariadb::instance();
    mariadb.create_database("advance");
    a_quarter(mariadb.url("advance"));
    mariadb.drop_database("advance");
}

TEST(AdvanceFlow, FeesWhoseMandateIsNotSignedWithinADayArePaidByAPerson) {
    Advance run{"", {"wechat"}};
    run.begin();
    auto& company = run.companies.front();
    run.world().advance_to(noon_of(10, 2) - std::chrono::minutes{1});
    EXPECT_EQ(run.invoices(company).size(), 0U);
    run.world().advance_to(noon_of(10, 2) + std::chrono::hours{1});
    const auto all = run.invoices(company);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0]["total_fen"], fees);
    EXPECT_EQ(all[0]["state"], "FINAL");
    EXPECT_TRUE(all[0]["charges"].empty()) << all[0]["charges"].dump();
}

TEST(AdvanceFlow, AnInvoiceThatAlipaysAgreementAllowsOnlyAfterItIsDueIsPaidByAPerson) {
    Advance run{"", {"alipay"}};
    run.begin();
    run.all_sign();
    auto& company = run.companies.front();
    const auto deducts_on = [&](int day) {
        log_in_again(run.world(), company);
        run.world().must("PATCH", "/api/v1/settings", company.token, Json{{"deduction_day", day}});
    };
    run.world().advance_to(noon_of(10, 20));
    deducts_on(27);  // moves November's date, and with it December's
    run.world().advance_to(noon_of(11, 29));
    run.expect_paid(company, {fees, fees});
    deducts_on(8);
    run.world().advance_to(noon_of(12, 9));
    const auto december = run.invoices(company).back();
    EXPECT_EQ(december["state"], "FINAL");
    ASSERT_EQ(december["charges"].size(), 1U);
    EXPECT_EQ(december["charges"][0]["state"], "HELD") << december.dump();
    EXPECT_EQ(december["charges"][0]["last_cause"], "outside_window");
    run.expect_equal_books();
}

}  // namespace
}  // namespace wefee::server::demo
