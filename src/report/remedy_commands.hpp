// What doctor proposes -> the commands that do it and undo it, to be pasted as they stand. Pure.
#pragma once

#include <optional>
#include <string>

#include "rules/diagnosis.hpp"

namespace twctl {

// Each for the network namespace that was looked at, and for the host that it is of.
struct RemedyCommands {
  std::string apply;  // changes only what helps, in the running kernel, and goes back by itself
  std::string keep;   // as long as the kernel has it; "" where `apply` does not go back by itself
  std::string undo;
  std::string trial;          // measures it first, in namespaces of its own; "" where a trial does not show it
  std::string lasting = {};   // for good; "" of a namespace or container, whose boot files are not its own
  bool later = false;         // it helps connections that begin from then on, and no port that is in TIME_WAIT now
  std::string obstacle = {};  // why they do not do that here, or not all of it; "" for nothing
};

inline constexpr int kRemedyMinutes = 10;

// nullopt: no setting helps.
[[nodiscard]] std::optional<RemedyCommands> remedy_commands(const Diagnosed& host);

}  // namespace twctl
