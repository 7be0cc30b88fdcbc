// One rule an aggregation; everything else is the order of events.
#include "billing/usage.hpp"

#include <algorithm>

namespace wefee {
namespace {

constexpr std::size_t value_bytes_max = 128;
constexpr std::size_t dimension_bytes_max = 512;  // of all names and values of an event

bool holds(const MeterFilter& filter, const UsageProperties& properties) {
    const auto found = properties.find(filter.property);
    return found != properties.end() &&
           std::ranges::find(filter.values, found->second) != filter.values.end();
}

bool passes(const Meter& meter, const UsageProperties& properties) {
    return std::ranges::all_of(meter.filters, [&](const auto& filter) { return holds(filter, properties); });
}

UsageProperties dimensions_of(const Meter& meter, const UsageProperties& properties) {
    UsageProperties dimensions;
    for (const auto& name : meter.dimensions)
        if (const auto found = properties.find(name); found != properties.end()) dimensions.insert(*found);
    return dimensions;
}

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

std::optional<UsageProblem> dimension_problem(const Meter& meter, const UsageProperties& properties) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : dimensions_of(meter, properties)) {
        bytes += name.size() + value.size() + 2;
        if (value.size() > value_bytes_max || has_control_character(value))
            return UsageProblem{"bad_property", "/properties/" + name,
                                "usage is shown by it: at most 128 bytes without control characters"};
    }
    if (bytes > dimension_bytes_max)
        return UsageProblem{"bad_property", "/properties", "what usage is shown by has more than 512 bytes"};
    return std::nullopt;
}

}  // namespace

std::optional<UsageProblem> usage_problem(const Meter& meter, const UsageEvent& event) {
    if (event.quantity < Quantity{} && meter.aggregation != Aggregation::time_weighted)
        return UsageProblem{"negative_quantity", "/quantity", "must not be negative"};
    if (!passes(meter, event.properties)) return std::nullopt;
    if (meter.aggregation == Aggregation::unique) {
        const auto found = event.properties.find(meter.property);
        if (found == event.properties.end() || found->second.empty())
            return UsageProblem{"missing_property", "/properties/" + meter.property,
                                "is what this meter counts"};
        if (found->second.size() > value_bytes_max)
            return UsageProblem{"bad_property", "/properties/" + meter.property, "has more than 128 bytes"};
    }
    return dimension_problem(meter, event.properties);
}

MeasuredEvent measure(const Meter& meter, const UsageEvent& event) {
    MeasuredEvent measured{{event.occurred_at, event.sequence, event.id}, event.quantity};
    measured.counts = passes(meter, event.properties);
    if (!measured.counts) return measured;
    if (meter.aggregation == Aggregation::unique)
        measured.value = event.properties.find(meter.property)->second;
    measured.dimensions = dimensions_of(meter, event.properties);
    return measured;
}

std::string join_dimensions(const UsageProperties& dimensions) {
    std::string text;
    for (const auto& [name, value] : dimensions) {
        if (!text.empty()) text += '\n';
        text += name + "=" + value;
    }
    return text;
}

UsageProperties split_dimensions(const std::string& text) {
    UsageProperties dimensions;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = std::min(text.find('\n', from), text.size());
        const auto middle = text.find('=', from);
        dimensions.emplace(text.substr(from, middle - from), text.substr(middle + 1, end - middle - 1));
        from = end + 1;
    }
    return dimensions;
}

Quantity additive_share(Aggregation aggregation, Quantity quantity) {
    return aggregation == Aggregation::count ? units(1) : quantity;
}

DayRows::DayRows(Aggregation aggregation, Quantity opening, std::set<std::string> seen)
    : aggregation_(aggregation), total_(opening), seen_(std::move(seen)) {}

Quantity DayRows::share_of(const MeasuredEvent& event) {
    switch (aggregation_) {
        case Aggregation::sum:
        case Aggregation::count:
            return additive_share(aggregation_, event.quantity);
        case Aggregation::unique:
            return seen_.insert(event.value).second ? units(1) : Quantity{};
        case Aggregation::max:
            return std::max(total_, event.quantity) - total_;
        case Aggregation::latest:
            return event.quantity - total_;
        case Aggregation::time_weighted:
            return std::max(Quantity{}, total_ + event.quantity) - total_;
    }
    throw std::logic_error("an aggregation is not known");
}

Quantity DayRows::add(const MeasuredEvent& event) {
    if (!event.counts) return {};
    const auto share = share_of(event);
    total_ = total_ + share;
    auto& day = days_[civil_day(event.order.occurred_at)];
    day.quantity = day.quantity + share;
    day.events += 1;
    return share;
}

std::map<CivilDay, DayRow> day_rows(const Meter& meter, std::span<const UsageEvent> events,
                                    Quantity opening) {
    std::vector<MeasuredEvent> measured;
    for (const auto& event : events) measured.push_back(measure(meter, event));
    std::ranges::sort(measured, {}, &MeasuredEvent::order);
    DayRows rows{meter.aggregation, opening};
    for (const auto& event : measured) rows.add(event);
    return rows.days();
}

Quantity unit_days_of(Quantity opening, const std::map<CivilDay, Quantity>& changes, DaySpan span) {
    std::vector<LevelDays> levels;
    auto level = opening;
    auto from = span.start;
    for (const auto& [day, change] : changes) {
        if (day < span.start || day >= span.end) throw std::domain_error("unit_days_of: a day outside");
        if (day > from) levels.push_back({level, days_between(from, day)});
        level = level + change;
        from = day;
    }
    levels.push_back({level, days_between(from, span.end)});
    return Quantity{floor_of(weighted_quantity(levels, 1) * Fraction{quantity_scale})};  // whole: levels are
}

bool counts_alike(const Meter* a, const Meter* b) {
    if (!a || !b) return a == b;
    const auto same_filter = [](const MeterFilter& one, const MeterFilter& other) {
        return one.property == other.property && one.values == other.values;
    };
    return a->aggregation == b->aggregation && std::ranges::equal(a->filters, b->filters, same_filter) &&
           a->property == b->property && a->dimensions == b->dimensions;
}

}  // namespace wefee
