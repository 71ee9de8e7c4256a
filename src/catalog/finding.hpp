// What is found wrong: hazards of a plan, findings of audit and doctor. A row holds what we know and no logic; a
// Finding is a row met on one host, with its numbers. A hazard is a finding of a plan, and one that may block it.
// The rules that find them are in src/rules.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"

namespace twctl {

// Ascending. From `warning` up doctor and audit exit 2.
enum class Severity { info, warning, error };
[[nodiscard]] std::string_view name_of(Severity severity);  // "warning"

struct FindingRow {
  std::string_view id;                    // "close-wait-held"; no two rows of the three tables share one
  Severity severity = Severity::warning;  // as it is found; the numbers of one host may raise or lower it
  std::string_view otherwise = {};        // of doctor: when they do: "error where ..."; "": never
  bool blocks = false;                    // of a hazard: apply refuses without --accept
  bool at_boot = false;                   // of a hazard: a plan of live values alone does not have it
  bool line_loses = false;                // of a hazard: our line in a boot file would decide nothing
  std::string_view summary;               // what was found, one line; of a hazard: the condition
  std::string_view meaning;               // what it means for the host; of a hazard: what can go wrong
  std::string_view advice;                // what to do: a setting, a change in the application, or nothing
  bool takes_line_out = false;            // that advice, or its first half: where there is no line, another is given
  Sources sources;
  std::span<const std::string_view> (*writers)() = nullptr;  // of what others write: everybody who is looked at
};

// Who writes settings beside the loader of the boot files, as far as they are looked at: at every boot after it, and at
// times or under conditions that nobody can tell.
[[nodiscard]] std::span<const std::string_view> sure_writers();
[[nodiscard]] std::span<const std::string_view> possible_writers();
[[nodiscard]] std::span<const std::string_view> all_writers();

// Each in the order in which people read them.
[[nodiscard]] std::span<const FindingRow> hazard_rows();
[[nodiscard]] std::span<const FindingRow> audit_findings();
[[nodiscard]] std::span<const FindingRow> doctor_findings();
[[nodiscard]] std::uint32_t checksum_of_audit();  // catalog/checksum.hpp
[[nodiscard]] std::uint32_t checksum_of_doctor();

// nullptr: unknown.
[[nodiscard]] const FindingRow* find_hazard(std::string_view id);
[[nodiscard]] const FindingRow* find_finding(std::string_view id);  // of audit or doctor

[[nodiscard]] const FindingRow& finding_row(std::string_view id);  // of any of the three; `id` is one of them

// A number that a finding rests on, for programs: {"ports_usable", 28232}.
struct Figure {
  std::string_view name;
  std::int64_t value = 0;
  friend bool operator==(const Figure&, const Figure&) = default;
};

// A setting that helps against a finding, with the value to give it.
struct Remedy {
  std::string_view key;
  std::string value;
  friend bool operator==(const Remedy&, const Remedy&) = default;
};

// One finding on one host. Texts are printable: foreign bytes in them have gone through escape().
struct Finding {
  const FindingRow* row = nullptr;        // never null: the id, what it means, the source
  Severity severity = Severity::warning;  // here
  std::string key = {};                   // the setting it is about; "" for none
  Place where = {};                       // of a file's line; {} for none
  std::string subject = {};               // what it was found at, if no line of a file: "10.0.0.5:443"; "" for the host
  std::string evidence = {};              // this host's numbers and files, as a sentence
  std::string_view meaning = {};          // what it means here; "": what the row says
  std::string advice = {};                // what to do here
  std::string source = {};                // what the evidence rests on: mostly the first of the row's sources
  std::vector<Figure> figures = {};
  std::string headline = {};            // what it comes to in a few words, where that is worse than the row's summary
  std::vector<Remedy> remedies = {};    // only what truly helps here; mostly none
  std::vector<std::string> hosts = {};  // of several hosts: all that have it, raw
  bool accepted = false;                // somebody has answered for it: --accept
  [[nodiscard]] bool blocks() const { return row->blocks && !accepted; }
  friend bool operator==(const Finding&, const Finding&) = default;
};
using Findings = std::vector<Finding>;

[[nodiscard]] std::string_view meaning_of(const Finding& finding);

// With the row's severity, advice and first source.
[[nodiscard]] Finding make_finding(const FindingRow& row, std::string_view key, Place where, std::string evidence);

}  // namespace twctl
