// The formulas, with the numbers that `twctl explain port-exhaustion` gives.
#include "diagnose/port_budget.hpp"

#include <doctest/doctest.h>

using namespace twctl;

namespace {

HostFacts with_kernel(KernelVersion kernel, const std::string& release) {
  HostFacts host;
  host.kernel = kernel;
  host.kernel_release = release;
  return host;
}

PortSettings settings(LiveSettings more = {}) {
  LiveSettings live{{"net.ipv4.ip_local_port_range", "32768 60999"}, {"net.ipv4.tcp_tw_reuse", "2"}};
  for (auto& [key, value] : more) live[key] = value;
  return *port_settings(live);
}

const IpAddress kHere = ipv4_address(10, 0, 0, 1);
const IpAddress kThere = ipv4_address(10, 0, 0, 5);

}  // namespace

TEST_CASE("usable ports are the range less what is reserved in it") {
  CHECK(settings().usable == 28232);
  CHECK(settings({{"net.ipv4.ip_local_reserved_ports", "1-9,32768-32777,60999"}}).usable == 28221);
  CHECK_FALSE(settings({{"net.ipv4.ip_local_reserved_ports", "40000"}}).local.may_choose(40000));
  CHECK(settings().local.may_choose(32768));
  CHECK_FALSE(settings().local.may_choose(32767));
}

TEST_CASE("a range that is no range is no base for a judgement") {
  CHECK_FALSE(port_settings({}).has_value());
  CHECK_FALSE(port_settings({{"net.ipv4.ip_local_port_range", "60999 32768"}}).has_value());
  CHECK_FALSE(port_settings({{"net.ipv4.ip_local_port_range", "0 99999"}}).has_value());
}

TEST_CASE("reuse 2 is for loopback, and none works without timestamps") {
  const Destination away{.from = kHere, .to = kThere, .port = 443};
  const Destination loopback{.from = ipv4_address(127, 0, 0, 1), .to = ipv4_address(127, 0, 0, 1), .port = 443};
  CHECK_FALSE(reuse_applies(settings(), away));
  CHECK(reuse_applies(settings(), loopback));
  CHECK(reuse_applies(settings({{"net.ipv4.tcp_tw_reuse", "1"}}), away));
  CHECK_FALSE(reuse_applies(settings({{"net.ipv4.tcp_tw_reuse", "1"}, {"net.ipv4.tcp_timestamps", "0"}}), away));
  CHECK_FALSE(reuse_applies(settings({{"net.ipv4.tcp_tw_reuse", "0"}}), loopback));
  const LiveSettings two{{"net.ipv4.ip_local_port_range", "32768 60999"}, {"net.ipv4.tcp_tw_reuse", "2"}};
  CHECK_FALSE(reuse_applies(*port_settings(two, with_kernel({4, 19}, "4.19.0")), away));
  CHECK(reuse_applies(*port_settings(two, with_kernel({4, 18}, "4.18.0")), away));  // any number but 0 was as 1
  CHECK_FALSE(reuse_applies(*port_settings(two, with_kernel({4, 18}, "4.18.0-553.el8_10.x86_64")), away));
}

TEST_CASE("without reuse 28232 ports last for 470 connections a second, with it for 28232") {
  CHECK(static_cast<int>(port_budget(settings(), {}, false).sustainable) == 470);
  CHECK(static_cast<int>(port_budget(settings(), {}, true).sustainable) == 28232);
  CHECK(static_cast<int>(port_budget(settings({{"net.ipv4.tcp_tw_reuse_delay", "500"}}), {}, true).sustainable) ==
        56464);
}

TEST_CASE("a port that an open connection holds does not turn over") {
  CHECK(port_budget(settings(), {.open = 28230}, true).sustainable == 2);
  CHECK(port_budget(settings(), {.open = 28232}, false).sustainable == 0);
  CHECK(port_budget(settings(), {.open = 30000}, false).sustainable == 0);  // open before the range was narrowed
  CHECK(static_cast<int>(port_budget(settings(), {.open = 232, .time_wait = 9000}, false).sustainable) == 466);
}

TEST_CASE("of a rate below ten a second two digits tell") {
  CHECK(per_second_text(470.53) == "470");
  CHECK(per_second_text(10) == "10");
  CHECK(per_second_text(1.4667) == "1.5");
  CHECK(per_second_text(2.0 / 60) == "0.033");
  CHECK(per_second_text(0) == "0");
}

TEST_CASE("what is taken is what is open, and TIME_WAIT that cannot be used again yet") {
  const PortUse use{.open = 100, .time_wait = 1000, .young = 20};
  CHECK(port_budget(settings(), use, false).taken == 1100);
  CHECK(port_budget(settings(), use, false).headroom == 27132);
  CHECK(port_budget(settings(), use, true).taken == 120);
}

TEST_CASE("ports last until they are used up faster than they come free") {
  const PortUse growing{.open = 0, .time_wait = 10000, .young = 0, .entered = 5000, .leaving = 0};
  CHECK(port_budget(settings(), growing, false).rate == 500);
  CHECK(static_cast<int>(*port_budget(settings(), growing, false).seconds_left) == 36);  // 18232 / 500
  const PortUse steady{.open = 0, .time_wait = 18000, .young = 300, .entered = 3000, .leaving = 3000};
  CHECK_FALSE(port_budget(settings(), steady, false).seconds_left.has_value());
  CHECK_FALSE(port_budget(settings(), growing, true).seconds_left.has_value());
}

TEST_CASE("with reuse the rate is that of the connections that cannot have been used again yet") {
  const PortUse reused{.open = 0, .time_wait = 177, .young = 120, .entered = 170, .leaving = 0};
  CHECK(port_budget(settings(), reused, true).rate == 120);
  CHECK(port_budget(settings(), reused, false).rate == 17);
  const PortUse ebbing{.open = 0, .time_wait = 177, .young = 0, .entered = 170, .leaving = 0};
  CHECK(port_budget(settings(), ebbing, true).rate == 17);
  const PortSettings at_once = settings({{"net.ipv4.tcp_tw_reuse_delay", "1"}});
  CHECK(port_budget(at_once, {.time_wait = 177, .young = 1, .entered = 170}, true).rate == 17);  // one is no rate
}
