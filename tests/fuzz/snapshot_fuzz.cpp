// Any bytes as a saved snapshot: refused, or read to a value that is written and read again as itself,
// and diagnosed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "report/snapshot_json.hpp"
#include "rules/diagnosis.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto examination = twctl::read_examination("fuzz", bytes)) (void)twctl::diagnose(*examination);
  const auto snapshot = twctl::read_snapshot("fuzz", bytes);
  if (!snapshot) return 0;
  const auto again = twctl::read_snapshot("fuzz", twctl::snapshot_json(*snapshot));
  if (!again || !(*again == *snapshot)) std::abort();
  return 0;
}
