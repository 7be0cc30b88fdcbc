// Steps about automatic deduction: what was confirmed, what was signed, what a provider was told, what it
// took.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "billing/period.hpp"
#include "server/scenario/run.hpp"

namespace wefee::server {
namespace {

constexpr std::size_t items_max = 500;
constexpr MicroYuan any_price{INT64_MAX};

/// The providers that deduct by themselves.
Provider read_provider(ObjectReader& reader) {
    const auto name = reader.text("provider", 16);
    const auto provider = parse_provider(name);
    const bool deducts = provider == Provider::wechat || provider == Provider::alipay;
    if (!name.empty() && !deducts) reader.problem("provider", "must be wechat or alipay");
    return provider.value_or(Provider::wechat);
}

/// "10:30" of that day; 10:00 when the step does not say.
Instant read_moment(ObjectReader& reader, CivilDay on) {
    const auto text = reader.optional_text("at", 5).value_or("10:00");
    const auto at = parse_local(format_day(on) + " " + text + ":00");
    if (!at) reader.problem("at", "must be a time of day HH:MM");
    return at.value_or(day_start(on));
}

ConsentItem read_item(ObjectReader row) {
    ConsentItem item;
    item.code = row.text("code", 128);
    item.ceiling = Fen{row.integer("ceiling_fen", 0, scenario_money_max)};
    const auto price = row.optional_integer("unit_price_micro_yuan", 0, scenario_money_max);
    item.unit_price = price ? MicroYuan{*price} : any_price;
    row.finish();
    return item;
}

void consent(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    Consent consent;
    consent.provider = read_provider(reader);
    consent.valid_from = day_start(on);
    Fen all{};
    const auto* items = reader.array("items", items_max);
    for (std::size_t i = 0; items && i < items->size(); ++i) {
        consent.items.push_back(read_item({(*items)[i], fmt::format("{}/{}", reader.pointer("items"), i)}));
        all += consent.items.back().ceiling;
    }
    const auto cap = [&](std::string_view name) {
        return Fen{reader.optional_integer(name, 0, scenario_money_max).value_or(all.count())};
    };
    consent.cap_charge = cap("cap_charge_fen");
    consent.cap_cycle = cap("cap_cycle_fen");
    if (const auto last = reader.optional_day("valid_to")) consent.valid_to = day_start(add_days(*last, 1));
    reader.finish();
    run.collection(tenant).consents.emplace_back(on, std::move(consent));
}

/// Alipay's agreement has an execute day; WeChat's has none.
void mandate(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    DeductionMandate mandate{.provider = read_provider(reader)};
    mandate.months = static_cast<int>(reader.optional_integer("months", 1, 12).value_or(1));
    const auto deduction_day = reader.optional_integer("deduction_day", 1, 28);
    const auto wanted_day = reader.optional_integer("execute_day", 1, 31);
    const auto execute_on = reader.optional_day("execute_on");
    const bool alipay = mandate.provider == Provider::alipay;
    if (!alipay && (wanted_day || execute_on))
        reader.problem(wanted_day ? "execute_day" : "execute_on", "is Alipay's");
    reader.finish();
    if (alipay && !deduction_day && !wanted_day && !execute_on)
        throw Error(Errc::missing_field, "",
                    {{"/execute_day", "or deduction_day or execute_on is required"}});
    nlohmann::ordered_json row{{"provider", provider_name(mandate.provider)}};
    if (alipay) {
        const auto day_of = [](CivilDay day) { return static_cast<int>(static_cast<unsigned>(day.day())); };
        const int day = wanted_day   ? alipay_execute_day(static_cast<int>(*wanted_day))
                        : execute_on ? alipay_execute_day(day_of(*execute_on))
                                     : alipay_registered_day(static_cast<int>(*deduction_day));
        mandate.execute_date = execute_on ? clamped_day({execute_on->year(), execute_on->month()}, day)
                                          : boundary_at_or_after(on, {.day = day});
        const auto allowed = alipay_allowed(*mandate.execute_date);
        row["execute_day"] = day;
        row["execute_on"] = format_day(*mandate.execute_date);
        row["window"] = {format_day(allowed.start), format_day(add_days(allowed.end, -1))};
    }
    auto& collection = run.collection(tenant);
    collection.mandate = mandate;
    if (deduction_day) collection.deduction_day = static_cast<int>(*deduction_day);
    run.add("mandates", std::move(row));
}

void schedule(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto invoice = read_invoice(reader);
    const auto day = read_day(reader, "day");
    reader.finish();
    run.account(tenant, on).invoice(invoice);
    run.collection(tenant).scheduled[invoice] = day;
}

void announce(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto index = read_invoice(reader);
    const auto amount = reader.optional_integer("amount_fen", 1, scenario_money_max);
    const auto at = read_moment(reader, on);
    if (!wechat_announcing_hours(at))
        reader.problem("at", "the provider takes notices between 07:00 and 22:00");
    reader.finish();
    const auto& invoice = run.account(tenant, on).invoice(index);
    run.collection(tenant).announced[index] = {on, amount ? Fen{*amount} : invoice.due()};
}

void deduct(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto index = read_invoice(reader);
    const auto wanted = reader.optional_integer("amount_fen", 1, scenario_money_max);
    const auto result = reader.optional_text("result", 8).value_or("paid");
    if (result != "paid" && result != "failed") reader.problem("result", "must be paid or failed");
    const auto at = read_moment(reader, on);
    reader.finish();
    auto& account = run.account(tenant, on);
    auto& collection = run.collection(tenant);
    const auto& invoice = account.invoice(index);
    const auto amount = wanted ? Fen{*wanted} : invoice.due();
    auto& taken = collection.taken[invoice.period.start];
    const auto announced = collection.announced.find(index);
    DeductionFacts facts{.amount = amount,
                         .due = invoice.due(),
                         .cover = cover_on(collection, invoice, amount, taken, at),
                         .mandate = collection.mandate};
    if (announced != collection.announced.end()) facts.announced = announced->second;
    const auto against = obstacles(facts, at);
    const bool allowed = against.empty();
    if (allowed && result == "paid") {
        account.pay(index, collection.mandate->provider, amount);
        taken += amount;
    }
    if (allowed) executed(*collection.mandate, result == "paid");
    nlohmann::ordered_json row{{"on", format_day(on)},
                               {"invoice", index},
                               {"amount_fen", amount.count()},
                               {"allowed", allowed},
                               {"obstacles", nlohmann::ordered_json::array()},
                               {"result", allowed ? result : "not_sent"}};
    for (const auto obstacle : against) row["obstacles"].push_back(deduction_obstacle_name(obstacle));
    if (collection.mandate && collection.mandate->execute_date)
        row["next_execute_on"] = format_day(*collection.mandate->execute_date);
    run.add("deductions", std::move(row));
}

constexpr std::array steps{StepKind{"consent", consent}, StepKind{"mandate", mandate},
                           StepKind{"schedule", schedule}, StepKind{"announce", announce},
                           StepKind{"deduct", deduct}};

}  // namespace

std::span<const StepKind> collection_steps() { return steps; }

}  // namespace wefee::server
