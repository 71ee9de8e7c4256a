// What one row of the catalogue says of a setting. Rows are constexpr and lie in rows/ (Linux, by subject)
// and windows_settings.cpp; they hold knowledge and no logic. A row without a source does not compile.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace twctl {

enum class Os { linux_kernel, windows };

enum class ValueType {
  integer,
  enumeration,     // an integer whose meanings are listed
  integer_pair,    // "32768 60999"
  integer_triple,  // "190374 253835 380748"
  port_set,        // "1-9,8080"; empty is a value
};

enum class TakesEffect { now, new_sockets, next_listen, restart };

enum class Reach {
  per_namespace,              // each network namespace has its own value
  host_wide,                  // the file exists in the initial network namespace only
  host_wide_shown_read_only,  // other namespaces see it, read-only
};

// 4.12 is {4, 12}; 2.6.33 is {2, 6, 33}. {} means "always" in `since` and "never" in `removed`.
struct KernelVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;
  friend constexpr auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};

// The numbers at the front of a release as uname prints it: "6.1.0-30-cloud-amd64" is {6, 1, 0}, "7.1-rc3" {7, 1, 0}.
// nullopt: it does not begin with at least two numbers and a dot between them.
[[nodiscard]] std::optional<KernelVersion> parse_kernel_version(std::string_view release);

// As people write it: "4.12", "2.6.33"; a patch level of 0 is left out, except in 2.6.0. "" for {}.
[[nodiscard]] std::string to_text(KernelVersion version);

// Inclusive. For a port set: of each port.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

// From this kernel on, a value that no file sets is `value`.
struct KernelDefault {
  KernelVersion since;
  std::string_view value;
};

struct Meaning {
  std::int64_t value;
  std::string_view text;
};

// A row without a source must not compile: Sources has no default constructor and wants at least one text.
// At most six, each a commit, a file of the kernel's source, an RFC, a manual page or a measurement.
class Sources {
 public:
  template <class... Text>
  requires(sizeof...(Text) >= 1 && sizeof...(Text) <= 6)
      // Not explicit: rows read as .sources = {"...", "..."}
      consteval Sources(const Text&... text)
      : texts_{std::string_view(text)...}, count_(sizeof...(Text)) {
    if ((std::string_view(text).empty() || ...)) throw "an empty source is no source";
  }
  [[nodiscard]] constexpr const std::string_view* begin() const { return texts_; }
  [[nodiscard]] constexpr const std::string_view* end() const { return texts_ + count_; }
  [[nodiscard]] constexpr std::string_view first() const { return texts_[0]; }

 private:
  std::string_view texts_[6];
  std::size_t count_;
};

// Texts are plain English sentences without line breaks; explain and docs/settings.md wrap them.
struct Setting {
  std::string_view key;  // "net.ipv4.tcp_fin_timeout"; "TcpTimedWaitDelay"
  Os os = Os::linux_kernel;
  ValueType type = ValueType::integer;
  std::string_view unit;  // "s", "ms", "sockets", "ports"; "" for a switch
  Range accepted;         // ours: what a profile may ask for; stricter than the kernel where it does not check
  Range kernel_accepts;   // Linux 6.18: a value outside is EINVAL
  std::span<const Meaning> meanings = {};        // of an enumeration
  std::span<const KernelDefault> defaults = {};  // ascending; empty where the default depends on memory
  std::string_view default_formula = {};         // "tcp_ehash_entries / 2"
  KernelVersion since = {};
  KernelVersion removed = {};
  std::string_view removed_why = {};
  std::string_view vendor = {};   // a kernel of one vendor only has it: "Alibaba Cloud Linux 2 and 3"
  std::string_view history = {};  // what else changed, and in which version
  Reach reach = Reach::per_namespace;
  KernelVersion per_namespace_since = {};
  std::string_view second_key = {};  // the kernel shows the same variable under this key too: "net.nf_conntrack_max"
  std::string_view module = {};      // the file exists once this module is loaded: "nf_conntrack"
  TakesEffect takes_effect = TakesEffect::now;
  std::string_view effect_note = {};  // "when a socket enters orphaned FIN_WAIT_2"
  std::string_view summary;           // one line: what it is
  std::string_view does;              // what it does
  std::string_view does_not = {};     // the myths, denied
  std::string_view risk = {};
  std::string_view needs = {};      // preconditions
  std::string_view goes_with = {};  // co-dependencies: other settings that decide its effect
  std::string_view counters = {};   // where its effect shows: "TcpExt TWRecycled"
  bool writable = true;             // false: known and explained, never written (most Windows names)
  Sources sources;
};

// Every row of one operating system, in the order in which people read them. Never empty.
[[nodiscard]] std::span<const Setting> settings(Os os);
[[nodiscard]] std::uint32_t checksum_of_settings(Os os);  // catalog/checksum.hpp

// The row of a full key ("net.ipv4.tcp_fin_timeout") or second key; Windows names compare without case. nullptr:
// unknown.
[[nodiscard]] const Setting* find_setting(Os os, std::string_view key);

// The row of a full key of whichever system has it: no key is of both. nullptr: unknown.
[[nodiscard]] const Setting* find_setting(std::string_view key);

// The row of a short name ("tcp_fin_timeout") or a full key, as `explain` takes it. nullptr: unknown.
[[nodiscard]] const Setting* find_setting_by_any_name(std::string_view name);

// The known key nearest to a misspelt one; "" if none is near.
[[nodiscard]] std::string_view nearest_key(Os os, std::string_view key);

// The default of `setting` on a mainline kernel of that version; "" with no value known (depends on memory,
// removed, or not there yet). A distribution may have backported another: the live file decides.
struct DefaultValue {
  bool known = false;
  std::string_view value;
};
[[nodiscard]] DefaultValue default_on(const Setting& setting, KernelVersion kernel);

[[nodiscard]] bool removed_by(const Setting& setting, KernelVersion kernel);
[[nodiscard]] bool newer_than(const Setting& setting, KernelVersion kernel);  // `since` lies after that kernel

}  // namespace twctl
