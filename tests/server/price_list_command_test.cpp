// wefee price-list: exit codes, what is printed, and one writer of a SQLite file.
#include <gtest/gtest.h>

#include "io/crypto.hpp"
#include "server/commands.hpp"
#include "server/flows/price_lists.hpp"
#include "tests/billing/sample_prices.hpp"
#include "tests/server/rig.hpp"

namespace wefee::server::tests {
namespace {

struct Ran {
    int code = 0;
    std::string out, err;
};

Ran ran(const std::function<int()>& command) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Ran result;
    result.code = command();
    std::fflush(nullptr);
    result.out = ::testing::internal::GetCapturedStdout();
    result.err = ::testing::internal::GetCapturedStderr();
    return result;
}

class PriceListCommand : public ::testing::Test {
protected:
    void SetUp() override {
        rig.seed([](storage::Store& store) -> io::awaitable<void> {
            storage::Changes changes;
            changes.op_id = "seed";
            storage::TenantRow tenant;
            tenant.id = TenantId{"ten_1"};
            tenant.corp_id = "wpcorp1";
            changes.insert(tenant);
            co_await store.commit(std::move(changes));
        });
    }
    std::string config() const { return rig.folder.file("wefee.toml", rig.config_text("")); }
    std::string file(const std::string& name, const std::string& text) const {
        return rig.folder.file(name, text);
    }
    std::string full(int raised = 0) const {
        auto prices = testing::full_prices();
        prices.plans[0].price = MicroYuan{prices.plans[0].price.count() + raised};
        return file("list" + std::to_string(raised) + ".json", print_price_list(prices));
    }
    std::string import(const std::string& path) const {
        const auto done = ran([&] { return run_price_list_import(config(), path, "", true); });
        EXPECT_EQ(done.code, 0) << done.err;
        return Json::parse(done.out).at("id");
    }

    Rig rig{parse_instant("2026-10-08T10:00:00+08:00").value()};
};

TEST_F(PriceListCommand, CheckTellsAGoodListFromARefusedOneAndFromNoListAtAll) {
    EXPECT_EQ(ran([&] { return run_price_list_check(full(), false); }).code, 0);
    auto bad = Json::parse(print_price_list(testing::full_prices()));
    bad["plans"][0]["price_micro_yuan"] = -1;
    const auto refused = ran([&] { return run_price_list_check(file("bad.json", bad.dump()), false); });
    EXPECT_EQ(refused.code, 4);
    EXPECT_NE(refused.err.find("/plans/0/price_micro_yuan  negative_price  must not be negative"),
              std::string::npos)
        << refused.err;
    const auto none =
        ran([&] { return run_price_list_check(file("none.json", R"({"title":"x","colour":1})"), true); });
    EXPECT_EQ(none.code, 1);
    EXPECT_EQ(Json::parse(none.out).at("errors").size(), 6U) << none.out;
    EXPECT_EQ(ran([&] { return run_price_list_check(rig.folder.path() / "absent.json", false); }).code, 1);
    EXPECT_EQ(ran([&] { return run_price_list_check(file("text.json", "hello"), false); }).code, 1);
}

TEST_F(PriceListCommand, AFileIsImportedOnceExportedByteForByteAndPublishedOnce) {
    const auto path = full();
    const auto id = import(path);
    const auto again = ran([&] { return run_price_list_import(config(), path, "", true); });
    EXPECT_EQ(again.code, 3);
    EXPECT_EQ(Json::parse(again.out).at("id"), id);
    const auto exported = ran([&] { return run_price_list_export(config(), id); });
    EXPECT_EQ(exported.code, 0);
    EXPECT_EQ(exported.out, print_price_list(testing::full_prices()) + "\n");
    const auto published = ran([&] { return run_price_list_publish(config(), id, true); });
    EXPECT_EQ(published.code, 0) << published.err;
    EXPECT_EQ(Json::parse(published.out).at("status"), "published");
    EXPECT_EQ(Json::parse(published.out).at("hash"),
              io::sha256_hex(print_price_list(testing::full_prices())));
    EXPECT_EQ(ran([&] { return run_price_list_publish(config(), id, true); }).code, 3);
    EXPECT_EQ(ran([&] { return run_price_list_publish(config(), "prl_none", true); }).code, 1);
    EXPECT_EQ(ran([&] { return run_price_list_export(config(), "prl_none"); }).code, 1);
    EXPECT_EQ(rig.column("SELECT count(*) FROM price_list"), std::vector<std::string>{"1"});
}

TEST_F(PriceListCommand, AFileMayBecomeATenantsOwnList) {
    const auto everybodys = import(full());
    const auto own = ran([&] { return run_price_list_import(config(), full(), "ten_1", true); });
    EXPECT_EQ(own.code, 0) << own.err;
    EXPECT_EQ(Json::parse(own.out).at("tenant_id"), "ten_1");
    EXPECT_NE(Json::parse(own.out).at("id"), everybodys);
    EXPECT_EQ(ran([&] { return run_price_list_import(config(), full(), "ten_1", true); }).code, 3);
    const auto nobody = ran([&] { return run_price_list_import(config(), full(), "ten_none", true); });
    EXPECT_EQ(nobody.code, 1);
    EXPECT_NE(nobody.err.find("there is no tenant ten_none"), std::string::npos) << nobody.err;
}

TEST_F(PriceListCommand, PublishingWhatARuleForbidsEndsWithFour) {
    auto prices = testing::full_prices();
    prices.modules[1].price.reset();
    const auto id = import(file("bundled.json", print_price_list(prices)));
    const auto refused = ran([&] { return run_price_list_publish(config(), id, false); });
    EXPECT_EQ(refused.code, 4);
    EXPECT_NE(refused.err.find("/plans/1/modules/1  bundling"), std::string::npos) << refused.err;
    EXPECT_EQ(rig.column("SELECT status FROM price_list"), std::vector<std::string>{"draft"});
}

TEST_F(PriceListCommand, DiffComparesStoredListsAndFiles) {
    const auto older = import(full());
    const auto newer = full(1'000'000);
    const auto told = ran([&] { return run_price_list_diff(config(), older, newer, false); });
    EXPECT_EQ(told.code, 0) << told.err;
    EXPECT_NE(told.out.find("raised   套餐「专业版」 · 每期价格 由 ¥300.00 调高为 ¥301.00"),
              std::string::npos)
        << told.out;
    const auto files = ran([&] { return run_price_list_diff("/nowhere/wefee.toml", full(), newer, true); });
    EXPECT_EQ(files.code, 0) << "two files need no configuration: " << files.err;
    EXPECT_EQ(Json::parse(files.out).at("differences").at(0).at("new"), 301'000'000);
    EXPECT_EQ(ran([&] { return run_price_list_diff(config(), older, "prl_none", false); }).code, 1);
    EXPECT_EQ(ran([&] { return run_price_list_diff("/nowhere/wefee.toml", older, newer, false); }).code, 2);
}

TEST_F(PriceListCommand, BesideARunningServerItReadsButDoesNotWrite) {
    const auto id = import(full());
    rig.start("");
    const auto refused = ran([&] { return run_price_list_import(config(), full(5), "", false); });
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("a running wefee owns this SQLite file"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("https://pay.example.com/admin/v1/price-lists"), std::string::npos)
        << refused.err;
    EXPECT_EQ(ran([&] { return run_price_list_publish(config(), id, false); }).code, 1);
    EXPECT_EQ(ran([&] { return run_price_list_export(config(), id); }).code, 0);
    EXPECT_EQ(rig.column("SELECT count(*) FROM price_list"), std::vector<std::string>{"1"});
}

}  // namespace
}  // namespace wefee::server::tests
