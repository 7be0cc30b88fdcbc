// The words of a price list's kinds, and its numbers as people read them.
#include "billing/price_list_fields.hpp"

#include <array>

namespace wefee {
namespace {

template <class Kind>
std::string_view pick(const std::array<std::string_view, static_cast<std::size_t>(kinds_of<Kind>)>& words,
                      Kind kind) {
    return words.at(static_cast<std::size_t>(kind));
}

}  // namespace

std::string_view kind_name(Aggregation kind) { return aggregation_name(kind); }
std::string_view kind_name(ChargeModel kind) { return charge_model_name(kind); }
std::string_view kind_name(SeatRule kind) { return seat_rule_name(kind); }
std::string_view kind_name(DayCount kind) { return day_count_name(kind); }
std::string_view kind_name(Timing kind) { return timing_name(kind); }
std::string_view kind_name(Coupon::Kind kind) { return pick<Coupon::Kind>({"percent", "fixed"}, kind); }

std::string_view kind_label(Aggregation kind) {
    return pick<Aggregation>({"累计数量", "计次", "去重计数", "期内最大值", "最后一次的值", "按时间加权"},
                             kind);
}
std::string_view kind_label(ChargeModel kind) {
    return pick<ChargeModel>(
        {"按单价", "分档累进", "按总量定档", "按包", "按交易额比例", "有使用即收固定费用"}, kind);
}
std::string_view kind_label(SeatRule kind) {
    return pick<SeatRule>({"按天折算,增减均结算", "只对超过本期最高席位数的部分收费,减少不退"}, kind);
}
std::string_view kind_label(DayCount kind) {
    return pick<DayCount>({"按当期实际天数折算", "每月按 30 天折算"}, kind);
}
std::string_view kind_label(Timing kind) { return pick<Timing>({"期末后付", "期初预付"}, kind); }
std::string_view kind_label(Coupon::Kind kind) {
    return pick<Coupon::Kind>({"按比例优惠", "固定金额优惠"}, kind);
}

std::string shown_number(const FieldInfo& info, std::int64_t value) {
    auto text = std::to_string(value);
    if (info.decimals > 0) {
        const bool negative = value < 0;
        auto digits = negative ? text.substr(1) : text;
        const auto places = static_cast<std::size_t>(info.decimals);
        if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
        digits.insert(digits.size() - places, 1, '.');
        while (digits.back() == '0') digits.pop_back();
        if (digits.back() == '.') digits.pop_back();
        text = (negative ? "-" : "") + digits;
    }
    return text + std::string(info.unit);
}

}  // namespace wefee
