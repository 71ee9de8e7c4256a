// write_order(): an order in which the kernel takes every write.
#include <doctest/doctest.h>

#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::vector<std::string> order(const Plan& plan, Layer layer) {
  std::vector<std::string> keys;
  for (const PlannedSetting* planned : write_order(plan, layer)) {
    keys.emplace_back(planned->setting->key.substr(planned->setting->key.rfind('.') + 1));
  }
  return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("ip_unprivileged_port_start goes down before the port range follows it") {
  const Plan plan = host().plan({"ip_local_port_range = 500 65001", "ip_unprivileged_port_start = 400"});
  CHECK(order(plan, Layer::live) == Keys{"ip_unprivileged_port_start", "ip_local_port_range"});
  CHECK(order(plan, Layer::boot) == Keys{"ip_unprivileged_port_start", "ip_local_port_range"});
}

TEST_CASE("ip_unprivileged_port_start goes up after the port range has made room") {
  const Plan plan = host()
                        .live("ip_local_port_range", "1500 60999")
                        .plan({"ip_unprivileged_port_start = 2000", "ip_local_port_range = 2048 60999"});
  CHECK(order(plan, Layer::live) == Keys{"ip_local_port_range", "ip_unprivileged_port_start"});
}

TEST_CASE("ports are reserved before the range grows over them, timestamps are on before they are needed") {
  const Plan plan = host()
                        .live("tcp_timestamps", "0")
                        .plan({"ip_local_port_range = 15000 65001", "ip_local_reserved_ports = 27017",
                               "tcp_tw_reuse = 1", "tcp_timestamps = 1"});
  CHECK(order(plan, Layer::live) ==
        Keys{"ip_local_reserved_ports", "tcp_timestamps", "tcp_tw_reuse", "ip_local_port_range"});
}

TEST_CASE("only settings with a write in that layer are listed") {
  const Plan plan = host().live("tcp_fin_timeout", "30").plan({"tcp_fin_timeout = 30", "somaxconn = >= 1024"});
  CHECK(order(plan, Layer::live).empty());
  CHECK(order(plan, Layer::boot) == Keys{"tcp_fin_timeout"});
}
