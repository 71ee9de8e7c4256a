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

TEST_CASE("boot files are restored by hand below the root that they lie under") {
  Intent intent;
  intent.files = {{"/etc/sysctl.d/60-twctl.conf", std::nullopt, "x"}, {"/etc/sysctl.conf", "a", "b"}};
  const auto commands = [&](const std::string& root) {
    return restore_commands(intent, root + "/var/lib/twctl/changes/x");
  };
  using Lines = std::vector<std::string>;
  CHECK((commands("") == Lines{"rm -f /etc/sysctl.d/60-twctl.conf",
                               "cp /var/lib/twctl/changes/x/before-sysctl.conf /etc/sysctl.conf"}));
  CHECK((commands("/srv/img") ==
         Lines{"rm -f /srv/img/etc/sysctl.d/60-twctl.conf",
               "cp /srv/img/var/lib/twctl/changes/x/before-sysctl.conf /srv/img/etc/sysctl.conf"}));
  CHECK((commands("/srv/my img") ==
         Lines{"rm -f '/srv/my img/etc/sysctl.d/60-twctl.conf'",
               "cp '/srv/my img/var/lib/twctl/changes/x/before-sysctl.conf' '/srv/my img/etc/sysctl.conf'"}));
}
