# How a test is declared. Every function below makes one executable and registers each TEST in it with CTest under
# "<label>.<name>.<Suite>.<Test>", so that `ctest -R unit.base` or `ctest -R LaunchTest.Runs` selects as one expects.
#
#   nacre_unit_test(<name> SOURCES a.cc ... [LIBS nacre::x ...] [DEFINES D=1 ...] [DEPENDS target ...] [TIMEOUT s])
#       label "unit": pure code and fakes in temporary directories; no privilege, no network.
#   nacre_integration_test(<name> ... same ... [LABEL integration|conformance|faults|vm|long] [SERIAL])
#       Needs a kernel: nacre::test_harness gives it main() and a private world (tests/support/container_test.h).
#       NACRE_ROOTFS_BUSYBOX and NACRE_ROOTFS_DEBIAN are defined as the paths of root filesystems; they are shared, so a
#       test that writes takes an overlay or a copy. Which runtime runs: tests/support/runtime.h.
#       What this machine cannot do is skipped with the reason, and tests/run runs what was skipped in tests/vm.
#       Labels: "vm" is for what makes sense only there, "long" for soaks, left out unless asked for. SERIAL is for a
#       test that must have the machine to itself.
#   nacre_fuzz_test(<name> SOURCES x_fuzz.cc [LIBS ...] [CORPUS dir] [DICTIONARY file])
#       A libFuzzer program, label "fuzz", only in the preset `fuzz`. Runs for NACRE_FUZZ_SECONDS (cache variable).
#
# A property list cannot pass through gtest_discover_tests, so a test has exactly one label.
include(GoogleTest)

set(NACRE_FUZZ_SECONDS 20 CACHE STRING "How long each fuzz target runs under ctest")
set(NACRE_CACHE_DIR "${PROJECT_SOURCE_DIR}/build/cache" CACHE PATH "Where make-rootfs and tests/vm keep what they made")

function(nacre_test_executable_ target)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE nacre_test_flags ${ARG_LIBS} GTest::gmock)
  target_precompile_headers(${target} REUSE_FROM nacre_test_pch)
  target_compile_definitions(${target} PRIVATE
    NACRE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" NACRE_BINARY_DIR="${PROJECT_BINARY_DIR}" ${ARG_DEFINES})
  if(ARG_DEPENDS)
    add_dependencies(${target} ${ARG_DEPENDS})
  endif()
endfunction()

function(nacre_unit_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;DEFINES;DEPENDS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  nacre_test_executable_(unit_${name})
  target_link_libraries(unit_${name} PRIVATE GTest::gtest_main)
  gtest_discover_tests(unit_${name} TEST_PREFIX unit.${name}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS unit TIMEOUT ${ARG_TIMEOUT})
endfunction()

function(nacre_integration_test name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT;LABEL" "SOURCES;LIBS;DEFINES;DEPENDS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL integration)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)  # an emulated machine is ten times slower
  endif()
  list(APPEND ARG_LIBS nacre::test_harness)
  list(APPEND ARG_DEFINES
    NACRE_ROOTFS_BUSYBOX="${NACRE_CACHE_DIR}/rootfs/busybox"
    NACRE_ROOTFS_DEBIAN="${NACRE_CACHE_DIR}/rootfs/debian")
  list(APPEND ARG_DEPENDS nacre-runtime)
  nacre_test_executable_(${ARG_LABEL}_${name})
  set(serial)
  if(ARG_SERIAL)
    set(serial RUN_SERIAL TRUE)
  endif()
  gtest_discover_tests(${ARG_LABEL}_${name} TEST_PREFIX ${ARG_LABEL}.${name}. DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} FIXTURES_REQUIRED rootfs ${serial})
endfunction()

function(nacre_fuzz_test name)
  if(NOT NACRE_BUILD_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "CORPUS;DICTIONARY" "SOURCES;LIBS;DEFINES" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE nacre_base_flags nacre_sanitize ${ARG_LIBS})
  target_compile_definitions(fuzz_${name} PRIVATE ${ARG_DEFINES})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzz-targets)
    add_custom_target(fuzz-targets)
  endif()
  add_dependencies(fuzz-targets fuzz_${name})

  # libFuzzer adds what it finds to its first directory: that one is the build's, the seeds stay as they are.
  set(found "${CMAKE_CURRENT_BINARY_DIR}/${name}.found")
  file(MAKE_DIRECTORY "${found}")
  set(arguments -max_total_time=${NACRE_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
    "-artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/${name}-")
  if(ARG_DICTIONARY)
    list(APPEND arguments "-dict=${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DICTIONARY}")
  endif()
  list(APPEND arguments "${found}")
  if(ARG_CORPUS)
    list(APPEND arguments "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_CORPUS}")
  endif()
  math(EXPR limit "${NACRE_FUZZ_SECONDS} + 120")
  add_test(NAME fuzz.${name} COMMAND fuzz_${name} ${arguments})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT ${limit})
endfunction()
