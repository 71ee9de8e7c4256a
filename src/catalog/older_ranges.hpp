// What kernels before 6.18 took for a setting, where that was otherwise. Pure.
#pragma once

#include "catalog/setting.hpp"

namespace twctl {

// What a kernel of that version takes; {} is a current one.
[[nodiscard]] Range taken_on(const Setting& setting, KernelVersion kernel);

}  // namespace twctl
