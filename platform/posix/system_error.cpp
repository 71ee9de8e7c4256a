#include "platform/posix/system_error.hpp"

#include <cerrno>
#include <cstring>

#include "base/escape.hpp"

namespace twctl {

std::string system_says(int error) { return std::strerror(error); }  // one thread

bool is_denied(int error) { return error == EACCES || error == EPERM || error == EROFS; }

ErrorCode denial(int error) { return error == EROFS ? ErrorCode::unwritable : ErrorCode::denied; }

bool is_missing(int error) { return error == ENOENT || error == ENOTDIR; }

bool is_exhausted(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

Error cannot_read(std::string_view path, int error) {
  const ErrorCode code = is_denied(error)      ? ErrorCode::denied
                         : is_exhausted(error) ? ErrorCode::failed
                                               : ErrorCode::no_input;
  // As bash passes on `<(command)`. Names of descriptors are not followed, so that a pipe's is as if it were not there.
  const bool is_descriptor = path.starts_with("/dev/fd/") || path == "/dev/stdin" || path.starts_with("/proc/self/fd/");
  if (is_descriptor && error == ENOENT) {
    return Error{
        .code = code,
        .message = "cannot read " + escape(path) + ": it is not open, or a pipe: that is read from standard input",
        .hint = "write - for it, and pipe into twctl"};
  }
  return Error{.code = code, .message = "cannot read " + escape(path) + ": " + system_says(error)};
}

}  // namespace twctl
