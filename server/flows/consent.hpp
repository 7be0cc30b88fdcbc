// Consent before charge (B1): what is shown, what is confirmed, kept with its text and hash.
#pragma once

#include <map>
#include <string>

#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

struct ConsentWish {
    SubscriptionId subscription;
    std::string provider;                 // wechat, alipay
    Fen cap_charge;                       // most per deduction
    Fen cap_cycle;                        // most per period
    std::map<std::string, Fen> ceilings;  // by item; the others: cap_charge
    std::optional<CivilDay> valid_until;  // last day; none: until it is withdrawn
};

/// Makes the exact text with every item that the plan can ever cost, its unit price and ceiling. PRESENTED.
io::awaitable<storage::Store::ConsentView> present_consent(App& app, std::string op_id, std::string actor,
                                                           TenantId tenant, ConsentWish wish);
/// The member confirms that very text. Opens a pending subscription; an older consent of it is superseded.
/// `from`: client, address and request id as JSON. Throws Error{conflict} when the hash is another one.
io::awaitable<storage::Store::ConsentView> grant_consent(App& app, std::string op_id, std::string actor,
                                                         TenantId tenant, ConsentId consent,
                                                         std::string text_hash, std::string member,
                                                         std::string from);
io::awaitable<storage::Store::ConsentView> decline_consent(App& app, std::string op_id, std::string actor,
                                                           TenantId tenant, ConsentId consent);

}  // namespace wefee::server
