#include "server/routes/price_page.hpp"

#include <fmt/format.h>

#include "billing/price_list_fields.hpp"
#include "billing/price_words.hpp"
#include "io/crypto.hpp"
#include "io/encoding.hpp"

namespace wefee::server {
namespace {

/// Two columns that fold on narrow screens; both colour schemes with a contrast above 4.5:1.
constexpr std::string_view style =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1d2129;--soft:#4e5969;--line:#d9dde4;--band:#f4f6f9}"
    "@media(prefers-color-scheme:dark){:root{--paper:#17191d;--ink:#f0f1f3;--soft:#b4bac4;--line:#3a3f47;--"
    "band:#22252b}}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,sans-serif}"
    "main{max-width:720px;margin:0 auto;padding:16px}"
    "h1{font-size:24px}h2{font-size:20px;margin-top:32px}h3{font-size:17px}"
    "p,td,th{overflow-wrap:anywhere}.soft{color:var(--soft);font-size:14px}.text{white-space:pre-wrap}"
    "table{width:100%;border-collapse:collapse}"
    "th,td{text-align:left;vertical-align:top;padding:8px;border-bottom:1px solid "
    "var(--line);font-weight:400}"
    "th{width:42%;background:var(--band)}"
    "@media(max-width:400px){th,td{display:block;width:auto;padding:6px 8px}th{border-bottom:0}}";

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) switch (c) {
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '&':
                result += "&amp;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                result += c;
        }
    return result;
}

std::string row(std::string_view what, std::string_view costs) {
    return fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(what), escaped(costs));
}

std::string table(const std::string& rows) { return "<table>\n" + rows + "</table>\n"; }

std::string heading(std::string_view title) { return fmt::format("<h2>{}</h2>\n", escaped(title)); }

std::string module_rows(const PriceList& prices, const std::vector<std::string>& codes) {
    std::string rows;
    for (const auto& code : codes)
        if (const auto* module = find_module(prices, code))
            rows += row("含模块:" + module->title, module_words(*module));
    return rows;
}

std::string plans(const PriceList& prices) {
    auto text = heading("套餐");
    for (const auto& plan : prices.plans) {
        std::string rows;
        for (const auto& words : plan_words(prices, plan)) rows += row(words.what, words.costs);
        text += fmt::format("<h3>{}</h3>\n", escaped(plan.title)) +
                table(rows + module_rows(prices, plan.modules));
    }
    return text;
}

std::string add_ons(const PriceList& prices) {
    std::string text;
    for (const auto& offer : prices.add_ons)
        text += fmt::format("<h3>{}</h3>\n", escaped(offer.title)) +
                table(row("加购价格", add_on_words(prices, offer)) + module_rows(prices, offer.modules));
    return text.empty() ? text : heading("加购包") + text;
}

std::string one_offs(const PriceList& prices) {
    std::string rows;
    for (const auto& offer : prices.one_offs) rows += row(offer.title, one_off_words(offer));
    return rows.empty() ? rows : heading("一次性项目") + table(rows);
}

std::string features_of(const PriceList& prices, const Module& module) {
    std::string titles;
    for (const auto& code : module.features)
        if (const auto* feature = find_feature(prices, code))
            titles += (titles.empty() ? ",含功能:" : "、") + feature->title;
    return titles;
}

std::string modules(const PriceList& prices) {
    std::string rows;
    for (const auto& module : prices.modules)
        rows += row(module.title, module_words(module) + features_of(prices, module));
    return rows.empty() ? rows : heading("功能模块") + table(rows);
}

std::string features(const PriceList& prices) {
    std::string rows;
    for (const auto& feature : prices.features)
        if (feature.chargeable) rows += row(feature.title, feature_words(prices, feature));
    return rows.empty() ? rows : heading("可能产生费用的功能") + table(rows);
}

std::string meters(const PriceList& prices) {
    std::string rows;
    for (const auto& meter : prices.meters) rows += row(meter.title, meter_words(meter));
    return rows.empty() ? rows : heading("计量方式") + table(rows);
}

std::string coupons(const PriceList& prices) {
    std::string rows;
    for (const auto& offer : prices.coupons) rows += row(offer.title, coupon_words(offer));
    return rows.empty() ? rows : heading("优惠") + table(rows);
}

std::string tax(const PriceList& prices) {
    const auto rate = shown_number({.decimals = 2, .unit = "%"}, prices.tax_basis_points);
    const auto words = prices.tax_basis_points == 0 ? "不另收" : "在以上价格之外加收 " + rate;
    return heading("税费") + table(row(prices.tax_title, words));
}

std::string long_text(const std::string& title, const std::string& text) {
    return heading(title) + fmt::format("<p class=\"text\">{}</p>\n", escaped(text));
}

}  // namespace

std::string price_page(const PriceList& prices) {
    const auto from = prices.effective_from.ok() ? format_day(prices.effective_from) : std::string{};
    auto page = fmt::format(
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\"><title>{0}</title><style>{1}</style></head>\n"
        "<body><main>\n<h1>{0}</h1>\n<p class=\"soft\">第 {2} 版,自 {3} "
        "起生效。本页列出全部可能产生的费用;金额为人民币。"
        "已开通的订阅按其开通时的版本计费。</p>\n",
        escaped(prices.title), style, prices.version, from);
    page += plans(prices) + add_ons(prices) + one_offs(prices) + modules(prices) + features(prices) +
            meters(prices) + coupons(prices) + tax(prices);
    page += long_text("退费规则", prices.refund_policy);
    page += long_text("服务条款 " + prices.terms.version, prices.terms.text);
    return page + "</main></body></html>\n";
}

const std::string& price_page_policy() {
    static const std::string policy = [] {
        const auto digest = io::sha256(style);
        const std::string_view bytes{reinterpret_cast<const char*>(digest.data()), digest.size()};
        return fmt::format(
            "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors "
            "'none'",
            io::base64_encode(bytes));
    }();
    return policy;
}

}  // namespace wefee::server
