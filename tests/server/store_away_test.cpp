// The database goes away under a running server: nothing is acknowledged, and every repeat afterwards is
// taken once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/server/rig.hpp"
#include "tests/support/private_mariadb.hpp"
#include "wecom/envelope.hpp"

namespace wefee::server::tests {
namespace {

using wefee::tests::PrivateMariadb;

/// One valid message of each provider, of the vectors' moment.
std::vector<Delivery> valid_messages() {
    const auto vectors = Json::parse(data("wechat-pay/vectors.json"));
    Delivery wechat{"WeChat Pay v3", "POST", "/webhooks/wechatpay", {}, {}, 200, std::nullopt};
    for (const auto& vector : vectors.at("notifications"))
        if (vector.at("name") == "transaction_success_public_key") {
            for (const auto& [name, value] : vector.at("headers").items())
                wechat.headers.emplace_back(name, value.get<std::string>());
            wechat.body = data("wechat-pay/" + vector.at("body_file").get<std::string>());
        }
    const Delivery deduction{"WeChat Pay v2",
                             "POST",
                             "/webhooks/wechatpay/v2/deduction",
                             {},
                             data("wechat-pay/bodies/v2_notify_deduct_success.xml"),
                             200,
                             std::nullopt};
    const Delivery alipay{"Alipay", "POST",      "/webhooks/alipay", {}, data("alipay/notify/N01_paid.body"),
                          200,      std::nullopt};
    const wecom::CallbackCrypt crypt{"SelfAppToken01", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"};
    const auto call = wecom::make_post(
        crypt, {std::string(16, 'r'), "1760000500", "500", "ww0123456789abcdef"},
        "<xml><ToUserName>ww0123456789abcdef</ToUserName><MsgType>text</MsgType><MsgId>7</MsgId></xml>",
        "ww0123456789abcdef", "1000002");
    const Delivery wecom{"WeCom", "POST",      "/webhooks/wecom/app?" + call.query, {}, call.body,
                         200,     std::nullopt};
    return {wechat, deduction, alipay, wecom};
}

RawReply deliver(const Rig& rig, const Delivery& one) {
    return send_raw(rig.port(), one.method, one.target, one.headers, one.body);
}

TEST(MysqlStoreAway, NothingIsAcknowledgedAndEveryRepeatAfterwardsIsTakenOnce) {
    auto& mariadb = PrivateMariadb::instance();
    mariadb.create_database("store_away");
    Rig rig{parse_instant("2025-11-23T21:09:52+08:00").value()};
    rig.store_url = mariadb.url("store_away");
    rig.start(all_providers(rig));
    ASSERT_EQ(rig.get("/readyz").status, 200);
    mariadb.stop();
    for (const auto& one : valid_messages()) {
        SCOPED_TRACE(one.name);
        const auto reply = deliver(rig, one);
        EXPECT_EQ(reply.status, 503);
        EXPECT_EQ(reply.body.find("success"), std::string::npos) << reply.body;
        EXPECT_EQ(reply.body.find("SUCCESS"), std::string::npos) << reply.body;
    }
    EXPECT_EQ(rig.post("/webhooks/alipay", "notify_id=1&sign=AAAA").status, 401) << "refusing needs no store";
    EXPECT_EQ(rig.get("/healthz").status, 200) << "the process lives";
    EXPECT_EQ(rig.get("/readyz").status, 503);
    for (const auto& reply :
         {rig.call("GET", "/admin/v1/tenants", rig.admin_key()), rig.get("/public/v1/price-lists/current"),
          rig.call("POST", "/admin/v1/stops", rig.admin_key(), R"({"scope":"global","reason":"r"})")}) {
        EXPECT_EQ(reply.status, 503) << reply.body;
        EXPECT_EQ(Json::parse(reply.body).value("code", ""), "unavailable");
    }
    mariadb.start();
    for (int round = 0; round < 2; ++round)
        for (const auto& one : valid_messages()) EXPECT_EQ(deliver(rig, one).status, 200) << one.name;
    EXPECT_EQ(rig.counts().inbox, 4);
    rig.stop();
    mariadb.drop_database("store_away");
}

}  // namespace
}  // namespace wefee::server::tests
