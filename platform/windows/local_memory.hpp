// What the system hands out to be given back with LocalFree().
#pragma once

#include <memory>

namespace twctl {

struct FreeLocal {
  void operator()(void* memory) const;
};
using LocalMemory = std::unique_ptr<void, FreeLocal>;

}  // namespace twctl
