#include "server/demo/steps.hpp"

#include <fmt/format.h>

#include "billing/money.hpp"

namespace wefee::server::demo {

void require(bool happened, const std::string& what) {
    if (!happened) throw std::runtime_error("this did not happen: " + what);
}

std::string yuan(const Json& fen) { return format_yuan_for_people(Fen{fen.get<std::int64_t>()}); }

Json demo_price_list() {
    return Json{
        {"title", "企微助手 价目表"},
        {"effective_from", "2026-09-01"},
        {"features",
         {{{"code", "crm"}, {"title", "客户管理"}, {"chargeable", true}},
          {{"code", "broadcast"}, {"title", "消息群发"}, {"chargeable", true}, {"meter", "messages"}},
          {{"code", "archive"}, {"title", "会话存档"}, {"chargeable", true}}}},
        {"modules",
         {{{"code", "crm"}, {"title", "客户管理"}, {"features", {"crm"}}, {"price_micro_yuan", 99'000'000}},
          {{"code", "broadcast"},
           {"title", "消息群发"},
           {"features", {"broadcast"}},
           {"price_micro_yuan", 49'000'000}},
          {{"code", "archive"},
           {"title", "会话存档"},
           {"features", {"archive"}},
           {"price_micro_yuan", 120'000'000}}}},
        {"meters", {{{"code", "messages"}, {"title", "群发消息"}, {"unit", "条"}, {"aggregation", "sum"}}}},
        {"plans",
         {{{"code", "pro"},
           {"title", "专业版"},
           {"modules", {"crm", "broadcast"}},
           {"months", 1},
           {"price_micro_yuan", 300'000'000},
           {"included_seats", 5},
           {"seat_price_micro_yuan", 99'000'000},
           {"usage",
            {{{"meter", "messages"},
              {"model", "graduated"},
              {"tiers",
               {{{"up_to", "10000"}, {"unit_price_micro_yuan", 0}},
                {{"up_to", "15000"}, {"unit_price_micro_yuan", 50'000}},
                {{"unit_price_micro_yuan", 35'000}}}}}}}}}},
        {"tax_basis_points", 600},
        {"tax_title", "增值税"},
        {"terms",
         {{"version", "2026-09"},
          {"text", "按月后付;用量按分层计价,逐行四舍五入到分;变更当日按新方案计费。"}}},
        {"refund_policy", "未使用的天数按日退还;多收的款项原路退回。"}};
}

std::string publish(World& world, const Json& prices, const Narrator& tell) {
    const auto draft = world.must("POST", "/admin/v1/price-lists", world.admin_key(), prices);
    const auto id = draft["id"].get<std::string>();
    world.must("POST", "/admin/v1/price-lists/" + id + "/publish", world.admin_key(), Json::object());
    const auto shown = world.must("GET", "/public/v1/price-lists/current");
    require(shown["id"] == id, "the published price list is shown without login");
    tell(fmt::format("price list {} published, version {}, hash {}…: {} plan(s), shown at {}/prices", id,
                     shown["number"].get<int>(), shown["hash"].get<std::string>().substr(0, 12),
                     shown["content"]["plans"].size(), world.server_url()));
    return id;
}

void install(World& world, Company& company, const Narrator& tell) {
    world.sandbox("POST", "/sandbox/corps",
                  Json{{"corpid", company.corp_id},
                       {"name", company.name},
                       {"members",
                        {{{"userid", company.user},
                          {"name", company.user},
                          {"admin", true},
                          {"licensed", true},
                          {"visible", true}}}}});
    world.sandbox("POST", "/sandbox/users",
                  Json{{"user", company.payer}, {"wechat_balance_fen", 0}, {"alipay_balance_fen", 0}});
    world.sandbox("POST", "/sandbox/wecom/ticket", Json::object());
    world.settle();  // an authorisation that comes before any suite ticket is exchanged some seconds later
    const auto installed = world.sandbox("POST", "/sandbox/corps/" + company.corp_id + "/install",
                                         Json{{"installer", company.user}});
    require(installed["delivery"]["accepted"].get<bool>(), "create_auth was answered with success");
    world.settle();
    const auto code =
        world.sandbox("POST", "/sandbox/login-codes",
                      Json{{"kind", "wecom"}, {"corpid", company.corp_id}, {"userid", company.user}});
    const auto wechat_code =
        world.sandbox("POST", "/sandbox/login-codes", Json{{"kind", "wechat"}, {"user", company.payer}});
    const auto session = world.must("POST", "/api/v1/session", "",
                                    Json{{"code", code["code"]}, {"wechat_code", wechat_code["code"]}});
    company.token = session["token"];
    company.tenant_id = session["tenant_id"];
    tell(fmt::format(
        "{} installed the app: create_auth received, tenant {}, {} logs in from the mini-program as {}",
        company.name, company.tenant_id, company.user, session["role"].get<std::string>()));
}

void log_in_again(World& world, Company& company) {
    const auto code =
        world.sandbox("POST", "/sandbox/login-codes",
                      Json{{"kind", "wecom"}, {"corpid", company.corp_id}, {"userid", company.user}});
    const auto wechat_code =
        world.sandbox("POST", "/sandbox/login-codes", Json{{"kind", "wechat"}, {"user", company.payer}});
    company.token = world.must("POST", "/api/v1/session", "",
                               Json{{"code", code["code"]}, {"wechat_code", wechat_code["code"]}})["token"];
}

void agree(World& world, const std::string& price_list_id, Company& company, const Narrator& tell) {
    const auto subscription = world.must("POST", "/api/v1/subscriptions", company.token,
                                         Json{{"price_list_id", price_list_id},
                                              {"terms_version", "2026-09"},
                                              {"plan", "pro"},
                                              {"seats", 30},
                                              {"payment_way", "automatic"}});
    company.subscription_id = subscription["id"];
    const auto consent = world.must("POST", "/api/v1/consents", company.token,
                                    Json{{"subscription_id", company.subscription_id},
                                         {"provider", company.provider},
                                         {"cap_charge_fen", 500'000}});
    company.consent_id = consent["id"];
    tell(fmt::format("{} reads consent {}: {} items, at most {} a deduction, text hash {}…", company.name,
                     company.consent_id, consent["items"].size(), yuan(consent["cap_charge_fen"]),
                     consent["text_hash"].get<std::string>().substr(0, 12)));
    world.must("POST", "/api/v1/consents/" + company.consent_id + "/grant", company.token,
               Json{{"text_hash", consent["text_hash"]}});
}

void sign(World& world, Company& company, const Narrator& tell) {
    const auto mandate =
        world.must("POST", "/api/v1/mandates", company.token, Json{{"consent_id", company.consent_id}});
    company.mandate_id = mandate["id"];
    const auto link = mandate["signing_url"].is_string() ? mandate["signing_url"].get<std::string>()
                                                         : mandate["mini_program"].dump();
    world.sandbox("POST", "/sandbox/mandates/sign", Json{{"user", company.payer}, {"link", link}});
    world.settle();
    const auto active = world.must("GET", "/api/v1/mandates/" + company.mandate_id, company.token);
    require(active["state"] == "ACTIVE",
            "the mandate of " + company.name + " is active after the sign notice");
    tell(fmt::format("consent granted; mandate {} signed at {}: contract {}", company.mandate_id,
                     company.provider, active["contract_id"].get<std::string>()));
}

}  // namespace wefee::server::demo
