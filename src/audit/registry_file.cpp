// A registry file -> what regedit makes of each value that we know, and what is wrong with it.
#include <fmt/format.h>

#include <algorithm>

#include "audit/other_files.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/reg.hpp"

namespace twctl {
namespace {

constexpr std::size_t kEchoed = 80;

class RegistryJudge {
 public:
  RegistryJudge(std::string_view path, KernelVersion build) : path_(path), build_(build) {}

  void take(const RegistryLine& line) {
    const Place where{path_, line.line};
    if (line.value) return take_value(line, where);
    if (line.deletes && holds_parameters(line.key)) {
      say("reg-key-deleted", "", where,
          fmt::format("[{}] takes away every value below it.", escape("-" + line.key, kEchoed)));
    }
  }

  void refuse(std::string_view header, int number) {
    say("reg-refused", "", {path_, number}, fmt::format("It begins with \"{}\".", escape(header, kEchoed)));
  }

  OtherFile finish() {
    settle(file_.lines);
    for (const JudgedLine& line : file_.lines) {
      if (line.overridden_by) find_overridden(line);
    }
    return std::move(file_);
  }

 private:
  void take_value(const RegistryLine& line, const Place& where) {
    const RegistryValue& value = *line.value;
    const Setting* setting = find_setting(Os::windows, value.name);
    if (line.place == RegistryPlace::elsewhere) return take_strayed(line, setting, where);
    if (line.place == RegistryPlace::numbered_set) return take_numbered(line, setting, where);
    if (setting != nullptr) return judge(*setting, line, where);
    const Setting* near = find_setting(Os::windows, nearest_key(Os::windows, value.name));
    if (near == nullptr || !near->writable) return;
    say("reg-misspelt", near->key, where,
        fmt::format("\"{}\": did you mean {}?", escape(value.name, kEchoed), near->key));
  }

  // Under a neighbour of the right key: Tcpip itself, Tcpip6, Afd.
  void take_strayed(const RegistryLine& line, const Setting* setting, const Place& where) {
    const bool near_by = as_current_set(line.key).find("\\currentcontrolset\\services\\") != std::string::npos;
    if (setting == nullptr || !setting->writable || !near_by || line.deletes) return;
    say("reg-no-effect", setting->key, where, fmt::format("It is not read in {}.", escape(line.key, kEchoed)));
  }

  // Under ControlSet001, which is mostly the one that Windows runs from, and need not be.
  void take_numbered(const RegistryLine& line, const Setting* setting, const Place& where) {
    if (setting == nullptr) return;
    if (!setting->writable) return rules::registry_number(*setting, "", where, build_, file_.findings);
    say("reg-no-effect", setting->key, where,
        fmt::format("It is read in {} only where Windows runs from that control set; CurrentControlSet is always the "
                    "right one.",
                    escape(line.key, kEchoed)));
    file_.findings.back().severity = Severity::warning;
  }

  void judge(const Setting& setting, const RegistryLine& at, const Place& where) {
    const std::string& data = at.value->type;
    const bool counts = at.place == RegistryPlace::parameters;
    JudgedLine line{.setting = &setting, .raw = at.value->data, .where = where};
    const std::optional<std::uint32_t> dword = registry_dword(data);
    if (dword && counts) line.effective = std::to_string(*dword);
    line.fate = line.effective || (data == "-" && counts) ? Fate::taken : Fate::refused;
    if (data == "-") line.note = "deletes the value";
    if (data != "-") find(line, at.place, data);
    file_.lines.push_back(std::move(line));
  }

  void find(JudgedLine& line, RegistryPlace place, const std::string& data) {
    const std::string_view key = line.setting->key;
    if (place == RegistryPlace::interfaces && line.setting->writable) {
      line.note = "not read under Interfaces";
      return say("reg-no-effect", key, line.where, "It is not read under Interfaces.");
    }
    if (!line.effective) line.note = "only a REG_DWORD counts";
    if (!line.effective && line.setting->writable) {
      return say("reg-no-effect", key, line.where, fmt::format("\"{}\" is no REG_DWORD.", escape(data, kEchoed)));
    }
    rules::registry_number(*line.setting, line.effective.value_or(""), line.where, build_, file_.findings);
    if (line.setting->writable) find_digits(line, data);
  }

  void find_digits(const JudgedLine& line, const std::string& data) {
    const std::string_view digits = dword_digits(data);
    if (!data.starts_with("dword:") || !looks_decimal(digits) || digits == *line.effective) return;
    say("reg-hexadecimal", line.setting->key, line.where,
        fmt::format("{} is {} in decimal.", escape(data, kEchoed), *line.effective));
    // A round number hints at somebody who meant it in decimal.
    if (digits.ends_with('0')) file_.findings.back().severity = Severity::warning;
  }

  void find_overridden(const JudgedLine& line) {
    const auto winner = std::find_if(file_.lines.begin(), file_.lines.end(),
                                     [&](const JudgedLine& other) { return other.where == *line.overridden_by; });
    const bool same = winner->effective == line.effective;
    const auto shown = [](const std::optional<Value>& value) { return value ? "sets it to " + *value : "deletes it"; };
    say(same ? "reg-repeated" : "reg-overridden", line.setting->key, line.where,
        fmt::format("Line {} {}, this one {}.", winner->where.line, shown(winner->effective), shown(line.effective)));
  }

  void say(std::string_view id, std::string_view key, const Place& where, std::string what) {
    file_.findings.push_back(make_finding(id, key, where, std::move(what)));
  }

  std::string path_;
  KernelVersion build_;
  OtherFile file_;
};

}  // namespace

OtherFile judge_reg_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  RegistryJudge judge(path, context.build());
  const RegistryText text = read_registry_text(bytes);
  if (text.bad_header != 0) judge.refuse(text.header, text.bad_header);
  for (const RegistryLine& line : text.lines) judge.take(line);
  return judge.finish();
}

}  // namespace twctl
