#include "platform/windows/write_bytes.hpp"

#include <windows.h>

#include <algorithm>

namespace twctl {

OrCode<void> write_bytes(void* handle, std::string_view bytes) {
  constexpr std::size_t kMost = 1U << 20U;
  while (!bytes.empty()) {
    DWORD written = 0;
    const auto wanted = static_cast<DWORD>(std::min(bytes.size(), kMost));
    if (::WriteFile(handle, bytes.data(), wanted, &written, nullptr) == 0) return last_error();
    if (written == 0) return tl::unexpected<SystemCode>(ERROR_WRITE_FAULT);
    bytes.remove_prefix(written);
  }
  return {};
}

}  // namespace twctl
