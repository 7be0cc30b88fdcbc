// The fixture of the contract suite: each test runs on SQLite and on MariaDB.
#pragma once

#include <gtest/gtest.h>

#include "tests/storage/books.hpp"
#include "tests/storage/database.hpp"

namespace wefee::tests {

class Contract : public testing::TestWithParam<Kind> {
protected:
    Database database{GetParam()};
};

/// All invariants and chains hold; otherwise says which do not.
testing::AssertionResult holds(storage::Store& store, Instant now = noon);

}  // namespace wefee::tests
