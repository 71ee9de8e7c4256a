#include "platform/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace twctl {
namespace {

Result<void> write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    if (written > 0 || errno == EINTR) continue;
    if (errno == EPIPE) return fail(ErrorCode::output, "");
    return fail(ErrorCode::output, std::string("the output could not be written: ") + std::strerror(errno));
  }
  return {};
}

}  // namespace

Terminal output_terminal() {
  if (::isatty(STDOUT_FILENO) == 0) return {};
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return {.present = true, .columns = known ? size.ws_col : 0};
}

Result<void> write_results(std::string_view text) { return write_all(STDOUT_FILENO, text); }
Result<void> write_messages(std::string_view text) { return write_all(STDERR_FILENO, text); }

}  // namespace twctl
