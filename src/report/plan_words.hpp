// Plan -> the words that its text and its JSON share: names of verdicts, reasons, the summary. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"

namespace twctl {

// "web1", "web1, the tree /mnt", "the tree /mnt"; without either "this host". Printable. `tree`: of --root, or "".
[[nodiscard]] std::string name_of_host(std::string_view hostname, std::string_view tree);

[[nodiscard]] std::string_view name_of(Verdict verdict);  // "read-only"
[[nodiscard]] std::string_view name_of(Layer layer);
[[nodiscard]] std::string_view name_of(Scope scope);
[[nodiscard]] std::string_view name_of(TakesEffect effect);     // "next listen()"
[[nodiscard]] std::string effect_text(const Setting& setting);  // the same, with its note

// "30"; "(empty)"; `absent` where there is none. Printable.
[[nodiscard]] std::string value_text(const std::optional<Value>& value, std::string_view absent);

// Whether the value that is wanted cannot come about as things stand.
[[nodiscard]] bool is_stuck(Verdict verdict);

// Written for boots to come, and not in force after the next: another line decides.
[[nodiscard]] bool loses_at_boot(const PlannedSetting& planned);
[[nodiscard]] std::vector<std::string> lost_at_boot(const Plan& plan);  // the keys of such

// What becomes of the lines of a boot file that is not twctl's own: " (net.ipv4.tcp_tw_recycle = 1 -> 0; 1 new line)".
// "" of its own, and where nothing is written.
[[nodiscard]] std::string edits_text(const Plan& plan);

// Why the setting is wanted, and who says so: the profile's own comment ("why. Source: who"), else the catalogue's
// words. Raw.
[[nodiscard]] std::string reason_for(const PlannedSetting& planned);
[[nodiscard]] std::string source_for(const PlannedSetting& planned);

// "/etc/sysctl.d/99-local.conf:3", "default" (the kernel's), or "" where the boot value is not known. Printable.
[[nodiscard]] std::string boot_origin_text(const PlannedSetting& planned);

struct PlanSummary {
  std::size_t settings = 0;
  std::size_t ok = 0;
  std::size_t changes = 0;  // with at least one write
  std::size_t stuck = 0;    // is_stuck()
  std::size_t skipped = 0;
  std::vector<std::string> blocked_by;  // ids of hazards that block and were not accepted, without repetition
  std::string sentence;                 // "2 of 4 settings would change; nothing is blocked."
};

[[nodiscard]] PlanSummary summary_of(const Plan& plan);

}  // namespace twctl
