#include "report/version.hpp"

namespace twctl {

std::string_view program_version() { return TWCTL_VERSION; }

}  // namespace twctl
