// Steps about what a tenant has: begin, change, ask, correct, end.
#include <array>

#include "server/flows/thresholds.hpp"
#include "server/scenario/print.hpp"
#include "server/scenario/run.hpp"

namespace wefee::server {
namespace {

constexpr std::int64_t seats_max = 10'000'000;
constexpr std::size_t corrections_max = 100;

std::optional<Thresholds> thresholds_of(ObjectReader& reader) {
    const auto* object = reader.optional_object("thresholds");
    if (!object) return std::nullopt;
    ObjectReader row{*object, reader.pointer("thresholds")};
    auto thresholds = read_thresholds(row);
    row.finish();
    return thresholds;
}

void subscribe(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    Subscription subscription{.started_on = on};
    SubscriptionTerms terms{.from = on, .prices = run.list(reader, tenant), .plan = reader.text("plan", 64)};
    if (!terms.prices) terms.prices = run.list_in_force(tenant);
    terms.anchor_day = static_cast<int>(reader.optional_integer("anchor_day", 1, 31).value_or(1));
    const auto seats = reader.optional_integer("seats", 0, seats_max);
    terms.add_ons = read_codes(reader, "add_ons").value_or(std::vector<std::string>{});
    terms.coupons = read_codes(reader, "coupons").value_or(std::vector<std::string>{});
    subscription.trial = reader.optional_flag("trial").value_or(true);
    const auto cap = reader.optional_integer("budget_cap_fen", 0, scenario_money_max);
    subscription.thresholds = thresholds_of(reader);
    reader.finish();
    subscription.terms.push_back(terms);
    if (seats) subscription.seats.push_back({on, *seats});
    if (cap) subscription.budget_cap = Fen{*cap};
    const TermsWish nothing_more;
    subscription.terms = {
        changed(subscription, nothing_more, on).terms.back()};  // checks that all of it is sold
    run.open(tenant, std::move(subscription));
}

TermsWish read_terms(const Run& run, ObjectReader& reader, const std::string& tenant) {
    TermsWish wish;
    wish.prices = run.list(reader, tenant);
    wish.plan = reader.optional_text("plan", 64);
    wish.add_ons = read_codes(reader, "add_ons");
    wish.coupons = read_codes(reader, "coupons");
    wish.seats = reader.optional_integer("seats", 0, seats_max);
    if (const auto day = reader.optional_integer("anchor_day", 1, 31))
        wish.anchor_day = static_cast<int>(*day);
    wish.paused = reader.optional_flag("paused");
    return wish;
}

bool at_period_end(ObjectReader& reader) {
    const auto when = reader.optional_text("when", 16).value_or("now");
    if (when != "now" && when != "period_end") reader.problem("when", "must be now or period_end");
    return when == "period_end";
}

void change(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    auto& who = run.account(tenant, on);
    const auto wish = read_terms(run, reader, tenant);
    const bool later = at_period_end(reader);
    reader.finish();
    run.add("quotes", print_change(who.change(wish, later), who.balance()));
}

void quote(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    auto& who = run.account(tenant, on);
    const auto wish = read_terms(run, reader, tenant);
    const bool later = at_period_end(reader);
    reader.finish();
    run.add("quotes", print_change(who.quote(wish, later), who.balance()));
}

void cancel(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    auto& who = run.account(tenant, on);
    const bool later = at_period_end(reader);
    reader.finish();
    run.add("quotes", print_change(who.cancel(later), who.balance()));
}

void correct(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    std::vector<CorrectedTerms> terms;
    const auto* rows = reader.array("terms", corrections_max);
    for (std::size_t i = 0; rows && i < rows->size(); ++i) {
        ObjectReader row{(*rows)[i], reader.pointer("terms") + "/" + std::to_string(i)};
        const auto from = read_day(row, "from");
        terms.push_back({from, read_terms(run, row, tenant)});
        row.finish();
    }
    reader.finish();
    run.account(tenant, on).correct(terms);
}

void one_off(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto code = reader.text("code", 64);
    const auto quantity = reader.optional_integer("quantity", 1, 1'000'000).value_or(1);
    reader.finish();
    run.account(tenant, on).order(code, quantity);
}

constexpr std::array steps{StepKind{"subscribe", subscribe}, StepKind{"change", change},
                           StepKind{"quote", quote},         StepKind{"one_off", one_off},
                           StepKind{"cancel", cancel},       StepKind{"correct", correct}};

}  // namespace

std::span<const StepKind> subscription_steps() { return steps; }

}  // namespace wefee::server
