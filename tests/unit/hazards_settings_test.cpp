// Hazards about values that harm, or that do not do what people hope.
#include <doctest/doctest.h>

#include "support/plan_host.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

TEST_CASE("tw-recycle: 1 on a kernel that has it blocks, with the reason") {
  const PlanHost old = host().kernel("4.9.0-19-amd64");
  const Plan plan = old.plan({"tcp_tw_recycle = 1"});
  CHECK(text_of(plan, "tw-recycle") ==
        "net.ipv4.tcp_tw_recycle: Linux 4.9.0-19-amd64 still has it: clients behind one NAT or load balancer share an "
        "address but not a clock, and some of them cannot connect, at random.");
  CHECK(blocks(plan, "tw-recycle"));
  CHECK(text_of(old, "tw-recycle", {"tcp_tw_recycle = 0"}).empty());
  CHECK(text_of(host(), "tw-recycle", {"tcp_tw_recycle = 1"}).empty());
}

TEST_CASE("tw-recycle: a value that is in force already is as harmful") {
  const PlanHost old = host().kernel("4.9.0-19-amd64").live("tcp_tw_recycle", "1");
  CHECK_FALSE(text_of(old, "tw-recycle", {"tcp_tw_recycle = 1"}).empty());
}

TEST_CASE("tw-recycle: timestamps that would let it act block, unless it goes off in the same plan, and before them") {
  const PlanHost old = host().kernel("4.9.0-19-amd64").live("tcp_tw_recycle", "1").live("tcp_timestamps", "0");
  const Plan plan = old.plan({"tcp_timestamps = 1"}, scope(Scope::live));
  CHECK(blocks(plan, "tw-recycle"));
  CHECK(text_of(plan, "tw-recycle").find("here it is on and waits for tcp_timestamps; set it to 0") !=
        std::string::npos);
  const Plan both = old.plan({"tcp_timestamps = 1", "tcp_tw_recycle = 0"}, scope(Scope::live));
  CHECK(text_of(both, "tw-recycle").empty());
  CHECK(write_order(both, Layer::live)[0]->setting->key == "net.ipv4.tcp_tw_recycle");
  CHECK(text_of(old, "tw-recycle", {"tcp_fin_timeout = 30"}).empty());
}

TEST_CASE("reuse-without-timestamps: judged by what results, not by what is asked for") {
  const PlanHost off = host().live("tcp_timestamps", "0");
  CHECK(text_of(off.plan({"tcp_tw_reuse = 1"}), "reuse-without-timestamps") ==
        "net.ipv4.tcp_tw_reuse: tcp_tw_reuse is 1 but tcp_timestamps is 0: without timestamps no port is reused.");
  CHECK_FALSE(blocked(off.plan({"tcp_tw_reuse = 1"})));
  CHECK(text_of(off, "reuse-without-timestamps", {"tcp_tw_reuse = 1", "tcp_timestamps = 1"}).empty());
  CHECK(text_of(off, "reuse-without-timestamps", {"tcp_tw_reuse = 0"}).empty());
  CHECK(text_of(off, "reuse-without-timestamps", {"tcp_fin_timeout = 30"}).empty());
  CHECK(text_of(host(), "reuse-without-timestamps", {"tcp_tw_reuse = 1"}).empty());
  CHECK_FALSE(text_of(host(), "reuse-without-timestamps", {"tcp_tw_reuse = 1", "tcp_timestamps = 0"}).empty());
}

TEST_CASE("reuse-without-timestamps: a boot file that turns timestamps off counts too") {
  const PlanHost box = host().file("/etc/sysctl.d/50-a.conf", "net.ipv4.tcp_timestamps = 0\n");
  CHECK_FALSE(text_of(box, "reuse-without-timestamps", {"tcp_tw_reuse = 1"}).empty());
  CHECK(text_of(box.plan({"tcp_tw_reuse = 1"}, scope(Scope::live)), "reuse-without-timestamps").empty());
}

TEST_CASE("fin-timeout-trap: 61 to 119 live shorter than people think, and block") {
  const Plan plan = host().plan({"tcp_fin_timeout = 75"});
  CHECK(text_of(plan, "fin-timeout-trap") ==
        "net.ipv4.tcp_fin_timeout: With 75 an orphaned FIN_WAIT_2 lives 2 x (75 - 60) = 30 s, shorter than with 60.");
  CHECK(blocks(plan, "fin-timeout-trap"));
  CHECK(text_of(host(), "fin-timeout-trap", {"tcp_fin_timeout = 90"}) ==
        "net.ipv4.tcp_fin_timeout: With 90 an orphaned FIN_WAIT_2 lives 2 x (90 - 60) = 60 s, shorter than the number "
        "says.");
  for (const std::string_view wish : {"tcp_fin_timeout = 61", "tcp_fin_timeout = 119"}) {
    CHECK_FALSE(text_of(host(), "fin-timeout-trap", {wish}).empty());
  }
  for (const std::string_view wish : {"tcp_fin_timeout = 60", "tcp_fin_timeout = 120", "tcp_fin_timeout = 30"}) {
    CHECK(text_of(host(), "fin-timeout-trap", {wish}).empty());
  }
}

TEST_CASE("fin-timeout-trap: a value that satisfies and stays in force counts, one that is mended does not") {
  const PlanHost trapped = host().live("tcp_fin_timeout", "90");
  CHECK_FALSE(text_of(trapped, "fin-timeout-trap", {"tcp_fin_timeout = <= 100"}).empty());
  CHECK(text_of(trapped, "fin-timeout-trap", {"tcp_fin_timeout = <= 60"}).empty());
  CHECK(text_of(trapped, "fin-timeout-trap", {"tcp_syncookies = 1"}).empty());
}

TEST_CASE("not-time-wait: a lower tcp_fin_timeout does not shorten TIME_WAIT") {
  const Plan plan = host().plan({"tcp_fin_timeout = 30"});
  CHECK(text_of(plan, "not-time-wait") ==
        "net.ipv4.tcp_fin_timeout: 30 instead of 60 s ends orphaned FIN_WAIT_2 sockets sooner. It does not shorten "
        "TIME_WAIT, which lasts 60 s.");
  CHECK_FALSE(blocked(plan));
  CHECK(text_of(host(), "not-time-wait", {"tcp_fin_timeout = <= 60"}).empty());
  CHECK(text_of(host().live("tcp_fin_timeout", "120"), "not-time-wait", {"tcp_fin_timeout = 60"}).empty());
}

TEST_CASE("reuse-not-loopback: 2 is as 1 before Linux 4.19, but not on RHEL 8") {
  const auto text = [](const char* release, const char* line) {
    return text_of(host().kernel(release), "reuse-not-loopback", {line});
  };
  CHECK(text("4.9.0-19-amd64", "tcp_tw_reuse = 2") ==
        "net.ipv4.tcp_tw_reuse: Linux 4.9.0-19-amd64 takes 2 as 1: ports are reused for every outgoing connection, not "
        "on loopback only.");
  CHECK(text("4.9.0-19-amd64", "tcp_tw_reuse = 1").empty());
  CHECK(text("4.18.0-553.el8_10.x86_64", "tcp_tw_reuse = 2").empty());
  CHECK(text("6.1.0-30-amd64", "tcp_tw_reuse = 2").empty());
}

TEST_CASE("not-time-wait: a raised value is not a low one") {
  const PlanHost box = host().live("tcp_fin_timeout", "17");
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}, scope(Scope::live)), "not-time-wait").empty());
}

TEST_CASE("buckets-low: a limit below the kernel's own default, half of its hash table, whatever is in force") {
  const std::string expected =
      "net.ipv4.tcp_max_tw_buckets: 65536 is less than this kernel's default 131072. Above the limit connections skip "
      "TIME_WAIT; what exists is not freed.";
  PlanHost box = host().hash_entries(262144);
  CHECK(text_of(box, "buckets-low", {"tcp_max_tw_buckets = 65536"}) == expected);
  CHECK(text_of(box.live("tcp_max_tw_buckets", "1000"), "buckets-low", {"tcp_max_tw_buckets = 65536"}) == expected);
  CHECK(text_of(box, "buckets-low", {"tcp_max_tw_buckets = 131072"}).empty());
  CHECK(text_of(box.live("tcp_max_tw_buckets", "262144"), "buckets-low", {"tcp_max_tw_buckets = 131072"}).empty());
}

TEST_CASE("buckets-low: a small host's default may be below 4096") {
  CHECK(text_of(host().hash_entries(2048), "buckets-low", {"tcp_max_tw_buckets = 1024"}).empty());
  CHECK_FALSE(text_of(host().hash_entries(2048), "buckets-low", {"tcp_max_tw_buckets = 1023"}).empty());
}

TEST_CASE("buckets-low: a limit that no host with 1 GiB has by itself, whatever is in force") {
  const std::string expected =
      "net.ipv4.tcp_max_tw_buckets: 2000 is less than the default of any host with 1 GiB of memory or more. Above the "
      "limit connections skip TIME_WAIT; what exists is not freed.";
  CHECK(text_of(host().live("tcp_max_tw_buckets", "2000"), "buckets-low", {"tcp_max_tw_buckets = 2000"}) == expected);
  CHECK(text_of(host().image(), "buckets-low", {"tcp_max_tw_buckets = 2000"}) == expected);
  CHECK(text_of(host().image(), "buckets-low", {"tcp_max_tw_buckets = 4096"}).empty());
}

TEST_CASE("backlog-inert: tcp_max_syn_backlog raised while SYN cookies are on") {
  CHECK(text_of(host().plan({"tcp_max_syn_backlog = 65535"}), "backlog-inert") ==
        "net.ipv4.tcp_max_syn_backlog: 65535 does nothing while tcp_syncookies is 1: since Linux 4.4 the number is "
        "read only when it is 0. The listener's backlog and somaxconn bound the queue.");
  CHECK(text_of(host().live("tcp_max_syn_backlog", "65535"), "backlog-inert", {"tcp_max_syn_backlog = 1024"}).empty());
  CHECK(text_of(host().absent("tcp_syncookies"), "backlog-inert", {"tcp_max_syn_backlog = 65535"}).empty());
  CHECK(text_of(host().kernel("4.3.0"), "backlog-inert", {"tcp_max_syn_backlog = 65535"}).empty());
  CHECK(text_of(host(), "backlog-inert", {"tcp_max_syn_backlog = 65535", "tcp_syncookies = 0"}).empty());
}

TEST_CASE("somaxconn-lower: an old recipe's number is below today's default") {
  CHECK(text_of(host().plan({"somaxconn = 1024"}), "somaxconn-lower") ==
        "net.core.somaxconn: 1024 is less than this kernel's default 4096: listeners get a shorter queue from their "
        "next listen() on.");
  CHECK(text_of(host(), "somaxconn-lower", {"somaxconn = 4096"}).empty());
  CHECK(text_of(host().kernel("4.19.0"), "somaxconn-lower", {"somaxconn = 1024"}).empty());
}

TEST_CASE("protection-lower: switching off what protects blocks") {
  const Plan cookies = host().plan({"tcp_syncookies = 0"});
  CHECK(text_of(cookies, "protection-lower") ==
        "net.ipv4.tcp_syncookies: With 0 a SYN flood fills the queue of half-open connections, and real clients are "
        "dropped.");
  CHECK(blocks(cookies, "protection-lower"));
  CHECK(text_of(host(), "protection-lower", {"tcp_timestamps = 0"}) ==
        "net.ipv4.tcp_timestamps: With 0 old segments are no longer told from new ones (PAWS), and tcp_tw_reuse does "
        "nothing.");
  CHECK(text_of(host().live("tcp_rfc1337", "1"), "protection-lower", {"tcp_rfc1337 = 0"}) ==
        "net.ipv4.tcp_rfc1337: With 0 a reset segment can end TIME_WAIT early (RFC 1337).");
  CHECK(text_of(host(), "protection-lower", {"ip_unprivileged_port_start = 80"}) ==
        "net.ipv4.ip_unprivileged_port_start: With 80 every user may listen on the ports from 80 on, which were for "
        "root alone.");
}

TEST_CASE("protection-lower: silent where nothing is taken away") {
  CHECK(text_of(host(), "protection-lower", {"tcp_syncookies = 2"}).empty());
  CHECK(text_of(host(), "protection-lower", {"tcp_timestamps = 2"}).empty());
  CHECK(text_of(host(), "protection-lower", {"tcp_rfc1337 = 0"}).empty());
  CHECK(text_of(host().kernel("").image(), "protection-lower", {"tcp_rfc1337 = 0"}).empty());
  CHECK(text_of(host(), "protection-lower", {"ip_unprivileged_port_start = 2000"}).empty());
  const PlanHost off = host().live("tcp_syncookies", "0");
  CHECK(text_of(off.plan({"tcp_syncookies = 0"}, scope(Scope::live)), "protection-lower").empty());
}

TEST_CASE("unwise-value: what audit warns of is said before it is written, with audit's words") {
  const Plan abort = host().plan({"tcp_abort_on_overflow = 1"});
  CHECK(text_of(abort, "unwise-value") ==
        "net.ipv4.tcp_abort_on_overflow: net.ipv4.tcp_abort_on_overflow is 1. Without it the kernel drops the last ACK "
        "of the handshake, the client repeats it, and a short burst passes unseen. With it every such client gets a "
        "reset. (`twctl explain abort-on-overflow`)");
  CHECK_FALSE(blocks(abort, "unwise-value"));
  CHECK(text_of(host(), "unwise-value", {"tcp_retries2 = 3"}).find("an outage of 3.0 s may end a connection") !=
        std::string::npos);
  CHECK_FALSE(text_of(host(), "unwise-value", {"tcp_synack_retries = 0"}).empty());
  CHECK(
      text_of(host(), "unwise-value", {"tcp_orphan_retries = 1"}).find("an outage of 0.6 s may lose what was still") !=
      std::string::npos);
}

TEST_CASE("unwise-value: of a limit that is low only what happens at that one is said") {
  CHECK(text_of(host(), "unwise-value", {"netdev_max_backlog = 100"}) ==
        "net.core.netdev_max_backlog: net.core.netdev_max_backlog is 100, below the kernel's own 1000. Packets beyond "
        "it are dropped. (`twctl explain limit-low`)");
  CHECK(text_of(host(), "unwise-value", {"tcp_max_orphans = 64"}) ==
        "net.ipv4.tcp_max_orphans: net.ipv4.tcp_max_orphans is 64, below the kernel's own 2048 of a host with 512 MiB "
        "of memory. Beyond it the kernel resets connections that their programs have closed. (`twctl explain "
        "limit-low`)");
}

TEST_CASE("unwise-value: a short queue of SYNs is a warning where SYN cookies are off, asked for or not") {
  const auto severity = [](const PlanHost& one, std::initializer_list<std::string_view> wishes) {
    const Plan plan = one.plan(wishes, scope(Scope::live));
    const auto found = std::find_if(plan.hazards.begin(), plan.hazards.end(),
                                    [](const Finding& hazard) { return hazard.row->id == "unwise-value"; });
    REQUIRE(found != plan.hazards.end());
    return found->severity;
  };
  CHECK(severity(host().live("tcp_syncookies", "0"), {"tcp_max_syn_backlog = 64"}) == Severity::warning);
  CHECK(severity(host().live("tcp_syncookies", "1"), {"tcp_max_syn_backlog = 64"}) == Severity::info);
  CHECK(severity(host().live("tcp_syncookies", "1"), {"tcp_max_syn_backlog = 64", "tcp_syncookies = 0"}) ==
        Severity::warning);
}

TEST_CASE("unwise-value: silent where audit does not warn, or another hazard tells, or nothing is written") {
  CHECK(text_of(host(), "unwise-value", {"tcp_retries2 = 8"}).empty());
  CHECK(text_of(host(), "unwise-value", {"tcp_fin_timeout = 75"}).empty());
  CHECK(text_of(host(), "unwise-value", {"tcp_max_tw_buckets = 100"}).empty());
  const PlanHost on = host().live("tcp_abort_on_overflow", "1");
  CHECK(text_of(on.plan({"tcp_abort_on_overflow = 1"}, scope(Scope::live)), "unwise-value").empty());
}
TEST_CASE("unwise-value: what is only worth knowing is a note, not a warning") {
  const Ran plan = run_cli({"plan", "--set", "net.ipv4.tcp_max_tw_buckets=2000000"},
                           [](MemoryHost& memory) { memory.store.set("net.ipv4.tcp_max_tw_buckets", "262144"); });
  CHECK(plan.results.find("\n  note     unwise-value  net.ipv4.tcp_max_tw_buckets\n"
                          "    net.ipv4.tcp_max_tw_buckets is 2000000. What is above") != std::string::npos);
}
