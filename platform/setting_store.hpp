// Settings that are written one by one: procfs on Linux, the registry on Windows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"
#include "catalog/value.hpp"

namespace twctl {

// The live state of one setting. Absent is a state, not an error.
struct LiveValue {
  enum class State { present, absent, denied, unreadable };
  State state = State::absent;
  std::string value = {};    // canonical; only when present
  bool read_only = false;    // the file system or the file's mode lets nobody write it here
  std::string problem = {};  // denied, unreadable: what the system said
  // The value in force; nullopt: absent, or not known.
  [[nodiscard]] std::optional<Value> in_force() const {
    return state == State::present ? std::optional(value) : std::nullopt;
  }
  friend bool operator==(const LiveValue&, const LiveValue&) = default;
};

// A value that has a setting's name where the system reads none: under the key of one interface (registry only).
struct StrayValue {
  std::string key;    // of the setting
  std::string place;  // "Interfaces\\{01234567-...}", below the key that counts; printable
  LiveValue live;     // never absent
  friend bool operator==(const StrayValue&, const StrayValue&) = default;
};

class SettingStore {
 public:
  SettingStore() = default;
  SettingStore(const SettingStore&) = delete;
  SettingStore& operator=(const SettingStore&) = delete;
  virtual ~SettingStore() = default;

  // One large read. The error is for what makes every key unreadable or unsafe: `unsupported` (no procfs there),
  // `denied` (another file is mounted over the key). What concerns this key alone is in the LiveValue.
  [[nodiscard]] virtual Result<LiveValue> read(const Setting& setting) = 0;

  // Every one that can be seen: a place that may not be read is passed over.
  [[nodiscard]] virtual std::vector<StrayValue> strays() { return {}; }

  // Opens the setting for writing, and writes nothing. Error: denied (permission), unwritable (for anybody),
  // unsupported (absent).
  [[nodiscard]] virtual Result<void> check_writable(const Setting& setting) = 0;

  // One write(2) of the value; nullopt takes the value away (registry only). Success says nothing of the value in
  // force: read it back. Error: failed, with what the system said.
  [[nodiscard]] virtual Result<void> write(const Setting& setting, const std::optional<Value>& value) = 0;

  // Makes sure that what is written outlasts a power cut, where it outlasts a boot at all (the registry), also for a
  // run that finds it written by one that was killed. Error: failed.
  [[nodiscard]] virtual Result<void> sync() { return {}; }
};

}  // namespace twctl
