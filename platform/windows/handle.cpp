#include "platform/windows/handle.hpp"

#include <windows.h>

#include <algorithm>
#include <array>

namespace twctl {

Handle::Handle(void* handle) : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}

bool Handle::close() {
  void* handle = std::exchange(handle_, nullptr);
  return handle == nullptr || ::CloseHandle(handle) != 0;
}

Handle open_existing(const std::wstring& path, unsigned long access, unsigned long flags) {
  constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  return Handle(::CreateFileW(path.c_str(), access, kShareAll, nullptr, OPEN_EXISTING, flags, nullptr));
}

OrCode<std::string> read_bytes(void* handle, std::size_t limit) {
  std::string bytes;
  std::array<char, 16384> piece{};
  while (bytes.size() <= limit) {
    const auto wanted = static_cast<DWORD>(std::min(piece.size(), limit + 1 - bytes.size()));
    DWORD got = 0;
    if (::ReadFile(handle, piece.data(), wanted, &got, nullptr) == 0) {
      if (::GetLastError() == ERROR_BROKEN_PIPE) break;  // the end of what a pipe had
      return last_error();
    }
    if (got == 0) break;
    bytes.append(piece.data(), got);
  }
  return bytes;
}

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

void FreeLocal::operator()(void* memory) const { ::LocalFree(memory); }

}  // namespace twctl
