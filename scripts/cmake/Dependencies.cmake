# Every library that is not ours, from the distribution's packages.
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)

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
