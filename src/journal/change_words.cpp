#include "journal/change_words.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "journal/accounts.hpp"
#include "platform/state_store.hpp"

namespace twctl {
namespace {

std::string subjects_text(const Intent& intent) {
  std::vector<std::string> subjects;
  for (const SettingChange& setting : intent.settings) {
    subjects.push_back(fmt::format("{} {} -> {}", setting.key, shown(setting.before), shown(setting.after)));
  }
  for (const FileChange& file : intent.files) subjects.push_back(file.path);
  return escape(join(subjects, ", "), kLogLineLimit);
}

std::string_view ending_text(const Change& change) {
  if (!change.done) return change.applied ? "awaits confirmation" : "unfinished";
  switch (change.done->ending) {
    case Ending::committed:
      return "committed";
    case Ending::rolled_back:
      return "rolled back";
    case Ending::gone:
      return "gone with its network namespace";
  }
  return "";
}

std::string conflicts_text(const Change& change) {
  if (!change.done || change.done->conflicts.empty()) return "";
  std::vector<std::string> kept;
  for (const Conflict& conflict : change.done->conflicts) kept.push_back(conflict.what);
  return "; kept as somebody else set it: " + escape(join(kept, ", "));
}

std::string_view action(const Change& change) {
  if (change.intent.kind == ChangeKind::rollback) return "rollback";
  return change.applied && change.done ? "confirm" : "apply";
}

std::string line(std::string_view what, const Change& change) {
  return fmt::format("{} {}: {}{}: {}", what, change.intent.id, ending_text(change), conflicts_text(change),
                     subjects_text(change.intent));
}

}  // namespace

std::string_view name_of(ChangeKind kind) { return kind == ChangeKind::apply ? "apply" : "rollback"; }

std::string short_id(std::string_view id) { return std::string(id.substr(0, 8)); }

std::string command_for(const Intent& intent, std::string_view verb, std::string_view location) {
  return command_in(intent.origin.netns, fmt::format("{} {}", verb, short_id(intent.id)), location);
}

std::string history_command(const Intent& intent, std::string_view location) {
  return command_in("", "history " + short_id(intent.id), location);
}

std::string namespace_text(const Origin& origin) {
  if (!origin.netns.empty()) return fmt::format(" (network namespace {})", escape(origin.netns));
  return origin.loaded_at_boot ? "" : fmt::format(" (network namespace {})", escape(origin.network_namespace));
}

std::string command_in(const std::string& netns, std::string_view verb, std::string_view location) {
  return fmt::format("twctl {}{}", verb, where_words(root_of(location), netns));
}

std::string rollback_to(std::string_view id, const std::vector<std::string>& force, const std::string& netns,
                        std::string_view location) {
  return command_in(netns, "rollback --to " + short_id(id) + force_words(force), location);
}

std::string undo_first(std::string_view id, const std::vector<std::string>& force, const std::string& netns,
                       std::string_view location) {
  return "undo that one first, or all since then: " + rollback_to(id, force, netns, location);
}

std::string force_words(const std::vector<std::string>& keys) {
  std::string words;
  for (const std::string& key : keys) words += " --force " + key;
  return words;
}

std::string change_line(const Change& change, const RunFacts& by) {
  return line(action(change), change) + "; by " + who(by);
}

std::string recovery_line(const Change& change, std::string_view action, const RunFacts& by) {
  return line(action, change) + "; by " + who(by);
}

}  // namespace twctl
