#include "base/size_text.hpp"

namespace twctl {

std::string size_text(std::size_t bytes) {
  constexpr std::size_t kKibi = 1024;
  if (bytes != 0 && bytes % (kKibi * kKibi) == 0) return std::to_string(bytes / (kKibi * kKibi)) + " MiB";
  if (bytes != 0 && bytes % kKibi == 0) return std::to_string(bytes / kKibi) + " KiB";
  return std::to_string(bytes) + " bytes";
}

}  // namespace twctl
