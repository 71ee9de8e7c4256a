#include "cli/man_pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "catalog/setting.hpp"
#include "cli/command_table.hpp"
#include "cli/option_table.hpp"
#include "cli/option_values.hpp"
#include "report/mdoc.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

struct PageName {
  std::string name;  // "twctl-plan"
  int section = 8;
  std::string_view summary;
};

// "2026-11-29" -> "November 29, 2026", as mdoc wants it.
std::string written_out(std::string_view date) {
  constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};
  const auto number = [&](std::size_t at, std::size_t length) {
    std::string_view digits = date.substr(at, length);
    while (digits.size() > 1 && digits.starts_with('0')) digits.remove_prefix(1);
    return parse_decimal(digits).value_or(1);
  };
  const auto month = static_cast<std::size_t>(number(5, 2) - 1) % kMonths.size();
  return fmt::format("{} {}, {}", kMonths[month], number(8, 2), date.substr(0, 4));
}

// Of the newest release: the first heading "## [0.2.0] - 2026-11-29".
std::string release_date(std::string_view changelog) {
  for (const std::string_view line : split(changelog, '\n')) {
    const std::size_t date = line.find("] - ");
    if (line.starts_with("## [") && date != std::string_view::npos) return written_out(line.substr(date + 4));
  }
  return "January 1, 1970";
}

// The text below "## TITLE", up to the next heading of that level.
std::string_view chapter(std::string_view document, std::string_view title) {
  const std::string heading = fmt::format("\n## {}\n", title);
  const std::size_t begin = document.find(heading);
  if (begin == std::string_view::npos) return "";
  document.remove_prefix(begin + heading.size());
  return document.substr(0, document.find("\n## "));
}

std::string head(const PageName& page, std::string_view date) {
  std::string title;
  for (const char c : page.name) title += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return fmt::format(
      ".\\\" Made by scripts/gen-docs; edit what it is made of, not this file.\n"
      ".Dd {}\n.Dt {} {}\n.Os twctl {}\n.Sh NAME\n.Nm {}\n.Nd {}\n",
      date, title, page.section, program_version(), page.name, page.summary);
}

std::string paragraphs(std::string_view text) {
  std::string lines;
  for (bool first = true; !text.empty(); first = false) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    lines += (first ? "" : ".Pp\n") + mdoc_prose(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return lines;
}

// A list of choices may go on in the next line behind each bar.
std::string value_text(std::string_view value) {
  std::string text;
  for (const std::string_view choice : split(value, '|')) {
    text += (text.empty() ? "" : "|\\:") + mdoc_argument(choice);
  }
  return text;
}

std::string option_tag(const OptionRow& option, Command command) {
  std::string tag = ".It Fl " + mdoc_argument(option.name.substr(1));
  const std::string value = option.value == "FORMAT" ? formats_of(command, "|") : std::string(option.value);
  if (!option.alias.empty()) tag += " , Fl " + mdoc_argument(option.alias.substr(1));
  if (!value.empty()) tag += " Ar " + value_text(value);
  return tag + "\n";
}

// The options that all commands have are told once, by twctl(8).
std::string options(Command command) {
  std::string text;
  for (const auto& [group, title] : kOptionGroups) {
    for (const OptionRow& option : option_rows()) {
      const bool own = command == Command::none || option.commands != kEveryCommand || option.value == "FORMAT";
      if (option.group != group || !takes(command, option) || !own) continue;
      text += option_tag(option, command) + mdoc_prose(option.text);
      if (option.repeats) text += "May be given more than once.\n";
    }
  }
  return ".Sh OPTIONS\n.Bl -tag -width Ds\n" + text + ".El\n";
}

std::string examples(Command command) {
  std::string text = ".Sh EXAMPLES\n.Bl -tag -width Ds\n";
  for (const Example& example : examples_of(command)) {
    text += ".It Li " + mdoc_argument(example.line) + "\n" + mdoc_prose(example.text);
  }
  return text + ".El\n";
}

// Each "twctl-plan(8)"; by section, then by name, as mdoc wants them.
std::string see_also(std::vector<std::string> names) {
  std::string text = ".Sh SEE ALSO\n";
  std::sort(names.begin(), names.end(), [](std::string_view a, std::string_view b) {
    const auto by = [](std::string_view name) {
      return std::pair(name[name.size() - 2], name.substr(0, name.find('(')));
    };
    return by(a) < by(b);
  });
  for (const std::string_view name : names) {
    const std::string_view comma = name == names.back() ? "" : " ,";
    text += fmt::format(".Xr {} {}{}\n", name.substr(0, name.find('(')), name[name.size() - 2], comma);
  }
  return text;
}

std::string page_of(const CommandRow& row) { return fmt::format("twctl-{}", row.name); }

std::vector<std::string> related(const CommandRow& row) {
  std::vector<std::string> names{"twctl(8)"};
  for (const CommandRow& other : command_rows()) {
    if (other.group == row.group && other.command != row.command) names.push_back(page_of(other) + "(8)");
  }
  const bool records = row.group == CommandGroup::record || row.group == CommandGroup::change;
  names.emplace_back(records ? "twctl-journal(5)" : "twctl-profile(5)");
  if (row.group == CommandGroup::change) names.emplace_back("twctl-profile(5)");
  return names;
}

ManPage command_page(const CommandRow& row, std::string_view date) {
  constexpr std::string_view kStatus = "Exit status: ";
  const std::size_t status = row.text.find(kStatus);
  std::string text = head({.name = page_of(row), .summary = row.summary}, date);
  text += fmt::format(".Sh SYNOPSIS\n.Nm twctl {}\n.Op Ar OPTION...\n", row.name);
  if (!row.operands.empty()) text += ".Ar " + mdoc_argument(row.operands) + "\n";
  text += ".Sh DESCRIPTION\n" + paragraphs(trim(row.text.substr(0, status))) + options(row.command);
  if (status != std::string_view::npos) {
    text += ".Sh EXIT STATUS\n" + mdoc_prose(row.text.substr(status + kStatus.size())) +
            ".Pp\nThe other codes are in\n.Xr twctl 8 .\n";
  }
  return {.file = page_of(row) + ".8", .text = text + examples(row.command) + see_also(related(row))};
}

std::string commands() {
  std::string text;
  for (const auto& [group, title] : kCommandGroups) {
    text += fmt::format(".Pp\n{}\n.Bl -tag -width Ds\n", title);
    for (const CommandRow& row : command_rows()) {
      if (row.group == group) text += fmt::format(".It Cm {}\n", row.name) + mdoc_prose(row.summary);
    }
    text += ".El\n";
  }
  return text;
}

constexpr std::string_view kEnvironment =
    ".Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
    ".It Ev NO_COLOR\nWhere it is set there is no colour, unless\n.Fl \\-color\nasks for it.\n"
    ".It Ev CLICOLOR_FORCE\nColour where standard output is no terminal, too.\n"
    ".It Ev TERM\nThere is no colour where it is\n.Ql dumb .\n.El\n";

ManPage program_page(const ManSources& sources, std::string_view date) {
  constexpr std::string_view kSummary = "TCP TIME_WAIT settings, tuned truthfully and reversibly";
  std::string text = head({.name = "twctl", .summary = kSummary}, date);
  text += ".Sh SYNOPSIS\n.Nm\n.Ar COMMAND\n.Op Ar OPTION...\n.Op Ar NAME...\n.Nm\n.Cm help\n.Op Ar COMMAND\n";
  text +=
      ".Sh DESCRIPTION\n" +
      paragraphs(
          "Says which TCP settings around TIME_WAIT are live, what the next boot will set and which line of which file "
          "decides, what a profile would change, and what stands in the way. What it changes it keeps in a journal, "
          "and "
          "can take back.\n\n"
          "Each command has a page of its own: `man twctl-plan`, or `twctl plan --help`. `twctl explain NAME` has one "
          "for "
          "each setting, TCP state, hazard and finding. Only `apply`, `confirm`, `rollback` and `recover` change the "
          "host.");
  text += commands() + options(Command::none) + std::string(kEnvironment);
  text += ".Sh FILES\n" + mdoc_of_markdown(chapter(sources.contract, "Files"));
  text += ".Sh EXIT STATUS\n" + mdoc_of_markdown(chapter(sources.contract, "Exit codes")) + examples(Command::none);
  std::vector<std::string> names;
  for (const CommandRow& row : command_rows()) names.push_back(page_of(row) + "(8)");
  names.insert(names.end(), {"twctl-profile(5)", "twctl-journal(5)", "sysctl.d(5)", "sysctl(8)"});
  return {.file = "twctl.8", .text = text + see_also(names)};
}

std::string settings_list() {
  std::string text =
      ".Sh SETTINGS\n" + mdoc_prose("`twctl explain KEY` has the range, the defaults and the effect of each.");
  for (const auto& [os, title] : {std::pair{Os::linux_kernel, "linux"}, std::pair{Os::windows, "windows"}}) {
    text += fmt::format(".Pp\nBelow\n.Ql [{}] :\n.Bl -tag -width Ds\n", title);
    for (const Setting& setting : settings(os)) {
      if (setting.writable) text += ".It Li " + mdoc_argument(setting.key) + "\n" + mdoc_prose(setting.summary);
    }
    text += ".El\n";
  }
  return text;
}

ManPage profile_page(const ManSources& sources, std::string_view date) {
  std::string text = head({.name = "twctl-profile", .section = 5, .summary = "what twctl is to make of a host"}, date);
  text += ".Sh DESCRIPTION\n" + mdoc_of_markdown(chapter(sources.contract, "Profiles")) + settings_list();
  return {.file = "twctl-profile.5",
          .text = text + see_also({"twctl(8)", "twctl-apply(8)", "twctl-plan(8)", "twctl-profile(8)", "sysctl.d(5)"})};
}

ManPage journal_page(const ManSources& sources, std::string_view date) {
  const std::string_view document = std::string_view(sources.journal);
  std::string text = head({.name = "twctl-journal", .section = 5, .summary = "the changes that twctl has made"}, date);
  // What stands above the first heading names files of the source.
  text +=
      ".Sh DESCRIPTION\nHow a change is kept, and what a crash leaves of it: for whoever has to trust\n.Xr twctl 8 ,\n"
      "or to repair a host without it.\n";
  text += mdoc_of_markdown(document.substr(std::min(document.find("\n## "), document.size())));
  return {.file = "twctl-journal.5",
          .text = text + see_also({"twctl(8)", "twctl-history(8)", "twctl-recover(8)", "twctl-rollback(8)"})};
}

}  // namespace

std::vector<ManPage> man_pages(const ManSources& sources) {
  const std::string date = release_date(sources.changelog);
  std::vector<ManPage> pages{program_page(sources, date)};
  for (const CommandRow& row : command_rows()) pages.push_back(command_page(row, date));
  pages.push_back(profile_page(sources, date));
  pages.push_back(journal_page(sources, date));
  return pages;
}

}  // namespace twctl
