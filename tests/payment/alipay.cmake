# Tests of the Alipay adapter, against vectors and an in-process gateway that signs as Alipay does.
add_executable(payment_alipay_test
  ${CMAKE_CURRENT_LIST_DIR}/alipay_certs_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/alipay_codes_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/alipay_fields_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/alipay_form_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/alipay_gateway_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/alipay_mandate_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/alipay_notify_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/alipay_response_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/alipay_sign_test.cpp)
target_compile_definitions(payment_alipay_test PRIVATE
  WEFEE_TEST_DATA="${CMAKE_CURRENT_LIST_DIR}/../data/alipay")
target_link_libraries(payment_alipay_test PRIVATE
  wefee_alipay wefee_warnings nlohmann_json::nlohmann_json GTest::gtest_main)
gtest_discover_tests(payment_alipay_test TEST_PREFIX payment_alipay. PROPERTIES LABELS unit TIMEOUT 60)
