// What a tenant may learn from its own bills: which plan would be cheaper (A11) and where the money went
// (C5).
#include <algorithm>
#include <charconv>

#include "server/flows/analysis.hpp"
#include "server/flows/recommend.hpp"
#include "server/http/body.hpp"
#include "server/http/call.hpp"
#include "server/http/csv.hpp"
#include "server/http/views.hpp"
#include "server/routes/handlers.hpp"

namespace wefee::server::handlers {
namespace {

using view::Json;

constexpr std::size_t periods_max = 24;
constexpr std::size_t features_max = 200;
constexpr int range_days_max = 400;

/// `periods`: 1-24, 3 by default.
std::size_t asked_periods(const Call& call) {
    const auto text = query_parameter(call, "periods");
    if (text.empty()) return 3;
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size() || count < 1 || count > periods_max)
        throw Error(Errc::invalid_value, "", {{"/periods", "must be between 1 and 24"}});
    return count;
}

/// `features`: codes with commas between; none asked for: those in use.
std::optional<std::vector<std::string>> asked_features(const Call& call) {
    const auto text = query_parameter(call, "features");
    if (text.empty()) return std::nullopt;
    std::vector<std::string> codes;
    for (std::size_t at = 0; at <= text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        codes.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    if (codes.size() > features_max)
        throw Error(Errc::invalid_value, "", {{"/features", "are more than 200"}});
    return codes;
}

Json span_view(DaySpan span) { return {{"from", format_day(span.start)}, {"to", format_day(span.end)}}; }

Json option_view(const PlanOption& option) {
    Json periods = Json::array(), lines = Json::array();
    for (const auto& period : option.periods)
        periods.push_back({{"period_start", format_day(period.period.start)},
                           {"period_end", format_day(period.period.end)},
                           {"total_fen", period.total.count()}});
    for (const auto& line : option.lines)
        lines.push_back({{"item_code", line.item_code},
                         {"title", line.title},
                         {"today_fen", line.today.count()},
                         {"then_fen", line.then.count()},
                         {"difference_fen", line.difference().count()}});
    return {{"plan", option.plan},
            {"title", option.title},
            {"add_ons", option.add_ons},
            {"total_fen", option.total.count()},
            {"total_text", format_yuan_for_people(option.total)},
            {"saving_fen", option.saving.count()},
            {"saving_text", format_yuan_for_people(option.saving)},
            {"periods", std::move(periods)},
            {"lines", std::move(lines)}};
}

Json cliff_view(const Cliff& cliff) {
    return {{"period_start", format_day(cliff.period.start)},
            {"period_end", format_day(cliff.period.end)},
            {"meter", cliff.meter},
            {"title", cliff.title},
            {"unit", cliff.unit},
            {"used", format_quantity(cliff.used)},
            {"at", format_quantity(cliff.at)},
            {"bill_fen", cliff.bill.count()},
            {"bill_at_fen", cliff.bill_at.count()},
            {"saving_fen", cliff.saving().count()}};
}

struct AnalysisQuestion {
    AnalysisBy by = AnalysisBy::module;
    std::optional<CivilDay> from, to;
    bool csv = false;
};

AnalysisQuestion asked(const Call& call) {
    AnalysisQuestion question;
    std::vector<FieldProblem> problems;
    const auto day = [&](const char* name) -> std::optional<CivilDay> {
        const auto text = query_parameter(call, name);
        if (text.empty()) return std::nullopt;
        auto value = parse_day(text);
        if (!value) problems.push_back({std::string{"/"} + name, "must be a date YYYY-MM-DD"});
        return value;
    };
    question.from = day("from");
    question.to = day("to");
    if (problems.empty() && question.from.has_value() != question.to.has_value())
        problems.push_back({question.from ? "/to" : "/from", "from and to go together"});
    if (question.from && question.to) {
        const auto days = days_between(*question.from, *question.to);
        if (days < 1 || days > range_days_max)
            problems.push_back({"/to", "must lie 1 to 400 days after from"});
    }
    if (const auto text = query_parameter(call, "by"); !text.empty()) {
        const auto by = parse_analysis_by(text);
        if (by)
            question.by = *by;
        else
            problems.push_back({"/by", "must be module, meter, seat, department or day"});
    }
    const auto format = query_parameter(call, "format");
    question.csv = format == "csv";
    if (!format.empty() && format != "csv" && format != "json")
        problems.push_back({"/format", "must be json or csv"});
    if (!problems.empty()) throw Error(Errc::invalid_value, "", std::move(problems));
    return question;
}

Json growth_view(Fen before, Fen after) {
    const auto growth = growth_basis_points(before, after);
    return growth ? Json(*growth) : Json{};
}

Json row_view(const AnalysisRow& row) {
    return {{"key", row.key},
            {"title", row.title},
            {"amount_fen", row.amount.count()},
            {"amount_text", format_yuan_for_people(row.amount)},
            {"before_fen", row.before.count()},
            {"difference_fen", row.difference().count()},
            {"growth_basis_points", growth_view(row.before, row.amount)}};
}

Json analysis_view(const TenantAnalysis& answer) {
    Json rows = Json::array(), drivers = Json::array();
    for (const auto& row : answer.result.rows) rows.push_back(row_view(row));
    for (const auto& row : answer.result.drivers) drivers.push_back(row_view(row));
    return {{"by", analysis_by_name(answer.by)},
            {"range", span_view(answer.range)},
            {"before", span_view(answer.before)},
            {"includes_open_period", answer.open_period},
            {"total_fen", answer.result.total.count()},
            {"total_text", format_yuan_for_people(answer.result.total)},
            {"before_fen", answer.result.before.count()},
            {"growth_basis_points", growth_view(answer.result.before, answer.result.total)},
            {"rows", std::move(rows)},
            {"drivers", std::move(drivers)}};
}

io::Response analysis_csv(const TenantAnalysis& answer) {
    std::vector<std::vector<std::string>> rows{{"编号", "项目", "金额(元)", "上期金额(元)", "增减(元)"}};
    const auto add = [&](const std::string& key, const std::string& title, Fen amount, Fen before) {
        rows.push_back({csv_text(key), csv_text(title), format_yuan(amount), format_yuan(before),
                        format_yuan(amount - before)});
    };
    for (const auto& row : answer.result.rows) add(row.key, row.title, row.amount, row.before);
    add("", "合计", answer.result.total, answer.result.before);
    const auto name = "analysis-" + std::string{analysis_by_name(answer.by)} + "-" +
                      format_day(answer.range.start) + "-" + format_day(add_days(answer.range.end, -1));
    return csv_response(name, rows);
}

}  // namespace

Answer recommendation(Call& call) {
    const auto periods = asked_periods(call);
    const auto answer =
        co_await recommend_for(call.app, call.credential.tenant_id, periods, asked_features(call));
    const auto& result = answer.result;
    Json body{{"price_list_id", answer.offered.id.text()},
              {"features", answer.features},
              {"today", option_view(result.today)}};
    body["options"] = body["lacking"] = body["cliffs"] = Json::array();
    for (const auto& option : result.options) body["options"].push_back(option_view(option));
    for (const auto& lack : result.lacking)
        body["lacking"].push_back({{"plan", lack.plan}, {"features", lack.features}});
    for (const auto& cliff : result.cliffs) body["cliffs"].push_back(cliff_view(cliff));
    body["exact"] = result.exact;
    co_return json_response(body);
}

Answer analysis(Call& call) {
    const auto question = asked(call);
    const auto& tenant = call.credential.tenant_id;
    const auto range =
        question.from ? DaySpan{*question.from, *question.to} : co_await open_period_of(call.app, tenant);
    const auto answer = co_await analyse_for(call.app, tenant, range, question.by);
    co_return question.csv ? analysis_csv(answer) : json_response(analysis_view(answer));
}

}  // namespace wefee::server::handlers
