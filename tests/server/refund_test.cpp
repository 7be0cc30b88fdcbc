// Cash that goes back through the providers' sandbox after a whole month: without an adjustment the invoice
// is owed again, with one it stays paid; large sums have a second person.
#include <algorithm>
#include <filesystem>
#include <memory>

#include <gtest/gtest.h>

#include "io/crypto.hpp"
#include "io/log.hpp"
#include "server/demo/month.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::server::demo {
namespace {

class CashBack {
public:
    explicit CashBack(const std::string& store_url) {
        io::configure_log({.level = io::Level::error});
        WorldOptions options;
        options.directory = folder_;
        options.store_url = store_url;
        options.start = at_local(std::chrono::year{2026} / 10 / 1, std::chrono::hours{9});
        world_ = std::make_unique<World>(std::move(options));
        month_ = run_month(*world_, [](const std::string&) {});
    }
    ~CashBack() {
        world_.reset();
        std::filesystem::remove_all(folder_);
    }

    void run() {
        in_part_and_then_in_full();
        of_a_note();
        of_a_large_sum();
        const auto proof = world_->must("GET", "/admin/v1/verify", world_->admin_key());
        EXPECT_TRUE(proof["violations"].empty()) << proof["violations"].dump();
        std::int64_t ours = 0, theirs = 0;
        for (const auto& row : proof["takings"]) ours += row["refunded_fen"].get<std::int64_t>();
        const auto books = world_->sandbox("GET", "/sandbox/books");
        for (const auto& order : books["orders"])
            for (const auto& refund : order["refunds"]) theirs += refund["amount_fen"].get<std::int64_t>();
        EXPECT_EQ(ours, theirs) << books["orders"].dump();
    }

private:
    Json ask(const Company& company, const char* what, Json body, int status = 201) {
        body["reason"] = "客户要求";
        const auto reply = world_->call("POST", "/admin/v1/invoices/" + company.invoice_id + "/" + what,
                                        world_->admin_key(), body);
        EXPECT_EQ(reply.status, status) << reply.body.dump();
        pass_time();
        return reply.body;
    }
    /// The provider works on a refund for some time.
    void pass_time() { world_->advance_to(world_->now() + std::chrono::hours{1}); }
    Json invoice(const Company& company) {
        return world_->must("GET", "/admin/v1/explain/" + company.invoice_id, world_->admin_key())["invoice"];
    }
    Json explained(const Company& company) {
        return world_->must("GET", "/admin/v1/explain/" + company.invoice_id, world_->admin_key());
    }

    void in_part_and_then_in_full() {
        const auto& company = month_.wechat;
        const auto total = invoice(company)["total_fen"].get<std::int64_t>();
        ask(company, "refunds", {{"amount_fen", 10'000}});
        auto now = invoice(company);
        EXPECT_EQ(now["state"], "PARTLY_PAID");
        EXPECT_EQ(now["due_fen"], 10'000);
        for (auto rest = total - 10'000; rest > 0; rest -= std::min<std::int64_t>(rest, 90'000))
            ask(company, "refunds", {{"amount_fen", std::min<std::int64_t>(rest, 90'000)}});
        now = invoice(company);
        EXPECT_EQ(now["state"], "FINAL") << "N16: nothing is kept";
        EXPECT_EQ(now["due_fen"], total);
        EXPECT_GT(now["due_day"].get<std::string>(), "2026-11-20") << "it falls due anew";
        const auto chain = explained(company);
        EXPECT_EQ(chain["charges"].size(), 1U) << "no deduction is planned by itself";
        EXPECT_EQ(chain["requests"].at(0)["reason"], "客户要求");
        EXPECT_EQ(ask(company, "refunds", {{"amount_fen", 1}}, 400)["errors"][0]["pointer"], "/amount_fen");
    }

    void of_a_note() {
        const auto& company = month_.alipay;
        const auto before = invoice(company);
        const auto lines = explained(company)["lines"];
        const auto seats =
            std::ranges::find_if(lines, [](const Json& line) { return line["item_code"] == "seats"; });
        ask(company, "credit-notes",
            {{"line", (*seats)["position"]}, {"amount_fen", 10'000}, {"refund", true}});
        const auto now = invoice(company);
        EXPECT_EQ(now["state"], "PAID") << "an adjusted invoice is not owed again";
        EXPECT_EQ(now["due_fen"], 0);
        EXPECT_EQ(now["refunded_fen"], 10'600);
        EXPECT_EQ(now["total_fen"], before["total_fen"]);
        const auto chain = explained(company);
        EXPECT_EQ(chain["credit_notes"].at(0)["refunded_fen"], 10'600);
        EXPECT_EQ(chain["refunds"].at(0)["state"], "SUCCEEDED");
        EXPECT_EQ(chain["refunds"][0]["source_id"], chain["credit_notes"][0]["id"]);
    }

    void of_a_large_sum() {
        const auto& company = month_.unlucky;
        const auto total = invoice(company)["total_fen"].get<std::int64_t>();
        const auto request = ask(company, "refunds", {{"amount_fen", total}}, 202);
        EXPECT_EQ(invoice(company)["refunded_fen"], 0);
        const auto second =
            world_
                ->must("POST", "/admin/v1/api-keys", world_->admin_key(),
                       Json{{"name", "second"}, {"scope", "admin"}, {"role", "finance"}})["key"]
                .get<std::string>();
        world_->must("POST", "/admin/v1/approvals/" + request["id"].get<std::string>() + "/approve", second,
                     Json::object());
        pass_time();
        EXPECT_EQ(invoice(company)["state"], "FINAL");
        EXPECT_EQ(invoice(company)["due_fen"], total);
    }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("wefee-refunds-" + io::random_alphanumeric(8));
    std::unique_ptr<World> world_;
    Month month_;
};

TEST(Refunds, ReopenTheInvoiceUnlessACreditNoteAdjustedItOnSqlite) { CashBack{""}.run(); }

TEST(Refunds, ReopenTheInvoiceUnlessACreditNoteAdjustedItOnMysql) {
    auto& mariadb = tests::PrivateMariadb::instance();
    mariadb.create_database("refunds");
    CashBack{mariadb.url("refunds")}.run();
    mariadb.drop_database("refunds");
}

}  // namespace
}  // namespace wefee::server::demo
