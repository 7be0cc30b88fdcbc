// Quotes (A10): a change is shown with every line, holds for 15 minutes, and is confirmed as it was shown or
// not at all.
#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "io/async.hpp"
#include "server/flows/change_decision.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// What the subscription has on a day.
nlohmann::ordered_json terms_view(const Subscription& subscription, CivilDay day);

/// What a change does, as the quote shows it: the same decision always gives the same text.
nlohmann::ordered_json change_view(const ChangeGround& ground, const ChangeDecision& decision,
                                   const ChangeWish& wish);

/// Stores what the wish (a request's body) would do now. Throws Error{invalid_value} with pointers for a wish
/// that does not fit. The same operation gives the same quote.
io::awaitable<storage::QuoteRow> quote_change(App& app, std::string op_id, std::string actor, TenantId tenant,
                                              SubscriptionId id, std::string wish);

/// What a confirmation came to: done, or another quote because something had changed since it was shown.
struct Confirmation {
    storage::QuoteRow quote;
    std::optional<storage::SubscriptionRow> changed;  // done
    bool expired = false;
};
/// Makes the quoted change. Idempotent by the quote. Throws Error{not_found} for a quote of another
/// subscription.
io::awaitable<Confirmation> confirm_change(App& app, std::string actor, TenantId tenant, SubscriptionId id,
                                           QuoteId quote);

/// Where two quotes differ: {pointer, old, new}, one for each value.
nlohmann::ordered_json quote_differences(const storage::QuoteRow& older, const storage::QuoteRow& newer);

/// A change that needs no quote: by an operator.
io::awaitable<storage::SubscriptionRow> make_change(App& app, std::string op_id, std::string actor,
                                                    SubscriptionId id, ChangeWish wish);

}  // namespace wefee::server
