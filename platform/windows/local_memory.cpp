#include "platform/windows/local_memory.hpp"

#include <windows.h>

namespace twctl {

void FreeLocal::operator()(void* memory) const { ::LocalFree(memory); }

}  // namespace twctl
