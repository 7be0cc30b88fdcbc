// Consents (B1) and what they cover: nothing is deducted that a member did not confirm, to the fen.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "billing/facts.hpp"
#include "billing/ids.hpp"
#include "billing/rating.hpp"

namespace wefee {

struct ConsentItem {
    std::string code;
    std::string title = {};
    MicroYuan unit_price = {};
    std::string unit = {};
    std::string how_counted = {};
    Fen ceiling = {};  // most that this item may cost on one invoice
};

struct Consent {
    ConsentId id = {};
    TenantId tenant = {};
    Provider provider{};
    std::string account = {};  // as shown: 微信支付(尾号 0912)
    std::vector<ConsentItem> items = {};
    Fen cap_charge = {};
    Fen cap_cycle = {};
    Instant valid_from{};
    std::optional<Instant> valid_to = {};  // not at or after this
    std::string text_version = {};
    std::string text_hash = {};
};

/// A line as far as consent is concerned.
struct CoverLine {
    std::string code;
    MicroYuan unit_price;
    Fen amount;
    bool metered = false;  // included credits pay such amounts
};
std::vector<CoverLine> cover_lines(const RatedPeriod& rated);

enum class CoverProblem {
    item_not_consented,
    unit_price_above,
    above_item_ceiling,
    above_charge_cap,
    above_cycle_cap,
    not_yet_valid,
    no_longer_valid,
    nothing_to_collect
};
std::string_view cover_problem_name(CoverProblem problem);

struct Blocked {
    std::string item_code;  // "" : the whole deduction
    CoverProblem problem;
    std::int64_t wanted = 0;  // fen; micro-yuan for unit_price_above
    std::int64_t allowed = 0;
};

/// One blocked item blocks the automatic deduction of the whole invoice; it is then paid by a person.
struct Cover {
    bool ok = false;
    std::vector<Blocked> blocked = {};
    Fen automatic = {};  // the amount, or nothing
    Fen manual = {};     // nothing, or the amount
    std::vector<std::string> items_needing_consent = {};
};

/// `amount`: what is to be deducted now; `taken_in_cycle`: deducted or reserved already under this consent
/// and cycle; `at`: the planned moment. Amounts below zero need only be named; a credit that was agreed to
/// may not be smaller, nor missing where metered amounts are charged; it may begin in the middle of the bill.
Cover covers(const Consent& consent, std::span<const CoverLine> lines, Fen amount, Fen taken_in_cycle,
             Instant at);

enum class ConsentDifference {
    item_added,
    unit_price_raised,
    ceiling_raised,
    charge_cap_raised,
    cycle_cap_raised,
    provider_changed,
    account_changed,
    valid_longer,
    item_removed,  // these four only need a notice
    unit_price_lowered,
    ceiling_lowered,
    cap_lowered
};
struct ConsentChange {
    std::string item_code;
    ConsentDifference difference;
};

/// Added or raised anything asks again; lowered is told.
struct ConsentComparison {
    bool needs_consent = false;
    bool needs_notice = false;
    std::vector<ConsentChange> changes = {};
};
ConsentComparison compare(const Consent& old_consent, const Consent& new_consent);
bool needs_new_consent(const Consent& old_consent, const Consent& new_consent);

}  // namespace wefee
