#include "trial/candidate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/escape.hpp"
#include "catalog/keys.hpp"

namespace twctl {
namespace {

constexpr int kPortsOfATrial = 1000;      // used up in a second or two
constexpr double kPerDestination = 1000;  // connections a second; what any machine reaches
constexpr int kFewestPorts = 10;
constexpr double kRounding = 1e-6;  // of a part of an integer

LiveSettings as_live(const SettingValues& values) {
  LiveSettings live;
  for (const auto& [setting, value] : values) live.emplace(setting->key, value);
  return live;
}

void put(SettingValues& values, const Setting& setting, const Value& value) {
  const auto there = std::find_if(values.begin(), values.end(), [&](const auto& one) { return one.first == &setting; });
  if (there != values.end()) {
    there->second = value;
  } else {
    values.emplace_back(&setting, value);
  }
}

Result<void> judge_ports(Candidate& candidate) {
  const LiveSettings live = as_live(candidate.values);
  const std::optional<PortSettings> ports = port_settings(live);
  if (!ports) return fail(ErrorCode::unsupported, "trial: this host's ip_local_port_range is not known");
  candidate.own_ports = *ports;
  candidate.ports = *ports;
  candidate.model_host.max_tw_buckets = number_of(live, keys::kMaxTwBuckets);
  candidate.own_model_host = candidate.model_host;
  return {};
}

// Why a namespace cannot show this wish; "" where it can.
std::string why_not(const Entry& entry, const Candidate& present) {
  const Setting& setting = *entry.setting;
  if (removed_by(setting, present.model_host.kernel)) return "gone from this kernel";
  if (newer_than(setting, present.model_host.kernel)) return "newer than this kernel";
  if (setting.reach != Reach::per_namespace) return "one value for the whole host";
  return entry.wanted.op == Operator::unset ? "no value to measure" : "";
}

// At most `ports` that may be chosen, in an even range: of an odd one connect() leaves one out, and the kernel logs a
// warning.
PortRange beginning_of(const LocalPorts& local, int ports) {
  PortRange part{local.range.first, std::min(local.range.first + 1, local.range.last)};
  int usable = 0;
  for (int port = local.range.first; port <= local.range.last; ++port) {
    if (local.may_choose(port)) ++usable;
    if (usable > ports) break;
    const bool ends_even = (port - local.range.first) % 2 == 1;
    if (ends_even) part.last = port;
  }
  return part;
}

}  // namespace

// The delay that a host of an older kernel lacks is this kernel's default.
Result<Candidate> present_candidate(const Snapshot& host, KernelVersion kernel) {
  Candidate candidate{.name = "present", .model_host = {.kernel = kernel}};
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (setting.reach != Reach::per_namespace || !setting.writable) continue;
    const auto found = host.live.find(setting.key);
    std::optional<Value> value = found == host.live.end() ? std::nullopt : found->second.in_force();
    if (value && removed_by(setting, kernel)) {
      candidate.left_out.push_back(fmt::format("{} is {} there: gone from this kernel", setting.key, escape(*value)));
      continue;
    }
    if (!value && setting.key == keys::kTwReuseDelay && !newer_than(setting, kernel)) value = "1000";
    if (value) candidate.values.emplace_back(&setting, *std::move(value));
  }
  TRY_VOID(judge_ports(candidate));
  return candidate;
}

Result<Candidate> wanted_candidate(const Candidate& present, const Desired& desired, std::string name) {
  Candidate candidate = present;
  candidate.name = std::move(name);
  const LiveSettings live = as_live(present.values);
  for (const Entry& entry : desired.entries) {
    if (std::string why = why_not(entry, present); !why.empty()) {
      candidate.left_out.push_back(fmt::format("{}: {}", entry.setting->key, why));
      continue;
    }
    const auto now = live.find(entry.setting->key);
    const std::optional<Value> current = now == live.end() ? std::nullopt : std::optional(now->second);
    if (satisfied(*entry.setting, entry.wanted, current)) continue;
    const std::optional<Value> value = value_to_write(*entry.setting, entry.wanted, current);
    if (!value) continue;
    put(candidate.values, *entry.setting, *value);
    put(candidate.wanted, *entry.setting, *value);
  }
  TRY_VOID(judge_ports(candidate));
  return candidate;
}

void narrow(Candidate& candidate, const PortRange& socket_range) {
  candidate.own_ports = with_socket_range(candidate.own_ports, socket_range);
  candidate.ports = candidate.own_ports;
  candidate.socket_range = candidate.own_ports.local.range;
}

int ports_to_measure(const TrialOptions& options, const std::vector<Candidate>& candidates, double machine_per_second) {
  const int own = candidates.front().own_ports.usable;
  if (options.full) return own;
  if (options.ports) return std::min(*options.ports, own);
  double ports = std::min(kPortsOfATrial, own);
  const double most_per_second = std::min(kPerDestination * options.destinations, machine_per_second * kTrustedPart);
  for (const Candidate& candidate : candidates) {
    const Load load{.closes = options.closes, .destinations = options.destinations, .binding = candidate.binding};
    const PortModel model = port_model(candidate.own_ports, candidate.own_model_host, load);
    if (!model.reuse || !model.sustained || *model.sustained <= 0) continue;
    ports = std::min(ports, own * most_per_second / *model.sustained);
  }
  return std::clamp(static_cast<int>(ports) / 2 * 2, std::min(kFewestPorts, own), own);
}

void scale_ports(std::vector<Candidate>& candidates, int ports, int destinations) {
  const double part = static_cast<double>(ports) / candidates.front().own_ports.usable;
  if (part >= 1) return;
  for (Candidate& candidate : candidates) {
    PortSettings& scaled = candidate.ports;
    scaled.local.range =
        beginning_of(candidate.own_ports.local,
                     std::max(2, static_cast<int>(std::floor(candidate.own_ports.usable * part + kRounding))));
    scaled.usable = scaled.local.usable();
    scaled.first_half = scaled.local.first_half();
    if (candidate.socket_range) {
      candidate.socket_range = scaled.local.range;
    } else {
      put(candidate.values, *find_setting(keys::kPortRange),
          fmt::format("{} {}", scaled.local.range.first, scaled.local.range.last));
    }
    std::optional<std::int64_t>& buckets = candidate.model_host.max_tw_buckets;
    if (!buckets || *buckets < 0 || *buckets >= std::int64_t{candidate.own_ports.usable} * destinations) continue;
    *buckets = std::llround(static_cast<double>(*buckets) * part);
    put(candidate.values, *find_setting(keys::kMaxTwBuckets), std::to_string(*buckets));
  }
}

}  // namespace twctl
