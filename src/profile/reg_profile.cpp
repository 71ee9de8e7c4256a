// A registry file as regedit imports it: UTF-16LE with a byte order mark, UTF-8, or REGEDIT4 in the ANSI code page;
// names without regard to case, `dword:` in hexadecimal, the last duplicate wins, `"x"=-` deletes.
#include <fmt/format.h>

#include <optional>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/reg.hpp"
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
  const std::string text = fmt::format("{} is hexadecimal: {}", escape(dword.text), dword.number);
  if (is_digits(digits)) return profile.slip("hexadecimal", setting, text + ".", line);
  profile.note(line, fmt::format("{}: {}", setting.key, text));
}

void take_data(ForeignProfile& profile, const Setting& setting, const std::string& text, int line) {
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
  if (setting == nullptr) {
    const bool counts = under == RegistryPlace::parameters || under == RegistryPlace::interfaces;
    const Setting* meant = counts ? find_setting(Os::windows, nearest_key(Os::windows, value.name)) : nullptr;
    if (meant == nullptr || !meant->writable) return profile.leave_alone(to_lower(value.name), line);
    return profile.slip(
        "near-miss", *meant,
        fmt::format("{} is no value that Windows reads; did you mean {}?", escape(value.name), meant->key), line);
  }
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
  take_data(profile, *setting, value.type, line);
}

}  // namespace

Profile read_reg_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::reg);
  const RegistryText text = read_registry_text(bytes);
  if (text.bad_header != 0) {
    profile.note(text.bad_header, fmt::format("no registry file: regedit wants \"{}\" first", kRegistryHeader));
  }
  for (const RegistryLine& line : text.lines) {
    if (line.value) take_value(profile, line.place, *line.value, line.line);
    const bool deletes_ours = !line.value && line.deletes && holds_parameters(line.key);
    if (deletes_ours) profile.note(line.line, "deletes the whole key; left alone");
  }
  return profile.finish();
}

}  // namespace twctl
