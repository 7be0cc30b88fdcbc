#include "server/flows/consent_view.hpp"

#include <nlohmann/json.hpp>

namespace wefee::server {

Consent consent_of(const storage::ConsentRow& row, const std::vector<storage::ConsentItemRow>& items) {
    Consent consent;
    consent.id = row.id;
    consent.tenant = row.tenant_id;
    consent.provider = parse_provider(row.provider).value();
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

std::vector<CoverLine> cover_lines_of(const std::vector<storage::InvoiceLineRow>& lines) {
    std::vector<CoverLine> result;
    for (const auto& line : lines) {
        const auto formula = nlohmann::json::parse(line.formula);
        result.push_back({line.item_code, MicroYuan{formula.value("unit_price_micro_yuan", std::int64_t{0})},
                          line.amount_fen});
    }
    return result;
}

}  // namespace wefee::server
