// Usage through the API up to the invoice: events, corrections and deletions, sent again and sent late.
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "server/commands_usage.hpp"
#include "server/config/config.hpp"
#include "server/demo/month.hpp"
#include "server/http/credentials.hpp"
#include "tests/server/rig.hpp"

namespace wefee::server::tests {
namespace {

const Instant now = parse_instant("2026-11-01T10:00:00+08:00").value();
const TenantId tenant{"ten_usage"};

Json prices() {
    auto list = demo::demo_price_list();
    list["tax_basis_points"] = 0;
    const auto meter = [&](const std::string& code, const std::string& aggregation, const Json& charge) {
        list["features"].push_back({{"code", code}, {"title", code}, {"chargeable", true}, {"meter", code}});
        list["modules"][0]["features"].push_back(code);
        list["meters"].push_back(
            {{"code", code}, {"title", code}, {"unit", "个"}, {"aggregation", aggregation}});
        auto row = charge;
        row["meter"] = code;
        list["plans"][0]["usage"].push_back(row);
    };
    meter("storage", "time_weighted", {{"model", "per_unit"}, {"unit_price_micro_yuan", 1'000'000}});
    meter("peak", "max", {{"model", "per_unit"}, {"unit_price_micro_yuan", 1'000'000}});
    meter("orders", "count",
          {{"model", "percentage"},
           {"percentage", {{"rate_ppm", 10'000}, {"fixed_fee_fen", 100}, {"free_events", 1}}}});
    return list;
}

class UsageBill : public ::testing::Test {
protected:
    UsageBill() {
        rig.worker = true;
        rig.seed([](storage::Store& store) -> io::awaitable<void> {
            storage::Changes changes;
            changes.op_id = "seed";
            changes.at = now;
            changes.insert(storage::TenantRow{tenant, "wpusage", "星河教育", 1, 8, false, now, 1});
            changes.insert(
                storage::TenantRow{TenantId{"ten_other"}, "wpother", "青山贸易", 1, 8, false, now, 1});
            co_await store.commit(std::move(changes));
            for (const auto* name : {"ten_usage", "ten_other"})
                co_await store.put_session({token_hash(name), TenantId{name}, MemberId{"mem_1"},
                                            "billing_admin", "", now, now,
                                            now + std::chrono::hours{24 * 400}});
            co_await store.put_api_key({token_hash("scrm"), "scrm", "ingest", "", "", now, std::nullopt});
            co_await store.put_api_key(
                {token_hash("own"), "own", "ingest", "", tenant.text(), now, std::nullopt});
        });
        rig.start(all_providers(rig));
        const auto list = must("POST", "/admin/v1/price-lists", rig.admin_key(), prices());
        must("POST", "/admin/v1/price-lists/" + list["id"].get<std::string>() + "/publish", rig.admin_key(),
             Json::object());
        for (const auto* name : {"ten_usage", "ten_other"})
            must("POST", "/api/v1/subscriptions", name,
                 Json{{"price_list_id", list["id"]},
                      {"terms_version", "2026-09"},
                      {"plan", "pro"},
                      {"seats", 5},
                      {"payment_way", "manual"}});
    }

    Json must(std::string_view method, const std::string& target, const std::string& token,
              const Json& body = nullptr) const {
        const auto reply = rig.call(method, target, token, body.is_null() ? "" : body.dump());
        if (reply.status / 100 != 2)
            throw std::runtime_error(fmt::format("{} {}: {} {}", method, target, reply.status, reply.body));
        return Json::parse(reply.body);
    }

    Json event(const std::string& id, const std::string& meter, const Json& quantity,
               const std::string& at) const {
        return {{"id", id},
                {"tenant", tenant.text()},
                {"meter", meter},
                {"quantity", quantity},
                {"occurred_at", at + "+08:00"}};
    }

    static Json corrects(const std::string& id, const std::string& event, Json fields) {
        fields["id"] = id;
        fields["corrects"] = event;
        return fields;
    }
    static Json deletes(const std::string& id, const std::string& event) {
        return {{"id", id}, {"deletes", event}};
    }

    /// "accepted duplicate rejected:code@/pointer", in order.
    std::string send(const std::vector<Json>& events, const std::string& key = "own") const {
        std::string told;
        const auto reply = must("POST", "/ingest/v1/events", key, Json{{"events", events}});
        for (const auto& row : reply["results"]) {
            told += (told.empty() ? "" : " ") + row["result"].get<std::string>();
            if (row.contains("code"))
                told += ":" + row["code"].get<std::string>() + "@" +
                        row["errors"][0]["pointer"].get<std::string>();
        }
        return told;
    }

    /// Sessions end after a day without calls: they are renewed beside the server.
    void advance(const std::string& to) const {
        must("POST", "/admin/v1/test-clock", rig.admin_key(), Json{{"to", to + "+08:00"}});
        const auto at = to_millis(parse_instant(to + "+08:00").value());
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open((rig.folder.path() / "wefee.db").string().c_str(), &database), SQLITE_OK);
        sqlite3_busy_timeout(database, 5'000);
        const auto renew = fmt::format("UPDATE session SET created_at={0}, last_seen_at={0}, expires_at={1}",
                                       at, at + 86'400'000);
        EXPECT_EQ(sqlite3_exec(database, renew.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(database);
    }

    Json newest_invoice() const {
        const auto list = must("GET", "/api/v1/invoices", tenant.text());
        return must("GET", "/api/v1/invoices/" + list["invoices"][0]["id"].get<std::string>(), tenant.text());
    }

    static Json line(const Json& invoice, const std::string& code) {
        for (const auto& one : invoice["lines"])
            if (one["item_code"] == code) return one;
        return nullptr;
    }

    Rig rig{now};
};

TEST_F(UsageBill, LateCorrectedDeletedAndRepeatedEventsAreBilledAsExactDifferences) {
    advance("2026-11-20T10:00:00");
    const std::vector<Json> november{event("m1", "messages", 12'000, "2026-11-03T10:00:00"),
                                     event("m2", "messages", 1'000, "2026-11-04T10:00:00"),
                                     event("p1", "peak", 30, "2026-11-05T10:00:00"),
                                     event("p2", "peak", 20, "2026-11-06T10:00:00"),
                                     event("s1", "storage", 60, "2026-11-16T00:00:00"),
                                     event("o1", "orders", 100, "2026-11-07T10:00:00"),
                                     event("o2", "orders", "50.50", "2026-11-07T09:00:00")};
    EXPECT_EQ(send(november), "accepted accepted accepted accepted accepted accepted accepted");
    EXPECT_EQ(send(november), "duplicate duplicate duplicate duplicate duplicate duplicate duplicate");
    const std::vector<Json> changes{corrects("c1", "m2", {{"quantity", 2'000}}), deletes("d1", "p1")};
    EXPECT_EQ(send(changes), "corrected corrected");
    EXPECT_EQ(send(changes), "duplicate duplicate");

    advance("2026-12-02T10:00:00");
    const auto first = newest_invoice();
    EXPECT_EQ(line(first, "messages.tier2")["amount_fen"], 4'000 * 5) << "12,000 and the corrected 2,000";
    EXPECT_EQ(line(first, "peak")["amount_fen"], 20 * 100) << "the higher one was deleted";
    EXPECT_EQ(line(first, "storage")["amount_fen"], 60 * 100 / 2) << "half of the month";
    EXPECT_EQ(line(first, "orders")["amount_fen"], 100 + 100) << "the earlier order is free";

    // Late: one more batch, a correction of a closed event, its repeat, and a deletion.
    const std::vector<Json> late{event("m3", "messages", 2'000, "2026-11-30T23:00:00"),
                                 corrects("c2", "m1", {{"quantity", 11'500}}), deletes("d2", "s1")};
    EXPECT_EQ(send(late), "accepted corrected corrected");
    EXPECT_EQ(send(late), "duplicate duplicate duplicate");
    const auto running = must("GET", "/api/v1/running-cost", tenant.text());
    EXPECT_EQ(running["total_fen"], 30'000 + (500 * 35 / 10 + 5'000 * 5 - 4'000 * 5) - 3'000)
        << running.dump();

    advance("2027-01-02T10:00:00");
    const auto second = newest_invoice();
    const auto messages = line(second, "messages.late");
    EXPECT_EQ(messages["amount_fen"], 500 * 35 / 10 + 5'000 * 5 - 4'000 * 5) << second.dump();
    EXPECT_EQ(messages["title"], "群发消息 11月补记");
    EXPECT_NE(messages["evidence"]["text"].get<std::string>().find("11月3日–11月30日补记"), std::string::npos)
        << messages.dump();
    EXPECT_EQ(line(second, "storage.late")["amount_fen"], -3'000);
    EXPECT_EQ(line(second, "peak.late"), nullptr);

    // Billed once: the third invoice knows nothing of it.
    advance("2027-02-02T10:00:00");
    EXPECT_EQ(line(newest_invoice(), "messages.late"), nullptr);
    EXPECT_EQ(send({event("m9", "messages", 1, "2026-11-30T23:00:00")}),
              "rejected:too_late@/events/0/occurred_at");
    rig.counts();  // fails on a broken invariant, and on totals that the events do not come to
}

TEST_F(UsageBill, ACreditThatThePeriodHasNoRoomForWaitsForTheNext) {
    advance("2026-11-20T10:00:00");
    EXPECT_EQ(send({event("p1", "peak", 700, "2026-11-05T10:00:00")}), "accepted");
    advance("2026-12-02T10:00:00");
    EXPECT_EQ(send({deletes("d1", "p1")}), "corrected");
    advance("2027-01-02T10:00:00");
    const auto december = newest_invoice();
    EXPECT_EQ(december["total_fen"], 0);
    EXPECT_EQ(line(december, "peak.late")["amount_fen"], -30'000)
        << "of 70,000 what the plan's price leaves room for";
    advance("2027-02-02T10:00:00");
    EXPECT_EQ(line(newest_invoice(), "peak.late")["amount_fen"], -30'000);
    advance("2027-03-02T10:00:00");
    EXPECT_EQ(line(newest_invoice(), "peak.late")["amount_fen"], -10'000);
    rig.counts();
}

TEST_F(UsageBill, BadItemsAreRefusedWithPointerAndCodeAndTheRestIsKept) {
    EXPECT_EQ(send({event("ok", "messages", 1, "2026-11-01T09:00:00")}), "accepted");
    auto unknown_field = event("a", "messages", 1, "2026-11-01T09:00:00");
    unknown_field["colour"] = "red";
    auto no_meter = event("b", "messages", 1, "2026-11-01T09:00:00");
    no_meter.erase("meter");
    const std::vector<std::pair<Json, std::string>> cases{
        {unknown_field, "unknown_field@/events/1/colour"},
        {no_meter, "missing_field@/events/1/meter"},
        {Json(7), "invalid_value@/events/1"},
        {event("c", "messages", true, "2026-11-01T09:00:00"), "invalid_value@/events/1/quantity"},
        {event("d", "messages", "1.0000001", "2026-11-01T09:00:00"), "invalid_value@/events/1/quantity"},
        {event("e", "messages", "9300000000000", "2026-11-01T09:00:00"), "invalid_value@/events/1/quantity"},
        {event("f", "messages", -1, "2026-11-01T09:00:00"), "negative_quantity@/events/1/quantity"},
        {event("g", "messages", 1, "2101-01-01T09:00:00"), "invalid_value@/events/1/occurred_at"},
        {event("h", "messages", 1, "2026-11-01T10:05:01"), "in_the_future@/events/1/occurred_at"},
        {event("i", "messages", 1, "2026-10-31T09:00:00"), "before_start@/events/1/occurred_at"},
        {event("j", "nothing", 1, "2026-11-01T09:00:00"), "unknown_meter@/events/1/meter"},
        {event("k", "orders", "1.001", "2026-11-01T09:00:00"), "invalid_value@/events/1/quantity"},
        {event("ok", "messages", 2, "2026-11-01T09:00:00"), "id_reused@/events/1/id"},
        {corrects("l", "none", {{"quantity", 1}}), "unknown_event@/events/1/corrects"},
        {deletes("m", "none"), "unknown_event@/events/1/deletes"},
        {corrects("n", "ok", Json::object()), "invalid_value@/events/1/corrects"},
        {corrects("o", "ok", {{"meter", "peak"}, {"quantity", 1}}), "meter_changed@/events/1/meter"},
        {corrects("p", "ok", {{"quantity", -1}}), "negative_quantity@/events/1/quantity"},
        {Json{{"id", "q"}, {"deletes", "ok"}, {"quantity", 1}}, "unknown_field@/events/1/quantity"}};
    int n = 0;
    for (const auto& [item, wanted] : cases) {
        const auto id = "good" + std::to_string(n++);
        EXPECT_EQ(send({event(id, "messages", 1, "2026-11-01T09:00:00"), item,
                        event(id, "messages", 1, "2026-11-01T09:00:00")}),
                  "accepted rejected:" + wanted + " duplicate");
    }
    // Another tenant's event is unknown, and a key of the whole installation must say whose it is.
    auto foreign = event("foreign", "messages", 1, "2026-11-01T09:00:00");
    foreign["tenant"] = "ten_other";
    EXPECT_EQ(send({foreign}), "rejected:unknown_tenant@/events/0/tenant");
    EXPECT_EQ(send({foreign}, "scrm"), "accepted");
    EXPECT_EQ(send({corrects("r", "foreign", {{"quantity", 2}})}),
              "rejected:unknown_event@/events/0/corrects");
    EXPECT_EQ(send({corrects("r", "foreign", {{"quantity", 2}})}, "scrm"),
              "rejected:missing_field@/events/0/tenant");
    EXPECT_EQ(send({corrects("r", "foreign", {{"tenant", "ten_other"}, {"quantity", 2}})}, "scrm"),
              "corrected");
    const std::vector<Json> full{event("x", "messages", "9200000000000", "2026-11-01T09:00:00"),
                                 event("y", "messages", "9200000000000", "2026-11-01T09:00:00")};
    EXPECT_EQ(send(full), "accepted rejected:overflow@/events/1/quantity");
    rig.counts();
}

TEST_F(UsageBill, OneBatchMayHoldAnEventAndAllItsCorrections) {
    EXPECT_EQ(send({corrects("c1", "a", {{"quantity", 2}}), event("a", "messages", 1, "2026-11-01T09:00:00"),
                    corrects("c2", "a", {{"quantity", 3}}), deletes("d1", "a"),
                    corrects("c3", "a", {{"quantity", "4.5"}})}),
              "corrected accepted corrected corrected corrected");
    const auto usage = must("GET", "/api/v1/usage", tenant.text());
    ASSERT_EQ(usage["totals"].size(), 1U);
    EXPECT_EQ(usage["totals"][0]["quantity"], "4.5") << "the newest counts";
    EXPECT_EQ(usage["totals"][0]["events"], 1);
}

TEST_F(UsageBill, FilesAreTakenInBatchesAndRejectedRowsAreKeptWithReasons) {
    rig.stop();
    std::string csv = "id,tenant,meter,quantity,occurred_at,properties.department\r\n";
    for (int i = 0; i < 2'500; ++i)
        csv += fmt::format("e{},wpusage,messages,1.5,2026-11-01T09:00:00+08:00,\"sales, east\"\r\n", i);
    csv += "bad,wpusage,messages,-1,2026-11-01T09:00:00+08:00,\r\nshort,row\r\n";
    const auto loaded = parse_config(rig.config_text(all_providers(rig)), {});
    const auto table = rig.folder.file("usage.csv", csv);
    EXPECT_FALSE(import_usage(loaded.config, table));
    std::ifstream rejected{table + ".rejected"};
    std::string row;
    std::getline(rejected, row);
    const auto first = Json::parse(row);
    EXPECT_EQ(first["line"], 2'502);
    EXPECT_EQ(first["code"], "negative_quantity");
    EXPECT_EQ(first["errors"][0]["pointer"], "/quantity");
    std::getline(rejected, row);
    EXPECT_EQ(Json::parse(row)["row"], "short,row");
    const auto lines =
        rig.folder.file("usage.ndjson", "{\"id\":\"d1\",\"tenant\":\"wpusage\",\"deletes\":\"e0\"}\n\n" +
                                            event("n1", "messages", 2, "2026-11-01T09:00:00").dump() + "\n");
    EXPECT_TRUE(import_usage(loaded.config, lines));
    EXPECT_FALSE(std::filesystem::exists(lines + ".rejected"));
    EXPECT_EQ(rig.column("SELECT quantity_micro || '/' || events FROM usage_total"),
              std::vector<std::string>{"3750500000/2500"});
    EXPECT_THROW(import_usage(loaded.config, rig.folder.file("other.csv", "name,age\n1,2\n")),
                 std::invalid_argument);
}

}  // namespace
}  // namespace wefee::server::tests
