// Where Windows keeps what belongs to programs and to no user.
#pragma once

#include <string>

namespace twctl {

// "C:\ProgramData", by what the registry says and not by the environment, which its owner may set to anything.
[[nodiscard]] std::string program_data();

}  // namespace twctl
