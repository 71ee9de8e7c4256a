// Platform -> Snapshot: what is asked for is there, what is costly only on request.
#include "observe/observe.hpp"

#include <doctest/doctest.h>

#include "support/memory_host.hpp"

using namespace twctl;
using twctl::test::MemoryHost;

namespace {

const Setting* fin_timeout() { return find_setting(Os::linux_kernel, "net.ipv4.tcp_fin_timeout"); }

}  // namespace

TEST_CASE("a snapshot has the live values asked for, present or not, and nothing costly unasked") {
  MemoryHost host;
  host.facts.hostname = "web1";
  host.store.set("net.ipv4.tcp_fin_timeout", "17");
  host.connections.listen_on(22);
  host.namespaces = 3;
  const Setting* absent = find_setting(Os::linux_kernel, "net.ipv4.tcp_tw_recycle");
  const auto snapshot = observe(host, {.settings = {fin_timeout(), absent}});
  REQUIRE(snapshot.has_value());
  CHECK(snapshot->host.hostname == "web1");
  CHECK(snapshot->live.at("net.ipv4.tcp_fin_timeout").value == "17");
  CHECK(snapshot->live.at("net.ipv4.tcp_tw_recycle").state == LiveValue::State::absent);
  CHECK(snapshot->live.size() == 2);
  CHECK(snapshot->listening_ports.empty());
  CHECK(snapshot->other_namespaces == 0);
}

TEST_CASE("a snapshot of everything has every setting, the ports and the namespaces") {
  MemoryHost host;
  for (const int port : {443, 22, 443}) host.connections.listen_on(port);
  host.namespaces = 3;
  const auto snapshot = observe(host, everything(Os::linux_kernel));
  CHECK(snapshot->live.size() == settings(Os::linux_kernel).size());
  CHECK(snapshot->listening_ports == std::vector<int>{22, 443});
  CHECK(snapshot->other_namespaces == 3);
}

TEST_CASE("on Windows a snapshot of everything has the values that stand under interfaces, too") {
  MemoryHost host;
  host.facts.os = Os::windows;
  host.store.astray = {{"TcpTimedWaitDelay", "Interfaces", {LiveValue::State::present, "30", false, ""}}};
  const auto snapshot = observe(host, everything(Os::windows));
  CHECK(snapshot->strays == host.store.astray);
}

TEST_CASE("an image has no live values, only files") {
  MemoryHost host;
  host.facts.live = false;
  host.store.broken = Error{.code = ErrorCode::unsupported, .message = "no procfs"};
  host.disk.files = {{"/etc/sysctl.conf", "net.ipv4.tcp_fin_timeout = 30\n"}};
  const auto snapshot = observe(host, {.settings = {fin_timeout()}});
  REQUIRE(snapshot.has_value());
  CHECK(snapshot->live.empty());
  CHECK(snapshot->boot_files.size() == 1);
}

TEST_CASE("what makes all live values unsafe ends the observation") {
  MemoryHost host;
  host.store.broken = Error{.code = ErrorCode::denied, .message = "another file is mounted over it"};
  const auto snapshot = observe(host, {.settings = {fin_timeout()}});
  REQUIRE_FALSE(snapshot.has_value());
  CHECK(snapshot.error().message == "another file is mounted over it");
}
