#include "diagnose/port_budget.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.hpp"
#include "observe/possible_kernels.hpp"

namespace twctl {
namespace {

constexpr std::uint64_t kMostPorts = 65536;

int small(std::optional<std::int64_t> value, int otherwise) {
  constexpr std::int64_t kLargest = 1'000'000;
  return static_cast<int>(std::clamp<std::int64_t>(value.value_or(otherwise), 0, kLargest));
}

std::optional<Value> value_of(const LiveSettings& live, std::string_view key) {
  const auto found = live.find(key);
  return found == live.end() ? std::nullopt : std::optional(found->second);
}

// Connections that ended a second. A TIME_WAIT that is used again is counted only where it ends up last, so with reuse
// only those that are too young for that are all there.
double rate_of(const PortSettings& settings, const PortUse& use, bool reuse) {
  constexpr int kShortestWindowMs = 200;  // below, a few are no rate
  const double lately = static_cast<double>(use.entered) / kRateWindowSeconds;
  if (!reuse || settings.reuse_delay_ms < kShortestWindowMs) return lately;
  return std::max(lately, 1000.0 * use.young / settings.reuse_delay_ms);
}

}  // namespace

bool PortSettings::is_of_first_half(int port) const { return port % 2 == local.range.first % 2; }

std::optional<PortSettings> port_settings(const LiveSettings& live, const HostFacts& host) {
  std::optional<LocalPorts> local = local_ports(value_of(live, keys::kPortRange), value_of(live, keys::kReservedPorts));
  if (!local) return std::nullopt;
  PortSettings settings;
  settings.usable = local->usable();
  settings.first_half = local->first_half();
  settings.local = *std::move(local);
  settings.reuse = small(number_of(live, keys::kTwReuse), 0);
  settings.two_is_loopback = may_have(kTwoIsLoopback, host);
  settings.timestamps = number_of(live, keys::kTimestamps).value_or(1) != 0;
  settings.recycle = number_of(live, keys::kTwRecycle).value_or(0) != 0;
  const auto delay = number_of(live, keys::kTwReuseDelay);
  settings.delay_is_a_setting = delay.has_value();
  settings.reuse_delay_ms = std::max(1, small(delay, 1000));
  return settings;
}

std::string to_text(const Destination& destination) {
  return fmt::format("{} to {}", to_text(destination.from), to_text(destination.to, destination.port));
}

bool reuse_applies(const PortSettings& settings, const Destination& destination) {
  if (!settings.timestamps || settings.reuse == 0) return false;
  const bool everywhere = settings.reuse == 1 || !settings.two_is_loopback;
  return everywhere || is_loopback(destination.from) || is_loopback(destination.to);
}

std::chrono::milliseconds port_wait(const PortSettings& settings, bool reuse) {
  return reuse ? std::chrono::milliseconds(settings.reuse_delay_ms) : std::chrono::seconds(kTimeWaitSeconds);
}

double sustainable_rate(int ports, const PortSettings& settings, bool reuse) {
  return ports / std::chrono::duration<double>(port_wait(settings, reuse)).count();
}

std::string per_second_text(double per_second) {
  if (per_second > 0 && per_second < 10) return fmt::format("{:.2g}", per_second);
  return std::to_string(static_cast<std::int64_t>(per_second));
}

PortBudget port_budget(const PortSettings& settings, const PortUse& use, bool reuse) {
  PortBudget budget;
  budget.usable = settings.usable;
  const std::uint64_t taken = std::uint64_t{use.open} + (reuse ? use.young : use.time_wait);
  budget.taken = static_cast<int>(std::min<std::uint64_t>(taken, kMostPorts));
  budget.headroom = std::max(0, settings.usable - budget.taken);
  budget.reuse = reuse;
  budget.not_open = static_cast<int>(std::max<std::int64_t>(0, std::int64_t{settings.usable} - use.open));
  budget.sustainable = sustainable_rate(budget.not_open, settings, reuse);
  budget.rate = rate_of(settings, use, reuse);
  const double freed = reuse ? budget.sustainable : static_cast<double>(use.leaving) / kRateWindowSeconds;
  if (budget.rate > freed) budget.seconds_left = budget.headroom / (budget.rate - freed);
  return budget;
}

}  // namespace twctl
