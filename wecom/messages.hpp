// From a neutral notice to WeCom message bodies (documents 90236 and 90372). Lengths are kept here, in code
// points: what the documents only advise is cut on our side, and never inside an amount or a date.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wefee::wecom {

struct CardLink {
    std::string text;
    std::string path;  // "/b/inv_..." under public_url; a whole http(s) URL stays as it is
};

/// Calls back with `key`. Only for what makes money stop or be looked at; everything else happens on a page.
struct CardButton {
    std::string text;
    std::string key;
};

struct CardFact {
    std::string name;
    std::string value;
};

struct Card {
    std::string kind;  // of the notice, for the mini-program's title and the menu's keys
    std::string title;
    std::string lead;
    std::string figure;  // "¥3,612.50"; may be empty
    std::string figure_label;
    std::vector<CardFact> facts;  // at most 6 are shown
    std::string sub;
    CardLink primary;
    std::vector<CardLink> secondary;  // at most 2 are shown
    std::vector<CardButton> buttons;  // at most 2
    bool can_be_muted = false;        // class may: carries the menu 不再提醒此类 / 每周汇总 / 接收设置
    std::string task_id;              // from task_id(); required with buttons or menu
};

struct RenderOptions {
    std::string public_url;  // https://pay.example.com
    std::string source_name = "费用中心";
    bool open_in_miniprogram = false;  // card_action and links lead into the mini-program
    std::string miniprogram_appid;
    std::string miniprogram_page = "pages/open/index";  // gets ?path=<encoded path of the link>
};

/// A message without its recipients and agent: Client::send_message puts those around it.
struct Rendered {
    std::string msgtype;
    std::string content;  // JSON object: the member named as msgtype
};

/// template_card: text_notice, or button_interaction when there are buttons. Pure.
/// Throws std::invalid_argument when a part that WeCom requires is missing (title, primary link, task_id).
Rendered render_template_card(const Card& card, const RenderOptions& options);
/// textcard, where cards are not available. No buttons, no menu.
Rendered render_textcard(const Card& card, const RenderOptions& options);
/// miniprogram_notice, for apps of mini-program kind.
Rendered render_miniprogram_notice(const Card& card, const RenderOptions& options);
/// template_msg, the only kind that stand-alone third-party apps may send; `template_id` is the approved
/// template.
Rendered render_template_msg(const Card& card, const RenderOptions& options, std::string_view template_id);

/// Unique per app for ever: the notice's key in WeCom's alphabet (0-9 A-Z a-z _ - @), at most 128 characters;
/// long or foreign keys become head + hash. A new `attempt` makes a new card.
std::string task_id(std::string_view dedup_key, int attempt);

/// The title that a kind has as a mini-program notice (4 to 12 characters); 费用通知 for kinds without one.
std::string_view miniprogram_title(std::string_view kind);

}  // namespace wefee::wecom
