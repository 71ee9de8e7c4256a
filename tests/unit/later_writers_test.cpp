// Who writes after the boot files: each with what shows it, and each absent without that.
#include "observe/writers/later_writers.hpp"

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <map>

#include "base/text.hpp"
#include "catalog/finding.hpp"
#include "observe/writers/tuned_profiles.hpp"
#include "support/growth.hpp"
#include "support/memory_host.hpp"

using namespace twctl;
using twctl::test::MemoryFiles;

namespace {

// "UFW before the network: net.ipv4.tcp_syncookies=0@/etc/ufw/sysctl.conf:2", one line a writer.
std::string told(const std::vector<LaterWriter>& writers) {
  std::string all;
  for (const LaterWriter& writer : writers) {
    const bool early = writer.when == WriteTime::before_network;
    all += writer.name + (early                               ? " before the network:"
                          : writer.when == WriteTime::at_boot ? " at boot:"
                                                              : " perhaps:");
    for (const LaterWrite& write : writer.writes) {
      all += " " + write.key.substr(write.key.rfind('.') + 1) + "=" + write.value;
      if (!write.where.file.empty()) all += "@" + write.where.file + ":" + std::to_string(write.where.line);
    }
    if (!writer.unread.empty()) all += " unread: " + writer.unread;
    all += writer.boot_files_win ? " (boot files win)\n" : "\n";
  }
  return all;
}

// Each part alone.
using Find = std::vector<LaterWriter> (*)(LaterScripts&);
std::vector<LaterWriter> found_by(Find find, HostFiles& files) {
  LaterScripts scripts(files);
  return find(scripts);
}
std::vector<LaterWriter> find_credential(HostFiles& files) { return found_by(twctl::find_sysctl_credential, files); }
std::vector<LaterWriter> find_ufw(HostFiles& files) { return found_by(twctl::find_ufw, files); }
std::vector<LaterWriter> find_tuned(HostFiles& files) { return found_by(twctl::find_tuned, files); }
std::vector<LaterWriter> find_kube_proxy(HostFiles& files) { return found_by(twctl::find_kube_proxy, files); }
std::vector<LaterWriter> find_cilium(HostFiles& files) { return found_by(twctl::find_cilium, files); }
std::vector<LaterWriter> find_units(HostFiles& files) { return found_by(twctl::find_units, files); }
std::vector<LaterWriter> find_scripts(HostFiles& files) { return found_by(twctl::find_scripts, files); }
std::vector<LaterWriter> find_tables(HostFiles& files) { return found_by(twctl::find_tables, files); }

const std::string kTunedLink = "/etc/systemd/system/multi-user.target.wants/tuned.service";

// TuneD with one profile of that text, started at boot.
std::string tuned_of(std::string text, std::string main = "reapply_sysctl = 0\n") {
  MemoryFiles files;
  files.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"}};
  files.files = {{"/etc/tuned/active_profile", "a\n"},
                 {"/etc/tuned/a/tuned.conf", std::move(text)},
                 {"/etc/tuned/tuned-main.conf", std::move(main)}};
  return told(find_tuned(files));
}

}  // namespace

TEST_CASE("UFW writes the settings of its own file once it is enabled") {
  MemoryFiles files;
  files.files = {{"/etc/ufw/ufw.conf", "# x\nENABLED=no\n"},
                 {"/etc/default/ufw", "IPV6=yes\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n"},
                 {"/etc/ufw/sysctl.conf", "#net/ipv4/tcp_sack=1\nnet/ipv4/tcp_syncookies=0\nnet/ipv4/conf/all/x=1\n"}};
  CHECK(find_ufw(files).empty());
  files.files["/etc/ufw/ufw.conf"] = "ENABLED=yes\n";
  CHECK(told(find_ufw(files)) == "UFW before the network: tcp_syncookies=0@/etc/ufw/sysctl.conf:2\n");
  CHECK(find_ufw(files)[0].evidence == "/etc/ufw/ufw.conf: ENABLED=yes, /etc/ufw/sysctl.conf");
}

TEST_CASE("B11: UFW's files are read as a shell reads them, ufw.conf over /etc/default/ufw") {
  MemoryFiles files;
  files.files = {{"/etc/ufw/ufw.conf", "ENABLED=\"yes\" # on\n"},
                 {"/etc/default/ufw", "DIR=/etc/ufw\nIPT_SYSCTL=\"$DIR/sysctl.conf\"  # comment\n"},
                 {"/etc/ufw/sysctl.conf", "net/ipv4/tcp_tw_recycle=1\n"},
                 {"/etc/ufw/other.conf", "net/ipv4/tcp_tw_reuse=0\n"}};
  CHECK(told(find_ufw(files)) == "UFW before the network: tcp_tw_recycle=1@/etc/ufw/sysctl.conf:1\n");
  files.files["/etc/ufw/ufw.conf"] += "IPT_SYSCTL='/etc/ufw/other.conf'\n";
  CHECK(told(find_ufw(files)) == "UFW before the network: tcp_tw_reuse=0@/etc/ufw/other.conf:1\n");
  files.files["/etc/ufw/ufw.conf"] = "ENABLED=Yes\n";  // ufw-init knows "yes" and "YES"
  CHECK(find_ufw(files).empty());
}

TEST_CASE("UFW told to leave settings alone writes none") {
  MemoryFiles files;
  files.files = {{"/etc/ufw/ufw.conf", "ENABLED=\"yes\"\n"}, {"/etc/default/ufw", "IPT_SYSCTL=\n"}};
  CHECK(find_ufw(files).empty());
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
  CHECK(told(tuned) ==
        "TuneD at boot: tcp_fin_timeout=15@/etc/tuned/mine/tuned.conf:4 "
        "somaxconn=>2048@/usr/lib/tuned/profiles/network-throughput/tuned.conf:3 "
        "tcp_keepalive_time=@/etc/tuned/mine/tuned.conf:6 (boot files win)\n");
  CHECK(tuned[0].evidence == "/etc/tuned/active_profile: mine");
  files.files["/etc/tuned/tuned-main.conf"] = "# reapply_sysctl = 1\nreapply_sysctl = 0\n";
  CHECK_FALSE(find_tuned(files)[0].boot_files_win);
}

TEST_CASE("TuneD that is not started, or has no profile, writes nothing") {
  MemoryFiles files;
  files.files = {{"/etc/tuned/active_profile", "balanced\n"}};
  CHECK(find_tuned(files).empty());
  files.files = {{"/etc/tuned/active_profile", "\n"}, {"/run/tuned/tuned.pid", "1"}};
  CHECK(find_tuned(files).empty());
}

TEST_CASE("TuneD profiles that include each other end, and a name that is a path is none") {
  MemoryFiles files;
  files.files = {{"/run/tuned/tuned.pid", "1"},
                 {"/etc/tuned/active_profile", "a ../../root"},
                 {"/etc/tuned/a/tuned.conf", "[main]\ninclude=b\n[sysctl]\nnet.core.somaxconn=1\n"},
                 {"/etc/tuned/b/tuned.conf", "[main]\ninclude=a\n[sysctl]\nnet.core.somaxconn=2\n"},
                 {"/root/tuned.conf", "[sysctl]\nnet.core.somaxconn=3\n"}};
  CHECK(told(find_tuned(files)) == "TuneD perhaps: somaxconn=1@/etc/tuned/a/tuned.conf:4 (boot files win)\n");
}

TEST_CASE("TuneD's files are read by the one reader: a value goes on below it, and a key may have slashes") {
  CHECK(tuned_of("[sysctl]\nnet.ipv4.ip_local_port_range = 15000\n   61000 # both ends\n"
                 "net/ipv4/tcp_fin_timeout=\"15\"\n") ==
        "TuneD at boot: ip_local_port_range=15000\n61000@/etc/tuned/a/tuned.conf:2 "
        "tcp_fin_timeout=15@/etc/tuned/a/tuned.conf:4\n");
}

TEST_CASE("B1: TuneD's sysctl plugin gets every section of its type, and no other") {
  CHECK(tuned_of("[net_tuning]\ntype=sysctl\nnet.ipv4.tcp_fin_timeout=15\n") ==
        "TuneD at boot: tcp_fin_timeout=15@/etc/tuned/a/tuned.conf:3\n");
  CHECK(tuned_of("[sysctl]\ntype=sysfs\nnet.ipv4.tcp_fin_timeout=15\n") == "TuneD at boot:\n");
  CHECK(tuned_of("[sysctl]\nenabled=0\nnet.ipv4.tcp_fin_timeout=15\n") == "TuneD at boot:\n");
  CHECK(tuned_of("[a]\ntype=sysctl\nnet.ipv4.tcp_fin_timeout=15\n[b]\ntype=sysctl\npriority=-1\n"
                 "net.ipv4.tcp_fin_timeout=20\n") ==
        "TuneD at boot: tcp_fin_timeout=20@/etc/tuned/a/tuned.conf:7 tcp_fin_timeout=15@/etc/tuned/a/tuned.conf:3\n");
  CHECK(tuned_of("[a]\ntype=sysctl\nuname_regex=aarch64\nnet.ipv4.tcp_fin_timeout=15\n") ==
        "TuneD at boot:\nTuneD perhaps: tcp_fin_timeout=15@/etc/tuned/a/tuned.conf:4\n");
}

TEST_CASE("TuneD applies the boot files once more only where a section of its sysctl plugin is on") {
  CHECK(tuned_of("[sysctl]\nvm.swappiness=1\n", "") == "TuneD at boot: (boot files win)\n");
  CHECK(tuned_of("[sysctl]\n", "") == "TuneD at boot: (boot files win)\n");
  CHECK(tuned_of("[cpu]\ngovernor=performance\n", "") == "TuneD at boot:\n");
}

TEST_CASE("a TuneD profile takes options of the ones that it includes out, or replaces their section") {
  MemoryFiles files;
  files.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"}};
  files.files = {{"/etc/tuned/active_profile", "a\n"},
                 {"/etc/tuned/tuned-main.conf", "reapply_sysctl = 0\n"},
                 {"/usr/lib/tuned/b/tuned.conf",
                  "[sysctl]\nnet.ipv4.tcp_fin_timeout=15\nnet.core.somaxconn=1\nnet.ipv4.tcp_tw_reuse=1\n"}};
  files.files["/etc/tuned/a/tuned.conf"] =
      "[main]\ninclude=b\n[sysctl]\ndrop=net.core.somaxconn, net.ipv4.tcp_tw_reuse\n";
  CHECK(told(find_tuned(files)) == "TuneD at boot: tcp_fin_timeout=15@/usr/lib/tuned/b/tuned.conf:2\n");
  files.files["/etc/tuned/a/tuned.conf"] = "[main]\ninclude=b\n[sysctl]\nreplace=1\nnet.core.somaxconn=2\n";
  CHECK(told(find_tuned(files)) == "TuneD at boot: somaxconn=2@/etc/tuned/a/tuned.conf:5\n");
}

TEST_CASE("B1: a section's priority in a TuneD profile counts over that of the one that it includes") {
  MemoryFiles files;
  files.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"}};
  files.files = {
      {"/etc/tuned/active_profile", "a\n"},
      {"/etc/tuned/tuned-main.conf", "reapply_sysctl = 0\n"},
      {"/etc/tuned/a/tuned.conf", "[main]\ninclude=b\n[sysctl]\npriority=5\n[x]\ntype=sysctl\nnet.core.somaxconn=2\n"},
      {"/usr/lib/tuned/b/tuned.conf", "[sysctl]\nnet.core.somaxconn=1\n"}};
  CHECK(told(find_tuned(files)) ==
        "TuneD at boot: somaxconn=2@/etc/tuned/a/tuned.conf:7 somaxconn=1@/usr/lib/tuned/b/tuned.conf:2\n");
}

TEST_CASE("B6: a TuneD profile may include the one of its own name that the package brought") {
  MemoryFiles files;
  files.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"}};
  files.files = {{"/etc/tuned/active_profile", "a\n"},
                 {"/etc/tuned/tuned-main.conf", "reapply_sysctl = 0\n"},
                 {"/etc/tuned/a/tuned.conf", "[main]\ninclude=a\n[sysctl]\nnet.core.somaxconn=2\n"},
                 {"/usr/lib/tuned/a/tuned.conf", "[sysctl]\nnet.core.somaxconn=1\nnet.ipv4.tcp_fin_timeout=15\n"}};
  CHECK(told(find_tuned(files)) ==
        "TuneD at boot: somaxconn=2@/etc/tuned/a/tuned.conf:4 tcp_fin_timeout=15@/usr/lib/tuned/a/tuned.conf:3\n");
  files.files["/etc/tuned/post_loaded_profile"] = "last\n";
  files.files["/etc/tuned/last/tuned.conf"] = "[sysctl]\nnet.core.somaxconn=3\n";
  CHECK(told(find_tuned(files)).starts_with("TuneD at boot: somaxconn=3@/etc/tuned/last/tuned.conf:2 "));
}

TEST_CASE("TuneD sets nothing where it misses or refuses one of its files, and the evidence says so") {
  MemoryFiles files;
  files.files = {{"/run/tuned/tuned.pid", "1"},
                 {"/etc/tuned/active_profile", "a"},
                 {"/etc/tuned/a/tuned.conf", "[main]\ninclude=b\n[sysctl]\nnet.core.somaxconn=1\n"},
                 {"/usr/lib/tuned/b/tuned.conf", "[sysctl]\nnet.ipv4.tcp_fin_timeout=15\noops\n"}};
  CHECK(told(find_tuned(files)) == "TuneD perhaps:\n");
  CHECK(find_tuned(files)[0].evidence ==
        "/etc/tuned/active_profile: a; it refuses /usr/lib/tuned/b/tuned.conf:3, so it sets nothing");
  CHECK(find_tuned(files)[0].refused);
  files.files.erase("/usr/lib/tuned/b/tuned.conf");
  CHECK(find_tuned(files)[0].evidence == "/etc/tuned/active_profile: a; it finds no profile b, so it sets nothing");
  files.files["/etc/tuned/a/tuned.conf"] = "[main]\ninclude=-b\n[sysctl]\nnet.core.somaxconn=1\n";
  CHECK(told(find_tuned(files)) == "TuneD perhaps: somaxconn=1@/etc/tuned/a/tuned.conf:4 (boot files win)\n");
  files.files["/etc/tuned/a/tuned.conf"] = "[main]\ninclude=${f:virt_check:b:c}\n[sysctl]\nnet.core.somaxconn=1\n";
  CHECK(told(find_tuned(files)) ==
        "TuneD perhaps: somaxconn=1@/etc/tuned/a/tuned.conf:4 unread: which profile ${f:virt_check:b:c} is, only TuneD "
        "knows (boot files win)\n");
  CHECK(find_tuned(files)[0].evidence == "/etc/tuned/active_profile: a");
  CHECK(find_tuned(files)[0].unread == "which profile ${f:virt_check:b:c} is, only TuneD knows");
}

TEST_CASE("B10: scripts and tables of commands that name a setting of ours are found, with file and line") {
  MemoryFiles files;
  files.files = {
      {"/etc/rc.local", "#!/bin/sh -e\nsysctl -w net.ipv4.tcp_tw_recycle=1\n/usr/local/sbin/tune\nexit 0\n"},
      {"/usr/local/sbin/tune", "#!/bin/sh\nif true; then\n  echo 15 >/proc/sys/net/ipv4/tcp_fin_timeout\nfi\n"},
      {"/etc/cron.d/tune",
       "# x\n*/5 * * * * root sysctl -qw net.ipv4.tcp_tw_reuse=1\n"
       "@reboot root sleep 30 && sysctl -w net.core.somaxconn=1\n"
       "0 3 * * * root sysctl -w net.core.somaxconn=8\n"},
      {"/etc/crontab", "17 * * * * root cd / && run-parts --report /etc/cron.hourly\n"},
      {"/var/spool/cron/crontabs/root", "@daily sysctl -w net.core.somaxconn=2\n"},
      {"/etc/network/if-up.d/tune", "sysctl -w net.core.somaxconn=3\n"},
      {"/etc/network/if-up.d/tune.sh", "sysctl -w net.core.somaxconn=4\n"},  // run-parts passes over it
      {"/etc/network/interfaces", "iface eth0 inet dhcp\n  post-up sysctl -w net.core.somaxconn=5\n"},
      {"/etc/profile.d/tune.sh", "sysctl -w net.core.somaxconn=6\n"},
      {"/etc/profile.d/README", "sysctl -w net.core.somaxconn=7\n"},
  };
  CHECK(told(find_scripts(files)) ==
        "rc.local at boot: tcp_tw_recycle=1@/etc/rc.local:2\n"
        "rc.local perhaps: tcp_fin_timeout=15@/usr/local/sbin/tune:3\n"
        "interfaces perhaps: somaxconn=5@/etc/network/interfaces:2\n"
        "if-up.d perhaps: somaxconn=3@/etc/network/if-up.d/tune:1\n"
        "cron at boot: tcp_tw_reuse=1@/etc/cron.d/tune:2 somaxconn=1@/etc/cron.d/tune:3\n"
        "cron perhaps: somaxconn=8@/etc/cron.d/tune:4\n"
        "cron perhaps: somaxconn=2@/var/spool/cron/crontabs/root:1\n"
        "profile.d perhaps: somaxconn=6@/etc/profile.d/tune.sh:1\n");
}

TEST_CASE("B10: a line that a script writes into a boot file counts at a later boot, unless it stands there already") {
  MemoryFiles files;
  files.files = {
      {"/etc/rc.local",
       "#!/bin/sh\nfor i in tcp_tw_reuse tcp_fin_timeout; do\n  echo \"net.ipv4.$i = 1\" >> /etc/sysctl.conf\n"
       "done\n"}};
  CHECK(told(find_scripts(files)) ==
        "rc.local perhaps: tcp_tw_reuse=1@/etc/rc.local:3 tcp_fin_timeout=1@/etc/rc.local:3\n");
  files.files["/etc/sysctl.conf"] = "net.ipv4.tcp_tw_reuse=1\n";
  CHECK(told(find_scripts(files)) == "rc.local perhaps: tcp_fin_timeout=1@/etc/rc.local:3\n");
}

TEST_CASE("B10: units and tables are found in every folder that their readers look into, a real /lib too") {
  const std::string unit = "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.core.somaxconn=1\n";
  for (const std::string folder : {"/run", "/usr/local/lib", "/usr/lib", "/lib"}) {
    CAPTURE(folder);
    MemoryFiles files;
    files.files = {{folder + "/systemd/system/t.timer", "[Timer]\nOnBootSec=1\n"},
                   {folder + "/systemd/system/t.service", unit},
                   {"/etc/systemd/system/timers.target.wants/t.timer", "[Timer]\nOnBootSec=1\n"}};
    CHECK(told(find_units(files)) == "t.service perhaps: somaxconn=1@" + folder + "/systemd/system/t.service:3\n");
    files.files = {{folder + "/udev/rules.d/t.rules", "RUN+=\"/sbin/sysctl -w net.core.somaxconn=1\"\n"},
                   {folder + "/modprobe.d/t.conf", "install x /sbin/sysctl -w net.core.somaxconn=2\n"}};
    CHECK(told(find_tables(files)) == "udev perhaps: somaxconn=1@" + folder + "/udev/rules.d/t.rules:1\n" +
                                          "modprobe.d perhaps: somaxconn=2@" + folder + "/modprobe.d/t.conf:1\n");
  }
  MemoryFiles merged;
  merged.links = {{"/lib", "usr/lib"}};
  merged.files = {{"/usr/lib/modprobe.d/t.conf", "install x /sbin/sysctl -w net.core.somaxconn=2\n"}};
  CHECK(told(find_tables(merged)) == "modprobe.d perhaps: somaxconn=2@/usr/lib/modprobe.d/t.conf:1\n");
}

TEST_CASE("B10: a script with NULs in it is one all the same") {
  MemoryFiles files;
  files.files = {{"/etc/rc.local", std::string("#!/bin/sh\n\0\0\nsysctl -w net.ipv4.tcp_fin_timeout=33\n", 51)}};
  CHECK(told(find_scripts(files)) == "rc.local at boot: tcp_fin_timeout=33@/etc/rc.local:3\n");
}

TEST_CASE("B10: a key in a script that is meant for one of ours is kept, and no other one") {
  MemoryFiles files;
  files.files = {
      {"/etc/rc.local", "sysctl -w net.ipv4.tcp_tw_reuze=1 net.ipv4.ip_conntrack_max=2 net.ipv4.tcp_sack=0\n"},
      {"/etc/kernel/cmdline", "sysctl.net.ipv4.tcp_tw_reuze=1 sysctl.kernel.panic=1\n"}};
  CHECK(told(find_scripts(files)) ==
        "rc.local at boot: tcp_tw_reuze=1@/etc/rc.local:1 ip_conntrack_max=2@/etc/rc.local:1\n");
  CHECK(told(*find_boot_parameters(files)) == "kernel-install perhaps: tcp_tw_reuze=1@/etc/kernel/cmdline:1\n");
}

TEST_CASE("B10: what only the running shell knows is said of who runs it, where it may be a setting of ours") {
  const auto found = [](const std::string& line) {
    MemoryFiles files;
    files.files = {{"/etc/rc.local", line + "\n"}, {"/opt/x.py", "run('sysctl', key)\n"}};
    return told(find_scripts(files));
  };
  const std::string unread = "rc.local perhaps: unread: /etc/rc.local:1: ";
  CHECK(found("while read x; do sysctl -w \"$x\"; done </x") == unread + "which setting sysctl writes is not known\n");
  CHECK(found("sysctl -w net.ipv4.$x=1") == unread + "which setting is written is not known\n");
  CHECK(found("echo 1 > /proc/sys/net/ipv4/${x}_reuse") == unread + "which setting is written is not known\n");
  CHECK(found("sysctl -w net.ipv4.conf.$x.rp_filter=1") == "");
  CHECK(found("echo 0 > /proc/sys/net/ipv6/conf/$x/accept_ra") == "");
  CHECK(found("python3 /opt/x.py") == "rc.local perhaps: unread: /opt/x.py:1: what this program sets is not known\n");
}

TEST_CASE("a script that a script is given to read, or that it runs in its own folder, is read with it") {
  MemoryFiles files;
  files.files = {{"/opt/x.sh", "sysctl -w net.ipv4.tcp_fin_timeout=15\n"}};
  const auto found = [&](const std::string& line) {
    files.files["/etc/rc.local"] = line + "\n";
    return told(find_scripts(files));
  };
  CHECK(found("sh < /opt/x.sh") == "rc.local at boot: tcp_fin_timeout=15@/opt/x.sh:1\n");
  CHECK(found("cd /opt; ./x.sh") == "rc.local perhaps: tcp_fin_timeout=15@/opt/x.sh:1\n");
  CHECK(found("cd /opt\n. <(./x.sh)") ==
        "rc.local perhaps: unread: /etc/rc.local:2: what the shell runs of <(...) is not known\n");
}

TEST_CASE("N11: of the keys outside the catalogue that scripts name 1000 are looked at for a slip, and no more") {
  const auto found = [](std::size_t others) {
    MemoryFiles files;
    for (std::size_t i = 0; i < others; ++i) {
      files.files["/etc/rc.local"] += "sysctl -w net.x" + std::to_string(i) + "=1\n";
    }
    files.files["/etc/rc.local"] += "sysctl -w net.ipv4.tcp_tw_reuze=1\n";
    return find_scripts(files).size();
  };
  CHECK(found(kMostForeignKeys - 1) == 1);
  CHECK(found(kMostForeignKeys) == 0);
}

TEST_CASE("the pattern of a case that names a shell runs none, and one that is named exit ends nothing") {
  MemoryFiles files;
  files.files = {{"/etc/rc.local",
                  "#!/bin/sh\ncase \"$SHELL\" in */zsh | */bash) x=1 ;; ksh | sh ) x=2 ;; exit) x=3 ;; esac\n"
                  "sysctl -w net.core.somaxconn=1\n"}};
  CHECK(told(find_scripts(files)) == "rc.local at boot: somaxconn=1@/etc/rc.local:3\n");
}

TEST_CASE("a value that bash puts together of several is known, and is not where another shell may read the script") {
  MemoryFiles files;
  const std::string text = "V=1\nV+=0\nsysctl -w net.core.somaxconn=$V\n";
  files.files = {{"/etc/rc.local", "#!/bin/bash\n" + text}};
  CHECK(told(find_scripts(files)) == "rc.local at boot: somaxconn=10@/etc/rc.local:4\n");
  files.files = {{"/etc/rc.local", "#!/bin/sh\n" + text}};
  CHECK(told(find_scripts(files)) == "rc.local at boot: somaxconn=@/etc/rc.local:4\n");
}

TEST_CASE("what a script sets by braces bash sets for sure, and another shell perhaps") {
  MemoryFiles files;
  const std::string text = "sysctl -w net.ipv4.{tcp_tw_reuse,tcp_fin_timeout}=1\n";
  files.files = {{"/etc/rc.local", "#!/bin/bash\n" + text}};
  CHECK(told(find_scripts(files)) ==
        "rc.local at boot: tcp_tw_reuse=1@/etc/rc.local:2 tcp_fin_timeout=1@/etc/rc.local:2\n");
  files.files = {{"/etc/rc.local", "#!/bin/sh\n" + text}};
  CHECK(told(find_scripts(files)) ==
        "rc.local perhaps: tcp_tw_reuse=@/etc/rc.local:2 tcp_fin_timeout=@/etc/rc.local:2\n");
  files.files = {{"/etc/rc.local", "#!/bin/bash\nsysctl -w net.core.somaxconn={01..3}\n"}};
  CHECK(told(find_scripts(files)) == "rc.local at boot: somaxconn=@/etc/rc.local:2\n");
}

TEST_CASE("a key into which the shell puts something is no slip") {
  MemoryFiles files;
  files.files["/etc/rc.local"] = "echo 1 > /proc/sys/net/ipv4/tcp_fin_timeout$(\n sysctl -n x)\n";
  for (const LaterWriter& writer : find_scripts(files)) CHECK(writer.writes.empty());
}

TEST_CASE("B12: a script may write a setting by its second key") {
  MemoryFiles files;
  files.files = {{"/etc/rc.local", "sysctl -w net.nf_conntrack_max=9\n"}, {"/etc/sysctl.conf", ""}};
  CHECK(told(find_scripts(files)) == "rc.local at boot: nf_conntrack_max=9@/etc/rc.local:1\n");
  CHECK(find_scripts(files).front().writes.front().key == "net.netfilter.nf_conntrack_max");
}

TEST_CASE("N19: scripts that run scripts are followed 32 deep, and where they go deeper all is refused by name") {
  const auto found = [](std::size_t depth) {
    MemoryFiles files;
    files.files["/etc/rc.local"] = "#!/bin/sh\n/opt/1\n";
    for (std::size_t i = 1; i <= depth; ++i) {
      files.files["/opt/" + std::to_string(i)] = "/opt/" + std::to_string(i + 1) + "\n";
    }
    files.files["/opt/" + std::to_string(depth)] = "sysctl -w net.ipv4.tcp_fin_timeout=50\n/opt/1\n";
    return find_later_writers(files, Loader::systemd);
  };
  CHECK(told(*found(kMostRunningScripts)) == "rc.local at boot: tcp_fin_timeout=50@/opt/32:1\n");
  CHECK(found(kMostRunningScripts + 1).error().message ==
        "what runs after the boot files runs scripts that run scripts more than 32 deep, which is not read");
}

TEST_CASE("B10: scripts of a runlevel are read, but for those that a unit of their name replaces") {
  MemoryFiles files;
  const std::string tune = "#!/bin/sh\ncase $1 in\nstart)\n  sysctl -w net.ipv4.tcp_tw_reuse=1\n  ;;\nesac\n";
  files.files = {{"/etc/rc2.d/S20tune", tune},
                 {"/etc/rc3.d/S20tune", tune},
                 {"/etc/init.d/tune", tune},
                 {"/etc/rc2.d/K01old", tune},
                 {"/etc/rcS.d/S10procps", tune},
                 {"/etc/rc2.d/S30unit", tune},
                 {"/usr/lib/systemd/system/unit.service", "[Service]\n"},
                 {"/var/lib/cloud/instance/scripts/runcmd", "sysctl -w net.core.somaxconn=8\n"}};
  CHECK(told(find_scripts(files)) ==
        "init.d perhaps: tcp_tw_reuse=1@/etc/init.d/tune:4\n"
        "cloud-init perhaps: somaxconn=8@/var/lib/cloud/instance/scripts/runcmd:1\n");
}

TEST_CASE("B10: tmpfiles.d, udev, modprobe.d and cloud-init may set a setting of ours") {
  MemoryFiles files;
  files.files = {
      {"/etc/tmpfiles.d/net.conf",
       "# w /proc/sys/net/core/somaxconn - - - - 1\n"
       "w /proc/sys/net/ipv4/tcp_tw_reuse - - - - 1\n"
       "r /proc/sys/net/core/somaxconn\n"
       "w! /proc/sys/net/ipv4/ip_local_port_range - - - - 1024 60999\n"
       "w /proc/sys/net/core/somaxconn - - - - %v\n"
       "w /sys/kernel/x - - - - 1\n"},
      {"/usr/lib/tmpfiles.d/net.conf", "w /proc/sys/net/ipv4/tcp_fin_timeout - - - - 9\n"},  // hidden by /etc's
      {"/etc/udev/rules.d/90-net.rules",
       "ACTION==\"add\", SUBSYSTEM!=\"net\", RUN+=\"/sbin/sysctl -w net.ipv4.tcp_fin_timeout=15\", RUN+=\"/bin/true\"\n"
       "ACTION==\"add\", SYSCTL{net/ipv4/tcp_tw_recycle}=\"1\"\n"
       "SYSCTL{net/ipv4/tcp_tw_reuse}==\"1\", RUN{program}+=\"/bin/sh -c 'sysctl -w net.core.somaxconn=2'\"\n"},
      {"/etc/modprobe.d/nf.conf",
       "options nf_conntrack hashsize=1\n"
       "install nf_conntrack /sbin/modprobe --ignore-install nf_conntrack && sysctl -w net.core.somaxconn=3\n"},
      {"/etc/cloud/cloud.cfg.d/99.cfg",
       "bootcmd:\n  - [ sysctl, -w, net.core.somaxconn=4 ]\nruncmd:\n- 'sysctl -w net.core.somaxconn=5'\n"
       "note:\n  - sysctl -w net.core.somaxconn=6\n"},
      {"/etc/cloud/cloud.cfg", "runcmd:\n  - |\n    echo 7 > /proc/sys/net/core/somaxconn\n"}};
  CHECK(
      told(find_tables(files)) ==
      "tmpfiles.d perhaps: tcp_tw_reuse=1@/etc/tmpfiles.d/net.conf:2"
      " ip_local_port_range=1024 60999@/etc/tmpfiles.d/net.conf:4 somaxconn=@/etc/tmpfiles.d/net.conf:5\n"
      "udev perhaps: tcp_fin_timeout=15@/etc/udev/rules.d/90-net.rules:1"
      " tcp_tw_recycle=1@/etc/udev/rules.d/90-net.rules:2 somaxconn=2@/etc/udev/rules.d/90-net.rules:3\n"
      "modprobe.d perhaps: somaxconn=3@/etc/modprobe.d/nf.conf:2\n"
      "cloud-init perhaps: somaxconn=7@/etc/cloud/cloud.cfg:3\n"
      "cloud-init perhaps: somaxconn=4@/etc/cloud/cloud.cfg.d/99.cfg:2 somaxconn=5@/etc/cloud/cloud.cfg.d/99.cfg:4\n");
}

TEST_CASE("rc.local that may not be executed does nothing, and `sysctl -p` in it reads a file once more") {
  MemoryFiles files;
  files.files = {{"/etc/rc.d/rc.local", "sysctl -p\nsysctl --system\n"},
                 {"/etc/sysctl.conf", "a.b = 1\nnet.ipv4.tcp_fin_timeout = 15\n"}};
  CHECK(told(find_scripts(files)) ==
        "rc.local at boot: tcp_fin_timeout=15@/etc/sysctl.conf:2 =@/etc/rc.d/rc.local:2\n");
  files.no_programs = {"/etc/rc.d/rc.local"};
  CHECK(find_scripts(files).empty());
}

TEST_CASE("B10: a unit's ExecStart is sure to run where a boot starts it and nothing stands in its way") {
  MemoryFiles files;
  const std::string wants = "/etc/systemd/system/multi-user.target.wants/";
  const std::string own = "/etc/systemd/system/tune.service";
  files.links = {{wants + "tune.service", own},
                 {wants + "ssh.service", "/usr/lib/systemd/system/ssh.service"},
                 {"/etc/systemd/system/timers.target.wants/late.timer", "/usr/lib/systemd/system/late.timer"}};
  const std::string command = "ExecStart=-/sbin/sysctl -w \\\n  net.ipv4.tcp_fin_timeout=15\n";
  files.files = {{own, "[Unit]\nAfter=network.target\n[Service]\n" + command +
                           "ExecStop=/sbin/sysctl -w "
                           "net.ipv4.tcp_fin_timeout=60\n"},
                 {"/usr/lib/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n"},
                 {"/usr/lib/systemd/system/late.service",
                  "[Service]\nExecStart=/bin/sh -c 'echo 1 > /proc/sys/net/ipv4/tcp_tw_recycle'\n"}};
  CHECK(told(find_units(files)) ==
        "tune.service at boot: tcp_fin_timeout=15@" + own +
            ":4\n"
            "tune.service perhaps: tcp_fin_timeout=60@" +
            own +
            ":6\n"
            "late.service perhaps: tcp_tw_recycle=1@/usr/lib/systemd/system/late.service:2\n");
  files.files[own] = "[Unit]\nConditionPathExists=/x\n[Service]\n" + command;
  CHECK(told(find_units(files)).starts_with("tune.service perhaps: "));
  files.files[own] = "[Unit]\nConditionPathExists=/x\nAfter=systemd-sysctl.service\n[Service]\n" + command;
  CHECK(told(find_units(files)).starts_with("tune.service perhaps: "));
  for (const std::string no : {"no", "false", "Off", "0", "f"}) {
    files.files[own] = "[Unit]\nDefaultDependencies=" + no + "\n[Service]\n" + command;
    CHECK(told(find_units(files)).starts_with("tune.service perhaps: "));
  }
  files.files[own] = "[Unit]\nDefaultDependencies=no\nAfter=systemd-sysctl.service\n[Service]\n" + command;
  CHECK(told(find_units(files)).starts_with("tune.service at boot: "));
  files.links[own] = "/dev/null";  // masked
  CHECK(told(find_units(files)).starts_with("late.service "));
}

TEST_CASE("N66: what a unit of the boot pulls in is started with it, by whatever it runs the program") {
  const std::string own = "/etc/systemd/system/";
  const std::string link = own + "multi-user.target.wants/t.service";
  const std::string sets = "[Service]\nExecStart=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=15\n";
  const auto found = [&](const std::string& unit, std::map<std::string, std::string> others) {
    MemoryFiles files;
    files.links = {{link, own + "t.service"}};
    files.files = {{own + "t.service", unit}, {"/etc/x.conf", "net.ipv4.tcp_fin_timeout=15\n"}};
    for (auto& [path, text] : others) files.files[path] = std::move(text);
    return told(find_units(files));
  };
  for (const std::string key : {"Wants", "Requires", "BindsTo"}) {
    const std::string pulls = "[Unit]\n" + key + "=network.target u.service\n";
    CHECK(found(pulls, {{own + "u.service", sets}}) ==
          "u.service at boot: tcp_fin_timeout=15@/etc/systemd/system/u.service:2\n");
    CHECK(found(pulls, {{"/usr/lib/systemd/system/u.service", pulls + sets}}) ==
          "u.service at boot: tcp_fin_timeout=15@/usr/lib/systemd/system/u.service:4\n");
  }
  CHECK(found("[Unit]\nWants=odd u@a.service\n", {{own + "u@.service", sets}}).starts_with("u@a.service at boot: "));
  CHECK(found("[Unit]\nWants=u.target\n", {{own + "u.target", "[Unit]\nWants=v.service\n"}, {own + "v.service", sets}})
            .starts_with("v.service at boot: "));
  CHECK(found("", {{own + "default.target", "[Unit]\nRequires=v.service\n"}, {own + "v.service", sets}})
            .starts_with("v.service at boot: "));
  for (const std::string folder : {"/run/systemd/system/", "/usr/lib/systemd/system/"}) {
    CHECK(found("", {{folder + "multi-user.target.wants/v.service", sets}}).starts_with("v.service at boot: "));
  }
  CHECK(found("[Unit]\nAfter=u.service\n", {{own + "u.service", sets}}) == "");
  for (const std::string command : {"/lib/systemd/systemd-sysctl /etc/x.conf", "@/bin/sh sh -c 'sysctl -p /etc/x.conf'",
                                    "-@/sbin/sysctl tune -p /etc/x.conf", "/usr/bin/nice -n 5 sysctl -p /etc/x.conf"}) {
    CAPTURE(command);
    CHECK(found("[Service]\nExecStart=" + command + "\n", {}) ==
          "t.service at boot: tcp_fin_timeout=15@/etc/x.conf:1\n");
  }
}

TEST_CASE("H04: what units name in Wants= is kept once, and more than a boot can have is refused by name") {
  const std::string own = "/etc/systemd/system/";
  const auto refused = [&](auto name_of, std::size_t count) {
    MemoryFiles files;
    std::array<std::string, 5> units{"t.service", "v.service", "w.service", "x.service", "y.service"};  // of 1 MiB each
    for (const std::string& unit : units) {
      files.links[own + "multi-user.target.wants/" + unit] = own + unit;
      files.files[own + unit] = "[Unit]\nWants=";
    }
    for (std::size_t i = 0; i < count; ++i) files.files[own + units[i % units.size()]] += name_of(i);
    LaterScripts scripts(files);
    (void)twctl::find_units(scripts);
    const Result<void> within = scripts.within_limits();
    return within ? "" : within.error().message;
  };
  const std::size_t many = kMostLaterCommands + 10;
  CHECK(refused([](std::size_t) { return std::string("u.timer "); }, many) == "");
  CHECK(refused([](std::size_t) { return std::string("t.service "); }, many) == "");
  CHECK(refused([](std::size_t i) { return std::to_string(i) + " "; }, many) == "");  // no units
  CHECK(refused([](std::size_t) { return std::string("u.timer "); }, kMostLaterText / 8 + 10) ==
        "what runs after the boot files has more than 4 MiB of commands that may set a setting, and of names of units, "
        "which is not read");
  CHECK(refused([](std::size_t i) { return std::to_string(i) + ".timer "; }, many) ==
        "what runs after the boot files runs more than 100000 commands, scripts and units that it starts among them, "
        "which is not read");
}

TEST_CASE("N66: a unit counts as started by the boot only where the boot comes to the target that wants it") {
  const std::string own = "/etc/systemd/system/";
  const std::string packages = "/usr/lib/systemd/system/";
  const std::string sets = "[Service]\nExecStart=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=15\n";
  const auto found = [&](const std::string& wants, const std::string& link, const std::string& default_target) {
    const auto with = [&](std::map<std::string, std::string> units) {
      MemoryFiles files;
      if (!link.empty()) files.links[own + "default.target"] = packages + link;
      if (!default_target.empty()) files.files[own + "default.target"] = default_target;
      files.links[wants + "/v.service"] = packages + "v.service";
      for (auto& [name, text] : units) files.files[packages + name] = std::move(text);
      return told(find_units(files));
    };
    const std::string others = with({{"v.service", "[Unit]\nWants=w.service\n"}, {"w.service", sets}});
    const std::string itself = with({{"v.service", sets}});
    const bool same = others.substr(1, others.find(':')) == itself.substr(1, itself.find(':'));
    return (same ? "with what it names, " : others) + itself.substr(0, itself.find(':'));
  };
  for (const std::string& folder : {own, packages}) {
    const std::string graphical = folder + "graphical.target.wants";
    CHECK(found(graphical, "multi-user.target", "") == "with what it names, v.service perhaps");
    CHECK(found(graphical, "runlevel3.target", "") == "with what it names, v.service perhaps");
    CHECK(found(graphical, "graphical.target", "") == "with what it names, v.service at boot");
    CHECK(found(graphical, "runlevel5.target", "") == "with what it names, v.service at boot");
    CHECK(found(graphical, "", "") == "with what it names, v.service at boot");
    CHECK(found(graphical, "", "[Unit]\nRequires=multi-user.target\n") == "with what it names, v.service perhaps");
    CHECK(found(graphical, "", "[Unit]\nRequires=graphical.target\n") == "with what it names, v.service at boot");
  }
  for (const std::string target : {"shutdown", "rescue", "suspend"}) {
    CHECK(found(own + target + ".target.wants", "", "") == "with what it names, v.service perhaps");
  }
  CHECK(found(own + "rescue.target.wants", "rescue.target", "") == "with what it names, v.service at boot");
}

TEST_CASE("of the folders of units only those are opened that may be there") {
  struct AskedFiles : MemoryFiles {
    Result<std::vector<std::string>> list(std::string_view directory) override {
      if (!directory.starts_with("/usr/")) asked.emplace_back(directory);
      return MemoryFiles::list(directory);
    }
    std::vector<std::string> asked;
  } files;
  files.links = {{"/lib", "usr/lib"},
                 {"/etc/systemd/system/multi-user.target.wants/t.service", "/usr/lib/systemd/system/t.service"}};
  files.files = {
      {"/run/systemd/system/t.service.d/x.conf", "[Service]\nExecStart=/sbin/sysctl -w net.core.somaxconn=1\n"}};
  CHECK(told(find_units(files)) == "t.service at boot: somaxconn=1@/run/systemd/system/t.service.d/x.conf:2\n");
  CHECK(join(files.asked, " ") ==
        "/etc/systemd/system /run/systemd/system /etc/systemd/system/multi-user.target.wants "
        "/run/systemd/system/t.service.d");
}

TEST_CASE("B10: what systemd puts into a command of a unit is known where it is of the unit's own name") {
  const std::string own = "/etc/systemd/system/";
  const auto found = [&](const std::string& command) {
    MemoryFiles files;
    files.links = {{own + "multi-user.target.wants/my-t@30.service", own + "my-t@.service"}};
    files.files = {{own + "my-t@.service", "[Service]\nExecStart=" + command + "\n"},
                   {"/etc/x-30.conf", "net.ipv4.tcp_fin_timeout=15\n"},
                   {"/opt/my-t/t.conf", "net.ipv4.tcp_fin_timeout=16\n"}};
    const std::string all = told(find_units(files));
    return all.starts_with("my-t@30.service ") ? all.substr(16) : all;
  };
  const std::string known = "at boot: tcp_fin_timeout=30@/etc/systemd/system/my-t@.service:2\n";
  const std::string unknown = "at boot: tcp_fin_timeout=@/etc/systemd/system/my-t@.service:2\n";
  CHECK(found("/sbin/sysctl -w net.ipv4.tcp_fin_timeout=%i") == known);
  CHECK(found("/sbin/sysctl -w 'net.ipv4.tcp_fin_timeout=%I'") == known);
  CHECK(found("/bin/sh -c 'echo %i > /proc/sys/net/ipv4/tcp_fin_timeout'") == known);
  CHECK(found("/bin/sh -c 'echo %l > /proc/sys/net/ipv4/tcp_fin_timeout'") == unknown);
  CHECK(found("/sbin/sysctl -w net.ipv4.tcp_fin_timeout=${SECONDS}") == unknown);
  CHECK(found("/bin/sh -c 'for i in 30; do sysctl net.ipv4.tcp_fin_timeout=$$i; done'") == known);
  CHECK(found("/sbin/sysctl -p %E/x-%i.conf") == "at boot: tcp_fin_timeout=15@/etc/x-30.conf:1\n");
  CHECK(found("/sbin/sysctl -p /opt/%p/%j.conf") == "at boot: tcp_fin_timeout=16@/opt/my-t/t.conf:1\n");
  CHECK(found("/sbin/sysctl -w net.ipv4.x%i=1") == "");
}

TEST_CASE("N84: what specifiers put into a word of a unit is known up to 1024 bytes, and into a line up to 1 MiB") {
  const std::string name = std::string(248, 'a') + ".service";  // %n is 256 bytes
  const auto value_by = [&](const std::string& words) {
    MemoryFiles files;
    files.files = {
        {"/etc/systemd/system/multi-user.target.wants/" + name, "[Service]\nExecStart=/sbin/sysctl" + words + "\n"}};
    const std::vector<LaterWriter> found = find_units(files);
    return found.size() == 1 && found[0].writes.size() == 1 ? found[0].writes[0].value : "none";
  };
  const std::string key = " net.ipv4.tcp_fin_timeout=";
  const auto words = [](std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += " %n";
    return all;
  };
  CHECK(value_by(key + "%n%n%n%n").size() == kMostExpandedInWord);
  CHECK(value_by(key + "%n%n%n%n%%") == "");
  CHECK(value_by(words(kMostExpanded / 256 - 1) + key + "%n").size() == 256);
  CHECK(value_by(words(kMostExpanded / 256) + key + "%n") == "");
}

TEST_CASE("B10: a line of a unit may have several commands, and a service that is not oneshot only one") {
  const std::string own = "/etc/systemd/system/";
  const auto found = [&](const std::string& service) {
    MemoryFiles files;
    files.links = {{own + "multi-user.target.wants/t.service", own + "t.service"}};
    files.files = {{own + "t.service", "[Service]\n" + service}};
    return told(find_units(files));
  };
  const std::string set = "/sbin/sysctl -w net.ipv4.tcp_fin_timeout=";
  CHECK(found("Type=oneshot\nExecStart=/bin/true ; -" + set + "15 ; " + set + "16\n") ==
        "t.service at boot: tcp_fin_timeout=15@/etc/systemd/system/t.service:3 "
        "tcp_fin_timeout=16@/etc/systemd/system/t.service:3\n");
  CHECK(found("ExecStart=" + set + "15 && " + set + "16\n") ==  // no shell: each word goes to sysctl
        "t.service at boot: tcp_fin_timeout=15@/etc/systemd/system/t.service:2 "
        "tcp_fin_timeout=16@/etc/systemd/system/t.service:2\n");
  CHECK(found("ExecStart=/bin/true\nExecStart=" + set + "15\n") == "");
  CHECK(found("ExecStart=/bin/true ; " + set + "15\n") == "");
  CHECK(found("ExecStart=/bin/true\nExecStartPost=" + set + "15\n").starts_with("t.service at boot: "));
}

TEST_CASE("B10: what a unit runs may be kept from setting anything, or sets it in another network namespace") {
  const std::string own = "/etc/systemd/system/";
  const auto found = [&](const std::string& line) {
    MemoryFiles files;
    files.links = {{own + "multi-user.target.wants/t.service", own + "t.service"}};
    files.files = {
        {own + "t.service", "[Service]\n" + line + "\nExecStart=/sbin/sysctl net.ipv4.tcp_fin_timeout=15\n"}};
    const std::string all = told(find_units(files));
    return all.substr(0, all.find(':'));
  };
  for (const std::string line : {"ExecCondition=/bin/x", "User=app", "DynamicUser=yes", "ProtectKernelTunables=true"}) {
    CHECK_MESSAGE(found(line) == "t.service perhaps", line);
  }
  for (const std::string line : {"User=root", "PrivateNetwork=no", "ProtectKernelTunables=off", "PrivateTmp=yes"}) {
    CHECK_MESSAGE(found(line) == "t.service at boot", line);
  }
  for (const std::string line :
       {"PrivateNetwork=yes", "PrivateNetwork=1", "PrivateNetwork=T", "NetworkNamespacePath=/run/netns/x"}) {
    CHECK_MESSAGE(found(line) == "", line);
  }
}

TEST_CASE("B10: units are found in every folder of systemd's, and in what pulls in the targets of a boot") {
  const std::string sets = "[Service]\nExecStart=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=15\n";
  const std::string local = "/usr/local/lib/systemd/system/";
  const std::string packages = "/usr/lib/systemd/system/";
  const auto found = [&](std::map<std::string, std::string> all) {
    MemoryFiles files;
    for (auto& [path, text] : all) files.files[path] = std::move(text);
    const std::string writers = told(find_units(files));
    return writers.substr(0, writers.find(" tcp"));
  };
  const std::string at_boot = "v.service at boot:";
  CHECK(found({{local + "multi-user.target.wants/v.service", sets}}) == at_boot);
  CHECK(found({{"/etc/systemd/system/multi-user.target.wants/u.service", "[Unit]\nWants=v.service\n"},
               {local + "v.service", sets}}) == at_boot);
  CHECK(found({{packages + "multi-user.target.wants/u.target", ""}, {packages + "u.target.wants/v.service", sets}}) ==
        at_boot);
  CHECK(found({{packages + "multi-user.target.wants/u.target", ""},
               {packages + "u.target.requires/v.service", sets}}) == at_boot);
  CHECK(found({{packages + "basic.target.wants/v.service", sets}}) == at_boot);
  CHECK(found({{packages + "multi-user.target.wants/v.path", ""}, {local + "v.service", sets}}) ==
        "v.service perhaps:");
  CHECK(found({{packages + "multi-user.target.wants/v@a.service", sets},
               {"/etc/systemd/system/v@.service.d/x.conf", "[Service]\nExecCondition=/bin/x\n"}}) ==
        "v@a.service perhaps:");
}

TEST_CASE("B10: a misspelt key is kept wherever a file of settings is loaded, and sysctl -p may name many") {
  MemoryFiles files;
  files.files = {{"/etc/rc.local", "sysctl -p /etc/x/*.conf\n"},
                 {"/etc/x/a.conf", "net.ipv4.tcp_tw_resue = 1\nnet.ipv4.conf.all.rp_filter = 1\n"},
                 {"/etc/x/b.conf", "net.ipv4.tcp_tw_recycle = 1\n"},
                 {"/etc/x/c", "net.ipv4.tcp_tw_recycle = 1\n"},
                 {"/etc/ufw/ufw.conf", "ENABLED=yes\nIPT_SYSCTL=/etc/x/a.conf\n"},
                 {"/etc/credstore/sysctl.extra", "net.ipv4.tcp_tw_resue = 1\n"}};
  CHECK(told(find_scripts(files)) ==
        "rc.local at boot: tcp_tw_resue=1@/etc/x/a.conf:1 tcp_tw_recycle=1@/etc/x/b.conf:1\n");
  CHECK(told(find_ufw(files)) == "UFW before the network: tcp_tw_resue=1@/etc/x/a.conf:1\n");
  CHECK(told(find_credential(files)) ==
        "systemd-sysctl before the network: tcp_tw_resue=1@/etc/credstore/sysctl.extra:1\n");
}

TEST_CASE("B10: jobs of Upstart and programs of supervisord are read by what they run") {
  MemoryFiles files;
  files.files = {{"/etc/init/x.conf",
                  "start on runlevel [2345]\n# script\npre-start exec /sbin/sysctl net.core.somaxconn=1\n"
                  "script\n  sysctl -w net.core.somaxconn=2\n  exit 0\nend script\n"
                  "post-stop script\n  sysctl -w net.core.somaxconn=3\nend script\n"
                  "description \"sysctl -w net.core.somaxconn=4\"\n"},
                 {"/etc/init/procps.conf", "exec sysctl -p -\n"},
                 {"/etc/supervisord.conf",
                  "[program:x]\n;command=sysctl -w net.core.somaxconn=5\n"
                  "command = bash -c \"sysctl -w net.core.somaxconn=6\"\n"}};
  CHECK(
      told(find_scripts(files)) ==
      "Upstart perhaps: somaxconn=1@/etc/init/x.conf:3 somaxconn=2@/etc/init/x.conf:5 somaxconn=3@/etc/init/x.conf:9\n"
      "supervisord perhaps: somaxconn=6@/etc/supervisord.conf:3\n");
}

TEST_CASE("N65: of what runs after the boot files and may not be read by this run nobody knows what it writes") {
  const Error closed{.code = ErrorCode::denied, .message = "Permission denied"};
  const auto found = [&](const std::string& path, const std::string& runs, const std::string& closed_path, Find find) {
    MemoryFiles files;
    files.files = {{path, runs}, {closed_path, ""}};
    files.errors = {{closed_path, closed}};
    return told(found_by(find, files));
  };
  const std::string link = "/etc/systemd/system/multi-user.target.wants/t.service";
  const auto unread = [](const std::string& name, const std::string& path) {
    return name + " perhaps: unread: this run may not read " + path + "\n";
  };
  CHECK(found("/etc/rc.local", "/root/tune.sh\n", "/root/tune.sh", twctl::find_scripts) ==
        unread("rc.local", "/root/tune.sh"));
  CHECK(found("/etc/rc.local", "sysctl -p /root/x.conf\n", "/root/x.conf", twctl::find_scripts) ==
        unread("rc.local", "/root/x.conf"));
  CHECK(found("/x", "", "/etc/rc.local", twctl::find_scripts) == unread("rc.local", "/etc/rc.local"));
  CHECK(found("/x", "", "/etc/cron.d/x", twctl::find_scripts) == unread("cron", "/etc/cron.d/x"));
  CHECK(found("/x", "", "/etc/network/interfaces", twctl::find_scripts) ==
        unread("interfaces", "/etc/network/interfaces"));
  CHECK(found(link, "[Service]\nExecStart=/root/tune.sh\n", "/root/tune.sh", twctl::find_units) ==
        unread("t.service", "/root/tune.sh"));
  CHECK(found("/x", "", link, twctl::find_units) == unread("t.service", link));
  CHECK(found("/x", "", "/etc/tmpfiles.d/x.conf", twctl::find_tables) ==
        unread("tmpfiles.d", "/etc/tmpfiles.d/x.conf"));
  CHECK(found("/x", "", "/etc/ufw/ufw.conf", twctl::find_ufw) == unread("UFW", "/etc/ufw/ufw.conf"));
  MemoryFiles tuned;
  tuned.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"}};
  tuned.files = {{"/etc/tuned/active_profile", "a\n"},
                 {"/etc/tuned/a/tuned.conf", "[main]\ninclude=b\n[x]\ntype=script\nscript=/root/t.sh\n"},
                 {"/etc/tuned/b/tuned.conf", ""}};
  tuned.errors = {{"/etc/tuned/b/tuned.conf", closed}, {"/root/t.sh", closed}};
  CHECK(told(find_tuned(tuned)) ==
        "TuneD at boot: unread: this run may not read /etc/tuned/b/tuned.conf\n" + unread("TuneD", "/root/t.sh"));
  // Two that run it, and a folder that is closed, of which nobody knows what is in it.
  MemoryFiles files;
  files.files = {{"/etc/rc.local", "/root/t.sh\n"}, {"/etc/crontab", "@reboot root /root/t.sh\n"}};
  files.errors = {
      {"/root/t.sh", closed}, {"/var/spool/cron/crontabs", closed}, {"/var/spool/cron/crontabs/root", closed}};
  CHECK(told(find_scripts(files)) == unread("rc.local", "/root/t.sh") + unread("cron", "/root/t.sh"));
}

TEST_CASE("N64: the credential that systemd-sysctl reads behind all boot files is known") {
  const std::string line = "net.ipv4.tcp_fin_timeout = 30\n";
  MemoryFiles files;
  CHECK(told(find_credential(files)) == "");
  files.files = {{"/usr/lib/credstore/sysctl.extra", line}};
  CHECK(told(find_credential(files)) ==
        "systemd-sysctl before the network: tcp_fin_timeout=30@/usr/lib/credstore/sysctl.extra:1\n");
  files.files["/etc/credstore/sysctl.extra"] = line;  // the first one counts
  CHECK(told(find_credential(files)) ==
        "systemd-sysctl before the network: tcp_fin_timeout=30@/etc/credstore/sysctl.extra:1\n");
  CHECK(find_later_writers(files, Loader::systemd)->size() == 1);
  CHECK(find_later_writers(files, Loader::procps)->empty());
  const std::string unit = "/usr/lib/systemd/system/systemd-sysctl.service";
  for (const std::string asks : {"LoadCredential=sysctl.extra\n", "ImportCredential=sysctl.*\n"}) {
    files.files[unit] = "[Service]\n" + asks;
    CHECK_FALSE(find_credential(files).empty());
  }
  files.files[unit] = "[Service]\n";  // before 252
  CHECK(find_credential(files).empty());
  files.files = {{"/etc/credstore.encrypted/sysctl.extra", "?"}};
  CHECK(told(find_credential(files)) == "systemd-sysctl perhaps: unread: it is encrypted\n");
  files.files = {{"/etc/credstore/sysctl.extra", line}};
  files.errors = {{"/etc/credstore/sysctl.extra", {.code = ErrorCode::denied, .message = "Permission denied"}}};
  CHECK(told(find_credential(files)) ==
        "systemd-sysctl perhaps: unread: this run may not read /etc/credstore/sysctl.extra\n");
}

TEST_CASE("a Kubernetes node has kube-proxy, and with Cilium its agent") {
  MemoryFiles files;
  CHECK(find_kube_proxy(files).empty());
  CHECK(find_cilium(files).empty());
  files.files = {{"/var/lib/kubelet/config.yaml", ""}, {"/etc/sysctl.d/99-zzz-override_cilium.conf", ""}};
  CHECK(told(find_kube_proxy(files)).starts_with("kube-proxy perhaps: nf_conntrack_max= "));
  CHECK(find_kube_proxy(files)[0].evidence == "/var/lib/kubelet/config.yaml");
  CHECK(told(find_cilium(files)).starts_with("Cilium perhaps: netdev_max_backlog=1000 somaxconn=4096 "));
  CHECK(find_later_writers(files, Loader::systemd)->size() == 2);
}

TEST_CASE("B10: drop-ins of a unit are read with it, those of a program that has a reader of its own too") {
  MemoryFiles files;
  const std::string wants = "/etc/systemd/system/multi-user.target.wants/";
  const std::string ssh = "/usr/lib/systemd/system/ssh.service";
  files.links = {{wants + "ssh.service", ssh}, {wants + "tuned.service", "/usr/lib/systemd/system/tuned.service"}};
  files.files = {
      {ssh, "[Service]\nExecStartPre=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=40\n"},
      {"/etc/systemd/system/ssh.service.d/10-own.conf",
       "[Service]\nExecStartPre=\nExecStartPre=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=15\n"},
      {"/usr/lib/systemd/system/ssh.service.d/10-own.conf", "[Service]\nExecStartPre=/sbin/sysctl --system\n"},
      {"/etc/systemd/system/ssh.service.d/README", "ExecStartPre=/sbin/sysctl --system\n"},
      {"/etc/systemd/system/tuned.service.d/x.conf",
       "[Service]\nExecStartPost=/sbin/sysctl -w net.ipv4.tcp_tw_reuse=1\n"}};
  CHECK(told(find_units(files)) ==
        "ssh.service at boot: tcp_fin_timeout=15@/etc/systemd/system/ssh.service.d/10-own.conf:3\n"
        "tuned.service at boot: tcp_tw_reuse=1@/etc/systemd/system/tuned.service.d/x.conf:2\n");
}

TEST_CASE("B10: of a unit's files the first folder's counts, and an empty one masks the unit as /dev/null does") {
  const std::string etc = "/etc/systemd/system/";
  const std::string run = "/run/systemd/system/";
  const std::string local = "/usr/local/lib/systemd/system/";
  const std::string packages = "/usr/lib/systemd/system/";
  const auto sets = [](int value) {
    return "[Service]\nExecStart=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=" + std::to_string(value) + "\n";
  };
  MemoryFiles files;
  files.links = {{etc + "multi-user.target.wants/t.service", packages + "t.service"}};
  const auto found = [&] { return told(find_units(files)); };
  const auto at_boot = [](int value, const std::string& folder) {
    return "t.service at boot: tcp_fin_timeout=" + std::to_string(value) + "@" + folder + "t.service:2\n";
  };
  for (const auto& [folder, value] : {std::pair(packages, 40), std::pair(local, 30), std::pair(run, 20)}) {
    files.files[folder + "t.service"] = sets(value);
    CHECK(found() == at_boot(value, folder));
  }
  files.links[etc + "multi-user.target.wants/t.service"] = "/dev/null";  // it masks that link of packages' folders, too
  files.links[packages + "multi-user.target.wants/t.service"] = packages + "t.service";
  CHECK(found() == "");
  files.links[etc + "basic.target.wants/t.service"] = packages + "t.service";  // another target wants it all the same
  CHECK(found() == at_boot(20, run));
  files.links.erase(etc + "basic.target.wants/t.service");
  files.links.erase(packages + "multi-user.target.wants/t.service");
  files.links[etc + "multi-user.target.wants/t.service"] = packages + "t.service";
  files.links[etc + "t.service"] = "/opt/gone.service";  // leads nowhere
  CHECK(found() == at_boot(20, run));
  files.files[run + "t.service"] = "";
  CHECK(found() == "");
  files.links.erase(etc + "t.service");
  files.files[etc + "t.service"] = sets(10);
  CHECK(found() == at_boot(10, etc));
  files.files[etc + "t.service"] = "";
  CHECK(found() == "");
  files.files[etc + "t.service"] = "\n";  // not empty: without a command it is no mask, and no service either
  CHECK(found() == "");
  files.files[etc + "t.service.d/x.conf"] = sets(5);
  CHECK(found() == "t.service at boot: tcp_fin_timeout=5@/etc/systemd/system/t.service.d/x.conf:2\n");
  files.files[etc + "t.service"] = "";  // drop-ins of a masked unit do nothing
  CHECK(found() == "");
  // A literal name goes before the template.
  files.files = {{etc + "t@.service", sets(1)}, {packages + "t@a.service", sets(2)}};
  files.links = {{etc + "multi-user.target.wants/t@a.service", etc + "t@.service"}};
  CHECK(found() == "t@a.service at boot: tcp_fin_timeout=2@/usr/lib/systemd/system/t@a.service:2\n");
}

TEST_CASE("B10: a timer, path or socket starts the unit that it names, or else the service of its own name") {
  const std::string own = "/etc/systemd/system/";
  const auto found = [&](const std::string& unit, const std::string& text) {
    MemoryFiles files;
    files.links = {{own + "timers.target.wants/" + unit, own + unit}};
    files.files = {{own + unit, text}};
    for (const std::string service : {"t.service", "u.service", "t@.service", "t-late.service"}) {
      files.files[own + service] = "[Service]\nExecStart=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=15\n";
    }
    std::string all;
    for (const LaterWriter& writer : find_units(files)) all += writer.name + " ";
    return all;
  };
  CHECK(found("t.timer", "[Timer]\nOnCalendar=daily\n") == "t.service ");
  CHECK(found("t.timer", "[Timer]\nUnit=u.service\n") == "u.service ");
  CHECK(found("t.timer", "[Timer]\nUnit=%p-late.service\n") == "t-late.service ");
  CHECK(found("t.timer", "[Unit]\nUnit=u.service\n") == "t.service ");
  CHECK(found("t.path", "[Path]\nUnit=u.service\n") == "u.service ");
  CHECK(found("t.socket", "[Socket]\nService=u.service\n") == "u.service ");
  CHECK(found("t.socket", "[Socket]\nAccept=yes\n") == "t.service t@.service ");
  CHECK(found("t.timer", "") == "");  // masked
}

// Held to `systemd-analyze verify --root` of systemd 252.
TEST_CASE("B10: a unit is read with the drop-ins of its prefixes and of its type, each name once") {
  const std::string etc = "/etc/systemd/system/";
  const std::string packages = "/usr/lib/systemd/system/";
  const auto sets = [](int value) {
    return "[Service]\nExecStartPost=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=" + std::to_string(value) + "\n";
  };
  MemoryFiles files;
  files.links = {{etc + "multi-user.target.wants/a-b-c@i.service", packages + "a-b-c@.service"}};
  files.files = {{packages + "a-b-c@.service", "[Service]\nExecStart=/bin/true\n"},
                 {packages + "a-b-c@i.service.d/10.conf", sets(101)},
                 {etc + "a-b-c@.service.d/10.conf", sets(10)},
                 {etc + "service.d/10.conf", sets(102)},
                 {etc + "a-.service.d/15.conf", sets(15)},
                 {packages + "a-b-.service.d/15.conf", sets(151)},
                 {etc + "a-b-c@.service.d/16.conf", sets(161)},
                 {etc + "a-b-c@i.service.d/16.conf", sets(16)},
                 {etc + "a-@.service.d/20.conf", sets(20)},
                 {etc + "a-b-@i.service.d/21.conf", sets(21)},
                 {etc + "service.d/05.conf", sets(51)},
                 {"/run/systemd/system/a-b-c@i.service.d/05.conf", sets(5)},
                 {packages + "service.d/99.conf", sets(99)},
                 {packages + "service.d/98.conf", "[Service]\nTimeoutStopSec=5\n"},
                 {packages + "socket.d/97.conf", sets(97)}};
  std::string values;
  const std::vector<LaterWriter> found = find_units(files);
  for (const LaterWrite& write : found.at(0).writes) values += write.value + " ";
  CHECK(values == "5 10 15 16 20 21 99 ");
  files.files[packages + "service.d/97.conf"] = "[Service]\nProtectKernelTunables=yes\n";
  CHECK(find_units(files).at(0).when == WriteTime::unknown);
}

TEST_CASE("B10: each command of a unit is told with its own line, in the order in which systemd runs them") {
  const std::string own = "/etc/systemd/system/";
  const auto found = [&](const std::string& service) {
    MemoryFiles files;
    files.links = {{own + "multi-user.target.wants/t.service", own + "t.service"}};
    files.files = {{own + "t.service", service}};
    std::string all;
    for (const LaterWriter& writer : find_units(files)) {
      all += writer.when == WriteTime::unknown ? "perhaps " : "sure ";
      for (const LaterWrite& write : writer.writes) all += write.value + ":" + std::to_string(write.where.line) + " ";
    }
    return all;
  };
  const std::string set = "=/sbin/sysctl -w \\\n  net.ipv4.tcp_fin_timeout=";
  const std::string commands = "[Service]\nExecStartPost" + set + "33\nExecReload" + set + "66\nExecStop" + set +
                               "44\nExecStopPost" + set + "55\nExecStart" + set + "22\nExecStartPre" + set + "11\n";
  for (const std::string type : {"", "Type=oneshot\n"}) {
    CAPTURE(type);
    CHECK(found(commands + type) == "sure 11:12 22:10 33:2 perhaps 44:6 55:8 66:4 ");
    CHECK(found(commands + type + "RemainAfterExit=yes\n") == "sure 11:12 22:10 33:2 perhaps 55:8 66:4 ");
  }
  CHECK(found(commands + "ExecCondition" + set + "99\n") == "perhaps 99:14 11:12 22:10 33:2 44:6 55:8 66:4 ");
}

TEST_CASE("what the commands of a unit print may go into a setting's file") {
  const std::string own = "/etc/systemd/system/";
  const auto found = [&](const std::string& service) {
    MemoryFiles files;
    files.links = {{own + "multi-user.target.wants/t@x.service", own + "t@.service"}};
    files.files = {{own + "t@.service", "[Service]\n" + service}};
    const std::string all = told(find_units(files));
    return all.substr(0, all.find('@', all.find(':')));
  };
  const std::string file = "/proc/sys/net/ipv4/tcp_fin_timeout\n";
  for (const std::string how : {"file", "append", "truncate"}) {
    CHECK(found("ExecStart=/bin/echo 15\nStandardOutput=" + how + ":" + file) ==
          "t@x.service at boot: tcp_fin_timeout=15");
  }
  const std::string output = "StandardOutput=truncate:" + file;
  CHECK(found("ExecStart=/opt/x\n" + output) == "t@x.service perhaps: tcp_fin_timeout=");
  MemoryFiles apart;  // the command in one file, and where it prints to in another
  apart.links = {{own + "multi-user.target.wants/t.service", own + "t.service"}};
  apart.files = {{own + "t.service", "[Service]\nExecStart=/bin/echo 15\n"},
                 {own + "t.service.d/a.conf", "[Service]\n" + output}};
  CHECK(told(find_units(apart)) == "t.service at boot: tcp_fin_timeout=15@/etc/systemd/system/t.service:2\n");
  CHECK(found("ExecStart=/bin/echo 15\n" + output + "StandardOutput=journal\n") == "");
  CHECK(found("ExecStart=/bin/echo 15\n" + output + "StandardOutput=\n") == "");
  CHECK(found("ExecStart=/bin/echo 15\nStandardOutput=file:/var/log/sysctl\n") == "");
  CHECK(found("ExecStart=/sbin/sysctl net.ipv4.tcp_fin_timeout=15\nStandardOutput=append:/var/log/x\n") ==
        "t@x.service at boot: tcp_fin_timeout=15");
  CHECK(found("ExecStart=/bin/echo 15\nStandardOutput=file:/proc/sys/net/ipv4/%i\n") == "");
  CHECK(found("ExecStart=/bin/echo 15\nStandardOutput=file:/proc/sys/net/ipv4/%H\n") ==
        "t@x.service perhaps: unread: /etc/systemd/system/t");
}

TEST_CASE("a unit's commands read what it gives them, in the folder that it names") {
  const std::string own = "/etc/systemd/system/";
  const auto found = [&](const std::string& service) {
    MemoryFiles files;
    files.links = {{own + "multi-user.target.wants/t@x.service", own + "t@.service"}};
    files.files = {{own + "t@.service", "[Service]\n" + service},
                   {"/opt/x.sh", "sysctl -w net.ipv4.tcp_fin_timeout=15\n"},
                   {"/opt/x.conf", "net.ipv4.tcp_fin_timeout=15\n"}};
    return told(find_units(files));
  };
  const std::string sure = "t@x.service at boot: tcp_fin_timeout=15@";
  const std::string perhaps = "t@x.service perhaps: tcp_fin_timeout=15@";
  const std::string text = "StandardInputText=";
  CHECK(found("ExecStart=/bin/sh\nStandardInput=file:/opt/%i.sh\n").starts_with(sure));
  CHECK(found("ExecStart=sysctl -p -\nStandardInput=file:/opt/x.conf\n").starts_with(sure));
  CHECK(found("ExecStart=sh -s\n" + text + "true\\n\n" + text + "sysctl net.ipv4.tcp_fin_timeout=15\n")
            .starts_with(sure));
  CHECK(found("ExecStart=sysctl -p /dev/stdin\n" + text + "net.ipv4.tcp_fin_timeout = 15\n").starts_with(sure));
  CHECK(found("ExecStart=sysctl -p -\nStandardInput=data\nStandardInputData=bmV0LmlwdjQudGNwX2Zpbl90aW1lb3V0PTE1Cg==\n")
            .starts_with(sure));
  CHECK(found("ExecStart=sysctl -p -\n" + text + "net.ipv4.tcp_fin_timeout=%H\n") ==
        "t@x.service at boot: tcp_fin_timeout=@/etc/systemd/system/t@.service:2\n");
  CHECK(found("ExecStart=sh\n" + text + "sysctl net.ipv4.tcp_fin_timeout=15; x %H\n").starts_with(perhaps));
  CHECK(found("ExecStart=sysctl -p -\nStandardInput=null\n" + text + "net.ipv4.tcp_fin_timeout=15\n").find("=15") ==
        std::string::npos);
  CHECK(found("ExecStart=/bin/sh\n" + text + "sysctl net.ipv4.tcp_fin_timeout=15\n" + text + "\n") == "");
  CHECK(found("ExecStart=/bin/sh -c ./x.sh\nWorkingDirectory=/opt\n").starts_with(perhaps));
  CHECK(found("ExecStart=sysctl -p %i.conf\nWorkingDirectory=/opt\n").starts_with(sure));
  CHECK(found("ExecStart=sysctl -p x.conf\nWorkingDirectory=-/opt\n").starts_with(perhaps));
  CHECK(found("ExecStart=sysctl -p opt/x.conf\n").starts_with(sure));
  CHECK(found("ExecStart=sh -c ./x.sh\nWorkingDirectory=~\n") == "");
}

TEST_CASE("of tmpfiles.d's lines for one file the first counts, by the names of their files, unless all append") {
  MemoryFiles files;
  files.files = {{"/usr/lib/tmpfiles.d/20-b.conf", "w /proc/sys/net/core/somaxconn - - - - 1\n"},
                 {"/etc/tmpfiles.d/30-c.conf",
                  "w /proc/sys//net/core/somaxconn - - - - 2\nw+ /proc/sys/net/ipv4/tcp_tw_reuse - - - - 1\n"
                  "w+ /proc/sys/net/ipv4/tcp_tw_reuse - - - - 2\nw /proc/sys/net/ipv4/tcp_tw_reuse - - - - 0\n"
                  "w- \"/proc/sys/net/ipv4/tcp_fin_timeout\" - - - - 15\nw~ /proc/sys/net/ipv4/tcp_sack - - - - MQ==\n"
                  "f /proc/sys/net/core/somaxconn - - - - 3\nw /proc/sys/net/ipv4/tcp_retries2\n"}};
  CHECK(told(find_tables(files)) ==
        "tmpfiles.d perhaps: somaxconn=1@/usr/lib/tmpfiles.d/20-b.conf:1\n"
        "tmpfiles.d perhaps: tcp_tw_reuse=1@/etc/tmpfiles.d/30-c.conf:2 tcp_tw_reuse=2@/etc/tmpfiles.d/30-c.conf:3 "
        "tcp_fin_timeout=15@/etc/tmpfiles.d/30-c.conf:5\n");
}

TEST_CASE("UFW's file that only the shell can name is said, not passed over") {
  MemoryFiles files;
  files.files = {{"/etc/ufw/ufw.conf", "ENABLED=yes\n"}, {"/etc/default/ufw", "IPT_SYSCTL=$(find-it)/sysctl.conf\n"}};
  const auto found = find_ufw(files);
  REQUIRE(found.size() == 1);
  CHECK(found[0].writes.empty());
  CHECK(found[0].unread == "which file IPT_SYSCTL=$(find-it)/sysctl.conf is, only its shell knows");
}

TEST_CASE("TuneD: a profile's script may write, beside that of the profile that it includes") {
  MemoryFiles files;
  files.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"}};
  files.files = {{"/etc/tuned/active_profile", "a\n"},
                 {"/etc/tuned/a/tuned.conf", "[main]\ninclude=b\n[script]\nscript=${i:PROFILE_DIR}/script.sh\n"},
                 {"/etc/tuned/a/script.sh", "start() {\n  sysctl -w net.ipv4.tcp_fin_timeout=15\n}\n"},
                 {"/usr/lib/tuned/b/tuned.conf", "[script]\nscript=go\n[own]\ntype=script\nscript=/opt/x\nenabled=0\n"},
                 {"/usr/lib/tuned/b/go", "echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse\n"},
                 {"/opt/x", "sysctl -w net.core.somaxconn=5\n"}};
  CHECK(told(find_tuned(files)) ==
        "TuneD at boot:\n"
        "TuneD perhaps: tcp_tw_reuse=1@/usr/lib/tuned/b/go:1\n"
        "TuneD perhaps: tcp_fin_timeout=15@/etc/tuned/a/script.sh:2\n");
  CHECK(find_tuned(files)[0].unread.empty());
  files.files["/etc/tuned/a/tuned.conf"] = "[main]\ninclude=${f:pick}\n[sysctl]\nnet.core.somaxconn=9\n";
  CHECK(find_tuned(files)[0].unread == "which profile ${f:pick} is, only TuneD knows");
}

TEST_CASE("N20: profiles of TuneD have 8000 lines together, names among them, and one more is refused") {
  const auto found = [](std::size_t lines) {
    MemoryFiles files;
    files.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"}};
    files.files = {{"/etc/tuned/active_profile", "a\n"},
                   {"/etc/tuned/a/tuned.conf", "[main]\ninclude=b\n[sysctl]\nnet.core.somaxconn=9\n"},
                   {"/etc/tuned/b/tuned.conf", "[sysctl]\n"}};
    for (std::size_t i = 7; i < lines; ++i) files.files["/etc/tuned/b/tuned.conf"] += "a.b=1\n";
    return find_later_writers(files, Loader::systemd);
  };
  CHECK(told(*found(kMostTunedLines)) == "TuneD at boot: somaxconn=9@/etc/tuned/a/tuned.conf:4 (boot files win)\n");
  CHECK(found(kMostTunedLines + 1).error().message ==
        "what runs after the boot files has profiles of TuneD with more than 8000 lines, which is not read");
}

TEST_CASE("N85: profiles of TuneD have 4 MiB together, and one byte more is refused") {
  const auto found = [](std::size_t bytes) {
    MemoryFiles files;
    files.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"}};
    files.files = {{"/etc/tuned/active_profile", "a b c d e\n"}};
    for (const std::string name : {"a", "b", "c", "d", "e"}) {
      std::string text = "[sysctl]\nnet.core.somaxconn=9\n#";
      text.resize(std::max(text.size(), std::min(bytes, kMostScript - 64)), 'x');
      bytes -= text.size();
      files.files["/etc/tuned/" + name + "/tuned.conf"] = std::move(text);
    }
    return find_later_writers(files, Loader::systemd);
  };
  CHECK(told(*found(kMostTunedBytes)) == "TuneD at boot: somaxconn=9@/etc/tuned/e/tuned.conf:2 (boot files win)\n");
  CHECK(found(kMostTunedBytes + 1).error().message ==
        "what runs after the boot files has profiles of TuneD with more than 4 MiB, which is not read");
}

TEST_CASE("N86: what a unit loads in another network namespace is as much work, and counts as writes") {
  const auto found = [](std::size_t lines) {
    MemoryFiles files;
    files.files = {{"/etc/systemd/system/multi-user.target.wants/x.service",
                    "[Service]\nPrivateNetwork=yes\nExecStart=/bin/sh /opt/x.sh\n"},
                   {"/opt/x.sh", "sysctl -p /f\nsysctl -p /f\n"}};
    for (std::size_t i = 0; i < lines; ++i) files.files["/f"] += "net.ipv4.tcp_fin_timeout=30\n";
    return find_later_writers(files, Loader::systemd);
  };
  CHECK(found(kMostLaterWrites / 2)->empty());
  CHECK(found(kMostLaterWrites / 2 + 1).error().message ==
        "what runs after the boot files writes to settings more than 5000 times, which is not read");
}

TEST_CASE("N87: a name that is held to a pattern of sysctl -p counts as a command, once more for each 16 bytes of it") {
  const auto is_read = [](const std::string& pattern, std::size_t commands) {
    MemoryFiles files;
    for (std::size_t i = 0; i < commands; ++i) files.files["/etc/rc.local"] += "sysctl -p /d/" + pattern + "\n";
    for (int i = 0; i < 99; ++i) files.files["/d/" + std::to_string(i)] = "";
    return find_later_writers(files, Loader::systemd).has_value();
  };
  CHECK(is_read("*z", kMostLaterCommands / 100));
  CHECK(!is_read("*z", kMostLaterCommands / 100 + 1));
  CHECK(is_read("*aaaaaaaaaaaaaaa", kMostLaterCommands / 199));
  CHECK(!is_read("*aaaaaaaaaaaaaaa", kMostLaterCommands / 199 + 1));
}

TEST_CASE("N88: a path of up to 255 bytes is followed, and with a longer one it is known that something may be set") {
  const auto found = [](const std::string& command, const std::string& name, std::size_t bytes) {
    const std::string path = "/opt/" + std::string(bytes - 5 - name.size(), 'd') + name;
    MemoryFiles files;
    files.files = {{path, "net.ipv4.tcp_fin_timeout=30\n"}};
    if (name.ends_with(".sh")) files.files[path] = "sysctl -w net.ipv4.tcp_fin_timeout=30\n";
    if (command.empty()) {
      files.files["/etc/ufw/ufw.conf"] = "ENABLED=yes\nIPT_SYSCTL=" + path + "\n";
    } else {
      files.files["/etc/rc.local"] = command + " " + path + "\n";
    }
    const auto writers = *find_later_writers(files, Loader::systemd);
    REQUIRE(writers.size() == 1);
    return writers[0].writes.empty() ? writers[0].unread : writers[0].writes[0].value;
  };
  const std::string why = "what is done with a path of more than 255 bytes is not known";
  for (const auto& row : std::map<std::string, std::string>{{"sysctl -p", ".conf"}, {"sh", ".sh"}, {"", ".conf"}}) {
    const auto& command = row.first;
    const auto& name = row.second;
    CAPTURE(command);
    CHECK(found(command, name, kLongestPath) == "30");
    CHECK(found(command, name, kLongestPath + 1) == (command.empty() ? why : "/etc/rc.local:1: " + why));
  }
}

TEST_CASE("what boot loaders are told to hand to the kernel is read, each value once") {
  MemoryFiles files;
  CHECK(find_boot_parameters(files)->empty());
  files.files = {
      {"/boot/grub/grub.cfg",
       "menuentry x {\n\tlinux /vmlinuz root=/dev/sda1 sysctl.net.ipv4.tcp_fin_timeout=75 quiet\n}\n"},
      {"/etc/default/grub",
       "# GRUB_CMDLINE_LINUX=\"sysctl.net.core.somaxconn=1\"\nGRUB_CMDLINE_LINUX=\"quiet\"\n"
       "GRUB_CMDLINE_LINUX_DEFAULT=\"sysctl.net.ipv4.tcp_fin_timeout=75 sysctl.vm.swappiness=1\"\n"},
      {"/etc/default/grub.d/50-x.cfg",
       "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX sysctl.net/core/somaxconn=2 sysctl.net.ipv4.tcp_tw_recycle=1\"\n"},
      {"/etc/default/grub.d/50-x.cfg.dpkg-old", "GRUB_CMDLINE_LINUX=\"sysctl.net.core.somaxconn=3\"\n"},
      {"/boot/loader/entries/a.conf",
       "title a\noptions root=x sysctl.net.ipv4.tcp_tw_reuse=1 $tuned_params\n"
       "options sysctl.net.ipv4.tcp_sack=$x\n"},
      {"/boot/loader/entries/b.conf", "options sysctl.net.ipv4.tcp_tw_reuse=1\n"},
      {"/etc/kernel/cmdline", "root=x\nsysctl.net.ipv4.tcp_tw_reuse=0 -- sysctl.net.ipv4.tcp_tw_reuse=2\n"}};
  CHECK(told(*find_boot_parameters(files)) ==
        "GRUB perhaps: tcp_fin_timeout=75@/boot/grub/grub.cfg:2\n"
        "boot entry perhaps: tcp_tw_reuse=1@/boot/loader/entries/a.conf:2\n"
        "GRUB perhaps: somaxconn=2@/etc/default/grub.d/50-x.cfg:1 tcp_tw_recycle=1@/etc/default/grub.d/50-x.cfg:1\n"
        "kernel-install perhaps: tcp_tw_reuse=0@/etc/kernel/cmdline:2\n");
  for (const LaterWriter& writer : *find_boot_parameters(files)) CHECK(writer.before_boot_files);
}

TEST_CASE("a boot loader's parameter without sysctl. in front is kept, for the kernel does not take it") {
  MemoryFiles files;
  files.files = {{"/etc/default/grub", "X=1\nGRUB_CMDLINE_LINUX=\"net.ifnames=0 net.ipv4.tcp_tw_reuse=1\"\n"}};
  const std::vector<LaterWriter> found = *find_boot_parameters(files);
  REQUIRE(found.size() == 1);
  CHECK(found[0].writes.empty());
  CHECK(found[0].without_prefix == std::vector<LaterWrite>{{"net.ipv4.tcp_tw_reuse", "1", {"/etc/default/grub", 2}}});
}

TEST_CASE("of a script with -e and of a unit it is known how far a command that fails takes the rest with it") {
  const auto ends = [](const std::vector<LaterWriter>& writers) {
    std::string text;
    for (const LaterWriter& writer : writers) {
      for (const LaterWrite& write : writer.writes) {
        text += std::to_string(write.step) + "-" + std::to_string(write.ends) + " ";
      }
    }
    return text;
  };
  const std::string recycle = "sysctl -w net.ipv4.tcp_tw_recycle=1\n";
  const std::string both = "sysctl -w net.ipv4.tcp_tw_reuse=1 net.ipv4.tcp_fin_timeout=20\n";
  MemoryFiles files;
  files.files = {{"/etc/rc.local", "#!/bin/sh -e\n" + recycle + both + "/opt/a.sh\n" + recycle},
                 {"/opt/a.sh", "set -e\n" + recycle + both}};
  CHECK(ends(find_scripts(files)) == "1-6 2-6 2-6 4-6 5-6 5-6 6-6 ");
  files.files["/etc/rc.local"] = recycle + "/opt/a.sh\n" + recycle;
  CHECK(ends(find_scripts(files)) == "1-0 3-4 4-4 4-4 5-0 ");
  files.files["/etc/rc.local"] = "#!/bin/sh -e\n. /opt/a.sh\n" + recycle;
  files.files["/opt/a.sh"] = recycle + both;
  CHECK(ends(find_scripts(files)) == "2-4 3-4 3-4 4-4 ");
  files.files["/etc/rc.local"] = "#!/bin/sh -e\nsh /opt/a.sh\n/opt/a.sh\n";
  files.files["/opt/a.sh"] = "#!/bin/sh -e\n" + recycle + both;
  CHECK(ends(find_scripts(files)) == "2-0 3-0 3-0 5-6 6-6 6-6 ");
  MemoryFiles units;
  units.links = {{"/etc/systemd/system/multi-user.target.wants/t.service", "/etc/systemd/system/t.service"}};
  units.files = {{"/etc/systemd/system/t.service",
                  "[Service]\nType=oneshot\nExecStart=" + recycle + "ExecStart=-" + recycle + "ExecStart=" + both}};
  CHECK(ends(find_units(units)) == "1-3 2-0 3-3 3-3 ");
}

TEST_CASE("everybody who is found is in the list that explain and the contract have, and nobody else") {
  MemoryFiles files;
  const std::string writes = "sysctl -w net.core.somaxconn=5\n";
  const std::string units = "/etc/systemd/system/multi-user.target.wants/";
  files.links = {{kTunedLink, "/usr/lib/systemd/system/tuned.service"},
                 {units + "tune.service", "/etc/systemd/system/tune.service"},
                 {"/etc/rc2.d/S20own", "/etc/init.d/own"}};
  files.files = {{"/etc/ufw/ufw.conf", "ENABLED=yes\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n"},
                 {"/etc/tuned/active_profile", "a\n"},
                 {"/etc/tuned/a/tuned.conf", "[sysctl]\nnet.core.somaxconn=5\n"},
                 {"/etc/systemd/system/tune.service", "[Service]\nExecStart=/sbin/" + writes},
                 {"/etc/rc.local", writes},
                 {"/etc/credstore/sysctl.extra", "net.core.somaxconn=5\n"},
                 {"/etc/crontab", "@reboot root " + writes},
                 {"/etc/network/interfaces", "up " + writes},
                 {"/etc/network/if-up.d/x", writes},
                 {"/etc/NetworkManager/dispatcher.d/x", writes},
                 {"/etc/networkd-dispatcher/routable.d/x", writes},
                 {"/etc/dhcp/dhclient-exit-hooks.d/x", writes},
                 {"/etc/local.d/x.start", writes},
                 {"/etc/init.d/boot.local", writes},
                 {"/etc/init/x.conf", "exec " + writes},
                 {"/etc/supervisor/conf.d/x.conf", "[program:x]\ncommand=" + writes},
                 {"/etc/profile.d/x.sh", writes},
                 {"/etc/init.d/own", writes},
                 {"/etc/tmpfiles.d/x.conf", "w /proc/sys/net/core/somaxconn - - - - 5\n"},
                 {"/etc/udev/rules.d/x.rules", "SYSCTL{net/core/somaxconn}=\"5\"\n"},
                 {"/etc/modprobe.d/x.conf", "install x " + writes},
                 {"/etc/cloud/cloud.cfg", "runcmd:\n  - " + writes},
                 {"/var/lib/kubelet/config.yaml", ""},
                 {"/run/cilium", ""},
                 {"/etc/default/grub", "GRUB_CMDLINE_LINUX=sysctl.net.core.somaxconn=1\n"},
                 {"/boot/loader/entries/a.conf", "options sysctl.net.core.somaxconn=2\n"},
                 {"/etc/kernel/cmdline", "sysctl.net.core.somaxconn=3\n"}};
  std::string found;
  for (const auto& writers : {*find_later_writers(files, Loader::systemd), *find_boot_parameters(files)}) {
    for (const LaterWriter& writer : writers) {
      found += (writer.name == "tune.service" ? "systemd" : writer.name) + "\n";
    }
  }
  std::string listed;
  for (const std::string_view writer : all_writers()) {
    // "GRUB, boot entry, kernel-install: ...", "Cilium, where a node shows that it runs"
    const std::string_view before_colon = writer.substr(0, writer.find(':'));
    for (const std::string_view name : split(before_colon.substr(0, before_colon.find(", where")), ',')) {
      CHECK_MESSAGE(found.find(std::string(trim(name)) + "\n") != std::string::npos, name);
      listed += std::string(trim(name)) + "\n";
    }
  }
  for (const std::string_view name : split(found, '\n')) {
    CHECK_MESSAGE(listed.find(std::string(name) + "\n") != std::string::npos, name);
  }
}

TEST_CASE("H04: what runs at a boot is read in time that grows with its text, whatever that says") {
  const auto times = [](std::size_t count, std::string_view text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
  };
  const std::string writes = "sysctl -w net.ipv4.tcp_tw_reuse=1\n";
  const std::string parameter = "sysctl.net.ipv4.tcp_fin_timeout=";
  using Text = std::function<std::string(std::size_t)>;
  const auto values = [&](std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += parameter + std::to_string(i) + " ";
    return all;
  };
  const std::map<std::string, std::vector<Text>> inputs{
      {"/boot/grub/grub.cfg",
       {[&](std::size_t n) { return "sysctl\n" + times(n, "linux a\n"); },
        [&](std::size_t n) { return "linux " + values(n); }}},
      {"/etc/default/grub", {[&](std::size_t n) { return "GRUB_CMDLINE_LINUX=\"" + values(n) + "\"\n"; }}},
      {"/etc/rc.local",
       {[&](std::size_t n) { return times(n, "sudo ") + writes; },
        [&](std::size_t n) { return writes + "echo " + times(n, "a ") + times(n, ">b "); },
        [&](std::size_t n) { return writes + times(n, "if ") + times(n, "a=1; "); },
        [&](std::size_t n) { return writes + times(n, "a=1 "); },
        [&](std::size_t n) { return writes + times(n, "a=( b ") + times(n, "{a,b} "); },
        [&](std::size_t n) { return writes + times(n, "for i in 1; do ") + times(n, "break; ") + times(n, "done; "); },
        [&](std::size_t n) { return writes + "echo a=b " + times(n, "| tee -a /c ") + "; sysctl -p /c"; },
        [&](std::size_t n) { return writes + "echo a=b | tee " + times(n, "/etc/sysctl.d/a.conf "); },
        [&](std::size_t n) { return writes + "for i in " + times(n, "a ") + "; do a <<E; done\n" + times(n, "b\n"); },
        [&](std::size_t n) { return writes + times(n, "cat <<E <<E <<E\nE\n"); },
        [&](std::size_t n) { return writes + times(n, "unshare ") + "a"; },
        [&](std::size_t n) { return writes + "f() { a; }\n" + times(n, "f; ") + times(n, "g() { f; }\n"); },
        [&](std::size_t n) { return writes + times(n, "A+=(a '')\n") + "a ${A[@]}"; },
        [&](std::size_t n) { return writes + "A=(" + times(n, "[ ") + ")"; },
        [&](std::size_t n) { return writes + "a " + times(n, "{") + times(n, "${"); },
        [&](std::size_t n) { return writes + times(n, "x=$(sysctl "); },
        [&](std::size_t n) { return writes + times(n, ". b; a=1; unset c\n"); },
        [&](std::size_t n) { return writes + "f() { " + times(n, "shift; a $*; ") + "}; f " + times(n, "'' "); },
        [&](std::size_t n) { return writes + times(n, "[ -e /proc/sys/a ] && { ") + times(n, "a; "); },
        [&](std::size_t n) { return writes + times(n, "{ ") + times(n, "echo a; ") + times(n, "} >b; "); }}},
      {"/etc/systemd/system/x.service", {[&](std::size_t n) {
         return "[Service]\nExecStart=" + writes + times(n, "After=b\n") + times(n, "AssertHost=\n");
       }}}};
  for (const auto& row : inputs) {
    const auto& path = row.first;
    const auto& texts = row.second;
    for (const Text& text : texts) {
      CAPTURE(path);
      const auto read = [&](std::size_t count) {
        MemoryFiles files;
        files.links["/etc/systemd/system/multi-user.target.wants/x.service"] = "/etc/systemd/system/x.service";
        files.files[path] = text(count);
        const std::size_t found =
            find_later_writers(files, Loader::systemd)->size() + find_boot_parameters(files)->size();
        CHECK(found == (text(1).starts_with("sysctl\n") ? 0 : 1));
      };
      CHECK(test::growth(read, 1500) < test::kLinear);
    }
  }
}

TEST_CASE("N90: a script that writes many lines into a long boot file is read in time that grows with both") {
  const auto read = [](std::size_t lines) {
    MemoryFiles files;
    std::string& conf = files.files["/etc/sysctl.d/a.conf"];
    std::string& script = files.files["/etc/rc.local"];
    script = "cat >/etc/sysctl.d/a.conf <<E\n";
    for (std::size_t i = 0; i < lines; ++i) {
      conf += "net.ipv4.tcp_fin_timeout=" + std::to_string(i) + "\n";
      script += "net.ipv4.tcp_fin_timeout=" + std::to_string(lines - 1) + "\n";
    }
    CHECK(find_later_writers(files, Loader::systemd)->empty());
    script += "net.ipv4.tcp_fin_timeout=x\n";
    CHECK(find_later_writers(files, Loader::systemd)->size() == 1);
  };
  CHECK(test::growth(read, 1200) < test::kLinear);
}

TEST_CASE("N21: boot loaders may be told 4 MiB that may set a setting, and more is refused by name") {
  const std::string line = "options sysctl.net.core.somaxconn=2\n";
  MemoryFiles files;
  for (const std::string name : {"a", "b", "c", "d"}) {
    files.files["/boot/loader/entries/" + name + ".conf"] = line + std::string(kMostLaterText / 4 - line.size(), '#');
  }
  files.files["/etc/kernel/cmdline"] = "quiet\n";
  CHECK(told(*find_boot_parameters(files)) == "boot entry perhaps: somaxconn=2@/boot/loader/entries/a.conf:1\n");
  files.files["/etc/kernel/cmdline"] = "sysctl";
  CHECK(find_boot_parameters(files).error().message ==
        "what boot loaders are told has more than 4 MiB of text that may set a setting, which is not read");
}
