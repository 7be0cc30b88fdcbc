// Just enough HTTP/1.1 to read a server's answers: a status, Content-Length or chunks, and whether it closes.
#pragma once

#include <string>
#include <string_view>

namespace wefee::bench {

class ResponseReader {
public:
    void add(std::string_view bytes);
    bool complete() const { return complete_; }
    bool broken() const { return broken_; }
    int status() const { return status_; }
    bool closes() const { return closes_; }
    std::string_view body() const { return body_; }
    /// Ready for the next answer; keeps its memory.
    void clear();

private:
    void read_head(std::size_t end);
    void read_chunks();

    std::string buffer_;
    std::string body_;
    std::size_t head_size_ = 0;  // with the blank line; 0 until it is there
    std::size_t body_size_ = 0;
    int status_ = 0;
    bool chunked_ = false;
    bool closes_ = false;
    bool complete_ = false;
    bool broken_ = false;
};

}  // namespace wefee::bench
