// Settings as values of HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters.
#pragma once

#include <memory>

#include "platform/setting_store.hpp"

namespace twctl {

// A number that is a REG_DWORD of four bytes is its decimal text; anything else is its spelling in a .reg file
// (catalog/registry_value.hpp), which write() turns into the same type and bytes again.
[[nodiscard]] std::unique_ptr<SettingStore> make_registry_store();

}  // namespace twctl
