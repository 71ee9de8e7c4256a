#include "cli/complete.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "base/clock_text.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/setting.hpp"
#include "cli/command_table.hpp"
#include "cli/option_table.hpp"
#include "cli/option_values.hpp"
#include "journal/change_words.hpp"
#include "journal/history.hpp"
#include "journal/journal.hpp"
#include "profile/desired.hpp"
#include "report/explain_names.hpp"
#include "report/profile_as.hpp"

namespace twctl {
namespace {

constexpr std::string_view kFiles = ":files\n";

// The words in front of the one that is completed.
struct Typed {
  Command command = Command::none;
  const OptionRow* awaits = nullptr;  // the option whose value comes next
  bool help = false;                  // `twctl help`
  bool ended = false;                 // by "--": no options follow
  std::vector<std::string_view> used;
  std::vector<std::string_view> operands;
  HostChoice host;
  std::string profile_dir;

  void take_value(const OptionRow& option, std::string_view value) {
    if (option.name == "--root") host.root = value;
    if (option.name == "--netns") host.netns = value;
    if (option.name == "--profile-dir") profile_dir = value;
  }

  void take_option(std::string_view word) {
    const bool is_long = word.starts_with("--");
    const std::size_t name = is_long ? std::min(word.find('='), word.size()) : std::min<std::size_t>(2, word.size());
    const OptionRow* option = find_option(word.substr(0, name));
    if (option == nullptr) return;
    used.push_back(option->name);
    if (option->value.empty()) return;
    if (name == word.size()) {
      awaits = option;
    } else {
      take_value(*option, word.substr(is_long ? name + 1 : name));
    }
  }

  void take(std::string_view word) {
    if (const OptionRow* option = std::exchange(awaits, nullptr)) {
      take_value(*option, word);
    } else if (word == "--" && !ended) {
      ended = true;
    } else if (word.starts_with('-') && word.size() > 1 && !ended) {
      take_option(word);
    } else if (command != Command::none || help) {
      operands.push_back(word);
    } else if (const CommandRow* row = find_command(word)) {
      command = row->command;
    } else {
      help = word == "help";
    }
  }
};

// Collects what begins as the word does that is completed.
class Candidates {
 public:
  Candidates(std::string_view lead, std::string_view word) : lead_(lead), word_(word) {}

  void add(std::string_view candidate, std::string_view about) {
    if (candidate.starts_with(word_)) lines_ += fmt::format("{}{}\t{}\n", lead_, candidate, about);
  }
  void add_files() { lines_ += kFiles; }
  [[nodiscard]] std::string_view word() const { return word_; }
  [[nodiscard]] const std::string& lines() const { return lines_; }

 private:
  std::string_view lead_;  // "--set=", which stands before each
  std::string_view word_;
  std::string lines_;
};

void add_keys(Candidates& found, std::string_view before, std::string_view after) {
  for (const Os os : {Os::linux_kernel, Os::windows}) {
    for (const Setting& setting : settings(os)) {
      if (setting.writable) found.add(fmt::format("{}{}{}", before, setting.key, after), setting.summary);
    }
  }
}

void add_profiles(Candidates& found, const Typed& typed, const PlatformFactory& make_platform) {
  found.add_files();
  const auto host = make_platform(typed.host);
  if (!host) return;
  const auto profiles = list_profiles(typed.profile_dir, (*host)->files());
  if (!profiles) return;
  for (const ProfileListing& profile : *profiles) found.add(escape(profile.name), escape(profile.summary));
}

bool fits(Command command, Standing standing) {
  if (command == Command::confirm) return standing == Standing::pending;
  if (command == Command::rollback) return standing == Standing::in_force || standing == Standing::pending;
  return true;
}

void add_changes(Candidates& found, const Typed& typed, const PlatformFactory& make_platform) {
  const auto host = make_platform(typed.host);
  if (!host) return;
  const auto journal = load_readable_changes((*host)->state(), Texts::digests);
  if (!journal) return;
  for (const HistoryEntry& entry : history_of(journal->changes)) {
    const Intent& intent = entry.change.intent;
    const std::string id = found.word().size() > short_id(intent.id).size() ? intent.id : short_id(intent.id);
    if (!fits(typed.command, entry.standing)) continue;
    found.add(id, fmt::format("{}, {} {}", time_text(intent.author.time), name_of(intent.kind),
                              escape(join(intent.profiles, " "))));
  }
}

void add_findings(Candidates& found) {
  for (const auto& rows : {audit_findings(), hazard_rows()}) {
    for (const FindingRow& row : rows) found.add(row.id, row.summary);
  }
}

// "ID[:KEY]"
void add_hazards(Candidates& found) {
  for (const FindingRow& row : hazard_rows()) {
    if (!row.blocks) continue;
    found.add(row.id, row.summary);
    const std::string lead = fmt::format("{}:", row.id);
    if (found.word().starts_with(lead)) add_keys(found, lead, "");
  }
}

void add_explained(Candidates& found) {
  for (const ListGroup& group : everything_explained()) {
    for (const ListLine& line : group.lines) found.add(line.name, line.text);
  }
  add_keys(found, "", "");
}

void add_commands(Candidates& found) {
  for (const CommandRow& row : command_rows()) found.add(row.name, row.summary);
  found.add("help", "what a command does, and its options");
}

void add_choices(Candidates& found, std::string_view choices) {
  for (const std::string_view choice : split(choices, '|')) found.add(choice, "");
}

// What an option's value or an operand is called in the tables says what it may be.
void add_what_is_called(std::string_view name, Candidates& found, const Typed& typed,
                        const PlatformFactory& make_platform) {
  if (name == "KEY=VALUE") {
    add_keys(found, "", "=");
  } else if (name == "KEY") {
    add_keys(found, "", "");
  } else if (name == "PROFILE") {
    add_profiles(found, typed, make_platform);
  } else if (name == "ID[:KEY]") {
    add_hazards(found);
  } else if (name == "ID") {
    typed.command == Command::audit ? add_findings(found) : add_changes(found, typed, make_platform);
  } else if (name == "KEY|STATE|FINDING|TOPIC") {
    add_explained(found);
  } else if (name == "TARGET") {
    add_choices(found, kProfileTargets);
  } else if (name == "FORMAT") {
    add_choices(found, formats_of(typed.command, "|"));
  } else if (is_one_of(name, std::array{"FILE", "DIR", "SNAPSHOT", "NAME|PID|PATH"})) {
    found.add_files();
  } else if (to_lower(name) == name) {
    add_choices(found, name);
  }
}

void add_operands(Candidates& found, const Typed& typed, const PlatformFactory& make_platform) {
  if (typed.help && typed.operands.empty()) return add_commands(found);
  if (typed.help) return;
  if (typed.command == Command::none) return add_commands(found);
  if (typed.command == Command::profile) {
    if (typed.operands.empty()) return add_choices(found, "list|show");
    if (typed.operands.size() == 1 && typed.operands[0] == "show") add_profiles(found, typed, make_platform);
    return;
  }
  std::string_view name = row_of(typed.command).operands;  // "[PROFILE...]"
  const bool many = name.find("...") != std::string_view::npos;
  if (name.empty() || (!many && !typed.operands.empty())) return;
  name.remove_prefix(name.starts_with('[') ? 1 : 0);
  add_what_is_called(name.substr(0, name.find_first_of("].")), found, typed, make_platform);
}

void add_options(Candidates& found, const Typed& typed) {
  for (const OptionRow& option : option_rows()) {
    if (!takes(typed.command, option) || (!option.repeats && is_one_of(option.name, typed.used))) continue;
    found.add(option.name, option.text);
    if (!option.alias.empty() && !found.word().empty()) found.add(option.alias, option.text);
  }
}

}  // namespace

std::string completions(std::span<const std::string_view> words, const PlatformFactory& make_platform) {
  if (words.empty()) return "";
  Typed typed;
  for (const std::string_view word : words.first(words.size() - 1)) typed.take(word);
  const std::string_view last = words.back();
  const OptionRow* option = typed.awaits;
  std::size_t lead = 0;
  if (option == nullptr && !typed.ended && last.starts_with("--") && last.find('=') != std::string_view::npos) {
    lead = last.find('=') + 1;
    option = find_option(last.substr(0, lead - 1));
  }
  Candidates found(last.substr(0, lead), last.substr(lead));
  if (option != nullptr) {
    add_what_is_called(option->value, found, typed, make_platform);
  } else if (last.starts_with('-') && !typed.ended) {
    add_options(found, typed);
  } else {
    add_operands(found, typed, make_platform);
  }
  return found.lines();
}

}  // namespace twctl
