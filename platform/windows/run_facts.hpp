// Who runs this process and when, and random names.
#pragma once

#include <string>

#include "base/result.hpp"
#include "platform/run_facts.hpp"

namespace twctl {

[[nodiscard]] RunFacts gather_run_facts();
[[nodiscard]] bool is_elevated();

// 128 bits as 32 hexadecimal digits. Error: failed, unsupported.
[[nodiscard]] Result<std::string> make_random_id();

// One line to the Application event log.
void log_line(const std::string& line);

}  // namespace twctl
