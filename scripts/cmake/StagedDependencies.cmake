# For a cross build: the same libraries, all but one of which are headers only. The compiler must not see the machine's
# own /usr/include, so what is needed of it is linked into a folder of its own. inih alone has a source file.
set(staged ${CMAKE_BINARY_DIR}/staged)
foreach(header nlohmann/json.hpp rapidjson/reader.h CLI/CLI.hpp tl/expected.hpp fmt/format.h doctest/doctest.h)
  get_filename_component(folder ${header} DIRECTORY)
  find_path(TWCTL_HOST_${folder} ${header} PATHS /usr/include /usr/local/include
            NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
  file(MAKE_DIRECTORY ${staged})
  file(CREATE_LINK ${TWCTL_HOST_${folder}}/${folder} ${staged}/${folder} SYMBOLIC)
endforeach()

foreach(library nlohmann_json::nlohmann_json tl::expected doctest::doctest fmt::fmt-header-only)
  add_library(${library} INTERFACE IMPORTED)
  target_include_directories(${library} INTERFACE ${staged})
endforeach()
target_compile_definitions(fmt::fmt-header-only INTERFACE FMT_HEADER_ONLY=1)
set(TWCTL_CLI11_INCLUDE ${staged})
set(TWCTL_RAPIDJSON_INCLUDE ${staged})

file(STRINGS ${staged}/fmt/core.h fmt_line REGEX "#define FMT_VERSION ")
string(REGEX REPLACE "[^0-9]" "" fmt_number "${fmt_line}")
math(EXPR fmt_VERSION "${fmt_number} / 10000")

# Debian's library is compiled for Linux, and its package has no source.
set(TWCTL_INIH_SOURCE "" CACHE PATH "where ini.c and ini.h are (a release of https://github.com/benhoyt/inih)")
if(NOT TWCTL_INIH_SOURCE AND NOT EXISTS ${CMAKE_BINARY_DIR}/inih/ini.c)
  execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/fetch-inih ${CMAKE_BINARY_DIR}/inih
                  RESULT_VARIABLE problem OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(problem)
    message(FATAL_ERROR "the source of inih could not be had; name its folder with -DTWCTL_INIH_SOURCE=DIR\n${said}")
  endif()
endif()
if(NOT TWCTL_INIH_SOURCE)
  set(TWCTL_INIH_SOURCE ${CMAKE_BINARY_DIR}/inih CACHE PATH "" FORCE)
endif()
set_source_files_properties(${TWCTL_INIH_SOURCE}/ini.c PROPERTIES LANGUAGE CXX)
add_library(twctl_inih STATIC ${TWCTL_INIH_SOURCE}/ini.c)
target_include_directories(twctl_inih SYSTEM PUBLIC ${TWCTL_INIH_SOURCE})
