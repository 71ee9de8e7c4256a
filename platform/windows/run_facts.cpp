#include "platform/windows/run_facts.hpp"

#include <fmt/format.h>
#include <windows.h>
// Needs the types of windows.h.
#include <bcrypt.h>

#include <array>
#include <ctime>

#include "platform/windows/handle.hpp"
#include "platform/windows/security.hpp"
#include "platform/windows/system_function.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {

RunFacts gather_run_facts() { return {.account = our_account(), .time = std::time(nullptr)}; }

bool is_elevated() {
  HANDLE opened = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened) == 0) return false;
  const Handle token(opened);
  TOKEN_ELEVATION elevation{};
  DWORD length = 0;
  return ::GetTokenInformation(token.get(), TokenElevation, &elevation, sizeof elevation, &length) != 0 &&
         elevation.TokenIsElevated != 0;
}

// Not RtlGenRandom: advapi32.dll forwards that to cryptbase.dll, which Windows would look for beside the program before
// prepare_process() has run.
Result<std::string> make_random_id() {
  TRY(auto* generate, find_function<decltype(::BCryptGenRandom)>(L"bcrypt.dll", "BCryptGenRandom"));
  std::array<unsigned char, 16> bytes{};
  const NTSTATUS status = generate(nullptr, bytes.data(), ULONG{bytes.size()}, BCRYPT_USE_SYSTEM_PREFERRED_RNG);
  if (status != 0) {
    const auto code = static_cast<std::uint32_t>(status);
    return fail(ErrorCode::failed, fmt::format("no random number for the change's id: NTSTATUS {:#010x}", code));
  }
  std::string id;
  for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

void log_line(const std::string& line) {
  HANDLE log = ::RegisterEventSourceW(nullptr, L"twctl");
  if (log == nullptr) return;
  const std::wstring text = to_wide(line);
  const wchar_t* texts[] = {text.c_str()};
  ::ReportEventW(log, EVENTLOG_INFORMATION_TYPE, 0, 1, nullptr, 1, 0, static_cast<const wchar_t**>(texts), nullptr);
  ::DeregisterEventSource(log);
}

}  // namespace twctl
