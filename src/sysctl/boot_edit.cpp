#include "sysctl/boot_edit.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot.hpp"

namespace twctl {

Result<std::optional<std::string>> render_boot_file(std::string_view path, const std::optional<std::string>& before,
                                                    std::span<const LineChange> changes) {
  TRY(std::optional<std::string> after,
      path == kOwnBootFile ? render_own_file(before, changes) : edit_sysctl_conf(before, changes));
  if (!after || after->size() <= kBootFileLimit) return after;
  return fail(ErrorCode::invalid, fmt::format("{} would be larger than {}", path, size_text(kBootFileLimit)),
              "take out of it what nobody needs, or choose with --boot-file");
}

}  // namespace twctl
