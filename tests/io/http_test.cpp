// Header look-ups on plain structs.
#include "io/http.hpp"

#include <gtest/gtest.h>

namespace wefee::io {
namespace {

TEST(HeaderLookUp, IgnoresCaseAndFindsTheFirst) {
    const Headers headers{{"Content-Type", "a"}, {"content-type", "b"}, {"X", ""}};
    EXPECT_EQ(*find_header(headers, "CONTENT-TYPE"), "a");
    EXPECT_EQ(count_header(headers, "content-Type"), 2U);
    EXPECT_EQ(*find_header(headers, "x"), "");
    EXPECT_EQ(find_header(headers, "Content-Typ"), nullptr);
}

TEST(RequestHeader, HasNoValueWhenItCameTwice) {
    Request request;
    request.headers = {{"Wechatpay-Serial", "1"}, {"Wechatpay-Nonce", "n"}, {"wechatpay-serial", "2"}};
    EXPECT_EQ(request.header("wechatpay-nonce"), "n");
    EXPECT_EQ(request.header("Wechatpay-Serial"), "");
    EXPECT_EQ(request.header_count("Wechatpay-Serial"), 2U);
    EXPECT_EQ(request.header("absent"), "");
}

}  // namespace
}  // namespace wefee::io
