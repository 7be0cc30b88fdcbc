#include "server/flows/consent_view.hpp"

#include <charconv>
#include <string_view>

#include <nlohmann/json.hpp>

namespace wefee::server {

Consent consent_of(const storage::ConsentRow& row, const std::vector<storage::ConsentItemRow>& items) {
    Consent consent;
    consent.id = row.id;
    consent.tenant = row.tenant_id;
    consent.provider = parse_provider(row.provider).value();
    consent.items.reserve(items.size());
    for (const auto& item : items)
        consent.items.push_back(
            {item.item_code, item.title, item.unit_price_micro_yuan, item.unit, "", item.ceiling_fen});
    consent.cap_charge = row.cap_charge_fen;
    consent.cap_cycle = row.cap_cycle_fen;
    consent.valid_from = row.valid_from;
    consent.valid_to = row.valid_to;
    consent.text_version = row.terms_version;
    consent.text_hash = row.text_hash;
    return consent;
}

namespace {

/// The field that line_row() prints first; read as JSON where it does not stand there.
MicroYuan unit_price_of(const std::string& formula) {
    constexpr std::string_view first = R"({"unit_price_micro_yuan":)";
    std::int64_t price = 0;
    if (formula.starts_with(first)) {
        const auto* end = formula.data() + formula.size();
        const auto [stop, error] = std::from_chars(formula.data() + first.size(), end, price);
        if (error == std::errc{} && stop != end && (*stop == ',' || *stop == '}')) return MicroYuan{price};
    }
    return MicroYuan{nlohmann::json::parse(formula).value("unit_price_micro_yuan", std::int64_t{0})};
}

}  // namespace

std::vector<CoverLine> cover_lines_of(const std::vector<storage::InvoiceLineRow>& lines) {
    std::vector<CoverLine> result;
    result.reserve(lines.size());
    for (const auto& line : lines) {
        const bool metered = metered_item(parse_line_kind(line.kind).value(), line.item_code).has_value();
        result.push_back({line.item_code, unit_price_of(line.formula), line.amount_fen, metered});
    }
    return result;
}

}  // namespace wefee::server
