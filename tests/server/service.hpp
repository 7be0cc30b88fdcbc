// A server with one company that subscribed to the demonstration's plan, and the vendor's keys.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/demo/month.hpp"
#include "server/http/credentials.hpp"
#include "tests/server/rig.hpp"

namespace wefee::server::tests {

inline const Instant start = parse_instant("2026-10-08T10:00:00+08:00").value();
inline const std::string corp = "wwbudget0000000001";

/// A company with an administrator, and keys of the vendor's system; `bound` sees ten_2 only.
inline io::awaitable<void> found(storage::Store& store) {
    storage::Changes changes;
    changes.op_id = "found";
    changes.at = start;
    changes.insert(storage::TenantRow{TenantId{"ten_1"}, corp, "星河教育", 1, 8, false, start, 1});
    changes.insert(storage::TenantRow{TenantId{"ten_2"}, "wwother", "青山贸易", 1, 8, false, start, 1});
    changes.insert(storage::MemberRow{MemberId{"mem_1"}, TenantId{"ten_1"}, "zhangwei", "billing_admin", true,
                                      start, 1});
    co_await store.commit(std::move(changes));
    for (const std::string role : {"billing_admin", "viewer"})
        co_await store.put_session({token_hash(role), TenantId{"ten_1"}, MemberId{"mem_1"}, role, "", start,
                                    start, start + std::chrono::days{90}});
    co_await store.put_api_key({token_hash("ingest"), "scrm", "ingest", "", "", start, std::nullopt});
    co_await store.put_api_key({token_hash("ask"), "scrm", "entitlements", "", "", start, std::nullopt});
    co_await store.put_api_key(
        {token_hash("bound"), "other", "entitlements", "", "ten_2", start, std::nullopt});
}

class Service {
public:
    explicit Service(const std::string& store_url = "") : rig(start) {
        if (!store_url.empty()) rig.store_url = store_url;
    }

    /// Publishes the list of the demonstration and subscribes to its one plan from `start` on.
    void open() {
        rig.seed(found);
        rig.start(all_providers(rig));
        const auto draft =
            must(rig.call("POST", "/admin/v1/price-lists", rig.admin_key(), demo::demo_price_list().dump()));
        const auto list = draft.at("id").get<std::string>();
        must(rig.call("POST", "/admin/v1/price-lists/" + list + "/publish", rig.admin_key(), "{}"));
        subscription = must(member("POST", "/api/v1/subscriptions",
                                   {{"price_list_id", list},
                                    {"terms_version", "2026-09"},
                                    {"plan", "pro"},
                                    {"seats", 5},
                                    {"payment_way", "manual"}}))
                           .at("id");
    }

    static Json must(const RawReply& reply) {
        if (reply.status / 100 != 2)
            throw std::runtime_error(std::to_string(reply.status) + " " + reply.body);
        return Json::parse(reply.body);
    }

    /// Ended sessions are no matter of these tests: their clock runs for weeks.
    RawReply member(std::string_view method, const std::string& path, const Json& body = {},
                    const std::string& role = "billing_admin") const {
        return rig.call(method, path, role, body.is_null() ? "" : body.dump());
    }

    void use(std::int64_t messages) {
        const Json event{{"id", "e" + std::to_string(++events)},
                         {"tenant", corp},
                         {"meter", "messages"},
                         {"quantity", messages},
                         {"occurred_at", format_instant(start)}};
        const auto answer =
            must(rig.call("POST", "/ingest/v1/events", "ingest", Json{{"events", {event}}}.dump()));
        ASSERT_EQ(answer.at("results")[0].at("result"), "accepted") << answer;
    }

    void pass(std::chrono::seconds time) const {
        must(rig.call("POST", "/admin/v1/test-clock", rig.admin_key(),
                      Json{{"advance_seconds", time.count()}}.dump()));
    }

    RawReply ask(const std::string& feature, const std::string& tenant = corp,
                 const std::string& key = "ask") const {
        return rig.call("GET", "/entitlements/v1/" + tenant + "/" + feature, key);
    }
    std::string reason(const std::string& feature) const { return must(ask(feature)).at("reason"); }

    /// Asks until the answer has this reason; false after ten seconds.
    bool becomes(const std::string& feature, const std::string& wanted) const {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (reason(feature) != wanted)
            if (std::chrono::steady_clock::now() > give_up) return false;
        return true;
    }

    std::vector<std::string> notices() const {
        return rig.column("SELECT dedup_key FROM outbox WHERE kind='budget' ORDER BY id");
    }

    Rig rig;
    std::string subscription;
    int events = 0;
};

}  // namespace wefee::server::tests
