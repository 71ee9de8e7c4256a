#include "profile/readers.hpp"

#include <fmt/format.h>

#include "base/utf16.hpp"
#include "profile/file_kind.hpp"

namespace twctl {
namespace {

// No loader reads such a file: every second byte is NUL.
Error utf16_given(std::string_view path) {
  return {.code = ErrorCode::invalid,
          .message = "this is UTF-16: no loader reads it",
          .where = {std::string(path), 0},
          .hint = "save it as UTF-8: iconv -f utf-16 -t utf-8"};
}

Error template_given(std::string_view path, std::string_view of_what) {
  return {.code = ErrorCode::invalid,
          .message = fmt::format("this is a template of {}: its values are not filled in", of_what),
          .where = {std::string(path), 0},
          .hint = "give the file that is made of it"};
}

}  // namespace

Result<Profile> read_profile_text(std::string_view path, std::string_view bytes) {
  TRY(const ProfileKind kind, readable_kind(path, bytes));
  const FileKind found = file_kind(path, bytes);
  if (found.is_template) return fail(template_given(path, found.name));
  if (kind == ProfileKind::sysctl_conf && looks_like_utf16(bytes)) return fail(utf16_given(path));
  switch (kind) {
    case ProfileKind::ini:
      return read_ini_profile(path, bytes);
    case ProfileKind::sysctl_conf:
      return read_sysctl_profile(path, bytes);
    case ProfileKind::tuned:
      return read_tuned_profile(path, bytes);
    case ProfileKind::reg:
      return read_reg_profile(path, bytes);
  }
  return fail(ErrorCode::bug, "a profile of no kind");
}

}  // namespace twctl
