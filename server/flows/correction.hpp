// History rewritten by an operator: terms as they should have been from earlier days on. What all bills
// should have come to, less what they did, is an invoice, or below zero account credit. Read, decided as a
// value, written; a preview shows the same decision.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "billing/correction.hpp"
#include "billing/rating.hpp"
#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;
class PriceLists;

struct CorrectionWish {
    struct Entry {
        CivilDay from;
        TermsWish terms;
        std::optional<PriceListId> price_list;
    };
    std::vector<Entry> entries;
    std::string reason;
    bool preview = false;  // show it, and change nothing
};
/// Throws Error with a pointer for everything that is wrong.
CorrectionWish read_correction_wish(const nlohmann::json& body);

/// What a correction is decided from.
struct CorrectionGround {
    storage::PeriodView view;                 // the open period's
    std::vector<storage::PeriodView> closed;  // with the usage of each period that has its bill, oldest first
    storage::BilledView billed;               // all of it
    std::vector<storage::UsageLateRow> late;
    std::vector<storage::PriceListRow> lists;  // that the wish names
    Subscription after;                        // as it should have been
    Instant now{};
};
/// Throws Error{not_found} for the subscription, Error{invalid_value} with pointers for terms that do not
/// fit.
io::awaitable<CorrectionGround> load_correction(App& app, SubscriptionId id, CorrectionWish wish);

struct CorrectionDecision {
    CivilDay from{};        // the first day that is another
    RatedPeriod bill;       // the difference by item; no lines where there is none
    std::int64_t part = 0;  // of the open period's cycle, for the invoice
    std::optional<std::vector<BilledItem>>
        advance;  // of the open period, as it should have been; none: not billed yet
    struct LateBase {
        storage::UsageLateRow row;
        bool is_new = false;
    };
    std::vector<LateBase> late;  // what closed periods' usage has come to by now
};
/// Pure. Throws Error{wrong_state} when the past cannot be rewritten that way.
CorrectionDecision decide_correction(PriceLists& lists, const CorrectionGround& ground);

/// The decision as people read it.
io::awaitable<nlohmann::ordered_json> preview_correction(App& app, SubscriptionId id, CorrectionWish wish);

/// What was billed in advance for a period when it was corrected, as the correction keeps it.
std::string advance_text(const std::vector<BilledItem>& items);
std::vector<BilledItem> read_advance(const std::string& text);

}  // namespace wefee::server
