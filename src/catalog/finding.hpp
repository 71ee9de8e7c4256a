// What is found wrong: hazards of a plan, findings of doctor and audit. Rows hold what we know and no logic; a Finding
// is a row met on one host, with its numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"

namespace twctl {

struct HazardRow {
  std::string_view id;       // "fin-timeout-trap"
  bool blocks = false;       // apply refuses without --accept
  std::string_view when;     // the condition, one line
  std::string_view meaning;  // what can go wrong
  std::string_view advice;   // what to do
  Sources sources;
};

[[nodiscard]] std::span<const HazardRow> hazard_rows();
[[nodiscard]] const HazardRow* find_hazard(std::string_view id);

// Ascending. From `warning` up doctor and audit exit 2.
enum class Severity { info, warning, error };
[[nodiscard]] std::string_view name_of(Severity severity);  // "warning"

struct FindingRow {
  std::string_view id;                    // "close-wait-held"
  Severity severity = Severity::warning;  // as it is found; the numbers of one host may raise or lower it
  std::string_view summary;               // what was found, one line
  std::string_view meaning;               // what it means for whoever runs this host
  std::string_view advice;                // what to do: a setting, a change in the application, or nothing
  Sources sources;
};

[[nodiscard]] std::span<const FindingRow> doctor_findings();
[[nodiscard]] const FindingRow* find_finding(std::string_view id);  // whoever finds it

// A number that a finding rests on, for programs: {"ports_usable", 28232}.
struct Figure {
  std::string_view name;
  std::int64_t value = 0;
  friend bool operator==(const Figure&, const Figure&) = default;
};

// One finding on one host. Texts are printable: foreign bytes in them have gone through escape().
struct Finding {
  const FindingRow* row = nullptr;        // never null: the id, what it means, the source
  Severity severity = Severity::warning;  // here
  std::string key = {};                   // the setting it is about; "" for none
  Place where = {};                       // of a file's line; {} for none
  std::string subject = {};               // what it was found at, if no line of a file: "10.0.0.5:443"; "" for the host
  std::string evidence = {};              // the numbers, as a sentence
  std::string advice = {};                // what to do here
  std::vector<Figure> figures = {};
  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace twctl
