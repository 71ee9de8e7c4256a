#include "platform/terminal.hpp"

#include <windows.h>

#include <algorithm>
#include <array>

#include "platform/windows/handle.hpp"
#include "platform/windows/system_error.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

constexpr DWORD kHandlerTime = 1000;  // ms; more than the handler of an interrupt needs

bool is_console(void* handle) {
  DWORD mode = 0;
  return ::GetConsoleMode(handle, &mode) != 0;
}

// Windows 10's console takes colour codes once it is told to; an older one would print them.
bool takes_colour(void* console) {
  DWORD mode = 0;
  if (::GetConsoleMode(console, &mode) == 0) return false;
  return ::SetConsoleMode(console, mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

OrCode<void> write_console(void* console, std::string_view text) {
  constexpr std::size_t kMost = 8192;  // older consoles refuse more than 64 KiB at a time
  const std::wstring wide = to_wide(text);
  for (std::wstring_view rest = wide; !rest.empty();) {
    DWORD written = 0;
    const auto wanted = static_cast<DWORD>(std::min(rest.size(), kMost));
    if (::WriteConsoleW(console, rest.data(), wanted, &written, nullptr) == 0) return last_error();
    if (written == 0) return tl::unexpected<SystemCode>(ERROR_WRITE_FAULT);
    rest.remove_prefix(written);
  }
  return {};
}

// A console takes characters whatever its code page is; a file or a pipe gets the bytes as they are.
Result<void> write_all(DWORD which, std::string_view text) {
  void* handle = ::GetStdHandle(which);
  const OrCode<void> done = is_console(handle) ? write_console(handle, text) : write_bytes(handle, text);
  if (done) return {};
  if (done.error() == ERROR_NO_DATA || done.error() == ERROR_BROKEN_PIPE) return fail(ErrorCode::output, "");
  return fail(ErrorCode::output, "the output could not be written: " + system_says(done.error()));
}

// What prepare_process() puts in the place of a handle that is closed may not be read; Wine calls that no function.
bool is_unreadable(SystemCode code) {
  return code == ERROR_ACCESS_DENIED || code == ERROR_INVALID_FUNCTION || code == ERROR_INVALID_HANDLE;
}

}  // namespace

Terminal output_terminal() {
  void* output = ::GetStdHandle(STD_OUTPUT_HANDLE);
  CONSOLE_SCREEN_BUFFER_INFO size{};
  if (!is_console(output)) return {};
  Terminal terminal{.present = true, .takes_colour = takes_colour(output)};
  if (::GetConsoleScreenBufferInfo(output, &size) == 0) return terminal;
  terminal.columns = size.srWindow.Right - size.srWindow.Left + 1;
  terminal.lines = size.srWindow.Bottom - size.srWindow.Top + 1;
  return terminal;
}

bool can_ask() { return is_console(::GetStdHandle(STD_INPUT_HANDLE)) && is_console(::GetStdHandle(STD_ERROR_HANDLE)); }

std::string ask(std::string_view question) {
  if (!write_all(STD_ERROR_HANDLE, question)) return "";
  std::array<wchar_t, 256> line{};
  DWORD got = 0;
  ::ReadConsoleW(::GetStdHandle(STD_INPUT_HANDLE), line.data(), DWORD{line.size()}, &got, nullptr);
  // Ctrl-C ends the reading before its handler, in a thread of its own, ends the program; where that has something to
  // finish first, nobody has said yes.
  if (got == 0) ::Sleep(kHandlerTime);
  return to_utf8(std::wstring_view(line.data(), got));
}

Result<std::string> read_on(std::size_t most) {
  auto bytes = read_bytes(::GetStdHandle(STD_INPUT_HANDLE), most - 1);
  if (bytes) return *std::move(bytes);
  if (is_unreadable(bytes.error())) return fail(ErrorCode::invalid, "standard input is closed");
  return fail(cannot_read("standard input", bytes.error()));
}

Result<void> write_results(std::string_view text) { return write_all(STD_OUTPUT_HANDLE, text); }
Result<void> write_messages(std::string_view text) { return write_all(STD_ERROR_HANDLE, text); }

}  // namespace twctl
