// What kernels other than 6.18 take for a setting, where that is otherwise. Pure.
#pragma once

#include "catalog/setting.hpp"

namespace twctl {

// What a kernel of that version takes; {} is 6.18.
[[nodiscard]] Range taken_on(const Setting& setting, KernelVersion kernel);

}  // namespace twctl
