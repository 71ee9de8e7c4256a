#include "platform/windows/absent_stores.hpp"

#include <windows.h>

namespace twctl {
namespace {

tl::unexpected<Error> no_boot_files() {
  return fail(ErrorCode::unsupported, "Windows has no boot files: what the registry holds is what the next boot reads");
}

class AbsentBootFiles final : public BootFileStore {
 public:
  Result<std::optional<std::string>> read(std::string_view) override { return std::optional<std::string>(); }
  Result<std::string> check_writable(std::string_view, std::optional<std::size_t>) override { return no_boot_files(); }
  Result<void> stage(std::string_view, const std::string&, const std::optional<std::string>&) override {
    return no_boot_files();
  }
  Result<std::optional<std::string>> staged(std::string_view, const std::string&) override {
    return std::optional<std::string>();
  }
  Result<bool> publish(std::string_view, const std::string&, const std::optional<std::string>&) override {
    return no_boot_files();
  }
  Result<bool> remove(std::string_view, const std::string&, const std::string&) override { return no_boot_files(); }
  Result<bool> ensure_on_disk(std::string_view, const std::string&, const std::optional<std::string>&) override {
    return no_boot_files();
  }
  std::vector<Error> sweep(const std::string&) override { return {}; }  // none is ever staged
};

// A clock there is, for waiting: it counts sleep, as CLOCK_BOOTTIME does.
class AbsentTimers final : public DeadlineTimers {
 public:
  std::chrono::nanoseconds now() override { return std::chrono::milliseconds(::GetTickCount64()); }
  void sleep_until(std::chrono::nanoseconds time) override {
    // Sleep() and this clock do not tick together: it may come back before the time.
    for (auto left = time - now(); left.count() > 0; left = time - now()) {
      ::Sleep(static_cast<DWORD>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
    }
  }
  Surroundings surroundings() override { return {}; }
  Result<void> start_watchdog(const Watch&) override {
    return fail(ErrorCode::unsupported,
                "a change of the registry takes effect at a restart: there is nothing to wait for");
  }
};

}  // namespace

std::unique_ptr<BootFileStore> make_absent_boot_files() { return std::make_unique<AbsentBootFiles>(); }
std::unique_ptr<DeadlineTimers> make_absent_timers() { return std::make_unique<AbsentTimers>(); }

}  // namespace twctl
