#include "platform/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/posix/durable.hpp"
#include "platform/posix/read_bytes.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

Result<void> put(int descriptor, std::string_view text) {
  const auto written = write_all(descriptor, text);
  if (written) return {};
  if (written.error() == EPIPE) return fail(ErrorCode::output, "");
  return fail(ErrorCode::output, "the output could not be written: " + system_says(written.error()));
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
  if (!put(STDERR_FILENO, question)) return "";
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

Result<void> write_results(std::string_view text) { return put(STDOUT_FILENO, text); }
Result<void> write_messages(std::string_view text) { return put(STDERR_FILENO, text); }

}  // namespace twctl
