#include "report/explain.hpp"

#include <algorithm>
#include <optional>

#include "report/explain_names.hpp"
#include "report/explain_pages.hpp"
#include "report/layout.hpp"

namespace twctl {
namespace {

constexpr std::size_t kNameColumns = 26;  // a longer name pushes its text to the right
constexpr std::size_t kLeastTextColumns = 24;

std::optional<Page> page_of(std::string_view name, const Snapshot* here) {
  const Explained found = find_explained(name);
  if (found.setting != nullptr) return setting_page(*found.setting, here);
  if (found.state != nullptr) return state_page(*found.state);
  if (found.hazard != nullptr) return hazard_page(*found.hazard);
  if (found.finding != nullptr) return finding_page(*found.finding);
  if (found.topic != nullptr) return topic_page(*found.topic);
  if (found.myth != nullptr) return myth_page(*found.myth);
  return std::nullopt;
}

// The text stands beside the name, whole, or below it on a screen too narrow for both.
std::string line_text(const ListLine& line, std::size_t columns) {
  const std::string start = "  " + padded(line.name, kNameColumns) + "  ";
  if (start.size() + kLeastTextColumns <= columns) return wrapped(line.text, columns, start);
  return "  " + std::string(line.name) + "\n" + wrapped(line.text, columns, "      ");
}

std::string list_text(std::size_t columns) {
  std::string text;
  for (const ListGroup& group : everything_explained()) {
    if (group.lines.empty()) continue;
    text.append(group.heading).append("\n");
    for (const ListLine& line : group.lines) text += line_text(line, columns);
    text += "\n";
  }
  return text + "`twctl explain NAME` shows one of them.\n";
}

}  // namespace

Result<std::string> explain(std::string_view name, const ExplainContext& context) {
  const auto columns = static_cast<std::size_t>(std::max(context.width, 40));
  if (name.empty()) return list_text(columns);
  const std::optional<Page> page = page_of(name, context.here);
  if (!page) return unknown_name(name);
  return to_text(*page, columns);
}

}  // namespace twctl
