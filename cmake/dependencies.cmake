# Every library that wefee uses; ARCHITECTURE.md says what each is for.
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers url json)
find_package(OpenSSL 3 REQUIRED)
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(pugixml CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(GTest CONFIG REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
find_package(Threads REQUIRED)
include(GoogleTest)

# MySQL Connector/C++: Debian's -dev package needs Boost 1.74 and so conflicts with 1.81. scripts/setup
# installs the runtime and unpacks only the headers into third_party/mysqlcppconn.
find_path(MYSQLCPPCONN_INCLUDE_DIR cppconn/driver.h
  PATHS ${PROJECT_SOURCE_DIR}/third_party/mysqlcppconn/usr/include NO_DEFAULT_PATH)
find_library(MYSQLCPPCONN_LIBRARY NAMES libmysqlcppconn.so.7)
if(NOT MYSQLCPPCONN_INCLUDE_DIR OR NOT MYSQLCPPCONN_LIBRARY)
  message(FATAL_ERROR "MySQL Connector/C++ is missing: run scripts/setup first.")
endif()
add_library(wefee_mysqlcppconn SHARED IMPORTED)
set_target_properties(wefee_mysqlcppconn PROPERTIES
  IMPORTED_LOCATION ${MYSQLCPPCONN_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${MYSQLCPPCONN_INCLUDE_DIR})

# The programs' allocator: what one thread allocates, another frees. Sanitizers bring their own.
find_library(TCMALLOC_LIBRARY NAMES tcmalloc_minimal REQUIRED)
add_library(wefee_allocator INTERFACE)
if(NOT CMAKE_CXX_FLAGS_RELEASE MATCHES "-fsanitize")
  target_link_libraries(wefee_allocator INTERFACE ${TCMALLOC_LIBRARY})
endif()
