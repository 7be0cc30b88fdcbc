# `wefee simulate` as it is called: 0 with all as expected, 1 when an expectation does not hold, 2 for a wrong file.
file(GLOB scenarios ${SCENARIOS}/*.json)
execute_process(COMMAND ${WEFEE} simulate ${scenarios} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(NOT code EQUAL 0 OR NOT err STREQUAL "")
  message(FATAL_ERROR "simulate of all scenarios ended with ${code}: ${err}")
endif()
string(JSON first GET "${out}" 0 invoices 0 total_fen)

list(GET scenarios 0 one)
file(READ ${one} text)
string(JSON wrong SET "${text}" expect "{\"invoices\": []}")
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/simulate_wrong.json "${wrong}")
execute_process(COMMAND ${WEFEE} simulate ${CMAKE_CURRENT_BINARY_DIR}/simulate_wrong.json
  RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(NOT code EQUAL 1 OR NOT err MATCHES "/expect/invoices: expected 0 entries")
  message(FATAL_ERROR "a broken expectation ended with ${code}: ${err}")
endif()

file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/simulate_bad.json "{}")
execute_process(COMMAND ${WEFEE} simulate ${CMAKE_CURRENT_BINARY_DIR}/simulate_bad.json ${CMAKE_CURRENT_BINARY_DIR}/none.json
  RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(NOT code EQUAL 2 OR NOT err MATCHES "/timeline" OR NOT err MATCHES "none.json: cannot be read")
  message(FATAL_ERROR "a wrong file ended with ${code}: ${err}")
endif()
