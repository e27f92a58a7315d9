# Flags that every target of the project shares, carried by one INTERFACE target.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_program(NACRE_CCACHE ccache)
if(NACRE_CCACHE)
  # What GCC needs to know of a precompiled header to let ccache judge by it.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${NACRE_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${NACRE_CCACHE}")
endif()

set(NACRE_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (dev: address,undefined)")

add_library(nacre_base_flags INTERFACE)
target_compile_features(nacre_base_flags INTERFACE cxx_std_23)
target_compile_options(nacre_base_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wno-missing-field-initializers -Wnull-dereference -Wimplicit-fallthrough -Werror
  -ffunction-sections -fdata-sections
  # What is shipped is small (MinSizeRel); everything else shows whole call chains in a profile or a sanitizer's report.
  $<$<NOT:$<CONFIG:MinSizeRel>>:-fno-omit-frame-pointer>)
target_compile_definitions(nacre_base_flags INTERFACE _GNU_SOURCE NACRE_VERSION="${PROJECT_VERSION}")
# -iquote, not -I: with -I our sys/socket.h would be found where the C library means <sys/socket.h>.
target_compile_options(nacre_base_flags INTERFACE "SHELL:-iquote ${PROJECT_SOURCE_DIR}")
# libstdc++ 12 calls a function of its own that it has deprecated (stable_sort); clang reports that where we call it.
target_compile_options(nacre_base_flags INTERFACE
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-deprecated-declarations>)
target_link_options(nacre_base_flags INTERFACE -Wl,--gc-sections)

# Sanitizers stand apart: the freestanding init image takes the flags above but cannot carry a sanitizer's run time.
add_library(nacre_sanitize INTERFACE)
if(NACRE_SANITIZE)
  target_compile_options(nacre_sanitize INTERFACE -fsanitize=${NACRE_SANITIZE} -fno-sanitize-recover=all)
  # An empty optional that is read, an index past the end: the library's own checks, where clang-tidy's
  # bugprone-unchecked-optional-access does not see what a member function has made sure of.
  target_compile_definitions(nacre_sanitize INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(nacre_sanitize INTERFACE -fsanitize=${NACRE_SANITIZE})
endif()

# Test code is mostly what gtest and json unfold to: without optimization, with line numbers only and without UBSan it
# compiles in half the time. What is tested keeps all of it.
add_library(nacre_test_flags INTERFACE)
target_link_libraries(nacre_test_flags INTERFACE nacre_base_flags)
target_compile_options(nacre_test_flags INTERFACE -O0 -g1)
if(NACRE_SANITIZE)
  string(REGEX REPLACE "undefined,?|,undefined" "" test_sanitizers "${NACRE_SANITIZE}")
  target_compile_options(nacre_test_flags INTERFACE -fsanitize=${test_sanitizers} -fno-sanitize-recover=all)
  target_compile_definitions(nacre_test_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(nacre_test_flags INTERFACE -fsanitize=${NACRE_SANITIZE})
endif()
