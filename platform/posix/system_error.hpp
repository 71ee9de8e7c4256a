// errno -> our words and codes.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "base/result.hpp"

namespace twctl {

// A T, or the errno of the call that failed.
template <class T>
using OrErrno = tl::expected<T, int>;

[[nodiscard]] std::string system_says(int error);  // "Permission denied"
[[nodiscard]] bool is_denied(int error);           // EACCES, EPERM, EROFS
[[nodiscard]] bool is_missing(int error);          // ENOENT, ENOTDIR

// Reading `path` (raw) failed with `error`: denied or no_input.
[[nodiscard]] Error cannot_read(std::string_view path, int error);

}  // namespace twctl
