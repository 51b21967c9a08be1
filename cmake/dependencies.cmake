# Third-party libraries, all from the distribution's packages but llama.cpp (deploy/lib/llama fetches and builds it).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG QUIET)
if(NOT gRPC_FOUND)
  message(FATAL_ERROR "gRPC is missing: run deploy/test, which installs every package")
endif()
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json system)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(LIBICAL REQUIRED IMPORTED_TARGET libical)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)

# Soname 0 of libllama has no stable ABI: link the prefix that deploy/lib/llama built, or a system package.
list(APPEND CMAKE_PREFIX_PATH "$ENV{FLOTILLA_LLAMA_PREFIX}" "${CMAKE_SOURCE_DIR}/build/deps/llama")
find_package(llama 0.5 QUIET)
if(NOT llama_FOUND)
  message(FATAL_ERROR "libllama is missing: run deploy/test, which fetches and builds it, "
                      "or name an installed prefix in FLOTILLA_LLAMA_PREFIX")
endif()

if(FLOTILLA_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  include(GoogleTest)
endif()

# Debian ships SOCI without a CMake package.
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
foreach(part core postgresql sqlite3)
  find_library(SOCI_${part}_LIBRARY soci_${part} REQUIRED)
  add_library(SOCI::${part} UNKNOWN IMPORTED)
  set_target_properties(SOCI::${part} PROPERTIES
    IMPORTED_LOCATION "${SOCI_${part}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${SOCI_INCLUDE_DIR}")
endforeach()
