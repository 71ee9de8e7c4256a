// The rows of one operating system each, for catalog/setting.cpp alone.
#pragma once

#include <span>

#include "catalog/setting.hpp"

namespace twctl::rows {

[[nodiscard]] std::span<const Setting> linux_settings();
[[nodiscard]] std::span<const Setting> windows_settings();

}  // namespace twctl::rows
