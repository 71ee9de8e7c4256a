#include "platform/linux/load_meter.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace twctl;

TEST_CASE("of times that are kept in classes the middle one and the highest hundredth are within an eighth") {
  TimeClasses classes;
  CHECK(classes.times() == ConnectTimes{});
  classes.add(7);
  CHECK(classes.times() == ConnectTimes{.p50 = 7, .p99 = 7, .most = 7});
  TimeClasses hundred;
  for (std::uint32_t time = 1; time <= 100; ++time) hundred.add(time);
  CHECK(hundred.times() == ConnectTimes{.p50 = 48, .p99 = 96, .most = 100});
  for (int i = 0; i < 3; ++i) hundred.add(UINT32_MAX);
  CHECK(hundred.times() == ConnectTimes{.p50 = 52, .p99 = 15U << 28U, .most = UINT32_MAX});
}
