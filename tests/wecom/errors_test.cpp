// The error table, walked whole against a list written from the reference by hand.
#include "wecom/errors.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace wefee::wecom {
namespace {

using enum ErrorClass;

/// Every code that the reference lists, in its order.
const std::map<ErrorClass, std::vector<int>> listed{
    {ok, {0}},
    {retry, {-1, 42012, 45033, 701022, 701033, 701081, 701085, 701134}},
    {refresh_corp, {40014, 42001}},
    {refresh_suite, {40082, 42009}},
    {wait_ticket, {40085}},
    {blocked, {45009, 45011}},
    {reauth, {40084, 48004, 301007, 701015}},
    {user_again, {40029, 40163, 42003, 42013, 42022, 84014, 84015, 90210}},
    {reinstall, {40077, 40078, 42007}},
    {renewal, {40136, 40137, 40138, 40139}},
    {read_order,
     {84080, 84081, 84082, 84086, 84087, 84088, 84089, 701005, 701031, 701032, 701036, 701037, 701083, 701084,
      701086}},
    {final_answer, {42052, 60140, 40226}},
    {licence, {701008, 701099}},
    {data, {40003,  40066,  40068,  40096,  42016,  46004,  50002,  60011,  60021,
            60111,  81013,  84061,  92000,  301021, 701003, 701011, 701012, 701016,
            701017, 701018, 701021, 701082, 701087, 701088, 701089, 710000}},
    {admin,
     {40001, 40056, 40133, 40134, 48002, 48006, 50003, 60020, 60031, 84074, 90206, 301052, 301053, 610016,
      701131, 701132, 701133}},
    {fix, {40008, 40013, 40032, 40058,  40063,  40080,  40083,  40086,  40091,  40093,  40125,  41001, 41022,
           41023, 41025, 42014, 42015,  42017,  42018,  42019,  42020,  42027,  42028,  42029,  42030, 42031,
           42033, 42035, 42036, 42037,  42038,  42039,  42040,  42041,  42042,  42043,  42044,  42045, 42046,
           42047, 42049, 42050, 42051,  44004,  45002,  45008,  48003,  48005,  50001,  60206,  60207, 60208,
           60221, 81017, 82001, 82002,  82003,  84085,  90200,  90201,  90202,  90203,  90204,  90205, 90207,
           90208, 90211, 90212, 301002, 701025, 701026, 701027, 701028, 701029, 701030, 701090, 701135}}};

TEST(Errors, EveryListedCodeHasItsClass) {
    for (const auto& [error_class, codes] : listed)
        for (const int code : codes)
            EXPECT_EQ(error_class_name(classify(code)), error_class_name(error_class)) << code;
}

TEST(Errors, TheTableHoldsNothingThatTheListDoesNot) {
    std::set<int> known;
    for (const auto& [error_class, codes] : listed) known.insert(codes.begin(), codes.end());
    int previous = -1000;
    for (const auto& row : error_rows) {
        EXPECT_GT(row.first, previous) << "rows must ascend without overlap";
        EXPECT_LE(row.first, row.last);
        previous = row.last;
        for (int code = row.first; code <= row.last; ++code) {
            EXPECT_TRUE(known.contains(code)) << code;
            known.erase(code);
        }
    }
    EXPECT_TRUE(known.empty()) << *known.begin();
}

TEST(Errors, UnlistedCodesFallBackByRange) {
    for (const auto& [code, expected] : std::vector<std::pair<long long, ErrorClass>>{{40999, fix},
                                                                                      {41999, fix},
                                                                                      {42999, user_again},
                                                                                      {45999, retry},
                                                                                      {48999, admin},
                                                                                      {60999, admin},
                                                                                      {701999, licence},
                                                                                      {43004, fix},
                                                                                      {99, fix},
                                                                                      {-2, fix},
                                                                                      {90999, fix},
                                                                                      {9'999'999'999LL, fix}})
        EXPECT_EQ(classify(code), expected) << code;
}

TEST(Errors, FourCodesMeanADeadToken) {  // T11
    int dead = 0;
    for (int code = -10; code < 800'000; ++code) dead += dead_token(code) ? 1 : 0;
    EXPECT_EQ(dead, 4);
    for (const int code : {40014, 42001, 40082, 42009}) EXPECT_TRUE(dead_token(code));
}

TEST(Errors, EveryClassHasAWord) {
    std::set<std::string_view> words;
    for (const auto& [error_class, codes] : listed) words.insert(error_class_name(error_class));
    EXPECT_EQ(words.size(), 16U);
    EXPECT_FALSE(words.contains(""));
}

}  // namespace
}  // namespace wefee::wecom
