// Where Windows keeps what belongs to programs and to no user, and folders there that only administrators and the
// system may change: made so, and refused where they are not so.
#pragma once

#include <string>

#include "base/result.hpp"

namespace twctl {

// "C:\ProgramData", by what the registry says and not by the environment, which its owner may set to anything.
[[nodiscard]] std::string program_data();

// What everybody else may do with a folder of ours.
enum class Others {
  read,     // and pass through: profiles lie in there
  nothing,  // not even look
};

// false: it is not there, and was not to be made. Error: denied, where it is a link, somebody else's or open to others,
// or may not be made; failed.
[[nodiscard]] Result<bool> open_own_folder(const std::string& path, Others others, bool create);

}  // namespace twctl
