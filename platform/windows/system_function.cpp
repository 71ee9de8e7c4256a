#include "platform/windows/system_function.hpp"

#include <fmt/format.h>
#include <windows.h>

#include "platform/windows/wide.hpp"

namespace twctl {

Result<void*> find_system_function(const wchar_t* library, const char* name) {
  HMODULE loaded = ::LoadLibraryExW(library, nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
  void* found = loaded == nullptr ? nullptr : reinterpret_cast<void*>(::GetProcAddress(loaded, name));
  if (found == nullptr) {
    return fail(ErrorCode::unsupported, fmt::format("{} is missing from {}", name, to_utf8(library)));
  }
  return found;
}

}  // namespace twctl
