// The order of a plan's writes, and the hazard for a range that no order helps, held to the running kernel.
#include <doctest/doctest.h>

#include <cerrno>

#include "support/namespace.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

constexpr std::string_view kPortRangeKey = "net.ipv4.ip_local_port_range";
constexpr std::string_view kPrivilegedEnd = "net.ipv4.ip_unprivileged_port_start";

// A host that has this namespace's two values.
PlanHost as_here() {
  PlanHost box = host();
  for (const std::string_view key : {kPortRangeKey, kPrivilegedEnd}) {
    const Setting& setting = *find_setting(Os::linux_kernel, key);
    box.live(key, canonical(setting, kernel_text(key).value_or("")));
  }
  return box;
}

std::string values_here() {
  const PlanHost box = as_here();
  return box.snapshot.live.find(kPortRangeKey)->second.value + ", " +
         box.snapshot.live.find(kPrivilegedEnd)->second.value;
}

// Carries the plan out and undoes it in reverse; the errno of the first write that the kernel refuses.
int there_and_back(const Plan& plan, std::string& between) {
  const std::vector<const PlannedSetting*> order = write_order(plan, Layer::live);
  for (const PlannedSetting* planned : order) {
    if (const int problem = write_setting(planned->setting->key, *planned->writes[0].after)) return problem;
  }
  between = values_here();
  for (auto planned = order.rbegin(); planned != order.rend(); ++planned) {
    if (const int problem = write_setting((*planned)->setting->key, *(*planned)->writes[0].before)) return problem;
  }
  return 0;
}

}  // namespace

TEST_CASE("the kernel takes a port range and ip_unprivileged_port_start in write_order, and in reverse for undo") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  struct Move {
    std::string_view range;
    std::string_view end;
  };
  for (const Move& move : {Move{"500 65001", "400"}, Move{"40000 60999", "35000"}, Move{"1500 2000", "80"}}) {
    CAPTURE(move.range);
    const std::string before = values_here();
    const Plan plan = as_here().plan(
        {"ip_local_port_range = " + std::string(move.range), "ip_unprivileged_port_start = " + std::string(move.end)},
        scope(Scope::live));
    std::string between;
    CHECK(there_and_back(plan, between) == 0);
    CHECK(between == std::string(move.range) + ", " + std::string(move.end));
    CHECK(values_here() == before);
  }
}

TEST_CASE("the kernel refuses what ports-privileged warns of, and takes what it does not") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const auto warned = [](std::string_view wish) {
    return !text_of(as_here().plan({wish}, scope(Scope::live)), "ports-privileged").empty();
  };
  CHECK(warned("ip_local_port_range = 1023 65000"));
  CHECK(write_setting(kPortRangeKey, "1023 65000") == EINVAL);
  CHECK(warned("ip_unprivileged_port_start = 32769"));
  CHECK(write_setting(kPrivilegedEnd, "32769") == EINVAL);
  CHECK_FALSE(warned("ip_unprivileged_port_start = 32768"));
  CHECK(write_setting(kPrivilegedEnd, "32768") == 0);
  CHECK_FALSE(warned("ip_local_port_range = 32768 65001"));
  CHECK(write_setting(kPortRangeKey, "32768 65001") == 0);
}
