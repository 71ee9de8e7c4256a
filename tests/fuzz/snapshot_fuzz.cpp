// Any bytes as a saved snapshot: refused, or read to a value that is written and read again as itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "report/snapshot_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto snapshot = twctl::read_snapshot("fuzz", {reinterpret_cast<const char*>(data), size});
  if (!snapshot) return 0;
  const auto again = twctl::read_snapshot("fuzz", twctl::snapshot_json(*snapshot));
  if (!again || !(*again == *snapshot)) std::abort();
  return 0;
}
