#include "platform/windows/handle.hpp"

#include <windows.h>

namespace twctl {

Handle::Handle(void* handle) : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}

bool Handle::close() {
  void* handle = std::exchange(handle_, nullptr);
  return handle == nullptr || ::CloseHandle(handle) != 0;
}

}  // namespace twctl
