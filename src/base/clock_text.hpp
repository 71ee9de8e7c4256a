// Moments as people and machines write them. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace twctl {

// "2026-11-26 14:03:22 UTC", and with a T and a Z for machines.
[[nodiscard]] std::string time_text(std::int64_t seconds_since_1970);
[[nodiscard]] std::string time_iso(std::int64_t seconds_since_1970);

}  // namespace twctl
