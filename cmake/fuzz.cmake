# flotilla_fuzz(NAME subject SOURCES .. DEPS ..): one libFuzzer entry point and its corpus, tests/fuzz/corpus/<subject>/.
# Preset fuzz: the program build/fuzz/fuzz/<subject>_fuzz, to be run on that folder. Every other preset: a program that runs
# each file of the folder once, as the ordinary test fuzz.<subject>; an empty folder fails it.
function(flotilla_fuzz)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;DEPS" ${ARGN})
  if(NOT arg_NAME)
    message(FATAL_ERROR "flotilla_fuzz: NAME is missing")
  endif()
  set(target ${arg_NAME}_fuzz)
  add_executable(${target} ${arg_SOURCES})
  add_dependencies(flotilla_tests ${target})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE flotilla_flags ${arg_DEPS})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
  if(FLOTILLA_PROFILE STREQUAL "fuzz")
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc")
  add_test(NAME fuzz.${arg_NAME}
    COMMAND ${target} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${arg_NAME}")
  set_tests_properties(fuzz.${arg_NAME} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()
