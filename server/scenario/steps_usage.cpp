// Steps about what a tenant uses.
#include <array>

#include "server/scenario/print.hpp"
#include "server/scenario/run.hpp"

namespace wefee::server {
namespace {

void usage(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    UsageEvent event;
    event.meter = reader.text("meter", 64);
    event.sequence = run.next_event();  // events of one day count in the order of the steps
    event.id = std::to_string(event.sequence);
    event.occurred_at = day_start(reader.optional_day("occurred_on").value_or(on));
    event.quantity = Quantity{reader.quantity_micro("quantity")};
    if (const auto* properties = reader.optional_object("properties"))
        for (const auto& [name, value] : properties->items())
            event.properties[name] = value.is_string() ? value.get<std::string>() : value.dump();
    reader.finish();
    run.account(tenant, on).use(std::move(event));
}

void running_cost(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    reader.finish();
    run.add("running_costs", print_bill(run.account(tenant, on).running_cost()));
}

constexpr std::array steps{StepKind{"usage", usage}, StepKind{"running_cost", running_cost}};

}  // namespace

std::span<const StepKind> usage_steps() { return steps; }

}  // namespace wefee::server
