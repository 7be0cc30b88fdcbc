// Beast 1.81's basic_parser without its containers: names and values stay views into the connection's buffer,
// so a request costs no allocation.
#include "io/http_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>

namespace wefee::io {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

constexpr Violation malformed{"malformed", 400};
constexpr Violation version_not_supported{"version_not_supported", 505};

/// Framing bytes of one chunk beyond its size have no use here.
constexpr std::size_t chunk_extension_bytes_max = 128;

class ViewParser final : public http::basic_parser<true> {
public:
    ViewParser() {
        header_limit(64 * 1024);  // HeadScanner has its own, lower one
        body_limit(boost::none);
        eager(false);
    }
    std::vector<HeaderView>* headers = nullptr;
    RequestHead head;
    std::string* body = nullptr;
    std::size_t body_bytes_max = 0;

private:
    static std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

    void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target,
                         int version, error_code&) override {
        head.method = view(method);
        head.target = view(target);
        head.version = version;
    }
    void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
    void on_field_impl(http::field, boost::beast::string_view name, boost::beast::string_view value,
                       error_code&) override {
        if (headers) headers->emplace_back(view(name), view(value));  // null while trailers are read
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(boost::beast::string_view text, error_code&) override { return text.size(); }
    void on_chunk_header_impl(std::uint64_t size, boost::beast::string_view extension,
                              error_code& error) override {
        if (extension.size() > chunk_extension_bytes_max) error = http::error::bad_chunk_extension;
        if (body && size > body_bytes_max - body->size()) error = http::error::body_limit;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view text, error_code&) override {
        if (body) body->append(text.data(), text.size());
        return text.size();
    }
    void on_finish_impl(error_code&) override {}
};

}  // namespace

struct RequestParser::State {
    std::optional<ViewParser> parser;  // Beast's parsers serve one message each
};

RequestParser::RequestParser() : state_(std::make_unique<State>()) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

const Violation* RequestParser::parse_head(std::string_view block, std::vector<HeaderView>& headers,
                                           HeadFacts& facts) {
    auto& parser = state_->parser.emplace();
    headers.clear();
    parser.headers = &headers;
    error_code error;
    const auto consumed = parser.put(boost::asio::buffer(block), error);
    parser.headers = nullptr;
    if (error == http::error::bad_version) return &version_not_supported;
    if (error || consumed != block.size() || !parser.is_header_done()) return &malformed;
    parser.head.headers = headers;
    facts = collect_facts(parser.head);
    return find_violation(facts);
}

RequestParser::BodyStep RequestParser::decode_chunked(std::string_view received, std::string& body,
                                                      std::size_t body_bytes_max) {
    auto& parser = *state_->parser;
    parser.body = &body;
    parser.body_bytes_max = body_bytes_max;
    std::size_t consumed = 0;
    while (!parser.is_done()) {
        if (consumed == received.size()) return {BodyState::incomplete, consumed};
        error_code error;
        consumed += parser.put(boost::asio::buffer(received.substr(consumed)), error);
        if (error == http::error::need_more) return {BodyState::incomplete, consumed};
        if (error == http::error::body_limit) return {BodyState::too_large, consumed};
        if (error) return {BodyState::malformed, consumed};
    }
    return {BodyState::complete, consumed};
}

}  // namespace wefee::io
