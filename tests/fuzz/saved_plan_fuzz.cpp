// Any bytes as a saved plan: refused, or read to wishes for settings that can be written, and held to the plan of
// another moment.
#include <cstdint>
#include <string_view>

#include "plan/saved_plan.hpp"
#include "profile_checks.hpp"

using namespace twctl;
using twctl::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<SavedPlan> saved = read_plan("fuzz", bytes);
  if (!saved) {
    require(saved.error().code == ErrorCode::invalid, "an error is of the code `invalid`");
    require(fuzz::is_printable(saved.error().message), "an error's message is printable");
    return 0;
  }
  const Desired desired = desired_of(*saved);
  require(desired.entries.size() == saved->settings.size(), "each setting is wished for again");
  for (const Entry& entry : desired.entries) {
    require(entry.setting != nullptr && entry.setting->writable, "an entry has a writable setting");
  }
  Plan now;
  now.host = saved->host;
  const Result<void> holds = check_still_holds(*saved, now);
  require(holds.has_value() == saved->settings.empty(), "a plan that is empty now writes something else");
  if (!holds) require(fuzz::is_printable(holds.error().message), "an error's message is printable");
  return 0;
}
