// What kernels other than 6.18 accept for a setting, where that differs. Pure.
#pragma once

#include "catalog/setting.hpp"

namespace twctl {

// What a kernel of that version accepts; {} is 6.18.
[[nodiscard]] Range taken_on(const Setting& setting, KernelVersion kernel);

}  // namespace twctl
