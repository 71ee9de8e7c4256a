// Functions of libraries that few runs need, from the system's folder.
#pragma once

#include "base/result.hpp"

namespace twctl {

// Never null. Error: unsupported.
[[nodiscard]] Result<void*> find_system_function(const wchar_t* library, const char* name);

template <class Function>
[[nodiscard]] Result<Function*> find_function(const wchar_t* library, const char* name) {
  TRY(void* found, find_system_function(library, name));
  return reinterpret_cast<Function*>(found);
}

}  // namespace twctl
