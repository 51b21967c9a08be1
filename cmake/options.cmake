# What a person may switch, and the flags that each profile puts on our own targets.
# No global flags: cmake/targets.cmake links flotilla_flags into what it makes.

set(FLOTILLA_PROFILE "dev" CACHE STRING "dev, release, asan, tsan, tidy, fuzz or coverage")
option(FLOTILLA_TESTS "Build the tests" ON)
option(FLOTILLA_ENGINE_DISPATCH "Link a libllama that picks its CPU kernels at run time" OFF)
option(FLOTILLA_AGENT_STATIC_GRPC "Link gRPC statically into the agent" ON)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(flotilla_flags INTERFACE)
target_compile_options(flotilla_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees uninitialised and overlapping bytes in std::string where there are none (GCC bugs 105329, 105562, 105651);
  # clang in preset tidy and the sanitizers look for the real ones.
  target_compile_options(flotilla_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
  # g++ 12.2 corrupts the heap on co_await of a call with an aggregate argument.
  target_compile_options(flotilla_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-coroutines>)
else()
  target_compile_options(flotilla_flags INTERFACE -Wthread-safety)
endif()
target_compile_definitions(flotilla_flags INTERFACE BOOST_ASIO_DISABLE_CO_AWAIT)

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(flotilla_flags INTERFACE -fuse-ld=mold)
endif()

if(FLOTILLA_PROFILE STREQUAL "dev")
  target_compile_options(flotilla_flags INTERFACE -O0 -g1)
elseif(FLOTILLA_PROFILE STREQUAL "release")
  target_compile_options(flotilla_flags INTERFACE -O2 -g0 -fstack-protector-strong -fPIE)
  target_compile_definitions(flotilla_flags INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(flotilla_flags INTERFACE -pie -Wl,-z,relro,-z,now)
elseif(FLOTILLA_PROFILE STREQUAL "asan")
  target_compile_options(flotilla_flags INTERFACE
    -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_link_options(flotilla_flags INTERFACE -fsanitize=address,undefined)
elseif(FLOTILLA_PROFILE STREQUAL "tsan")
  # Protobuf's classes have a member more where this macro is defined, and the distribution's library does not know it.
  target_compile_options(flotilla_flags INTERFACE -O1 -g1 -fsanitize=thread -U__SANITIZE_THREAD__)
  # The sanitizer does not know fences; Asio's queues hold a mutex around what they hand over.
  target_compile_definitions(flotilla_flags INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  target_link_options(flotilla_flags INTERFACE -fsanitize=thread)
elseif(FLOTILLA_PROFILE STREQUAL "tidy")
  target_compile_options(flotilla_flags INTERFACE -O0)
elseif(FLOTILLA_PROFILE STREQUAL "fuzz")
  target_compile_options(flotilla_flags INTERFACE
    -O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  target_link_options(flotilla_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
elseif(FLOTILLA_PROFILE STREQUAL "coverage")
  target_compile_options(flotilla_flags INTERFACE -O0 -g1 --coverage)
  target_link_options(flotilla_flags INTERFACE --coverage)
else()
  message(FATAL_ERROR "FLOTILLA_PROFILE is '${FLOTILLA_PROFILE}': choose a preset, see CMakePresets.json")
endif()
