#include "report/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "report/explain_pages.hpp"
#include "report/layout.hpp"

namespace twctl {
namespace {

constexpr std::size_t kNameColumns = 26;  // a longer name pushes its text to the right
constexpr std::size_t kMostSuggestions = 5;

std::size_t columns_of(const ExplainContext& context) { return static_cast<std::size_t>(std::max(context.width, 40)); }

// net/ipv4/tcp_tw_reuse is how sysctl.d(5) may write net.ipv4.tcp_tw_reuse.
std::string dotted(std::string_view name) {
  std::string key(name);
  std::replace(key.begin(), key.end(), '/', '.');
  return key;
}

std::optional<Page> page_of(std::string_view name, const Snapshot* here) {
  const std::string id = to_lower(name);
  if (const Setting* setting = explained_setting(name)) return setting_page(*setting, here);
  if (const TcpStateRow* state = find_tcp_state(name)) return state_page(*state);
  if (const HazardRow* hazard = find_hazard(id)) return hazard_page(*hazard);
  if (const TopicRow* topic = find_topic(id)) return topic_page(*topic);
  if (const MythRow* myth = find_myth(id)) return myth_page(*myth);
  return std::nullopt;
}

// One line of the list: a name and what it is about.
struct ListLine {
  std::string_view name;
  std::string_view text;
};

struct ListGroup {
  std::string_view heading;
  std::vector<ListLine> lines;
};

template <class Rows, class Line>
ListGroup group(std::string_view heading, const Rows& rows, Line line) {
  ListGroup result{.heading = heading, .lines = {}};
  for (const auto& row : rows) result.lines.push_back(line(row));
  return result;
}

std::vector<ListGroup> everything_explained() {
  const auto setting_line = [](const Setting& row) { return ListLine{short_name(row), row.summary}; };
  return {
      group("Settings of Linux", settings(Os::linux_kernel), setting_line),
      group("Settings of Windows", settings(Os::windows), setting_line),
      group("TCP states", tcp_states(),
            [](const TcpStateRow& row) {
              return ListLine{row.name, row.summary};
            }),
      group("Topics", topics(),
            [](const TopicRow& row) {
              return ListLine{row.id, row.title};
            }),
      group("Hazards of a plan", hazard_rows(),
            [](const HazardRow& row) {
              return ListLine{row.id, row.when};
            }),
      group("Myths", myths(),
            [](const MythRow& row) {
              return ListLine{row.id, row.claim};
            }),
  };
}

// Cut at a blank, so that it ends with "..." and takes at most `columns`. Our own ASCII text only.
std::string cut(std::string_view text, std::size_t columns) {
  if (text.size() <= columns) return std::string(text);
  const std::size_t room = columns > 4 ? columns - 4 : 0;
  const std::size_t blank = text.rfind(' ', room);
  return std::string(text.substr(0, blank == std::string_view::npos ? room : blank)) + " ...";
}

std::string line_text(const ListLine& line, std::size_t columns) {
  const std::string start = "  " + padded(line.name, kNameColumns) + "  ";
  return start + cut(line.text, columns > start.size() ? columns - start.size() : 0) + "\n";
}

std::string list_text(std::size_t columns) {
  std::string text;
  for (const ListGroup& one : everything_explained()) {
    if (one.lines.empty()) continue;
    text += fmt::format("{}{}\n", text.empty() ? "" : "\n", one.heading);
    for (const ListLine& line : one.lines) text += line_text(line, columns);
  }
  return text + "\n" + wrapped("`twctl explain NAME` shows one of them.", columns);
}

void suggest(std::vector<std::string>& names, std::string_view name) {
  const bool known = std::find(names.begin(), names.end(), name) != names.end();
  if (!known && !name.empty() && names.size() < kMostSuggestions) names.emplace_back(name);
}

// The nearest name, then those that contain what was asked for. Of a full key only the last part is compared.
std::vector<std::string> suggestions(std::string_view asked) {
  std::vector<std::string> lower;
  std::vector<std::string_view> originals;
  for (const ListGroup& one : everything_explained()) {
    for (const ListLine& line : one.lines) {
      lower.push_back(to_lower(line.name));
      originals.push_back(line.name);
    }
  }
  const std::string whole = to_lower(dotted(asked));
  const std::string word = whole.substr(whole.rfind('.') + 1);
  const std::vector<std::string_view> candidates(lower.begin(), lower.end());
  const std::string_view near = nearest(word, candidates);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (!near.empty() && lower[i] == near) suggest(names, originals[i]);
  }
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (word.size() > 2 && lower[i].find(word) != std::string::npos) suggest(names, originals[i]);
  }
  return names;
}

}  // namespace

tl::unexpected<Error> unknown_name(std::string_view name) {
  const std::vector<std::string> names = suggestions(name);
  const std::string meant = names.empty() ? "" : fmt::format("did you mean {}? ", join(names, ", "));
  return fail(ErrorCode::usage, fmt::format("explain: nothing is known of '{}'", escape(name)),
              meant + "`twctl explain` lists every name");
}

const Setting* explained_setting(std::string_view name) {
  return name.empty() ? nullptr : find_setting_by_any_name(dotted(name));
}

Result<std::string> explain(std::string_view name, const ExplainContext& context) {
  const std::size_t columns = columns_of(context);
  if (name.empty()) return list_text(columns);
  const std::optional<Page> page = page_of(name, context.here);
  if (!page) return unknown_name(name);
  return to_text(*page, columns);
}

}  // namespace twctl
