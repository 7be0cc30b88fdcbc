// The main job, end to end, through sockets: a month of three companies on either engine, and the proofs
// after it.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/crypto.hpp"
#include "io/log.hpp"
#include "server/demo/month.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::server::demo {
namespace {

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("wefee-month-" + io::random_alphanumeric(8));
    ~Folder() { std::filesystem::remove_all(path); }
};

WorldOptions first_of_october(const Folder& folder) {
    io::configure_log({.level = io::Level::error});
    WorldOptions options;
    options.directory = folder.path;
    options.start = at_local(std::chrono::year{2026} / 10 / 1, std::chrono::hours{9});
    return options;
}

/// run_month and show_books throw what did not happen; what they tell is the trace of a failure.
void a_whole_month(WorldOptions options) {
    std::string trace;
    const Narrator tell = [&](const std::string& text) { trace += text + "\n"; };
    World world{std::move(options)};
    Month month;
    ASSERT_NO_THROW(month = run_month(world, tell)) << trace;
    ASSERT_NO_THROW(show_books(world, month, tell)) << trace;

    const auto books = world.sandbox("GET", "/sandbox/books");
    std::int64_t taken = 0;
    for (const auto& order : books["orders"]) {
        taken += order["taken_fen"].get<std::int64_t>();
        EXPECT_LE(order["taken_fen"].get<std::int64_t>(), order["amount_fen"].get<std::int64_t>());
    }
    EXPECT_EQ(taken, 3 * 324'360) << "three invoices, each taken once: " << books["orders"].dump();

    const auto proof = world.must("GET", "/admin/v1/verify", world.admin_key());
    EXPECT_EQ(proof["counts"]["inbox"], proof["counts"]["inbox_processed"]);
    EXPECT_EQ(proof["counts"]["charges_collected"], 3);
}

TEST(Month, OfThreeCompaniesIsBilledDeductedToldAndProvedOnSqlite) {
    const Folder folder;
    a_whole_month(first_of_october(folder));
}

TEST(MysqlMonth, OfThreeCompaniesIsBilledDeductedToldAndProvedOnMariadb) {
    const Folder folder;
    auto& mariadb = tests::PrivateMariadb::instance();
    mariadb.create_database("month");
    auto options = first_of_october(folder);
    options.store_url = mariadb.url("month");
    a_whole_month(std::move(options));
}

TEST(Month, LinesCarryFormulaEvidenceAndPriceListAndAddUp) {
    const Folder folder;
    World world{first_of_october(folder)};
    const auto month = run_month(world, [](const std::string&) {});
    const auto code = world.sandbox(
        "POST", "/sandbox/login-codes",
        Json{{"kind", "wecom"}, {"corpid", month.alipay.corp_id}, {"userid", month.alipay.user}});
    const auto token =
        world.must("POST", "/api/v1/session", "", Json{{"code", code["code"]}})["token"].get<std::string>();
    const auto invoice = world.must("GET", "/api/v1/invoices/" + month.alipay.invoice_id, token);
    std::int64_t sum = 0;
    for (const auto& line : invoice["lines"]) {
        sum += line["amount_fen"].get<std::int64_t>();
        EXPECT_FALSE(line["formula"]["formula_text"].get<std::string>().empty()) << line.dump();
        EXPECT_EQ(line["evidence"]["price_list_id"], month.price_list_id);
    }
    EXPECT_EQ(sum, invoice["total_fen"].get<std::int64_t>());
    // A foreign company's invoice does not exist for this session.
    EXPECT_EQ(world.call("GET", "/api/v1/invoices/" + month.wechat.invoice_id, token).status, 404);
    EXPECT_EQ(world.call("GET", "/api/v1/explain/" + month.wechat.charge_id, token).status, 404);
}

}  // namespace
}  // namespace wefee::server::demo
