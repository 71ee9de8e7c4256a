// The rows of one operating system each, for settings() in catalog/setting.hpp alone.
#pragma once

#include <span>

namespace twctl {
struct Setting;
}

namespace twctl::rows {

[[nodiscard]] std::span<const Setting> linux_settings();
[[nodiscard]] std::span<const Setting> windows_settings();
[[nodiscard]] std::uint32_t linux_checksum();
[[nodiscard]] std::uint32_t windows_checksum();

}  // namespace twctl::rows
