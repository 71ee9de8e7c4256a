#include <cstdint>

#include "profile_checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  twctl::fuzz::check_text("fuzz.ini", {reinterpret_cast<const char*>(data), size});
  return 0;
}
