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
[[nodiscard]] ErrorCode denial(int error);         // of those: unwritable for EROFS, else denied
[[nodiscard]] bool is_missing(int error);          // ENOENT, ENOTDIR

[[nodiscard]] bool is_exhausted(int error);  // EMFILE, ENFILE, ENOMEM: no trait of the file that was asked for

// Reading `path` (raw) failed with `error`: denied, no_input or, for want of descriptors or memory, failed.
[[nodiscard]] Error cannot_read(std::string_view path, int error);

}  // namespace twctl
