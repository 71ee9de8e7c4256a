#include "sysctl/boot_edit.hpp"

#include "sysctl/boot.hpp"

namespace twctl {

Result<std::optional<std::string>> render_boot_file(std::string_view path, const std::optional<std::string>& before,
                                                    std::span<const LineChange> changes) {
  if (path == kOwnBootFile) return render_own_file(before, changes);
  return edit_sysctl_conf(before, changes);
}

}  // namespace twctl
