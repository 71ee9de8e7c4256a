// What every SettingStore promises, held to each of them: in memory, captured in plain files, and the kernel's own.
#include <doctest/doctest.h>

#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/memory_host.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl;

namespace {

std::string shown(SettingStore& store, std::string_view key) {
  const auto value = store.read(*find_setting(Os::linux_kernel, key));
  if (!value) return "error: " + value.error().message;
  if (value->state == LiveValue::State::absent) return "absent";
  return value->state == LiveValue::State::present ? "'" + value->value + "'" : value->problem;
}

// A host with tcp_fin_timeout 17, ports 20000 to 65000, of which 1-9 and 8080 are reserved, and no tcp_tw_recycle.
std::string what_it_reads(SettingStore& store) {
  std::string text;
  for (const char* key : {"net.ipv4.tcp_fin_timeout", "net.ipv4.ip_local_port_range",
                          "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_tw_recycle", "net.ipv4.tcp_fin_timeout"}) {
    text += shown(store, key) + " ";
  }
  return text;
}

constexpr const char* kPromise = "'17' '20000 65000' '1-9,8080' absent '17' ";

std::string what_the_kernel_reads() {
  std::string problem = test::put("/proc/sys/net/ipv4/tcp_fin_timeout", "17");
  problem += test::put("/proc/sys/net/ipv4/ip_local_port_range", "20000 65000");
  problem += test::put("/proc/sys/net/ipv4/ip_local_reserved_ports", "8080,1-5,3-9");
  const auto platform = make_platform(HostChoice{});
  return platform ? problem + what_it_reads((*platform)->settings()) : platform.error().message;
}

}  // namespace

TEST_CASE("a store in memory keeps the contract of settings") {
  test::MemoryStore store;
  store.set("net.ipv4.tcp_fin_timeout", "17");
  store.set("net.ipv4.ip_local_port_range", "20000 65000");
  store.set("net.ipv4.ip_local_reserved_ports", "1-9,8080");
  CHECK(what_it_reads(store) == kPromise);
}

TEST_CASE("a captured host keeps the contract of settings") {
  test::Tree tree;
  tree.file("/proc/sys/net/ipv4/tcp_fin_timeout", "17\n");
  tree.file("/proc/sys/net/ipv4/ip_local_port_range", "20000\t65000\n");
  tree.file("/proc/sys/net/ipv4/ip_local_reserved_ports", "1-9,8080\n");
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  CHECK(what_it_reads((*platform)->settings()) == kPromise);
}

TEST_CASE("the kernel keeps the contract of settings") {
  const auto answer = test::in_namespace(what_the_kernel_reads);
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == kPromise);
}

TEST_CASE("an image has no store, and says why to who reads and to who writes") {
  const test::Tree tree;
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  SettingStore& store = (*platform)->settings();
  const Setting& setting = *find_setting(Os::linux_kernel, "net.ipv4.tcp_fin_timeout");
  const auto value = store.read(setting);
  REQUIRE_FALSE(value.has_value());
  CHECK(value.error().code == ErrorCode::unsupported);
  CHECK(value.error().message == "/proc is not procfs: there are no live settings to read");
  CHECK(store.check_writable(setting) == fail(value.error()));
  CHECK(store.write(setting, "30") == fail(value.error()));
}

TEST_CASE("a captured value is not written") {
  test::Tree tree;
  tree.file("/proc/sys/net/ipv4/tcp_fin_timeout", "17\n");
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  SettingStore& store = (*platform)->settings();
  const Setting& setting = *find_setting(Os::linux_kernel, "net.ipv4.tcp_fin_timeout");
  const auto refusal = fail(ErrorCode::unsupported, "net.ipv4.tcp_fin_timeout is a captured value, not a live one");
  CHECK(store.check_writable(setting) == refusal);
  CHECK(store.write(setting, "30") == refusal);
  CHECK(shown(store, "net.ipv4.tcp_fin_timeout") == "'17'");
}

TEST_CASE("a captured value that is a device, a directory or a link out of the host is not followed") {
  test::Tree tree;
  tree.directory("/proc/sys/net/ipv4/tcp_fin_timeout").link("/proc/sys/net/ipv4/tcp_timestamps", "/etc/hostname");
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  SettingStore& store = (*platform)->settings();
  CHECK(shown(store, "net.ipv4.tcp_fin_timeout") == "cannot read /proc/sys/net/ipv4/tcp_fin_timeout: is a directory");
  CHECK(shown(store, "net.ipv4.tcp_timestamps") == "absent");
}
