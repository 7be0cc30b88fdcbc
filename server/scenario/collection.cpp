#include "server/scenario/collection.hpp"

#include <fmt/format.h>

#include "server/scenario/print.hpp"

namespace wefee::server {
namespace {

using nlohmann::ordered_json;

std::string hours_text(const DeductionWindow& window) {
    const auto clock = [](std::chrono::minutes at) {
        return fmt::format("{:02}:{:02}", at.count() / 60, at.count() % 60);
    };
    return clock(window.opens) + "-" + clock(window.closes);
}

ordered_json both_included(DaySpan days) {
    return {format_day(days.start), format_day(add_days(days.end, -1))};
}

ordered_json print_plan(const DeductionPlan& plan) {
    ordered_json row{{"first_deduct_on", format_day(plan.day)}};
    if (plan.announce_latest) row["notice_on"] = format_day(*plan.announce_latest);
    if (plan.waiting) row["wait"] = both_included(*plan.waiting);
    if (plan.execute_date) row["execute_on"] = format_day(*plan.execute_date);
    row["window"] = both_included(plan.window.days);
    row["hours"] = hours_text(plan.window);
    return row;
}

ordered_json print_cover(const Cover& cover) {
    ordered_json row{{"automatic_fen", cover.automatic.count()},
                     {"manual_due_fen", cover.manual.count()},
                     {"needs_new_consent", cover.items_needing_consent},
                     {"blocked", ordered_json::array()}};
    for (const auto& blocked : cover.blocked)
        row["blocked"].push_back({{"item", blocked.item_code},
                                  {"problem", cover_problem_name(blocked.problem)},
                                  {"wanted", blocked.wanted},
                                  {"allowed", blocked.allowed}});
    return row;
}

std::optional<CivilDay> planned_day(const Collection& collection, std::size_t index,
                                    const IssuedInvoice& invoice) {
    const auto set = collection.scheduled.find(index);
    if (set != collection.scheduled.end()) return set->second;
    if (!collection.deduction_day) return std::nullopt;
    return planned_deduction_day(*collection.deduction_day, invoice.day, NoticePolicy{}.lead_days.front());
}

}  // namespace

std::optional<Cover> cover_on(const Collection& collection, const IssuedInvoice& invoice, Fen amount,
                              Fen taken, Instant at) {
    const Consent* consent = nullptr;
    for (const auto& [day, one] : collection.consents)
        if (day_start(day) <= at) consent = &one;
    if (!consent) return std::nullopt;
    return covers(*consent, cover_lines(invoice.bill), amount, taken, at);
}

void print_collection(const Collection& collection, const TenantAccount& account, ordered_json& invoices) {
    std::map<CivilDay, Fen> automatic;  // so far, by period
    for (std::size_t i = 0; i < account.invoices().size(); ++i) {
        const auto& invoice = account.invoices()[i];
        const auto amount = invoice.bill.total - invoice.credit_used;
        if (amount <= Fen{}) continue;
        auto& taken = automatic[invoice.period.start];
        const auto cover = cover_on(collection, invoice, amount, taken, day_start(invoice.day));
        if (!cover) continue;
        taken += cover->automatic;
        invoices[i]["collection"] = print_cover(*cover);
        const auto day = planned_day(collection, i, invoice);
        if (cover->ok && collection.mandate && day)
            invoices[i]["deduction"] = print_plan(plan_deduction(collection.mandate->provider, *day));
    }
}

}  // namespace wefee::server
