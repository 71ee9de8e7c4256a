// Stores for which Windows has no counterpart: each call fails and says so.
#pragma once

#include <memory>

#include "platform/boot_file_store.hpp"
#include "platform/deadline_timers.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<BootFileStore> make_absent_boot_files();
[[nodiscard]] std::unique_ptr<DeadlineTimers> make_absent_timers();

}  // namespace twctl
