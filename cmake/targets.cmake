# The three kinds of target of this tree. Sources are listed; nothing is globbed.

# flotilla_library(NAME SOURCES .. HEADERS .. DEPS public .. PRIVATE_DEPS ..)
# Headers are self-contained. The source of the same name proves it, since it includes its header first (lint.files);
# `cmake --build build/<preset> --target all_verify_interface_header_sets` proves it of the headers without a source.
function(flotilla_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;DEPS;PRIVATE_DEPS" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name} PUBLIC ${arg_DEPS} PRIVATE flotilla_flags ${arg_PRIVATE_DEPS})
    flotilla_precompiled(${name})
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name} INTERFACE ${arg_DEPS})
    set(scope INTERFACE)
  endif()
  set(alone ${arg_HEADERS})
  foreach(source IN LISTS arg_SOURCES)
    string(REGEX REPLACE "\\.cc$" ".h" header "${source}")
    list(REMOVE_ITEM alone "${header}")
  endforeach()
  set(proven ${arg_HEADERS})
  list(REMOVE_ITEM proven ${alone} "")
  target_sources(${name} ${scope}
    FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${alone}
    FILE_SET proven TYPE HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${proven})
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON INTERFACE_HEADER_SETS_TO_VERIFY HEADERS)
endfunction()

# flotilla_binary(NAME SOURCES .. DEPS ..)
function(flotilla_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE flotilla_flags ${arg_DEPS})
  flotilla_precompiled(${name})
endfunction()

# Every test program; `ninja flotilla_tests` makes them without what they do not need.
add_custom_target(flotilla_tests)

# flotilla_test(NAME [ALONE] LABELS .. SOURCES .. DEPS ..): one GoogleTest program; each TEST is a CTest test, or with ALONE
# the whole program is one of its name.
# Preset tsan has no program labelled grpc or e2e: the distribution's gRPC is not instrumented, and its locks are unseen.
function(flotilla_test name)
  cmake_parse_arguments(arg "ALONE" "TIMEOUT" "LABELS;SOURCES;DEPS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(FLOTILLA_PROFILE STREQUAL "tsan" AND ("grpc" IN_LIST arg_LABELS OR "e2e" IN_LIST arg_LABELS))
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  add_dependencies(flotilla_tests ${name})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE flotilla_flags ${arg_DEPS} GTest::gmock GTest::gtest_main)
  flotilla_precompiled(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  if(arg_ALONE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()

# flotilla_folders(NAME...): add_subdirectory for each that has a CMakeLists.txt.
function(flotilla_folders)
  foreach(folder IN LISTS ARGN)
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt")
      add_subdirectory(${folder})
    endif()
  endforeach()
endfunction()

# flotilla_false_bounds(SOURCE...): g++ 12 sees bounds of strings broken in what preset tsan instruments; the other presets
# compile these with the warnings on.
function(flotilla_false_bounds)
  if(FLOTILLA_PROFILE STREQUAL "tsan")
    set_source_files_properties(${ARGV} PROPERTIES COMPILE_OPTIONS "-Wno-array-bounds;-Wno-stringop-overflow")
  endif()
endfunction()
