#include "billing/forecast.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace wefee {
namespace {

constexpr std::array<std::string_view, 5> method_names{"last_days", "average", "first_day", "level_kept",
                                                       "ended"};

/// Beyond this many single transactions the rest of a period is not written out: they stay as they are.
constexpr std::int64_t transactions_max = 1'000'000;

bool adds_up(Aggregation aggregation) {
    return aggregation == Aggregation::sum || aggregation == Aggregation::count ||
           aggregation == Aggregation::unique;
}

/// The days of a period as seen from `today`: whole ones behind, whole ones ahead.
struct Calendar {
    int behind = 0;
    int ahead = 0;
    bool running = false;  // today lies in the period
};

Calendar calendar_of(DaySpan period, CivilDay today) {
    if (today >= period.end) return {period.days(), 0, false};
    if (today < period.start) return {0, period.days(), false};
    return {days_between(period.start, today), days_between(today, period.end) - 1, true};
}

ForecastMethod method_of(const Meter& meter, const Calendar& calendar) {
    if (calendar.ahead == 0 && !calendar.running) return ForecastMethod::ended;
    if (!adds_up(meter.aggregation)) return ForecastMethod::level_kept;
    if (calendar.behind >= forecast_pace_days) return ForecastMethod::last_days;
    return calendar.behind > 0 ? ForecastMethod::average : ForecastMethod::first_day;
}

/// What one meter has used, in exact units.
struct Used {
    Quantity total;
    Fraction recent;  // on the whole days that set the pace
    Fraction today;
    std::vector<Fen> transactions;
};

Used used_of(const std::vector<const UsageDay*>& days, CivilDay today, int paced) {
    Used used;
    const auto from = add_days(today, -paced);
    for (const auto* row : days) {
        used.total = used.total + row->quantity;
        if (row->day >= from && row->day < today) used.recent += in_units(row->quantity);
        if (row->day == today) used.today += in_units(row->quantity);
        used.transactions.insert(used.transactions.end(), row->transactions.begin(), row->transactions.end());
    }
    return used;
}

/// Whole units stay whole (a started one counts); other quantities are rounded once to 10^-6.
Quantity as_quantity(const Fraction& exact, Quantity so_far) {
    if (so_far.count() % quantity_scale == 0) return units(ceil_of(exact));
    return Quantity{rounded(exact * Fraction{quantity_scale}).count()};
}

/// Percentage prices look at single transactions: as many more as the quantity grows, each at the average
/// amount.
class Transactions {
public:
    explicit Transactions(const Used& used) : before_(used.total) {
        known_ = static_cast<std::int64_t>(used.transactions.size());
        Fen turnover{};
        for (const auto transaction : used.transactions) turnover += transaction;
        if (known_ > 0) average_ = rounded(Fraction{turnover} / Fraction{known_});
        given_ = known_;
    }
    /// Those that come with the growth to `total`.
    std::vector<Fen> up_to(Quantity total) {
        if (known_ == 0 || before_ <= Quantity{}) return {};
        const auto expected = rounded(Fraction{known_} * in_units(total) / in_units(before_)).count();
        if (expected <= given_ || expected > transactions_max) return {};
        std::vector<Fen> more(static_cast<std::size_t>(expected - given_), average_);
        given_ = expected;
        return more;
    }

private:
    Quantity before_;
    std::int64_t known_ = 0;
    std::int64_t given_ = 0;
    Fen average_;
};

/// Today filled up to an average day, then an average day each; rounded on the running total. Gives the
/// total.
Quantity add_further(std::vector<UsageDay>& further, const std::string& meter, const Used& used,
                     DaySpan period, CivilDay today, const Calendar& calendar, int paced) {
    const auto pace = std::max(paced > 0 ? used.recent / Fraction{paced} : used.today, Fraction{});
    Transactions transactions{used};
    auto exact = in_units(used.total);
    auto total = used.total;
    const auto first = std::max(today, period.start);
    for (auto day = first; day < period.end; day = add_days(day, 1)) {
        const bool unfinished = calendar.running && day == today;
        exact += unfinished ? std::max(pace - used.today, Fraction{}) : pace;
        const auto reached = as_quantity(exact, used.total);
        if (reached != total)
            further.push_back({meter, day, reached - total, 0, transactions.up_to(reached)});
        total = reached;
    }
    return total;
}

}  // namespace

std::string_view forecast_method_name(ForecastMethod method) {
    return method_names.at(static_cast<std::size_t>(method));
}

std::string forecast_words(ForecastMethod method, int whole_days) {
    switch (method) {
        case ForecastMethod::last_days:
            return "按最近 " + std::to_string(forecast_pace_days) + " 个整天的日均用量推算";
        case ForecastMethod::average:
            return "按已过 " + std::to_string(whole_days) + " 个整天的日均用量推算";
        case ForecastMethod::first_day:
            return "首日:按当日用量推算";
        case ForecastMethod::level_kept:
            return "保持当前水平";
        case ForecastMethod::ended:
            return "账期已结束,按实际用量";
    }
    return {};
}

UsageForecast forecast_usage(const PriceList& prices, DaySpan period, std::span<const UsageDay> days,
                             CivilDay today) {
    std::map<std::string, std::vector<const UsageDay*>> by_meter;
    for (const auto& row : days) by_meter[row.meter].push_back(&row);
    const auto calendar = calendar_of(period, today);
    const int paced = std::min(calendar.behind, forecast_pace_days);
    UsageForecast forecast;
    for (const auto& [code, rows] : by_meter) {
        const auto* meter = find_meter(prices, code);
        if (!meter) continue;
        const auto used = used_of(rows, today, paced);
        MeterForecast row{code, method_of(*meter, calendar), {}, used.total, used.total};
        row.words = forecast_words(row.method, calendar.behind);
        if (row.method != ForecastMethod::ended && row.method != ForecastMethod::level_kept)
            row.at_end = add_further(forecast.further, code, used, period, today, calendar, paced);
        forecast.meters.push_back(std::move(row));
    }
    return forecast;
}

}  // namespace wefee
