// Reading of orders.csv: no quoting, since wefee-load writes none.
#include "tests/bench/seed/orders.hpp"

#include <charconv>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace wefee::bench {

namespace {

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto comma = line.find(',');
        parts.push_back(line.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        line.remove_prefix(comma + 1);
    }
}

}  // namespace

std::vector<SeedOrder> read_orders(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) throw std::runtime_error("cannot read " + path.string());
    std::vector<SeedOrder> orders;
    while (std::getline(file, line)) {
        const auto parts = split(line);
        std::int64_t fen = 0;
        const bool whole = parts.size() == 6;
        const auto digits = whole ? parts[3] : std::string_view();
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fen);
        if (!whole || error != std::errc() || end != digits.data() + digits.size())
            throw std::runtime_error("not an order: " + line);
        orders.push_back({std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), fen,
                          std::string(parts[5])});
    }
    return orders;
}

}  // namespace wefee::bench
