#include "platform/windows/system_error.hpp"

#include <fmt/format.h>
#include <windows.h>

#include <array>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

std::string message_in(SystemCode code, WORD language) {
  constexpr DWORD kFlags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
  std::array<wchar_t, 512> text{};
  const DWORD length = ::FormatMessageW(kFlags, nullptr, code, language, text.data(), DWORD{text.size()}, nullptr);
  return to_utf8(std::wstring_view(text.data(), length));
}

}  // namespace

tl::unexpected<SystemCode> last_error() { return tl::unexpected<SystemCode>(::GetLastError()); }

std::string system_says(SystemCode code) {
  std::string text = message_in(code, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US));
  if (text.empty()) text = message_in(code, 0);
  std::string_view line = trim(text);
  if (line.ends_with('.')) line.remove_suffix(1);
  return line.empty() ? fmt::format("error {}", code) : escape(line);
}

bool is_denied(SystemCode code) {
  return code == ERROR_ACCESS_DENIED || code == ERROR_PRIVILEGE_NOT_HELD || code == ERROR_WRITE_PROTECT;
}

bool is_missing(SystemCode code) {
  return code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND || code == ERROR_INVALID_NAME;
}

Error cannot_read(std::string_view path, SystemCode code) {
  return Error{.code = is_denied(code) ? ErrorCode::denied : ErrorCode::no_input,
               .message = fmt::format("cannot read {}: {}", escape(path), system_says(code))};
}

}  // namespace twctl
