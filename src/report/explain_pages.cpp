#include "report/explain_pages.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/explain_here.hpp"
#include "report/explain_names.hpp"
#include "report/plan_words.hpp"
#include "rules/availability.hpp"
#include "trial/myths.hpp"

namespace twctl {
namespace {

std::vector<std::string> writers_of(const FindingRow& row) {
  if (row.writers == nullptr) return {};
  const auto all = row.writers();
  return {all.begin(), all.end()};
}

std::vector<std::string> items_of(const Sources& sources) { return {sources.begin(), sources.end()}; }

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

std::string range_text(const Setting& setting) {
  if (setting.type == ValueType::enumeration) return meanings_text(setting);
  const auto& [min, max] = setting.accepted;
  std::string text = with_unit(fmt::format("{}{} to {}", shape(setting), min, max), setting);
  if (on_linux(setting) && setting.accepted != setting.kernel_accepts) {
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

// Of one that is gone there is no effect to tell of, but on a host that still has it.
bool takes_effect(const Setting& setting, const Snapshot* here) {
  return setting.removed == KernelVersion{} || (here != nullptr && !why_unavailable(setting, *here));
}

void add_facts(Page& page, const Setting& setting, const Snapshot* here) {
  add_fact(page, "default", defaults_text(setting));
  add_fact(page, setting.type == ValueType::enumeration ? "values" : "range", range_text(setting));
  if (takes_effect(setting, here)) add_fact(page, "takes effect", effect_text(setting));
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
  add_list(page, "Sources", items_of(setting.sources));
}

// Lines of one paragraph become one; a paragraph that begins with a blank keeps its lines.
void add_line(std::vector<std::string>& paragraphs, std::string_view line, bool starts_paragraph) {
  if (starts_paragraph) {
    paragraphs.emplace_back(line);
    return;
  }
  paragraphs.back() += paragraphs.back().starts_with(' ') ? '\n' : ' ';
  paragraphs.back() += line;
}

std::vector<std::string> paragraphs_of(std::string_view text) {
  std::vector<std::string> paragraphs;
  bool after_gap = true;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) add_line(paragraphs, line, after_gap);
    after_gap = line.empty();
  }
  return paragraphs;
}

}  // namespace

Page setting_page(const Setting& setting, const Snapshot* here) {
  Page page{.title = std::string(setting.key), .summary = std::string(setting.summary), .facts = {}, .blocks = {}};
  if (here != nullptr) add_facts_here(page, setting, *here);
  add_facts(page, setting, here);
  add_prose(page, setting);
  return page;
}

Page state_page(const TcpStateRow& state) {
  Page page{.title = std::string(state.name), .summary = std::string(state.summary), .facts = {}, .blocks = {}};
  add_fact(page, "in /proc/net/tcp", fmt::format("{:02X} ({})", state.linux_number, state.linux_number));
  add_fact(page, "settings", std::string(state.settings));
  add_block(page, "How a connection comes here", std::string(state.entered));
  add_block(page, "How it leaves", std::string(state.left));
  add_block(page, "What a pile-up means", std::string(state.pile_up));
  add_block(page, "Who has to act", std::string(state.who_acts));
  add_list(page, "Sources", items_of(state.sources));
  return page;
}

Page hazard_page(const FindingRow& hazard) {
  Page page{.title = fmt::format("{}: a hazard of a plan", hazard.id), .summary = {}, .facts = {}, .blocks = {}};
  page.summary = hazard.blocks ? fmt::format("It blocks: apply refuses without --accept {}.", hazard.id)
                               : "It warns and does not block.";
  add_block(page, "When", std::string(hazard.summary));
  add_block(page, "What can go wrong", std::string(hazard.meaning));
  add_list(page, "Who is looked at", writers_of(hazard));
  add_block(page, "What to do", std::string(hazard.advice));
  add_list(page, "Sources", items_of(hazard.sources));
  return page;
}

namespace {

bool is_one_of_them(const FindingRow& finding, std::span<const FindingRow> rows) {
  return std::any_of(rows.begin(), rows.end(), [&](const FindingRow& row) { return &row == &finding; });
}

}  // namespace

Page finding_page(const FindingRow& finding) {
  Page page{.title = fmt::format("{}: a finding", finding.id), .summary = {}, .facts = {}, .blocks = {}};
  const std::string otherwise = !finding.otherwise.empty()                  ? fmt::format("; {}", finding.otherwise)
                                : is_one_of_them(finding, audit_findings()) ? ", as a rule"
                                                                            : "";
  page.summary = fmt::format("Severity: {}{}.", name_of(finding.severity), otherwise);
  add_block(page, "When", std::string(finding.summary));
  add_block(page, "What it means", std::string(finding.meaning));
  add_list(page, "Who is looked at", writers_of(finding));
  add_block(page, "What to do", std::string(finding.advice));
  add_list(page, "Sources", items_of(finding.sources));
  return page;
}

Page topic_page(const TopicRow& topic) {
  Page page{.title = std::string(topic.title), .summary = {}, .facts = {}, .blocks = {}};
  page.blocks.push_back({.heading = {}, .paragraphs = paragraphs_of(topic.text), .items = {}});
  add_list(page, "Sources", items_of(topic.sources));
  return page;
}

Page myth_page(const MythRow& myth) {
  Page page{.title = fmt::format("{}: a myth", myth.id), .summary = {}, .facts = {}, .blocks = {}};
  page.summary = fmt::format("\"{}\"", myth.claim);
  add_fact(page, "setting", std::string(myth.key));
  add_block(page, "What is so", std::string(myth.truth));
  add_block(page, "Evidence", std::string(myth.evidence));
  const auto all = experiments();
  const bool tried = std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.myth == myth.id; });
  add_block(page, "Try it",
            tried ? "`twctl trial --myths` tries this claim, among others, on the kernel that runs it." : "");
  add_list(page, "Sources", items_of(myth.sources));
  return page;
}

}  // namespace twctl
