// A registry file as regedit imports it: UTF-16LE with a byte order mark, UTF-8, or REGEDIT4 in the ANSI code page;
// names without regard to case, `dword:` in hexadecimal, the last duplicate wins, `"x"=-` deletes.
#include <fmt/format.h>

#include <optional>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/reg.hpp"
#include "formats/text_lines.hpp"
#include "profile/foreign.hpp"
#include "profile/readers.hpp"

namespace twctl {
namespace {

struct Dword {
  std::string text;
  std::uint32_t number = 0;
};

// dword:0000003c is 60, and looks like nothing else; dword:00000030 looks like 30.
void find_digits(ForeignProfile& profile, const Setting& setting, const Dword& dword, int line) {
  const std::string_view digits = dword_digits(dword.text);
  if (digits == std::to_string(dword.number)) return;
  const std::string text = fmt::format("{} is hexadecimal: {}", dword.text, dword.number);
  if (looks_decimal(digits)) return profile.slip("hexadecimal", setting, text + ".", line);
  profile.note(line, fmt::format("{}: {}", setting.key, text));
}

void take_data(ForeignProfile& profile, const Setting& setting, std::string_view data, int line) {
  const std::string text = to_lower(trim(data.substr(0, data.find(';'))));
  const std::string_view view = text;
  if (view == "-") return profile.want(setting, {Operator::unset, {}}, line);
  const bool dword = view.starts_with("dword:");
  if (!dword && !view.starts_with("hex(4):")) {
    return profile.refuse(setting, "no effect, only a REG_DWORD (dword:) counts", line);
  }
  const std::optional<std::uint32_t> number = registry_dword(view);
  if (!number) return profile.note(line, fmt::format("{}: no effect, {} is no REG_DWORD", setting.key, escape(text)));
  if (dword) find_digits(profile, setting, {text, *number}, line);
  profile.want(setting, {Operator::exactly, {std::to_string(*number)}}, line);
}

void take_value(ForeignProfile& profile, RegistryPlace under, const RegistryValue& value, int line) {
  const Setting* setting = under == RegistryPlace::elsewhere ? nullptr : find_setting(Os::windows, value.name);
  if (setting == nullptr) return profile.leave_alone(to_lower(value.name));
  if (under == RegistryPlace::numbered_set && setting->writable) {
    constexpr const char* kText =
        "counts only where Windows runs from that control set; left alone. CurrentControlSet is always the right one.";
    return profile.slip("without-effect", *setting, kText, line);
  }
  if (!setting->writable) {
    const std::string text = fmt::format("known, but twctl never writes it; left alone. {}", setting->does_not);
    return profile.slip("obsolete-value", *setting, text, line);
  }
  if (under == RegistryPlace::interfaces) {
    constexpr const char* kText = "no effect under Interfaces; it belongs in Tcpip\\Parameters itself.";
    return profile.slip("without-effect", *setting, kText, line);
  }
  take_data(profile, *setting, value.data, line);
}

// "[KEY]" or "[-KEY]", which deletes the key with everything in it.
RegistryPlace take_key(ForeignProfile& profile, std::string_view text, int line) {
  const std::string_view key = text.substr(1, text.rfind(']') - 1);
  if (!key.starts_with('-')) return place_of_key(key);
  if (holds_parameters(key.substr(1))) profile.note(line, "deletes the whole key; left alone");
  return RegistryPlace::elsewhere;
}

}  // namespace

Profile read_reg_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::reg);
  const std::string text = registry_text(bytes);
  std::string_view rest = text;
  bool headed = false;
  RegistryPlace under = RegistryPlace::elsewhere;
  for (int line = 1; !rest.empty(); ++line) {
    const std::string_view content = trim(take_line(rest, line).raw);
    if (content.empty()) continue;
    if (!headed && !is_registry_header(content)) {
      profile.note(line, "no registry file: regedit wants \"Windows Registry Editor Version 5.00\" first");
      break;
    }
    if (headed && content.front() == '[') under = take_key(profile, content, line);
    if (const auto value = registry_value(content)) take_value(profile, under, *value, line);
    headed = true;
  }
  return profile.finish();
}

}  // namespace twctl
