// The public page of a price list (A2): everything that can ever cost money, for people, without login or
// script.
#pragma once

#include <string>

#include "billing/price_list.hpp"

namespace wefee::server {

/// A whole HTML document in zh-CN; every text of the list is escaped.
std::string price_page(const PriceList& prices);

/// Its Content-Security-Policy: nothing but the page's own style, by hash.
const std::string& price_page_policy();

}  // namespace wefee::server
