// Postings of billing/ledger as rows of one unit.
#pragma once

#include "billing/ledger.hpp"
#include "server/flows/unit.hpp"

namespace wefee::server {

inline void post_all(Unit& unit, const Postings& postings, const TenantId& tenant) {
    for (const auto& posting : postings)
        unit.post(std::string{posting.account}, posting.debit, posting.credit, std::string{posting.ref_type},
                  posting.ref_id, tenant);
}

}  // namespace wefee::server
