// Desired x Snapshot -> Plan: for each setting what would change in which layer, and what stands in the way. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/finding.hpp"
#include "observe/snapshot.hpp"
#include "profile/desired.hpp"
#include "rules/verdicts.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl {

struct PlanOptions {
  Scope scope = Scope::both;
  std::string boot_file{kOwnBootFile};
  std::vector<std::string> accept;  // "ID" or "ID:KEY"
  std::string tree = {};            // --root: the folder that stands for the host; "" for the host itself
  // Of an apply that is to go back unless confirmed: DeadlineTimers::Surroundings::mortal_init. nullopt also: no such.
  std::optional<std::string> mortal_init = {};
};

struct Note {
  std::string text;                  // printable
  const Setting* skipped = nullptr;  // the note says why this one is skipped; nullptr: it says something else
  friend bool operator==(const Note&, const Note&) = default;
};

// Why apply would not even begin, as a plan tells it beforehand. `why`: printable.
[[nodiscard]] Note refusal_note(std::string_view why);

struct Plan {
  HostFacts host;
  std::string tree = {};  // as in PlanOptions
  std::vector<std::string> profiles;
  Scope scope = Scope::both;
  std::string boot_file;                               // "" on Windows, which has none
  std::optional<std::string> boot_bytes = {};          // of that file now; nullopt: there is none, or it cannot be read
  Result<std::optional<std::string>> boot_after = {};  // of it once the plan's lines are in it: boot_file_after()
  std::vector<PlannedSetting> settings = {};
  Findings hazards = {};  // with key "" where it concerns the whole plan
  std::vector<Note> notes = {};
  std::string winning_edits = {};  // what becomes of the lines of the next one; printable
  std::string winning_file = {};  // of one that a shadowed line blocks: a boot file in which nothing would; "" for none
  std::optional<Error> state_refusal =
      {};  // why no change could be recorded: apply does not begin (judge_state(), judge_record())
  std::optional<Error> boot_refusal = {};  // why the boot file that is to change cannot be written (plan_here())
};

// Error: usage (an --accept of an unknown hazard), unsupported (--scope live where nothing is live, --scope boot
// with --netns, --scope boot and --boot-file on Windows).
[[nodiscard]] Result<Plan> make_plan(const Desired& desired, const Snapshot& snapshot, const PlanOptions& options);

[[nodiscard]] bool changes_anything(const Plan& plan);

// The settings that have a write in `layer`, in an order in which the kernel takes every one of them (a port range
// may at no moment start below ip_unprivileged_port_start). Undo goes the other way. They point into `plan`.
[[nodiscard]] std::vector<const PlannedSetting*> write_order(const Plan& plan, Layer layer);

// What is to change in the boot file, in that order, each with the comment above its line.
[[nodiscard]] std::vector<LineChange> boot_lines(const Plan& plan);

// What the boot file, which holds `before`, will hold. Error: as render_boot_file().
[[nodiscard]] Result<std::optional<std::string>> boot_file_after(const Plan& plan,
                                                                 const std::optional<std::string>& before);

// The boot scope was asked for of a network namespace, to which the boot files say nothing.
[[nodiscard]] Error no_boot_files_of(const std::string& netns, std::string_view scope);

}  // namespace twctl
