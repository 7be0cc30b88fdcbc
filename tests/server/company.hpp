// A server with one company, its administrator's sessions and the vendor's keys, and a clock that is moved by
// hand.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "server/http/credentials.hpp"
#include "tests/server/rig.hpp"

namespace wefee::server::tests {

/// `sessions`: tokens of the administrator, each good from its moment on for an hour.
class Company : public ::testing::Test {
protected:
    using Sessions = std::vector<std::pair<std::string, Instant>>;

    /// `store_url`: empty for SQLite.
    Company(Instant begin, const Sessions& sessions, const std::string& store_url = "") : rig_{begin} {
        rig_.worker = true;
        if (!store_url.empty()) rig_.store_url = store_url;
        rig_.seed([&](storage::Store& store) -> io::awaitable<void> {
            storage::Changes changes;
            changes.op_id = "seed";
            storage::TenantRow tenant;
            tenant.id = TenantId{"ten_1"};
            tenant.corp_id = "wpcorp1";
            tenant.name = "星河教育";
            tenant.created_at = begin;
            changes.insert(tenant);
            co_await store.commit(std::move(changes));
            for (const auto& [token, at] : sessions)
                co_await store.put_session({token_hash(token), TenantId{"ten_1"}, MemberId{"mem_1"},
                                            "billing_admin", "", at, at, at + std::chrono::hours{1}});
            co_await store.put_api_key({token_hash("ingest"), "scrm", "ingest", "", "", begin, std::nullopt});
        });
        rig_.start(all_providers(rig_));
    }

    Json must(std::string_view method, const std::string& target, const std::string& token,
              const Json& body = {}) {
        const auto reply = rig_.call(method, target, token, body.is_null() ? "" : body.dump());
        if (reply.status / 100 != 2)
            throw std::runtime_error(fmt::format("{} {}: {} {}", method, target, reply.status, reply.body));
        return Json::parse(reply.body);
    }
    void advance(const std::string& to) {
        must("POST", "/admin/v1/test-clock", rig_.admin_key(), {{"to", to}});
    }

    /// Publishes the list and subscribes to its plan, to be paid by hand.
    void subscribe(const Json& prices, const char* plan, int seats, const std::string& token,
                   const Json& add_ons = Json::array()) {
        const auto list =
            must("POST", "/admin/v1/price-lists", rig_.admin_key(), prices)["id"].get<std::string>();
        must("POST", "/admin/v1/price-lists/" + list + "/publish", rig_.admin_key(), Json::object());
        must("POST", "/api/v1/subscriptions", token,
             {{"price_list_id", list},
              {"terms_version", "1"},
              {"plan", plan},
              {"seats", seats},
              {"add_ons", add_ons},
              {"payment_way", "manual"}});
    }

    void use(const Json& events) {
        for (const auto& row : must("POST", "/ingest/v1/events", "ingest", {{"events", events}})["results"])
            ASSERT_EQ(row["result"], "accepted") << row.dump();
    }

    Rig rig_;
};

}  // namespace wefee::server::tests
