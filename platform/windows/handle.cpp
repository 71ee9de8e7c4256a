#include "platform/windows/handle.hpp"

#include <windows.h>

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

}  // namespace twctl
