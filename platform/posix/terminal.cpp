#include "platform/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/posix/read_bytes.hpp"
#include "platform/posix/system_error.hpp"

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
  return {.present = true, .columns = known ? size.ws_col : 0, .lines = known ? size.ws_row : 0};
}

bool can_ask() { return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0; }

std::string ask(std::string_view question) {
  if (!write_all(STDERR_FILENO, question)) return "";
  std::array<char, 256> line{};
  const ssize_t got = ::read(STDIN_FILENO, line.data(), line.size());  // a terminal gives one line
  return got > 0 ? std::string(line.data(), static_cast<std::size_t>(got)) : std::string();
}

Result<std::string> read_on(std::size_t most) {
  auto bytes = read_bytes(STDIN_FILENO, most - 1);
  if (bytes) return *std::move(bytes);
  if (bytes.error() == EBADF) return fail(ErrorCode::invalid, "standard input is closed");
  return fail(cannot_read("standard input", bytes.error()));
}

Result<void> write_results(std::string_view text) { return write_all(STDOUT_FILENO, text); }
Result<void> write_messages(std::string_view text) { return write_all(STDERR_FILENO, text); }

}  // namespace twctl
