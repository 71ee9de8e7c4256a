// This process: who runs it and when, random names, its signals, and /dev/log.
#pragma once

#include <memory>

#include "platform/run.hpp"

namespace twctl {

// `logs`: the lines go to /dev/log, if anybody listens there.
[[nodiscard]] std::unique_ptr<Run> make_run(bool logs);

}  // namespace twctl
