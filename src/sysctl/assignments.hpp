// Text of a sysctl.d file -> its lines as the two loaders read them. Pure; never judges a value.
// How procps 4.0.2 and systemd 252 differ is measured: tests/kernel/loaders_test.cpp holds this to both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/host_facts.hpp"

namespace twctl {

// One line that assigns. `key` is in the dotted spelling ("net.ipv4.tcp_fin_timeout"), globs kept. For procps doubled
// separators stay in it ("net..ipv4.x"): it reaches the same file, but does not know it for the same key.
struct Assignment {
  std::string key;
  std::string value = {};      // raw, blanks at both ends taken off; what the loader hands to the kernel
  int line = 0;                // from 1
  bool ignore_errors = false;  // "-key = value"
  bool exclusion = false;      // "-key" without "=": keeps globs off that key
  friend bool operator==(const Assignment&, const Assignment&) = default;
};

// A line that the loader passes over with a complaint.
struct BadLine {
  int line = 0;
  std::string text;     // raw
  std::string problem;  // "no '='", "UTF-8 byte order mark glued to the key (U+FEFF)"
  friend bool operator==(const BadLine&, const BadLine&) = default;
};

struct AssignmentFile {
  std::vector<Assignment> assignments;
  std::vector<BadLine> bad_lines;
};

[[nodiscard]] AssignmentFile read_assignments(std::string_view text, Loader loader);

// A key as nearly every line writes it, dotted, which means itself: no wildcard, no separator too many.
[[nodiscard]] bool is_ordinary_key(std::string_view key);

// Whether a key as a line writes it (dotted, perhaps a glob; '*' and '?' do not cross a dot) means `key`.
[[nodiscard]] bool key_matches(std::string_view glob_or_key, std::string_view key);

// Whether the line sets `key`, or keeps globs off it, as `loader` takes it: procps expands no braces and takes an
// exclusion by its spelling (as of 4.0.2; later ones let an exclusion have wildcards).
[[nodiscard]] bool concerns(const Assignment& said, std::string_view key, Loader loader);

[[nodiscard]] bool has_glob(const Assignment& said);

// Whether the line sets this very key, not through a pattern.
[[nodiscard]] bool assigns(const Assignment& said, std::string_view key);

// What a glob that matches `key` expands to: the key, with odd separators where the pattern has them.
[[nodiscard]] std::string glob_result(const Assignment& said, std::string_view key);

}  // namespace twctl
