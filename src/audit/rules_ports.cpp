// The range of local ports: what it covers, and how it is cut.
#include <fmt/format.h>

#include <algorithm>

#include "audit/rules.hpp"
#include "base/text.hpp"
#include "catalog/service_ports.hpp"

namespace twctl::rules {
namespace {

constexpr std::string_view kRange = "net.ipv4.ip_local_port_range";
constexpr std::string_view kReserved = "net.ipv4.ip_local_reserved_ports";
constexpr PortRange kAnssi{32768, 65535};
constexpr PortRange kUsual{32768, 60999};  // the kernel's default
constexpr std::size_t kMostNamed = 8;

bool any_free(const PortRange& wanted, const PortRange& range, const PortSet& reserved) {
  for (int port = std::max(wanted.first, range.first); port <= std::min(wanted.last, range.last); ++port) {
    if (!contains(reserved, port)) return true;
  }
  return false;
}

std::vector<std::string> services_in(const PortRange& range, const PortSet& reserved) {
  std::vector<std::string> names;
  for (const auto& [ports, name] : service_ports()) {
    if (any_free(ports, range, reserved)) names.push_back(fmt::format("{} ({})", ports.first, name));
  }
  return names;
}

std::string listed(const std::vector<std::string>& all) {
  const std::size_t named = std::min(all.size(), kMostNamed);
  const std::string text = join(std::span(all).first(named), ", ");
  return named == all.size() ? text : fmt::format("{} and {} more", text, all.size() - named);
}

}  // namespace

void ports(const Settled& settled, Findings& found) {
  const SettledValue* said = settled.find(kRange);
  const auto ends = said == nullptr ? std::nullopt : as_pair(said->value);
  if (!ends) return;
  const PortRange range{static_cast<int>(ends->first), static_cast<int>(ends->second)};
  const PortSet reserved = parse_ports(settled.value(kReserved).value_or("")).value_or(PortSet{});
  const auto say = [&](std::string_view id, const std::string& what) {
    found.push_back(make_finding(id, kRange, said->where, what + settled.layer + "."));
  };
  if (const std::vector<std::string> services = services_in(range, reserved); !services.empty()) {
    say("port-range-services", fmt::format("{}-{} covers {}", range.first, range.last, listed(services)));
  }
  if ((range.first + range.last) % 2 == 0) {
    say("port-range-parity",
        fmt::format("{} and {} are both {}", range.first, range.last, range.first % 2 == 0 ? "even" : "odd"));
  }
  if (range != kAnssi && range != kUsual) {
    say("anssi-port-range", fmt::format("The range is {}-{}", range.first, range.last));
  }
}

}  // namespace twctl::rules
