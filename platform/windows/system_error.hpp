// GetLastError()'s numbers -> our words and codes.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/result.hpp"

namespace twctl {

using SystemCode = unsigned long;  // a DWORD

// A T, or the code of the call that failed.
template <class T>
using OrCode = tl::expected<T, SystemCode>;

[[nodiscard]] tl::unexpected<SystemCode> last_error();

[[nodiscard]] std::string system_says(SystemCode code);  // "Access is denied"; in English where the system has it
[[nodiscard]] bool is_denied(SystemCode code);
[[nodiscard]] bool is_missing(SystemCode code);

// Reading `path` (raw) failed with `code`: denied or no_input.
[[nodiscard]] Error cannot_read(std::string_view path, SystemCode code);

}  // namespace twctl
