// The text tables: of the kernel as it prints them, cut anywhere, and damaged.
#include "platform/linux/tcp_table.hpp"

#include <doctest/doctest.h>

#include "platform/linux/linux_sockets.hpp"

using namespace twctl;

namespace {

const std::string kHeadings =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const std::string kListener =
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 12345 1 "
    "0000000000000000 100 0 0 10 0\n";
const std::string kTimeWait =
    "   1: 0100007F:1F90 0500000A:A001 06 00000000:00000000 03:0000170C 00000000     0        0 0 3 "
    "0000000000000000\n";
const std::string kIpv6 =
    "   0: 0000000000000000FFFF00000100007F:01BB 00000000000000000000000001000000:C001 01 00000010:00000000 "
    "02:000A7214 00000000  1000        0 777 2 0000000000000000 20 4 30 10 -1\n";

std::vector<Socket> read_all(const std::string& text, std::size_t piece) {
  TcpTableReader reader;
  std::vector<Socket> sockets;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    REQUIRE(reader.take(std::string_view(text).substr(at, piece), sockets).has_value());
  }
  REQUIRE(reader.finish().has_value());
  return sockets;
}

std::string table_problem(const std::string& text) {
  TcpTableReader reader;
  std::vector<Socket> sockets;
  auto done = reader.take(text, sockets);
  if (done) done = reader.finish();
  return done ? "none" : done.error();
}

}  // namespace

TEST_CASE("the kernel's table of sockets is read the same in pieces of any size") {
  const std::string text = kHeadings + kListener + kTimeWait + kIpv6;
  const std::vector<Socket> whole = read_all(text, text.size());
  REQUIRE(whole.size() == 3);
  CHECK(whole[0] == Socket{.state = TcpState::listen,
                           .local_port = 8080,
                           .local = ipv4_address(127, 0, 0, 1),
                           .remote = ipv4_address(0, 0, 0, 0),
                           .inode = 12345,
                           .receive_queue = 3});
  CHECK(whole[1] == Socket{.state = TcpState::time_wait,
                           .timer = SocketTimer::time_wait,
                           .local_port = 8080,
                           .remote_port = 40961,
                           .local = ipv4_address(127, 0, 0, 1),
                           .remote = ipv4_address(10, 0, 0, 5),
                           .timer_ms = 59000});
  CHECK(to_text(whole[2].local, whole[2].local_port) == "127.0.0.1:443");
  CHECK(to_text(whole[2].remote, whole[2].remote_port) == "[::1]:49153");
  CHECK(whole[2].timer == SocketTimer::keepalive);
  for (std::size_t piece = 1; piece < text.size(); piece += 7) CHECK(read_all(text, piece) == whole);
}

TEST_CASE("a damaged table of sockets is refused with the line, never counted short") {
  CHECK(table_problem("") == "it is empty");
  CHECK(table_problem("junk\n") == "it does not begin with the headings");
  CHECK(table_problem(kHeadings) == "none");
  CHECK(table_problem(kHeadings + kListener + "   1: 0100007F:1F90 000") == "line 3 is cut short");
  CHECK(table_problem(kHeadings + "   0: 0100007F:1F90 00000000:0000 0A\n") ==
        "line 2 is not one of a table of sockets");
  CHECK(table_problem(kHeadings + "   0: 0100007F:1F901 00000000:0000 0A 0:0 0:0 0 0 0 1\n") ==
        "line 2 is not one of a table of sockets");
  CHECK(table_problem(kHeadings + "   0: 0100007G:1F90 00000000:0000 0A 0:0 0:0 0 0 0 1\n") ==
        "line 2 is not one of a table of sockets");
  CHECK(table_problem(kHeadings + std::string(5000, 'x')) == "line 2 is too long");
}

TEST_CASE("sockstat's tw is TIME_WAIT and the FIN_WAIT_2 that nobody holds") {
  StateCounts counts{};
  counts[static_cast<std::size_t>(TcpState::fin_wait_2)] = 5;
  const auto time_wait = [](const StateCounts& of) { return of[static_cast<std::size_t>(TcpState::time_wait)]; };
  CHECK(time_wait(with_time_wait(counts, 3, 10)) == 7);
  CHECK(time_wait(with_time_wait(counts, 3, 2)) == 0);  // it fell between the two readings
}

TEST_CASE("sockstat's tw is of this namespace alone from Linux 4.11 on") {
  CHECK_FALSE(counts_time_wait_per_namespace({}));
  CHECK_FALSE(counts_time_wait_per_namespace({4, 10, 17}));
  CHECK(counts_time_wait_per_namespace({4, 11}));
  CHECK(counts_time_wait_per_namespace({6, 1}));
}
