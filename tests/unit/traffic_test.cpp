#include "diagnose/traffic.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support/memory_host.hpp"

using namespace twctl;

namespace {

const IpAddress kOwnAddress = ipv4_address(10, 0, 0, 1);

Socket socket_of(TcpState state, std::uint16_t local, std::uint16_t remote, std::uint32_t inode = 0) {
  Socket socket;
  socket.state = state;
  socket.local = kOwnAddress;
  socket.remote = ipv4_address(10, 0, 0, 5);
  socket.local_port = local;
  socket.remote_port = remote;
  socket.inode = inode;
  return socket;
}

Socket time_wait(std::uint16_t local, std::uint32_t left_ms) {
  Socket socket = socket_of(TcpState::time_wait, local, 443);
  socket.timer = SocketTimer::time_wait;
  socket.timer_ms = left_ms;
  return socket;
}

Socket listener(std::uint16_t port, std::uint32_t waiting, std::uint32_t limit) {
  Socket socket = socket_of(TcpState::listen, port, 0, 77);
  socket.receive_queue = waiting;
  socket.send_queue = limit;
  return socket;
}

Traffic traffic_of(test::MemorySockets& sockets) {
  const auto ports = port_settings({{"net.ipv4.ip_local_port_range", "32768 60999"}});
  const auto traffic = read_traffic(sockets, *ports);
  REQUIRE(traffic.has_value());
  return *traffic;
}

}  // namespace

TEST_CASE("connections that this host opened take ports, those that it serves do not") {
  test::MemorySockets sockets;
  sockets.table = {listener(80, 1, 128),
                   socket_of(TcpState::established, 80, 50000, 1),
                   socket_of(TcpState::time_wait, 80, 50001),
                   socket_of(TcpState::established, 40000, 443, 2),
                   time_wait(40001, 30000),
                   socket_of(TcpState::established, 1000, 443, 3)};
  const Traffic traffic = traffic_of(sockets);
  CHECK(traffic.time_wait_served == 1);
  REQUIRE(traffic.destinations.size() == 1);
  CHECK(to_text(traffic.destinations[0].destination) == "10.0.0.1 to 10.0.0.5:443");
  CHECK(traffic.destinations[0].ports.open == 1);  // port 1000 is not of the range
  CHECK(traffic.destinations[0].ports.time_wait == 1);
  REQUIRE(traffic.sources.size() == 1);
  CHECK(traffic.sources[0].distinct_ports == 2);
  REQUIRE(traffic.listeners.size() == 1);
  CHECK(traffic.listeners[0].time_wait == 1);
  CHECK(traffic.listeners[0].waiting == 1);
}

TEST_CASE("a connection whose server has stopped was accepted here, one whose SYN is out was not") {
  test::MemorySockets sockets;
  Socket beside = socket_of(TcpState::time_wait, 8082, 40000);
  beside.remote = kOwnAddress;
  sockets.table = {socket_of(TcpState::time_wait, 8081, 50000), beside, socket_of(TcpState::close_wait, 8081, 50001, 1),
                   socket_of(TcpState::time_wait, 700, 2049), socket_of(TcpState::syn_sent, 701, 50051, 2)};
  const Traffic traffic = traffic_of(sockets);
  CHECK(traffic.time_wait_served == 2);
  REQUIRE(traffic.destinations.size() == 2);
  for (const DestinationUse& use : traffic.destinations) CHECK(use.destination.port != 50000);
  REQUIRE(traffic.asking.size() == 1);
  CHECK(traffic.asking[0].port == 50051);
}

TEST_CASE("what is left of its 60 seconds tells when a connection came into TIME_WAIT") {
  test::MemorySockets sockets;
  sockets.table = {time_wait(40000, 59500), time_wait(40002, 55000), time_wait(40004, 30000), time_wait(40006, 4000)};
  const PortUse use = traffic_of(sockets).destinations.at(0).ports;
  CHECK(use.time_wait == 4);
  CHECK(use.young == 1);
  CHECK(use.entered == 2);
  CHECK(use.leaving == 1);
}

TEST_CASE("a list that is read again counts once") {
  test::MemorySockets sockets;
  sockets.restarts = true;
  for (std::uint16_t port = 0; port < 10; ++port) {
    sockets.table.push_back(socket_of(TcpState::syn_sent, static_cast<std::uint16_t>(40000 + port), port, 10U + port));
  }
  const Traffic traffic = traffic_of(sockets);
  CHECK(count_of(traffic.counts, TcpState::syn_sent) == 10);
  CHECK(traffic.syn_sent.size() == 10);
  CHECK(traffic.asked_hosts.at(0).ports == 10);
}

TEST_CASE("of too many listeners those in trouble are kept, and all are counted and known as served") {
  test::MemorySockets sockets;
  constexpr unsigned kListeners = 3 * kMostListeners;
  for (unsigned i = 0; i < kListeners; ++i) {
    sockets.table.push_back(listener(static_cast<std::uint16_t>(1 + i), i % 1000 == 999 ? 1 : 0, 128));
  }
  sockets.table.push_back(socket_of(TcpState::time_wait, kListeners, 50000));
  const Traffic traffic = traffic_of(sockets);
  CHECK(traffic.listeners.size() == kMostListeners);
  CHECK(std::count_if(traffic.listeners.begin(), traffic.listeners.end(),
                      [](const Listener& kept) { return kept.waiting > 0; }) == kListeners / 1000);
  CHECK(count_of(traffic.counts, TcpState::listen) == kListeners);
  CHECK(traffic.time_wait_served == 1);
}

TEST_CASE("destinations beyond the bound are counted, not forgotten") {
  test::MemorySockets sockets;
  for (unsigned i = 0; i < kMostDestinations + 10; ++i) {
    Socket socket = socket_of(TcpState::established, 40000, 443, i + 1);
    socket.remote = ipv4_address(10, static_cast<std::uint8_t>(i >> 16U), static_cast<std::uint8_t>(i >> 8U),
                                 static_cast<std::uint8_t>(i));
    sockets.table.push_back(socket);
  }
  const Traffic traffic = traffic_of(sockets);
  CHECK(traffic.left_out == 10);
  CHECK(count_of(traffic.counts, TcpState::established) == kMostDestinations + 10);
  CHECK(traffic.destinations.size() == kMostShown);
}
