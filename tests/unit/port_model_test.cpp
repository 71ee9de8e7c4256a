// The model of a client's ports, with the numbers that were measured on Linux 6.18 (docs/trial.md).
#include "diagnose/port_model.hpp"

#include <doctest/doctest.h>

using namespace twctl;
using std::chrono::milliseconds;

namespace {

PortSettings ports(int count, LiveSettings more = {}) {
  LiveSettings live{{"net.ipv4.ip_local_port_range", "40000 " + std::to_string(40000 + count - 1)},
                    {"net.ipv4.tcp_tw_reuse", "1"},
                    {"net.ipv4.tcp_tw_reuse_delay", "1000"}};
  for (auto& [key, value] : more) live[key] = value;
  return *port_settings(live);
}

const LiveSettings kNoReuse{{"net.ipv4.tcp_tw_reuse", "0"}};
const LiveSettings kDelay100{{"net.ipv4.tcp_tw_reuse_delay", "100"}};

std::int64_t most(const PortSettings& settings, int destinations, milliseconds length) {
  return port_model(settings, {}, {.destinations = destinations, .length = length}).most.value_or(-1);
}

}  // namespace

TEST_CASE("with a reuse delay each port serves once at first, and once more after each delay") {
  CHECK(most(ports(1000), 1, milliseconds(5000)) == 5000);
  CHECK(most(ports(1000), 4, milliseconds(5000)) == 20000);
  CHECK(most(ports(100, kDelay100), 1, milliseconds(1000)) == 1000);
  CHECK(most(ports(250, kDelay100), 1, milliseconds(1000)) == 2500);
  CHECK(most(ports(1000), 1, milliseconds(2500)) == 3000);  // a fence post: 1200/s
  CHECK(most(ports(1000), 1, milliseconds(1000)) == 1000);
  CHECK(most(ports(1000), 1, milliseconds(1001)) == 2000);
}

TEST_CASE("without reuse each port serves once in a minute") {
  CHECK(most(ports(1000, kNoReuse), 1, milliseconds(5000)) == 1000);
  CHECK(most(ports(1000, kNoReuse), 4, milliseconds(60000)) == 4000);
  CHECK(most(ports(1000, kNoReuse), 1, milliseconds(60001)) == 2000);
}

TEST_CASE("reuse 2 is inert between two hosts and works on lo, none works without timestamps") {
  const PortSettings two = ports(1000, {{"net.ipv4.tcp_tw_reuse", "2"}});
  CHECK_FALSE(port_model(two, {}, {}).reuse);
  CHECK(port_model(two, {}, {.loopback = true}).reuse);
  CHECK(port_model(two, {}, {.loopback = true, .ipv6 = true}).reuse);
  CHECK_FALSE(port_model(ports(1000, {{"net.ipv4.tcp_timestamps", "0"}}), {}, {}).reuse);
}

TEST_CASE("kernels before 6.14 reuse by whole seconds, those before 4.19 in the second after next") {
  LiveSettings live{{"net.ipv4.ip_local_port_range", "40000 40999"}, {"net.ipv4.tcp_tw_reuse", "1"}};
  const PortSettings older = *port_settings(live);
  CHECK(uses_of_a_port(older, true, {6, 1, 0}, milliseconds(5000)) == 6);
  CHECK(uses_of_a_port(older, true, {6, 1, 0}, milliseconds(2500)) == 4);
  CHECK(uses_of_a_port(older, true, {4, 9, 0}, milliseconds(5000)) == 3);
  CHECK(uses_of_a_port(older, false, {4, 9, 0}, milliseconds(5000)) == 1);
}

TEST_CASE("bind() before connect() has one range for all destinations, and no reuse") {
  Load load{.destinations = 4, .binding = Binding::port, .length = milliseconds(5000)};
  CHECK(port_model(ports(1000), {}, load).most == 1000);
  load.binding = Binding::address;
  CHECK(port_model(ports(1000), {}, load).most == 20000);
}

TEST_CASE("nothing is a limit where the server closes first, the client resets, or buckets run out") {
  CHECK_FALSE(port_model(ports(1000), {}, {.closes = Side::server}).most.has_value());
  CHECK_FALSE(port_model(ports(1000), {}, {.reset = true}).most.has_value());
  CHECK_FALSE(port_model(ports(1000), {.max_tw_buckets = 999}, {}).most.has_value());
  CHECK(port_model(ports(1000), {.max_tw_buckets = 1000}, {}).most == 1000);
  CHECK(port_model(ports(1000), {.max_tw_buckets = -1}, {}).most == 1000);
}

TEST_CASE("a rate or a number of attempts is a limit of its own") {
  CHECK(port_model(ports(1000), {}, {.rate = 100, .length = milliseconds(2500)}).connections == 250);
  CHECK(port_model(ports(1000), {}, {.closes = Side::server, .rate = 100}).connections == 100);
  CHECK(port_model(ports(1000, kNoReuse), {}, {.rate = 5000}).connections == 1000);
  CHECK(port_model(ports(1000, kNoReuse), {}, {.most_attempts = 30}).connections == 30);
}

TEST_CASE("reserved ports are none, and a socket's own range is cut to the host's") {
  CHECK(most(ports(1000, {{"net.ipv4.ip_local_reserved_ports", "40000-40099"}}), 1, milliseconds(1000)) == 900);
  CHECK(with_socket_range(ports(1000), {40100, 40199}).usable == 100);
  CHECK(with_socket_range(ports(1000), {30000, 40199}).usable == 200);
  CHECK(with_socket_range(ports(1000), {40900, 65000}).usable == 100);
  CHECK(with_socket_range(ports(1000), {1024, 65000}).usable == 1000);
}

TEST_CASE("what lasts for good is the ports over the wait: 470/s or 28232/s by default") {
  const auto lasting = [](const PortSettings& settings, int destinations) {
    return static_cast<int>(port_model(settings, {}, {.destinations = destinations}).sustained.value_or(-1));
  };
  CHECK(lasting(ports(20000, kNoReuse), 1) == 333);
  CHECK(lasting(ports(20000), 1) == 20000);
  CHECK(lasting(ports(20000), 4) == 80000);
  CHECK(lasting(ports(1000, kNoReuse), 1) == 16);
}
