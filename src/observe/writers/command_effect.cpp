#include "observe/writers/command_effect.hpp"

namespace twctl {

// By the 'y' of "sys", which is rare: most of a host's scripts are passed over so.
bool may_set_settings(std::string_view text) {
  for (std::size_t at = text.find('y', 1); at < text.size(); at = text.find('y', at + 1)) {
    const std::string_view here = text.substr(at - 1);
    if (here.starts_with("sysctl")) return true;
    if (here.starts_with("sys/") && text.substr(0, at - 1).ends_with("proc/")) return true;
  }
  return false;
}

}  // namespace twctl
