# How every library, program, test, fuzzer and benchmark of the project is
# built. One library per folder; warnings and sanitizers live in one interface
# target that everything we wrote links, and generated code does not.

add_library(callbraid_flags INTERFACE)
target_compile_options(callbraid_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor
  # Not for whoever builds it to use it: another compiler warns of other things.
  $<$<NOT:$<CONFIG:RelWithDebInfo,Release>>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(callbraid_flags INTERFACE -Wthread-safety)
endif()

# Sanitizers must reach generated code too, so they are global.
if(CALLBRAID_SANITIZE)
  add_compile_options(-fsanitize=${CALLBRAID_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CALLBRAID_SANITIZE})
  if(CALLBRAID_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(CALLBRAID_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined
                      -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# callbraid_library(NAME SRCS ... HDRS ... DEPS ...): target callbraid_NAME,
# alias callbraid::NAME. Libraries are built without exceptions; THROWS names
# the sources that must call into a library that throws (yaml-cpp).
function(callbraid_library name)
  cmake_parse_arguments(arg "" "" "SRCS;HDRS;DEPS;THROWS" ${ARGN})
  if(arg_SRCS OR arg_THROWS)
    add_library(callbraid_${name} STATIC ${arg_SRCS} ${arg_THROWS} ${arg_HDRS})
    target_include_directories(callbraid_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(callbraid_${name}
      PUBLIC ${arg_DEPS} PRIVATE callbraid_flags)
    set_source_files_properties(${arg_SRCS} PROPERTIES
      COMPILE_OPTIONS "-fno-exceptions")
  else()
    add_library(callbraid_${name} INTERFACE ${arg_HDRS})
    target_include_directories(callbraid_${name}
      INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(callbraid_${name} INTERFACE ${arg_DEPS})
  endif()
  add_library(callbraid::${name} ALIAS callbraid_${name})
endfunction()

# callbraid_program(NAME COMPONENT package SRCS ... DEPS ...): an installed
# executable, and the package that it comes in (packages.cmake).
function(callbraid_program name)
  cmake_parse_arguments(arg "" "COMPONENT" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${arg_SRCS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} callbraid_flags)
  install(TARGETS ${name} RUNTIME COMPONENT ${arg_COMPONENT})
endfunction()

# callbraid_test(unit/PATH_test.cc DEPS ... [GRPC] [LABEL l]
# [TIMEOUT s]): the path is relative to tests/; the test's name is the path
# without its extension. Its label is `unit`, or `unit-grpc` where a server is at
# work (`ctest -L unit` runs both), or LABEL; its timeout two minutes.
if(CALLBRAID_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
function(callbraid_test source)
  if(NOT CALLBRAID_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "GRPC" "LABEL;TIMEOUT" "DEPS" ${ARGN})
  set(timeout 120)
  if(arg_TIMEOUT)
    set(timeout ${arg_TIMEOUT})
  endif()
  set(label unit)
  if(arg_LABEL)
    set(label ${arg_LABEL})
  endif()
  if(arg_GRPC)
    set(label unit-grpc)
  endif()
  string(REGEX REPLACE "\\.cc$" "" test ${source})
  string(REPLACE "/" "_" target ${test})
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/${source})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${arg_DEPS}
    GTest::gmock GTest::gtest GTest::gtest_main callbraid_flags)
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_dependencies(unit_tests ${target})
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS ${label} TIMEOUT ${timeout})
endfunction()

# callbraid_fuzzer(NAME DEPS ...): tests/fuzz/NAME_fuzzer.cc, seeds in
# tests/fuzz/corpus/NAME. Only in the fuzz preset.
function(callbraid_fuzzer name)
  if(NOT CALLBRAID_FUZZ)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  add_executable(${name}_fuzzer
    ${PROJECT_SOURCE_DIR}/tests/fuzz/${name}_fuzzer.cc)
  target_include_directories(${name}_fuzzer PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name}_fuzzer PRIVATE ${arg_DEPS} callbraid_flags)
  target_link_options(${name}_fuzzer PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name}_fuzzer PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()

# callbraid_bench_program(NAME DEPS ...): tests/bench/NAME.cc, which a script
# there runs.
function(callbraid_bench_program name)
  if(NOT CALLBRAID_BENCH)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  add_executable(${name} ${PROJECT_SOURCE_DIR}/tests/bench/${name}.cc)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} callbraid_flags)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endfunction()

# callbraid_benchmark(NAME DEPS ...): tests/bench/NAME_bench.cc.
if(CALLBRAID_BENCH)
  find_package(benchmark REQUIRED)
endif()
function(callbraid_benchmark name)
  if(NOT CALLBRAID_BENCH)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  add_executable(${name}_bench ${PROJECT_SOURCE_DIR}/tests/bench/${name}_bench.cc)
  target_include_directories(${name}_bench PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name}_bench PRIVATE ${arg_DEPS}
    benchmark::benchmark benchmark::benchmark_main callbraid_flags)
  set_target_properties(${name}_bench PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  if(CALLBRAID_TESTS)
    # Run briefly so that they cannot rot; the figures come from tests/bench/run.
    add_test(NAME bench/${name}
      COMMAND ${name}_bench --benchmark_min_time=0.01)
    set_tests_properties(bench/${name} PROPERTIES LABELS bench TIMEOUT 120)
  endif()
endfunction()
