// Coupons as lines: what each takes off, in the order of rule R14.
#include "billing/coupons.hpp"
#include "billing/rating_parts.hpp"

namespace wefee::rating {
namespace {

std::string terms_text(const Coupon& terms, Fen net) {
    if (terms.kind == Coupon::Kind::fixed) return "减 " + format_yuan_for_people(terms.amount);
    return format_yuan_for_people(net) + " 优惠 " +
           format_quantity(Quantity{std::int64_t{terms.basis_points} * quantity_scale / 100}) + "%";
}

}  // namespace

std::vector<RatedLine> coupon_lines(const PriceList& prices, std::span<const std::string> codes, Fen net) {
    if (codes.empty() || net <= Fen{}) return {};
    std::vector<Coupon> terms;
    for (const auto& code : codes) terms.push_back(find_coupon(prices, code)->terms);
    const auto taken = discount(net, terms);
    std::vector<RatedLine> lines;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        RatedLine line;
        line.item_code = coupon_item(codes[i]);
        line.kind = LineKind::coupon;
        line.title = find_coupon(prices, codes[i])->title;
        line.formula.amount = -taken.per_coupon[i];
        line.formula.text = terms_text(terms[i], net);
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace wefee::rating
