// Price lists as JSON and back, and the versioned memory of parsed ones: published lists never change.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "billing/error.hpp"
#include "billing/price_list.hpp"
#include "billing/price_list_diff.hpp"
#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// Reads docs/price-list.schema.json's format. Throws Error with one field problem for everything that is
/// wrong.
PriceList parse_price_list(std::string_view json);
/// The same as JSON, in the order of the schema: what is stored, hashed and published.
std::string print_price_list(const PriceList& prices);

class PriceLists {
public:
    /// The parsed list. Shared: the caller may keep it.
    std::shared_ptr<const PriceList> parsed(const storage::PriceListRow& row);

private:
    std::mutex mutex_;
    std::map<PriceListId, std::shared_ptr<const PriceList>> known_;  // a stored list's content never changes
};

/// The stored row; throws Error{not_found}.
io::awaitable<storage::PriceListRow> stored_price_list(App& app, PriceListId id);
/// What `newer` changes against `older`.
std::vector<Difference> price_list_differences(PriceLists& lists, const storage::PriceListRow& older,
                                               const storage::PriceListRow& newer);
/// The one that is in force for a tenant: its own newest, else everybody's. Throws Error{not_found} when
/// there is none.
io::awaitable<storage::PriceListRow> price_list_in_force(App& app, TenantId tenant);
/// A published one that the tenant may see; throws Error{not_found}.
io::awaitable<storage::PriceListRow> price_list_of(App& app, TenantId tenant, PriceListId id);
/// The id that a draft of this operation gets.
PriceListId new_price_list_id(const std::string& op_id);
/// Stores a draft. Throws what parse_price_list throws.
/// `tenant`: whose own list it is to be; empty: everybody's. Throws Error{not_found} when there is no such
/// tenant.
io::awaitable<storage::PriceListRow> create_price_list(App& app, std::string op_id, std::string actor,
                                                       TenantId tenant, std::string json);
/// Draft to published: immutable from here on, in force from its effective day. Throws Error{invalid_value}
/// with one problem (code and pointer) for everything that forbids it.
io::awaitable<storage::PriceListRow> publish_price_list(App& app, std::string op_id, std::string actor,
                                                        PriceListId id);

}  // namespace wefee::server
