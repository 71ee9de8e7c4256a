// The program's version, as the reports print it, and what it was built of.
#pragma once

#include <span>
#include <string_view>

namespace twctl {

[[nodiscard]] std::string_view program_version();  // "0.2.0"

// A library whose code is in the program.
struct LinkedLibrary {
  std::string_view name;
  std::string_view version;
  std::string_view license;  // as SPDX names it
  std::string_view home;     // its address
};

struct BuildFacts {
  std::string_view commit;  // "3f2a91c05b7e"; "" where it is not known: a debug tree, or one without git
  std::string_view build;   // "release, static, GNU 12.2.0, Linux x86_64"
  std::span<const LinkedLibrary> libraries;
};
[[nodiscard]] BuildFacts build_facts();  // scripts/cmake/BuildFacts.cmake

}  // namespace twctl
