#include "server/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "io/http_server.hpp"
#include "io/log.hpp"
#include "server/app.hpp"
#include "server/http/problem.hpp"

namespace wefee::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric sample(double value, std::vector<ClientMetric::Label> labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = value;
    metric.gauge.value = value;
    return metric;
}

MetricFamily family(std::string name, std::string help, MetricType type, std::vector<ClientMetric> samples) {
    return {std::move(name), std::move(help), type, std::move(samples)};
}

std::vector<MetricFamily> http_families(const io::ServerStats& stats) {
    std::vector<ClientMetric> answers;
    for (std::size_t i = 1; i < stats.answers_by_class.size(); ++i)
        answers.push_back(
            sample(static_cast<double>(stats.answers_by_class[i]), {{"class", std::to_string(i) + "xx"}}));
    return {family("http_requests_total", "requests that reached a handler", MetricType::Counter,
                   {sample(static_cast<double>(stats.requests))}),
            family("http_requests_refused_total", "refused by checks and limits", MetricType::Counter,
                   {sample(static_cast<double>(stats.requests_refused))}),
            family("http_answers_total", "answers by class", MetricType::Counter, std::move(answers)),
            family("http_connections", "open connections", MetricType::Gauge,
                   {sample(static_cast<double>(stats.connections_open))})};
}

std::vector<MetricFamily> store_families(const storage::Store::Counts& counts) {
    const auto gauge = [](std::string name, std::string help, std::int64_t value) {
        return family(std::move(name), std::move(help), MetricType::Gauge,
                      {sample(static_cast<double>(value))});
    };
    return {gauge("inbox_rows", "notifications received", counts.inbox),
            gauge("inbox_waiting", "received and not yet applied", counts.inbox - counts.inbox_processed),
            gauge("charges_collected", "charges that were paid", counts.charges_collected),
            gauge("outbox_pending", "notices not yet delivered", counts.outbox_pending),
            gauge("quarantine_rows", "refused callbacks kept", counts.quarantine)};
}

io::awaitable<io::Response> scrape(App& app, const io::HttpServer* http) {
    auto families = store_families(co_await app.store.counts());
    if (http)
        for (auto& one : http_families(http->stats())) families.push_back(std::move(one));
    io::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = prometheus::TextSerializer{}.Serialize(families);
    co_return response;
}

}  // namespace

struct MetricsServer::Held {
    explicit Held(io::ServerOptions options, io::Admission admission, io::Handler handler)
        : server(std::move(options), std::move(admission), std::move(handler)) {}
    io::HttpServer server;
};

MetricsServer::MetricsServer(App& app, const io::HttpServer* http, const std::string& address) {
    io::ServerOptions options;
    options.name = "metrics";
    options.address = address;
    held_ = std::make_unique<Held>(
        std::move(options),
        [](std::string_view method, std::string_view path) -> std::variant<io::RouteLimits, io::Response> {
            if (path != "/metrics") return problem(Errc::not_found);
            if (method != "GET") return method_not_allowed("GET");
            return io::RouteLimits{1'024, std::chrono::seconds{10}};
        },
        [&app, http](io::Request&) { return scrape(app, http); });
}

MetricsServer::~MetricsServer() { stop(); }
void MetricsServer::start() { held_->server.start(); }
void MetricsServer::stop() { held_->server.stop(std::chrono::seconds{1}); }

}  // namespace wefee::server
