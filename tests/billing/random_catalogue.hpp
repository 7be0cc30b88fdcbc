// Random price lists of plans, modules and offers that overlap, and random usage of them.
#pragma once

#include <algorithm>

#include "billing/period_facts.hpp"
#include "property.hpp"

namespace wefee::testing {

struct CatalogueSize {
    int features = 6;
    int modules = 5;
    int offers = 4;
    int plans = 3;
    int meters = 2;
};

inline MicroYuan random_price(Random& random) {
    return MicroYuan{random.between(0, 400) * 500'000 + random.between(0, 1) * 3'333};
}

inline std::vector<std::string> some_modules(Random& random, const PriceList& list, int least, int most) {
    std::vector<std::string> codes;
    const auto count = static_cast<std::size_t>(random.between(least, most));
    while (codes.size() < count) {
        const auto& code = list.modules[static_cast<std::size_t>(random.between(
                                            0, static_cast<std::int64_t>(list.modules.size()) - 1))]
                               .code;
        if (std::ranges::find(codes, code) == codes.end()) codes.push_back(code);
    }
    return codes;
}

inline UsageCharge random_charge(Random& random, const std::string& meter) {
    UsageCharge charge{.meter = meter};
    const auto unit = [&] { return MicroYuan{random.between(0, 50) * 10'000}; };
    switch (random.between(0, 2)) {
        case 0:
            charge.unit_price = unit();
            charge.included = units(random.between(0, 500));
            break;
        case 1:
            charge.model = ChargeModel::package;
            charge.unit_price = MicroYuan{random.between(1, 90) * 100'000};
            charge.package_size = units(random.between(10, 200));
            break;
        default:
            charge.model = random.chance(50) ? ChargeModel::volume : ChargeModel::graduated;
            charge.tiers = {{.up_to = units(random.between(10, 400)), .unit_price = unit()},
                            {.up_to = units(random.between(401, 900)), .unit_price = unit()},
                            {.up_to = {}, .unit_price = unit(), .flat_fee = Fen{random.between(0, 500)}}};
    }
    if (random.chance(30)) charge.minimum = Fen{random.between(0, 3000)};
    if (random.chance(30)) charge.cap = Fen{random.between(2000, 20'000)};
    return charge;
}

inline PriceList random_catalogue(Random& random, const CatalogueSize& size) {
    PriceList list;
    list.version = 1;
    const auto name = [](const char* kind, int i) { return kind + std::to_string(i); };
    for (int i = 0; i < size.meters; ++i) list.meters.push_back({name("meter", i), name("计量", i), "次"});
    for (int i = 0; i < size.features; ++i)
        list.features.push_back({.code = name("feature", i), .title = name("功能", i)});
    for (int i = 0; i < size.modules; ++i) {
        Module module{.code = name("module", i), .title = name("模块", i)};
        if (i > 0 || size.features <= size.modules || random.chance(50)) module.price = random_price(random);
        module.features.push_back(name("feature", i % size.features));
        if (random.chance(40))
            module.features.push_back(
                name("feature", static_cast<int>(random.between(0, size.features - 1))));
        list.modules.push_back(std::move(module));
    }
    for (int i = 0; i < size.offers; ++i)
        list.add_ons.push_back({name("offer", i), name("组合", i),
                                some_modules(random, list, 1, std::min(4, size.modules)),
                                random_price(random)});
    for (int i = 0; i < size.plans; ++i) {
        Plan plan{.code = name("plan", i),
                  .title = name("套餐", i),
                  .modules = some_modules(random, list, 0, std::min(3, size.modules))};
        plan.price = random_price(random);
        plan.months = random.chance(70) ? 1 : random.chance(50) ? 3 : 12;
        plan.included_seats = random.between(0, 10);
        plan.seat_price = MicroYuan{random.between(0, 99) * 1'000'000};
        for (const auto& meter : list.meters) plan.usage.push_back(random_charge(random, meter.code));
        if (random.chance(30)) plan.minimum = Fen{random.between(0, 60'000)};
        if (random.chance(20)) plan.cap = Fen{random.between(30'000, 90'000)};
        list.plans.push_back(std::move(plan));
    }
    list.tax_basis_points = random.chance(50) ? 600 : 0;
    return list;
}

/// Months from 2026-01 on; the first one may be a stub.
inline std::vector<PeriodFacts> random_months(Random& random, const PriceList& list, int count) {
    std::vector<PeriodFacts> months;
    const auto first = parse_day("2026-01-01").value();
    for (int i = 0; i < count; ++i) {
        const DaySpan full{add_months(first, i), add_months(first, i + 1)};
        PeriodFacts facts{.period = full, .full = full};
        if (i == 0 && random.chance(50))
            facts.period.start = add_days(full.start, static_cast<int>(random.between(1, 27)));
        facts.seats = {{first, random.between(0, 30)}};
        for (const auto& meter : list.meters)
            if (random.chance(80)) facts.usage.push_back({meter.code, units(random.between(0, 1000)), 1});
        months.push_back(std::move(facts));
    }
    return months;
}

}  // namespace wefee::testing
