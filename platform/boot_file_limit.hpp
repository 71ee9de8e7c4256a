// How large one boot file may be, to be read and to be written.
#pragma once

#include <cstddef>

namespace twctl {

inline constexpr std::size_t kBootFileLimit = std::size_t{1024} * 1024;  // a `sysctl -a` dump is a tenth of it

}  // namespace twctl
