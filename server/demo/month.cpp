#include "server/demo/month.hpp"

#include <fmt/format.h>

#include "billing/money.hpp"
#include "storage/invariants.hpp"

namespace wefee::server::demo {
namespace {

CivilDay day_of(int year, unsigned month, unsigned day) {
    return std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
}
Instant at_hour(CivilDay day, int hour) { return at_local(day, std::chrono::hours{hour}); }

Json usage_batch(const Company& company, int month, int day, int events) {
    Json batch{{"events", Json::array()}};
    for (int i = 0; i < events; ++i)
        batch["events"].push_back(
            {{"id", fmt::format("{}-{:02}{:02}-{}", company.corp_id, month, day, i)},
             {"tenant", company.corp_id},
             {"meter", "messages"},
             {"quantity", 400},
             {"occurred_at", fmt::format("2026-{:02}-{:02}T0{}:00:00+08:00", month, day, i % 9)}});
    return batch;
}

void use_a_month(World& world, Month& month, const Narrator& tell) {
    std::size_t accepted = 0, repeated = 0;
    for (const int day : {5, 12, 19, 26}) {
        world.advance_to(at_hour(day_of(2026, 10, static_cast<unsigned>(day)), 12));
        for (auto* company : {&month.wechat, &month.alipay, &month.unlucky}) {
            const auto batch = usage_batch(*company, 10, day, 10);
            for (const auto& row :
                 world.must("POST", "/ingest/v1/events", month.ingest_key, batch)["results"])
                accepted += row["result"] == "accepted";
            for (const auto& row :
                 world.must("POST", "/ingest/v1/events", month.ingest_key, batch)["results"])
                repeated += row["result"] == "duplicate";
        }
    }
    require(accepted == 120 && repeated == 120, "every usage event counted once");
    log_in_again(world, month.wechat);
    const auto running = world.must("GET", "/api/v1/running-cost", month.wechat.token);
    tell(
        fmt::format("October's usage arrived in batches: {} events accepted, {} repeats recognised; running "
                    "cost of {}: {}",
                    accepted, repeated, month.wechat.name, yuan(running["total_fen"])));
}

void find_invoice(World& world, Company& company) {
    log_in_again(world, company);
    const auto invoices = world.must("GET", "/api/v1/invoices", company.token)["invoices"];
    require(!invoices.empty(), "an invoice of " + company.name);
    company.invoice_id = invoices[0]["id"];
    const auto whole = world.must("GET", "/api/v1/invoices/" + company.invoice_id, company.token);
    require(!whole["charges"].empty(), "a planned deduction of " + company.name);
    company.charge_id = whole["charges"][0]["id"];
}

void show_invoice(World& world, const Company& company, const Narrator& tell) {
    const auto whole = world.must("GET", "/api/v1/invoices/" + company.invoice_id, company.token);
    tell(fmt::format("invoice {} ({}) of {}: {} in {} lines, deduction {} planned for {}",
                     whole["number"].get<std::string>(), company.invoice_id, company.name,
                     yuan(whole["total_fen"]), whole["lines"].size(), company.charge_id,
                     whole["charges"][0]["planned_day"].get<std::string>()));
}

void close_october(World& world, Month& month, const Narrator& tell) {
    world.advance_to(at_hour(day_of(2026, 11, 2), 9));
    for (auto* company : {&month.wechat, &month.alipay, &month.unlucky}) {
        find_invoice(world, *company);
        show_invoice(world, *company, tell);
    }
}

std::size_t cards_to(World& world, const Company& company) {
    std::size_t cards = 0;
    for (const auto& message : world.sandbox("GET", "/sandbox/notices")["wecom_messages"])
        cards += message["corpid"] == company.corp_id && !message["recipients"].empty();
    return cards;
}

std::string charge_state(World& world, Company& company) {
    log_in_again(world, company);
    return world.must("GET", "/api/v1/charges/" + company.charge_id, company.token)["state"];
}

void remind(World& world, Month& month, const Narrator& tell) {
    world.advance_to(at_hour(day_of(2026, 11, 4), 12));
    for (auto* company : {&month.wechat, &month.alipay, &month.unlucky}) {
        require(cards_to(world, *company) >= 1, "a fee reminder reached " + company->name);
        tell(fmt::format("fee reminder delivered to {} through WeCom; deduction {} is {}", company->name,
                         company->charge_id, charge_state(world, *company)));
    }
    const auto notices = world.sandbox("GET", "/sandbox/notices")["wechat_notices"];
    require(notices.size() == 2, "WeChat Pay took its own pre-deduction notices");
    for (const auto& notice : notices)
        tell(fmt::format("WeChat Pay's pre-deduction notice taken for contract {}: {}, chargeable from {}",
                         notice["contract_id"].get<std::string>(), yuan(notice["amount_fen"]),
                         notice["open_from"].get<std::string>()));
}

void deduct(World& world, Month& month, const Narrator& tell) {
    world.sandbox("POST", "/sandbox/users",
                  Json{{"user", month.wechat.payer}, {"wechat_balance_fen", 1'000'000}});
    world.sandbox("POST", "/sandbox/users",
                  Json{{"user", month.alipay.payer}, {"alipay_balance_fen", 1'000'000}});
    world.advance_to(at_hour(day_of(2026, 11, 8), 12));
    for (auto* company : {&month.wechat, &month.alipay}) {
        require(charge_state(world, *company) == "COLLECTED",
                "the deduction of " + company->name + " was collected");
        const auto whole = world.must("GET", "/api/v1/invoices/" + company->invoice_id, company->token);
        require(whole["state"] == "PAID", "the invoice of " + company->name + " is paid");
        const auto& payment = whole["payments"].back();
        tell(fmt::format(
            "{} deducted {} at {} on {}: order {}, transaction {}; invoice PAID, result card sent",
            company->name, yuan(payment["amount_fen"]), company->provider,
            payment["paid_at"].get<std::string>(), payment["out_trade_no"].get<std::string>(),
            payment["provider_transaction"].get<std::string>()));
    }
}

void fail_and_pay(World& world, Month& month, const Narrator& tell) {
    auto& company = month.unlucky;
    const auto state = charge_state(world, company);
    require(state == "WAITING",
            "the deduction of " + company.name + " failed and waits for its retry, but it is " + state);
    auto whole = world.must("GET", "/api/v1/invoices/" + company.invoice_id, company.token);
    tell(fmt::format("{}: deduction refused ({}), the company was told, next try tomorrow 10:00",
                     company.name, whole["charges"][0]["last_cause"].get<std::string>()));
    const auto payment = world.must("POST", "/api/v1/invoices/" + company.invoice_id + "/payments",
                                    company.token, Json{{"provider", "wechat"}, {"way", "native_qr"}});
    tell(fmt::format("{} pays by hand: QR code {}", company.user,
                     payment["instructions"]["qr_code"].get<std::string>()));
    world.sandbox("POST", "/sandbox/users", Json{{"user", company.payer}, {"wechat_balance_fen", 1'000'000}});
    world.sandbox("POST", "/sandbox/payments/pay",
                  Json{{"user", company.payer}, {"qr_code", payment["instructions"]["qr_code"]}});
    world.settle();
    world.advance_to(at_hour(day_of(2026, 11, 10), 12));
    require(charge_state(world, company) == "CANCELLED",
            "the planned retry of " + company.name + " was dropped");
    whole = world.must("GET", "/api/v1/invoices/" + company.invoice_id, company.token);
    require(whole["state"] == "PAID" && whole["paid_fen"] == whole["total_fen"],
            "the invoice of " + company.name + " was paid once");
    tell(fmt::format("paid {} once; the planned retry {} is CANCELLED", yuan(whole["paid_fen"]),
                     company.charge_id));
}

}  // namespace

Month run_month(World& world, const Narrator& tell) {
    Month month;
    month.wechat = {.corp_id = "wpcorpstarriver000001",
                    .name = "星河教育",
                    .user = "zhangwei",
                    .payer = "payer-zhang",
                    .provider = "wechat"};
    month.alipay = {.corp_id = "wpcorpgreenhill000002",
                    .name = "青山贸易",
                    .user = "lina",
                    .payer = "payer-li",
                    .provider = "alipay"};
    month.unlucky = {.corp_id = "wpcorpsmallbay0000003",
                     .name = "小湾茶业",
                     .user = "chenjun",
                     .payer = "payer-chen",
                     .provider = "wechat"};
    month.price_list_id = publish(world, demo_price_list(), tell);
    const auto key = world.must("POST", "/admin/v1/api-keys", world.admin_key(),
                                Json{{"name", "scrm"}, {"scope", "ingest"}});
    month.ingest_key = key["key"];
    for (auto* company : {&month.wechat, &month.alipay, &month.unlucky}) {
        install(world, *company, tell);
        agree(world, month.price_list_id, *company, tell);
        sign(world, *company, tell);
    }
    use_a_month(world, month, tell);
    close_october(world, month, tell);
    remind(world, month, tell);
    deduct(world, month, tell);
    fail_and_pay(world, month, tell);
    return month;
}

void show_books(World& world, const Month& month, const Narrator& tell) {
    Month fresh = month;
    log_in_again(world, fresh.wechat);
    const auto whole = world.must("GET", "/api/v1/invoices/" + fresh.wechat.invoice_id, fresh.wechat.token);
    tell("the lines of invoice " + whole["number"].get<std::string>() + ":");
    for (const auto& line : whole["lines"])
        tell(fmt::format("  {}  {}  {}", line["title"].get<std::string>(),
                         line["formula"]["formula_text"].get<std::string>(),
                         line["amount_text"].get<std::string>()));
    tell("  合计  " + whole["total_text"].get<std::string>());
    const auto chain = world.must("GET", "/api/v1/explain/" + fresh.wechat.charge_id, fresh.wechat.token);
    require(!chain["charges"].empty() && chain["usage"].contains("messages"),
            "explain shows events, consent, attempt and books");
    tell(fmt::format("explain {}: {} usage events → {} lines → consent {} → attempt {} → {} ledger rows",
                     fresh.wechat.charge_id, chain["usage"]["messages"]["events"].size(),
                     chain["lines"].size(), chain["charges"][0]["consent"]["id"].get<std::string>(),
                     chain["charges"][0]["attempts"][0]["id"].get<std::string>(),
                     chain["charges"][0]["attempts"][0]["books"].size()));

    const auto proof = world.must("GET", "/admin/v1/verify", world.admin_key());
    const auto books = world.sandbox("GET", "/sandbox/books");
    for (const auto& ours : proof["takings"]) {
        const auto& theirs = books["totals"][ours["provider"].get<std::string>()];
        tell(fmt::format("{}: our books {} in {} payments, the provider's books {} in {}",
                         ours["provider"].get<std::string>(), yuan(ours["paid_fen"]),
                         ours["payments"].get<int>(), yuan(theirs["taken_fen"]), theirs["paid"].get<int>()));
        require(ours["paid_fen"] == theirs["taken_fen"], "the provider's books equal ours");
    }
    require(books["failed_checks"].empty() && books["refused"]["count"] == 0,
            "the sandbox refused nothing: " + books["refused"].dump());
    for (const auto& violation : proof["violations"]) tell("BROKEN " + violation.dump());
    require(proof["violations"].empty(), "all invariants hold");
    tell(fmt::format("all {} invariants hold and the audit chain is whole", storage::invariants().size()));
}

}  // namespace wefee::server::demo
