#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/explain_here.hpp"
#include "report/explain_names.hpp"
#include "report/explain_pages.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

bool on_linux(const Setting& setting) { return setting.os == Os::linux_kernel; }

std::string with_unit(std::string text, const Setting& setting) {
  if (setting.type == ValueType::integer && !setting.unit.empty())
    fmt::format_to(std::back_inserter(text), " {}", setting.unit);
  return text;
}

// "0; 2 since Linux 4.19", or how the kernel computes it.
std::string defaults_text(const Setting& setting) {
  if (setting.defaults.empty()) return std::string(setting.default_formula);
  std::string text;
  for (const KernelDefault& entry : setting.defaults) {
    if (!text.empty()) text += "; ";
    text += entry.value.empty() ? std::string("empty") : with_unit(std::string(entry.value), setting);
    const bool later = entry.since != KernelVersion{} && entry.since != setting.since;
    if (later && on_linux(setting)) text += fmt::format(" since Linux {}", to_text(entry.since));
  }
  return text;
}

std::string meanings_text(const Setting& setting) {
  std::string text;
  for (const Meaning& meaning : setting.meanings) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : "; ", meaning.value, meaning.text);
  }
  return text;
}

std::string shape(const Setting& setting) {
  switch (setting.type) {
    case ValueType::integer_pair:
      return "two numbers, each ";
    case ValueType::integer_triple:
      return "three numbers, each ";
    case ValueType::port_set:
      return "a list like 1-9,8080 of ports ";
    case ValueType::integer:
    case ValueType::enumeration:
      break;
  }
  return "";
}

bool same(const Range& a, const Range& b) { return a.min == b.min && a.max == b.max; }

std::string range_text(const Setting& setting) {
  if (setting.type == ValueType::enumeration) return meanings_text(setting);
  const auto& [min, max] = setting.accepted;
  std::string text = with_unit(fmt::format("{}{} to {}", shape(setting), min, max), setting);
  if (on_linux(setting) && !same(setting.accepted, setting.kernel_accepts)) {
    const auto& [kernel_min, kernel_max] = setting.kernel_accepts;
    const KernelVersion measured{6, 18};  // of a later key only the source has been read
    const std::string kernel = to_text(std::max(measured, setting.since));
    text += fmt::format(" (Linux {} itself takes {} to {})", kernel, kernel_min, kernel_max);
  }
  return text;
}

std::string reach_text(const Setting& setting) {
  if (!on_linux(setting)) return "";
  switch (setting.reach) {
    case Reach::host_wide:
      return "one value for the host, in its initial network namespace only";
    case Reach::host_wide_shown_read_only:
      return "one value for the host; other network namespaces can read it, not write it";
    case Reach::per_namespace:
      break;
  }
  const std::string since = to_text(setting.per_namespace_since);
  return "each network namespace has its own value" + (since.empty() ? "" : " (since Linux " + since + ")");
}

std::string kernels_text(const Setting& setting) {
  if (!on_linux(setting)) return "Windows";
  std::vector<std::string> parts;
  if (!setting.vendor.empty()) parts.push_back(fmt::format("{} only", setting.vendor));
  if (setting.since != KernelVersion{}) parts.push_back(fmt::format("Linux {} and later", to_text(setting.since)));
  if (setting.removed != KernelVersion{}) parts.push_back(fmt::format("before Linux {}", to_text(setting.removed)));
  if (!setting.module.empty()) parts.push_back(fmt::format("while the module {} is loaded", setting.module));
  return parts.empty() ? "every Linux that is in use" : join(parts, ", ");
}

std::vector<std::string> myths_about(const Setting& setting) {
  std::vector<std::string> items;
  for (const MythRow& myth : myths()) {
    if (myth.key == setting.key) items.push_back(fmt::format("\"{}\": {}", myth.claim, myth.truth));
  }
  return items;
}

std::vector<std::string> states_of(const Setting& setting) {
  std::vector<std::string> names;
  for (const TcpStateRow& state : tcp_states()) {
    for (const std::string_view name : split(state.settings, ',')) {
      if (trim(name) == short_name(setting)) names.emplace_back(state.name);
    }
  }
  return names;
}

void add_facts(Page& page, const Setting& setting) {
  add_fact(page, "default", defaults_text(setting));
  add_fact(page, setting.type == ValueType::enumeration ? "values" : "range", range_text(setting));
  add_fact(page, "takes effect", effect_text(setting));
  add_fact(page, "reach", reach_text(setting));
  add_fact(page, "kernels", kernels_text(setting));
  if (!setting.writable) add_fact(page, "twctl", "explains it and never writes it");
  add_fact(page, "TCP states", join(states_of(setting), ", "));
}

void add_prose(Page& page, const Setting& setting) {
  add_block(page, "Why it was removed", std::string(setting.removed_why));
  add_block(page, "What it does", std::string(setting.does));
  add_block(page, "What it does not do", std::string(setting.does_not));
  add_block(page, "Risk", std::string(setting.risk));
  add_block(page, "Needs", std::string(setting.needs));
  add_block(page, "Goes with", std::string(setting.goes_with));
  add_block(page, "Where it shows", std::string(setting.counters));
  add_block(page, "Versions", std::string(setting.history));
  add_list(page, "Myths", myths_about(setting));
  add_list(page, "Sources", {setting.sources.begin(), setting.sources.end()});
}

}  // namespace

Page setting_page(const Setting& setting, const Snapshot* here) {
  Page page{.title = std::string(setting.key), .summary = std::string(setting.summary), .facts = {}, .blocks = {}};
  if (here != nullptr) add_facts_here(page, setting, *here);
  add_facts(page, setting);
  add_prose(page, setting);
  return page;
}

}  // namespace twctl
