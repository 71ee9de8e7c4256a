#include "diagnose/port_budget.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace twctl {
namespace {

constexpr std::uint64_t kMostPorts = 65536;

int size_within(const PortSet& ports, const PortRange& range) {
  int count = 0;
  for (const PortRange& part : ports) {
    count += std::max(0, std::min(part.last, range.last) - std::max(part.first, range.first) + 1);
  }
  return count;
}

int small(std::optional<std::int64_t> value, int otherwise) {
  constexpr std::int64_t kLargest = 1'000'000;
  return static_cast<int>(std::clamp<std::int64_t>(value.value_or(otherwise), 0, kLargest));
}

std::optional<PortRange> range_of(const LiveSettings& live) {
  const auto text = live.find("net.ipv4.ip_local_port_range");
  const auto pair = text == live.end() ? std::nullopt : as_pair(text->second);
  if (!pair || pair->first < 1 || pair->second > 65535 || pair->first > pair->second) return std::nullopt;
  return PortRange{static_cast<int>(pair->first), static_cast<int>(pair->second)};
}

}  // namespace

bool PortSettings::chosen_from(int port) const {
  return port >= range.first && port <= range.last && !contains(reserved, port);
}

bool PortSettings::has_low_parity(int port) const { return port % 2 == range.first % 2; }

std::optional<PortSettings> port_settings(const LiveSettings& live) {
  const auto range = range_of(live);
  if (!range) return std::nullopt;
  PortSettings settings;
  settings.range = *range;
  const auto reserved = live.find("net.ipv4.ip_local_reserved_ports");
  if (reserved != live.end()) settings.reserved = parse_ports(reserved->second).value_or(PortSet{});
  settings.usable = range->last - range->first + 1 - size_within(settings.reserved, *range);
  settings.reuse = small(number_of(live, "net.ipv4.tcp_tw_reuse"), 0);
  settings.timestamps = number_of(live, "net.ipv4.tcp_timestamps").value_or(1) != 0;
  const auto delay = number_of(live, "net.ipv4.tcp_tw_reuse_delay");
  settings.delay_is_a_setting = delay.has_value();
  settings.reuse_delay_ms = std::max(1, small(delay, 1000));
  return settings;
}

std::string to_text(const Destination& destination) {
  return fmt::format("{} to {}", to_text(destination.from), to_text(destination.to, destination.port));
}

bool reuse_applies(const PortSettings& settings, const Destination& destination) {
  if (!settings.timestamps || settings.reuse == 0) return false;
  return settings.reuse == 1 || is_loopback(destination.from) || is_loopback(destination.to);
}

PortBudget port_budget(const PortSettings& settings, const PortUse& use, bool reuse) {
  const double wait = reuse ? settings.reuse_delay_ms / 1000.0 : kTimeWaitSeconds;
  PortBudget budget;
  budget.usable = settings.usable;
  const std::uint64_t taken = std::uint64_t{use.open} + (reuse ? use.young : use.time_wait);
  budget.taken = static_cast<int>(std::min<std::uint64_t>(taken, kMostPorts));
  budget.headroom = std::max(0, settings.usable - budget.taken);
  budget.reuse = reuse;
  budget.sustainable = settings.usable / wait;
  budget.rate = static_cast<double>(use.entered) / kRateWindowSeconds;
  const double freed = reuse ? budget.sustainable : static_cast<double>(use.leaving) / kRateWindowSeconds;
  if (budget.rate > freed) budget.seconds_left = budget.headroom / (budget.rate - freed);
  return budget;
}

}  // namespace twctl
