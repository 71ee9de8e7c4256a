#include "journal/backup.hpp"

#include <doctest/doctest.h>

using namespace twctl;

using Lines = std::vector<std::string>;

namespace {

std::vector<std::string> commands_in(const std::string& netns) {
  Intent intent;
  intent.origin.netns = netns;
  intent.settings = {{"net.ipv4.tcp_fin_timeout", "60", "30"}};
  return restore_commands(intent, "/var/lib/twctl/changes/x");
}

// UTF-16LE that is ASCII, with its lines as they are.
std::string every_second(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 2) text += bytes[at];
  return text;
}

}  // namespace

TEST_CASE("live values are restored by hand in the network namespace that they belong to") {
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
  CHECK((commands("") == Lines{"rm -f /etc/sysctl.d/60-twctl.conf",
                               "cp /var/lib/twctl/changes/x/before-sysctl.conf /etc/sysctl.conf"}));
  CHECK((commands("/srv/img") ==
         Lines{"rm -f /srv/img/etc/sysctl.d/60-twctl.conf",
               "cp /srv/img/var/lib/twctl/changes/x/before-sysctl.conf /srv/img/etc/sysctl.conf"}));
  CHECK((commands("/var/lib/twctl").front() == "rm -f /var/lib/twctl/etc/sysctl.d/60-twctl.conf"));
  CHECK((commands("/srv/my img") ==
         Lines{"rm -f '/srv/my img/etc/sysctl.d/60-twctl.conf'",
               "cp '/srv/my img/var/lib/twctl/changes/x/before-sysctl.conf' '/srv/my img/etc/sysctl.conf'"}));
}

TEST_CASE("Windows: the backup is a file that reg import takes, with the old values of every kind") {
  Intent intent;
  intent.id = "0123";
  intent.settings = {{"TcpTimedWaitDelay", std::nullopt, "60"}};
  const std::string folder = "C:\\ProgramData\\twctl\\changes/x";
  CHECK((restore_commands(intent, folder) ==
         std::vector<std::string>{"reg import \"C:\\ProgramData\\twctl\\changes\\x\\restore.reg\""}));
  const auto data_for = [&](const std::optional<Value>& before) {
    intent.settings[0].before = before;
    const std::vector<NamedBytes> files = plain_backups(intent, folder);
    REQUIRE(files.size() == 1);
    CHECK(files[0].name == "restore.reg");
    CHECK(files[0].bytes.starts_with(std::string("\xff\xfeW\0i\0", 6)));
    const std::string text = every_second(files[0].bytes.substr(2));
    const std::string head =
        "Windows Registry Editor Version 5.00\r\n\r\n"
        "; The values before change 0123. To restore them without twctl: reg import restore.reg\r\n"
        "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n\"TcpTimedWaitDelay\"=";
    REQUIRE(text.starts_with(head));
    REQUIRE(text.ends_with("\r\n\r\n"));
    return text.substr(head.size(), text.size() - head.size() - 4);
  };
  CHECK(data_for(std::nullopt) == "-");
  CHECK(data_for("30") == "dword:0000001e");
  CHECK(data_for("4294967295") == "dword:ffffffff");
  CHECK(data_for("hex(1):33,00,30,00,00,00") == "hex(1):33,00,30,00,00,00");
  const std::string eighteen = "00,11,22,33,44,55,66,77,88,99,aa,bb,cc,dd,ee,ff,00,11";
  CHECK(data_for("hex(3):" + eighteen) == "hex(3):00,11,22,33,44,55,66,77,88,99,aa,bb,cc,dd,ee,ff,\\\r\n  00,11");
  CHECK(
      data_for("hex(3):" + eighteen + ",22,33,44,55,66,77,88,99,aa,bb,cc,dd,ee,ff,00,11,22,33,44,55,66,77,88,99,aa") ==
      "hex(3):00,11,22,33,44,55,66,77,88,99,aa,bb,cc,dd,ee,ff,\\\r\n"
      "  00,11,22,33,44,55,66,77,88,99,aa,bb,cc,dd,ee,ff,00,11,22,33,44,55,66,77,88,\\\r\n"
      "  99,aa");
}
