// Who runs this process and when, and random names.
#pragma once

#include <string>

#include "base/result.hpp"
#include "platform/run_facts.hpp"

namespace twctl {

[[nodiscard]] RunFacts gather_run_facts();

// 128 bits as 32 hexadecimal digits. Error: failed.
[[nodiscard]] Result<std::string> make_random_id();

// SIGINT, SIGTERM and SIGHUP from now on only set a flag.
void catch_interrupting_signals();
[[nodiscard]] bool interrupting_signal_came();

// One line to /dev/log, if anybody listens there. Not syslog(3), which takes a time zone from the environment.
void log_line(const std::string& line);

}  // namespace twctl
