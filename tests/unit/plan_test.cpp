// The plan as a whole: scope, notes, --accept, what the exit code is made of.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "plan/plan_here.hpp"
#include "rules/plan_rules.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

TEST_CASE("a boot directory that cannot be listed is noted: what it sets is not known") {
  const Plan plan = host().unreadable("/etc/sysctl.d", "Permission denied").plan({"tcp_fin_timeout = 60"});
  CHECK(notes_of(plan) ==
        std::vector<std::string>{
            "/etc/sysctl.d cannot be read (Permission denied): what it sets at the next boot is not known"});
}

TEST_CASE("an image has no live values: only the next boot is planned, and asking for live is unsupported") {
  const Plan plan = host().image().plan({"tcp_fin_timeout = 30"});
  CHECK(plan.scope == Scope::boot);
  CHECK(writes(plan) == "boot (none) -> 30");
  CHECK(notes_of(plan) == std::vector<std::string>{"nothing is live here: only the next boot is planned"});
  const Result<Plan> live = host().image().try_plan({"tcp_fin_timeout = 30"}, scope(Scope::live));
  REQUIRE_FALSE(live.has_value());
  CHECK(live.error() == Error{.code = ErrorCode::unsupported,
                              .message = "--scope live: there is no procfs here, so nothing is live",
                              .hint = "leave --scope out: only the boot files are planned"});
}

TEST_CASE("an image whose kernel is not known is planned as for a current one, with the defaults that never changed") {
  const PlanHost image = host().kernel("").image();
  const Plan plan = image.plan({"tcp_fin_timeout = <= 60"});
  CHECK(boot_verdict(plan) == "ok");
  CHECK(plan.settings[0].boot == "60");
  CHECK(boot_verdict(image.plan({"somaxconn = >= 4096"})) ==
        "change: no line in force sets it, and its default is not known");
  CHECK(boot_verdict(image.plan({"tcp_tw_reuse_delay = 1000"})) ==
        "change: no line in force sets it, and its default is not known");
  CHECK(plan.notes.back().text ==
        "the kernel's version is not known: it is taken as a current one, and only defaults that are the same "
        "on every kernel are known");
  CHECK(boot_verdict(image.plan({"tcp_tw_recycle = 1"})) == "removed: removed in Linux 4.12");
  CHECK(writes(image.plan({"tcp_tw_reuse_delay = 500"})) == "boot (none) -> 500");
}

TEST_CASE("an image knows by its modules-load.d whether a module's setting will be there") {
  CHECK(boot_verdict(host().image().plan({"nf_conntrack_max = 500000"})) ==
        "change: the module nf_conntrack is loaded after the boot files are read");
  CHECK(host().image().plan({"-nf_conntrack_max = 500000"}).settings[0].skipped);
  CHECK(writes(host().image().modules_at_boot({"nf_conntrack"}).plan({"-nf_conntrack_max = 500000"})) ==
        "boot (none) -> 500000");
}

TEST_CASE("a namespace chosen with --netns is planned live only, and asking for boot is unsupported") {
  const PlanHost other = host().netns("blue").file("/etc/sysctl.d/99-zz.conf", "net.ipv4.tcp_fin_timeout = 45\n");
  const Plan plan = other.plan({"tcp_fin_timeout = 30"});
  CHECK(plan.scope == Scope::live);
  CHECK(boot_verdict(plan) == "-");
  CHECK_FALSE(plan.settings[0].boot.has_value());
  CHECK(notes_of(plan) == std::vector<std::string>{"network namespace blue: only live values are planned"});
  const Result<Plan> boot = other.try_plan({"tcp_fin_timeout = 30"}, scope(Scope::boot));
  REQUIRE_FALSE(boot.has_value());
  CHECK(boot.error() == Error{.code = ErrorCode::unsupported,
                              .message = "--scope boot: boot files do not set the values of the network namespace blue",
                              .hint = "leave --scope out: only the live values are planned"});
}

TEST_CASE("another namespace than the initial one is told apart from the host that boots") {
  const Plan plan = host().child_namespace().plan({"tcp_fin_timeout = <= 60"});
  CHECK(notes_of(plan) ==
        std::vector<std::string>{"this is not the initial network namespace: live values are its own and end with it; "
                                 "/etc/sysctl.d/60-twctl.conf sets those of the host's own namespace. For this one "
                                 "alone: --scope live"});
  CHECK(host().container("lxc").plan({"tcp_fin_timeout = <= 60"}).notes.empty());
}

TEST_CASE("Windows settings on Linux are left alone with a note") {
  Desired both = desired({"tcp_fin_timeout = <= 60"});
  const Setting* windows = find_setting(Os::windows, "TcpTimedWaitDelay");
  REQUIRE(windows != nullptr);
  both.entries.push_back({.setting = windows, .wanted = {Operator::exactly, {"60"}}, .reason = {}, .where = {}});
  const Result<Plan> plan = make_plan(both, host().snapshot, {});
  REQUIRE(plan.has_value());
  CHECK(plan->settings.size() == 1);
  CHECK(notes_of(*plan) == std::vector<std::string>{"1 setting for Windows left alone: this host runs Linux"});
}

TEST_CASE("what the profiles have to say is in the plan, and a distrusted file is warned about") {
  Desired wish = desired({"tcp_fin_timeout = <= 60"});
  wish.notes = {"a.conf: 3 keys are not in twctl's scope and are left alone"};
  wish.distrusted = {"/srv/a.conf is writable by others"};
  wish.mend = "install -m 0644 -o root -g root /srv/a.conf /etc/twctl/profiles/";
  const Result<Plan> plan = make_plan(wish, host().snapshot, {});
  REQUIRE(plan.has_value());
  CHECK(notes_of(*plan) ==
        std::vector<std::string>{"a.conf: 3 keys are not in twctl's scope and are left alone",
                                 "apply refuses this: /srv/a.conf is writable by others",
                                 "mend it with: install -m 0644 -o root -g root /srv/a.conf /etc/twctl/profiles/"});
}

TEST_CASE("a blocking hazard that was accepted no longer blocks, by its id or by id and key") {
  const PlanHost box = host();
  CHECK(blocked(box.plan({"tcp_fin_timeout = 75"})));
  CHECK_FALSE(blocked(box.plan({"tcp_fin_timeout = 75"}, accept({"fin-timeout-trap"}))));
  CHECK_FALSE(blocked(box.plan({"tcp_fin_timeout = 75"}, accept({"fin-timeout-trap:tcp_fin_timeout"}))));
  CHECK_FALSE(blocked(box.plan({"tcp_fin_timeout = 75"}, accept({"fin-timeout-trap:net.ipv4.tcp_fin_timeout"}))));
  CHECK(blocked(box.plan({"tcp_fin_timeout = 75"}, accept({"fin-timeout-trap:tcp_syncookies"}))));
  CHECK(blocked(box.plan({"tcp_fin_timeout = 75"}, accept({"not-time-wait"}))));
}

TEST_CASE("an --accept that nobody knows is a usage error with the nearest name") {
  const Result<Plan> id = host().try_plan({"tcp_fin_timeout = 30"}, accept({"shadowd"}));
  REQUIRE_FALSE(id.has_value());
  CHECK(id.error() == Error{.code = ErrorCode::usage,
                            .message = "--accept shadowd: unknown hazard shadowd",
                            .hint = "did you mean shadowed?"});
  const Result<Plan> key = host().try_plan({"tcp_fin_timeout = 30"}, accept({"shadowed:tcp_fin_timout"}));
  REQUIRE_FALSE(key.has_value());
  CHECK(key.error() == Error{.code = ErrorCode::usage,
                             .message = "--accept shadowed:tcp_fin_timout: unknown setting tcp_fin_timout",
                             .hint = "did you mean net.ipv4.tcp_fin_timeout?"});
  const Result<Plan> hostile = host().try_plan({"tcp_fin_timeout = 30"}, accept({"\033[2J"}));
  REQUIRE_FALSE(hostile.has_value());
  CHECK(hostile.error().message == "--accept \\x1b[2J: unknown hazard \\x1b[2J");
}

TEST_CASE("a plan says what it is made of") {
  const Plan plan = host().plan({"tcp_fin_timeout = 30"}, boot_file("/etc/sysctl.d/70-site.conf"));
  CHECK(plan.host.hostname == "web1");
  CHECK(plan.profiles == std::vector<std::string>{"test"});
  CHECK(plan.boot_file == "/etc/sysctl.d/70-site.conf");
  CHECK(plan.scope == Scope::both);
}

TEST_CASE("only what the wishes need is observed: partners of a hazard, removed keys, ports for a port range") {
  const auto names = [](const ObserveRequest& request) {
    std::vector<std::string> keys;
    for (const Setting* setting : request.settings) keys.emplace_back(setting->key);
    return keys;
  };
  const ObserveRequest reuse = what_to_observe(desired({"tcp_tw_reuse = 1"}));
  CHECK(names(reuse) ==
        std::vector<std::string>{"net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_timestamps", "net.ipv4.tcp_tw_recycle"});
  CHECK_FALSE(reuse.listening_ports);
  CHECK_FALSE(reuse.other_namespaces);
  CHECK(what_to_observe(desired({"ip_local_port_range = 15000 65535"})).listening_ports);
}

namespace {

// Values that some setting takes: the ends of ranges, switches, ranges and sets of ports. No setting takes more of
// them.
constexpr std::size_t kMostValues = 8;
std::vector<std::string> values_for(const Setting& setting) {
  std::vector<std::string> values;
  for (std::string value :
       {std::to_string(setting.accepted.min), std::to_string(setting.accepted.max), std::string("0"), std::string("1"),
        std::string("2"), std::string("1000"), std::string("1024 65000"), std::string("32768 33000"),
        std::string("8080"), std::string("32768-60000")}) {
    if (parse_wanted(setting, value)) values.push_back(std::move(value));
  }
  return values;
}

// Every setting of it has the n-th of those values.
PlanHost host_with(std::size_t n) {
  PlanHost all = host().kernel("5.4.0");
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::vector<std::string> values = values_for(setting);
    if (!values.empty() && all.snapshot.live.contains(setting.key)) {
      all.snapshot.live[std::string(setting.key)].value = values[n % values.size()];
    }
  }
  return all;
}

PlanHost with_only(const ObserveRequest& request, PlanHost host) {
  std::erase_if(host.snapshot.live, [&](const auto& live) {
    const auto& asked = request.settings;
    return std::none_of(asked.begin(), asked.end(), [&](const Setting* one) { return one->key == live.first; });
  });
  return host;
}

}  // namespace

TEST_CASE("what a wish makes observed is all that the rules look at: they find no more on a host that is known whole") {
  for (std::size_t n = 0; n < kMostValues; ++n) {
    const PlanHost whole = host_with(n);
    for (const Setting& setting : settings(Os::linux_kernel)) {
      for (const std::string& value : values_for(setting)) {
        const std::string wish = fmt::format("{} = {}", setting.key, value);
        const PlanHost observed = with_only(what_to_observe(desired({wish})), whole);
        CAPTURE(wish);
        CAPTURE(n);
        CHECK(observed.plan({wish}).hazards == whole.plan({wish}).hazards);
      }
    }
  }
}

TEST_CASE("namespaces need counting only where a value of each namespace is written live") {
  CHECK(needs_other_namespaces(host().plan({"tcp_fin_timeout = 30"}).settings));
  CHECK_FALSE(needs_other_namespaces(host().plan({"tcp_fin_timeout = 60"}).settings));
  CHECK_FALSE(needs_other_namespaces(host().plan({"tcp_fin_timeout = 30"}, scope(Scope::boot)).settings));
  CHECK_FALSE(needs_other_namespaces(host().plan({"tcp_max_orphans = 1000"}).settings));
}
