// The live values that doctor judges by. Read once, before the sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "catalog/value.hpp"
#include "platform/setting_store.hpp"

namespace twctl {

using LiveSettings = std::map<std::string, Value, std::less<>>;  // by key; one that is absent or denied is not in it

// Error: as SettingStore::read().
[[nodiscard]] Result<LiveSettings> read_live_settings(SettingStore& store);

// Those of a snapshot.
[[nodiscard]] LiveSettings live_settings(const std::map<std::string, LiveValue, std::less<>>& values);

[[nodiscard]] std::optional<std::int64_t> number_of(const LiveSettings& live, std::string_view key);

}  // namespace twctl
