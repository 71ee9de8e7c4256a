// A registry file as regedit imports it: UTF-16LE with a byte order mark, UTF-8, or REGEDIT4 in the ANSI code page;
// names without regard to case, `dword:` in hexadecimal, the last duplicate wins, `"x"=-` deletes.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "profile/foreign.hpp"
#include "profile/readers.hpp"
#include "profile/registry_text.hpp"
#include "profile/text_lines.hpp"

namespace twctl {
namespace {

constexpr std::string_view kParameters = "hkey_local_machine\\system\\currentcontrolset\\services\\tcpip\\parameters";
constexpr std::string_view kInterfaces = "\\interfaces";

bool is_header(std::string_view line) {
  const std::string lower = to_lower(line);
  return lower.starts_with("windows registry editor") || lower == "regedit4";
}

// Where the lines of a file stand: under the key that counts, under its interfaces, or elsewhere.
enum class Under { parameters, interfaces, elsewhere };

Under place_of_key(std::string_view key) {
  const std::string lower = to_lower(key);
  if (lower == kParameters) return Under::parameters;
  const bool inside =
      lower.starts_with(kParameters) && std::string_view(lower).substr(kParameters.size()).starts_with(kInterfaces);
  return inside ? Under::interfaces : Under::elsewhere;
}

// `"Name"=data`: both parts. nullopt: no such line.
struct ValueLine {
  std::string name;
  std::string_view data;
};

std::optional<ValueLine> value_line(std::string_view line) {
  if (!line.starts_with('"')) return std::nullopt;
  ValueLine value;
  std::size_t at = 1;
  for (; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\' && at + 1 < line.size()) ++at;
    value.name += line[at];
  }
  if (at >= line.size()) return std::nullopt;
  const std::string_view rest = trim(line.substr(at + 1));
  if (!rest.starts_with('=')) return std::nullopt;
  value.data = trim(rest.substr(1));
  return value;
}

std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (digits.empty() || problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// "hex(4):1e,00,00,00": the four bytes of a REG_DWORD, the lowest first.
std::optional<std::uint32_t> from_bytes(std::string_view list) {
  std::uint32_t number = 0;
  int shift = 0;
  for (const std::string_view byte : split(list, ',')) {
    const std::optional<std::uint32_t> value = hexadecimal(trim(byte));
    if (!value || *value > 0xFF || shift > 24) return std::nullopt;
    number |= *value << shift;
    shift += 8;
  }
  return shift == 32 ? std::optional(number) : std::nullopt;
}

void take_data(ForeignProfile& profile, const Setting& setting, std::string_view data, int line) {
  const std::string text = to_lower(trim(data.substr(0, data.find(';'))));
  const std::string_view view = text;
  if (view == "-") return profile.want(setting, {Operator::unset, {}}, line);
  const bool dword = view.starts_with("dword:");
  if (!dword && !view.starts_with("hex(4):")) {
    return profile.refuse(setting, "no effect, only a REG_DWORD (dword:) counts", line);
  }
  const std::string_view digits = trim(view.substr(view.find(':') + 1));
  const std::optional<std::uint32_t> number = dword ? hexadecimal(digits) : from_bytes(digits);
  if (!number) return profile.note(line, fmt::format("{}: no effect, {} is no REG_DWORD", setting.key, escape(text)));
  const std::string_view significant = digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (dword && significant != std::to_string(*number)) {
    profile.note(line, fmt::format("{}: {} is hexadecimal: {}", setting.key, text, *number));
  }
  profile.want(setting, {Operator::exactly, {std::to_string(*number)}}, line);
}

void take_value(ForeignProfile& profile, Under under, const ValueLine& value, int line) {
  const Setting* setting = under == Under::elsewhere ? nullptr : find_setting(Os::windows, value.name);
  if (setting == nullptr) return profile.leave_alone(to_lower(value.name));
  if (under == Under::interfaces) {
    return profile.note(
        line, fmt::format("{}: no effect under Interfaces; it belongs in Tcpip\\Parameters itself", setting->key));
  }
  if (!setting->writable) return profile.note(line, never_written(*setting).message + "; left alone");
  take_data(profile, *setting, value.data, line);
}

// "[KEY]" or "[-KEY]", which deletes the key with everything in it.
Under take_key(ForeignProfile& profile, std::string_view text, int line) {
  const std::string_view key = text.substr(1, text.rfind(']') - 1);
  if (!key.starts_with('-')) return place_of_key(key);
  if (place_of_key(key.substr(1)) == Under::parameters) profile.note(line, "deletes the whole key; left alone");
  return Under::elsewhere;
}

}  // namespace

Profile read_reg_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::reg);
  const std::string text = registry_text(bytes);
  std::string_view rest = text;
  bool headed = false;
  Under under = Under::elsewhere;
  for (int line = 1; !rest.empty(); ++line) {
    const std::string_view content = trim(take_line(rest, line).raw);
    if (content.empty()) continue;
    if (!headed && !is_header(content)) {
      profile.note(line, "no registry file: regedit wants \"Windows Registry Editor Version 5.00\" first");
      break;
    }
    if (headed && content.front() == '[') under = take_key(profile, content, line);
    if (const auto value = value_line(content)) take_value(profile, under, *value, line);
    headed = true;
  }
  return profile.finish();
}

}  // namespace twctl
