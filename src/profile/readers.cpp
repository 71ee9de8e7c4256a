#include "profile/readers.hpp"

#include "base/text.hpp"
#include "formats/text_lines.hpp"

namespace twctl {
namespace {

bool is_reg(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return true;  // UTF-16LE: no other kind of profile is ever written so
  const std::string_view text = trim(without_bom(bytes).substr(0, 256));
  return text.starts_with("Windows Registry Editor") || text.starts_with("REGEDIT4");
}

// The first section that only one kind of file has.
ProfileKind kind_of_sections(std::string_view bytes) {
  std::string_view rest = without_bom(bytes);
  while (!rest.empty()) {
    const std::string_view text = take_line(rest, 0).text;
    if (text == "[profile]" || text == "[linux]" || text == "[windows]") return ProfileKind::ini;
    if (text == "[main]" || text == "[sysctl]") return ProfileKind::tuned;
  }
  return ProfileKind::sysctl_conf;
}

// What our own JSON says it is ("snapshot", "plan"); "" for JSON of another kind.
std::string_view command_of_json(std::string_view bytes) {
  constexpr std::string_view kMember = "\"command\"";
  const std::size_t at = bytes.find(kMember);
  if (at == std::string_view::npos) return {};
  std::string_view rest = trim(bytes.substr(at + kMember.size()));
  if (!rest.starts_with(':')) return {};
  rest = trim(rest.substr(1));
  return rest.starts_with('"') ? rest.substr(1, rest.find('"', 1) - 1) : std::string_view{};
}

bool is_json(std::string_view bytes) { return trim(without_bom(bytes).substr(0, 256)).starts_with('{'); }

Error json_given(std::string_view path, std::string_view bytes) {
  Error error{.code = ErrorCode::invalid, .message = "JSON, not a profile", .where = {std::string(path), 0}};
  const std::string_view command = command_of_json(bytes);
  if (command == "snapshot") {
    error.message = "a snapshot, not a profile";
    error.hint = "give it to --from: twctl plan --from SNAPSHOT [PROFILE...]";
  } else if (command == "plan") {
    error.message = "a saved plan, not a profile";
    error.hint = "give it to --plan: twctl apply --plan FILE";
  }
  return error;
}

}  // namespace

ProfileKind kind_of(std::string_view path, std::string_view bytes) {
  const std::string lower = to_lower(path);
  if (lower.ends_with(".ini")) return ProfileKind::ini;
  if (lower.ends_with(".reg") || is_reg(bytes)) return ProfileKind::reg;
  return kind_of_sections(bytes);
}

Result<Profile> read_profile_text(std::string_view path, std::string_view bytes) {
  const ProfileKind kind = kind_of(path, bytes);
  if (kind == ProfileKind::sysctl_conf && is_json(bytes)) return fail(json_given(path, bytes));
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
