// The range of local ports: what it covers, and how it is cut.
#include <fmt/format.h>

#include "audit/rules.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/local_ports.hpp"

namespace twctl::rules {
namespace {

constexpr PortRange kAnssi{32768, 65535};
constexpr PortRange kUsual{32768, 60999};  // the kernel's default
constexpr std::size_t kMostNamed = 8;

std::vector<std::string> services_in(const LocalPorts& ports) {
  std::vector<std::string> names;
  for (const auto& [range, name] : ports.services()) names.push_back(fmt::format("{} ({})", range.first, name));
  return names;
}

}  // namespace

void ports(const Settled& settled, Findings& found) {
  const SettledValue* said = settled.find(keys::kPortRange);
  const auto local = said == nullptr ? std::nullopt : local_ports(said->value, settled.value(keys::kReservedPorts));
  if (!local) return;
  const PortRange& range = local->range;
  const auto say = [&](std::string_view id, const std::string& what) {
    found.push_back(make_finding(id, keys::kPortRange, said->where, what + settled.layer + "."));
  };
  if (const std::vector<std::string> services = services_in(*local); !services.empty()) {
    say("port-range-services", fmt::format("{} covers {}", to_text(range), listed(services, kMostNamed)));
  }
  if ((range.first + range.last) % 2 == 0) {
    say("port-range-parity",
        fmt::format("{} and {} are both {}", range.first, range.last, range.first % 2 == 0 ? "even" : "odd"));
  }
  if (range != kAnssi && range != kUsual) {
    say("anssi-port-range", "The range is " + to_text(range));
  }
}

}  // namespace twctl::rules
