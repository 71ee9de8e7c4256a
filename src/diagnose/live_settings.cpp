#include "diagnose/live_settings.hpp"

#include <array>

#include "catalog/keys.hpp"

namespace twctl {
namespace {

constexpr std::array kKeys{keys::kSomaxconn,  keys::kPortRange,     keys::kReservedPorts, keys::kFinTimeout,
                           keys::kMaxOrphans, keys::kMaxSynBacklog, keys::kMaxTwBuckets,  keys::kOrphanRetries,
                           keys::kMemory,     keys::kSyncookies,    keys::kTimestamps,    keys::kTwReuse,
                           keys::kTwRecycle,  keys::kTwReuseDelay,  keys::kConntrackMax,  keys::kConntrackTimeWait};

}  // namespace

Result<LiveSettings> read_live_settings(SettingStore& store) {
  LiveSettings live;
  for (const std::string_view key : kKeys) {
    TRY(const LiveValue value, store.read(*find_setting(key)));
    if (std::optional<Value> now = value.in_force()) live.emplace(key, *std::move(now));
  }
  return live;
}

LiveSettings live_settings(const std::map<std::string, LiveValue, std::less<>>& values) {
  LiveSettings live;
  for (const auto& [key, value] : values) {
    if (std::optional<Value> now = value.in_force()) live.emplace(key, *std::move(now));
  }
  return live;
}

std::optional<std::int64_t> number_of(const LiveSettings& live, std::string_view key) {
  const auto found = live.find(key);
  return found == live.end() ? std::nullopt : as_integer(found->second);
}

}  // namespace twctl
