// A registry file -> what regedit makes of each value that we know, and what is wrong with it.
#include <fmt/format.h>

#include <algorithm>

#include "audit/other_files.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/reg.hpp"
#include "formats/text_lines.hpp"

namespace twctl {
namespace {

constexpr std::size_t kEchoed = 80;

class RegistryJudge {
 public:
  RegistryJudge(std::string_view path, KernelVersion build) : path_(path), build_(build) {}

  void take(std::string_view line, int number) {
    const Place where{path_, number};
    if (line.starts_with('[')) take_key(line.substr(1, line.rfind(']') - 1), where);
    if (const auto value = registry_value(line)) take_value(*value, where);
  }

  void refuse(std::string_view line, int number) {
    say("reg-refused", "", {path_, number}, fmt::format("It begins with \"{}\".", escape(line, kEchoed)));
  }

  OtherFile finish() {
    settle(file_.lines);
    for (const JudgedLine& line : file_.lines) {
      if (line.overridden_by) find_overridden(line);
    }
    return std::move(file_);
  }

 private:
  void take_key(std::string_view key, const Place& where) {
    const bool deletes = key.starts_with('-');
    key_ = key;
    place_ = deletes ? RegistryPlace::elsewhere : place_of_key(key);
    if (deletes && holds_parameters(key.substr(1))) {
      say("reg-key-deleted", "", where, fmt::format("[{}] takes away every value below it.", escape(key, kEchoed)));
    }
  }

  void take_value(const RegistryValue& value, const Place& where) {
    const Setting* setting = find_setting(Os::windows, value.name);
    if (place_ == RegistryPlace::elsewhere) return take_strayed(setting, where);
    if (place_ == RegistryPlace::numbered_set) return take_numbered(setting, where);
    if (setting != nullptr) return judge(*setting, value, where);
    const Setting* near = find_setting(Os::windows, nearest_key(Os::windows, value.name));
    if (near == nullptr || !near->writable) return;
    say("reg-misspelt", near->key, where,
        fmt::format("\"{}\": did you mean {}?", escape(value.name, kEchoed), near->key));
  }

  // Under a neighbour of the right key: Tcpip itself, Tcpip6, Afd.
  void take_strayed(const Setting* setting, const Place& where) {
    const bool near_by = as_current_set(key_).find("\\currentcontrolset\\services\\") != std::string::npos;
    if (setting == nullptr || !setting->writable || !near_by || key_.starts_with('-')) return;
    say("reg-no-effect", setting->key, where, fmt::format("It is not read in {}.", escape(key_, kEchoed)));
  }

  // Under ControlSet001, which is mostly the one that Windows runs from, and need not be.
  void take_numbered(const Setting* setting, const Place& where) {
    if (setting == nullptr) return;
    if (!setting->writable) return rules::registry_number(*setting, "", where, build_, file_.findings);
    say("reg-no-effect", setting->key, where,
        fmt::format("It is read in {} only where Windows runs from that control set; CurrentControlSet is always the "
                    "right one.",
                    escape(key_, kEchoed)));
    file_.findings.back().severity = Severity::warning;
  }

  void judge(const Setting& setting, const RegistryValue& value, const Place& where) {
    const std::string data = to_lower(trim(value.data.substr(0, value.data.find(';'))));
    JudgedLine line{.setting = &setting, .raw = std::string(value.data), .where = where};
    const std::optional<std::uint32_t> dword = registry_dword(data);
    if (dword && place_ == RegistryPlace::parameters) line.effective = std::to_string(*dword);
    line.fate = line.effective || (data == "-" && place_ == RegistryPlace::parameters) ? Fate::taken : Fate::refused;
    if (data == "-") line.note = "deletes the value";
    if (data != "-") find(line, data);
    file_.lines.push_back(std::move(line));
  }

  void find(JudgedLine& line, const std::string& data) {
    const std::string_view key = line.setting->key;
    if (place_ == RegistryPlace::interfaces && line.setting->writable) {
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
  std::string key_;
  RegistryPlace place_ = RegistryPlace::elsewhere;
  OtherFile file_;
};

}  // namespace

OtherFile judge_reg_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  RegistryJudge judge(path, context.build());
  const std::string text = registry_text(bytes);
  std::string_view rest = text;
  bool headed = false;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = trim(take_line(rest, number).raw);
    if (line.empty()) continue;
    if (!headed && !is_registry_header(line)) {
      judge.refuse(line, number);
      break;
    }
    headed = true;
    judge.take(line, number);
  }
  return judge.finish();
}

}  // namespace twctl
