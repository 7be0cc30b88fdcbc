// The client against our own listener over TLS, and against raw peers that misbehave.
#include "io/http_client.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/system/system_error.hpp>
#include <ctime>
#include <deque>
#include <functional>
#include <latch>
#include <mutex>
#include <thread>

#include "io/crypto.hpp"
#include "io/http_server.hpp"
#include "io/log.hpp"
#include "raw_socket.hpp"

namespace wefee::io {
namespace {

using namespace std::chrono_literals;
using boost::system::system_error;
using test::RawListener;
using test::RawSocket;

TlsIdentity make_identity(const PrivateKey& key, const std::vector<std::string>& hosts) {
    const auto now = std::time(nullptr);
    return {Certificate::self_signed(key, "test", "01", now - 3600, now + 3600, hosts).to_pem(),
            key.to_pem()};
}

struct Identities {
    TlsIdentity ecdsa = make_identity(PrivateKey::generate_ec_p256(), {"localhost", "127.0.0.1"});
    TlsIdentity rsa = make_identity(PrivateKey::generate_rsa(), {"localhost", "127.0.0.1"});
    TlsIdentity other_host = make_identity(PrivateKey::generate_ec_p256(), {"other.example"});
    TlsIdentity expired = [] {
        const auto key = PrivateKey::generate_ec_p256();
        return TlsIdentity{Certificate::self_signed(key, "old", "02", 1, 1000, {"localhost"}).to_pem(),
                           key.to_pem()};
    }();
};
const Identities& identities() {
    static const Identities all;
    return all;
}

/// Answers each accepted connection with a function of its own, in turn.
class Peer {
public:
    using Serve = std::function<void(RawSocket&)>;
    explicit Peer(std::deque<Serve> scripts) : scripts_(std::move(scripts)) {
        thread_ = std::thread([this] {
            for (auto& serve : scripts_) {
                auto socket = listener_.accept();
                ++accepted;
                serve(socket);
            }
        });
    }
    ~Peer() { thread_.join(); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    std::string url(const std::string& target = "/") const {
        return "http://127.0.0.1:" + std::to_string(listener_.port()) + target;
    }
    std::atomic<int> accepted = 0;

private:
    RawListener listener_;
    std::deque<Serve> scripts_;
    std::thread thread_;
};

/// Reads one request and sends `bytes`.
Peer::Serve answer(std::string bytes) {
    return [bytes = std::move(bytes)](RawSocket& socket) {
        socket.read_response();
        socket.send(bytes);
    };
}

class HttpClientTest : public testing::Test {
protected:
    static void SetUpTestSuite() { configure_log({.level = Level::error, .file_descriptor = -1}); }
    static void TearDownTestSuite() { configure_log({}); }

    NetHttpClient& make(ClientOptions options = {}) {
        options.allow_private = true;
        return client_.emplace(std::move(options));
    }
    ClientResponse get(const std::string& url, std::chrono::milliseconds limit = 10s,
                       std::string method = "GET") {
        return loop_.run(client_->send({.method = std::move(method), .url = url}, limit));
    }
    boost::system::error_code failure_of(const std::string& url, std::chrono::milliseconds limit = 10s) {
        try {
            const auto response = get(url, limit);
            ADD_FAILURE() << "answered " << response.status;
            return {};
        } catch (const system_error& error) {
            return error.code();
        }
    }
    HttpServer& serve(ServerOptions options = {}) {
        options.timer_resolution = 5ms;
        server_.emplace(
            std::move(options), [](auto, auto) { return RouteLimits{.body_bytes_max = 10'000'000}; },
            [this](Request& request) -> awaitable<Response> {
                if (request.path == "/busy") {
                    const int now = ++in_flight_;
                    int most = most_in_flight_;
                    while (now > most && !most_in_flight_.compare_exchange_weak(most, now)) {
                    }
                    co_await sleep_for(1ms);
                    --in_flight_;
                }
                if (request.path == "/stuck") co_await sleep_for(1h);
                if (request.path == "/moved")
                    co_return Response{.status = 302, .headers = {{"Location", "/x"}}};
                if (request.path == "/503") co_return Response{.status = 503};
                co_return Response{.content_type = "text/plain",
                                   .body = std::string(request.method) + " " + std::string(request.target) +
                                           " " + std::string(request.body),
                                   .headers = {{"X-Seen-Host", std::string(request.header("Host"))}}};
            });
        server_->start();
        return *server_;
    }
    std::string url(const std::string& scheme = "http", const std::string& host = "127.0.0.1",
                    const std::string& target = "/x") const {
        return scheme + "://" + host + ":" + std::to_string(server_->port()) + target;
    }

    std::atomic<int> in_flight_ = 0, most_in_flight_ = 0;
    Loop loop_;
    std::optional<HttpServer> server_;
    std::optional<NetHttpClient> client_;
};

TEST_F(HttpClientTest, SendsAndReadsAndReusesTheConnection) {
    serve();
    auto& client = make();
    for (int i = 0; i < 5; ++i) {
        const auto response = loop_.run(
            client.send({.method = "POST", .url = url("http", "127.0.0.1", "/a?b=c"), .body = "hello"}, 10s));
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, "POST /a?b=c hello");
        EXPECT_EQ(*find_header(response.headers, "x-seen-host"),
                  "127.0.0.1:" + std::to_string(server_->port()));
    }
    EXPECT_EQ(get(url(), 10s, "HEAD").body, "");
    EXPECT_EQ(get(url()).body, "GET /x ");
    EXPECT_EQ(client.stats().connections_opened, 1U);
    EXPECT_EQ(client.stats().connections_reused, 6U);
    EXPECT_EQ(server_->stats().connections, 1U);
}

TEST_F(HttpClientTest, ResumesOnTheCallersThread) {
    serve();
    auto& client = make();
    loop_.run([](NetHttpClient& c, std::string to) -> awaitable<void> {
        const auto home = std::this_thread::get_id();
        co_await c.send({.method = "GET", .url = to}, 10s);
        EXPECT_EQ(std::this_thread::get_id(), home);
        bool failed = false;
        try {
            co_await c.send({.method = "GET", .url = "http://127.0.0.1:1/"}, 10s);
        } catch (const system_error&) {
            failed = true;
        }
        EXPECT_TRUE(failed);
        EXPECT_EQ(std::this_thread::get_id(), home);
    }(client, url()));
}

TEST_F(HttpClientTest, VerifiesTlsByNameAndByAddress) {
    serve({.tls = make_tls_server({identities().ecdsa, identities().rsa})});
    make({.ca_pem = identities().ecdsa.certificate_chain + identities().rsa.certificate_chain});
    EXPECT_EQ(get(url("https", "localhost")).body, "GET /x ");
    EXPECT_EQ(get(url("https", "127.0.0.1")).body, "GET /x ");
    EXPECT_EQ(get(url("https", "127.0.0.1")).status, 200);
    EXPECT_EQ(client_->stats().connections_reused, 1U);  // also with session tickets
}

TEST_F(HttpClientTest, RefusesCertificatesThatDoNotHold) {
    const auto refused = [this](const TlsIdentity& identity, const std::string& trusted) {
        serve({.tls = make_tls_server({identity})});
        make({.ca_pem = trusted});
        const auto code = failure_of(url("https", "localhost"));
        EXPECT_EQ(code.category(), boost::asio::error::get_ssl_category()) << code.message();
        EXPECT_EQ(server_->stats().requests, 0U);
    };
    refused(identities().other_host, identities().other_host.certificate_chain);  // another host's
    refused(identities().ecdsa, identities().rsa.certificate_chain);  // not signed by whom we trust
    refused(identities().ecdsa, "");                                  // self-signed, system store
    refused(identities().expired, identities().expired.certificate_chain);
    EXPECT_THROW(make({.ca_pem = "no certificate"}), std::invalid_argument);
}

TEST_F(HttpClientTest, FollowsNoRedirect) {
    serve();
    make();
    EXPECT_EQ(get(url("http", "127.0.0.1", "/moved")).status, 302);
    EXPECT_EQ(server_->stats().requests, 1U);
}

TEST_F(HttpClientTest, SendsNothingToWhomItMayNot) {
    serve();
    make({.allowed_hosts = {"api.example", "127.0.0.1"}});
    EXPECT_EQ(get(url()).status, 200);
    EXPECT_THROW(get(url("http", "localhost")), NotSent);
    EXPECT_THROW(get("gopher://127.0.0.1/"), NotSent);
    client_.emplace(ClientOptions{});  // production: no plain HTTP, public addresses only
    EXPECT_THROW(get(url("http", "127.0.0.1")), NotSent);
    for (const auto* host :
         {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254"})
        EXPECT_THROW(get(url("https", host)), NotSent) << host;
    EXPECT_EQ(server_->stats().connections, 1U);
}

TEST_F(HttpClientTest, EndsACallAtItsLimit) {
    serve();
    make();
    EXPECT_EQ(failure_of(url("http", "127.0.0.1", "/stuck"), 30ms), boost::asio::error::timed_out);
    EXPECT_EQ(get(url()).status, 200);
    EXPECT_EQ(client_->stats().connections_reused, 0U);  // the broken connection is not kept
}

TEST_F(HttpClientTest, AnswersThatEndEarlyAreFailures) {
    Peer peer({answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhell"), answer(""),
               answer("HTTP/1.1 200 OK\r\nCon"), answer("nonsense\r\n\r\n")});
    make({.breaker = {.failures = 100}});
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(failure_of(peer.url())) << i;
    EXPECT_EQ(peer.accepted, 4);  // and none is repeated
}

TEST_F(HttpClientTest, AnswersAreBounded) {
    Peer peer({answer("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x')),
               answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                      std::string(2000, 'x') + "\r\n0\r\n\r\n"),
               answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x')),
               answer("HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x') + "\r\nContent-Length: 0\r\n\r\n"),
               answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'))});
    make({.response_bytes_max = 1000, .response_head_bytes_max = 1000, .breaker = {.failures = 100}});
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(failure_of(peer.url())) << i;
    EXPECT_EQ(get(peer.url()).body.size(), 1000U);
}

TEST_F(HttpClientTest, SkipsInterimAnswers) {
    Peer peer({answer(
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")});
    make();
    EXPECT_EQ(get(peer.url()).body, "ok");
}

TEST_F(HttpClientTest, NoticesThatTheKeptConnectionWasClosedBeforeItUsesIt) {
    std::latch closed(1);
    Peer peer({[&](RawSocket& socket) {
                   answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")(socket);
                   RawSocket(std::move(socket)).finish_sending();
                   closed.count_down();
               },
               answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")});
    make();
    EXPECT_EQ(get(peer.url()).body, "1");
    closed.wait();
    EXPECT_EQ(get(peer.url()).body, "2");
    EXPECT_EQ(client_->stats().connections_reused, 0U);
}

TEST_F(HttpClientTest, NeverRepeatsACallWhoseKeptConnectionBreaks) {
    Peer peer({[](RawSocket& socket) {
        answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")(socket);
        socket.read_response();  // takes the second request and leaves
    }});
    make();
    EXPECT_EQ(get(peer.url()).body, "1");
    EXPECT_TRUE(failure_of(peer.url()));
    EXPECT_EQ(client_->stats().connections_reused, 1U);
    EXPECT_EQ(peer.accepted, 1);
}

TEST_F(HttpClientTest, BytesNobodyAskedForEndTheConnection) {
    Peer peer(
        {answer(
             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
         answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")});
    make();
    EXPECT_EQ(get(peer.url()).body, "1");
    EXPECT_EQ(get(peer.url()).body, "2");
}

TEST_F(HttpClientTest, HoldsCallsInFlightToTheLimit) {
    serve();
    auto& client = make({.in_flight_per_host = 3});
    TaskGroup group(loop_.executor());
    std::atomic<int> answered = 0;
    loop_.run(
        [](TaskGroup& tasks, NetHttpClient& c, std::string to, std::atomic<int>& done) -> awaitable<void> {
            for (int i = 0; i < 30; ++i)
                tasks.start(
                    "call",
                    [](NetHttpClient& one, std::string where, std::atomic<int>& count) -> awaitable<void> {
                        co_await one.send({.method = "GET", .url = where}, 10s);
                        ++count;
                    }(c, to, done));
            co_await tasks.stop(1h);
        }(group, client, url("http", "127.0.0.1", "/busy"), answered));
    EXPECT_EQ(answered, 30);
    EXPECT_LE(most_in_flight_, 3);
    EXPECT_LE(client.stats().connections_opened, 3U);
}

TEST_F(HttpClientTest, CallsBeyondTheRateWaitTheirTurnAndAreNotSentIfItComesTooLate) {
    serve();
    auto& client = make({.rate = {.tokens = 1, .burst = 2, .per = 3600s}});
    loop_.run([](NetHttpClient& c, std::string to) -> awaitable<void> {
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ((co_await c.send({.method = "GET", .url = to}, 10s)).status, 200);
        bool refused = false;
        try {
            co_await c.send({.method = "GET", .url = to}, 10s);  // its turn comes in an hour
        } catch (const NotSent&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    }(client, url()));
    auto& patient = make({.rate = {.tokens = 50, .burst = 1, .per = 1s}});
    loop_.run([](NetHttpClient& c, std::string to) -> awaitable<void> {
        for (int i = 0; i < 3; ++i)
            EXPECT_EQ((co_await c.send({.method = "GET", .url = to}, 10s)).status, 200);
    }(patient, url()));
}

TEST_F(HttpClientTest, WaitingForAPlaceCountsAgainstTheLimit) {
    serve();
    auto& client = make({.in_flight_per_host = 1});
    TaskGroup group(loop_.executor());
    loop_.run(
        [](TaskGroup& tasks, NetHttpClient& c, std::string stuck, std::string other) -> awaitable<void> {
            tasks.start("stuck", [](NetHttpClient& one, std::string where) -> awaitable<void> {
                try {
                    co_await one.send({.method = "GET", .url = where}, 300ms);
                } catch (const system_error&) {
                    co_return;
                }
            }(c, stuck));
            co_await sleep_for(1ms);
            boost::system::error_code code;
            try {
                co_await c.send({.method = "GET", .url = other}, 20ms);
            } catch (const system_error& error) {
                code = error.code();
            }
            EXPECT_EQ(code, boost::asio::error::timed_out);
            EXPECT_EQ((co_await c.send({.method = "GET", .url = other}, 10s)).status,
                      200);  // once the place is free
            co_await tasks.stop(1h);
        }(group, client, url("http", "127.0.0.1", "/stuck"), url()));
}

TEST_F(HttpClientTest, TheBreakerOpensOnFailuresAndSaysToWait) {
    serve();
    auto& client = make({.breaker = {.failures = 3, .open_time = 100ms}});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(url("http", "127.0.0.1", "/503")).status, 503);
    try {
        get(url());
        ADD_FAILURE() << "the breaker is closed";
    } catch (const BreakerOpen& open) {
        EXPECT_GT(open.retry_after, 0ms);
        EXPECT_LE(open.retry_after, 100ms);
    }
    EXPECT_EQ(server_->stats().requests, 3U);
    EXPECT_EQ(client.stats().failures, 3U);
    for (;;) {  // until the probe is let through
        try {
            EXPECT_EQ(get(url()).status, 200);
            break;
        } catch (const BreakerOpen& open) {
            loop_.run(sleep_for(open.retry_after));
        }
    }
    EXPECT_EQ(get(url()).status, 200);
}

TEST_F(HttpClientTest, RefusedConnectionsOpenTheBreakerToo) {
    std::uint16_t closed_port = 0;
    {
        const RawListener gone;
        closed_port = gone.port();
    }
    make({.breaker = {.failures = 2}});
    const auto to = "http://127.0.0.1:" + std::to_string(closed_port) + "/";
    EXPECT_EQ(failure_of(to), boost::asio::error::connection_refused);
    EXPECT_EQ(failure_of(to), boost::asio::error::connection_refused);
    EXPECT_THROW(get(to), BreakerOpen);
}

TEST_F(HttpClientTest, EndsCallsInFlightWhenItIsDestroyed) {
    serve();
    make();
    std::atomic<bool> ended = false;
    std::thread caller([&] {
        EXPECT_TRUE(failure_of(url("http", "127.0.0.1", "/stuck"), 1h));
        ended = true;
    });
    while (server_->stats().requests == 0) std::this_thread::yield();
    client_.reset();
    caller.join();
    EXPECT_TRUE(ended);
}

TEST_F(HttpClientTest, UnknownNamesAreFailures) {
    make();
    EXPECT_TRUE(failure_of("https://name.invalid/"));
}

// --- the listener's TLS, seen by a client that chooses ---

class TlsListener : public HttpClientTest {
protected:
    struct Seen {
        bool connected = false, resumed = false;
        int key_type = 0;
        std::string version;
        SSL_SESSION* session = nullptr;
    };
    /// One request on a TLS connection that `prepare` has set up.
    Seen look(const std::function<void(SSL*)>& prepare) {
        SSL_CTX* context = SSL_CTX_new(TLS_client_method());
        RawSocket socket(server_->port());
        SSL* ssl = SSL_new(context);
        prepare(ssl);
        SSL_set_fd(ssl, socket.descriptor());
        Seen seen;
        if (SSL_connect(ssl) == 1) {
            seen.connected = true;
            seen.resumed = SSL_session_reused(ssl) == 1;
            seen.version = SSL_get_version(ssl);
            if (auto* certificate = SSL_get1_peer_certificate(ssl)) {
                seen.key_type = EVP_PKEY_get_base_id(X509_get0_pubkey(certificate));
                X509_free(certificate);
            }
            const std::string_view request = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
            SSL_write(ssl, request.data(), static_cast<int>(request.size()));
            char bytes[1024];
            while (SSL_read(ssl, bytes, sizeof bytes) > 0) {
            }
            SSL_shutdown(ssl);
            seen.session = SSL_get1_session(ssl);
        }
        SSL_free(ssl);
        SSL_CTX_free(context);
        return seen;
    }
};

TEST_F(TlsListener, PrefersEcdsaAndHasRsaBesideIt) {
    serve({.tls = make_tls_server({identities().rsa, identities().ecdsa})});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto with = [version](const char* signatures) {
            return [version, signatures](SSL* ssl) {
                SSL_set_min_proto_version(ssl, version);
                SSL_set_max_proto_version(ssl, version);
                SSL_set1_sigalgs_list(ssl, signatures);
            };
        };
        const auto both = look(with("RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA256"));
        const auto rsa = look(with("RSA-PSS+SHA256:RSA+SHA256"));
        EXPECT_EQ(both.key_type, EVP_PKEY_EC) << version;
        EXPECT_EQ(rsa.key_type, EVP_PKEY_RSA) << version;
        SSL_SESSION_free(both.session);
        SSL_SESSION_free(rsa.session);
    }
}

TEST_F(TlsListener, ResumesWithATicket) {
    serve({.tls = make_tls_server({identities().ecdsa})});
    const auto first = look([](SSL*) {});
    EXPECT_FALSE(first.resumed);
    const auto second = look([&](SSL* ssl) { SSL_set_session(ssl, first.session); });
    EXPECT_TRUE(second.resumed);
    EXPECT_EQ(second.version, "TLSv1.3");
    SSL_SESSION_free(first.session);
    SSL_SESSION_free(second.session);
}

TEST_F(TlsListener, OffersNoOldVersionAndNoSuiteWithoutForwardSecrecyOrAead) {
    serve({.tls = make_tls_server({identities().ecdsa, identities().rsa})});
    const auto connects = [this](int version, const char* suites) {
        const auto seen = look([&](SSL* ssl) {
            SSL_set_security_level(ssl, 0);
            SSL_set_min_proto_version(ssl, version);
            SSL_set_max_proto_version(ssl, version);
            SSL_set_cipher_list(ssl, suites);
        });
        SSL_SESSION_free(seen.session);
        return seen.connected;
    };
    EXPECT_FALSE(connects(TLS1_1_VERSION, "ALL"));
    EXPECT_FALSE(connects(TLS1_2_VERSION, "AES128-GCM-SHA256:AES256-SHA256"));
    EXPECT_FALSE(connects(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES256-SHA"));
    EXPECT_TRUE(connects(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256"));
    EXPECT_TRUE(connects(TLS1_3_VERSION, "ALL"));
}

TEST_F(TlsListener, DropsAClientThatDoesNotShakeHands) {
    serve({.tls = make_tls_server({identities().ecdsa}), .tls_handshake_limit = 30ms});
    RawSocket silent(server_->port()), plain(server_->port());
    plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    silent.read_to_end();
    plain.read_to_end();
    EXPECT_EQ(server_->stats().requests, 0U);
    while (server_->stats().connections_open > 0) std::this_thread::yield();
}

TEST_F(TlsListener, CarriesLargeBodiesBothWays) {
    serve({.tls = make_tls_server({identities().ecdsa})});
    auto& client = make({.ca_pem = identities().ecdsa.certificate_chain});
    const std::string body(1'000'000, 'x');
    const auto response =
        loop_.run(client.send({.method = "POST", .url = url("https", "localhost"), .body = body}, 20s));
    EXPECT_EQ(response.body, "POST /x " + body);
}

TEST(TlsContext, RefusesKeysThatDoNotFit) {
    EXPECT_THROW(make_tls_server({}), std::invalid_argument);
    EXPECT_THROW(make_tls_server({{identities().ecdsa.certificate_chain, identities().rsa.private_key}}),
                 std::invalid_argument);
    EXPECT_THROW(make_tls_server({{"", identities().rsa.private_key}}), std::invalid_argument);
    EXPECT_THROW(make_tls_server({{identities().rsa.certificate_chain, "x"}}), std::invalid_argument);
}

}  // namespace
}  // namespace wefee::io
