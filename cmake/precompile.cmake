# FLOTILLA_PCH: two precompiled headers for presets that are built whole and seldom (the sanitizers), where they halve the
# time. Not where ccache shares objects between clones (dev, release): a precompiled header is bound to its folder.
option(FLOTILLA_PCH "Precompile the headers that most sources read" OFF)
if(NOT FLOTILLA_PCH)
  function(flotilla_precompiled target)
  endfunction()
  return()
endif()

set(precompiled_product
  <algorithm> <array> <atomic> <chrono> <condition_variable> <deque> <filesystem> <fstream> <functional> <map> <memory>
  <mutex> <optional> <set> <span> <sstream> <stop_token> <string> <string_view> <thread> <unordered_map> <utility>
  <variant> <vector>
  <absl/status/status.h> <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/time/time.h> <boost/json.hpp>
  <flotilla/v1/device.pb.h> <flotilla/v1/enrolment.pb.h> <flotilla/v1/release.pb.h> <flotilla/v1/rollout.pb.h>
  <flotilla/v1/session.pb.h> <flotilla/v1/update.pb.h>)
# A precompiled header serves only where the macros it saw are defined alike.
foreach(library IN ITEMS Boost::json GTest::gmock)
  target_compile_definitions(flotilla_flags INTERFACE $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
endforeach()
# One for libraries (-fPIC) and one, with GoogleTest, for test programs (-fPIE); the few other targets go without.
file(WRITE "${CMAKE_BINARY_DIR}/generated/precompiled.cc" "int main() {}\n")
add_library(flotilla_precompiled_product STATIC EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/generated/precompiled.cc")
add_executable(flotilla_precompiled_test EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/generated/precompiled.cc")
foreach(kind IN ITEMS product test)
  target_link_libraries(flotilla_precompiled_${kind} PRIVATE
    flotilla_flags flotilla_proto absl::statusor absl::strings absl::time Boost::json)
  add_dependencies(flotilla_precompiled_${kind} flotilla_proto_headers)
endforeach()
target_link_libraries(flotilla_precompiled_test PRIVATE GTest::gmock)
target_precompile_headers(flotilla_precompiled_product PRIVATE ${precompiled_product})
target_precompile_headers(flotilla_precompiled_test PRIVATE ${precompiled_product} <gtest/gtest.h> <gmock/gmock.h>)

# flotilla_precompiled(TARGET): a target of flotilla_library, flotilla_binary or flotilla_test.
function(flotilla_precompiled target)
  get_target_property(links ${target} LINK_LIBRARIES)
  # gRPC's package asks for -pthread, which defines a macro that the precompiled headers did not see.
  foreach(user IN ITEMS gRPC::grpc++ flotilla_proto_grpc flotilla_agent_grpc flotilla_aggregator_app flotilla_aggregator_rpc
      flotilla_controller_rpc flotilla_fleetctl flotilla_swarm flotilla_e2e_support)
    if(user IN_LIST links)
      target_compile_options(${target} PRIVATE -U_REENTRANT)
      break()
    endif()
  endforeach()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE" AND "GTest::gmock" IN_LIST links)
    target_precompile_headers(${target} REUSE_FROM flotilla_precompiled_test)
  elseif(NOT type STREQUAL "EXECUTABLE" AND NOT "GTest::gmock" IN_LIST links)
    target_precompile_headers(${target} REUSE_FROM flotilla_precompiled_product)
  endif()
endfunction()
