// The scenario files once more, through a running server with its test clock on both engines: what it bills
// is what the billing core bills.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "billing/machines/invoice.hpp"
#include "io/crypto.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/settle.hpp"
#include "server/flows/settle_inside.hpp"
#include "server/http/credentials.hpp"
#include "server/scenario/scenario.hpp"
#include "tests/server/rig.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::server::tests {
namespace {

using Texts = std::vector<std::string>;

/// Steps about the money of an invoice that the server has no call for: they leave what was billed as it is.
const std::set<std::string> after_the_bill{"transfer", "consent",  "mandate",      "announce",
                                           "deduct",   "schedule", "licence_order"};

bool has_step(const Scenario& scenario, std::string_view kind) {
    return std::ranges::any_of(scenario.steps, [&](const auto& step) { return step.kind == kind; });
}

Instant noon(CivilDay day) { return day_start(day) + std::chrono::hours{12}; }

std::string tenant_of(const ScenarioStep& step) { return step.object.value("tenant", "tenant"); }
std::string session_of(const std::string& tenant, CivilDay day) { return tenant + "@" + format_day(day); }

/// A server that has lived through the scenario.
class Life {
public:
    Life(const Scenario& scenario, const std::string& store_url)
        : scenario_(scenario), rig_(noon(scenario.steps.front().on)) {
        if (!store_url.empty()) rig_.store_url = store_url;
        rig_.worker = true;
        rig_.seed([&](storage::Store& store) { return seed(store); });
        start();
    }

    void live() {
        for (const auto& step : scenario_.steps) {
            SCOPED_TRACE(step.pointer);
            today_ = step.on;
            advance();
            take(step);
        }
        today_ = scenario_.until;
        advance();
    }

    /// One text an invoice: cause, first day, lines and tax.
    Texts bills(const std::string& tenant) {
        Texts texts;
        for (const auto& row : must("GET", "/api/v1/invoices?limit=100", tenant)["invoices"]) {
            const auto whole = must("GET", "/api/v1/invoices/" + row["id"].get<std::string>(), tenant);
            auto text = whole["cause"].get<std::string>() + ":";
            auto total = whole["total_fen"].get<std::int64_t>();
            for (const auto& line : whole["lines"]) {
                const auto amount = line["amount_fen"].get<std::int64_t>();
                if (whole["cause"] == "correction" && line["item_code"] == account_credit_item())
                    total -= amount;  // below zero
                else
                    text += fmt::format(" {}={}", line["item_code"].get<std::string>(), amount);
            }
            texts.push_back(fmt::format("{} = {}", text, total));
        }
        std::ranges::sort(texts);
        return texts;
    }
    Texts credits(const std::string& tenant) {
        Texts texts;
        for (const auto& note : must("GET", "/api/v1/credit-notes?limit=100", tenant)["credit_notes"])
            if (note["cause"] == "change" || note["cause"] == "line" || note["cause"] == "period")
                texts.push_back(fmt::format("{}: {} + {} = {}", note["item_code"].get<std::string>(),
                                            note["net_fen"].get<std::int64_t>(),
                                            note["tax_fen"].get<std::int64_t>(),
                                            note["total_fen"].get<std::int64_t>()));
        std::ranges::sort(texts);
        return texts;
    }
    std::int64_t account_credit(const std::string& tenant) {
        return must("GET", "/api/v1/credit-notes", tenant)["account_credit_fen"].get<std::int64_t>();
    }
    const Texts& quotes() const { return quotes_; }
    const std::vector<std::int64_t>& running_costs() const { return running_costs_; }
    void books_hold() { rig_.counts(); }

private:
    void start() {
        rig_.start("[billing]\nclose_grace = \"0h\"\nlate_window = \"36500d\"\n" +
                   (has_step(scenario_, "pay") ? payment_providers() : ""));
    }

    io::awaitable<void> seed(storage::Store& store) {
        const auto at = rig_.now;
        storage::Changes changes;
        changes.op_id = "seed";
        changes.at = at;
        const auto begins = [](const ScenarioStep& step) { return step.kind == "subscribe"; };
        std::set<std::string> in_force;
        for (const auto& step : scenario_.steps)
            if (begins(step)) in_force.insert(list_of(tenant_of(step), step.object).name);
        std::int64_t number = 0;
        for (const auto& [name, prices, owner] : scenario_.price_lists) {
            storage::PriceListRow row;
            row.id = PriceListId{"prl_" + name};
            row.number = ++number;
            row.status = "published";
            if (!owner.empty()) row.tenant_id = TenantId{"ten_" + owner};
            row.effective_from = prices->effective_from;
            if (owner.empty())
                row.effective_from = parse_day(
                    in_force.contains(name) ? "1970-01-02" : "1970-01-01");  // a tenant may be moved to any
            row.body = print_price_list(*prices);
            row.body_hash = io::sha256_hex(row.body);
            row.created_by = "seed";
            row.created_at = at;
            row.published_at = at;
            changes.insert(row);
        }
        std::set<CivilDay> days{scenario_.until};
        for (const auto& step : scenario_.steps) days.insert(step.on);
        for (const auto& step : scenario_.steps) {
            if (!begins(step)) continue;
            const auto tenant = tenant_of(step);
            storage::TenantRow row;
            row.id = TenantId{"ten_" + tenant};
            row.corp_id = "corp_" + tenant;
            row.name = tenant;
            row.anchor_day = step.object.value("anchor_day", 1);
            row.created_at = at;
            changes.insert(row);
            for (const auto day : days)
                co_await store.put_session({token_hash(session_of(tenant, day)), row.id,
                                            MemberId{"mem_" + tenant}, "billing_admin", "", noon(day),
                                            noon(day), noon(day) + std::chrono::hours{1}});
        }
        co_await store.commit(std::move(changes));
        co_await store.put_api_key({token_hash("ingest"), "scrm", "ingest", "", "", at, std::nullopt});
    }

    const ScenarioList& list_of(const std::string& tenant, const Json& wish) const {
        const auto name =
            wish.contains("price_list") ? std::optional{wish["price_list"].get<std::string>()} : std::nullopt;
        return *scenario_list(scenario_, tenant, name);
    }

    void take(const ScenarioStep& step) {
        const auto tenant = tenant_of(step);
        const auto& wish = step.object;
        if (step.kind == "subscribe")
            subscribe(tenant, wish);
        else if (step.kind == "usage")
            use(step, tenant);
        else if (step.kind == "running_cost")
            running_costs_.push_back(
                must("GET", "/api/v1/running-cost", tenant)["total_fen"].get<std::int64_t>());
        else if (step.kind == "change")
            change(tenant, wish_of(wish), true);
        else if (step.kind == "cancel")
            change(tenant, {{"cancel", true}, {"effective", wish.value("when", "now")}}, true);
        else if (step.kind == "one_off")
            order(tenant, {{{"code", wish.at("code")}, {"quantity", wish.value("quantity", 1)}}});
        else if (step.kind == "quote")
            change(tenant, wish_of(wish), false);
        else if (step.kind == "pay")
            pay(tenant, wish);
        else if (step.kind == "refund")
            operate("/admin/v1/invoices/" + invoice_of(tenant, wish) + "/refunds",
                    {{"amount_fen", wish.at("amount_fen")}});
        else if (step.kind == "grant")
            operate("/admin/v1/tenants/ten_" + tenant + "/credits", {{"amount_fen", amount_of(wish)}});
        else if (step.kind == "credit_note")
            credit(tenant, wish);
        else if (step.kind == "correct")
            correct(tenant, wish);
        else if (!after_the_bill.contains(step.kind))
            ADD_FAILURE() << "no way to " << step.kind << " through the server";
    }

    void subscribe(const std::string& tenant, const Json& wish) {
        const auto& [list, prices, owner] = list_of(tenant, wish);
        subscriptions_[tenant] = must("POST", "/api/v1/subscriptions", tenant,
                                      {{"price_list_id", "prl_" + list},
                                       {"terms_version", prices->terms.version},
                                       {"plan", wish.at("plan")},
                                       {"seats", wish.value("seats", 0)},
                                       {"add_ons", wish.value("add_ons", Json::array())},
                                       {"coupons", wish.value("coupons", Json::array())},
                                       {"trial", wish.value("trial", true)},
                                       {"payment_way", "manual"}})["id"];
        if (wish.contains("budget_cap_fen"))
            must("PUT", "/api/v1/budget", tenant,
                 {{"amount_fen", wish["budget_cap_fen"]}, {"hard_cap", true}});
        has_thresholds_ = has_thresholds_ || wish.contains("thresholds");
        if (wish.contains("thresholds"))
            must("PUT", "/api/v1/subscriptions/" + subscriptions_.at(tenant) + "/thresholds", tenant,
                 wish["thresholds"]);
        advance();  // what is billed in advance is billed at once
    }

    void order(const std::string& tenant, const Json& one_offs) {
        const auto path = "/api/v1/subscriptions/" + subscriptions_.at(tenant);
        const auto quote = must("POST", path + "/quotes", tenant, {{"one_offs", one_offs}});
        must("POST", path + "/changes", tenant, {{"quote_id", quote["id"]}});
    }

    /// The scenario's words for a change in the API's.
    static Json wish_of(const Json& step) {
        Json wish{{"effective", step.value("when", "now")}};
        for (const char* same : {"plan", "add_ons", "coupons", "seats", "anchor_day", "paused"})
            if (step.contains(same)) wish[same] = step[same];
        if (step.contains("price_list"))
            wish["price_list_id"] = "prl_" + step["price_list"].get<std::string>();
        return wish;
    }

    void change(const std::string& tenant, const Json& wish, bool confirm) {
        const auto path = "/api/v1/subscriptions/" + subscriptions_.at(tenant);
        const auto quote = must("POST", path + "/quotes", tenant, wish);
        const auto& now = quote["due_now"];
        quotes_.push_back(fmt::format("{} - {}", now["total_fen"].get<std::int64_t>(),
                                      now["credit_total_fen"].get<std::int64_t>()));
        if (!confirm) return;
        must("POST", path + "/changes", tenant, {{"quote_id", quote["id"]}});
        advance();
    }

    static std::int64_t amount_of(const Json& wish) {
        return wish.contains("amount_yuan")
                   ? round_yuan(wish["amount_yuan"].get<std::string>()).value().count()
                   : wish.at("amount_fen").get<std::int64_t>();
    }
    /// In the order in which they were issued.
    std::string invoice_of(const std::string& tenant, const Json& wish) {
        auto rows = must("GET", "/api/v1/invoices?limit=100", tenant)["invoices"];
        std::ranges::reverse(rows);
        return rows.at(wish.at("invoice").get<std::size_t>())["id"];
    }
    void operate(const std::string& path, Json body) {
        body["reason"] = "scenario";
        const auto reply = rig_.call("POST", path, rig_.admin_key(), body.dump());
        if (reply.status != 201)
            throw std::runtime_error(fmt::format("POST {}: {} {}", path, reply.status, reply.body));
        advance();
    }
    void credit(const std::string& tenant, const Json& wish) {
        operate("/admin/v1/invoices/" + invoice_of(tenant, wish) + "/credit-notes",
                {{"line", wish.at("line")},
                 {"amount_fen", wish.at("amount_fen")},
                 {"refund", wish.value("refund", true)}});
    }
    void correct(const std::string& tenant, const Json& wish) {
        auto terms = Json::array();
        for (auto entry : wish.at("terms")) {
            if (entry.contains("price_list"))
                entry["price_list_id"] = "prl_" + entry["price_list"].get<std::string>();
            entry.erase("price_list");
            terms.push_back(std::move(entry));
        }
        operate("/admin/v1/subscriptions/" + subscriptions_.at(tenant) + "/corrections",
                {{"terms", std::move(terms)}});
    }

    /// What a channel reported while the server was down; what finds no room goes back, and is no matter of
    /// bills.
    void pay(const std::string& tenant, const Json& wish) {
        const InvoiceId id{invoice_of(tenant, wish)};
        const Fen amount{wish.at("amount_fen").get<std::int64_t>()};
        rig_.stop();
        rig_.now = noon(today_);
        rig_.seed([&](storage::Store& store) -> io::awaitable<void> {
            auto invoice = (co_await store.find_invoice(TenantId{"ten_" + tenant}, id)).value().invoice;
            if (invoice.total_fen - invoice.paid_fen < amount) co_return;
            const auto number = "payment" + std::to_string(++payments_);
            Unit unit{number, rig_.now, "test"};
            const auto event = event_of_settlement(invoice_view(invoice, rig_.now), amount);
            const auto channel = parse_provider(wish.value("channel", "wechat")).value();
            settle_inside(unit, invoice, channel, number, amount);
            unit.move<InvoiceState>(invoice, event.value());
            unit.save(invoice);
            co_await store.commit(unit.take());
        });
        start();
    }

    void use(const ScenarioStep& step, const std::string& tenant) {
        const auto& wish = step.object;
        const auto day = wish.contains("occurred_on")
                             ? parse_day(wish["occurred_on"].get<std::string>()).value()
                             : step.on;
        Json event{{"id", "e" + std::to_string(++events_)},
                   {"tenant", "ten_" + tenant},
                   {"meter", wish.at("meter")},
                   {"quantity", wish.at("quantity")},
                   {"occurred_at", format_instant(day_start(day))},
                   {"sequence", events_}};
        if (wish.contains("properties")) event["properties"] = wish["properties"];
        const auto reply = rig_.call("POST", "/ingest/v1/events", "ingest", Json{{"events", {event}}}.dump());
        EXPECT_EQ(Json::parse(reply.body)["results"][0]["result"], "accepted") << reply.body;
        if (has_thresholds_) pass(std::chrono::seconds{2});  // they are looked at after each
    }

    Json must(std::string_view method, const std::string& path, const std::string& tenant,
              const Json& body = {}) {
        const auto reply =
            rig_.call(method, path, session_of(tenant, today_), body.is_null() ? "" : body.dump());
        if (reply.status / 100 != 2)
            throw std::runtime_error(fmt::format("{} {}: {} {}", method, path, reply.status, reply.body));
        return Json::parse(reply.body);
    }
    void advance() {
        now_ = std::max(now_, noon(today_));
        const auto reply = rig_.call("POST", "/admin/v1/test-clock", rig_.admin_key(),
                                     Json{{"to", format_instant(now_)}}.dump());
        if (reply.status != 200) throw std::runtime_error(reply.body);
    }
    void pass(std::chrono::seconds time) {
        now_ += time;
        advance();
    }

    const Scenario& scenario_;
    Rig rig_;
    CivilDay today_{};
    Instant now_{};
    bool has_thresholds_ = false;
    std::map<std::string, std::string> subscriptions_;
    std::int64_t events_ = 0;
    int payments_ = 0;
    Texts quotes_;
    std::vector<std::int64_t> running_costs_;
};

// ---- the same of the billing core's result ----

Texts core_bills(const Json& account) {
    Texts texts;
    for (const auto& invoice : account["invoices"]) {
        auto text = invoice["cause"].get<std::string>() + ":";
        for (const auto& line : invoice["lines"])
            text += fmt::format(" {}={}", item_of(line["code"].get<std::string>()),
                                line["amount_fen"].get<std::int64_t>());
        texts.push_back(fmt::format("{} = {}", text, invoice["total_fen"].get<std::int64_t>()));
    }
    std::ranges::sort(texts);
    return texts;
}

Texts core_credits(const Json& account) {
    Texts texts;
    for (const auto& note : account["credit_notes"])
        if (note["total_fen"] != 0)
            texts.push_back(fmt::format("{}: {} + {} = {}", item_of(note["code"].get<std::string>()),
                                        note["net_fen"].get<std::int64_t>(),
                                        note["tax_fen"].get<std::int64_t>(),
                                        note["total_fen"].get<std::int64_t>()));
    std::ranges::sort(texts);
    return texts;
}

void expect_same(const Scenario& scenario, const Json& core, Life& life) {
    for (const auto& [tenant, account] : core["tenants"].items()) {
        EXPECT_EQ(life.bills(tenant), core_bills(account)) << tenant;
        EXPECT_EQ(life.credits(tenant), core_credits(account)) << tenant;
        if (!has_step(scenario, "transfer"))
            EXPECT_EQ(life.account_credit(tenant), account["account_credit_fen"].get<std::int64_t>())
                << tenant;
    }
    Texts quotes;
    for (const auto& quote : core["quotes"])
        quotes.push_back(fmt::format("{} - {}", quote["charge"]["total_fen"].get<std::int64_t>(),
                                     quote["credit_total_fen"].get<std::int64_t>()));
    EXPECT_EQ(life.quotes(), quotes);
    std::vector<std::int64_t> running_costs;
    for (const auto& cost : core["running_costs"])
        running_costs.push_back(cost["total_fen"].get<std::int64_t>());
    EXPECT_EQ(life.running_costs(), running_costs);
    life.books_hold();
}

std::vector<std::filesystem::path> files() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(WEFEE_SCENARIOS))
        if (entry.path().extension() == ".json") paths.push_back(entry.path());
    std::ranges::sort(paths);
    return paths;
}

class ServedScenario : public ::testing::TestWithParam<std::filesystem::path> {
protected:
    void serve(const std::string& store_url) try {
        std::ifstream file(GetParam(), std::ios::binary);
        const auto scenario = read_scenario({std::istreambuf_iterator<char>(file), {}});
        Life life{scenario, store_url};
        life.live();
        expect_same(scenario, Json::parse(run_scenario(scenario).dump()), life);
    } catch (const Error& error) {
        for (const auto& problem : error.fields()) ADD_FAILURE() << problem.pointer << ": " << problem.text;
        FAIL() << error.what();
    }
};

TEST_P(ServedScenario, BillsOnSqliteWhatTheCoreBills) { serve(""); }

TEST_P(ServedScenario, BillsOnMysqlWhatTheCoreBills) {
    auto& mariadb = wefee::tests::PrivateMariadb::instance();
    mariadb.create_database("scenario");
    serve(mariadb.url("scenario"));
    mariadb.drop_database("scenario");
}

INSTANTIATE_TEST_SUITE_P(All, ServedScenario, ::testing::ValuesIn(files()), [](const auto& info) {
    auto name = info.param.stem().string();
    std::ranges::replace(name, '-', '_');
    return name;
});

}  // namespace
}  // namespace wefee::server::tests
