// Hazards about whether what is planned will be there, and stay.
#include <doctest/doctest.h>

#include "support/plan_host.hpp"
#include "sysctl/boot_edit.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("removed: a profile asks for a key that is gone") {
  const Plan plan = host().plan({"tcp_tw_recycle = 1"});
  CHECK(text_of(plan, "removed") ==
        "net.ipv4.tcp_tw_recycle: Gone since Linux 4.12. It dropped connections from clients behind one NAT address, "
        "whose clocks differ. It is skipped: nothing is written for it.");
  CHECK_FALSE(blocks(plan, "removed"));
}

TEST_CASE("removed: a boot file names a key that is gone, though the plan does not ask for it") {
  const Plan plan = host()
                        .file("/etc/sysctl.d/50-a.conf", "x = 1\nnet.ipv4.tcp_tw_recycle = 1\n")
                        .file("/etc/sysctl.conf", "net/ipv4/tcp_tw_recycle=0\n")
                        .plan({"tcp_fin_timeout = <= 60"});
  CHECK(text_of(plan, "removed") ==
        "net.ipv4.tcp_tw_recycle: Gone since Linux 4.12. It dropped connections from clients behind one NAT address, "
        "whose clocks differ. Delete /etc/sysctl.d/50-a.conf:2, /etc/sysctl.conf:1: it does nothing.");
}

TEST_CASE("removed: silent for an optional wish, for unset, for a glob, and where only live values are planned") {
  CHECK(text_of(host().plan({"-tcp_tw_recycle = 0"}), "removed").empty());
  CHECK(text_of(host().plan({"tcp_tw_recycle = unset"}), "removed").empty());
  const PlanHost glob = host().file("/etc/sysctl.d/50-a.conf", "net.ipv4.tcp_tw_rec* = 1\n");
  CHECK(text_of(glob.plan({"tcp_fin_timeout = <= 60"}), "removed").empty());
  const PlanHost file = host().file("/etc/sysctl.d/50-a.conf", "net.ipv4.tcp_tw_recycle = 1\n");
  CHECK(text_of(file.plan({"tcp_fin_timeout = <= 60"}, scope(Scope::live)), "removed").empty());
}

TEST_CASE("removed: silent on a kernel that still has the key") {
  const PlanHost old = host().kernel("4.9.0-19-amd64").file("/etc/sysctl.conf", "net.ipv4.tcp_tw_recycle = 0\n");
  CHECK(text_of(old.plan({"tcp_tw_recycle = 0"}), "removed").empty());
}

TEST_CASE("unsupported: a key that this host lacks, without '-'") {
  const Plan plan = host().plan({"tcp_tw_reuse_delay = 500"});
  CHECK(text_of(plan, "unsupported") ==
        "net.ipv4.tcp_tw_reuse_delay: Cannot be set here: needs Linux 6.14 (this is 6.1.0-30-amd64). A '-' before the "
        "key in a profile skips it.");
  CHECK(blocks(plan, "unsupported"));
  CHECK(text_of(host().plan({"-tcp_tw_reuse_delay = 500"}), "unsupported").empty());
  CHECK(text_of(host().kernel("6.14.0").plan({"tcp_tw_reuse_delay = 500"}), "unsupported").empty());
}

TEST_CASE("shadowed: another boot file would win over ours") {
  const PlanHost box = host().file("/etc/sysctl.d/99-zz.conf", "net.ipv4.tcp_fin_timeout = 45\n");
  const Plan plan = box.plan({"tcp_fin_timeout = 30"});
  CHECK(text_of(plan, "shadowed") ==
        "net.ipv4.tcp_fin_timeout: /etc/sysctl.d/99-zz.conf:1 sets 45 and wins over /etc/sysctl.d/60-twctl.conf: 30 "
        "would be gone after the next boot. Change that line, or delete it.");
  CHECK(blocks(plan, "shadowed"));
  CHECK(text_of(box.plan({"tcp_fin_timeout = <= 45"}), "shadowed").empty());
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}, scope(Scope::live)), "shadowed").empty());
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}, boot_file("/etc/sysctl.d/99-zzz.conf")), "shadowed").empty());
}

TEST_CASE("B18: against a package's file that wins what works is offered") {
  const std::string line = "net.ipv4.tcp_fin_timeout = 45\n";
  CHECK(text_of(host().file("/usr/lib/sysctl.d/zz.conf", line).plan({"tcp_fin_timeout = 30"}), "shadowed") ==
        "net.ipv4.tcp_fin_timeout: /usr/lib/sysctl.d/zz.conf:1 sets 45 and wins over /etc/sysctl.d/60-twctl.conf: 30 "
        "would be gone after the next boot. That file is a package's, and one of its name in /etc/sysctl.d takes its "
        "place: copy it there without that line, or mask it with `ln -s /dev/null /etc/sysctl.d/zz.conf`.");
  CHECK(text_of(host().loader(Loader::procps).file("/usr/lib/sysctl.d/zz.conf", line).plan({"tcp_fin_timeout = 30"}),
                "shadowed") ==
        "net.ipv4.tcp_fin_timeout: /usr/lib/sysctl.d/zz.conf:1 sets 45 and wins over /etc/sysctl.d/60-twctl.conf: 30 "
        "would be gone after the next boot. A line in /etc/sysctl.conf would win: --boot-file /etc/sysctl.conf.");
}

TEST_CASE("shadowed: an exclusion or a value that the kernel refuses wins too, and the line is named") {
  const auto told = [](std::string line) {
    return text_of(
        host().file("/etc/sysctl.d/99-zz.conf", "# later\n" + std::move(line)).plan({"tcp_fin_timeout = 30"}),
        "shadowed");
  };
  CHECK(
      told("-net.ipv4.tcp_fin_timeout\n") ==
      "net.ipv4.tcp_fin_timeout: /etc/sysctl.d/99-zz.conf:2 excludes it and wins over /etc/sysctl.d/60-twctl.conf: 30 "
      "would be gone after the next boot. Change that line, or delete it.");
  CHECK(told("net.ipv4.tcp_fin_timeout = many\n") ==
        "net.ipv4.tcp_fin_timeout: /etc/sysctl.d/99-zz.conf:2 sets a value that the kernel refuses and wins over "
        "/etc/sysctl.d/60-twctl.conf: 30 would be gone after the next boot. Change that line, or delete it.");
}

TEST_CASE("shadowed: an exclusion before our line, or of a glob, keeps nothing from it") {
  CHECK(text_of(host().file("/etc/sysctl.d/10-a.conf", "-net.ipv4.tcp_fin_timeout\n").plan({"tcp_fin_timeout = 30"}),
                "shadowed")
            .empty());
  CHECK(text_of(host().file("/etc/sysctl.d/99-a.conf", "-net.ipv4.tcp_*\n").plan({"tcp_fin_timeout = 30"}), "shadowed")
            .empty());
}

TEST_CASE("shadowed: a file's name is printed safely") {
  const Plan plan =
      host().file("/etc/sysctl.d/99-\033[2J.conf", "net.ipv4.tcp_fin_timeout = 45\n").plan({"tcp_fin_timeout = 30"});
  CHECK(text_of(plan, "shadowed") ==
        "net.ipv4.tcp_fin_timeout: /etc/sysctl.d/99-\\x1b[2J.conf:1 sets 45 and wins over "
        "/etc/sysctl.d/60-twctl.conf: 30 would be gone after the next boot. Change that line, or delete it.");
}

TEST_CASE("N30: masks-file: our file would take the place of one of its name elsewhere, or gives it back") {
  const std::string theirs = "net.ipv4.tcp_tw_reuse = 1\nvm.swappiness = 10\n";
  for (const std::string directory : {"/usr/lib/sysctl.d", "/run/sysctl.d"}) {
    PlanHost vendor = host().file(directory + "/60-twctl.conf", theirs);
    CHECK(text_of(vendor.plan({"tcp_fin_timeout = 30"}), "masks-file") ==
          "/etc/sysctl.d/60-twctl.conf would take the place of " + directory +
              "/60-twctl.conf: the next boot would lack its 2 lines.");
    CHECK(blocks(vendor.plan({"tcp_fin_timeout = 30"}), "masks-file"));
    CHECK(text_of(vendor.plan({"tcp_fin_timeout = 60"}), "masks-file").empty());
    const std::vector<OwnLine> ours{{"net.ipv4.tcp_fin_timeout", "30", "why"}};
    const PlanHost both = vendor.file("/etc/sysctl.d/60-twctl.conf", print_own_file(ours));
    CHECK(text_of(both.plan({"tcp_fin_timeout = 20"}), "masks-file").empty());
    CHECK(text_of(both.plan({"tcp_fin_timeout = unset"}), "masks-file") ==
          "/etc/sysctl.d/60-twctl.conf goes, and " + directory +
              "/60-twctl.conf, whose place it takes, is read again: 2 lines.");
  }
  const PlanHost mask = host().link("/usr/lib/sysctl.d/60-twctl.conf", "/dev/null", "");
  CHECK(text_of(mask.plan({"tcp_fin_timeout = 30"}), "masks-file").empty());
}

namespace {

using Wishes = std::initializer_list<std::string_view>;

PlanOptions boot_only(std::string path = std::string(kOwnBootFile)) {
  PlanOptions options = boot_file(std::move(path));
  options.scope = Scope::boot;
  return options;
}

// What the next boot makes of the wishes, once a host with those lines in our file has them applied.
std::vector<std::optional<Value>> booted(const std::vector<OwnLine>& lines, Wishes wishes) {
  const Plan plan = host().file(std::string(kOwnBootFile), print_own_file(lines)).plan(wishes, boot_only());
  const auto bytes = render_boot_file(plan.boot_file, plan.boot_bytes, boot_lines(plan));
  const Plan again = host().file(std::string(kOwnBootFile), bytes->value()).plan(wishes, boot_only());
  CHECK_FALSE(changes_anything(again));
  std::vector<std::optional<Value>> values;
  for (const PlannedSetting& planned : again.settings) values.push_back(planned.boot);
  return values;
}

}  // namespace

TEST_CASE(
    "N34: of two lines that the kernel holds to each other our file has that one first which a boot takes first") {
  const std::string start = "net.ipv4.ip_unprivileged_port_start";
  const std::string range = "net.ipv4.ip_local_port_range";
  const Wishes raised{"ip_unprivileged_port_start = 40000", "ip_local_port_range = 45000 50000"};
  const Wishes lowered{"ip_unprivileged_port_start = 100", "ip_local_port_range = 500 600"};
  using Values = std::vector<std::optional<Value>>;
  CHECK(booted({{start, "2000", "a"}}, raised) == Values{"40000", "45000 50000"});
  CHECK(booted({{start, "40000", "a"}, {range, "45000 50000", "b"}}, raised) == Values{"40000", "45000 50000"});
  CHECK(booted({{range, "2000 3000", "a"}}, lowered) == Values{"100", "500 600"});
}

TEST_CASE("N34: a line of ours that another file makes void is not written again and again") {
  const PlanHost other = host().file("/etc/sysctl.d/50-other.conf", "net.ipv4.ip_unprivileged_port_start = 2000\n");
  const Plan first = other.plan({"ip_local_port_range = 1500 1900"}, boot_only());
  const auto bytes = render_boot_file(first.boot_file, first.boot_bytes, boot_lines(first));
  PlanHost then = other;
  const Plan again =
      then.file(std::string(kOwnBootFile), bytes->value()).plan({"ip_local_port_range = 1500 1900"}, boot_only());
  CHECK_FALSE(changes_anything(again));
  CHECK(again.settings[0].boot_verdict->verdict == Verdict::shadowed);
}

TEST_CASE("N34: in sysctl.conf a line stays where it is, and is called shadowed where the kernel refuses it there") {
  const std::string line = "net.ipv4.ip_unprivileged_port_start = 2000\n";
  const PlanHost by_hand =
      host().file("/etc/sysctl.conf", line).link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf", line);
  const Plan plan = by_hand.plan({"ip_unprivileged_port_start = 40000", "ip_local_port_range = 45000 50000"},
                                 boot_only("/etc/sysctl.conf"));
  REQUIRE(plan.settings[0].boot_verdict->verdict == Verdict::shadowed);
  CHECK(plan.settings[0].boot_verdict->note ==
        "the kernel refuses /etc/sysctl.conf:1 at boot: 40000 is above the low end of ip_local_port_range (32768)");
  CHECK(blocks(plan, "shadowed"));
}

TEST_CASE("not-read-at-boot: Debian 13 no longer reads /etc/sysctl.conf") {
  const PlanHost trixie = host().file("/etc/sysctl.conf", "");
  const Plan plan = trixie.plan({"tcp_fin_timeout = 30"}, boot_file("/etc/sysctl.conf"));
  CHECK(text_of(plan, "not-read-at-boot") ==
        "systemd-sysctl does not read /etc/sysctl.conf here: what is written there is gone after the next boot.");
  CHECK(blocks(plan, "not-read-at-boot"));
  CHECK(boot_verdict(plan) == "change: /etc/sysctl.conf is not read at boot here");
  CHECK(text_of(plan, "shadowed").empty());
  CHECK(text_of(trixie.plan({"tcp_fin_timeout = 60"}, boot_file("/etc/sysctl.conf")), "not-read-at-boot").empty());
}

TEST_CASE("not-read-at-boot: Debian 12 reads /etc/sysctl.conf through its link, procps always does") {
  const PlanHost bookworm =
      host()
          .file("/etc/sysctl.conf", "net.ipv4.tcp_fin_timeout = 45\n")
          .link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf", "net.ipv4.tcp_fin_timeout = 45\n");
  const Plan plan = bookworm.plan({"tcp_fin_timeout = 30"}, boot_file("/etc/sysctl.conf"));
  CHECK(plan.settings[0].boot_origin == Place{"/etc/sysctl.conf", 1});
  CHECK(boot_verdict(plan) == "change");
  CHECK(writes(plan) == "live 60 -> 30, boot 45 -> 30");
  CHECK(text_of(plan, "not-read-at-boot").empty());
  const PlanHost procps = host().loader(Loader::procps);
  CHECK(text_of(procps.plan({"tcp_fin_timeout = 30"}, boot_file("/etc/sysctl.conf")), "not-read-at-boot").empty());
}

TEST_CASE("not-read-at-boot and module-late: silent for unset, which only takes a line away") {
  const PlanHost box =
      host().live("nf_conntrack_max", "262144").file("/etc/sysctl.conf", "net.netfilter.nf_conntrack_max = 1000\n");
  const Plan plan = box.plan({"nf_conntrack_max = unset"}, boot_file("/etc/sysctl.conf"));
  CHECK(writes(plan) == "boot 1000 -> (none)");
  CHECK(plan.hazards.empty());
}

TEST_CASE("not-read-at-boot: a boot file of ours that somebody masked") {
  const Plan plan = host().link("/etc/sysctl.d/60-twctl.conf", "/dev/null", "").plan({"tcp_fin_timeout = 30"});
  CHECK(text_of(plan, "not-read-at-boot") ==
        "systemd-sysctl does not read /etc/sysctl.d/60-twctl.conf here: what is written there is gone after the next "
        "boot.");
}

TEST_CASE("module-late: a boot value whose module loads after the loader has run") {
  PlanHost box = host().live("nf_conntrack_max", "262144");
  const Plan plan = box.plan({"nf_conntrack_max = 500000"});
  CHECK(text_of(plan, "module-late") ==
        "net.netfilter.nf_conntrack_max: The module nf_conntrack is loaded after the boot files have been read, so a "
        "line for it is passed over. Name nf_conntrack in a file of /etc/modules-load.d.");
  CHECK(blocks(plan, "module-late"));
  CHECK(text_of(box.plan({"nf_conntrack_max = 500000"}, scope(Scope::live)), "module-late").empty());
  box.modules_at_boot({"nf_conntrack"});
  CHECK(text_of(box.plan({"nf_conntrack_max = 500000"}), "module-late").empty());
}

namespace {

const Place kUfwLine{"/etc/ufw/sysctl.conf", 3};

LaterWriter ufw(std::string key, std::string value) {
  return {.name = "UFW",
          .evidence = "/etc/ufw/ufw.conf: ENABLED=yes",
          .when = WriteTime::before_network,
          .writes = {{.key = std::move(key), .value = std::move(value), .where = kUfwLine}}};
}

}  // namespace

TEST_CASE("later-writer: names the program, its line and its value, where that is not what is wanted, and blocks") {
  const PlanHost box = host().later_writer(ufw("net.ipv4.tcp_syncookies", "0"));
  const Plan plan = box.plan({"tcp_syncookies = 1"});
  CHECK(text_of(plan, "later-writer") ==
        "net.ipv4.tcp_syncookies: UFW (/etc/ufw/sysctl.conf:3) sets 0 later than the boot files do: 1 would be gone "
        "after the next boot, or `ufw reload`. Set 1 in /etc/ufw/sysctl.conf:3, or take it out there.");
  CHECK(blocks(plan, "later-writer"));
  CHECK(boot_verdict(plan) == "shadowed: UFW (/etc/ufw/sysctl.conf:3) sets 0 later than the boot files do");
  CHECK(text_of(plan, "shadowed").empty());
  CHECK(plan.settings[0].boot == "0");
  CHECK(plan.settings[0].boot_origin == kUfwLine);
  CHECK(text_of(box.plan({"tcp_syncookies = 0 | 1"}), "later-writer").empty());
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}), "later-writer").empty());
  CHECK(text_of(box.plan({"tcp_syncookies = 1"}, scope(Scope::live)), "later-writer").empty());
}

TEST_CASE("later-writer: a value that the kernel refuses changes nothing") {
  const PlanHost box = host().later_writer(ufw("net.ipv4.tcp_fin_timeout", "30s"));
  CHECK(box.plan({"tcp_fin_timeout = 60"}).hazards.empty());
}

TEST_CASE("possible-writer: a value that is not known is said to be written all the same, and blocks nothing") {
  const LaterWriter proxy{.name = "kube-proxy",
                          .evidence = "/var/lib/kube-proxy/config.conf",
                          .writes = {{.key = "net.netfilter.nf_conntrack_max", .value = ""}}};
  const Plan plan = host()
                        .live("nf_conntrack_max", "262144")
                        .later_writer(proxy)
                        .plan({"nf_conntrack_max = 262144"}, scope(Scope::live));
  CHECK(text_of(plan, "possible-writer") ==
        "net.netfilter.nf_conntrack_max: kube-proxy writes it later than the boot files do, unless the cluster's "
        "configuration says 0 (ConfigMap kube-proxy, conntrack); /var/lib/kube-proxy/config.conf only shows that this "
        "is a node.");
  CHECK_FALSE(blocks(plan, "possible-writer"));
}

TEST_CASE("possible-writer: at a moment that is not known both values are said") {
  const LaterWriter cron{.name = "cron",
                         .evidence = "/etc/cron.d/x",
                         .writes = {{"net.ipv4.tcp_fin_timeout", "15", {"/etc/cron.d/x", 2}}}};
  const Plan plan = host().later_writer(cron).plan({"tcp_fin_timeout = 30"});
  CHECK(
      text_of(plan, "possible-writer") ==
      "net.ipv4.tcp_fin_timeout: cron (/etc/cron.d/x:2) may set it to 15 later than the boot files do, at a time that "
      "is not known.");
  CHECK(plan.settings[0].boot == "60");
  CHECK(boot_verdict(plan) == "change");
  CHECK(host().later_writer(cron).plan({"tcp_fin_timeout = <= 60"}).hazards.empty());
}

TEST_CASE("no-loader: no known loader reads the boot files here") {
  const PlanHost box = host().loader(Loader::none);
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}), "no-loader") ==
        "Neither systemd-sysctl nor sysctl --system is known to run at boot here: perhaps nothing reads the boot "
        "files.");
  CHECK(text_of(box.plan({"tcp_fin_timeout = 60"}), "no-loader").empty());
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}, scope(Scope::live)), "no-loader").empty());
}

TEST_CASE("other-namespaces: how many keep their own values, where something is written live") {
  const Plan plan = host().other_namespaces(3).plan({"tcp_fin_timeout = 30"});
  CHECK(text_of(plan, "other-namespaces") ==
        "3 other network namespaces have processes in them (containers?): they keep their own values.");
  CHECK_FALSE(blocks(plan, "other-namespaces"));
  CHECK(text_of(host().other_namespaces(1).plan({"tcp_fin_timeout = 30"}), "other-namespaces") ==
        "Another network namespace has processes in it (a container?): it keeps its own values.");
  CHECK(text_of(host().other_namespaces(3, false).plan({"tcp_fin_timeout = 30"}), "other-namespaces") ==
        "At least 3 other network namespaces have processes in them (containers?): they keep their own values.");
  CHECK(text_of(host().other_namespaces(1, false).plan({"tcp_fin_timeout = 30"}), "other-namespaces") ==
        "At least 1 other network namespace has processes in it (containers?): they keep their own values.");
  const PlanHost inside = host().child_namespace();
  CHECK(text_of(PlanHost(inside).other_namespaces(1).plan({"tcp_fin_timeout = 30"}), "other-namespaces") ==
        "Another network namespace has processes in it (the host's own?): it keeps its own values.");
  CHECK(text_of(PlanHost(inside).other_namespaces(3).plan({"tcp_fin_timeout = 30"}), "other-namespaces") ==
        "3 other network namespaces have processes in them (the host's own, containers?): they keep their own values.");
  CHECK(text_of(host().plan({"tcp_fin_timeout = 30"}), "other-namespaces").empty());
  CHECK(text_of(host().other_namespaces(3).plan({"tcp_fin_timeout = 60"}), "other-namespaces").empty());
  CHECK(text_of(host().other_namespaces(3).plan({"tcp_max_orphans = 1000"}), "other-namespaces").empty());
}
