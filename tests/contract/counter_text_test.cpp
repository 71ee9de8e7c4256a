#include "platform/linux/counter_text.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace twctl;

namespace {

using Take = tl::expected<void, std::string> (*)(std::string_view, Counters&);

std::string problem_of(Take take, std::string_view text) {
  Counters counters;
  const auto done = take(text, counters);
  return done ? "none" : done.error();
}

}  // namespace

TEST_CASE("netstat and snmp pair a line of names with a line of values") {
  Counters counters;
  REQUIRE(take_paired_counters("TcpExt: SyncookiesSent TW\nTcpExt: 3 70\nIpExt: InNoRoutes\nIpExt: 0\n", counters));
  REQUIRE(take_paired_counters("Tcp: MaxConn OutRsts\nTcp: -1 18446744073709551615\n", counters));
  CHECK(counters == Counters{{"TcpExt.SyncookiesSent", 3},
                             {"TcpExt.TW", 70},
                             {"IpExt.InNoRoutes", 0},
                             {"Tcp.MaxConn", -1},
                             {"Tcp.OutRsts", std::numeric_limits<std::int64_t>::max()}});
}

TEST_CASE("sockstat names each number in front of it") {
  Counters counters;
  REQUIRE(take_sockstat("sockets: used 9\nTCP: inuse 4 orphan 0 tw 2 alloc 6 mem 1\n", counters));
  CHECK(counters.at("sockstat.TCP.tw") == 2);
  CHECK(counters.at("sockstat.sockets.used") == 9);
}

TEST_CASE("conntrack's counters are the sums over the processors, its entries are not") {
  Counters counters;
  REQUIRE(take_conntrack("entries  drop insert_failed\n0000000a 00000001 00000000\n0000000a 0000000f 00000002\n",
                         counters));
  CHECK(counters == Counters{{"conntrack.entries", 10}, {"conntrack.drop", 16}, {"conntrack.insert_failed", 2}});
}

TEST_CASE("damaged counter files are refused with what is wrong") {
  CHECK(problem_of(take_paired_counters, "") == "none");
  CHECK(problem_of(take_paired_counters, "TcpExt: A B\nTcpExt: 1\n") == "names without their values");
  CHECK(problem_of(take_paired_counters, "TcpExt: A\n") == "names without their values");
  CHECK(problem_of(take_paired_counters, "TcpExt: A\nTcp: 1\n") == "names without their values");
  CHECK(problem_of(take_paired_counters, "TcpExt: A\nTcpExt: x\n") == "a counter that is no number");
  CHECK(problem_of(take_sockstat, "TCP: inuse\n") == "a name without its value");
  CHECK(problem_of(take_sockstat, "TCP: inuse x\n") == "a counter that is no number");
  CHECK(problem_of(take_conntrack, "entries drop\n0a zz\n") == "a counter that is no number");
}
