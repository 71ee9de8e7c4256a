// %ProgramData%\twctl\state: the lock and one folder a change, for administrators and the system only.
#pragma once

#include <memory>

#include "platform/state_store.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<StateStore> make_state_directory();

}  // namespace twctl
