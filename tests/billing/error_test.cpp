// The error table: one row a code, statuses that callers rely on, fields with their pointers.
#include "billing/error.hpp"

#include <gtest/gtest.h>

#include <set>

namespace wefee {
namespace {

TEST(ErrorTable, EveryRowHasItsOwnCodeAStatusAndPublicWords) {
    std::set<std::string_view> codes;
    for (const auto& row : faults()) {
        EXPECT_TRUE(codes.insert(row.code).second) << row.code;
        EXPECT_GE(row.http_status, 400) << row.code;
        EXPECT_LT(row.http_status, 600) << row.code;
        EXPECT_FALSE(row.public_text.empty()) << row.code;
        EXPECT_EQ(fault(row.errc).code, row.code);
    }
}

TEST(ErrorTable, StatusesThatCallersRelyOn) {
    EXPECT_EQ(fault(Errc::bad_signature).http_status, 401);
    EXPECT_EQ(fault(Errc::bad_request).http_status, 400);
    EXPECT_EQ(fault(Errc::too_large).http_status, 413);
    EXPECT_EQ(fault(Errc::not_found).http_status, 404);
    EXPECT_EQ(fault(Errc::method_not_allowed).http_status, 405);
    EXPECT_EQ(fault(Errc::quote_changed).http_status, 409);
    EXPECT_EQ(fault(Errc::too_many_requests).http_status, 429);
    EXPECT_EQ(fault(Errc::unavailable).http_status, 503);
}

TEST(Error, CarriesItsRowDetailAndFieldPointers) {
    const Error error(Errc::unknown_field, "2 fields",
                      {{"/items/0/colour", "not known"}, {"/x", "not known"}});
    EXPECT_EQ(error.fault().code, "unknown_field");
    EXPECT_STREQ(error.what(), "2 fields");
    ASSERT_EQ(error.fields().size(), 2u);
    EXPECT_EQ(error.fields()[0].pointer, "/items/0/colour");
    EXPECT_STREQ(Error(Errc::not_found).what(), "there is no such thing");
}

}  // namespace
}  // namespace wefee
