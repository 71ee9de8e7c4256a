// Asks a person before the host is changed. Only on a terminal: end of file, a hang-up or no terminal never agree.
#pragma once

#include <string_view>

#include "cli/command.hpp"

namespace twctl {

// `page` is shown first. Error: refused.
[[nodiscard]] Result<void> ask_approval(const Session& session, std::string_view page, std::string_view question);

}  // namespace twctl
