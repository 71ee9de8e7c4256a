#include "platform/windows/read_bytes.hpp"

#include <windows.h>

#include <algorithm>
#include <array>

namespace twctl {

OrCode<std::string> read_bytes(void* file, std::size_t limit) {
  std::string bytes;
  std::array<char, 16384> piece{};
  while (bytes.size() <= limit) {
    const auto wanted = static_cast<DWORD>(std::min(piece.size(), limit + 1 - bytes.size()));
    DWORD got = 0;
    if (::ReadFile(file, piece.data(), wanted, &got, nullptr) == 0) {
      if (::GetLastError() == ERROR_BROKEN_PIPE) break;  // the end of what a pipe had
      return last_error();
    }
    if (got == 0) break;
    bytes.append(piece.data(), got);
  }
  return bytes;
}

}  // namespace twctl
