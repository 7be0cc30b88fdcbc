// Stored consents and lines as billing's values.
#pragma once

#include <vector>

#include "billing/consent.hpp"
#include "storage/rows.hpp"

namespace wefee::server {

Consent consent_of(const storage::ConsentRow& row, const std::vector<storage::ConsentItemRow>& items);
/// The unit price of a line stands in its formula (JSON).
std::vector<CoverLine> cover_lines_of(const std::vector<storage::InvoiceLineRow>& lines);

}  // namespace wefee::server
