// Both engines for every test of the suite.
#include "tests/storage/contract.hpp"

namespace wefee::tests {

testing::AssertionResult holds(storage::Store& store, Instant now) {
    auto broken = wait(store.check_invariants(now, Fen{100'000}));
    for (auto& violation : wait(store.check_audit_chain())) broken.push_back(std::move(violation));
    if (broken.empty()) return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure();
    for (const auto& violation : broken)
        failure << violation.number << ": " << violation.rows.front() << "; ";
    return failure;
}

namespace {
std::string name_of(const testing::TestParamInfo<Kind>& kind) {
    return kind.param == Kind::sqlite ? "sqlite" : "mysql";
}
}  // namespace

INSTANTIATE_TEST_SUITE_P(Store, Contract, testing::Values(Kind::sqlite, Kind::mariadb), name_of);

}  // namespace wefee::tests
