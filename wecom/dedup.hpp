// How two callbacks are known to be the same one: a table from the event's kind to the fields of its key.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "wecom/message_fields.hpp"

namespace wefee::wecom {

/// Names of a rule's fields: elements of the message, or "corp", "time", "subject" (MessageFields' readers).
struct DedupRule {
    std::string_view kind;
    std::array<std::string_view, 5> fields;
    bool payload_hash = false;  // distinct events of one second may share all the fields
};

inline constexpr std::array dedup_rules{
    DedupRule{"message", {"MsgId"}},
    DedupRule{"suite_ticket",
              {"time", "SuiteTicket"}},  // only byte repeats: the greatest TimeStamp wins anyway
    DedupRule{"create_auth", {"AuthCode"}},
    DedupRule{"reset_permanent_code", {"AuthCode"}},
    DedupRule{"change_auth", {"corp", "time"}},
    DedupRule{"cancel_auth", {"corp", "time"}},
    DedupRule{"corp_arch_auth", {"corp", "time"}},
    DedupRule{"change_contact", {"corp", "ChangeType", "subject", "time"}, true},
    DedupRule{"change_external_contact", {"corp", "ChangeType", "UserID", "ExternalUserID", "time"}, true},
    DedupRule{"change_external_chat", {"corp", "ChangeType", "ChatId", "time"}, true},
    DedupRule{"open_order", {"PaidCorpId", "OrderId"}},
    DedupRule{"pay_for_app_success", {"PaidCorpId", "OrderId"}},
    DedupRule{"cancel_order", {"PaidCorpId", "OrderId"}},
    DedupRule{"refund", {"PaidCorpId", "OrderId", "time"}},
    DedupRule{"change_order", {"PaidCorpId", "OldOrderId", "NewOrderId"}},
    DedupRule{"change_editon", {"PaidCorpId", "time"}},
    DedupRule{"license_pay_success", {"AuthCorpId", "OrderId"}},  // has no OrderStatus
    DedupRule{"license_refund", {"AuthCorpId", "OrderId", "OrderStatus"}},
    DedupRule{"auto_activate",
              {"AuthCorpId", "AccountList.ActiveCode", "AccountList.UserId", "AccountList.ExpireTime"}},
    DedupRule{"template_card_event", {"ResponseCode"}},
    DedupRule{"template_card_menu_event", {"ResponseCode"}},
};

/// "<scope>:<kind>:<sha256>": the hash is over the rule's fields (every value of repeated ones), or over the
/// whole message when no rule names the kind or a field of the rule is missing. At most 191 characters, holds
/// no plain ids of people. Unique within (URL kind, suite or agent), which `scope` names.
std::string dedup_key(std::string_view scope, const MessageFields& fields, std::string_view message);

}  // namespace wefee::wecom
