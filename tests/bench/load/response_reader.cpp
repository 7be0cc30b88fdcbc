// See response_reader.hpp. Anything unusual counts as broken: a load test must not guess.
#include "tests/bench/load/response_reader.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace wefee::bench {

namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

bool parse(std::string_view text, std::size_t& number, int base) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void ResponseReader::add(std::string_view bytes) {
    buffer_ += bytes;
    if (head_size_ == 0) {
        const auto end = buffer_.find("\r\n\r\n");
        if (end == std::string::npos) return;
        read_head(end);
    }
    if (broken_) return;
    if (chunked_) return read_chunks();
    if (buffer_.size() < head_size_ + body_size_) return;
    body_.assign(buffer_, head_size_, body_size_);
    complete_ = true;
}

void ResponseReader::read_head(std::size_t end) {
    head_size_ = end + 4;
    const auto head = std::string_view(buffer_).substr(0, end);
    std::size_t status = 0;
    broken_ = !head.starts_with("HTTP/1.1 ") || head.size() < 12 || !parse(head.substr(9, 3), status, 10);
    status_ = static_cast<int>(status);
    for (auto at = head.find("\r\n"); at != std::string_view::npos && !broken_;) {
        const auto next = head.find("\r\n", at + 2);
        const auto line = head.substr(at + 2, next == std::string_view::npos ? next : next - at - 2);
        at = next;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = line.substr(0, colon);
        const auto value = line.substr(std::min(line.size(), line.find_first_not_of(' ', colon + 1)));
        if (equal_ignoring_case(name, "content-length")) broken_ = !parse(value, body_size_, 10);
        if (equal_ignoring_case(name, "transfer-encoding")) chunked_ = equal_ignoring_case(value, "chunked");
        if (equal_ignoring_case(name, "connection")) closes_ = equal_ignoring_case(value, "close");
    }
}

void ResponseReader::read_chunks() {
    body_.clear();
    for (auto at = head_size_;;) {
        const auto line_end = buffer_.find("\r\n", at);
        if (line_end == std::string::npos) return;
        std::size_t size = 0;
        if (!parse(std::string_view(buffer_).substr(at, line_end - at), size, 16)) {
            broken_ = true;
            return;
        }
        if (buffer_.size() < line_end + 2 + size + 2) return;
        body_.append(buffer_, line_end + 2, size);
        at = line_end + 2 + size + 2;
        if (size == 0) {
            complete_ = true;
            return;
        }
    }
}

void ResponseReader::clear() {
    buffer_.clear();
    body_.clear();
    head_size_ = body_size_ = 0;
    status_ = 0;
    chunked_ = closes_ = complete_ = broken_ = false;
}

}  // namespace wefee::bench
