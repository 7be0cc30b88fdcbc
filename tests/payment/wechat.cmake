# Tests of the WeChat Pay adapter, against vectors and an in-process provider that signs as WeChat Pay does.
add_executable(payment_wechat_test
  ${CMAKE_CURRENT_LIST_DIR}/wechat_fields_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_gateway_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_keys_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_mandate_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_notify_v2_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_notify_v3_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_refund_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_results_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_sign_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_testing.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wechat_xml_test.cpp)
target_compile_definitions(payment_wechat_test PRIVATE
  WEFEE_TEST_DATA="${CMAKE_CURRENT_LIST_DIR}/../data/wechat-pay")
target_link_libraries(payment_wechat_test PRIVATE
  wefee_wechat wefee_warnings nlohmann_json::nlohmann_json fmt::fmt GTest::gtest_main)
gtest_discover_tests(payment_wechat_test TEST_PREFIX payment_wechat. PROPERTIES LABELS unit TIMEOUT 60)
