// Walks the timeline: each tenant is one account; a step is read, then done. What came of it is printed as it is kept.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "server/http/body.hpp"
#include "server/scenario/print.hpp"
#include "server/scenario/scenario.hpp"

namespace wefee::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t money_max = 1'000'000'000'000;

std::optional<std::vector<std::string>> codes(ObjectReader& reader, std::string_view name) {
    const auto* list = reader.optional_array(name, 50);
    if (!list) return std::nullopt;
    std::vector<std::string> result;
    for (const auto& code : *list) {
        if (code.is_string()) result.push_back(code.get<std::string>());
        else reader.problem(name, "must be a list of codes");
    }
    return result;
}

class Run {
public:
    explicit Run(const Scenario& scenario) : scenario_(scenario) {}

    ordered_json run() {
        for (const auto& step : scenario_.steps) {
            try {
                take(step);
            } catch (const Error& error) {
                std::vector<FieldProblem> problems;
                for (const auto& problem : error.fields()) problems.push_back({step.pointer + problem.pointer, problem.text});
                if (problems.empty()) problems.push_back({step.pointer, error.what()});
                throw Error(error.errc(), "a step cannot be done", std::move(problems));
            }
        }
        for (auto& [name, account] : accounts_) account.reach(scenario_.until);
        ordered_json result{{"id", scenario_.id}};
        for (const auto& [name, account] : accounts_) result["tenants"][name] = print_account(account);
        if (accounts_.size() == 1)  // the usual case reads without the tenant's name
            for (const auto& [key, value] : print_account(accounts_.begin()->second).items()) result[key] = value;
        result["quotes"] = quotes_;
        result["running_costs"] = running_costs_;
        return result;
    }

    /// What a step may be, and what does it.
    struct Handler {
        std::string_view kind;
        void (Run::*run)(ObjectReader&, const std::string& tenant, CivilDay on);
    };
    static const std::array<Handler, 10> handlers;

private:
    void take(const ScenarioStep& step) {
        ObjectReader reader{step.object};
        const auto tenant = reader.optional_text("tenant", 64).value_or("tenant");
        for (const auto& handler : handlers)
            if (handler.kind == step.kind) (this->*handler.run)(reader, tenant, step.on);
    }

    TenantAccount& account(const std::string& tenant, CivilDay on) {
        const auto found = accounts_.find(tenant);
        if (found == accounts_.end()) throw Error(Errc::invalid_value, "", {{"/tenant", "has no subscription"}});
        found->second.reach(on);
        return found->second;
    }

    std::shared_ptr<const PriceList> list(ObjectReader& reader) {
        const auto name = reader.optional_text("price_list", 64);
        if (!name) return nullptr;
        for (const auto& [known, prices] : scenario_.price_lists)
            if (known == *name) return prices;
        reader.problem("price_list", "is not a price list of this scenario");
        return nullptr;
    }

    void subscribe(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        Subscription subscription{.started_on = on};
        SubscriptionTerms terms{.from = on, .prices = list(reader), .plan = reader.text("plan", 64)};
        if (!terms.prices) terms.prices = scenario_.price_lists.front().second;
        terms.anchor_day = static_cast<int>(reader.optional_integer("anchor_day", 1, 31).value_or(1));
        const auto seats = reader.optional_integer("seats", 0, 10'000'000);
        terms.add_ons = codes(reader, "add_ons").value_or(std::vector<std::string>{});
        terms.coupons = codes(reader, "coupons").value_or(std::vector<std::string>{});
        subscription.trial = reader.optional_flag("trial").value_or(true);
        const auto cap = reader.optional_integer("budget_cap_fen", 0, money_max);
        reader.finish();
        if (accounts_.contains(tenant)) throw Error(Errc::conflict, "", {{"/tenant", "has a subscription already"}});
        subscription.terms.push_back(terms);
        if (seats) subscription.seats.push_back({on, *seats});
        if (cap) subscription.budget_cap = Fen{*cap};
        const TermsWish nothing_more;
        subscription.terms = {changed(subscription, nothing_more, on).terms.back()};  // checks that all of it is sold
        accounts_.emplace(tenant, TenantAccount{std::move(subscription)});
    }

    struct Wish {
        TermsWish terms;
        bool at_period_end = false;
    };
    Wish wish(ObjectReader& reader) {
        Wish wish;
        wish.terms.prices = list(reader);
        wish.terms.plan = reader.optional_text("plan", 64);
        wish.terms.add_ons = codes(reader, "add_ons");
        wish.terms.coupons = codes(reader, "coupons");
        wish.terms.seats = reader.optional_integer("seats", 0, 10'000'000);
        if (const auto day = reader.optional_integer("anchor_day", 1, 31)) wish.terms.anchor_day = static_cast<int>(*day);
        wish.at_period_end = at_period_end(reader);
        reader.finish();
        return wish;
    }
    static bool at_period_end(ObjectReader& reader) {
        const auto when = reader.optional_text("when", 16).value_or("now");
        if (when != "now" && when != "period_end") reader.problem("when", "must be now or period_end");
        return when == "period_end";
    }

    void change(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        auto& who = account(tenant, on);
        const auto asked = wish(reader);
        quotes_.push_back(print_change(who.change(asked.terms, asked.at_period_end), who.balance()));
    }
    void quote(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        auto& who = account(tenant, on);
        const auto asked = wish(reader);
        quotes_.push_back(print_change(who.quote(asked.terms, asked.at_period_end), who.balance()));
    }
    void cancel(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        auto& who = account(tenant, on);
        const bool later = at_period_end(reader);
        reader.finish();
        quotes_.push_back(print_change(who.cancel(later), who.balance()));
    }
    void usage(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        UsageEvent event{.id = std::to_string(events_), .meter = reader.text("meter", 64), .quantity = {}};
        event.sequence = events_++;  // events of one day count in the order of the steps
        event.occurred_at = day_start(reader.optional_day("occurred_on").value_or(on));
        event.quantity = Quantity{reader.quantity_micro("quantity")};
        if (const auto* properties = reader.optional_object("properties"))
            for (const auto& [name, value] : properties->items())
                event.properties[name] = value.is_string() ? value.get<std::string>() : value.dump();
        reader.finish();
        account(tenant, on).use(std::move(event));
    }
    void pay(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        const auto invoice = static_cast<std::size_t>(reader.integer("invoice", 0, 1'000'000));
        const Fen amount{reader.integer("amount_fen", 1, money_max)};
        reader.finish();
        auto& who = account(tenant, on);
        if (invoice >= who.invoices().size()) throw Error(Errc::invalid_value, "", {{"/invoice", "there is no such invoice yet"}});
        who.pay(invoice, amount);
    }
    void transfer(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        const Fen amount{reader.integer("amount_fen", 1, money_max)};
        reader.finish();
        account(tenant, on).transfer(amount);
    }
    void grant(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        const Fen amount{reader.integer("amount_fen", 1, money_max)};
        reader.finish();
        account(tenant, on).grant(amount);
    }
    void credit_note(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        const auto invoice = static_cast<std::size_t>(reader.integer("invoice", 0, 1'000'000));
        const auto line = reader.text("line", 128);
        const Fen amount{reader.integer("amount_fen", 1, money_max)};
        reader.finish();
        auto& who = account(tenant, on);
        if (invoice >= who.invoices().size()) throw Error(Errc::invalid_value, "", {{"/invoice", "there is no such invoice yet"}});
        who.credit(invoice, line, amount);
    }
    void running_cost(ObjectReader& reader, const std::string& tenant, CivilDay on) {
        reader.finish();
        running_costs_.push_back(print_bill(account(tenant, on).running_cost()));
    }

    const Scenario& scenario_;
    std::map<std::string, TenantAccount> accounts_;
    std::int64_t events_ = 0;
    ordered_json quotes_ = ordered_json::array();
    ordered_json running_costs_ = ordered_json::array();
};

const std::array<Run::Handler, 10> Run::handlers{{{"subscribe", &Run::subscribe},
                                                  {"change", &Run::change},
                                                  {"quote", &Run::quote},
                                                  {"cancel", &Run::cancel},
                                                  {"usage", &Run::usage},
                                                  {"pay", &Run::pay},
                                                  {"transfer", &Run::transfer},
                                                  {"grant", &Run::grant},
                                                  {"credit_note", &Run::credit_note},
                                                  {"running_cost", &Run::running_cost}}};

}  // namespace

bool is_scenario_step(std::string_view kind) {
    return std::ranges::find(Run::handlers, kind, &Run::Handler::kind) != Run::handlers.end();
}

ordered_json run_scenario(const Scenario& scenario) { return Run{scenario}.run(); }

}  // namespace wefee::server
