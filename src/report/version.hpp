// The program's version, as the reports print it.
#pragma once

#include <string_view>

namespace twctl {

[[nodiscard]] std::string_view program_version();  // "0.2.0"

}  // namespace twctl
