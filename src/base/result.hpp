// How a stage fails: Result<T> is a T or an Error. Errors are values: context is added on the way up,
// and only cli/ prints one and turns its code into an exit status.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace twctl {

// Each code is one row of base/exit_status.hpp; the meaning is the contract's.
enum class ErrorCode {
  failed,       // 1: the host is exactly as it was before
  refused,      // 3: before anything changed
  partial,      // 4: neither wholly old nor wholly new
  usage,        // 64
  invalid,      // 65: a profile, plan, snapshot or journal
  no_input,     // 66: missing, or not readable as a file
  unsupported,  // 69: on this host
  bug,          // 70: in twctl
  output,       // 74: could not be written
  busy,         // 75
  denied,       // 77: permission, or a path that others could tamper with
  unwritable,   // 77 too: this host lets nobody write it, as where a container's /proc/sys is read-only
  interrupted,  // 130
};

// A line of a file. `line` counts from 1; 0 means the file as a whole.
struct Place {
  std::string file;
  int line = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

// `message` says what was tried, on what and why it failed, without the program's name or a final full stop;
// foreign bytes in it have gone through escape(). `excerpt` is the offending line as read (raw bytes) and
// `column` the byte in it, from 1, where the caret goes (0: no caret). `hint` says what to do; may be empty. `reasons`
// are why, in words that many hosts may share: without values, lines and versions.
struct Error {
  ErrorCode code = ErrorCode::failed;
  std::string message;
  Place where = {};
  std::string excerpt = {};
  int column = 0;
  std::string hint = {};
  std::vector<std::string> reasons = {};
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}) {
  return fail(Error{.code = code, .message = std::move(message), .hint = std::move(hint)});
}

}  // namespace twctl

// TRY(auto x, f()) declares x from f()'s value, or returns f()'s error from the enclosing function.
// TRY_VOID(f()) is the form for Result<void>.
#define TWCTL_JOIN_(a, b) a##b
#define TWCTL_JOIN(a, b) TWCTL_JOIN_(a, b)
#define TWCTL_TRY_(name, decl, expr)                                         \
  auto name = (expr);                                                        \
  if (!name) return tl::unexpected<::twctl::Error>(std::move(name).error()); \
  decl = *std::move(name)
#define TRY(decl, expr) TWCTL_TRY_(TWCTL_JOIN(try_result_, __LINE__), decl, expr)
#define TRY_VOID(expr)                                                                     \
  do {                                                                                     \
    auto try_result = (expr);                                                              \
    if (!try_result) return tl::unexpected<::twctl::Error>(std::move(try_result).error()); \
  } while (false)
