// Plan x boot file as it is -> Intent: every old and new value and byte, before anything is touched. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "plan/plan.hpp"

namespace twctl {

// The journal's part of an intent that no plan knows.
struct Envelope {
  std::string id;
  std::uint64_t sequence = 0;
  RunFacts author;
  std::string reason;
};

// The bytes of the plan's boot file now; nullopt: it is not there. Error: as render_boot_file().
[[nodiscard]] Result<Intent> intent_of(const Plan& plan, const std::optional<std::string>& boot_file,
                                       const Envelope& envelope);

}  // namespace twctl
