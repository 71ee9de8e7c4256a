// What Windows has no counterpart of: each step says so.
#pragma once

#include <memory>

#include "platform/deadline_timers.hpp"
#include "platform/durable_store.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<BootFileStore> make_absent_boot_files();
[[nodiscard]] std::unique_ptr<DeadlineTimers> make_absent_timers();

}  // namespace twctl
