// kernel_takes() against the running kernel: every odd value for every setting that a network namespace has.
#include "sysctl/kernel_value.hpp"

#include <doctest/doctest.h>

#include "base/escape.hpp"
#include "support/in_namespace.hpp"
#include "support/namespaced_settings.hpp"
#include "support/skip.hpp"
#include "support/sysctl_tree.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

// The kernel holds the port range and the first unprivileged port to each other; here each is to be judged by itself.
void set_aside_the_other(const Setting& setting) {
  const bool range = setting.key == "net.ipv4.ip_local_port_range";
  put("/proc/sys/net/ipv4/ip_local_port_range", range ? "32768 60999\n" : "65535 65535\n");
  put("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0\n");
}

std::string compare_values() {
  int compared = 0;
  int taken = 0;
  std::string differences;
  for (const Setting* setting : namespaced_settings()) {
    set_aside_the_other(*setting);
    for (const std::string& written : odd_values(*setting)) {
      const Value before = value_of(*setting);
      const KernelOutcome computed = kernel_takes(*setting, written, before);
      const bool accepted = put(file_of(*setting), written + "\n").empty();
      const Value after = value_of(*setting);
      ++compared;
      taken += accepted ? 1 : 0;
      if (computed.value.value_or(before) == after && computed.value.has_value() == accepted) continue;
      differences += std::string(setting->key) + " = " + escape(written) + ": computed " +
                     computed.value.value_or("a refusal") + ", the kernel has " + after +
                     (accepted ? "\n" : " (it refused)\n");
    }
  }
  return std::to_string(compared) + " values, " + std::to_string(taken) + " taken by the kernel, differences:\n" +
         differences;
}

}  // namespace

TEST_CASE("the kernel does with every odd value what kernel_takes says") {
  const auto said = in_namespace(compare_values);
  if (!said) SKIP_TEST("no network namespaces here");
  MESSAGE(said->substr(0, 4000));
  CHECK(said->ends_with("differences:\n"));
  CHECK_FALSE(said->starts_with("0 "));
}
