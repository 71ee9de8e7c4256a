#include "diagnose/in_namespace.hpp"

#include <fmt/format.h>

namespace twctl {

std::string others_text(const OtherNamespaces& others, std::string_view done, std::string_view command) {
  if (others.count == 0 && others.complete) return "";
  if (others.count == 0) {
    return fmt::format(
        "Whether other network namespaces have processes cannot be seen: run `{}` as root with CAP_SYS_PTRACE.",
        command);
  }
  const bool one = others.count == 1;
  return fmt::format("{}{} other network {} processes and {} not {}: `{}`.", others.complete ? "" : "At least ",
                     others.count, one ? "namespace has" : "namespaces have", one ? "was" : "were", done, command);
}

}  // namespace twctl
