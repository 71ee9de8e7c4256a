#include "platform/windows/run.hpp"

#include <fmt/format.h>
#include <windows.h>
// Needs the types of windows.h.
#include <bcrypt.h>

#include <array>
#include <ctime>

#include "platform/windows/interrupts.hpp"
#include "platform/windows/security.hpp"
#include "platform/windows/system_function.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

class WindowsRun final : public Run {
 public:
  RunFacts facts() override {
    return {.account = our_account(), .time = std::time(nullptr), .elevated = is_elevated()};
  }

  // Not RtlGenRandom: advapi32.dll forwards that to cryptbase.dll, which Windows would look for beside the program
  // before prepare_process() has run.
  Result<std::string> random_id() override {
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

  void catch_interrupts() override { catch_interrupting_signals(); }
  bool interrupted() override { return interrupting_signal_came(); }

  void log(const std::string& line) override {
    HANDLE log = ::RegisterEventSourceW(nullptr, L"twctl");
    if (log == nullptr) return;
    const std::wstring text = to_wide(line);
    const wchar_t* texts[] = {text.c_str()};
    ::ReportEventW(log, EVENTLOG_INFORMATION_TYPE, 0, 1, nullptr, 1, 0, static_cast<const wchar_t**>(texts), nullptr);
    ::DeregisterEventSource(log);
  }
};

}  // namespace

std::unique_ptr<Run> make_run() { return std::make_unique<WindowsRun>(); }

}  // namespace twctl
