#include "tests/server/rig.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "io/log.hpp"
#include "io/loop.hpp"
#include "server/config/config.hpp"

namespace wefee::server::tests {

std::string data_path(const std::string& name) { return std::string{WEFEE_TEST_DATA} + "/" + name; }

std::string data(const std::string& name) {
    std::ifstream file{data_path(name), std::ios::binary};
    if (!file) throw std::runtime_error("no test data " + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<Json> wecom_vectors(const std::string& file) {
    const auto whole = Json::parse(data("wecom/" + file));
    std::vector<Json> vectors;
    for (auto vector : whole.at("vectors")) {
        // What all vectors of a file share stands beside them.
        for (const auto& [name, value] : whole.items())
            if (name != "vectors" && !vector.contains(name)) vector[name] = value;
        vectors.push_back(std::move(vector));
    }
    return vectors;
}

Folder::Folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "wefee-server-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
}

Folder::~Folder() {
    std::error_code gone;
    std::filesystem::remove_all(path_, gone);
}

std::string Folder::file(const std::string& name, const std::string& text) const {
    const auto path = path_ / name;
    std::ofstream out{path, std::ios::binary | std::ios::trunc};
    out << text;
    out.close();
    if (!out) throw std::runtime_error("cannot write " + path.string());
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path.string();
}

Rig::Rig(Instant given) : now(given), admin_key_("wfk_T8sJq2ZrLm5Xv0Yb7Nc4Hd9Kf1Gp6Wt3Ra8Ue5Io2Lz") {
    store_url = "sqlite://" + (folder.path() / "wefee.db").string();
    // Refused requests are what these tests are about: one warning each would drown a failure's words.
    io::configure_log({.level = io::Level::error});
}

Rig::~Rig() { stop(); }

std::string Rig::config_text(const std::string& sections) const {
    return fmt::format(
        "environment = \"test\"\npublic_url = \"https://pay.example.com\"\nadmin_key_file = \"{}\"\n"
        "[listen]\naddress = \"127.0.0.1:0\"\nloops = 1\n[store]\nurl = \"{}\"\n"
        "[test]\nclock = \"manual\"\nnow = \"{}\"\n"
        "[limits]\n{}{}\n{}",
        folder.file("admin.key", admin_key_), store_url, format_instant(now), rates, limits, sections);
}

void Rig::start(const std::string& sections) {
    const auto loaded = parse_config(config_text(sections), {});
    std::string wrong;
    for (const auto& mistake : loaded.mistakes) wrong += mistake.key + " " + mistake.reason + "; ";
    if (!wrong.empty()) throw std::runtime_error(wrong);
    server_ = std::make_unique<Server>(loaded.config, ServeOptions{true, worker, true});
    server_->start();
}

void Rig::stop() {
    if (server_) server_->stop();
    server_.reset();
}

std::uint16_t Rig::port() const { return server_->port(); }

RawReply Rig::get(std::string_view target, const Headers& headers) const {
    return send_raw(port(), "GET", target, headers);
}

RawReply Rig::post(std::string_view target, std::string_view body, const Headers& headers) const {
    return send_raw(port(), "POST", target, headers, body);
}

RawReply Rig::call(std::string_view method, std::string_view target, const std::string& token,
                   const std::string& body, Headers headers) const {
    if (!token.empty()) headers.emplace_back("Authorization", "Bearer " + token);
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return send_raw(port(), method, target, headers, body);
}

Counts Rig::counts() const {
    const auto reply = call("GET", "/admin/v1/verify", admin_key_);
    if (reply.status != 200)
        throw std::runtime_error("verify: " + std::to_string(reply.status) + " " + reply.body);
    const auto body = Json::parse(reply.body);
    EXPECT_TRUE(body.at("violations").empty()) << body.at("violations").dump();
    const auto& counts = body.at("counts");
    return {counts.at("inbox").get<std::int64_t>(), counts.at("quarantine").get<std::int64_t>()};
}

std::vector<std::string> Rig::column(const std::string& sql) const {
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    std::vector<std::string> values;
    const auto path = (folder.path() / "wefee.db").string();
    if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
        sqlite3_busy_timeout(database, 5'000) == SQLITE_OK &&
        sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK)
        while (sqlite3_step(statement) == SQLITE_ROW) {
            const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, 0));
            values.emplace_back(text ? text : "",
                                static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
        }
    const bool failed = sqlite3_errcode(database) != SQLITE_OK && sqlite3_errcode(database) != SQLITE_DONE;
    const std::string why = failed ? sqlite3_errmsg(database) : "";
    sqlite3_finalize(statement);
    sqlite3_close(database);
    if (failed) throw std::runtime_error(sql + ": " + why);
    return values;
}

storage::StoreOptions Rig::options() const {
    storage::StoreOptions options;
    options.url = store_url;
    options.owner = "test";
    return options;
}

void Rig::seed(const std::function<io::awaitable<void>(storage::Store&)>& write) const {
    const auto store = storage::Store::open(options(), true);
    io::Loop loop;
    loop.run(write(*store));
    store->close();
}

std::string payment_providers() {
    return fmt::format(
        "[wechatpay]\nbase_url = \"http://127.0.0.1:1\"\nmchid = \"1900009191\"\nappid = "
        "\"wxd678efh567hg6787\"\n"
        "merchant_serial = \"3775B6A45ACD588826D15E583A95F5DD11223344\"\nv2_sign_type = \"MD5\"\n"
        "merchant_private_key_file = \"{}\"\napi_v3_key_file = \"{}\"\napi_v2_key_file = \"{}\"\n"
        "public_key_id = \"PUB_KEY_ID_0114232134912410000000000000000001\"\npublic_key_file = \"{}\"\n"
        "[alipay]\ngateway_url = \"http://127.0.0.1:1/gateway.do\"\napp_id = \"2021000000000001\"\n"
        "seller_id = \"2088000000000001\"\napp_private_key_file = \"{}\"\nalipay_public_key_file = \"{}\"\n",
        data_path("wechat-pay/keys/merchant_private.pem"), data_path("wechat-pay/keys/api_v3_key.txt"),
        data_path("wechat-pay/keys/api_v2_key.txt"), data_path("wechat-pay/keys/wechatpay_pub_public.pem"),
        data_path("alipay/keys/app_private_pkcs8.pem"), data_path("alipay/keys/alipay_public.pem"));
}

std::string all_providers(const Rig& rig) {
    const auto& folder = rig.folder;
    return payment_providers() +
           fmt::format(
               "[wecom]\nbase_url = \"http://127.0.0.1:1\"\ncorp_id = \"ww0123456789abcdef\"\nagent_id = "
               "1000002\n"
               "corp_secret_file = \"{}\"\ntoken_file = \"{}\"\nencoding_aes_key_file = \"{}\"\n",
               folder.file("corp_secret", "Wq3Zt8Lk2Xv9Rm4Yc7Nb1Hd6Kf5Gp0Ts"),
               folder.file("token", "SelfAppToken01"),
               folder.file("aes", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"));
}

void deliver_twice(const Rig& rig, const std::vector<Delivery>& deliveries, std::int64_t accepted) {
    std::int64_t refused_posts = 0;
    for (const auto& one : deliveries) refused_posts += one.method == "POST" && one.status != 200;
    for (int round = 1; round <= 2; ++round) {
        for (const auto& one : deliveries) {
            SCOPED_TRACE(one.name + ", delivery " + std::to_string(round));
            const auto reply = send_raw(rig.port(), one.method, one.target, one.headers, one.body);
            EXPECT_EQ(reply.status, one.status) << reply.body;
            if (one.answer) EXPECT_EQ(reply.body, *one.answer);
        }
        EXPECT_EQ(rig.counts(), (Counts{accepted, refused_posts * round})) << "after round " << round;
    }
    for (const auto& size : rig.column("SELECT max(length(raw)) FROM quarantine"))
        if (!size.empty()) EXPECT_LE(std::stoi(size), 4'096);
}

}  // namespace wefee::server::tests
