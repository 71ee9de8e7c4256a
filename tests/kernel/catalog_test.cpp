// Every Linux row of the catalogue against the running kernel, each row in a network namespace of its own. Where the
// two differ, the kernel is right.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catalog/setting.hpp"
#include "catalog/value.hpp"
#include "support/in_namespace.hpp"
#include "support/namespace.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

KernelVersion running_kernel() {
  utsname name = {};
  REQUIRE(::uname(&name) == 0);
  return parse_kernel_version(name.release).value();
}

// A module that is loaded or built in; for one that is neither, the keys may be absent.
bool module_there(const Setting& row) {
  return row.module.empty() || std::filesystem::exists("/sys/module/" + std::string(row.module)) ||
         kernel_text(row.key).has_value();
}

enum class Presence { absent, writable, read_only };

// What the row says of its file in a network namespace other than the initial one.
Presence expected_presence(const Setting& row, KernelVersion kernel) {
  const bool mainline = row.vendor.empty() && !newer_than(row, kernel) && !removed_by(row, kernel);
  if (!mainline || !module_there(row) || row.reach == Reach::host_wide) return Presence::absent;
  if (row.reach == Reach::host_wide_shown_read_only) return Presence::read_only;
  return kernel < row.per_namespace_since ? Presence::absent : Presence::writable;
}

Presence presence(const Setting& row) {
  if (!kernel_text(row.key)) return Presence::absent;
  const int error = open_for_writing(row.key);
  CHECK((error == 0 || error == EACCES));
  return error == 0 ? Presence::writable : Presence::read_only;
}

bool testable_here(const Setting& row) { return presence(row) == Presence::writable; }

std::string value_of(const Setting& row) { return canonical(row, kernel_text(row.key).value_or("absent")); }

// In a child namespace tcp_ehash_entries is negative: it shares the host's table.
std::int64_t hash_entries() {
  const std::optional<std::string> text = kernel_text("net.ipv4.tcp_ehash_entries");
  return text ? std::llabs(std::atoll(text->c_str())) : 0;
}

// The rows whose default is a formula that a namespace lets us check.
const std::map<std::string_view, std::function<std::int64_t()>> kFormulas = {
    {"net.ipv4.tcp_max_tw_buckets", [] { return hash_entries() / 2; }},
    {"net.ipv4.tcp_max_syn_backlog", [] { return std::max<std::int64_t>(128, hash_entries() / 128); }},
};

// What else must be so for a key's bounds to be reachable: the two port settings check each other.
void make_room_for(std::string_view key) {
  if (key == "net.ipv4.ip_local_port_range") REQUIRE(write_setting("net.ipv4.ip_unprivileged_port_start", "0") == 0);
  if (key == "net.ipv4.ip_unprivileged_port_start") {
    REQUIRE(write_setting("net.ipv4.ip_local_port_range", "65535 65535") == 0);
  }
}

// Seconds kept as jiffies end at INT_MAX / HZ. HZ is the kernel's own; the row says it for 250.
Range bounds_of(const Setting& row) {
  constexpr std::int64_t kHz250 = INT_MAX / 250;
  if (row.kernel_accepts.max != kHz250) return row.kernel_accepts;
  for (const std::int64_t hz : {100, 250, 300, 1000}) {
    if (write_setting(row.key, std::to_string(INT_MAX / hz)) == 0) return {-(INT_MAX / hz), INT_MAX / hz};
  }
  return row.kernel_accepts;
}

std::string text_for(const Setting& row, std::int64_t low, std::int64_t high) {
  if (row.type == ValueType::integer_pair) return fmt::format("{} {}", low, high);
  if (row.type == ValueType::port_set) return fmt::format("{}-{}", low, high);
  return std::to_string(low);
}

void check_accepted(const Setting& row, const std::string& text) {
  CAPTURE(text);
  CHECK(write_setting(row.key, text) == 0);
  CHECK(value_of(row) == canonical(row, text));
}

void check_refused(const Setting& row, const std::string& text) {
  CAPTURE(text);
  const std::string before = value_of(row);
  CHECK(write_setting(row.key, text) == EINVAL);
  CHECK(value_of(row) == before);
}

void check_bounds(const Setting& row) {
  make_room_for(row.key);
  const auto [min, max] = bounds_of(row);
  check_accepted(row, text_for(row, min, max));
  check_accepted(row, text_for(row, max, max));
  check_refused(row, text_for(row, max + 1, max + 1));
  if (row.type != ValueType::port_set) check_refused(row, text_for(row, min - 1, max));  // "-1-5" is no list of ports
}

}  // namespace

TEST_CASE("every row is present, read-only or absent in a namespace as it says") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const KernelVersion kernel = running_kernel();
  for (const Setting& row : settings(Os::linux_kernel)) {
    CAPTURE(row.key);
    CHECK(presence(row) == expected_presence(row, kernel));
  }
}

TEST_CASE("every known default is what a fresh namespace has") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const KernelVersion kernel = running_kernel();
  for (const Setting& row : settings(Os::linux_kernel)) {
    CAPTURE(row.key);
    const DefaultValue expected = default_on(row, kernel);
    if (testable_here(row) && expected.known) CHECK(value_of(row) == expected.value);
  }
}

TEST_CASE("every default that depends on memory is what its formula gives") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  if (hash_entries() == 0) SKIP_TEST("tcp_ehash_entries came with Linux 6.1");
  for (const Setting& row : settings(Os::linux_kernel)) {
    CAPTURE(row.key);
    if (!testable_here(row) || !row.defaults.empty()) continue;
    REQUIRE(kFormulas.contains(row.key));
    CHECK(as_integer(value_of(row)) == kFormulas.at(row.key)());
  }
}

TEST_CASE("the kernel accepts every row's bounds and refuses what lies one beyond them") {
  const KernelVersion kernel = running_kernel();
  if (kernel < KernelVersion{5, 13}) SKIP_TEST("kernel_accepts speaks of 6.18; many keys took any number before 5.13");
  for (const Setting& row : settings(Os::linux_kernel)) {
    ENTER_FRESH_NETWORK_NAMESPACE();
    CAPTURE(row.key);
    if (testable_here(row)) check_bounds(row);
  }
}

TEST_CASE("every value that we accept for an enumeration is one that the kernel accepts") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  for (const Setting& row : settings(Os::linux_kernel)) {
    if (row.type != ValueType::enumeration || !testable_here(row)) continue;
    CAPTURE(row.key);
    for (const Meaning& meaning : row.meanings) check_accepted(row, std::to_string(meaning.value));
  }
}

TEST_CASE("bounds and defaults of the host-wide rows, which no namespace can change") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  std::vector<std::string> keys;
  for (const Setting& row : settings(Os::linux_kernel)) {
    if (row.reach != Reach::per_namespace) keys.emplace_back(row.key);
  }
  REQUIRE_FALSE(keys.empty());
  SKIP_TEST("not reachable in a namespace: ", keys.size(), " (", join(keys, ", "), ")");
}

TEST_CASE("what this kernel does not have cannot be tried: it is counted and named") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  std::vector<std::string> keys;
  for (const Setting& row : settings(Os::linux_kernel)) {
    if (row.reach == Reach::per_namespace && presence(row) == Presence::absent) keys.emplace_back(row.key);
  }
  if (!keys.empty()) SKIP_TEST("not in this kernel: ", keys.size(), " (", join(keys, ", "), ")");
}

TEST_CASE("no test can write a setting outside of a namespace of its own") {
  if (in_own_namespace()) SKIP_TEST("another case of this process has entered a namespace");
  const auto write = [] { return std::to_string(write_setting("net.ipv4.no_such_setting", "1")); };
  CHECK(in_child(write) == "signal " + std::to_string(SIGABRT));
}

TEST_CASE("a fresh namespace starts from the kernel's defaults, not from the values of its parent") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  REQUIRE(write_setting("net.ipv4.tcp_fin_timeout", "7") == 0);
  REQUIRE(write_setting("net.ipv4.ip_local_port_range", "2000 3001") == 0);
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(kernel_text("net.ipv4.tcp_fin_timeout") == "60\n");
  CHECK(kernel_text("net.ipv4.ip_local_port_range") == "32768\t60999\n");
}
