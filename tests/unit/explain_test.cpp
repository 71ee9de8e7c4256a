#include "report/explain.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/text.hpp"
#include "catalog/aliases.hpp"
#include "catalog/finding.hpp"
#include "catalog/tcp_state.hpp"
#include "catalog/topic.hpp"
#include "report/explain_names.hpp"

using namespace twctl;

namespace {

constexpr int kWidth = 80;

// Every name that explain answers, with what it is.
std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const Os os : {Os::linux_kernel, Os::windows}) {
    for (const Setting& setting : settings(os)) names.emplace_back(short_name(setting));
  }
  for (const TcpStateRow& row : tcp_states()) names.emplace_back(row.name);
  for (const FindingRow& row : hazard_rows()) names.emplace_back(row.id);
  for (const FindingRow& row : audit_findings()) names.emplace_back(row.id);
  for (const FindingRow& row : doctor_findings()) names.emplace_back(row.id);
  for (const TopicRow& row : topics()) names.emplace_back(row.id);
  for (const MythRow& row : myths()) names.emplace_back(row.id);
  return names;
}

std::string page(std::string_view name, const ExplainContext& context = {}) {
  const Result<std::string> text = explain(name, context);
  return text ? *text : "ERROR: " + text.error().message;
}

bool printable_ascii(char c) { return c == '\n' || (c >= ' ' && c <= '~'); }

Snapshot host_with(std::string key, LiveValue value) {
  Snapshot here;
  here.host.kernel = {6, 1, 0};
  here.host.kernel_release = "6.1.0-30-amd64";
  here.host.loader = Loader::systemd;
  here.live[std::move(key)] = std::move(value);
  return here;
}

// The first `count` lines of a page's table.
std::string facts(const std::string& text, int count) {
  const std::size_t start = text.find("\n\n") + 2;
  std::size_t end = start;
  while (count-- > 0) end = text.find('\n', end) + 1;
  return text.substr(start, end - start);
}

}  // namespace

TEST_CASE("no two rows of any kind share a name") {
  std::set<std::string> seen;
  for (const std::string& name : all_names()) {
    CAPTURE(name);
    CHECK(seen.insert(to_lower(name)).second);
  }
}

TEST_CASE("X2: words that people type, and messages of the kernel and of tools, lead to a page") {
  const std::pair<const char*, const char*> meant[] = {
      {"2MSL", "How long TIME_WAIT lasts"},
      {"MSL", "How long TIME_WAIT lasts"},
      {"SO_LINGER", "SO_LINGER with a time of 0"},
      {"linger", "SO_LINGER with a time of 0"},
      {"LISTENING", "LISTEN\n"},
      {"5000", "net.ipv4.tcp_max_tw_buckets\n"},
      {"EADDRNOTAVAIL", "Cannot assign requested address"},
      {"EADDRINUSE", "Address already in use"},
      {"IP_BIND_ADDRESS_NO_PORT", "IP_BIND_ADDRESS_NO_PORT: "},
      {"TCP: time wait bucket table overflow", "time-wait-overflow: a finding"},
      {"possible SYN flooding", "syncookies-sent: a finding"},
      {"TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.  Check SNMP counters.",
       "syncookies-sent: a finding"},
      {"bind() failed (98: Address already in use)", "Address already in use"},
      {"connect() failed (99: Cannot assign requested address) while connecting to upstream",
       "Cannot assign requested address"},
      {"    531 times the listen queue of a socket overflowed", "listen-overflow: a finding"},
      {"TCP: out of memory -- consider tuning tcp_mem", "tcp-memory: a finding"},
      {"TCP: too many orphaned sockets", "orphans-near-limit: a finding"},
      {"TCP: too many of orphaned sockets", "orphans-near-limit: a finding"},
      {"Out of socket memory", "tcp-memory: a finding"},
      {"nf_conntrack: nf_conntrack: table full, dropping packet", "conntrack-near-full: a finding"},
      {"nf_conntrack: table full in netns 4026531840, dropping packet", "conntrack-near-full: a finding"},
      {"TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:80. Dropping request.",
       "syn-queue-full: a finding"},
      {"ip_local_port_range: prefer different parity for start/end values.", "port-range-parity: a finding"},
      {"5 connections aborted due to timeout", "Connections aborted due to timeout"},
      {"TCPAbortOnMemory", "Connections aborted due to memory pressure"},
      {"7 failed connection attempts", "Failed connection attempts"},
      {"TCPTimeWaitOverflow", "time-wait-overflow: a finding"},
      {"10048", "The dynamic port range of Windows"},
      {"half-open", "SYN_RECV\n"},
      {"28 time wait sockets recycled by time stamp", "net.ipv4.tcp_tw_reuse\n"},
      {"nginx", "Keeping connections open"},
      {"too many TIME_WAIT", "Why TIME_WAIT exists"},
      {"out of ports", "Cannot assign requested address"},
      {"ECONNRESET", "Connection reset by peer: who"},
      {"connection reset by peer", "Connection reset by peer: who"},
      {"read: connection reset by peer (104)", "Connection reset by peer: who"},
      {"connect: Connection refused", "Connection reset by peer: who"},
      {"Broken pipe", "Connection reset by peer: who"},
      {"sysctl: cannot stat /proc/sys/net/ipv4/tcp_tw_recycle: No such file or directory", "net.ipv4.tcp_tw_recycle\n"},
      {"accept queue", "listen-overflow: a finding"},
      {"nf_conntrack table full", "conntrack-near-full: a finding"},
      {"TCP: out of memory", "tcp-memory: a finding"},
      {"connect: Connection timed out", "SYN_SENT\n"},
      {"8 SYNs to LISTEN sockets dropped", "SYNs to LISTEN sockets dropped (ListenDrops)"},
      {"8 SYNs to LISTEN sockets ignored", "SYNs to LISTEN sockets dropped (ListenDrops)"},
      {"PAWSTimewait", "paws-rejects: a finding"},
      {"    12 connections reset due to unexpected data", "aborted-connections: a finding"},
      {"sysctl -w net.ipv4.tcp_tw_reuse=1", "net.ipv4.tcp_tw_reuse\n"},
      {"TcpExtListenDrops", "SYNs to LISTEN sockets dropped (ListenDrops)"},
      {"TcpExt.ListenDrops", "SYNs to LISTEN sockets dropped (ListenDrops)"},
      {"TcpExtTCPAbortOnData", "aborted-connections: a finding"},
      {"TcpOutRsts", "Resets sent (OutRsts)"},
      {"20 resets sent", "Resets sent (OutRsts)"},
      {"IpOutNoRoutes", "syn-dropped: a finding"},
      {"    TCPTimeWaitOverflow: 150", "time-wait-overflow: a finding"},
      {"TCPReqQFullDrop: 51", "syn-queue-full: a finding"},
      {"TCPMemoryPressures: 3", "tcp-memory: a finding"},
      {"TCPSynRetrans", "net.ipv4.tcp_syn_retries\n"},
      {"TcpExtTCPTimeouts               12                 0.0", "net.ipv4.tcp_retries2\n"},
      {"tcp keepalive", "net.ipv4.tcp_keepalive_time\n"},
      {"keepalive", "net.ipv4.tcp_keepalive_time\n"},
      {"keep alive", "net.ipv4.tcp_keepalive_time\n"},
      {"Keep-Alive", "net.ipv4.tcp_keepalive_time\n"},
      {"tcp_keepalive", "net.ipv4.tcp_keepalive_time\n"},
      {"HTTP keep-alive", "Keeping connections open"},
      {"TCPAbortFailed", "aborted-connections: a finding"},
      {"TWKilled", "Finished time wait in fast or slow timer"},
      {"14 resets received for embryonic SYN_RECV sockets", "Resets received for embryonic SYN_RECV sockets"},
      {"EmbryonicRsts", "Resets received for embryonic SYN_RECV sockets"},
      {"20 TCP sockets finished time wait in slow timer", "Finished time wait in fast or slow timer"},
      {"port range", "Whether to widen ip_local_port_range"},
      {"time wait", "TIME_WAIT\n"},
      {"Close Wait", "CLOSE_WAIT\n"},
      {"fin timeout", "net.ipv4.tcp_fin_timeout\n"},
      {"timestamps", "net.ipv4.tcp_timestamps\n"},
      {"orphans", "orphans-near-limit: a finding"},
      {"tcp_tw_reuse 1", "net.ipv4.tcp_tw_reuse\n"},
      {"TCP_FIN_TIMEOUT", "net.ipv4.tcp_fin_timeout\n"},
      {"NET.IPV4.TCP_TW_REUSE", "net.ipv4.tcp_tw_reuse\n"},
      {"[Errno 99]", "Cannot assign requested address"},
      {"Read-only file system", "sysctl: Read-only file system"},
      {"sysctl: permission denied on key", "sysctl: Read-only file system"},
      {"TW", "TIME_WAIT\n"}};
  for (const auto& row : meant) {
    const auto& asked = row.first;
    const auto& title = row.second;
    CAPTURE(asked);
    CHECK(page(asked).find(title) == 0);
  }
}

TEST_CASE("X2: a connection that timed out while it was asked for, and one that was open, have pages of their own") {
  for (const char* asking : {"connect: Connection timed out", "dial tcp 10.0.0.5:80: connect: connection timed out",
                             "connect() failed (110: Connection timed out) while connecting to upstream",
                             "upstream timed out (110: Connection timed out) while connecting to upstream",
                             "ssh: connect to host 10.0.0.5 port 22: Connection timed out",
                             "java.net.ConnectException: Connection timed out",
                             "connection to server at \"10.0.0.5\", port 5432 failed: Connection timed out"}) {
    CAPTURE(asking);
    CHECK(page(asking) == page("SYN_SENT"));
  }
  for (const char* open :
       {"upstream timed out (110: Connection timed out) while reading response header",
        "recv() failed (110: Connection timed out)", "read: connection timed out", "ETIMEDOUT", "[Errno 110]"}) {
    CAPTURE(open);
    CHECK(page(open) == page("aborted-on-timeout"));
  }
  CHECK(page("connect to 10.0.0.5 port 80: Connection refused") == page("connection-reset"));
  const std::string text = page("Connection timed out", {.width = 1000});
  for (const char* limit : {"tcp_retries2, 15 minutes and more by default", "TCP_USER_TIMEOUT", "tcp_keepalive_time",
                            "while reading\" after its proxy_read_timeout", "twctl explain SYN_SENT"}) {
    CAPTURE(limit);
    CHECK(text.find(limit) != std::string::npos);
  }
}

TEST_CASE("X2: an address that cannot be assigned is first one that this host lacks, and only then a matter of ports") {
  const std::string text = page("Could not connect to Redis at ::1:6379: Cannot assign requested address");
  CHECK(text == page("nginx: [emerg] bind() to 10.0.0.5:80 failed (99: Cannot assign requested address)"));
  CHECK(text == page("listen tcp 10.0.0.9:80: bind: cannot assign requested address"));
  CHECK(text.find("Cannot assign requested address: no such address here, or no local port left\n\n"
                  "EADDRNOTAVAIL, error 99. Which call fails with it tells the cause:\n\n"
                  "  bind() with an address          that address is not on this host: ip addr\n") == 0);
  const std::string wide = page("Cannot assign requested address", {.width = 1000});
  CHECK(wide.find("net.ipv4.ip_nonlocal_bind 1, for IPv6 net.ipv6.ip_nonlocal_bind 1,") <
        wide.find("A connection is known by four things"));
}

TEST_CASE("X2: a message that quotes a key leads to that key") {
  for (const char* message : {"sysctl: setting key \"net.ipv4.ip_local_port_range\": Invalid argument",
                              "error: \"Invalid argument\" setting key \"net.ipv4.ip_local_port_range\"",
                              "sysctl: permission denied on key 'net.ipv4.ip_local_port_range'",
                              "sysctl: setting key \"net.ipv4.ip_local_port_range\": Read-only file system",
                              "bash: /proc/sys/net/ipv4/ip_local_port_range: Read-only file system",
                              "Couldn't write '1 2' to 'net/ipv4/ip_local_port_range': Invalid argument"}) {
    CAPTURE(message);
    CHECK(page(message) == page("ip_local_port_range"));
  }
  CHECK_FALSE(explain("sysctl: setting key \"net.\": Invalid argument", {}).has_value());
}

TEST_CASE("the pages of reset counters say who sends which resets, and no page speaks of data that nobody takes") {
  const auto says = [](const char* name, std::string_view text) {
    CAPTURE(name);
    CHECK(page(name, {.width = 1000}).find(text) != std::string::npos);
  };
  says("OutRsts", "none of them      nobody listens, or the connection is gone: nothing to tune");
  says("EmbryonicRsts", "AttemptFails      the client: it gave up, or never asked (a forged SYN)");
  says("EmbryonicRsts", "ListenOverflows   this host: a full accept queue and tcp_abort_on_overflow 1");
  for (const char* name : {"tcp_mem", "tcp-mem-low"})
    says(name, "resets connections that their program has closed and that still hold data");
}

// Measured on Linux 6.18, linear 4 and 0: 3.1 and 3.0 s with 1 retry, 7.1 and 7.1 with 2, 19.4 and 15.4 with 3.
TEST_CASE("a late FIN is INVALID to connection tracking, and a late ACK a new flow") {
  for (const char* name : {"conntrack-vs-time-wait", "flow-timeout-short", "nf_conntrack_tcp_timeout_time_wait",
                           "nf_conntrack_tcp_timeout_last_ack"}) {
    CAPTURE(name);
    const std::string text = page(name, {.width = 1000});
    CHECK(text.find("FIN or ACK") == std::string::npos);
    CHECK(text.find("new flow, unless nf_conntrack_tcp_loose is 0") != std::string::npos);
  }
}

TEST_CASE("linear timeouts lengthen the wait of connect() from 3 retries on only") {
  CHECK(page("tcp_syn_retries", {.width = 1000})
            .find("after 3 s with 1, 7 s with 2, 15 s with 3 (19 s since 6.5), and 127 s with the default 6 (131 s "
                  "since 6.5).") != std::string::npos);
  const std::string linear = page("tcp_syn_linear_timeouts", {.width = 1000});
  CHECK(linear.find("as long as with 0 where tcp_syn_retries is 1 or 2, and 4 s longer from 3 on.") !=
        std::string::npos);
  CHECK(linear.find("7 instead of 3 with tcp_syn_retries 3.") != std::string::npos);
}

TEST_CASE("F7, F11: a key without effect, or under an old name, is explained with its version and source") {
  for (const char* name : {"tcp_fack", "net.ipv4.tcp_fack", "net/ipv4/tcp_low_latency"}) {
    CAPTURE(name);
    CHECK(page(name).find("It went with Linux 4.15") != std::string::npos);
    CHECK(page(name).find("  - Linux 4.15, ") != std::string::npos);
  }
  for (const char* name :
       {"ip_conntrack_max", "net.ipv4.ip_conntrack_max", "net.ipv4.ip_conntrack_max = 65536",
        "net.ipv4.netfilter.ip_conntrack_tcp_timeout_syn_recv", "/proc/sys/net/ipv4/netfilter/ip_conntrack_max",
        "net.ipv4.netfilter.ip_conntrack_max", "net.ipv4.netfilter.ip_conntrack_tcp_timeout_time_wait"}) {
    CAPTURE(name);
    CHECK(page(name).find("until Linux 4.9 removed them") != std::string::npos);
    CHECK(page(name).find("  - Linux 4.9, ") != std::string::npos);
  }
  CHECK(page("net.ipv4.tcp_tw_recycle").find("net.ipv4.tcp_tw_recycle\n") == 0);
}

TEST_CASE("the page of a message of the kernel names the message, and that of a counter the counter") {
  const std::pair<const char*, const char*> named[] = {
      {"TCP: time wait bucket table overflow", "\"time wait bucket table overflow\""},
      {"TCP: out of memory -- consider tuning tcp_mem", "\"out of memory -- consider tuning tcp_mem\""},
      {"TCP: too many orphaned sockets", "\"too many orphaned sockets\""},
      {"possible SYN flooding", "\"Possible SYN flooding ... Sending cookies\" once for each listener"},
      {"Possible SYN flooding on port 80. Dropping request.", "\"Possible SYN flooding ... Dropping request\""},
      {"ip_local_port_range: prefer different parity", "\"ip_local_port_range: prefer different parity\""},
      {"PAWSEstab", "Before 6.16 PAWSEstab counted those too."},
      {"table full, dropping packet", "nf_conntrack_tcp_timeout_established, 432000"},
      {"ListenDrops", "accept queue full: twctl explain listen-overflow"},
  };
  for (const auto& row : named) {
    const auto& name = row.first;
    const auto& text = row.second;
    CAPTURE(name);
    CHECK(page(name, {.width = 1000}).find(text) != std::string::npos);
  }
}

TEST_CASE("X2: another word hides no name, and leads to one") {
  const std::vector<std::string> names = all_names();
  std::set<std::string_view> words;
  for (const AliasRow& alias : aliases()) {
    CAPTURE(alias.word);
    CHECK(to_lower(alias.word) == alias.word);
    CHECK(words.insert(alias.word).second);
    CHECK(std::find(names.begin(), names.end(), alias.word) == names.end());
    CHECK(find_tcp_state(alias.word) == nullptr);
    CHECK(std::find(names.begin(), names.end(), alias.name) != names.end());
  }
}

TEST_CASE("F15: the page of MaxUserPort does not deny with its myth what it says itself") {
  const std::string text = page("MaxUserPort", {.width = 1000});
  CHECK(text.find("from 1024 up to this number: by design up to Server 2003, and on Windows 10 and 11 too") !=
        std::string::npos);
  CHECK(text.find("Documented up to Server 2003; since Windows Vista and Server 2008 netsh sets the range") !=
        std::string::npos);
  CHECK(text.find("It does, and was seen to on Windows 11: all ports from 1024 up, across those of services, and the "
                  "network of WSL2 breaks.") != std::string::npos);
}

TEST_CASE("X4: what a kernel takes is said of the first one that has the key, where that came after Linux 6.18") {
  CHECK(page("ip_local_port_step_width").find("6.18") == std::string::npos);
  CHECK(page("ip_local_port_step_width").find("(Linux 7.1 itself takes 0 to 4294967295)") != std::string::npos);
}

TEST_CASE("tcp_orphan_retries is not said to end connections of peers that answer and only read no more") {
  constexpr std::string_view kLasts = "4 to 6 minutes";  // measured: 251 s and 340 s
  for (const char* state : {"FIN_WAIT_1", "CLOSING", "LAST_ACK"}) {
    CAPTURE(state);
    CHECK(page(state, {.width = 1000}).find(kLasts) != std::string::npos);
  }
  const std::string finding = page("last-ack-pile-up", {.width = 1000});
  CHECK(finding.find(kLasts) != std::string::npos);
  CHECK(finding.find("A lower tcp_orphan_retries ends those of silent peers sooner, and cuts off slow clients too; of "
                     "a peer that answers only 1 does.") != std::string::npos);
}

TEST_CASE("X8: keys of vendors have rows, which nothing writes") {
  for (const char* name : {"tcp_tw_timeout_inherit", "tcp_tw_recycle_private_only", "tcp_tw_ignore_syn_tsval_zero"}) {
    CAPTURE(name);
    const Setting* setting = find_setting_by_any_name(name);
    REQUIRE(setting != nullptr);
    CHECK_FALSE(setting->writable);
    CHECK_FALSE(setting->vendor.empty());
    for (const std::string_view source : setting->sources)
      CHECK(source.find("public reports") == std::string_view::npos);
  }
}

TEST_CASE("where ports are to be reserved the step adds to those that are reserved already") {
  const std::string topic = run_cli({"explain", "address-in-use"}).results;
  CHECK(topic.find("twctl apply --set 'net.ipv4.ip_local_reserved_ports=includes 8080,9000-9010'") !=
        std::string::npos);
  CHECK(topic.find("sysctl net.ipv4.ip_local_reserved_ports=") == std::string::npos);
  CHECK(run_cli({"explain", "ip_local_reserved_ports"}).results.find("`includes 8080`") != std::string::npos);
}

TEST_CASE("somaxconn counts from the next listen() on, and a reload mostly does not call it") {
  const std::string page = run_cli({"explain", "somaxconn"}).results;
  CHECK(page.find("restart the service") != std::string::npos);
  CHECK(page.find("restart or reload") == std::string::npos);
}

TEST_CASE("X9: the page of a finding says when one host's numbers make it graver, or less so") {
  const auto severity_of = [](const char* id) {
    const std::string page = run_cli({"explain", id}).results;
    const std::size_t from = page.find("\nSeverity: ") + 1;
    return page.substr(from, page.find("\n\n", from) - from);
  };
  CHECK(severity_of("ports-low") ==
        "Severity: warning; error where at most 2 % of them are left, info where only bind() may lack one:\n"
        "the peer is this host, and connect() has used ports in TIME_WAIT again before.");
  CHECK(severity_of("listen-overflow") == "Severity: warning; info where it is over.");
  CHECK(severity_of("time-wait-server") == "Severity: info.");
}

TEST_CASE("every row has a page: plain ASCII, no line longer than the width but for an address, with a source") {
  for (const std::string& name : all_names()) {
    CAPTURE(name);
    const std::string text = page(name);
    CHECK_FALSE(text.starts_with("ERROR"));
    CHECK(std::all_of(text.begin(), text.end(), printable_ascii));
    CHECK(text.find("\nSources\n") != std::string::npos);
    for (const std::string_view line : split(text, '\n')) {
      CAPTURE(line);
      const bool address = line.find("http") == line.find_first_not_of(" -");  // breaking it would spoil it
      CHECK((line.size() <= kWidth || address));
      CHECK(line == line.substr(0, line.find_last_not_of(' ') + 1));
    }
  }
}

TEST_CASE("the list names every row once, in lines of at most the width") {
  const std::string list = page("");
  for (const std::string& name : all_names()) {
    CAPTURE(name);
    CHECK(list.find("\n  " + name + "  ") != std::string::npos);
  }
  for (const std::string_view line : split(list, '\n')) CHECK(line.size() <= kWidth);
}

TEST_CASE("a setting is found by short name, full key, path spelling and, on Windows, in any case") {
  const std::string text = page("tcp_fin_timeout");
  CHECK(text.starts_with("net.ipv4.tcp_fin_timeout\n"));
  CHECK(page("net.ipv4.tcp_fin_timeout") == text);
  CHECK(page("net/ipv4/tcp_fin_timeout") == text);
}

TEST_CASE("an unknown name is a usage error that offers the nearest names") {
  const Result<std::string> misspelt = explain("net.ipv4.tcp_fin_timout", {});
  REQUIRE_FALSE(misspelt.has_value());
  CHECK(misspelt.error() == Error{.code = ErrorCode::usage,
                                  .message = "explain: nothing is known of 'net.ipv4.tcp_fin_timout'",
                                  .hint = "did you mean tcp_fin_timeout? `twctl explain` lists every name"});
  const Result<std::string> part = explain("ff-by-default", {});
  REQUIRE_FALSE(part.has_value());
  CHECK(part.error().hint == "did you mean syncookies-off-by-default? `twctl explain` lists every name");
  const Result<std::string> hostile = explain("\x1b[2J", {});
  REQUIRE_FALSE(hostile.has_value());
  CHECK(hostile.error().message == "explain: nothing is known of '\\x1b[2J'");
  CHECK(hostile.error().hint == "`twctl explain` lists every name");
}

TEST_CASE("a setting's page says what it is on this host") {
  Snapshot here = host_with("net.ipv4.tcp_tw_reuse", {LiveValue::State::present, "1", false, {}});
  here.boot_files.push_back({"/etc/sysctl.d/70-tw.conf", "", "net.ipv4.tcp_tw_reuse = 1\n", ""});
  CHECK(facts(page("tcp_tw_reuse", {.here = &here, .width = kWidth}), 3) ==
        "  live here     1 (every outgoing connection)\n"
        "  next boot     1 (every outgoing connection), from /etc/sysctl.d/70-tw.conf:1\n"
        "  default here  2 (loopback only; before 4.19 as 1) on Linux 6.1\n");
}

TEST_CASE("a setting that no boot file sets has the kernel's default after the next boot") {
  const Snapshot here = host_with("net.ipv4.tcp_fin_timeout", {LiveValue::State::present, "17", true, {}});
  CHECK(facts(page("tcp_fin_timeout", {.here = &here, .width = kWidth}), 2) ==
        "  live here     17 s, read-only here\n"
        "  next boot     60 s, the kernel's default: no boot file sets it\n");
}

TEST_CASE("a number of an error is not found in a longer one") {
  CHECK(explain("OSError: [Errno 110] Connection", {}).has_value());
  CHECK_FALSE(explain("[Errno 11001] getaddrinfo failed", {}).has_value());
  CHECK_FALSE(explain("errno 980", {}).has_value());
}

TEST_CASE("B6: what may be written later is said of the next boot, and that a value is not known") {
  Snapshot here = host_with("net.ipv4.tcp_fin_timeout", {LiveValue::State::present, "60", false, {}});
  here.later_writers = {{.name = "cron",
                         .evidence = "/etc/cron.d/x",
                         .writes = {{"net.ipv4.tcp_fin_timeout", "15", {"/etc/cron.d/x", 1}}}},
                        {.name = "rc.local",
                         .evidence = "/etc/rc.local",
                         .when = WriteTime::at_boot,
                         .writes = {{"net.ipv4.tcp_fin_timeout", "", {"/etc/rc.local", 2}}}}};
  CHECK(facts(page("tcp_fin_timeout", {.here = &here, .width = 200}), 2) ==
        "  live here     60 s\n"
        "  next boot     60 s, the kernel's default: no boot file sets it; cron (/etc/cron.d/x:1) may set it to 15 s; "
        "rc.local (/etc/rc.local:2) writes it later: to what is not known\n");
}

TEST_CASE("a setting's page says nothing live of an image, where nothing is") {
  Snapshot image = host_with("net.ipv4.tcp_fin_timeout", {});
  image.host.live = false;
  CHECK(page("tcp_fin_timeout", {.here = &image, .width = kWidth}).find("live here") == std::string::npos);
  CHECK(facts(page("tcp_fin_timeout", {.here = &image, .width = kWidth}), 1) ==
        "  next boot     60 s, the kernel's default: no boot file sets it\n");
}

TEST_CASE("a setting that this host lacks says why") {
  const auto live_here = [](std::string_view name, const LiveValue& value) {
    const Snapshot here = host_with(std::string(find_explained(name).setting->key), value);
    return facts(page(name, {.here = &here, .width = kWidth}), 1);
  };
  CHECK(live_here("tcp_tw_recycle", {}) == "  live here   none: removed in Linux 4.12\n");
  CHECK(live_here("tcp_tw_reuse", {LiveValue::State::denied, "", false, "Permission denied\x1b"}) ==
        "  live here     cannot be read: Permission denied\\x1b\n");
}

TEST_CASE("of a removed key the lines of this host that still name it are to be deleted") {
  Snapshot here = host_with("net.ipv4.tcp_tw_recycle", {});
  const auto told = [&] { return facts(page("tcp_tw_recycle", {.here = &here, .width = kWidth}), 2); };
  CHECK(told().find("  what to do  nothing: no boot file of this host names it\n") != std::string::npos);
  here.boot_files.push_back({"/etc/sysctl.d/70-tw.conf", "", "# old\nnet.ipv4.tcp_tw_recycle = 1\n", ""});
  CHECK(told().find("  what to do  delete this line: /etc/sysctl.d/70-tw.conf:2\n") != std::string::npos);
}

TEST_CASE("a narrow screen wraps, and less than 40 columns counts as 40") {
  const std::string text = page("TIME_WAIT", {.here = nullptr, .width = 3});
  CHECK(text == page("TIME_WAIT", {.here = nullptr, .width = 40}));
  CHECK(text.find("\nThe connection is over. This side closed\n") != std::string::npos);
}

TEST_CASE("X2: a setting is found by its file, by a line that sets it and by its short words") {
  for (const char* name : {"/proc/sys/net/ipv4/tcp_tw_reuse", "net/ipv4/tcp_tw_reuse", "tw_reuse"}) {
    CAPTURE(name);
    CHECK(page(name) == page("tcp_tw_reuse"));
  }
  CHECK(page("tw_recycle") == page("tcp_tw_recycle"));
  CHECK(page("ephemeral") == page("port-exhaustion"));
  CHECK(page("reuseaddr") == page("address-in-use"));
  CHECK(page("=30").starts_with("ERROR: "));
}

TEST_CASE("X2: a line that goes into a boot file or to the kernel is explained with what the kernel makes of it") {
  const auto line_of = [](const std::string& line) {
    const std::string text = page(line, {.width = 1000});
    const std::size_t at = text.find("this line");
    const std::string what = at == std::string::npos ? "" : text.substr(at + 9, text.find('\n', at) - at - 9);
    return text.substr(0, text.find('\n')) + ": " + std::string(trim(what));
  };
  const std::string reuse = "net.ipv4.tcp_tw_reuse: ";
  for (const char* line :
       {"net.ipv4.tcp_tw_reuse = 1", "tcp_tw_reuse=1", "sysctl -w net.ipv4.tcp_tw_reuse=1", "net/ipv4/tcp_tw_reuse=1",
        "sysctl.net.ipv4.tcp_tw_reuse=1", "quiet sysctl.net.ipv4.tcp_tw_reuse=1 ro"}) {
    CAPTURE(line);
    CHECK(line_of(line).starts_with(reuse + "sets it to 1 ("));
  }
  CHECK(line_of("GRUB_CMDLINE_LINUX=\"quiet sysctl.net.ipv4.tcp_fin_timeout=30\"") ==
        "net.ipv4.tcp_fin_timeout: sets it to 30 s");
  CHECK(line_of("net.ipv4.tcp_tw_reuse = yes").starts_with(reuse + "the kernel refuses yes: "));
  CHECK(line_of("net.ipv4.tcp_tw_reuse") == reuse);
}

TEST_CASE("X2: of several counters with their numbers each has its page") {
  const std::string overflows = page("ListenOverflows");
  const std::string drops = page("ListenDrops");
  CHECK(page("TcpExtListenOverflows 5 TcpExtListenDrops 5") == overflows + "\n" + drops);
  CHECK(page("TcpExtListenOverflows 5 0.0 TcpExtListenDrops 5 0.0") == overflows + "\n" + drops);
  CHECK(page("ListenOverflows: 5 NoSuchCounter: 7") == overflows);
  CHECK(page("NoSuchCounter 5 Another 7").starts_with("ERROR: "));
  CHECK(*explain_json("TcpExtListenOverflows 5 TcpExtListenDrops 5", {}) == *explain_json("ListenOverflows", {}));
}
