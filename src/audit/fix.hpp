// A file of settings -> the same file with the lines mended that can be mended without a guess, as a unified diff, and
// what is left. Pure; writes nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit.hpp"
#include "audit/unified_diff.hpp"

namespace twctl {

struct Fix {
  std::vector<LineEdit> edits = {};      // what the diff does
  std::string diff;                      // "" if nothing changes
  Audit before;                          // of the file as it is
  Audit after;                           // and as the diff makes it
  std::map<int, std::string> held = {};  // lines that might be mended, and why a person must decide
};

// Lines of settings that the kernel no longer has go, old names become the new ones (or go, where another line has the
// new one), a byte order mark goes, and so does a line that a later one repeats. No value that the file sets changes.
// Of a line without effect goes what keeps it from applying: quotes, invisible characters, "sysctl -w"; a comment
// behind a value becomes a line above it. A line that would still not apply stays as it is, and every other byte does.
// Error: as audit_file().
[[nodiscard]] Result<Fix> fix_file(std::string_view path, std::string_view bytes, const AuditContext& context);

// From `warning` up, what the diff does not mend, as the file has it.
[[nodiscard]] Findings unmended(const Fix& fix);

// Why a program must not mend it; printable.
[[nodiscard]] std::string_view why_a_person(const Fix& fix, const Finding& finding);

}  // namespace twctl
