// This process: who runs it and when, random names, what interrupts it, and the Application event log.
#pragma once

#include <memory>

#include "platform/run.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<Run> make_run();

}  // namespace twctl
