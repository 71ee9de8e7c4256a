// Boot files -> the lines about a setting that TuneD writes once more after its own, with reapply_sysctl. Pure.
#pragma once

#include <string>
#include <vector>

#include "sysctl/boot_replay.hpp"

namespace twctl {

struct ReappliedLine {
  std::string value;  // raw
  Place where;        // of the file to edit
};

// In the order in which TuneD writes them: /etc/sysctl.d by name, where a name in /run/sysctl.d goes before it, and
// /etc/sysctl.conf last; no other directory, no globs, no line with a '-' in front (tuned/plugins/plugin_sysctl.py).
// `supposed` as for LoaderReplay; nullptr: as the files are.
[[nodiscard]] std::vector<ReappliedLine> reapplied_lines(const Setting& setting, const BootConfig& config,
                                                         const SupposedLine* supposed);

}  // namespace twctl
