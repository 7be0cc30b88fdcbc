// The stored names of providers and failure causes, one table each.
#include "billing/facts.hpp"

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace wefee {
namespace {

constexpr std::array provider_names{
    std::pair{Provider::wechat, std::string_view{"wechat"}},
    std::pair{Provider::alipay, std::string_view{"alipay"}},
    std::pair{Provider::transfer, std::string_view{"transfer"}},
    std::pair{Provider::balance, std::string_view{"balance"}},
    std::pair{Provider::credit_note, std::string_view{"credit_note"}},
};

constexpr std::array failure_cause_names{
    std::pair{FailureCause::balance_not_enough, std::string_view{"balance_not_enough"}},
    std::pair{FailureCause::payment_limit, std::string_view{"payment_limit"}},
    std::pair{FailureCause::account_abnormal, std::string_view{"account_abnormal"}},
    std::pair{FailureCause::mandate_ended, std::string_view{"mandate_ended"}},
    std::pair{FailureCause::amount_above_mandate, std::string_view{"amount_above_mandate"}},
    std::pair{FailureCause::outside_window, std::string_view{"outside_window"}},
    std::pair{FailureCause::channel_busy, std::string_view{"channel_busy"}},
    std::pair{FailureCause::merchant_blocked, std::string_view{"merchant_blocked"}},
    std::pair{FailureCause::bad_request, std::string_view{"bad_request"}},
    std::pair{FailureCause::closed_unpaid, std::string_view{"closed_unpaid"}},
    std::pair{FailureCause::unlisted, std::string_view{"unlisted"}},
};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    for (const auto& [key, name] : table)
        if (key == value) return name;
    throw std::logic_error("an enumerator without a name");
}

template <class Table>
auto value_in(const Table& table, std::string_view text) -> std::optional<decltype(table[0].first)> {
    for (const auto& [key, name] : table)
        if (name == text) return key;
    return std::nullopt;
}

}  // namespace

std::string_view provider_name(Provider provider) { return name_in(provider_names, provider); }
std::optional<Provider> parse_provider(std::string_view name) { return value_in(provider_names, name); }

std::string_view failure_cause_name(FailureCause cause) { return name_in(failure_cause_names, cause); }
std::optional<FailureCause> parse_failure_cause(std::string_view name) {
    return value_in(failure_cause_names, name);
}

}  // namespace wefee
