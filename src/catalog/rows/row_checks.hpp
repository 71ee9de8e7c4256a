// What every table of settings must hold, checked while it compiles: static_assert(sound(kRows)).
// A broken row stops at the throw that names what is wrong with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "catalog/setting.hpp"

namespace twctl::rows {

// Numbers that the kernel's types hold, for `kernel_accepts`.
inline constexpr Range kAnyInt{-2147483648LL, 2147483647LL};
inline constexpr Range kU8{0, 255};
inline constexpr Range kPort{0, 65535};
// Seconds that the kernel keeps as jiffies in an int: INT_MAX / HZ, and no lower check. At CONFIG_HZ=250;
// 21474836 at 100, 7158278 at 300, 2147483 at 1000.
inline constexpr Range kJiffySeconds{-8589934, 8589934};

inline constexpr Meaning kOffOn[] = {{0, "off"}, {1, "on"}};
inline constexpr KernelDefault kZero[] = {{{}, "0"}};
inline constexpr KernelDefault kOne[] = {{{}, "1"}};
inline constexpr KernelDefault kThirty[] = {{{}, "30"}};
inline constexpr KernelDefault kSixty[] = {{{}, "60"}};
inline constexpr KernelDefault kHundredTwenty[] = {{{}, "120"}};

// Sources that many rows share.
inline constexpr std::string_view kMeasured = "measured on Linux 6.18 in a network namespace";
inline constexpr std::string_view kIpSysctl = "Linux Documentation/networking/ip-sysctl.rst";
inline constexpr std::string_view kIpv4Table = "Linux 6.18 net/ipv4/sysctl_net_ipv4.c";

consteval bool inside(const Range& range, std::int64_t number) { return range.min <= number && number <= range.max; }

consteval std::int64_t number_of(std::string_view text) {
  if (text.empty()) throw "a default is not a number";
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') throw "a default is not plain decimal";
    number = number * 10 + (c - '0');
  }
  return number;
}

consteval void check_default(const Setting& row, std::string_view value) {
  if (row.type == ValueType::port_set && value.empty()) return;
  const std::size_t blank = row.type == ValueType::integer_pair ? value.find(' ') : value.size();
  if (!inside(row.accepted, number_of(value.substr(0, blank)))) throw "a default lies outside the accepted range";
  if (row.type != ValueType::integer_pair) return;
  if (!inside(row.accepted, number_of(value.substr(blank + 1)))) throw "a default lies outside the accepted range";
}

consteval void check_defaults(const Setting& row) {
  for (std::size_t i = 0; i < row.defaults.size(); ++i) {
    check_default(row, row.defaults[i].value);
    if (i > 0 && row.defaults[i].since <= row.defaults[i - 1].since) throw "defaults are not in ascending order";
  }
  if (row.os == Os::linux_kernel && row.defaults.empty() && row.default_formula.empty()) {
    throw "neither a default nor a formula for it";
  }
}

consteval void check_range(const Setting& row) {
  if (row.accepted.min > row.accepted.max) throw "the accepted range is empty";
  if (!inside(row.kernel_accepts, row.accepted.min) || !inside(row.kernel_accepts, row.accepted.max)) {
    throw "we would accept what the kernel refuses";
  }
}

// An enumeration lists each value of its accepted range, in order; nothing else has meanings.
consteval void check_meanings(const Setting& row) {
  if ((row.type == ValueType::enumeration) == row.meanings.empty()) throw "meanings belong to enumerations";
  for (std::size_t i = 0; i < row.meanings.size(); ++i) {
    if (row.meanings[i].value != row.accepted.min + static_cast<std::int64_t>(i)) throw "meanings miss a value";
  }
  const bool all = row.meanings.empty() || row.meanings.back().value == row.accepted.max;
  if (!all) throw "meanings stop before the accepted range does";
}

consteval void check_versions(const Setting& row) {
  const bool removed = row.removed != KernelVersion{};
  if (removed && row.since >= row.removed) throw "removed before it was there";
  if (removed == row.removed_why.empty()) throw "a removed row says why, and only a removed one";
  const bool has_namespaces = row.per_namespace_since != KernelVersion{};
  if (row.os == Os::linux_kernel && has_namespaces != (row.reach == Reach::per_namespace) && row.vendor.empty()) {
    throw "per_namespace_since belongs to settings that each namespace has";
  }
}

consteval void check_texts(const Setting& row) {
  if (row.key.empty() || row.summary.empty() || row.does.empty()) throw "a row needs a key, a summary and what it does";
  if (row.os == Os::linux_kernel && !row.key.starts_with("net.")) throw "a Linux key begins with net.";
  for (const std::string_view text : {row.summary, row.does, row.does_not, row.risk, row.needs, row.goes_with,
                                      row.counters, row.history, row.effect_note, row.removed_why}) {
    if (text.find('\n') != std::string_view::npos) throw "a text has a line break";
  }
}

consteval bool sound(std::span<const Setting> table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    check_texts(table[i]);
    check_range(table[i]);
    check_meanings(table[i]);
    check_defaults(table[i]);
    check_versions(table[i]);
    for (std::size_t j = 0; j < i; ++j) {
      if (table[i].key == table[j].key) throw "a key stands twice";
    }
  }
  return !table.empty();
}

}  // namespace twctl::rows
