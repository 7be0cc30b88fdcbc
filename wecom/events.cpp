// Events by kind, as a table from InfoType or Event to its reader.
#include "wecom/events.hpp"

#include <array>
#include <stdexcept>

#include "wecom/message_fields.hpp"

namespace wefee::wecom {
namespace {

std::string text(const MessageFields& fields, std::string_view name) { return std::string{fields.get(name)}; }

std::string required(const MessageFields& fields, std::string_view name) {
    const auto value = fields.get(name);
    if (value.empty())
        throw std::runtime_error("WeCom event " + std::string{fields.kind()} + " lacks " + std::string{name});
    return std::string{value};
}

std::string required_corp(const MessageFields& fields) {
    if (fields.corp_id().empty())
        throw std::runtime_error("WeCom event " + std::string{fields.kind()} + " names no corp");
    return std::string{fields.corp_id()};
}

std::int64_t agent(const MessageFields& fields) { return to_number(fields.get("AgentID")); }

Fact suite_ticket(const MessageFields& f) {
    return SuiteTicket{required(f, "SuiteId"), required(f, "SuiteTicket"), f.at()};
}
Fact auth_created(const MessageFields& f) {
    return AuthCreated{required(f, "SuiteId"), required(f, "AuthCode"), text(f, "State"), f.at()};
}
Fact auth_changed(const MessageFields& f) {
    return AuthChanged{required(f, "SuiteId"), required_corp(f), f.at()};
}
Fact auth_cancelled(const MessageFields& f) {
    return AuthCancelled{required(f, "SuiteId"), required_corp(f), f.at()};
}
Fact code_reset(const MessageFields& f) {
    return PermanentCodeReset{required(f, "SuiteId"), required(f, "AuthCode"), f.at()};
}
Fact contact_changed(const MessageFields& f) {
    return ContactChanged{required_corp(f), text(f, "ChangeType"), std::string{f.subject()}, f.at()};
}
Fact visibility_changed(const MessageFields& f) {
    return ContactChanged{required_corp(f), std::string{f.kind()}, text(f, "FromUserName"), f.at()};
}
Fact admins_changed(const MessageFields& f) { return AppAdminsChanged{required_corp(f), agent(f), f.at()}; }

/// Options follow their question in document order; a new QuestionKey begins the next selection.
std::vector<CardClicked::Selection> selections(const MessageFields& fields) {
    std::vector<CardClicked::Selection> out;
    for (const auto& [name, value] : fields.all()) {
        if (name == "SelectedItems.SelectedItem.QuestionKey") out.push_back({value, {}});
        const bool option = name == "SelectedItems.SelectedItem.OptionIds.OptionId" ||
                            name == "SelectedItems.SelectedItem.OptionIds";
        if (option && !out.empty() && !value.empty()) out.back().options.push_back(value);
    }
    return out;
}

Fact card_clicked(const MessageFields& f) {
    CardClicked click;
    click.corp_id = required_corp(f);
    click.user_id = required(f, "FromUserName");
    click.agent_id = agent(f);
    click.task_id = text(f, "TaskId");
    click.key = text(f, "EventKey");
    click.card_type = text(f, "CardType");
    click.response_code = text(f, "ResponseCode");
    click.menu = f.kind() == "template_card_menu_event";
    click.selections = selections(f);
    click.at = f.at();
    return click;
}

Fact member_message(const MessageFields& f) {
    return MemberMessage{text(f, "ToUserName"), text(f, "FromUserName"), agent(f), text(f, "MsgId"),
                         text(f, "MsgType"),    text(f, "Content"),      f.at()};
}

struct Reader {
    std::string_view kind;
    Fact (*read)(const MessageFields&);
};
constexpr std::array readers{
    Reader{"suite_ticket", suite_ticket},
    Reader{"create_auth", auth_created},
    Reader{"change_auth", auth_changed},
    Reader{"cancel_auth", auth_cancelled},
    Reader{"reset_permanent_code", code_reset},
    Reader{"change_contact", contact_changed},
    Reader{"subscribe", visibility_changed},
    Reader{"unsubscribe", visibility_changed},
    Reader{"change_app_admin", admins_changed},
    Reader{"template_card_event", card_clicked},
    Reader{"template_card_menu_event", card_clicked},
    Reader{"message", member_message},
};

}  // namespace

std::string_view Other::get(std::string_view name) const {
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return {};
}

Fact decode(std::string_view plaintext) {
    const auto fields = MessageFields::read(plaintext);
    if (!fields) throw std::runtime_error("not a WeCom message");
    for (const auto& reader : readers)
        if (reader.kind == fields->kind()) return reader.read(*fields);
    return Other{std::string{fields->kind()}, std::string{fields->corp_id()}, fields->all(), fields->at()};
}

}  // namespace wefee::wecom
