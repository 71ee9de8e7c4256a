// How much the boot files of a host may hold, at the limit and beyond.
#include "sysctl/boot_limits.hpp"

#include <doctest/doctest.h>

#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::string lines(std::size_t count, const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += line + "\n";
  return text;
}

Ran plan_with(const std::map<std::string, std::string>& files) {
  return run_cli({"plan", "--exit-zero", "-q"}, [&](MemoryHost& host) {
    stock_host(host);
    for (const auto& [path, bytes] : files) host.disk.files[path] = bytes;
  });
}

}  // namespace

TEST_CASE("H04: a host of 250 lines with wildcards is planned for, and one of 251 is refused by name") {
  const std::string line = "net.ipv4.* = 1";
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", lines(kMostWildcardLines, line)}}).status == 0);
  const Ran ran = plan_with({{"/etc/sysctl.d/a.conf", lines(kMostWildcardLines, line)}, {"/etc/sysctl.conf", line}});
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: the boot files have 251 lines with wildcards; more than 250 are not read\n"));
}

TEST_CASE("H04: a host of 1000 boot files is planned for, and one of 1001 is refused by name") {
  std::map<std::string, std::string> files;
  for (std::size_t i = 0; i < kMostBootFiles; ++i) files["/etc/sysctl.d/" + std::to_string(i) + ".conf"] = "# x\n";
  CHECK(plan_with(files).status == 0);
  files["/etc/sysctl.d/more.conf"] = "# x\n";
  const Ran ran = plan_with(files);
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: the boot files have 1001 files; more than 1000 files are not read\n"));
}

TEST_CASE("H04: boot files of 2 MiB are read, and one byte more is refused by name") {
  const std::string mebibyte = "#" + std::string(1024 * 1024 - 2, 'x') + "\n";
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", mebibyte}, {"/etc/sysctl.d/b.conf", mebibyte}}).status == 0);
  const Ran ran =
      plan_with({{"/etc/sysctl.d/a.conf", mebibyte}, {"/etc/sysctl.d/b.conf", mebibyte}, {"/etc/sysctl.conf", "#"}});
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: the boot files have 2097153 bytes; more than 2 MiB are not read\n"));
}

TEST_CASE("H17: a snapshot that could not be read again is not written: 65") {
  MemoryHost host;
  stock_host(host);
  for (int i = 0; i < 2; ++i) {
    host.disk.files["/etc/sysctl.d/" + std::to_string(i) + ".conf"] = "#" + std::string(1024 * 1024 - 2, '\x01') + "\n";
  }
  const Ran ran = run_on(host, {"snapshot", "-o", "/out"});
  CHECK(ran.status == 65);
  CHECK(ran.messages.find("is not read again") != std::string::npos);
  CHECK(host.disk.written.empty());
}
