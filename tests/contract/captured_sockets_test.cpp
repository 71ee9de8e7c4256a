// The tables and the counters of a captured host: one that is damaged is refused by its path, never counted short.
#include <doctest/doctest.h>

#include "platform/platform.hpp"
#include "support/tree.hpp"

using namespace twctl;
using twctl::test::Tree;

namespace {

const std::string kNoSockets =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

// What `ask` is told where the file of that path holds these bytes, and every other one is as it is to be.
template <class Ask>
std::string told_of(std::string_view path, std::string_view bytes, const Ask& ask) {
  Tree tree;
  tree.file("/proc/sys/net/ipv4/tcp_fin_timeout", "60\n").file("/proc/net/tcp", kNoSockets);
  tree.file("/proc/uptime", "500.00 1.00\n").file("/earlier/proc/uptime", "100.00 1.00\n").file(path, bytes);
  const auto host = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  const auto answer = ask((*host)->sockets());
  if (answer) return "whole";
  return (answer.error().code == ErrorCode::invalid ? "invalid: " : "") + answer.error().message;
}

}  // namespace

TEST_CASE("a captured table of sockets that is damaged is refused by its path") {
  const auto count = [](SocketSource& sockets) { return sockets.count_states(); };
  CHECK(told_of("/proc/net/tcp6", kNoSockets, count) == "whole");
  CHECK(told_of("/proc/net/tcp", "junk\n", count) == "invalid: /proc/net/tcp: it does not begin with the headings");
  CHECK(told_of("/proc/net/tcp", kNoSockets + "   0: 0100", count) == "invalid: /proc/net/tcp: line 2 is cut short");
  CHECK(told_of("/proc/net/tcp6", "", count) == "invalid: /proc/net/tcp6: it is empty");
}

TEST_CASE("captured counters that are damaged are refused by their path, those of an earlier time too") {
  const auto counters = [](SocketSource& sockets) { return sockets.counters(); };
  CHECK(told_of("/proc/net/netstat", "TcpExt: TW\nTcpExt: 7\n", counters) == "whole");
  CHECK(told_of("/proc/net/netstat", "TcpExt: TW\n", counters) ==
        "invalid: /proc/net/netstat: names without their values");
  CHECK(told_of("/proc/net/snmp", std::string(256 * 1024 + 1, 'x'), counters) ==
        "invalid: /proc/net/snmp: larger than any file of counters");
  const auto earlier = [](SocketSource& sockets) { return sockets.earlier_counters(); };
  CHECK(told_of("/earlier/proc/net/sockstat", "TCP: tw 7\n", earlier) == "whole");
  CHECK(told_of("/earlier/proc/net/sockstat", "TCP: tw\n", earlier) ==
        "invalid: /earlier/proc/net/sockstat: a name without its value");
  CHECK(told_of("/proc/uptime", "soon\n", earlier) == "invalid: /proc/uptime: not what the kernel writes there");
}
