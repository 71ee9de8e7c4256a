// Bytes -> a value for every setting, as a profile reads it and as the kernel does. What must hold for any text:
// what we accept the kernel takes and means the same by, and what it takes it takes again unchanged.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "catalog/value.hpp"
#include "printable.hpp"
#include "sysctl/kernel_value.hpp"

using namespace twctl;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Setting& setting, std::string_view text) {
  const KernelOutcome taken = kernel_takes(setting, text, "32768 60999");
  require(fuzz::is_printable(taken.note));
  require(taken.value.has_value() || !taken.note.empty());
  if (taken.value) {
    require(canonical(setting, *taken.value) == *taken.value);
    require(kernel_takes(setting, *taken.value, "1 2").value == taken.value);
  }
  const auto ours = parse_value(setting, text);
  if (ours && !ours->empty()) require(kernel_takes(setting, *ours, "").value == *ours);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Setting& setting : settings(Os::linux_kernel)) check(setting, text);
  return 0;
}
