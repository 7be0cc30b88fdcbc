// The listener from outside: raw bytes in, raw bytes out. Deadlines are small settings, nothing sleeps for
// them.
#include "io/http_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/system/system_error.hpp>
#include <latch>
#include <thread>

#include "io/log.hpp"
#include "raw_socket.hpp"

namespace wefee::io {
namespace {

using namespace std::chrono_literals;
using test::RawSocket;

/// What the routes of these tests share with them.
struct Shop {
    std::latch entered{1};
    std::atomic<bool> released = false;
    std::atomic<int> interrupted = 0;

    std::variant<RouteLimits, Response> admit(std::string_view method, std::string_view path) {
        if (path == "/unknown") return Response{.status = 404};
        if (method != "GET" && method != "POST" && method != "HEAD")
            return Response{.status = 405, .headers = {{"Allow", "GET, POST, HEAD"}}};
        if (path == "/limited") return RouteLimits{.rate_class = 0};
        if (path == "/short") return RouteLimits{.body_bytes_max = 10, .deadline = 50ms};
        if (path == "/large") return RouteLimits{.body_bytes_max = 1'000'000};
        if (path == "/refusing") throw std::runtime_error("admission failed on purpose");
        return RouteLimits{.body_bytes_max = 1000, .route = 7};
    }

    awaitable<Response> handle(Request& request) {
        if (request.path == "/throw") throw std::runtime_error("secret detail");
        if (request.path == "/overloaded") throw Overloaded("full");
        if (request.path == "/split") co_return Response{.headers = {{"X", "a\r\nSet-Cookie: b"}}};
        if (request.path == "/none") co_return Response{.status = 204};
        if (request.path == "/size") co_return Response{.body = std::to_string(request.body.size())};
        if (request.path == "/huge") co_return Response{.body = std::string(8 * 1024 * 1024, 'x')};
        if (request.path == "/wait" || request.path == "/short") co_await wait();
        std::string text(request.method);
        text.append(" ")
            .append(request.path)
            .append(" ")
            .append(request.query)
            .append(" ")
            .append(request.body);
        text.append(" ").append(request.peer).append(" ").append(std::to_string(request.route));
        co_return Response{.content_type = "text/plain", .body = std::move(text)};
    }

    awaitable<void> wait() {
        entered.count_down();
        try {
            while (!released) co_await sleep_for(1ms);
        } catch (const boost::system::system_error&) {
            ++interrupted;
            throw;
        }
    }
};

class HttpServerTest : public testing::Test {
protected:
    static void SetUpTestSuite() { configure_log({.level = Level::error, .file_descriptor = -1}); }
    static void TearDownTestSuite() { configure_log({}); }

    HttpServer& start(ServerOptions options = {}) {
        options.timer_resolution = 5ms;
        server_.emplace(
            std::move(options), [this](auto method, auto path) { return shop_.admit(method, path); },
            [this](Request& request) { return shop_.handle(request); });
        server_->start();
        return *server_;
    }
    RawSocket connect(const char* source = nullptr) { return RawSocket(server_->port(), source); }
    /// Sends and reads until the server closes.
    std::string talk(std::string_view bytes) {
        auto socket = connect();
        socket.send(bytes);
        return socket.read_to_end();
    }
    /// One request on a new connection that ends with it.
    std::string ask(std::string_view target, std::string_view headers = "") {
        return talk("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
                    std::string(headers) + "\r\n");
    }

    Shop shop_;
    std::optional<HttpServer> server_;
};

int status_of(std::string_view response) {
    return response.starts_with("HTTP/1.1 ") ? std::atoi(std::string(response.substr(9, 3)).c_str()) : 0;
}
std::string body_of(std::string_view response) {
    return std::string(response.substr(response.find("\r\n\r\n") + 4));
}
std::size_t count(std::string_view text, std::string_view part) {
    std::size_t total = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++total;
    return total;
}
constexpr std::string_view good = "GET /good HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(HttpServerTest, AnswersWithWhatTheHandlerSawAndKeepsTheConnection) {
    start();
    auto socket = connect();
    for (int i = 0; i < 3; ++i) {
        socket.send("POST /a/b?c=d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        const auto response = socket.read_response();
        EXPECT_EQ(status_of(response), 200);
        EXPECT_EQ(body_of(response), "POST /a/b c=d hello 127.0.0.1 7");
        EXPECT_TRUE(response.contains("Connection: keep-alive\r\n"));
        EXPECT_TRUE(response.contains("Content-Type: text/plain\r\n"));
        EXPECT_FALSE(response.contains("Server:"));
    }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
    start();
    std::string bytes;
    for (int i = 0; i < 100; ++i)
        bytes += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy";
    auto socket = connect();
    socket.send(bytes);
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(body_of(socket.read_response()).starts_with("POST /" + std::to_string(i) + "  xy "));
}

TEST_F(HttpServerTest, TakesARequestByteByByte) {
    start();
    auto socket = connect();
    for (const char c : std::string_view(
             "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
        socket.send({&c, 1});
    EXPECT_EQ(body_of(socket.read_response()), "POST /x  abc 127.0.0.1 7");
}

TEST_F(HttpServerTest, TakesBodiesOfEverySizeUpToTheRoutesLimit) {
    start();
    for (const std::size_t size : {0UL, 1UL, 4000UL, 12'000UL, 12'288UL, 12'289UL, 100'000UL, 1'000'000UL}) {
        auto socket = connect();
        const auto end = "Content-Length: " + std::to_string(size) + "\r\n\r\n";
        const std::string head = "POST /large HTTP/1.1\r\nHost: a\r\n" + end;
        socket.send(head + std::string(size, 'x') + std::string(good));
        const auto response = body_of(socket.read_response());
        EXPECT_EQ(response.size(), std::string("POST /large   127.0.0.1 -1").size() + size);
        EXPECT_TRUE(body_of(socket.read_response()).starts_with("GET /good"));  // framing held
    }
    EXPECT_EQ(status_of(talk("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n")), 413);
    EXPECT_EQ(
        status_of(talk("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\n\r\n")),
        413);
}

TEST_F(HttpServerTest, RefusesChunkedBodiesOverTheLimitOrMalformed) {
    start();
    const std::string head = "POST /short HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(status_of(talk(head + "b\r\nhello world\r\n0\r\n\r\n")), 413);
    EXPECT_EQ(status_of(talk(head + "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n")), 413);
    EXPECT_EQ(status_of(talk(head + "nonsense\r\n")), 400);
    EXPECT_EQ(status_of(talk(head + std::string(20'000, '0'))), 400);  // a size line without an end
}

struct Attack {
    const char* name;
    int status;
    std::string bytes;
};

std::vector<Attack> attacks() {
    const auto post = [](std::string_view headers, std::string_view body = "") {
        return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(body);
    };
    std::string many_lines;
    for (int i = 0; i < 64; ++i) many_lines += "X: y\r\n";
    return {
        {"transfer encoding not chunked", 400, post("Transfer-Encoding: gzip\r\n")},
        {"transfer encoding list", 400, post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
        {"transfer encoding obscured", 400, post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
        {"transfer encoding on 1.0", 400,
         "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"TE and CL", 400, post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n")},
        {"CL and TE", 400, post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        {"TE identity and CL", 400, post("Transfer-Encoding: identity\r\nContent-Length: 4\r\n", "abcd")},
        {"TE twice", 400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        {"CL twice, equal", 400, post("Content-Length: 4\r\nContent-Length: 4\r\n", "abcd")},
        {"CL twice, different", 400, post("Content-Length: 4\r\nContent-Length: 5\r\n", "abcd")},
        {"CL list", 400, post("Content-Length: 4, 4\r\n", "abcd")},
        {"CL signed", 400, post("Content-Length: +4\r\n", "abcd")},
        {"CL huge", 400, post("Content-Length: 18446744073709551620\r\n", "abcd")},
        {"no host", 400, "GET / HTTP/1.1\r\n\r\n"},
        {"host twice", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        {"folded line", 400, post("X: y\r\n z\r\nContent-Length: 0\r\n")},
        {"folded transfer encoding", 400, post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")},
        {"trace", 400, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"connect", 400, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"absolute target of another host", 400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"65 lines", 431, "GET / HTTP/1.1\r\nHost: a\r\n" + many_lines + "\r\n"},
        {"large header", 431, post("X: " + std::string(9000, 'x') + "\r\n")},
        {"long target", 414, "GET /" + std::string(2048, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"endless target", 414, "GET /" + std::string(20'000, 'a')},
        {"content encoding", 415, post("Content-Encoding: gzip\r\nContent-Length: 4\r\n", "abcd")},
        {"expectation", 417, post("Expect: magic\r\nContent-Length: 4\r\n", "abcd")},
        {"blank before colon", 400, post("Content-Length : 4\r\n", "abcd")},
        {"bare line feed", 400, "GET / HTTP/1.1\nHost: a\n\n"},
        {"bare line feed in a header", 400, post("X: y\nContent-Length: 4\r\n", "abcd")},
        {"carriage return in a header", 400, post("X: y\rContent-Length: 4\r\n")},
        {"zero byte", 400, post(std::string("X: a") + '\0' + "b\r\n")},
        {"HTTP/2 preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {"HTTP/0.9", 400, "GET /\r\n\r\n"},
        {"TLS on a plain port", 400, std::string("\x16\x03\x01\x02\x00\x01\x00\n\xfc\x03", 10)},
    };
}

TEST_F(HttpServerTest, RefusesEachAttackAndClosesAloneAndPipelined) {
    start();
    for (const auto& [name, status, bytes] : attacks()) {
        // What would be a second request to a laxer server must never be answered.
        const auto alone = talk(bytes + std::string(good));
        EXPECT_EQ(status_of(alone), status) << name << "\n" << alone;
        EXPECT_EQ(count(alone, "HTTP/1.1 "), 1U) << name;
        EXPECT_TRUE(alone.contains("Connection: close\r\n")) << name;
        EXPECT_TRUE(alone.contains("X-Request-Id: ")) << name;
        auto socket = connect();
        socket.send(std::string(good) + bytes + std::string(good));
        const auto first = socket.read_response();
        EXPECT_EQ(status_of(first), 200) << name;
        const auto rest = socket.read_to_end();
        EXPECT_EQ(status_of(rest), status) << name;
        EXPECT_EQ(count(rest, "HTTP/1.1 "), 1U) << name;
    }
}

TEST_F(HttpServerTest, ProblemAnswersCarryACodeAndNoDetail) {
    start();
    const auto response = ask("/throw");
    EXPECT_EQ(status_of(response), 500);
    EXPECT_TRUE(response.contains("Content-Type: application/problem+json\r\n"));
    EXPECT_EQ(
        body_of(response),
        R"({"type":"about:blank","title":"Internal Server Error","status":500,"code":"internal_error"})");
    EXPECT_EQ(status_of(ask("/refusing")), 500);
    const auto overloaded = ask("/overloaded");
    EXPECT_EQ(status_of(overloaded), 503);
    EXPECT_TRUE(overloaded.contains("Retry-After: "));
}

TEST_F(HttpServerTest, AHeaderOfOursCannotBeSplit) {
    start();
    const auto response = ask("/split");
    EXPECT_EQ(status_of(response), 500);
    EXPECT_FALSE(response.contains("Set-Cookie"));
}

TEST_F(HttpServerTest, AdmissionAnswersBeforeTheBodyAndKeepsTheConnectionWhenThatIsCheap) {
    start();
    auto socket = connect();
    socket.send("POST /unknown HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + std::string(good));
    EXPECT_EQ(status_of(socket.read_response()), 404);
    EXPECT_EQ(status_of(socket.read_response()), 200);
    socket.send("PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
    const auto refused = socket.read_to_end();
    EXPECT_EQ(status_of(refused), 405);
    EXPECT_TRUE(refused.contains("Allow: GET, POST, HEAD\r\n"));
    EXPECT_TRUE(refused.contains("Connection: close\r\n"));
}

TEST_F(HttpServerTest, HeadAnd204HaveNoBody) {
    start();
    auto socket = connect();
    socket.send(
        "HEAD /good HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const auto all = socket.read_to_end();
    const auto second = all.find("HTTP/1.1 204 No Content\r\n");
    ASSERT_NE(second, all.npos);
    EXPECT_TRUE(all.substr(0, second).contains("Content-Length: 24\r\n")) << all;
    EXPECT_TRUE(all.substr(0, second).ends_with("\r\n\r\n"));
    EXPECT_FALSE(all.substr(second).contains("Content-Length"));
}

TEST_F(HttpServerTest, Http10ClosesUnlessAskedToStay) {
    start();
    EXPECT_TRUE(talk("GET /x HTTP/1.0\r\nHost: a\r\n\r\n").contains("Connection: close\r\n"));
    auto socket = connect();
    socket.send("GET /x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(socket.read_response().contains("Connection: keep-alive\r\n"));
}

TEST_F(HttpServerTest, ContinuesOnlyARequestThatWillBeTaken) {
    start();
    auto socket = connect();
    socket.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(socket.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send("hello");
    EXPECT_EQ(body_of(socket.read_response()), "POST /x  hello 127.0.0.1 7");
    socket.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");
    const auto refused = socket.read_to_end();
    EXPECT_EQ(status_of(refused), 413);
    EXPECT_FALSE(refused.contains("100 Continue"));
}

TEST_F(HttpServerTest, RequestIdsComeBackOrAreMade) {
    start();
    EXPECT_TRUE(ask("/x", "X-Request-Id: my-id.7\r\n").contains("X-Request-Id: my-id.7\r\n"));
    const auto id = [](const std::string& response) {
        const auto at = response.find("X-Request-Id: ");
        return at == response.npos ? "" : response.substr(at + 14, response.find('\r', at) - at - 14);
    };
    const auto one = id(ask("/x", "X-Request-Id: bad id\r\n")), two = id(ask("/x"));
    EXPECT_GE(one.size(), 14U);
    EXPECT_NE(one, two);
    EXPECT_NE(one, "bad id");
}

TEST_F(HttpServerTest, ForwardedAddressesCountOnlyFromProxies) {
    start({.trusted_proxies = {AddressRange::parse("127.0.0.2").value()}});
    EXPECT_TRUE(ask("/x", "X-Forwarded-For: 1.2.3.4\r\n").ends_with(" 127.0.0.1 7"));
    auto proxy = connect("127.0.0.2");
    proxy.send("GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6, 1.2.3.4\r\n\r\n");
    EXPECT_TRUE(proxy.read_response().ends_with(" 1.2.3.4 7"));
    proxy.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(proxy.read_response().ends_with(" 127.0.0.2 7"));  // not the client of the request before
}

TEST_F(HttpServerTest, RatesHoldPerAddressAcrossConnections) {
    start({.rate_classes = {{.rate = {.tokens = 1, .burst = 2}}}});
    EXPECT_EQ(status_of(ask("/limited")), 200);
    EXPECT_EQ(status_of(ask("/limited")), 200);
    const auto limited = ask("/limited");
    EXPECT_EQ(status_of(limited), 429);
    EXPECT_TRUE(limited.contains("Retry-After: 1\r\n"));
    EXPECT_EQ(status_of(ask("/x")), 200);  // another class
    auto other = connect("127.0.0.3");
    other.send("GET /limited HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(other.read_response()), 200);
}

TEST_F(HttpServerTest, ConnectionsOverTheLimitAreTold503) {
    auto& server = start({.connections = {.all_max = 2,
                                          .per_address_max = 1,
                                          .reserved_max = 1,
                                          .reserved_ranges = {AddressRange::parse("127.0.0.9").value()}}});
    auto first = connect();
    first.send(good);
    EXPECT_EQ(status_of(first.read_response()), 200);
    const auto refused = talk(good);
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_EQ(count(refused, "HTTP/1.1 "), 1U);
    auto second = connect("127.0.0.2");
    second.send(good);
    EXPECT_EQ(status_of(second.read_response()), 200);
    auto third = connect("127.0.0.3");
    third.send(good);
    EXPECT_EQ(status_of(third.read_to_end()), 503);
    auto provider = connect("127.0.0.9");
    provider.send(good);
    EXPECT_EQ(status_of(provider.read_response()), 200);
    EXPECT_EQ(server.stats().connections_refused, 2U);
    first.finish_sending();
    first.read_to_end();
    while (server.stats().connections_open > 2) std::this_thread::yield();
    EXPECT_EQ(status_of(ask("/x")), 200);  // the place is free again
}

TEST_F(HttpServerTest, AConnectionServesSoManyRequestsAndNoMore) {
    start({.requests_per_connection = 2});
    auto socket = connect();
    socket.send(std::string(good) + std::string(good) + std::string(good));
    EXPECT_TRUE(socket.read_response().contains("Connection: keep-alive\r\n"));
    const auto rest = socket.read_to_end();
    EXPECT_TRUE(rest.contains("Connection: close\r\n"));
    EXPECT_EQ(count(rest, "HTTP/1.1 "), 1U);
}

TEST_F(HttpServerTest, SlowHeadIs408) {
    start({.head_deadline = 30ms});
    EXPECT_EQ(status_of(talk("GET / HTTP/1.1\r\nHos")), 408);
}

TEST_F(HttpServerTest, DripsDoNotProlongTheDeadline) {
    start({.head_deadline = 30ms});
    auto socket = connect();
    std::jthread drip([&](const std::stop_token& token) {
        while (!token.stop_requested()) {
            socket.send("X");
            std::this_thread::yield();
        }
    });
    const auto answer = socket.read_to_end();  // 408, or 414 when the drip was quick enough to be too long
    EXPECT_TRUE(status_of(answer) == 408 || status_of(answer) == 414) << answer;
}

TEST_F(HttpServerTest, SlowBodyIs408) {
    start();
    EXPECT_EQ(status_of(talk("POST /short HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")), 408);
    EXPECT_EQ(
        status_of(talk("POST /short HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")),
        408);
}

TEST_F(HttpServerTest, SlowHandlerIsInterruptedWith503) {
    start();
    const auto response = talk("GET /short HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(response), 503);
    EXPECT_TRUE(response.contains("Connection: close\r\n"));
    EXPECT_EQ(shop_.interrupted, 1);
}

TEST_F(HttpServerTest, IdleConnectionsAreClosedWithoutAWord) {
    start({.idle_limit = 30ms});
    EXPECT_EQ(talk(""), "");
    auto socket = connect();
    socket.send(good);
    EXPECT_EQ(status_of(socket.read_response()), 200);
    EXPECT_EQ(socket.read_to_end(), "");
}

TEST_F(HttpServerTest, AClientThatDoesNotReadIsDropped) {
    auto& server = start({.write_limit = 30ms});
    RawSocket socket(server.port(), nullptr, 4096);
    socket.send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n");
    while (server.stats().requests == 0 || server.stats().connections_open > 0) std::this_thread::yield();
    EXPECT_LT(socket.read_to_end().size(), 8U * 1024 * 1024);
}

TEST_F(HttpServerTest, AClientThatReadsGetsAllOfALargeAnswer) {
    start();
    const auto response = ask("/huge");
    EXPECT_EQ(body_of(response).size(), 8U * 1024 * 1024);
}

TEST_F(HttpServerTest, StopFinishesRequestsInFlightAndClosesIdleConnections) {
    auto& server = start();
    auto idle = connect(), busy = connect();
    idle.send(good);
    EXPECT_EQ(status_of(idle.read_response()), 200);
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(good));
    shop_.entered.wait();
    std::thread stopper([&] { server.stop(1h); });
    EXPECT_EQ(idle.read_to_end(), "");  // the stop has begun
    EXPECT_THROW(
        {
            auto late = connect();
            late.send(good);
            if (late.read_to_end().empty()) throw std::runtime_error("closed");
        },
        std::runtime_error);
    shop_.released = true;
    const auto answer = busy.read_to_end();
    stopper.join();
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_TRUE(answer.contains("Connection: close\r\n"));
    EXPECT_EQ(count(answer, "HTTP/1.1 "), 1U);
    EXPECT_EQ(shop_.interrupted, 0);
}

TEST_F(HttpServerTest, StopCutsWhatDoesNotEndWithinTheGrace) {
    auto& server = start();
    auto stuck = connect(), half = connect();
    stuck.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    half.send("GET / HTTP/1.1\r\nHo");
    shop_.entered.wait();
    server.stop(20ms);
    EXPECT_EQ(stuck.read_to_end(), "");
    EXPECT_EQ(half.read_to_end(), "");
    EXPECT_EQ(shop_.interrupted, 1);
    EXPECT_EQ(server.stats().connections_open, 0U);
    server.stop(1h);  // a second stop has nothing to do
}

TEST_F(HttpServerTest, LoopsShareOnePort) {
    auto& server = start({.loops = 2});
    EXPECT_EQ(server.executors().size(), 2U);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of(ask("/x")), 200);
    EXPECT_EQ(server.stats().requests, 20U);
    EXPECT_EQ(server.stats().answers_by_class[2], 20U);
}

TEST_F(HttpServerTest, ATakenPortOrABadAddressIsAnError) {
    auto& server = start();
    HttpServer second({.address = "127.0.0.1:" + std::to_string(server.port())}, {}, {});
    EXPECT_THROW(second.start(), boost::system::system_error);
    for (const auto* address :
         {"", "127.0.0.1", "host.example:80", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:-1"})
        EXPECT_THROW(HttpServer({.address = address}, {}, {}).start(), std::invalid_argument) << address;
}

}  // namespace
}  // namespace wefee::io
