#include "report/explain.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "catalog/aliases.hpp"
#include "report/explain_here.hpp"
#include "report/explain_names.hpp"
#include "report/explain_pages.hpp"
#include "report/layout.hpp"

namespace twctl {
namespace {

constexpr std::size_t kNameColumns = 26;  // a longer name pushes its text to the right
constexpr std::size_t kLeastTextColumns = 24;

// Of a line that sets a key also what the kernel makes of that.
Page page_of_line(const Setting& setting, std::string_view line, const Snapshot* here) {
  Page page = setting_page(setting, here);
  const std::string value = value_in_line(line);
  if (value.empty() || setting.os != Os::linux_kernel) return page;
  page.facts.insert(page.facts.begin(), {"this line", line_text(setting, value, here)});
  return page;
}

std::optional<Page> page_of(std::string_view name, const Snapshot* here) {
  const Explained found = find_explained(name);
  if (found.setting != nullptr) return page_of_line(*found.setting, name, here);
  if (found.state != nullptr) return state_page(*found.state);
  if (found.hazard != nullptr) return hazard_page(*found.hazard);
  if (found.finding != nullptr) return finding_page(*found.finding);
  if (found.topic != nullptr) return topic_page(*found.topic);
  if (found.myth != nullptr) return myth_page(*found.myth);
  return std::nullopt;
}

// The text stands beside the name, whole, or below it on a screen too narrow for both.
std::string entry_text(const ListLine& line, std::size_t columns) {
  const std::string start = "  " + padded(line.name, kNameColumns) + "  ";
  if (start.size() + kLeastTextColumns <= columns) return wrapped(line.text, columns, start);
  return "  " + std::string(line.name) + "\n" + wrapped(line.text, columns, "      ");
}

std::string list_text(std::size_t columns) {
  std::string text;
  for (const ListGroup& group : everything_explained()) {
    if (group.lines.empty()) continue;
    text.append(group.heading).append("\n");
    for (const ListLine& line : group.lines) text += entry_text(line, columns);
    text += "\n";
  }
  return text + "`twctl explain NAME` shows one of them.\n";
}

}  // namespace

Result<std::string> explain(std::string_view name, const ExplainContext& context) {
  const auto columns = static_cast<std::size_t>(std::max(context.width, 40));
  if (name.empty()) return list_text(columns);
  std::vector<std::string> names = counters_in(name);
  if (names.empty()) names.emplace_back(name);
  std::string text;
  for (const std::string& one : names) {
    const std::optional<Page> page = page_of(one, context.here);
    if (page) text += (text.empty() ? "" : "\n") + to_text(*page, columns);
  }
  if (text.empty()) return unknown_name(name);
  return text;
}

}  // namespace twctl
