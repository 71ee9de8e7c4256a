// Settings that are written one by one: procfs on Linux, the registry on Windows.
#pragma once

#include <string>

#include "base/result.hpp"
#include "catalog/setting.hpp"

namespace twctl {

// The live state of one setting. Absent is a state, not an error.
struct LiveValue {
  enum class State { present, absent, denied, unreadable };
  State state = State::absent;
  std::string value = {};    // canonical; only when present
  bool read_only = false;    // the file system or the file's mode lets nobody write it here
  std::string problem = {};  // denied, unreadable: what the system said
  friend bool operator==(const LiveValue&, const LiveValue&) = default;
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
};

}  // namespace twctl
