// Rules of WeCom's template cards and the 420xx code that breaking one gives. Text lengths, which the
// documents give as advice, are enforced: a card that passes here passes anywhere.
#include <nlohmann/json.hpp>
#include <set>

#include "sandbox/json_fields.hpp"
#include "sandbox/wecom.hpp"

namespace wefee::sandbox {
namespace {

using nlohmann::json;

struct Mistake {
    int code;
    std::string text;
};

void need(bool right, int code, const char* text) {
    if (!right) throw Mistake{code, text};
}

/// Present, not empty, not longer than `most` characters.
bool fits(const json& object, std::string_view name, std::size_t most) {
    const auto text = text_at(object, name);
    return !text.empty() && count_characters(text) <= most;
}

bool fits_if_there(const json& object, std::string_view name, std::size_t most) {
    return count_characters(text_at(object, name)) <= most;
}

bool is_address(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

/// type 1 wants a url, type 2 an appid.
void check_target(const json& object, std::int64_t type, int url_code) {
    if (type == 1) need(is_address(text_at(object, "url")), url_code, "url");
    if (type == 2) need(!text_at(object, "appid").empty(), 42030, "appid");
}

const json& list(const json& object, const char* name, std::size_t least, std::size_t most, int code) {
    static const json none = json::array();
    const auto found = object.find(name);
    const auto& items = found == object.end() ? none : *found;
    need(items.is_array() && items.size() >= least && items.size() <= most, code, name);
    return items;
}

void check_common(const json& card) {
    need(fits_if_there(card, "source.desc", 20), 42033, "source.desc");
    need(fits_if_there(card, "main_title.title", 36), 42033, "main_title.title");
    need(fits_if_there(card, "main_title.desc", 44), 42033, "main_title.desc");
    need(fits_if_there(card, "sub_title_text", 160), 42033, "sub_title_text");
    for (const auto& item : list(card, "horizontal_content_list", 0, 6, 42035)) {
        need(fits(item, "keyname", 5), 42027, "horizontal_content_list.keyname");
        need(fits_if_there(item, "value", 30), 42027, "horizontal_content_list.value");
        const auto type = number_at(item, "type");
        if (type == 1) need(is_address(text_at(item, "url")), 42028, "horizontal_content_list.url");
        if (type == 2) need(!text_at(item, "media_id").empty(), 42029, "media_id");
        if (type == 3) need(!text_at(item, "userid").empty(), 42050, "userid");
    }
    for (const auto& item : list(card, "jump_list", 0, 3, 42042)) {
        need(fits(item, "title", 18), 42033, "jump_list.title");
        check_target(item, number_at(item, "type"), 42028);
    }
    if (card.contains("card_action")) {
        const auto type = number_at(card, "card_action.type");
        need(type >= 0 && type <= 2, 42045, "card_action.type");
        check_target(card["card_action"], type, 42045);
    }
    if (card.contains("action_menu")) {
        need(!text_at(card, "task_id").empty(), 42014, "task_id");
        std::set<std::string> keys;
        for (const auto& item : list(card["action_menu"], "action_list", 1, 3, 42037))
            need(keys.insert(text_at(item, "key")).second, 42051, "action_list.key");
    }
}

void check_notice(const json& card, bool news) {
    const auto action = number_at(card, "card_action.type");
    need(action == 1 || action == 2, 42045, "card_action");
    const bool titled = !text_at(card, "main_title.title").empty();
    if (!news)
        need(titled || !text_at(card, "sub_title_text").empty(), 42033, "main_title.title or sub_title_text");
    if (!news)
        need(fits_if_there(card, "emphasis_content.title", 14) &&
                 fits_if_there(card, "emphasis_content.desc", 22),
             42033, "emphasis_content");
    if (!news) return;
    need(titled, 42033, "main_title.title");
    need(card.contains("card_image") || card.contains("image_text_area"), 42044, "card_image");
    for (const auto& item : list(card, "vertical_content_list", 0, 4, 42036))
        need(fits(item, "title", 38) && fits_if_there(item, "desc", 160), 42033, "vertical_content_list");
}

void check_buttons(const json& card) {
    need(!text_at(card, "main_title.title").empty(), 42033, "main_title.title");
    need(!text_at(card, "task_id").empty(), 42014, "task_id");
    std::set<std::string> keys;
    for (const auto& button : list(card, "button_list", 1, 6, 42037)) {
        need(fits(button, "text", 10), 42038, "button_list.text");
        const bool opens_page = number_at(button, "type") == 1;
        if (opens_page) need(is_address(text_at(button, "url")), 42028, "button_list.url");
        if (opens_page) continue;
        const auto key = text_at(button, "key");
        need(!key.empty() && key.size() <= 1'024 && keys.insert(key).second, 42039, "button_list.key");
    }
}

void check_options(const json& holder, std::size_t most, std::size_t text_most) {
    need(!text_at(holder, "question_key").empty(), 42043, "question_key");
    std::set<std::string> ids;
    for (const auto& option : list(holder, "option_list", 1, most, 42037)) {
        need(ids.insert(text_at(option, "id")).second && fits(option, "id", 128), 42040, "option_list.id");
        need(fits(option, "text", text_most), 42041, "option_list.text");
    }
}

void check_submit(const json& card) {
    need(!text_at(card, "task_id").empty(), 42014, "task_id");
    need(fits(card, "submit_button.key", 1'024), 42046, "submit_button.key");
    need(fits(card, "submit_button.text", 10), 42049, "submit_button.text");
}

void check_card(const json& card) {
    need(card.is_object(), 42031, "template_card");
    check_common(card);
    const auto type = text_at(card, "card_type");
    if (type == "text_notice") return check_notice(card, false);
    if (type == "news_notice") return check_notice(card, true);
    if (type == "button_interaction") return check_buttons(card);
    if (type == "vote_interaction") {
        check_submit(card);
        return check_options(card.value("checkbox", json::object()), 20, 17);
    }
    if (type == "multiple_interaction") {
        check_submit(card);
        for (const auto& select : list(card, "select_list", 1, 3, 42047)) check_options(select, 10, 16);
        return;
    }
    throw Mistake{42031, "card_type"};
}

}  // namespace

int card_mistake(const json& card, std::string& text) {
    try {
        check_card(card);
    } catch (const Mistake& mistake) {
        text = mistake.text;
        return mistake.code;
    }
    return 0;
}

}  // namespace wefee::sandbox
