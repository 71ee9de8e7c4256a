// The boot layer's verdicts.
#include <doctest/doctest.h>

#include <string>

#include "base/exit_status.hpp"
#include "plan/refusal.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {
const PlanOptions kBoot = scope(Scope::boot);
}  // namespace

TEST_CASE("a kernel default that satisfies is ok and is not written") {
  const Plan plan = host().plan({"tcp_fin_timeout = <= 60"}, kBoot);
  CHECK(boot_verdict(plan) == "ok");
  CHECK(live_verdict(plan) == "-");
  CHECK(plan.settings[0].boot == "60");
  CHECK_FALSE(plan.settings[0].boot_origin.has_value());
  CHECK_FALSE(changes_anything(plan));
}

TEST_CASE("a kernel default that does not satisfy is a change of our own file") {
  const Plan plan = host().plan({"tcp_fin_timeout = 30"}, kBoot);
  CHECK(boot_verdict(plan) == "change");
  CHECK(writes(plan) == "boot (none) -> 30");
}

TEST_CASE("the line that decides is named, and is ok where it satisfies") {
  const Plan plan = host()
                        .file("/etc/sysctl.d/50-old.conf", "# x\nnet.ipv4.tcp_fin_timeout = 25\n")
                        .plan({"tcp_fin_timeout = <= 30"}, kBoot);
  CHECK(boot_verdict(plan) == "ok");
  CHECK(plan.settings[0].boot == "25");
  CHECK(plan.settings[0].boot_origin == Place{"/etc/sysctl.d/50-old.conf", 2});
}

TEST_CASE("a file that ours comes after is overruled by a change of ours") {
  const Plan plan =
      host().file("/etc/sysctl.d/50-old.conf", "net.ipv4.tcp_fin_timeout = 90\n").plan({"tcp_fin_timeout = 30"}, kBoot);
  CHECK(boot_verdict(plan) == "change");
  CHECK(plan.settings[0].boot == "90");
  CHECK(writes(plan) == "boot (none) -> 30");
}

TEST_CASE("a file that comes after ours shadows it, by file and line") {
  const Plan plan = host()
                        .file("/etc/sysctl.d/99-zz.conf", "# x\n\nnet.ipv4.tcp_fin_timeout = 45\n")
                        .plan({"tcp_fin_timeout = 30"}, kBoot);
  CHECK(boot_verdict(plan) == "shadowed: /etc/sysctl.d/99-zz.conf:3 sets 45 and wins over /etc/sysctl.d/60-twctl.conf");
  CHECK(plan.settings[0].verdict() == Verdict::shadowed);
  CHECK(writes(plan) == "boot (none) -> 30");
  CHECK(blocked(plan));
}

TEST_CASE("N55: a line that the loader reads otherwise than it looks is not taken for the one that is wanted") {
  for (const std::string odd :
       {"- net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_tw_reuse = 0\n", "--net.ipv4.tcp_tw_reuse = 1\n"}) {
    CAPTURE(odd);
    PlanOptions options = scope(Scope::boot);
    options.boot_file = "/etc/sysctl.conf";
    const Plan plan = host()
                          .file("/etc/sysctl.conf", odd)
                          .link("/etc/sysctl.d/99-sysctl.conf", "/etc/sysctl.conf", odd)
                          .plan({"tcp_tw_reuse = 1"}, options);
    CHECK(boot_verdict(plan) == "change");
    REQUIRE(plan.settings[0].write_in(Layer::boot) != nullptr);
    REQUIRE(plan.boot_after);
    const Plan again = host()
                           .file("/etc/sysctl.conf", **plan.boot_after)
                           .link("/etc/sysctl.d/99-sysctl.conf", "/etc/sysctl.conf", **plan.boot_after)
                           .plan({"tcp_tw_reuse = 1"}, options);
    CHECK(boot_verdict(again) == "ok");
    CHECK(again.settings[0].boot == "1");
  }
}

TEST_CASE("once our line is there, a shadowed setting has nothing left to write and stays blocked") {
  const Plan plan = host()
                        .file("/etc/sysctl.d/60-twctl.conf", "net.ipv4.tcp_fin_timeout = 30\n")
                        .file("/etc/sysctl.d/99-zz.conf", "net.ipv4.tcp_fin_timeout = 45\n")
                        .plan({"tcp_fin_timeout = 30"}, kBoot);
  CHECK(plan.settings[0].verdict() == Verdict::shadowed);
  CHECK_FALSE(changes_anything(plan));
  CHECK(blocked(plan));
}

TEST_CASE("our own line is replaced, and a plan carried out leaves nothing to do") {
  const PlanHost before = host().file("/etc/sysctl.d/60-twctl.conf", "net.ipv4.tcp_fin_timeout = 45\n");
  CHECK(writes(before.plan({"tcp_fin_timeout = 30"}, kBoot)) == "boot 45 -> 30");
  const PlanHost after = host().file("/etc/sysctl.d/60-twctl.conf", "net.ipv4.tcp_fin_timeout = 30\n");
  CHECK(boot_verdict(after.plan({"tcp_fin_timeout = 30"}, kBoot)) == "ok");
}

TEST_CASE("where the default is not known and no file sets it, the change is the safe verdict and says why") {
  const Plan plan = host().live("tcp_max_tw_buckets", "65536").plan({"tcp_max_tw_buckets = 65536"});
  CHECK(live_verdict(plan) == "ok");
  CHECK(boot_verdict(plan) == "change: no line in force sets it, and the kernel works its default out when it boots");
  CHECK_FALSE(plan.settings[0].boot.has_value());
  CHECK(writes(plan) == "boot (none) -> 65536");
}

TEST_CASE("an unknown default is never replaced by less than what is live and satisfies") {
  const Plan plan = host().live("tcp_max_tw_buckets", "131072").plan({"tcp_max_tw_buckets = >= 65536"});
  CHECK(writes(plan) == "boot (none) -> 131072");
  CHECK(plan.settings[0].desired == "131072");
}

TEST_CASE("each layer is judged by itself: live ok, boot a change, and the other way round") {
  const Plan live_ok = host().live("tcp_fin_timeout", "30").plan({"tcp_fin_timeout = 30"});
  CHECK(live_verdict(live_ok) == "ok");
  CHECK(writes(live_ok) == "boot (none) -> 30");
  const Plan boot_ok =
      host().file("/etc/sysctl.d/50-a.conf", "net.ipv4.tcp_fin_timeout = 30\n").plan({"tcp_fin_timeout = 30"});
  CHECK(boot_verdict(boot_ok) == "ok");
  CHECK(writes(boot_ok) == "live 60 -> 30");
  CHECK(boot_ok.settings[0].verdict() == Verdict::change);
}

TEST_CASE("where sysctl --system would set another value than systemd-sysctl, both are said") {
  const Plan differ =
      host().file("/etc/sysctl.conf", "net.ipv4.tcp_fin_timeout = 20\n").plan({"tcp_fin_timeout = <= 60"}, kBoot);
  CHECK(differ.settings[0].boot == "60");
  CHECK(differ.settings[0].boot_procps == "20");
  const Plan same = host().plan({"tcp_fin_timeout = <= 60"}, kBoot);
  CHECK_FALSE(same.settings[0].boot_procps.has_value());
}

TEST_CASE("procps reads /etc/sysctl.conf last, so that file shadows ours") {
  const Plan plan = host()
                        .loader(Loader::procps)
                        .file("/etc/sysctl.conf", "net.ipv4.tcp_fin_timeout = 20\n")
                        .plan({"tcp_fin_timeout = 30"}, kBoot);
  CHECK(boot_verdict(plan) == "shadowed: /etc/sysctl.conf:1 sets 20 and wins over /etc/sysctl.d/60-twctl.conf");
}

TEST_CASE("where no loader is known, the files are read as systemd-sysctl does") {
  const Plan plan = host()
                        .loader(Loader::none)
                        .file("/etc/sysctl.conf", "net.ipv4.tcp_fin_timeout = 20\n")
                        .plan({"tcp_fin_timeout = <= 60"}, kBoot);
  CHECK(plan.settings[0].boot == "60");
  CHECK(plan.settings[0].boot_procps == "20");
}

TEST_CASE("unset takes our line out, and is ok where we have none") {
  const PlanHost ours = host().file("/etc/sysctl.d/60-twctl.conf", "net.ipv4.tcp_fin_timeout = 30\n");
  const Plan plan = ours.plan({"tcp_fin_timeout = unset"});
  CHECK(boot_verdict(plan) == "change: its line leaves /etc/sysctl.d/60-twctl.conf");
  CHECK(live_verdict(plan) == "ok: the live value stays");
  CHECK(writes(plan) == "boot 30 -> (none)");
  CHECK_FALSE(plan.settings[0].desired.has_value());
  const Plan none = host().plan({"tcp_fin_timeout = unset"});
  CHECK(boot_verdict(none) == "ok: /etc/sysctl.d/60-twctl.conf has no line for it");
  CHECK_FALSE(changes_anything(none));
}

TEST_CASE("unset takes our line out for a setting that the kernel has lost, too") {
  const Plan plan =
      host().file("/etc/sysctl.d/60-twctl.conf", "net.ipv4.tcp_tw_recycle = 1\n").plan({"tcp_tw_recycle = unset"});
  CHECK(writes(plan) == "boot 1 -> (none)");
  CHECK_FALSE(plan.settings[0].skipped);
}

TEST_CASE("removed and unsupported settings are so at the next boot, and have no boot value") {
  const Plan gone =
      host().file("/etc/sysctl.d/50-a.conf", "net.ipv4.tcp_tw_recycle = 1\n").plan({"tcp_tw_recycle = 1"}, kBoot);
  CHECK(boot_verdict(gone) == "removed: removed in Linux 4.12");
  CHECK_FALSE(gone.settings[0].boot.has_value());
  const Plan newer = host().plan({"tcp_tw_reuse_delay = 500"}, kBoot);
  CHECK(boot_verdict(newer) == "unsupported: needs Linux 6.14 (this is 6.1.0-30-amd64)");
}

TEST_CASE("a line for a module that comes late has no effect, so the default is what the next boot gives") {
  const PlanHost late = host()
                            .live("nf_conntrack_tcp_timeout_time_wait", "120")
                            .file("/etc/sysctl.d/50-a.conf", "net.netfilter.nf_conntrack_tcp_timeout_time_wait = 30\n");
  const Plan plan = late.plan({"nf_conntrack_tcp_timeout_time_wait = 30"}, kBoot);
  CHECK(plan.settings[0].boot == "120");
  CHECK(boot_verdict(plan) == "change: the module nf_conntrack is loaded after the boot files are read");
  PlanHost early = late;
  early.modules_at_boot({"nf_conntrack"});
  CHECK(boot_verdict(early.plan({"nf_conntrack_tcp_timeout_time_wait = 30"}, kBoot)) == "ok");
}

TEST_CASE("a line without effect in a boot file is told of, once") {
  const Plan plan = host()
                        .file("/etc/sysctl.d/50-a.conf", "net.ipv4.tcp_fin_timeout = 30s\n")
                        .plan({"tcp_fin_timeout = <= 60"}, kBoot);
  REQUIRE(plan.notes.size() == 1);
  CHECK(plan.notes[0].text.find("/etc/sysctl.d/50-a.conf:1") != std::string::npos);
}

TEST_CASE("a boot file that cannot be read is named, because what it sets is not known") {
  PlanHost unread = host();
  unread.unreadable("/etc/sysctl.d/80.conf", "Permission denied").unreadable("/etc/sysctl.d/90.conf", "is a directory");
  const Plan plan = unread.plan({"tcp_fin_timeout = <= 60"}, kBoot);
  CHECK(notes_of(plan) ==
        std::vector<std::string>{"/etc/sysctl.d/80.conf cannot be read (Permission denied): what it sets "
                                 "at the next boot is not known"});
}

TEST_CASE("P16: what the loader would read and we could not is refused, and what it would not read is not") {
  const auto refusal = [](PlanHost box, bool elevated = true) {
    Plan plan = box.plan({"tcp_fin_timeout = <= 60"});
    if (!elevated) forgive_want_of_rights(plan);
    const std::optional<Error> why = refusal_of(plan, elevated);
    return why ? std::to_string(exit_status(why->code)) : "";
  };
  const std::string a = "/etc/sysctl.d/a.conf";
  CHECK(refusal(host().unreadable(a, "is not a regular file")) == "65");
  CHECK(refusal(host().unreadable(a, "larger than 1 MiB")) == "65");
  CHECK(refusal(host().unreadable("/etc/sysctl.d", "Input/output error")) == "65");
  CHECK(refusal(host().unreadable(a, "Permission denied")) == "77");
  CHECK(refusal(host().unreadable(a, "Permission denied"), false) == "");  // root may read it
  CHECK(refusal(host().unreadable(a, "is a directory")) == "");
  CHECK(refusal(host().unreadable(a, "dangling link")) == "");
  CHECK(refusal(host().file(a, "").unreadable("/usr/lib/sysctl.d/a.conf", "larger than 1 MiB")) == "");
  CHECK(refusal(host().unreadable("/etc/sysctl.conf", "larger than 1 MiB")) ==
        "");  // no link leads systemd-sysctl there
  CHECK(refusal(host().loader(Loader::procps).unreadable("/etc/sysctl.conf", "larger than 1 MiB")) == "65");
  CHECK_FALSE(
      refusal_of(host().unreadable(a, "larger than 1 MiB").plan({"tcp_fin_timeout = 30"}, scope(Scope::live)), true));
}

TEST_CASE("Red Hat's old kernels carry later defaults, so one that mainline has changed since is not known there") {
  const Plan backported =
      host().kernel("4.18.0-553.el8_10.x86_64").live("tcp_tw_reuse", "2").plan({"tcp_tw_reuse = 2"});
  CHECK_FALSE(backported.settings[0].boot.has_value());
  const Plan mainline = host().kernel("4.18.0").live("tcp_tw_reuse", "2").plan({"tcp_tw_reuse = 2"});
  CHECK(mainline.settings[0].boot == "0");
}
