#include "apply/backup.hpp"

#include <doctest/doctest.h>

using namespace twctl;

namespace {

std::vector<std::string> commands_in(const std::string& netns) {
  Intent intent;
  intent.habitat.netns = netns;
  intent.settings = {{"net.ipv4.tcp_fin_timeout", "60", "30"}};
  return restore_commands(intent, "/var/lib/twctl/changes/x");
}

}  // namespace

TEST_CASE("live values are restored by hand in the network namespace that they belong to") {
  using Lines = std::vector<std::string>;
  CHECK((commands_in("") == Lines{"sysctl -p /var/lib/twctl/changes/x/restore-live.conf"}));
  CHECK((commands_in("blue") ==
         Lines{"nsenter --net=/run/netns/blue sysctl -p /var/lib/twctl/changes/x/restore-live.conf"}));
  CHECK((commands_in("/proc/7/ns/net") ==
         Lines{"nsenter --net=/proc/7/ns/net sysctl -p /var/lib/twctl/changes/x/restore-live.conf"}));
  CHECK((commands_in("a b; reboot") ==
         Lines{"nsenter --net='/run/netns/a b; reboot' sysctl -p /var/lib/twctl/changes/x/restore-live.conf"}));
}
