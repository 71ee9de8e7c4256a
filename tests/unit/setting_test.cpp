#include "catalog/setting.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/names.hpp"

using namespace twctl;
using namespace twctl::test;

TEST_CASE("a setting is found by its full key, and only by that") {
  CHECK(row("net.ipv4.tcp_fin_timeout").key == "net.ipv4.tcp_fin_timeout");
  CHECK(find_setting(Os::linux_kernel, "tcp_fin_timeout") == nullptr);
  CHECK(find_setting(Os::linux_kernel, "net.ipv4.TCP_FIN_TIMEOUT") == nullptr);
  CHECK(find_setting(Os::linux_kernel, "kernel.core_pattern") == nullptr);
  CHECK(find_setting(Os::linux_kernel, "TcpTimedWaitDelay") == nullptr);
}

TEST_CASE("Windows names compare without case") {
  CHECK(find_setting(Os::windows, "tcptimedwaitdelay") == find_setting(Os::windows, "TcpTimedWaitDelay"));
  CHECK(find_setting(Os::windows, "tcptimedwaitdelay") != nullptr);
}

TEST_CASE("explain's names are full, short, or of Windows") {
  CHECK(find_setting_by_any_name("tcp_fin_timeout") == &row("net.ipv4.tcp_fin_timeout"));
  CHECK(find_setting_by_any_name("net.core.somaxconn") == &row("net.core.somaxconn"));
  CHECK(find_setting_by_any_name("TCPTIMEDWAITDELAY")->os == Os::windows);
  CHECK(find_setting_by_any_name("TIME_WAIT") == nullptr);
}

TEST_CASE("no two settings share a short name, so that a short name means one of them") {
  for (const Os os : {Os::linux_kernel, Os::windows}) {
    for (const Setting& setting : settings(os)) {
      const std::string_view name = setting.key.substr(setting.key.rfind('.') + 1);
      CHECK(find_setting_by_any_name(name) == &setting);
    }
  }
}

TEST_CASE("a misspelt key leads to the right one") {
  CHECK(nearest_key(Os::linux_kernel, "net.ipv4.tcp_fin_timout") == "net.ipv4.tcp_fin_timeout");
  CHECK(nearest_key(Os::linux_kernel, "tcp_fin_timout") == "net.ipv4.tcp_fin_timeout");
  CHECK(nearest_key(Os::linux_kernel, "net.ipv4.somaxconn") == "net.core.somaxconn");
  CHECK(nearest_key(Os::linux_kernel, "NET.IPV4.TCP_FIN_TIMEOUT") == "net.ipv4.tcp_fin_timeout");
  CHECK(nearest_key(Os::windows, "tcptimewaitdelay") == "TcpTimedWaitDelay");
}

TEST_CASE("a key far from all others leads nowhere") {
  CHECK(nearest_key(Os::linux_kernel, "kernel.core_pattern").empty());
  CHECK(nearest_key(Os::linux_kernel, "").empty());
  CHECK(nearest_key(Os::linux_kernel, "vm.swappiness").empty());
}

TEST_CASE("a default is that of the kernel's version") {
  const auto somaxconn = [](KernelVersion kernel) { return default_on(row("net.core.somaxconn"), kernel).value; };
  CHECK(somaxconn({5, 3, 18}) == "128");
  CHECK(somaxconn({5, 4, 0}) == "4096");
  CHECK(default_on(row("net.ipv4.tcp_tw_reuse"), {4, 18, 0}).value == "0");
  CHECK(default_on(row("net.ipv4.tcp_tw_reuse"), {6, 1, 30}).value == "2");
}

TEST_CASE("a removed key has a default only where it still is") {
  const Setting& recycle = row("net.ipv4.tcp_tw_recycle");
  CHECK(default_on(recycle, {4, 11, 12}).known);
  CHECK_FALSE(default_on(recycle, {4, 12, 0}).known);
  CHECK(removed_by(recycle, {4, 12, 0}));
  CHECK_FALSE(removed_by(recycle, {4, 11, 12}));
  CHECK_FALSE(removed_by(row("net.ipv4.tcp_fin_timeout"), {6, 18, 0}));
}

TEST_CASE("a kernel's version is read off the front of its release") {
  CHECK(parse_kernel_version("6.1.0-30-cloud-amd64") == KernelVersion{6, 1, 0});
  CHECK(parse_kernel_version("4.18.0-147.el8.x86_64") == KernelVersion{4, 18, 0});
  CHECK(parse_kernel_version("2.6.32-754.el6") == KernelVersion{2, 6, 32});
  CHECK(parse_kernel_version("7.1-rc3") == KernelVersion{7, 1, 0});
  CHECK(parse_kernel_version("6.6.87.2-microsoft-standard-WSL2") == KernelVersion{6, 6, 87});
}

TEST_CASE("text that begins with no version is no version") {
  for (const char* text : {"", "6", "6.", "x6.1", "-6.1", "6.-1", "99999999999.1", " 6.1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_kernel_version(text).has_value());
  }
}

TEST_CASE("a version prints as people write it") {
  CHECK(to_text(KernelVersion{4, 12, 0}) == "4.12");
  CHECK(to_text(KernelVersion{6, 1, 30}) == "6.1.30");
  CHECK(to_text(KernelVersion{2, 6, 33}) == "2.6.33");
  CHECK(to_text(KernelVersion{}).empty());
}
