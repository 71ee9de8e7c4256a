#include "diagnose/socket_summary.hpp"

#include <doctest/doctest.h>

#include "diagnose/bounded_table.hpp"
#include "support/memory_host.hpp"

using namespace twctl;

namespace {

Socket socket_to(IpAddress peer, TcpState state, std::uint32_t inode = 0) {
  return {.state = state,
          .local_port = 40000,
          .remote_port = 443,
          .local = ipv4_address(10, 0, 0, 1),
          .remote = peer,
          .inode = inode};
}

IpAddress peer(unsigned number) {
  return ipv4_address(10, static_cast<std::uint8_t>(number >> 16U), static_cast<std::uint8_t>(number >> 8U),
                      static_cast<std::uint8_t>(number));
}

}  // namespace

TEST_CASE("a bounded table keeps what it has and takes no key beyond its limit") {
  BoundedTable<IpAddress, int> table(1000);
  for (unsigned i = 0; i < 1500; ++i) {
    int* value = table.find_or_add(peer(i));
    CHECK((value != nullptr) == (i < 1000));
    if (value != nullptr) *value = static_cast<int>(i);
  }
  CHECK(table.size() == 1000);
  CHECK(*table.find(peer(999)) == 999);
  CHECK(table.find(peer(1000)) == nullptr);
  long sum = 0;
  table.for_each([&](const IpAddress&, int value) { sum += value; });
  CHECK(sum == 999 * 1000 / 2);
}

TEST_CASE("a list that is read again counts once") {
  test::MemorySockets sockets;
  sockets.restarts = true;
  for (unsigned i = 0; i < 10; ++i) sockets.table.push_back(socket_to(peer(i % 2), TcpState::established));
  const auto summary = summarise(sockets, GroupBy::peer);
  CHECK(total_of(summary->counts) == 10);
  REQUIRE(summary->groups.size() == 2);
  CHECK(summary->groups[0].name == "10.0.0.0");
  CHECK(total_of(summary->groups[0].counts) == 5);
  CHECK(total_of(summarise(sockets, std::nullopt)->counts) == 10);
}

TEST_CASE("peers beyond the bound are counted as others, and none is lost") {
  test::MemorySockets sockets;
  for (unsigned i = 0; i < kMostGroups + 500; ++i) sockets.table.push_back(socket_to(peer(i), TcpState::time_wait));
  const auto summary = summarise(sockets, GroupBy::peer);
  CHECK(summary->groups.size() == kGroupsShown);
  CHECK(count_of(summary->other.counts, TcpState::time_wait) == kMostGroups + 500 - kGroupsShown);
  CHECK(summary->other_groups == 0);  // not known
  CHECK(count_of(summary->counts, TcpState::time_wait) == kMostGroups + 500);
}

TEST_CASE("processes that could not be seen are a group of their own, and their number is told") {
  test::MemorySockets sockets;
  sockets.table = {socket_to(peer(1), TcpState::established, 1), socket_to(peer(1), TcpState::close_wait, 1),
                   socket_to(peer(1), TcpState::established, 2), socket_to(peer(1), TcpState::time_wait)};
  sockets.holders.processes = {{.pid = 812, .name = "nginx"}};
  sockets.holders.owner = {0, SocketOwners::kNobody};
  sockets.holders.hidden = 3;
  const auto summary = summarise(sockets, GroupBy::process);
  REQUIRE(summary->groups.size() == 3);
  CHECK(summary->groups[0].name == "nginx (812)");
  CHECK(total_of(summary->groups[0].counts) == 2);
  CHECK(summary->groups[1].name == "a process that could not be seen");
  CHECK(summary->groups[2].name == "no process");
  CHECK(summary->hidden_processes == 3);
}

TEST_CASE("why the sockets cannot be read is the error") {
  test::MemorySockets sockets;
  sockets.broken = Error{.code = ErrorCode::failed, .message = "it never came whole"};
  CHECK(summarise(sockets, GroupBy::port).error().message == "it never came whole");
}
