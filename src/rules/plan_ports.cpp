#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/local_ports.hpp"
#include "rules/availability.hpp"
#include "rules/boot_state.hpp"
#include "rules/plan_rules.hpp"

namespace twctl::rules {
namespace {

using namespace keys;

// The range that the plan writes, and what is then reserved.
std::optional<LocalPorts> written_ports(const PlanView& plan, Layer layer) {
  return local_ports(plan.written(layer, kPortRange), plan.after(layer, kReservedPorts));
}

// Where ip_unprivileged_port_start stands when our file is read: a file whose name sorts later has not been seen then.
std::optional<Value> start_when_read(const PlanView& plan) {
  const Setting& setting = *find_setting(Os::linux_kernel, kPrivilegedEnd);
  const std::optional<Place> origin = boot_state(setting, plan.host).origin;
  const bool later = origin && file_name(origin->file) > file_name(plan.host.file);
  const bool ours = plan.written(Layer::boot, kPrivilegedEnd).has_value();
  return later && !ours ? kernel_default(setting, plan.facts()) : std::nullopt;
}

std::int64_t privileged_end(const PlanView& plan, Layer layer) {
  const std::optional<Value> end = plan.after(layer, kPrivilegedEnd);
  const std::optional<Value> early = layer == Layer::boot ? start_when_read(plan) : std::nullopt;
  const std::int64_t settled = as_integer(end.value_or("")).value_or(0);
  return std::max(settled, as_integer(early.value_or("")).value_or(0));
}

}  // namespace

void ports_privileged(const PlanView& plan, FindingSink& found) {
  const bool range_planned = plan.planned(kPortRange) != nullptr;
  if (!range_planned && plan.planned(kPrivilegedEnd) == nullptr) return;
  say_once(plan, found, range_planned ? kPortRange : kPrivilegedEnd, [&](Layer layer) -> std::string {
    const std::optional<LocalPorts> ports = local_ports(plan.after(layer, kPortRange), std::nullopt);
    const std::int64_t end = privileged_end(plan, layer);
    if (!ports || ports->range.first >= end) return {};
    return fmt::format(
        "The range {} starts below ip_unprivileged_port_start ({}): the kernel refuses that (EINVAL) "
        "and the old value stays.",
        to_text(ports->range), end);
  });
}

void ports_in_use(const PlanView& plan, FindingSink& found) {
  say_once(plan, found, kPortRange, [&](Layer layer) -> std::string {
    const std::optional<LocalPorts> ports = written_ports(plan, layer);
    if (!ports) return {};
    const std::vector<std::string> hit = ports->among(plan.host.snapshot.listening_ports);
    if (hit.empty()) return {};
    return fmt::format(
        "{} covers ports on which this host listens: {}. A service that restarts may find its port "
        "taken by an outgoing connection.",
        to_text(ports->range), listed(hit, kMostNamed));
  });
}

void ports_service(const PlanView& plan, FindingSink& found) {
  say_once(plan, found, kPortRange, [&](Layer layer) -> std::string {
    const std::optional<LocalPorts> ports = written_ports(plan, layer);
    if (!ports) return {};
    std::vector<std::string> hit;
    for (const ServicePorts& service : ports->services()) hit.push_back(to_text(service));
    if (hit.empty()) return {};
    return fmt::format("{} covers ports of well-known services that are not reserved: {}.", to_text(ports->range),
                       listed(hit, kMostNamed));
  });
}

void ports_none(const PlanView& plan, FindingSink& found) {
  const bool range_planned = plan.planned(kPortRange) != nullptr;
  if (!range_planned && plan.planned(kReservedPorts) == nullptr) return;
  say_once(plan, found, range_planned ? kPortRange : kReservedPorts, [&](Layer layer) -> std::string {
    const bool written = plan.written(layer, kPortRange) || plan.written(layer, kReservedPorts);
    const auto ports = local_ports(plan.after(layer, kPortRange), plan.after(layer, kReservedPorts));
    if (!written || !ports || ports->usable() > 0) return {};
    return fmt::format("All ports of the range {} are reserved: connect() fails for want of a port.",
                       to_text(ports->range));
  });
}

void ports_shrink(const PlanView& plan, FindingSink& found) {
  say_once(plan, found, kPortRange, [&](Layer layer) -> std::string {
    const std::optional<LocalPorts> to = written_ports(plan, layer);
    const std::optional<LocalPorts> from =
        local_ports(plan.before(layer, kPortRange), plan.before(layer, kReservedPorts));
    if (!to || !from || to->usable() >= from->usable()) return {};
    return fmt::format(
        "{} usable ports become {}: without reuse that is {} connections a second from one address to "
        "one service.",
        from->usable(), to->usable(), to->usable() / kTimeWaitSeconds);
  });
}

}  // namespace twctl::rules
