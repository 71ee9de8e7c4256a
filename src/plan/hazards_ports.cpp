#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "catalog/service_ports.hpp"
#include "plan/finders.hpp"
#include "plan/presence.hpp"

namespace twctl::finders {
namespace {

constexpr std::string_view kRange = "net.ipv4.ip_local_port_range";
constexpr std::string_view kReserved = "net.ipv4.ip_local_reserved_ports";
constexpr std::string_view kPrivilegedEnd = "net.ipv4.ip_unprivileged_port_start";
constexpr int kTimeWaitSeconds = 60;
constexpr std::size_t kMostNamed = 8;  // in one text

struct LocalPorts {
  PortRange range;
  PortSet reserved;
};

std::optional<LocalPorts> local_ports(const std::optional<Value>& range, const std::optional<Value>& reserved) {
  const auto ends = range ? as_pair(*range) : std::nullopt;
  if (!ends) return std::nullopt;
  return LocalPorts{{static_cast<int>(ends->first), static_cast<int>(ends->second)},
                    parse_ports(reserved.value_or("")).value_or(PortSet{})};
}

// The range that the plan writes, and what is then reserved.
std::optional<LocalPorts> written_ports(const Outlook& outlook, Layer layer) {
  return local_ports(outlook.written(layer, kRange), outlook.after(layer, kReserved));
}

bool inside(const PortRange& range, int port) { return range.first <= port && port <= range.last; }

PortRange overlap(const PortRange& a, const PortRange& b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

int size_of(const PortRange& range) { return std::max(0, range.last - range.first + 1); }

// Ports of `wanted` that the kernel may hand out.
int free_ports(const LocalPorts& ports, const PortRange& wanted) {
  const PortRange covered = overlap(ports.range, wanted);
  int free = size_of(covered);
  for (const PortRange& reserved : ports.reserved) free -= size_of(overlap(covered, reserved));
  return free;
}

int usable(const LocalPorts& ports) { return free_ports(ports, ports.range); }

// "22000, 33060 and 3 more"
std::string listed(const std::vector<std::string>& all) {
  const std::size_t named = std::min(all.size(), kMostNamed);
  std::string text = join(std::span(all).first(named), ", ");
  if (named < all.size()) text += fmt::format(" and {} more", all.size() - named);
  return text;
}

std::string service_text(const ServicePorts& service) {
  const auto& [first, last] = service.ports;
  const std::string ports = first == last ? std::to_string(first) : fmt::format("{}-{}", first, last);
  return fmt::format("{} ({})", ports, service.name);
}

std::string range_text(const PortRange& range) { return fmt::format("{}-{}", range.first, range.last); }

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Where ip_unprivileged_port_start stands when our file is read: a file whose name sorts later has not been seen then.
std::optional<Value> start_when_read(const Outlook& outlook) {
  const Setting& setting = *find_setting(Os::linux_kernel, kPrivilegedEnd);
  const std::optional<Place> origin = boot_state(setting, outlook.side).origin;
  const bool later = origin && file_name(origin->file) > file_name(outlook.side.file);
  const bool ours = outlook.written(Layer::boot, kPrivilegedEnd).has_value();
  return later && !ours ? kernel_default(setting, outlook.plan.host) : std::nullopt;
}

std::int64_t privileged_end(const Outlook& outlook, Layer layer) {
  const std::optional<Value> end = outlook.after(layer, kPrivilegedEnd);
  const std::optional<Value> early = layer == Layer::boot ? start_when_read(outlook) : std::nullopt;
  const std::int64_t settled = as_integer(end.value_or("")).value_or(0);
  return std::max(settled, as_integer(early.value_or("")).value_or(0));
}

}  // namespace

std::vector<Found> ports_privileged(const Outlook& outlook) {
  const bool range_planned = outlook.planned(kRange) != nullptr;
  if (!range_planned && outlook.planned(kPrivilegedEnd) == nullptr) return {};
  return once(outlook, range_planned ? kRange : kPrivilegedEnd, [&](Layer layer) -> std::string {
    const std::optional<LocalPorts> ports = local_ports(outlook.after(layer, kRange), std::nullopt);
    const std::int64_t end = privileged_end(outlook, layer);
    if (!ports || ports->range.first >= end) return {};
    return fmt::format(
        "The range {} starts below ip_unprivileged_port_start ({}): the kernel refuses that (EINVAL) "
        "and the old value stays.",
        range_text(ports->range), end);
  });
}

std::vector<Found> ports_in_use(const Outlook& outlook) {
  return once(outlook, kRange, [&](Layer layer) -> std::string {
    const std::optional<LocalPorts> ports = written_ports(outlook, layer);
    if (!ports) return {};
    std::vector<std::string> hit;
    for (const int port : outlook.side.snapshot.listening_ports) {
      if (inside(ports->range, port) && !contains(ports->reserved, port)) hit.push_back(std::to_string(port));
    }
    if (hit.empty()) return {};
    return fmt::format(
        "{} covers ports on which this host listens: {}. A service that restarts may find its port "
        "taken by an outgoing connection.",
        range_text(ports->range), listed(hit));
  });
}

std::vector<Found> ports_service(const Outlook& outlook) {
  return once(outlook, kRange, [&](Layer layer) -> std::string {
    const std::optional<LocalPorts> ports = written_ports(outlook, layer);
    if (!ports) return {};
    std::vector<std::string> hit;
    for (const ServicePorts& service : service_ports()) {
      if (free_ports(*ports, service.ports) > 0) hit.push_back(service_text(service));
    }
    if (hit.empty()) return {};
    return fmt::format("{} covers ports of well-known services that are not reserved: {}.", range_text(ports->range),
                       listed(hit));
  });
}

std::vector<Found> ports_shrink(const Outlook& outlook) {
  return once(outlook, kRange, [&](Layer layer) -> std::string {
    const std::optional<LocalPorts> to = written_ports(outlook, layer);
    const std::optional<LocalPorts> from = local_ports(outlook.before(layer, kRange), outlook.before(layer, kReserved));
    if (!to || !from || usable(*to) >= usable(*from)) return {};
    return fmt::format(
        "{} usable ports become {}: without reuse that is {} connections a second from one address to "
        "one service.",
        usable(*from), usable(*to), usable(*to) / kTimeWaitSeconds);
  });
}

}  // namespace twctl::finders
