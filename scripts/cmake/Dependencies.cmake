# Every library that is not ours, from the distribution's packages.
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
if(fmt_VERSION VERSION_GREATER_EQUAL 9 AND fmt_VERSION VERSION_LESS 10)
  add_library(twctl_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt_library.cpp)
  target_compile_features(twctl_fmt PUBLIC cxx_std_20)
  set_target_properties(twctl_fmt PROPERTIES CXX_CLANG_TIDY "")
  get_target_property(fmt_include fmt::fmt-header-only INTERFACE_INCLUDE_DIRECTORIES)
  target_include_directories(twctl_fmt SYSTEM PUBLIC ${fmt_include})
else() # fmt_library.cpp names what version 9 leaves to its library
  add_library(twctl_fmt INTERFACE)
  target_link_libraries(twctl_fmt INTERFACE fmt::fmt-header-only)
endif()

find_path(TWCTL_CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
add_library(twctl_cli11 INTERFACE)
target_include_directories(twctl_cli11 SYSTEM INTERFACE ${TWCTL_CLI11_INCLUDE})

find_path(TWCTL_INIH_INCLUDE ini.h REQUIRED)
find_library(TWCTL_INIH_LIBRARY NAMES libinih.a REQUIRED)
add_library(twctl_inih INTERFACE)
target_include_directories(twctl_inih SYSTEM INTERFACE ${TWCTL_INIH_INCLUDE})
target_link_libraries(twctl_inih INTERFACE ${TWCTL_INIH_LIBRARY})

if(TWCTL_TESTS)
  find_package(doctest REQUIRED)
endif()
