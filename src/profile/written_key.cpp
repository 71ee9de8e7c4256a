#include "profile/written_key.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "catalog/other_keys.hpp"
#include "catalog/slips.hpp"
#include "formats/sysctl.hpp"

namespace twctl {
namespace {

std::string_view without_dash(std::string_view written) { return written.substr(written.starts_with('-') ? 1 : 0); }

}  // namespace

WrittenKey find_written_key(Os os, std::string_view written) {
  const std::string_view name = without_dash(written);
  const Setting* setting = find_setting(os, os == Os::linux_kernel ? dotted_key(name) : std::string(name));
  return {setting, written.starts_with('-')};
}

Error unknown_setting(Os os, std::string_view written) {
  const bool here_is_windows = os == Os::windows;
  const Os other = here_is_windows ? Os::linux_kernel : Os::windows;
  if (find_written_key(other, written).setting != nullptr) {
    return Error{.code = ErrorCode::invalid,
                 .message = fmt::format("{}: a setting of {}", escape(written), here_is_windows ? "Linux" : "Windows"),
                 .hint = fmt::format("in a profile it stands under [{}]", here_is_windows ? "linux" : "windows")};
  }
  const std::string key = dotted_key(without_dash(written));
  if (os == Os::linux_kernel && is_old_conntrack_key(key)) {
    return Error{.code = ErrorCode::invalid,
                 .message = escape(old_conntrack_text(key)),
                 .hint = "twctl explain old-conntrack-names says more"};
  }
  if (os == Os::linux_kernel && is_other_key(key)) {
    return Error{.code = ErrorCode::invalid,
                 .message = fmt::format("{}: a key of the kernel's, and no setting of twctl's", escape(written)),
                 .hint = "twctl explain lists every setting that a profile may name"};
  }
  const std::string_view near = nearest_key(os, key);
  return Error{.code = ErrorCode::invalid,
               .message = fmt::format("{}: unknown setting{}", escape(written),
                                      near.empty() ? "" : fmt::format("; did you mean {}?", near)),
               .hint = "twctl explain lists every setting that a profile may name"};
}

Error never_written(const Setting& setting) {
  return Error{.code = ErrorCode::invalid,
               .message = fmt::format("{}: known, but twctl never writes it", setting.key),
               .hint = fmt::format("{} twctl explain {} says more", setting.does_not, setting.key)};
}

bool is_profile_name(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !text.empty() && text.size() <= 64 && text.front() != '-' &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace twctl
