// A decrypted message as a flat list of named texts, whatever its form (XML of the suite or the app shape,
// JSON).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/time.hpp"

namespace wefee::wecom {

class MessageFields {
public:
    /// nullopt: not strict UTF-8, malformed, over the limits of the guards, neither XML nor a JSON object.
    static std::optional<MessageFields> read(std::string_view message);

    /// Leaves in document order; nested names are joined by '.', repeated ones stay repeated
    /// ("AccountList.ActiveCode"). JSON of lower-case form gets the XML names where it has the same fact.
    const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }
    /// The first of that name; empty when absent, self-closed or empty.
    std::string_view get(std::string_view name) const;
    std::vector<std::string_view> every(std::string_view name) const;

    /// InfoType; else Event of an event; else "message".
    std::string_view kind() const;
    /// AuthCorpId, PaidCorpId, or ToUserName of messages that name the receiver; may be empty.
    std::string_view corp_id() const;
    /// TimeStamp or CreateTime as the text that it is; may be empty.
    std::string_view time_text() const;
    /// The same as an instant; the epoch when it is absent or not a number.
    Instant at() const;
    /// UserID, Id or TagId of a contact change.
    std::string_view subject() const;

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Digits to a number; 0 when it is not one.
std::int64_t to_number(std::string_view text);

}  // namespace wefee::wecom
