// History rewritten: terms as they should have been from earlier days on. invoiced.hpp makes the bill of the
// difference.
#pragma once

#include <vector>

#include "billing/change.hpp"

namespace wefee {

/// Terms as they should have been from an earlier day on.
struct CorrectedTerms {
    CivilDay from;
    TermsWish wish;
};

/// The subscription as it should have been. Throws Error{invalid_value} with pointers below /terms/<place>.
Subscription rewritten(Subscription subscription, const std::vector<CorrectedTerms>& terms, CivilDay today);

}  // namespace wefee
