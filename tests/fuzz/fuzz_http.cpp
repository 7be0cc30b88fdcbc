// The way of bytes from a socket to a handler, without the socket: head scanner, parser, checks, chunked
// bodies, forwarded addresses, forms, URLs. Properties that must hold for any input are asserted.
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "io/client_url.hpp"
#include "io/encoding.hpp"
#include "io/forwarded.hpp"
#include "io/http_checks.hpp"
#include "io/http_parser.hpp"

namespace {

using namespace wefee::io;

constexpr std::size_t body_bytes_max = 300;

bool lies_within(std::string_view part, std::string_view whole) {
    return part.empty() ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// The scanner must not care how bytes arrive.
HeadScanner scan(std::string_view input, std::size_t step, HeadScanner::State& state) {
    HeadScanner whole, pieces;
    state = whole.scan(input);
    auto piecewise = HeadScanner::State::incomplete;
    for (std::size_t size = step; piecewise == HeadScanner::State::incomplete && size < input.size() + step;
         size += step)
        piecewise = pieces.scan(input.substr(0, std::min(size, input.size())));
    if (state == HeadScanner::State::complete) assert(piecewise == state && pieces.size() == whole.size());
    if (piecewise == HeadScanner::State::complete) assert(state == piecewise);
    return whole;
}

void decode_body(RequestParser& parser, std::string_view rest, std::size_t step) {
    std::string held, body;
    for (std::size_t at = 0; at < rest.size(); at += step) {
        held += rest.substr(at, step);
        const auto [state, consumed] = parser.decode_chunked(held, body, body_bytes_max);
        assert(consumed <= held.size() && body.size() <= body_bytes_max);
        held.erase(0, consumed);
        if (state != RequestParser::BodyState::incomplete) return;
    }
}

void parse_request(std::string_view input, std::size_t step) {
    auto state = HeadScanner::State::incomplete;
    const auto scanner = scan(input, step, state);
    if (state != HeadScanner::State::complete) return;
    assert(scanner.size() <= HeadLimits{}.block_bytes_max);
    const auto block = input.substr(0, scanner.size());
    RequestParser parser;
    std::vector<HeaderView> headers;
    HeadFacts facts;
    if (parser.parse_head(block, headers, facts)) return;
    assert(headers.size() <= HeadLimits{}.lines_max);
    for (const auto& [name, value] : headers) assert(lies_within(name, block) && lies_within(value, block));
    assert(facts.host_count == 1 && facts.content_length_count + facts.transfer_encoding_count <= 1);
    assert(lies_within(origin_form(facts.head.target), block) &&
           origin_form(facts.head.target).starts_with('/'));
    const AddressRange proxies[] = {AddressRange::parse("10.0.0.0/8").value()};
    (void)client_address(IpAddress::parse("10.0.0.1").value(), headers, proxies);
    if (facts.chunked()) decode_body(parser, input.substr(block.size()), step);
}

void parse_texts(std::string_view input) {
    if (const auto fields = parse_form(input)) (void)find_field(*fields, "sign");
    if (const auto decoded = base64_decode(input)) assert(base64_decode(base64_encode(*decoded)) == decoded);
    assert(percent_decode(percent_encode(input), false) == std::string(input));
    try {
        const auto url = parse_client_url(input);
        assert(!url.host.empty() && url.target.starts_with('/'));
        assert(!render_request({.method = "GET", .headers = {{"X", "y"}}}, url).contains("\n\n"));
    } catch (const NotSent&) {
        return;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    parse_request(input, data[0] % 64 + 1U);
    parse_texts(input);
    return 0;
}
