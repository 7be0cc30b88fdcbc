#include "billing/query_ladder.hpp"

#include <array>

namespace wefee {

std::chrono::seconds query_wait(std::int64_t queries) {
    using std::chrono::minutes, std::chrono::seconds;
    constexpr std::array<seconds, 8> ladder{seconds{5},  seconds{15}, seconds{30}, minutes{1},
                                            minutes{3}, minutes{5},  minutes{10}, minutes{30}};
    const auto step = static_cast<std::size_t>(queries < 0 ? 0 : queries);
    return step < ladder.size() ? ladder[step] : seconds{std::chrono::hours{1}};
}

}  // namespace wefee
