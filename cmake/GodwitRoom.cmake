# One room = one folder under src/ = one static library `godwit_<name>`, plus `<name>_test` from its *_test.cc.
#
#   godwit_room(transport_http DEPS base LIBS nghttp2 ssl crypto)
#
# DEPS are rooms, and must stand lower in the list of ARCHITECTURE.md (tools/check_layers proves it from the includes).
# LIBS are third-party libraries; they are PRIVATE, so that their headers stay inside the room.
# TEST_DEPS and TEST_LIBS are for the tests alone.

set(GODWIT_SANITIZE "" CACHE STRING "sanitizers for the rooms (not for generated code)")
option(GODWIT_FUZZ "build the fuzz targets (clang)" OFF)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1")

find_program(CCACHE ccache)
if(CCACHE)
  # base_dir and the prefix map make a second clone hit what the first one compiled.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=time_macros ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)

add_library(godwit_flags INTERFACE)
target_compile_options(godwit_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(godwit_flags INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(godwit_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--gc-sections)
endif()
target_include_directories(godwit_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(GODWIT_SANITIZE)
  target_compile_options(godwit_flags INTERFACE -fsanitize=${GODWIT_SANITIZE})
  target_link_options(godwit_flags INTERFACE -fsanitize=${GODWIT_SANITIZE})
  # An abort, not a log line, is what a test can see.
  target_compile_options(godwit_flags INTERFACE -fno-sanitize-recover=all)
endif()
if(GODWIT_FUZZ)
  # clang sees stable_sort of GCC 12's library use what that library itself deprecates.
  target_compile_options(godwit_flags INTERFACE -fsanitize=fuzzer-no-link -Wno-deprecated-declarations)
endif()

# Found once, here: what a folder finds is not seen by its neighbours.
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(Protobuf REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED)

# Tests run with sanitizers; in other builds they are made when asked for by name.
function(godwit_test_program name)
  if(GODWIT_SANITIZE)
    # Half of the time that a build with sanitizers takes is the tests', which need not be fast themselves.
    target_compile_options(${name} PRIVATE -O0)
  else()
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

function(godwit_room name)
  cmake_parse_arguments(ROOM "" "" "DEPS;LIBS;TEST_DEPS;TEST_LIBS" ${ARGN})
  if("simdjson" IN_LIST ROOM_LIBS OR "simdjson" IN_LIST ROOM_TEST_LIBS)
    # The target defines a macro that the size of simdjson's classes depends on; rooms with and without it crash when linked together.
    message(FATAL_ERROR "${name}: link simdjson::simdjson, not simdjson")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ROOM_DEPS PREPEND godwit_)
  list(TRANSFORM ROOM_TEST_DEPS PREPEND godwit_)

  if(NOT sources)  # headers alone
    add_library(godwit_${name} INTERFACE)
    target_link_libraries(godwit_${name} INTERFACE ${ROOM_DEPS})
  else()
    add_library(godwit_${name} STATIC ${sources})
    target_link_libraries(godwit_${name} PRIVATE godwit_flags ${ROOM_DEPS} ${ROOM_LIBS} Threads::Threads)
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    godwit_test_program(${name}_test)
    target_link_libraries(${name}_test PRIVATE godwit_flags godwit_${name} ${ROOM_DEPS} ${ROOM_LIBS}
      ${ROOM_TEST_DEPS} ${ROOM_TEST_LIBS} GTest::gmock GTest::gtest GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()

# The room's tests once more, on a schema one version ahead of this program (tests/schema): what the release before this one meets.
function(godwit_test_on_newer_schema name)
  add_test(NAME ${name}_on_newer_schema COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name}_on_newer_schema PROPERTIES ENVIRONMENT "GODWIT_TEST_NEWER_SCHEMA=$<TARGET_FILE:make_schema> ahead")
  add_dependencies(${name}_test make_schema)
endfunction()
