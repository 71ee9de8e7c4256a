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
  std::string line;
  while (line.find_first_of("\r\n") == std::string::npos) {  // where there is no Enter yet, it is no answer yet
    std::array<char, 256> part{};
    const ssize_t got = ::read(STDIN_FILENO, part.data(), part.size());
    if (got <= 0 || line.size() > part.size()) return "";
    line.append(part.data(), static_cast<std::size_t>(got));
  }
  return line;
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
