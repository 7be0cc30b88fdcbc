// Renderers. One function a part of the card; the limits stand in one table.
#include "wecom/messages.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "io/crypto.hpp"
#include "io/encoding.hpp"
#include "wecom/json.hpp"
#include "wecom/text.hpp"

namespace wefee::wecom {
namespace {

using Json = nlohmann::ordered_json;

namespace limit {  // code points, or rows where it says so
constexpr std::size_t source = 20, title = 36, lead = 44, figure_write = 10, figure_label = 22, sub = 160;
constexpr std::size_t keyname = 5, value = 30, rows = 6, jump_title = 18, jump_rows = 3, button = 10,
                      buttons = 2;
constexpr std::size_t textcard_title_bytes = 128, textcard_text_bytes = 512, textcard_button = 4;
constexpr std::size_t mini_title = 12, mini_title_min = 4, mini_key = 10, mini_value = 30, mini_pairs = 10;
constexpr std::size_t template_key = 20, template_value = 40, template_pairs = 5;
constexpr std::size_t url_bytes = 2048, page_bytes = 1024, callback_key_bytes = 1024;
}  // namespace limit

std::string required(const std::string& text, const char* what) {
    if (text.empty()) throw std::invalid_argument(std::string{"WeCom card lacks its "} + what);
    return text;
}

std::string url_of(const std::string& path, const RenderOptions& options) {
    const bool whole = path.starts_with("https://") || path.starts_with("http://");
    std::string url = whole ? path : options.public_url + path;
    if (url.size() > limit::url_bytes) throw std::invalid_argument("link of a WeCom card is too long");
    return url;
}

std::string page_of(const std::string& path, const RenderOptions& options) {
    std::string page = options.miniprogram_page + "?path=" + io::percent_encode(path);
    if (page.size() > limit::page_bytes) throw std::invalid_argument("page of a WeCom card is too long");
    return page;
}

bool into_miniprogram(const std::string& path, const RenderOptions& options) {
    return options.open_in_miniprogram && !options.miniprogram_appid.empty() && path.starts_with('/');
}

/// type 1 with url, or type 2 with appid and pagepath.
Json target(const std::string& path, const RenderOptions& options) {
    if (into_miniprogram(path, options))
        return {{"type", 2}, {"appid", options.miniprogram_appid}, {"pagepath", page_of(path, options)}};
    return {{"type", 1}, {"url", url_of(path, options)}};
}

/// The key figure, where it fits as it is or without grouping; empty: it must become a row.
std::string emphasis_of(const Card& card) {
    if (code_points(card.figure) <= limit::figure_write) return card.figure;
    std::string plain = card.figure;
    std::erase(plain, ',');
    return code_points(plain) <= limit::figure_write ? plain : std::string{};
}

CardFact figure_row(const Card& card) {
    if (code_points(card.figure_label) <= limit::keyname && !card.figure_label.empty())
        return {card.figure_label, card.figure};
    const std::string with_label = card.figure + " " + card.figure_label;
    return {"金额", code_points(with_label) <= limit::value ? with_label : card.figure};
}

struct Rows {
    std::vector<CardFact> rows;
    std::string overflow;  // facts that found no row, for the text below
};

Rows rows_of(const Card& card, bool with_figure) {
    Rows out;
    if (with_figure && !card.figure.empty()) out.rows.push_back(figure_row(card));
    for (const auto& fact : card.facts) {
        if (out.rows.size() < limit::rows)
            out.rows.push_back(fact);
        else
            out.overflow += fact.name + ":" + fact.value + "。";
    }
    return out;
}

Json horizontal_list(const std::vector<CardFact>& rows) {
    Json list = Json::array();
    for (const auto& row : rows)
        list.push_back({{"keyname", cut_code_points(row.name, limit::keyname)},
                        {"value", cut_code_points(row.value, limit::value)}});
    return list;
}

Json jump_list(const Card& card, const RenderOptions& options) {
    Json list = Json::array();
    const auto add = [&](const CardLink& link) {
        if (link.text.empty() || link.path.empty() || list.size() >= limit::jump_rows) return;
        Json item = target(link.path, options);
        item["title"] = cut_code_points(link.text, limit::jump_title);
        list.push_back(std::move(item));
    };
    add(card.primary);
    for (const auto& link : card.secondary) add(link);
    return list;
}

Json button_list(const Card& card) {
    if (card.buttons.size() > limit::buttons)
        throw std::invalid_argument("WeCom card has more than two buttons");
    Json list = Json::array();
    for (const auto& button : card.buttons) {
        if (button.key.empty() || button.key.size() > limit::callback_key_bytes)
            throw std::invalid_argument("WeCom card button needs a key of at most 1024 bytes");
        list.push_back({{"text", cut_code_points(required(button.text, "button text"), limit::button)},
                        {"style", list.empty() ? 1 : 2},
                        {"key", button.key}});
    }
    return list;
}

Json mute_menu(const Card& card) {
    Json actions = Json::array();
    for (const auto& [text, key] : {std::pair{"不再提醒此类", "mute:"}, std::pair{"每周汇总", "weekly:"},
                                    std::pair{"接收设置", "settings:"}})
        actions.push_back({{"text", text}, {"key", key + card.kind}});
    return {{"desc", "提醒设置"}, {"action_list", std::move(actions)}};
}

std::string lines_of(const Card& card) {
    std::string text = card.lead;
    const auto line = [&](const std::string& content) {
        if (content.empty()) return;
        if (!text.empty()) text += '\n';
        text += content;
    };
    if (!card.figure.empty())
        line(card.figure_label.empty() ? card.figure : card.figure_label + ":" + card.figure);
    for (const auto& fact : card.facts) line(fact.name + ":" + fact.value);
    line(card.sub);
    return text;
}

/// textcard's description knows tags; a name must not become one.
std::string without_tags(std::string text) {
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) text.replace(at, 1, "＜");
    return text;
}

/// Key figure first, then the facts.
std::vector<CardFact> pairs_of(const Card& card) {
    std::vector<CardFact> pairs;
    if (!card.figure.empty())
        pairs.push_back({card.figure_label.empty() ? "金额" : card.figure_label, card.figure});
    pairs.insert(pairs.end(), card.facts.begin(), card.facts.end());
    return pairs;
}

bool task_id_alphabet(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
               c == '-';
    });
}

}  // namespace

Rendered render_template_card(const Card& card, const RenderOptions& options) {
    const bool callbacks = !card.buttons.empty();
    const std::string emphasis = callbacks ? std::string{} : emphasis_of(card);
    const Rows rows = rows_of(card, emphasis.empty());
    Json body;
    body["card_type"] = callbacks ? "button_interaction" : "text_notice";
    body["source"] = {{"desc", cut_code_points(options.source_name, limit::source)}, {"desc_color", 1}};
    if (card.can_be_muted) body["action_menu"] = mute_menu(card);
    if (callbacks || card.can_be_muted) required(card.task_id, "task_id");
    if (!card.task_id.empty()) body["task_id"] = card.task_id;
    body["main_title"] = {{"title", cut_code_points(required(card.title, "title"), limit::title)}};
    if (!card.lead.empty()) body["main_title"]["desc"] = cut_code_points(card.lead, limit::lead);
    if (!emphasis.empty())
        body["emphasis_content"] = {{"title", emphasis},
                                    {"desc", cut_code_points(card.figure_label, limit::figure_label)}};
    const std::string sub = rows.overflow + card.sub;
    if (!sub.empty()) body["sub_title_text"] = cut_code_points(sub, limit::sub);
    if (!rows.rows.empty()) body["horizontal_content_list"] = horizontal_list(rows.rows);
    if (auto links = jump_list(card, options); !links.empty()) body["jump_list"] = std::move(links);
    body["card_action"] = target(required(card.primary.path, "primary link"), options);
    if (callbacks) body["button_list"] = button_list(card);
    return {"template_card", json_dump(body)};
}

Rendered render_textcard(const Card& card, const RenderOptions& options) {
    const bool short_text =
        !card.primary.text.empty() && code_points(card.primary.text) <= limit::textcard_button;
    Json body;
    body["title"] = cut_bytes(required(card.title, "title"), limit::textcard_title_bytes);
    body["description"] = cut_bytes(without_tags(lines_of(card)), limit::textcard_text_bytes);
    body["url"] = url_of(required(card.primary.path, "primary link"), options);
    body["btntxt"] = short_text ? card.primary.text : "详情";
    return {"textcard", json_dump(body)};
}

Rendered render_miniprogram_notice(const Card& card, const RenderOptions& options) {
    Json body;
    body["appid"] = required(options.miniprogram_appid, "mini-program appid");
    body["page"] = page_of(required(card.primary.path, "primary link"), options);
    body["title"] = miniprogram_title(card.kind);
    const std::string description = cut_code_points(card.lead, limit::mini_title);
    if (code_points(description) >= limit::mini_title_min) body["description"] = description;
    body["emphasis_first_item"] = !card.figure.empty();
    Json items = Json::array();
    for (const auto& pair : pairs_of(card))
        if (items.size() < limit::mini_pairs)
            items.push_back({{"key", cut_code_points(pair.name, limit::mini_key)},
                             {"value", cut_code_points(pair.value, limit::mini_value)}});
    body["content_item"] = std::move(items);
    return {"miniprogram_notice", json_dump(body)};
}

Rendered render_template_msg(const Card& card, const RenderOptions& options, std::string_view template_id) {
    Json body;
    body["template_id"] = required(std::string{template_id}, "template_id");
    const std::string path = required(card.primary.path, "primary link");
    if (into_miniprogram(path, options))
        body["miniprogram"] = {{"appid", options.miniprogram_appid}, {"pagepath", page_of(path, options)}};
    else
        body["url"] = url_of(path, options);
    Json items = Json::array();
    for (const auto& pair : pairs_of(card)) {
        if (items.size() >= limit::template_pairs || pair.name.empty() || pair.value.empty()) continue;
        items.push_back({{"key", cut_code_points(pair.name, limit::template_key)},
                         {"value", cut_code_points(pair.value, limit::template_value)}});
    }
    if (items.empty())
        items.push_back({{"key", "通知"},
                         {"value", cut_code_points(required(card.title, "title"), limit::template_value)}});
    body["content_item"] = std::move(items);
    return {"template_msg", json_dump(body)};
}

std::string task_id(std::string_view dedup_key, int attempt) {
    static constexpr std::size_t whole_key_max = 100;
    static constexpr std::size_t head_max = 40;
    const std::string tail = "@" + std::to_string(attempt);
    if (!dedup_key.empty() && dedup_key.size() <= whole_key_max && task_id_alphabet(dedup_key))
        return std::string{dedup_key} + tail;
    std::string id;
    for (const char c : dedup_key.substr(0, head_max)) id += task_id_alphabet({&c, 1}) ? c : '_';
    return id + "-" + io::sha256_hex(dedup_key).substr(0, 32) + tail;
}

std::string_view miniprogram_title(std::string_view kind) {
    struct Title {
        std::string_view kind;
        std::string_view text;
    };
    static constexpr std::array titles{
        Title{"upcoming", "自动扣费提前通知"},
        Title{"succeeded", "扣费成功通知"},
        Title{"failed", "扣费未成功"},
        Title{"final_failure", "扣费未成功"},
        Title{"manual_paid", "支付成功通知"},
        Title{"payment_due", "账单待付款提醒"},
        Title{"budget", "费用预算提醒"},
        Title{"consent_request", "自动扣费授权确认"},
        Title{"consent_expiring", "扣费授权即将到期"},
        Title{"consent_ended", "扣费授权已解除"},
        Title{"refund", "退款到账通知"},
        Title{"statement", "月度账单已生成"},
        Title{"plan_changed", "套餐变更已生效"},
    };
    for (const auto& title : titles)
        if (title.kind == kind) return title.text;
    return "费用通知";
}

}  // namespace wefee::wecom
