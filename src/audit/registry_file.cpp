// A registry file -> what regedit makes of each value that we know.
#include <fmt/format.h>

#include "audit/file_lines.hpp"
#include "base/escape.hpp"

namespace twctl {
namespace {

constexpr std::size_t kShownBytes = 80;

// Under a neighbour of the right key: Tcpip itself, Tcpip6, Afd.
bool is_near_by(const RegistryLine& line) {
  return !line.deletes && as_current_set(line.key).find("\\currentcontrolset\\services\\") != std::string::npos;
}

// Why Windows does not read the value; "" if it does. `number` is what the data come to.
std::string why_no_effect(const RegistryLine& line, const std::optional<Value>& number) {
  switch (line.place) {
    case RegistryPlace::elsewhere:
      if (line.key.starts_with("HKLM\\") || line.key.starts_with("hklm\\")) {
        return "A .reg file has to spell HKEY_LOCAL_MACHINE out: HKLM is short for it to reg.exe and PowerShell alone.";
      }
      return fmt::format("It is not read in {}.", escape(line.key, kShownBytes));
    case RegistryPlace::numbered_set:  // mostly the one that Windows runs from, and need not be
      return fmt::format(
          "It is read in {} only where Windows runs from that control set; CurrentControlSet is always the right one.",
          escape(line.key, kShownBytes));
    case RegistryPlace::interfaces:
      return "It is not read under Interfaces.";
    case RegistryPlace::parameters:
      break;
  }
  return number ? "" : fmt::format("\"{}\" is no REG_DWORD.", escape(line.value->type, kShownBytes));
}

std::string_view advice_for(const RegistryLine& line) {
  if (line.place != RegistryPlace::parameters) return "Move it to CurrentControlSet\\Services\\Tcpip\\Parameters.";
  if (line.value->type.starts_with("dword:")) return "Write one to eight hexadecimal digits behind dword:.";
  return "Write it as dword: and up to eight hexadecimal digits.";
}

AuditedLine judge(const Setting& setting, const RegistryLine& at, const Place& where, bool deletes) {
  const bool counts = at.place == RegistryPlace::parameters;
  AuditedLine line{.setting = &setting, .raw = at.value->data, .where = where};
  if (const auto dword = registry_dword(at.value->type); dword && counts) line.effective = std::to_string(*dword);
  line.fate = line.effective || (deletes && counts) ? Fate::taken : Fate::refused;
  if (deletes) {
    line.note = "deletes the value";
  } else if (!counts && setting.writable) {
    line.note = "not read under Interfaces";
  } else if (!line.effective) {
    line.note = "only a REG_DWORD counts";
  }
  return line;
}

void take(AuditedRegistry& registry, const RegistryLine& at) {
  const Setting* setting = at.value ? find_setting(Os::windows, at.value->name) : nullptr;
  const bool elsewhere = at.place == RegistryPlace::elsewhere;
  if (setting == nullptr || (elsewhere && (!setting->writable || !is_near_by(at)))) return;
  const Place where{registry.path, at.line};
  RegistryEntry entry{.setting = setting, .where = where, .data = at.value->type};
  entry.perhaps_read = at.place == RegistryPlace::numbered_set;
  if (!elsewhere && !entry.perhaps_read) {
    const bool deletes = at.value->type == "-";
    registry.lines.push_back(judge(*setting, at, where, deletes));
    if (deletes) return;
    entry.value = registry.lines.back().effective.value_or("");
  }
  const std::optional<Value> number = entry.value.empty() ? std::nullopt : std::optional(entry.value);
  if (setting->writable) entry.no_effect = why_no_effect(at, number);
  if (!entry.no_effect.empty()) entry.advice = advice_for(at);
  registry.entries.push_back(std::move(entry));
}

}  // namespace

Result<AuditedRegistry> judge_reg_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  AuditedRegistry registry{.build = context.build(), .path = std::string(path), .text = read_registry_text(bytes)};
  for (const RegistryLine& line : registry.text.lines) take(registry, line);
  TRY_VOID(check_entries(path, std::max(registry.lines.size(), registry.entries.size())));
  mark_overridden(registry.lines);
  return registry;
}

}  // namespace twctl
