#include "audit/file_kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "base/utf16.hpp"
#include "profile/readers.hpp"

namespace twctl {
namespace {

using Named = std::pair<std::string_view, std::string_view>;
constexpr std::array<Named, 9> kEndings{{{".yml", "YAML"},
                                         {".yaml", "YAML"},
                                         {".json", "JSON"},
                                         {".sh", "a shell script"},
                                         {".bash", "a shell script"},
                                         {".py", "a script"},
                                         {".xml", "XML"},
                                         {".toml", "TOML"},
                                         {".html", "HTML"}}};
constexpr std::array<std::string_view, 9> kCommands{"sysctl ", "echo ", "for ",  "if ",      "export ",
                                                    "cat ",    "set ",  "sudo ", "modprobe "};

bool is_comment(std::string_view line) { return line.starts_with('#') || line.starts_with(';'); }

// "name:" or "- name: value" with a blank or nothing behind the colon.
bool is_yaml_line(std::string_view line) {
  const std::size_t colon = line.find(": ");
  const bool named = colon != std::string_view::npos && line.substr(0, colon).find('=') == std::string_view::npos;
  return named || line.ends_with(':') || line.starts_with("- ");
}

bool is_command(std::string_view line) {
  return std::any_of(kCommands.begin(), kCommands.end(), [&](auto word) { return line.starts_with(word); });
}

// Most lines decide. A key and a value with '=' between them is the mark of none of these.
std::string_view foreign_by_lines(std::string_view bytes) {
  int all = 0;
  int yaml = 0;
  int commands = 0;
  for (const std::string_view raw : split(bytes.substr(0, kProfileLimit), '\n')) {
    const std::string_view line = trim(raw);
    if (line.empty() || is_comment(line)) continue;
    ++all;
    commands += is_command(line) ? 1 : 0;
    yaml += !is_command(line) && is_yaml_line(line) ? 1 : 0;
  }
  if (all > 1 && 2 * yaml > all) return "YAML";
  return all > 1 && 2 * commands > all ? "a shell script" : "";
}

bool is_binary(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 4096);
  const auto zeros = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\0'));
  return !looks_like_utf16(bytes) && zeros * 8 > head.size();
}

// What the file is, where it is none of our kinds; "" else.
std::string_view foreign_kind(std::string_view path, std::string_view bytes) {
  const std::string lower = to_lower(path);
  for (const auto& [ending, name] : kEndings) {
    if (lower.ends_with(ending)) return name;
  }
  if (bytes.starts_with("#!")) return "a script";
  if (is_binary(bytes)) return "a binary file";
  const std::string_view start = trim(bytes.substr(0, 256));
  if (start.starts_with('{')) return "JSON";
  if (start.starts_with("<?xml") || start.starts_with("<!") || start.starts_with("<html")) return "HTML or XML";
  return foreign_by_lines(bytes);
}

bool says_registry(std::string_view bytes) {
  std::string plain;
  for (const char c : bytes.substr(0, 128)) {
    if (c != '\0') plain += c;
  }
  return plain.find("Windows Registry Editor") != std::string::npos || plain.find("REGEDIT4") != std::string::npos;
}

}  // namespace

Result<ProfileKind> audited_kind(std::string_view path, std::string_view bytes) {
  const ProfileKind kind = kind_of(path, bytes);
  if (kind == ProfileKind::reg && !to_lower(path).ends_with(".reg") && !says_registry(bytes)) {
    return ProfileKind::sysctl_conf;  // saved as UTF-16
  }
  if (kind != ProfileKind::sysctl_conf) return kind;
  const std::string_view foreign = foreign_kind(path, bytes);
  if (foreign.empty()) return kind;
  return fail(Error{.code = ErrorCode::invalid,
                    .message = fmt::format("this is {}; audit does not read that", foreign),
                    .where = {std::string(path), 0},
                    .hint = "it reads sysctl.conf style, TuneD profiles, .reg files and twctl's own profiles"});
}

}  // namespace twctl
