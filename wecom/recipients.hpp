// Who really got a message: WeCom answers with the ones that did not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wefee::wecom {

struct Delivery {
    std::vector<std::string> delivered;
    std::vector<std::string> invalid;
    std::vector<std::string> unlicensed;
};

/// `invaliduser`, `unlicenseduser`: joined by '|', in lower case. Ids are mapped back through the recipients
/// of this very request; where two of them differ by case alone, both count as not delivered. An id in both
/// lists is invalid.
Delivery split_recipients(const std::vector<std::string>& recipients, std::string_view invaliduser,
                          std::string_view unlicenseduser);

/// First mention of each id, in order.
std::vector<std::string> without_repeats(std::vector<std::string> ids);

}  // namespace wefee::wecom
