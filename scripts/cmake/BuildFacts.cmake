# What `twctl --version` tells of the build: the commit, the compiler, and the libraries with their versions, from where they are
# found; as a generated source with build_facts(). scripts/package makes its bill of materials of what the program says.

# The commit of what is shipped. Not of a debug tree: there each commit would link every test anew.
set(TWCTL_COMMIT "")
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  execute_process(COMMAND git -C ${CMAKE_CURRENT_SOURCE_DIR} rev-parse --show-toplevel --short=12 HEAD
                  OUTPUT_VARIABLE said ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(said MATCHES "^(.*)\n([0-9a-f]+)$" AND CMAKE_MATCH_1 STREQUAL CMAKE_CURRENT_SOURCE_DIR) # not of a tree around this one
    set(TWCTL_COMMIT ${CMAKE_MATCH_2})
    execute_process(COMMAND git -C ${CMAKE_CURRENT_SOURCE_DIR} diff --quiet HEAD RESULT_VARIABLE changed)
    if(changed)
      string(APPEND TWCTL_COMMIT " with changes")
    endif()
  endif()
endif()

set(library_rows "")

# library(NAME LICENSE HOME FOLDER HEADER NUMBERS): NUMBERS match the lines of HEADER that hold its version, one number each.
function(library name license home folder header numbers)
  file(STRINGS ${folder}/${header} lines REGEX "^ *# *define[ \t]+(${numbers})[ \t]")
  set(version "")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "[ \t]\"?([0-9][0-9.]*)\"?" line "${line}")
    string(APPEND version ".${CMAKE_MATCH_1}")
  endforeach()
  string(REGEX REPLACE "^\\." "" version "${version}")
  if(name STREQUAL "fmt") # 90100
    math(EXPR major "${version} / 10000")
    math(EXPR minor "${version} / 100 % 100")
    math(EXPR patch "${version} % 100")
    set(version ${major}.${minor}.${patch})
  endif()
  if(version STREQUAL "")
    set(version "of unknown version")
  endif()
  set(library_rows "${library_rows}    LinkedLibrary{\"${name}\", \"${version}\", \"${license}\", \"${home}\"},\n" PARENT_SCOPE)
endfunction()

find_path(TWCTL_JSON_FOLDER nlohmann/json.hpp PATHS ${CMAKE_BINARY_DIR}/staged NO_CMAKE_FIND_ROOT_PATH REQUIRED)
find_path(TWCTL_EXPECTED_FOLDER tl/expected.hpp PATHS ${CMAKE_BINARY_DIR}/staged NO_CMAKE_FIND_ROOT_PATH REQUIRED)
find_path(TWCTL_FMT_FOLDER fmt/core.h PATHS ${CMAKE_BINARY_DIR}/staged NO_CMAKE_FIND_ROOT_PATH REQUIRED)
library("JSON for Modern C++" MIT https://github.com/nlohmann/json ${TWCTL_JSON_FOLDER} nlohmann/detail/abi_macros.hpp
        "NLOHMANN_JSON_VERSION_(MAJOR|MINOR|PATCH)")
library(RapidJSON MIT https://rapidjson.org ${TWCTL_RAPIDJSON_INCLUDE} rapidjson/rapidjson.h
        "RAPIDJSON_(MAJOR|MINOR|PATCH)_VERSION")
library(fmt MIT https://github.com/fmtlib/fmt ${TWCTL_FMT_FOLDER} fmt/core.h FMT_VERSION)
library(CLI11 BSD-3-Clause https://github.com/CLIUtils/CLI11 ${TWCTL_CLI11_INCLUDE} CLI/Version.hpp CLI11_VERSION)
library(tl-expected CC0-1.0 https://github.com/TartanLlama/expected ${TWCTL_EXPECTED_FOLDER} tl/expected.hpp
        "TL_EXPECTED_VERSION_(MAJOR|MINOR|PATCH)")
# inih's header has no version: Debian's package, or the release that fetch-inih fetches.
if(CMAKE_CROSSCOMPILING)
  file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/fetch-inih inih_version REGEX "^archive=")
  string(REGEX REPLACE "[^0-9]*([0-9]+).*" "\\1" inih_version "${inih_version}")
else()
  get_filename_component(inih_folder ${TWCTL_INIH_LIBRARY} DIRECTORY)
  set(inih_version "of unknown version")
  if(EXISTS ${inih_folder}/pkgconfig/inih.pc)
    file(STRINGS ${inih_folder}/pkgconfig/inih.pc inih_version REGEX "^Version: ")
    string(REPLACE "Version: " "" inih_version "${inih_version}")
  endif()
endif()
string(APPEND library_rows
  "    LinkedLibrary{\"inih\", \"${inih_version}\", \"BSD-3-Clause\", \"https://github.com/benhoyt/inih\"},\n"
  "    LinkedLibrary{\"libstdc++\", \"${CMAKE_CXX_COMPILER_VERSION}\", \"GPL-3.0-or-later WITH GCC-exception-3.1\", \"https://gcc.gnu.org\"},\n")
if(WIN32)
  find_path(TWCTL_LIBC_FOLDER _mingw_mac.h REQUIRED)
  library(mingw-w64 ZPL-2.1 https://www.mingw-w64.org ${TWCTL_LIBC_FOLDER} _mingw_mac.h "__MINGW64_VERSION_(MAJOR|MINOR)")
else()
  find_path(TWCTL_LIBC_FOLDER features.h)
  if(TWCTL_LIBC_FOLDER)
    library(glibc LGPL-2.1-or-later https://www.gnu.org/software/libc ${TWCTL_LIBC_FOLDER} features.h "__GLIBC__|__GLIBC_MINOR__")
  endif()
endif()

string(TOLOWER "${CMAKE_BUILD_TYPE}" kind)
if(TWCTL_STATIC)
  string(APPEND kind ", static")
endif()
set(TWCTL_BUILD "${kind}, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, ${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR}")
set(TWCTL_BUILD_FACTS ${CMAKE_CURRENT_BINARY_DIR}/build_facts.cpp)
file(CONFIGURE OUTPUT ${TWCTL_BUILD_FACTS} @ONLY CONTENT [[
#include <array>

#include "report/version.hpp"

namespace twctl {
namespace {
constexpr std::array kLibraries{
@library_rows@};
}  // namespace
BuildFacts build_facts() { return {"@TWCTL_COMMIT@", "@TWCTL_BUILD@", kLibraries}; }
}  // namespace twctl
]])
