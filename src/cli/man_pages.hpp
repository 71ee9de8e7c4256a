// The tables behind --help, the catalogue and chapters of docs/ -> the manual pages, in mdoc(7). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace twctl {

// The documents that pages are made of, whole.
struct ManSources {
  std::string contract;   // docs/contract.md
  std::string journal;    // docs/journal-format.md
  std::string changelog;  // CHANGELOG.md: its newest release dates the pages
};

struct ManPage {
  std::string file;  // "twctl-plan.8"
  std::string text;
};

// twctl(8), one of section 8 for each command, twctl-profile(5) and twctl-journal(5).
[[nodiscard]] std::vector<ManPage> man_pages(const ManSources& sources);

}  // namespace twctl
