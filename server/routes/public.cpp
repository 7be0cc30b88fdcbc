// The price list in force, without login: JSON for machines, a page for people (A2).
#include <fmt/format.h>

#include "server/flows/price_lists.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/problem.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) switch (c) {
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '&': result += "&amp;"; break;
            case '"': result += "&quot;"; break;
            default: result += c;
        }
    return result;
}

std::string usage_rows(const PriceList& prices, const Plan& plan) {
    std::string rows;
    for (const auto& usage : plan.usage) {
        const auto* meter = find_meter(prices, usage.meter);
        const auto title = meter ? meter->title : usage.meter;
        if (usage.tiers.empty())
            rows += fmt::format("<tr><td>{}</td><td>{} / {}</td><td>含 {}</td></tr>", escaped(title),
                                format_unit_price(usage.unit_price), escaped(meter ? meter->unit : ""),
                                format_quantity_for_people(usage.included));
        for (const auto& tier : usage.tiers)
            rows += fmt::format("<tr><td>{}</td><td>{} / {}</td><td>{}</td></tr>", escaped(title),
                                format_unit_price(tier.unit_price), escaped(meter ? meter->unit : ""),
                                tier.up_to ? "至 " + format_quantity_for_people(*tier.up_to) : "以上");
    }
    return rows;
}

std::string page(const PriceList& prices, const storage::PriceListRow& row) {
    std::string body = fmt::format("<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{0}</title></head>"
                                   "<body><h1>{0}</h1><p>第 {1} 版,自 {2} 起生效</p>",
                                   escaped(prices.title), row.number, row.effective_from ? format_day(*row.effective_from) : "");
    for (const auto& plan : prices.plans)
        body += fmt::format("<h2>{}</h2><table><tr><td>套餐</td><td>{} / {} 个月</td><td>含 {} 席</td></tr>"
                            "<tr><td>席位</td><td>{} / 席</td><td></td></tr>{}</table>",
                            escaped(plan.title), format_unit_price(plan.price), plan.months, plan.included_seats,
                            format_unit_price(plan.seat_price), usage_rows(prices, plan));
    body += "<h2>功能模块</h2><table>";
    for (const auto& module : prices.modules)
        body += fmt::format("<tr><td>{}</td><td>{}</td></tr>", escaped(module.title),
                            module.price ? format_unit_price(*module.price) : "含在套餐内");
    return body + fmt::format("</table><h2>条款 {}</h2><p>{}</p><h2>退费规则</h2><p>{}</p></body></html>",
                              escaped(prices.terms.version), escaped(prices.terms.text), escaped(prices.refund_policy));
}

io::awaitable<storage::PriceListRow> in_force(Call& call) {
    auto row = co_await call.app.store.price_list_on(civil_day(call.app.clock.now()));
    if (!row) throw Error(Errc::not_found, "no price list is published yet");
    co_return std::move(*row);
}

}  // namespace

Answer current_price_list(Call& call) { co_return json_response(view::price_list(co_await in_force(call), true)); }

Answer price_list_page(Call& call) {
    const auto row = co_await in_force(call);
    io::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.body = page(*call.app.price_lists->parsed(row), row);
    co_return response;
}

}  // namespace wefee::server::handlers
