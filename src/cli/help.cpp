#include "cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/command_table.hpp"
#include "cli/option_table.hpp"
#include "cli/option_values.hpp"
#include "report/audit_words.hpp"
#include "report/layout.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

constexpr std::size_t kNameColumn = 26;  // where the text of an option starts
constexpr std::string_view kMargin = "  ";

std::string heading(std::string_view text) { return "\n" + std::string(text) + "\n"; }

std::string names_of(const OptionRow& option, Command command) {
  std::string names(option.name);
  if (!option.alias.empty()) names.append(", ").append(option.alias);
  if (option.value == "FORMAT") return names + " " + formats_of(command, "|");
  if (!option.value.empty()) names.append(" ").append(option.value);
  return names;
}

// "  name      text", the text wrapped beside the name, or below it where the name is too long.
std::string entry(std::string_view name, std::string_view text, std::size_t columns) {
  const std::string label = std::string(kMargin).append(name);
  if (label.size() + 2 <= kNameColumn) return wrapped(text, columns, padded(label, kNameColumn));
  return label + "\n" + wrapped(text, columns, std::string(kNameColumn, ' '));
}

std::string options_text(Command command, std::size_t columns) {
  std::string text;
  for (const auto& [group, title] : kOptionGroups) {
    std::string entries;
    for (const OptionRow& option : option_rows()) {
      if (option.group == group && takes(command, option))
        entries += entry(names_of(option, command), option.text, columns);
    }
    if (!entries.empty()) text += heading(title) + entries;
  }
  return text;
}

std::string paragraphs(std::string_view text, std::size_t columns) {
  std::string page;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    page += "\n" + wrapped(text.substr(0, end), columns);
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return page;
}

// What each is for stands beside it, or below where the screen has no room for all of them.
std::string examples_text(Command command, std::size_t columns) {
  std::string text = heading("Examples:");
  std::size_t width = 0;
  std::size_t whole = 0;
  for (const Example& one : examples_of(command)) width = std::max(width, one.line.size());
  for (const Example& one : examples_of(command)) {
    whole = std::max(whole, kMargin.size() + width + 2 + one.text.size());
  }
  for (const Example& one : examples_of(command)) {
    const std::string line = std::string(kMargin).append(one.line);
    if (whole <= columns) {
      text += padded(line, kMargin.size() + width + 2).append(one.text) + "\n";
    } else {
      text += line + "\n" + wrapped(one.text, columns, "      ");
    }
  }
  return text;
}

std::string commands_text(std::size_t columns) {
  std::string text;
  for (const auto& [group, title] : kCommandGroups) {
    text += heading(title);
    for (const CommandRow& row : command_rows()) {
      if (row.group == group) text += entry(row.name, row.summary, columns);
    }
  }
  return text;
}

std::string program_help(std::size_t columns) {
  std::string text =
      "twctl: TCP TIME_WAIT settings, tuned truthfully and reversibly\n\nUsage: twctl COMMAND [OPTION...] [NAME...]\n";
  text += commands_text(columns) + options_text(Command::none, columns);
  text += examples_text(Command::none, columns);
  return text + "\n" +
         wrapped("`twctl COMMAND --help` says more of each. Only apply, confirm, rollback and recover change the host.",
                 columns);
}

}  // namespace

std::string help_text(Command command, std::size_t columns) {
  if (command == Command::none) return program_help(columns);
  const CommandRow& row = row_of(command);
  const std::string name(row.name);
  std::string text = wrapped(row.summary, columns, "twctl " + name + ": ") + "\nUsage: twctl " + name + " [OPTION...]";
  if (!row.operands.empty()) text += " " + std::string(row.operands);
  return text + "\n" + paragraphs(row.text, columns) + options_text(command, columns) + examples_text(command, columns);
}

std::string version_text(Detail detail) {
  const BuildFacts facts = build_facts();
  std::string text = fmt::format("twctl {}\ncatalogue {}\n", program_version(), catalogue_version());
  if (!facts.commit.empty()) text += fmt::format("commit {}\n", facts.commit);
  text += fmt::format("build {}\n", facts.build);
  if (detail != Detail::verbose) return text;
  text += "libraries\n";
  for (const LinkedLibrary& one : facts.libraries) {
    text += fmt::format("  {} {}, {}, {}\n", one.name, one.version, one.license, one.home);
  }
  return text;
}

}  // namespace twctl
