# profiles/*.ini -> one generated source with builtin_profiles(), so that the program runs alone.
set(TWCTL_BUILTIN_PROFILES ${CMAKE_CURRENT_BINARY_DIR}/builtin_profiles.cpp)
file(GLOB profile_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/profiles/*.ini)
list(SORT profile_files)
set(rows "")
foreach(profile IN LISTS profile_files)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile})
  get_filename_component(name ${profile} NAME_WE)
  file(READ ${profile} text)
  string(APPEND rows "    BuiltinProfile{\"${name}\", R\"ini(${text})ini\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${TWCTL_BUILTIN_PROFILES} @ONLY CONTENT [[
#include <array>

#include "profile/profile_search.hpp"

namespace twctl {
namespace {
constexpr std::array kProfiles{
@rows@};
}  // namespace
std::span<const BuiltinProfile> builtin_profiles() { return kProfiles; }
}  // namespace twctl
]])
