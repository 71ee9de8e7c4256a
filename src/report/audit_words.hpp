// Audit -> the words that its outward shapes share. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/audit.hpp"

namespace twctl {

// Who made the report, and when.
struct ReportStamp {
  std::int64_t time = 0;  // seconds since 1970
};

// "2026-11-26T13:52:15Z"
[[nodiscard]] std::string utc_text(std::int64_t seconds);

// A number that changes with every row of the catalogue: "0.2.0+5fa3c2d1".
[[nodiscard]] std::string catalogue_version();

// "twctl 0.2.0, catalogue 0.2.0+5fa3c2d1, 2026-11-26T13:52:15Z"
[[nodiscard]] std::string stamp_text(const ReportStamp& stamp);

struct FindingCounts {
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::size_t infos = 0;
};
[[nodiscard]] FindingCounts count(const Findings& findings);

// "2 errors, 1 warning"; "nothing found".
[[nodiscard]] std::string counts_text(const FindingCounts& counts);

// The counts, or "nothing to judge": "nothing found" is said only of what was looked at.
[[nodiscard]] std::string found_text(const Audit& audit);

// Registry files by themselves: no kernel of Linux has a say in them.
[[nodiscard]] bool is_about_windows(const Audit& audit);

// The system and kernel that were judged, or judged for; "" where nothing is known. Printable.
[[nodiscard]] std::string system_text(const Audit& audit);

// What the report is about: the host's name, or the files.
[[nodiscard]] std::string subject_text(const Audit& audit);

}  // namespace twctl
