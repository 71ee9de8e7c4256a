#include "support/memory_host.hpp"

#include <doctest/doctest.h>

using namespace twctl;
using twctl::test::MemoryHost;

TEST_CASE("the host in memory has the files, links and directories that a test gives it, and no others") {
  MemoryHost host;
  host.disk.files["/etc/sysctl.conf"] = "x";
  host.disk.links["/etc/sysctl.d/99-sysctl.conf"] = "../sysctl.conf";
  host.disk.links["/etc/link"] = "sysctl.conf";

  CHECK(host.files().read("/etc/link", 10).value() == "x");
  CHECK(host.files().read("/etc/none", 10).value() == std::nullopt);
  CHECK(host.files().read("/etc", 10).error().code == ErrorCode::no_input);
  CHECK(host.files().read("/etc/sysctl.conf", 0).error().code == ErrorCode::invalid);
  CHECK(host.files().list("/etc") == std::vector<std::string>{"link", "sysctl.conf", "sysctl.d"});
  CHECK(host.files().link_target("/etc/sysctl.d/99-sysctl.conf") == "../sysctl.conf");
  CHECK(host.files().exists("/etc/sysctl.d"));
  CHECK_FALSE(host.files().exists("/etc/sysctl"));
  CHECK(host.files().read_profile("/etc/none", 10).error().code == ErrorCode::no_input);
}
