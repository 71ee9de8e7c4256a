#include <cstdint>

#include "profile/readers.hpp"
#include "profile_checks.hpp"

// The reader itself: most mutations of a TuneD profile would no longer be taken for one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const twctl::Profile profile = twctl::read_tuned_profile("tuned.conf", bytes);
  twctl::fuzz::check_profile(profile, bytes);
  twctl::fuzz::check_round_trip(profile);
  twctl::fuzz::check_text("tuned.conf", bytes);
  return 0;
}
