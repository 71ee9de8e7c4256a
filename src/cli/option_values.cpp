#include "cli/option_values.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include "apply/pending.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "report/plan_words.hpp"
#include "report/profile_as.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLongestReason = 1024;                // bytes; all changes of the history are shown at once
constexpr std::int64_t kLongestDuration = 366 * 24 * 3600;  // seconds; no wait is longer than a year

Result<void> usage(std::string message, std::string hint = {}) {
  return fail(ErrorCode::usage, std::move(message), std::move(hint));
}

// The value that `names` gives to a word, or an error that lists them.
template <class T, std::size_t n>
Result<T> one_of(const std::pair<std::string_view, T> (&names)[n], std::string_view option, std::string_view word) {
  std::string choices;
  for (const auto& [name, value] : names) {
    if (name == word) return value;
    choices += (choices.empty() ? "" : ", ") + std::string(name);
  }
  return fail(ErrorCode::usage, std::string(option) + " takes one of " + choices);
}

struct FormatRow {
  std::string_view name;
  Format format;
  unsigned commands = kEveryCommand;
};

constexpr auto kMeasuring =
    only(Command::states) | only(Command::doctor) | only(Command::plan) | only(Command::status) | only(Command::audit);
constexpr std::array kFormats{FormatRow{"text", Format::text},
                              FormatRow{"json", Format::json},
                              FormatRow{"junit", Format::junit, only(Command::audit)},
                              FormatRow{"sarif", Format::sarif, only(Command::audit)},
                              FormatRow{"csv", Format::csv, only(Command::audit)},
                              FormatRow{"html", Format::html, only(Command::audit)},
                              FormatRow{"prometheus", Format::prometheus, kMeasuring}};

// "90s", "2m", "1h" or plain seconds.
Result<std::chrono::seconds> parse_duration(std::string_view option, std::string_view text) {
  constexpr std::pair<char, int> kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
  int unit = 1;
  std::string_view digits = text;
  for (const auto& [letter, seconds] : kUnits) {
    if (!text.ends_with(letter)) continue;
    unit = seconds;
    digits.remove_suffix(1);
  }
  const std::optional<std::int64_t> number = parse_decimal(digits);
  if (number && *number >= 0 && *number <= kLongestDuration / unit) return std::chrono::seconds(*number * unit);
  return fail(ErrorCode::usage, std::string(option) + " takes a time: 90s, 2m or plain seconds");
}

std::string option_word(std::string_view option, const std::string& value) {
  return value.empty() ? "" : fmt::format(" {} {}", option, shell_word(value));
}

}  // namespace

std::string formats_of(Command command, std::string_view between) {
  std::string names;
  for (const FormatRow& row : kFormats) {
    if ((row.commands & only(command)) != 0) names.append(names.empty() ? "" : between).append(row.name);
  }
  return names;
}

Result<void> set_format(Options& options, std::string value) {
  for (const FormatRow& row : kFormats) {
    if (row.name != value || (row.commands & only(options.command)) == 0) continue;
    options.format = row.format;
    return {};
  }
  return usage("--format takes one of " + formats_of(options.command, ", "));
}

Result<void> set_as(Options& options, std::string value) {
  const std::vector<std::string_view> targets = split(kProfileTargets, '|');
  if (!is_one_of(value, targets)) {
    std::string names;
    for (const std::string_view target : targets) names.append(names.empty() ? "" : ", ").append(target);
    return usage("--as takes one of " + names);
  }
  options.as = std::move(value);
  return {};
}

Result<void> set_color(Options& options, std::string value) {
  constexpr std::pair<std::string_view, ColorChoice> kChoices[] = {
      {"auto", ColorChoice::automatic}, {"always", ColorChoice::always}, {"never", ColorChoice::never}};
  TRY(options.color, one_of(kChoices, "--color", value));
  return {};
}

Result<void> set_scope(Options& options, std::string value) {
  constexpr std::pair<std::string_view, Scope> kScopes[] = {
      {"live", Scope::live}, {"boot", Scope::boot}, {"both", Scope::both}};
  TRY(options.scope, one_of(kScopes, "--scope", value));
  return {};
}

Result<void> set_fail_on(Options& options, std::string value) {
  constexpr std::pair<std::string_view, Severity> kSeverities[] = {
      {"info", Severity::info}, {"warning", Severity::warning}, {"error", Severity::error}};
  TRY(options.fail_on, one_of(kSeverities, "--fail-on", value));
  return {};
}

Result<void> add_ignored(Options& options, std::string value) {
  if (find_finding(value) == nullptr) return usage("--ignore: no finding has that id", "`twctl explain` lists them");
  options.ignored.push_back(std::move(value));
  return {};
}

Result<void> set_by(Options& options, std::string value) {
  TRY(options.by, one_of(kGroupings, "--by", value));
  return {};
}

Result<void> set_reason(Options& options, std::string value) {
  if (value.size() > kLongestReason) return usage("--reason takes a text of up to " + size_text(kLongestReason));
  options.reason = std::move(value);
  return {};
}

Result<void> set_interval(Options& options, std::string value) {
  constexpr int kLongest = 3600;
  const auto seconds = parse_decimal(value);
  if (!seconds || *seconds < 0 || *seconds > kLongest) return usage("--interval takes seconds, 0 to 3600");
  options.interval = static_cast<int>(*seconds);
  return {};
}

Result<void> set_verbose(Options& options, std::string /*none*/) {
  if (options.detail == Detail::quiet) return usage("-q and -v contradict each other");
  options.detail = Detail::verbose;
  return {};
}

Result<void> set_boot_file(Options& options, std::string value) {
  if (!value.starts_with('/')) return usage("--boot-file takes a path that starts with /");
  options.boot_file = std::move(value);
  return {};
}

Result<void> set_wait(Options& options, std::string value) {
  TRY(options.wait, parse_duration("--wait", value));
  return {};
}

Result<void> set_confirm_within(Options& options, std::string value) {
  TRY(options.confirm_within, parse_duration("--confirm-within", value));
  if (*options.confirm_within >= kShortestConfirm && *options.confirm_within <= kLongestConfirm) return {};
  return usage("--confirm-within takes 5 s to 24 h");
}

Result<void> set_number(int& member, std::string_view option, std::string_view text, int least, int most) {
  const auto number = parse_decimal(text);
  if (!number || *number < least || *number > most) {
    return usage(fmt::format("{} takes a number from {} to {}", option, least, most));
  }
  member = static_cast<int>(*number);
  return {};
}

Result<void> set_closes(Options& options, std::string value) {
  constexpr std::pair<std::string_view, Side> kSides[] = {{"client", Side::client}, {"server", Side::server}};
  TRY(options.trial.closes, one_of(kSides, "--closes", value));
  return {};
}

Result<void> set_ports(Options& options, std::string value) {
  constexpr int kFewest = 10;
  constexpr int kMost = 65535;
  return set_number(options.trial.ports.emplace(), "--ports", value, kFewest, kMost);
}

Result<void> set_socket_range(Options& options, std::string value) {
  const std::optional<PortSet> ports = parse_ports(value);
  if (!ports || ports->size() != 1 || ports->front().first < 1) {
    return usage("--socket-range takes two ports, LOW-HIGH, from 1 to 65535");
  }
  options.trial.socket_range = ports->front();
  return {};
}

std::string wish_words(const Options& options, const std::optional<Scope>& scope) {
  std::string text;
  for (const std::string& profile : options.operands) text += " " + shell_word(profile);
  for (const std::string& assignment : options.assignments) text += option_word("--set", assignment);
  if (scope) text += option_word("--scope", std::string(name_of(*scope)));
  if (options.boot_file != kOwnBootFile) text += option_word("--boot-file", options.boot_file);
  return text;
}

std::string place_words(const Options& options) {
  std::string text;
  for (const std::string& accept : options.accept) text += option_word("--accept", accept);
  return text + option_word("--profile-dir", options.profile_dir) + where_words(options.root, options.netns);
}

std::string profile_words(const Options& options) {
  return option_word("--profile-dir", options.profile_dir) + where_words(options.root, "");
}

}  // namespace twctl
