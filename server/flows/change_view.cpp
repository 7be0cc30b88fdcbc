// A decided change as people read it.
#include <algorithm>

#include "billing/add_on_search.hpp"
#include "server/app.hpp"
#include "server/flows/quote.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/terms.hpp"
#include "server/http/views.hpp"

namespace wefee::server {
namespace {

using view::Json;

Json lines_view(const ChangeGround& ground, const RatedPeriod& bill, const Subscription& subscription) {
    Json lines = Json::array();
    for (const auto& line : bill.lines) {
        storage::PriceListRow list;  // the evidence names it
        const auto& prices = *terms_on(subscription, line.period.start).prices;
        list.id = PriceListId{prices.id};
        list.number = prices.version;
        list.body_hash = ground.move_to && ground.move_to->id == list.id ? ground.move_to->body_hash
                                                                         : ground.view.price_list.body_hash;
        for (const auto& known : ground.view.price_lists)
            if (known.id == list.id) list.body_hash = known.body_hash;
        lines.push_back(view::line(line_row(line, {}, {}, 0, list)));
    }
    return lines;
}

Json credits_view(const ChangeBill& bill) {
    Json credits = Json::array();
    for (const auto& credit : bill.credits)
        credits.push_back({{"item_code", credit.item_code},
                           {"title", credit.title},
                           {"first_day", format_day(credit.unused.start)},
                           {"last_day", format_day(add_days(credit.unused.end, -1))},
                           {"formula_text", credit.text},
                           {"net_fen", credit.net.count()},
                           {"tax_fen", credit.tax.count()},
                           {"total_fen", credit.total.count()}});
    return credits;
}

std::string_view billed_with_name(const ChangeDecision& decision) {
    if (decision.at_period_end) return "period";
    switch (decision.with) {
        case BilledWith::change:
            return "change";
        case BilledWith::opening:
            return "opening";
        case BilledWith::period:
            return "period";
        case BilledWith::one_off:
            return "one_off";
    }
    return "";
}

Json due_now(const ChangeGround& ground, const ChangeDecision& decision) {
    const auto& bill = decision.settled.bill;
    const auto to_pay = bill.charge.total - decision.credit_used;
    return {{"lines", lines_view(ground, bill.charge, decision.after)},
            {"total_fen", bill.charge.total.count()},
            {"credits", credits_view(bill)},
            {"credit_total_fen", bill.credit_total.count()},
            {"account_credit_before_fen", decision.credit_before.count()},
            {"account_credit_used_fen", decision.credit_used.count()},
            {"account_credit_after_fen", decision.credit_after.count()},
            {"to_pay_fen", to_pay.count()},
            {"to_pay_text", format_yuan_for_people(to_pay)}};
}

/// The fixed fees of the first whole period on the new terms; usage comes on top.
Json next_period(const ChangeGround& ground, const ChangeDecision& decision, const ChangeWish& wish) {
    if (wish.cancel) return nullptr;
    const auto period = period_from(decision.after, decision.settled.period.end);
    const auto bill = whole_period(decision.after, period, {});
    return {{"first_day", format_day(period.start)},
            {"last_day", format_day(add_days(period.end, -1))},
            {"lines", lines_view(ground, bill, decision.after)},
            {"total_fen", bill.total.count()},
            {"total_text", format_yuan_for_people(bill.total)}};
}

std::vector<std::string> features_of(const SubscriptionTerms& terms) {
    std::vector<std::string> features;
    if (terms.paused) return features;
    for (const auto& feature : terms.prices->features)
        if (keeps_feature(*terms.prices, *find_plan(*terms.prices, terms.plan), terms.add_ons, feature))
            features.push_back(feature.code);
    return features;
}

Json missing(const std::vector<std::string>& from, const std::vector<std::string>& in) {
    Json codes = Json::array();
    for (const auto& code : from)
        if (std::ranges::find(in, code) == in.end()) codes.push_back(code);
    return codes;
}

/// What the new terms can cost that the consent does not name, or not at that price.
Json consent_view(const ChangeGround& ground, const SubscriptionTerms& terms) {
    if (!ground.view.consent)
        return {{"granted", false}, {"covers", false}, {"missing_items", Json::array()}};
    Json items = Json::array();
    const auto listed = chargeable_items(*terms.prices, terms.plan, terms.add_ons);
    for (const auto& item : ground.view.items)  // an included credit that the new terms lack
        if (item.unit_price_micro_yuan < MicroYuan{} &&
            std::ranges::find(listed, item.item_code, &ChargeableItem::code) == listed.end())
            items.push_back({{"item_code", item.item_code}, {"problem", "unit_price_above"}});
    for (const auto& item : listed) {
        const auto named =
            std::ranges::find(ground.view.items, item.code, &storage::ConsentItemRow::item_code);
        if (named == ground.view.items.end())
            items.push_back({{"item_code", item.code}, {"problem", "item_not_consented"}});
        else if (named->unit_price_micro_yuan < item.unit_price)
            items.push_back({{"item_code", item.code}, {"problem", "unit_price_above"}});
    }
    const bool covers = items.empty();
    return {{"granted", true}, {"covers", covers}, {"missing_items", std::move(items)}};
}

}  // namespace

Json terms_view(const Subscription& subscription, CivilDay day) {
    const auto& terms = terms_on(subscription, day);
    std::int64_t seats = 0;
    for (const auto& level : subscription.seats)
        if (level.day <= day) seats = level.seats;
    return {{"plan", terms.plan},       {"title", plan_on(subscription, day).title},
            {"add_ons", terms.add_ons}, {"coupons", terms.coupons},
            {"seats", seats},           {"anchor_day", terms.anchor_day},
            {"paused", terms.paused},   {"price_list_id", terms.prices->id}};
}

Json change_view(const ChangeGround& ground, const ChangeDecision& decision, const ChangeWish& wish) {
    const auto last =
        std::max(decision.before.started_on, std::min(decision.day, add_days(decision.holding.end, -1)));
    const auto& old_terms = terms_on(decision.before, last);
    Json body{{"kind", wish.cancel             ? "cancel"
                       : wish.one_offs.empty() ? "change"
                                               : "one_off"},
              {"effective", decision.at_period_end ? "period_end" : "now"},
              {"effective_day", format_day(decision.day)},
              {"period_first_day", format_day(decision.holding.start)},
              {"period_last_day", format_day(add_days(decision.holding.end, -1))},
              {"new_period_last_day", format_day(add_days(decision.settled.period.end, -1))},
              {"from", terms_view(decision.before, last)},
              {"to", wish.cancel ? Json{} : terms_view(decision.after, decision.day)},
              {"billed_with", billed_with_name(decision)},
              {"due_now", due_now(ground, decision)},
              {"next_period", next_period(ground, decision, wish)}};
    const auto before = features_of(old_terms);
    const auto after =
        wish.cancel ? std::vector<std::string>{} : features_of(terms_on(decision.after, decision.day));
    body["features"] = {{"gained", missing(after, before)}, {"lost", missing(before, after)}};
    body["consent"] = wish.cancel ? Json{} : consent_view(ground, terms_on(decision.after, decision.day));
    return body;
}

}  // namespace wefee::server
