#include "profile/file_kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "base/utf16.hpp"
#include "formats/odd_character.hpp"
#include "formats/sysctl.hpp"
#include "formats/text_lines.hpp"
#include "formats/tuned.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLookedAt = kProfileLimit;  // bytes: a dump of every setting has fewer

// ---- Registry files ----

bool is_registry(std::string_view bytes) {
  std::string plain;  // UTF-16 too
  for (const char c : bytes.substr(0, 1024)) {
    if (c != '\0') plain += c;
  }
  const std::string_view whole = plain;
  const std::string_view text = trim(without_bom(whole.starts_with("\xFF\xFE") ? whole.substr(2) : whole));
  return text.starts_with("Windows Registry Editor") || text.starts_with("REGEDIT4") || text.starts_with("[HKEY_") ||
         text.starts_with("[-HKEY_");
}

// ---- Files of sections ----

// The plugins of TuneD 2.20, which are the names of sections that need no `type`.
constexpr std::array<std::string_view, 22> kTunedSections{
    "acpi",    "audio",  "bootloader", "cpu",     "disk",      "eeepc_she", "irqbalance", "irq",
    "modules", "mounts", "net",        "rtentsk", "scheduler", "script",    "scsi_host",  "selinux",
    "service", "sysfs",  "systemd",    "uncore",  "variables", "vm"};

struct Sections {
  bool any = false;
  bool ours = false;
  bool tuned = false;
};

// `summary` and `include` are what TuneD's [main] has; dnf.conf and NetworkManager.conf have a [main] of their own.
bool is_tuned_option(std::string_view section, std::string_view line, bool& other_main) {
  const std::string_view key = trim(line.substr(0, line.find('=')));
  if (key == "type") return trim(line.substr(std::min(line.find('=') + 1, line.size()))) == "sysctl";
  if (section != "main") return false;
  const bool known = key == "summary" || key == "include" || key == "description";
  other_main = other_main || !known;
  return known;
}

// The first section that only one kind has decides.
Sections sections_of(std::string_view bytes) {
  Sections found;
  bool main = false;
  bool other_main = false;
  std::string_view section;
  std::string_view rest = without_bom(bytes.substr(0, kLookedAt));
  while (!rest.empty() && !found.ours && !found.tuned) {
    const std::string_view text = take_line(rest, 0).text;
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
      section = text.substr(1, text.size() - 2);
      found.any = true;
      main = main || section == "main";
      found.ours = section == "profile" || section == "linux" || section == "windows";
      found.tuned = section == "sysctl";
    } else if (!section.empty() && text.find('=') != std::string_view::npos) {
      found.tuned = is_tuned_option(section, text, other_main) || (main && is_one_of(section, kTunedSections));
    }
  }
  found.tuned = found.tuned || (!found.ours && main && !other_main);
  return found;
}

// ---- Lines in the style of sysctl.conf ----

// The folders of /proc/sys. A key outside them is one where it looks like one: modules bring folders of their own.
constexpr std::array<std::string_view, 11> kFolders{"abi",    "crypto", "debug",  "dev",  "fs", "fscache",
                                                    "kernel", "net",    "sunrpc", "user", "vm"};

// "tcp_tw_reuse": the path is left out.
bool is_name_of_ours(std::string_view key) {
  const Setting* setting = key.find('.') == std::string_view::npos ? find_setting_by_any_name(key) : nullptr;
  return setting != nullptr && setting->os == Os::linux_kernel;
}

// Every file below /proc/sys lies in a folder.
bool is_key(std::string_view key) {
  key = key.substr(std::min(key.find_first_not_of("./"), key.size()));  // both loaders pass over those in front
  if (key.starts_with(kSettingFiles)) key.remove_prefix(kSettingFiles.size());
  const std::string dotted = dotted_key(key);
  const std::size_t dot = dotted.find('.');
  if (dot == std::string::npos || dot == 0) return false;
  if (is_one_of(std::string_view(dotted).substr(0, dot), kFolders)) return dotted.find(' ') == std::string::npos;
  return std::all_of(dotted.begin(), dotted.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.*?[]").find(c) != std::string_view::npos;
  });
}

struct Lines {
  int all = 0;
  int assignments = 0;  // of keys, whatever they are worth, and exclusions
  int about_ours = 0;   // the others that name a setting of ours, without a sign
  int commands = 0;     // "sysctl -w KEY=VALUE"
};

void count_line(Lines& lines, std::string_view line) {
  ++lines.all;
  lines.commands += line.starts_with("sysctl ") && line.find('=') != std::string_view::npos ? 1 : 0;
  const std::size_t equals = line.find('=');
  const bool dash = line.starts_with('-');
  const std::string plain = without_look_alikes(line.substr(0, equals).substr(dash ? 1 : 0));
  const std::string_view key = trim(plain);
  if (equals == std::string_view::npos && line.find_first_not_of('-') == std::string_view::npos) {
    --lines.all;  // "---": the loaders take it for an exclusion, and people for a rule
    return;
  }
  const bool assigns = equals != std::string_view::npos || dash;
  const bool spoilt = equals != std::string_view::npos && key.find_first_of(" '\"(") == std::string_view::npos &&
                      setting_meant_by(key) != nullptr;  // a key of ours with an odd character in it
  if (assigns && (spoilt || is_key(key) || is_name_of_ours(key))) {
    ++lines.assignments;
  } else if (setting_meant_by(line) != nullptr) {
    ++lines.about_ours;
  }
}

Lines lines_of(std::string_view bytes) {
  Lines lines;
  for (const std::string_view raw : split(without_bom(bytes.substr(0, kLookedAt)), '\n')) {
    const std::string_view line = trim(raw);
    if (!line.empty() && !is_comment(line)) count_line(lines, line);
  }
  return lines;
}

// ---- Templates ----

struct Hole {
  std::string_view begin;
  std::string_view end;
  bool is_value;         // something is put in its place; else it is an instruction
  bool of_name = false;  // only a NAME in capitals stands in it
};
constexpr std::array<Hole, 6> kHoles{{{"{{", "}}", true},
                                      {"<%=", "%>", true},
                                      {"{%", "%}", false},
                                      {"{#", "#}", false},
                                      {"<%", "%>", false},
                                      {"@", "@", true, true}}};

bool is_name_in_capitals(std::string_view text) {
  return !text.empty() && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

// Where the hole at the front of `text` ends; npos: there is none.
std::size_t end_of(const Hole& hole, std::string_view text) {
  if (!text.starts_with(hole.begin)) return std::string_view::npos;
  const std::size_t end = text.find(hole.end, hole.begin.size());
  if (end == std::string_view::npos) return end;
  const bool fits = !hole.of_name || is_name_in_capitals(text.substr(hole.begin.size(), end - hole.begin.size()));
  return fits ? end + hole.end.size() : std::string_view::npos;
}

// The text with 1.1, which may be a key and may be a value, for each value that is put in, and nothing for each
// instruction; nullopt: it has none.
std::optional<std::string> filled_in(std::string_view bytes) {
  std::string text;
  bool any = false;
  std::string_view rest = bytes.substr(0, kLookedAt);
  while (!rest.empty()) {
    const auto hole = std::find_if(kHoles.begin(), kHoles.end(),
                                   [&](const Hole& one) { return end_of(one, rest) != std::string_view::npos; });
    if (hole == kHoles.end()) {
      const std::size_t next = std::min(rest.find_first_of("{<@", 1), rest.size());
      text += rest.substr(0, next);
      rest.remove_prefix(next);
      continue;
    }
    any = true;
    if (hole->is_value) text += "1.1";
    rest.remove_prefix(end_of(*hole, rest));
  }
  return any ? std::optional(std::move(text)) : std::nullopt;
}

// "${x}", as Terraform and envsubst(1) put values in: neither loader nor the kernel does.
bool has_variable(std::string_view bytes) {
  for (const std::string_view raw : split(bytes.substr(0, kLookedAt), '\n')) {
    const std::string_view line = trim(raw);
    const std::size_t hole = is_comment(line) ? std::string_view::npos : line.find("${");
    if (hole != std::string_view::npos && line.find('}', hole) != std::string_view::npos) return true;
  }
  return false;
}

std::string_view name_of(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::ini:
      return "a profile of twctl";
    case ProfileKind::tuned:
      return "a TuneD profile";
    case ProfileKind::reg:
      return "a registry file";
    case ProfileKind::sysctl_conf:
      break;
  }
  return "sysctl.conf style";
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

Error json_given(std::string_view path, std::string_view bytes, Error error) {
  const std::string_view command = command_of_json(bytes);
  if (command == "snapshot") {
    error.message = "this is a snapshot of a host, not a file of settings";
    error.hint = "give it to --from, of plan or audit: twctl audit --from SNAPSHOT";
  } else if (command == "plan") {
    error.message = "this is a saved plan, not a file of settings";
    error.hint = "give it to --plan: twctl apply --plan FILE";
  }
  error.where = {std::string(path), 0};
  return error;
}

FileKind known(ProfileKind kind) { return {.kind = kind, .name = name_of(kind)}; }

FileKind unknown(std::string_view name) { return {.kind = std::nullopt, .name = name}; }

// By its lines: mostly assignments of keys, or at least nothing else that is known.
FileKind kind_of_lines(std::string_view path, std::string_view bytes) {
  const Lines lines = lines_of(bytes);
  if (lines.all == 0) {
    const std::string_view foreign = foreign_kind(path, bytes);
    return foreign.empty() ? known(ProfileKind::sysctl_conf) : unknown(foreign);
  }
  if (const std::string_view sure = unmistakable_kind(bytes); !sure.empty()) return unknown(sure);
  if (2 * lines.assignments >= lines.all) return known(ProfileKind::sysctl_conf);
  // Meant for /etc/sysctl.d by its name, and copied from a page that had commands.
  if (path.ends_with(".conf") && lines.commands == lines.all) return known(ProfileKind::sysctl_conf);
  if (const std::string_view foreign = foreign_kind(path, bytes); !foreign.empty()) return unknown(foreign);
  const bool perhaps = lines.assignments + lines.about_ours > 0;
  return perhaps ? known(ProfileKind::sysctl_conf) : unknown("text of no kind that twctl knows");
}

FileKind kind_of_text(std::string_view path, std::string_view bytes) {
  const Sections sections = sections_of(bytes);
  if (sections.ours) return known(ProfileKind::ini);
  if (sections.tuned) return known(ProfileKind::tuned);
  return kind_of_lines(path, bytes);
}

}  // namespace

FileKind file_kind(std::string_view path, std::string_view bytes) {
  const std::string lower = to_lower(path);
  if (lower.ends_with(".ini")) return known(ProfileKind::ini);
  if (is_registry(bytes)) return known(ProfileKind::reg);
  if (looks_like_utf16(bytes)) return known(lower.ends_with(".reg") ? ProfileKind::reg : ProfileKind::sysctl_conf);
  if (const std::string_view binary = binary_kind(bytes); !binary.empty()) return unknown(binary);
  if (lower.ends_with(".reg")) return known(ProfileKind::reg);
  if (const std::optional<std::string> text = filled_in(bytes)) {
    FileKind filled = kind_of_text(path, *text);
    filled.is_template = filled.kind.has_value();
    return filled;
  }
  FileKind found = kind_of_text(path, bytes);
  found.is_template = found.kind == ProfileKind::sysctl_conf && has_variable(bytes);
  return found;
}

Result<ProfileKind> readable_kind(std::string_view path, std::string_view bytes) {
  const FileKind found = file_kind(path, bytes);
  if (found.kind) return *found.kind;
  Error error{.code = ErrorCode::invalid,
              .message = fmt::format("this is {}; twctl does not read that", found.name),
              .where = {std::string(path), 0},
              .hint =
                  "it reads sysctl.conf style, TuneD profiles, .reg files and its own profiles. Of anything else write "
                  "the settings as lines KEY=VALUE and pipe them in: `echo net.ipv4.tcp_tw_reuse=1 | twctl audit -`; "
                  "add --container if a container gets them"};
  return fail(found.name == "JSON" ? json_given(path, bytes, std::move(error)) : std::move(error));
}

}  // namespace twctl
