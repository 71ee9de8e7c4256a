#include "sysctl/command_line.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace twctl {
namespace {

// Up to the next blank that no quotes are around (lib/cmdline.c, next_arg()).
std::string_view take_parameter(std::string_view& text) {
  text = trim(text);
  bool quoted = false;
  std::size_t length = 0;
  for (; length < text.size(); ++length) {
    const char c = text[length];
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == ' ' || (c >= '\t' && c <= '\r'))) break;
  }
  const std::string_view parameter = text.substr(0, length);
  text.remove_prefix(length);
  return parameter;
}

// Quotes around the whole or around the value go, one pair.
std::string_view unquoted(std::string_view text) {
  if (!text.starts_with('"')) return text;
  text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  return text;
}

// The kernel takes every dot for a slash: no key can have a literal one.
std::optional<Assignment> assignment_of(std::string_view parameter) {
  constexpr std::string_view kPrefix = "sysctl";
  parameter = unquoted(parameter);
  const std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos || !parameter.starts_with(kPrefix)) return std::nullopt;
  const std::string key = replaced(parameter.substr(kPrefix.size(), equals - kPrefix.size()), '/', '.');
  const std::string_view value = unquoted(parameter.substr(equals + 1));
  if (!key.starts_with('.') || value.empty()) return std::nullopt;
  return Assignment{.key = key.substr(1), .value = std::string(value)};
}

bool names_setting(std::string_view parameter) {
  return parameter.starts_with("net") && parameter.find('=') != std::string_view::npos &&
         find_setting(Os::linux_kernel, dotted_key(parameter.substr(0, parameter.find('=')))) != nullptr;
}

}  // namespace

// What comes after "--" is for init.
AssignmentFile read_command_line(std::string_view text) {
  AssignmentFile found;
  for (std::string_view one = take_parameter(text); !one.empty() && one != "--"; one = take_parameter(text)) {
    if (auto said = assignment_of(one)) {
      found.assignments.push_back(*std::move(said));
    } else if (names_setting(unquoted(one))) {
      found.bad_lines.push_back({0, std::string(one), "without \"sysctl.\" in front the kernel does not take it"});
    }
  }
  return found;
}

}  // namespace twctl
