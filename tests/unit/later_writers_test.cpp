// Who writes after the boot files: each with what shows it, and each absent without that.
#include "observe/later_writers.hpp"

#include <doctest/doctest.h>

#include "support/memory_host.hpp"

using namespace twctl;
using twctl::test::MemoryFiles;

using Writes = std::map<std::string, std::string>;

TEST_CASE("UFW writes the settings of its own file once it is enabled") {
  MemoryFiles files;
  files.files = {{"/etc/ufw/ufw.conf", "# x\nENABLED=no\n"},
                 {"/etc/default/ufw", "IPV6=yes\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n"},
                 {"/etc/ufw/sysctl.conf", "#net/ipv4/tcp_sack=1\nnet/ipv4/tcp_syncookies=0\nnet/ipv4/conf/all/x=1\n"}};
  CHECK_FALSE(find_ufw(files).has_value());
  files.files["/etc/ufw/ufw.conf"] = "ENABLED=yes\n";
  const auto ufw = find_ufw(files);
  REQUIRE(ufw.has_value());
  CHECK(ufw->evidence == "/etc/ufw/ufw.conf: ENABLED=yes, /etc/ufw/sysctl.conf");
  CHECK(ufw->writes == Writes{{"net.ipv4.tcp_syncookies", "0"}});
}

TEST_CASE("UFW told to leave settings alone writes none") {
  MemoryFiles files;
  files.files = {{"/etc/ufw/ufw.conf", "ENABLED=\"yes\"\n"}, {"/etc/default/ufw", "IPT_SYSCTL=\n"}};
  CHECK_FALSE(find_ufw(files).has_value());
}

TEST_CASE("TuneD writes its active profile's settings over those of the profiles that it includes") {
  MemoryFiles files;
  files.links = {
      {"/etc/systemd/system/multi-user.target.wants/tuned.service", "/usr/lib/systemd/system/tuned.service"}};
  files.files = {
      {"/etc/tuned/active_profile", "mine\n"},
      {"/etc/tuned/mine/tuned.conf",
       "[main]\ninclude=network-throughput\n[sysctl]\nnet.ipv4.tcp_fin_timeout = 15 # short\nvm.swappiness=1\n"
       "net.ipv4.tcp_keepalive_time=${seconds}\n"},
      {"/usr/lib/tuned/profiles/network-throughput/tuned.conf",
       "[sysctl]\nnet.ipv4.tcp_fin_timeout=60\nnet.core.somaxconn=>2048\n[sysctl.arm]\nnet.core.somaxconn=9\n"}};
  const auto tuned = find_tuned(files);
  REQUIRE(tuned.has_value());
  CHECK(tuned->evidence == "/etc/tuned/active_profile: mine");
  CHECK(tuned->writes.at("net.ipv4.tcp_fin_timeout") == "15");
  CHECK(tuned->writes.at("net.core.somaxconn") == ">2048");
  CHECK(tuned->boot_files_win);
  files.files["/etc/tuned/tuned-main.conf"] = "# reapply_sysctl = 1\nreapply_sysctl = 0\n";
  CHECK_FALSE(find_tuned(files)->boot_files_win);
}

TEST_CASE("TuneD that is not started, or has no profile, writes nothing") {
  MemoryFiles files;
  files.files = {{"/etc/tuned/active_profile", "balanced\n"}};
  CHECK_FALSE(find_tuned(files).has_value());
  files.files = {{"/etc/tuned/active_profile", "\n"}, {"/run/tuned/tuned.pid", "1"}};
  CHECK_FALSE(find_tuned(files).has_value());
}

TEST_CASE("TuneD profiles that include each other end, and a name that is a path is none") {
  MemoryFiles files;
  files.files = {{"/run/tuned/tuned.pid", "1"},
                 {"/etc/tuned/active_profile", "a ../../root"},
                 {"/etc/tuned/a/tuned.conf", "[main]\ninclude=b, c\n[sysctl]\nnet.core.somaxconn=1\n"},
                 {"/etc/tuned/b/tuned.conf", "[main]\ninclude=a\n[sysctl]\nnet.core.somaxconn=2\n"},
                 {"/root/tuned.conf", "[sysctl]\nnet.core.somaxconn=3\n"}};
  CHECK(find_tuned(files)->writes == Writes{{"net.core.somaxconn", "1"}});
}

TEST_CASE("TuneD's files are read by the one reader: a value goes on below it, and a key may have slashes") {
  MemoryFiles files;
  files.files = {{"/run/tuned/tuned.pid", "1"},
                 {"/etc/tuned/active_profile", "a"},
                 {"/etc/tuned/a/tuned.conf",
                  "[sysctl]\nnet.ipv4.ip_local_port_range = 15000\n   61000 # both ends\n"
                  "net/ipv4/tcp_fin_timeout=\"15\"\n"}};
  CHECK(find_tuned(files)->writes ==
        Writes{{"net.ipv4.ip_local_port_range", "15000\n61000"}, {"net.ipv4.tcp_fin_timeout", "15"}});
}

TEST_CASE("TuneD sets nothing where it refuses one of its files, and the evidence says so") {
  MemoryFiles files;
  files.files = {{"/run/tuned/tuned.pid", "1"},
                 {"/etc/tuned/active_profile", "a"},
                 {"/etc/tuned/a/tuned.conf", "[main]\ninclude=b\n[sysctl]\nnet.core.somaxconn=1\n"},
                 {"/usr/lib/tuned/b/tuned.conf", "[sysctl]\nnet.ipv4.tcp_fin_timeout=15\noops\n"}};
  const auto tuned = find_tuned(files);
  CHECK(tuned->writes.empty());
  CHECK(tuned->evidence ==
        "/etc/tuned/active_profile: a; it refuses /usr/lib/tuned/b/tuned.conf:3, so it sets nothing");
}

TEST_CASE("a Kubernetes node has kube-proxy, and with Cilium its agent") {
  MemoryFiles files;
  CHECK_FALSE(find_kube_proxy(files).has_value());
  CHECK_FALSE(find_cilium(files).has_value());
  files.files = {{"/var/lib/kubelet/config.yaml", ""}, {"/etc/sysctl.d/99-zzz-override_cilium.conf", ""}};
  CHECK(find_kube_proxy(files)->writes.at("net.netfilter.nf_conntrack_max").empty());
  CHECK(find_kube_proxy(files)->evidence == "/var/lib/kubelet/config.yaml");
  CHECK(find_cilium(files)->writes.at("net.core.somaxconn") == "4096");
  CHECK(find_later_writers(files).size() == 2);
}
