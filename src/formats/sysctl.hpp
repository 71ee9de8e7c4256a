// Text of a sysctl.d file -> its lines as the two loaders read them. Pure; never judges a value.
// How procps 4.0.2 and systemd 252 differ is measured: tests/kernel/loaders_test.cpp holds this to both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/host_facts.hpp"

namespace twctl {

inline constexpr std::string_view kSettingFiles = "proc/sys/";  // below the root: each key is a file there

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
  bool systemd_may_differ = false;  // where procps has read it; false: to systemd it says the same
};

[[nodiscard]] AssignmentFile read_assignments(std::string_view text, Loader loader);

// A key as nearly every line writes it, dotted, which means itself: no wildcard, no separator too many.
[[nodiscard]] bool is_ordinary_key(std::string_view key);

// A shell pattern: it has a wildcard. (Braces alone make none.)
[[nodiscard]] bool is_glob(std::string_view text);
[[nodiscard]] bool has_glob(const Assignment& assignment);

// The dotted spelling of a key; the first separator decides, as sysctl.d(5) does ("net/ipv4/conf/eth0.1/x" is
// "net.ipv4.conf.eth0/1.x").
[[nodiscard]] std::string dotted_key(std::string_view written);

// A dotted key as the path below /proc/sys, and back: every dot a slash, every slash a dot.
[[nodiscard]] std::string swap_separators(std::string_view text);

// "/proc/sys/net/core/somaxconn" -> "net.core.somaxconn"; "" for another path.
[[nodiscard]] std::string key_of_file(std::string_view path);

// A path without doubled slashes, "." and, as far as it goes, ".."; a slash at the front goes too.
[[nodiscard]] std::string simplified_path(std::string_view path);

}  // namespace twctl
