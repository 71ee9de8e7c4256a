// The rows of one operating system each, for settings() in catalog/setting.hpp alone.
#pragma once

#include <span>

namespace twctl {
struct Setting;
}

namespace twctl::rows {

[[nodiscard]] std::span<const Setting> linux_settings();
[[nodiscard]] std::span<const Setting> windows_settings();

}  // namespace twctl::rows
