// Live settings below /proc/sys/net: a real procfs, or the copies of a captured host.
#pragma once

#include <memory>

#include "platform/linux/root_files.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/setting_store.hpp"

namespace twctl {

// Where live values come from on this host.
enum class LiveSource { procfs, captured, none, elsewhere };

struct LiveSettings {
  LiveSource source = LiveSource::none;
  std::unique_ptr<SettingStore> store;
  Error problem = {};  // with `none` and `elsewhere`: why; every read of `store` answers it
};

// Looks below `files`' root. A plain directory counts as captured values only below a root of the user's choice
// (`may_be_captured`): on the running system it is somebody's mount over the real values.
[[nodiscard]] LiveSettings open_live_settings(RootFiles& files, bool may_be_captured);

// There is a procfs, but what it shows is not the root's own, for that reason.
[[nodiscard]] LiveSettings live_settings_elsewhere(const Error& why);

}  // namespace twctl
