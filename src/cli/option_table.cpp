#include "cli/option_table.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include "apply/pending.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

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

Result<void> set_format(Options& options, std::string value) {
  constexpr std::pair<std::string_view, Format> kFormats[] = {{"text", Format::text}, {"json", Format::json}};
  constexpr std::pair<std::string_view, Format> kOfAudit[] = {{"text", Format::text},
                                                              {"json", Format::json},
                                                              {"junit", Format::junit},
                                                              {"sarif", Format::sarif},
                                                              {"prometheus", Format::prometheus}};
  if (options.command == Command::audit) {
    TRY(options.format, one_of(kOfAudit, "--format", value));
    return {};
  }
  TRY(options.format, one_of(kFormats, "--format", value));
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

// A setter that stores the value in one member.
template <auto member>
Result<void> store(Options& options, std::string value) {
  options.*member = std::move(value);
  return {};
}

template <auto member>
Result<void> append(Options& options, std::string value) {
  (options.*member).push_back(std::move(value));
  return {};
}

template <auto member, auto value>
Result<void> choose(Options& options, std::string /*none*/) {
  options.*member = value;
  return {};
}

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

Result<void> set_wait(Options& options, std::string value) {
  TRY(options.wait, parse_duration("--wait", value));
  return {};
}

Result<void> set_confirm_within(Options& options, std::string value) {
  TRY(options.confirm_within, parse_duration("--confirm-within", value));
  if (*options.confirm_within >= kShortestConfirm && *options.confirm_within <= kLongestConfirm) return {};
  return usage("--confirm-within takes 5 s to 24 h");
}

constexpr auto kPlan = only(Command::plan) | only(Command::apply);
constexpr auto kAudit = only(Command::audit);
constexpr auto kApply = only(Command::apply);
constexpr auto kRollback = only(Command::rollback);
constexpr auto kConfirm = only(Command::confirm);
constexpr auto kChanging = kApply | kRollback | kConfirm;

constexpr std::array kOptions{
    OptionRow{.name = "--set",
              .value = "KEY=VALUE",
              .group = OptionGroup::plan,
              .commands = kPlan,
              .repeats = true,
              .text = "Want this too; wins over profiles. VALUE is written as in a profile.",
              .set = append<&Options::assignments>},
    OptionRow{.name = "--scope",
              .value = "live|boot|both",
              .group = OptionGroup::plan,
              .commands = kPlan,
              .text = "Only the running kernel, only the next boot, or both (the default).",
              .set = set_scope},
    OptionRow{.name = "--boot-file",
              .value = "FILE",
              .group = OptionGroup::plan,
              .commands = kPlan,
              .text = "Where boot values would be written; /etc/sysctl.d/60-twctl.conf if not given.",
              .set = set_boot_file},
    OptionRow{.name = "--accept",
              .value = "ID[:KEY]",
              .group = OptionGroup::plan,
              .commands = kPlan,
              .repeats = true,
              .text = "Accept a blocking hazard, everywhere or for one key.",
              .set = append<&Options::accept>},
    OptionRow{.name = "--plan",
              .value = "FILE",
              .group = OptionGroup::plan,
              .commands = kApply,
              .text = "Apply this plan, saved by `plan -o FILE`; refused if the host has moved since.",
              .set = store<&Options::plan_file>},
    OptionRow{.name = "--confirm-within",
              .value = "DURATION",
              .group = OptionGroup::change,
              .commands = kApply,
              .text = "Go back by itself after that time (5 s to 24 h) unless `twctl confirm` comes first.",
              .set = set_confirm_within},
    OptionRow{.name = "--when-due",
              .group = OptionGroup::change,
              .commands = only(Command::recover),
              .text = "Wait for the deadline of a pending change first: for twctl-deadline.service.",
              .set = choose<&Options::when_due, true>},
    OptionRow{.name = "--to",
              .value = "ID",
              .group = OptionGroup::change,
              .commands = kRollback,
              .text = "Undo this change and all later ones, newest first, as one.",
              .set = store<&Options::to>},
    OptionRow{.name = "--force",
              .value = "KEY",
              .group = OptionGroup::change,
              .commands = kRollback,
              .repeats = true,
              .text = "Put this setting back even if somebody else has changed it since.",
              .set = append<&Options::force>},
    OptionRow{.name = "--dry-run",
              .group = OptionGroup::change,
              .commands = kRollback,
              .text = "Show what would be put back, and change nothing.",
              .set = choose<&Options::dry_run, true>},
    OptionRow{.name = "--reason",
              .value = "TEXT",
              .group = OptionGroup::change,
              .commands = kApply | kRollback,
              .text = "Why, for the history.",
              .set = store<&Options::reason>},
    OptionRow{.name = "--yes",
              .group = OptionGroup::change,
              .commands = kChanging,
              .text = "Do not ask.",
              .set = choose<&Options::yes, true>},
    OptionRow{.name = "--wait",
              .value = "DURATION",
              .group = OptionGroup::change,
              .commands = kChanging | only(Command::recover),
              .text = "Wait so long for another twctl to finish: 90s, 2m or plain seconds.",
              .set = set_wait},
    OptionRow{.name = "--detailed-exitcode",
              .group = OptionGroup::change,
              .commands = kChanging,
              .text = "Exit 2 where something was changed.",
              .set = choose<&Options::detailed_exitcode, true>},
    OptionRow{.name = "--against",
              .value = "PROFILE",
              .group = OptionGroup::audit,
              .commands = kAudit,
              .text = "Hold the host or snapshot to this profile too.",
              .set = store<&Options::against>},
    OptionRow{.name = "--kernel",
              .value = "VERSION",
              .group = OptionGroup::audit,
              .commands = kAudit,
              .text = "Judge files for this kernel; this host's if not given.",
              .set = store<&Options::kernel>},
    OptionRow{.name = "--container",
              .group = OptionGroup::audit,
              .commands = kAudit,
              .text = "Judge files for a container's network namespace.",
              .set = choose<&Options::container, true>},
    OptionRow{.name = "--fail-on",
              .value = "info|warning|error",
              .group = OptionGroup::audit,
              .commands = kAudit,
              .text = "Exit 2 from this severity up; warning if not given.",
              .set = set_fail_on},
    OptionRow{.name = "--ignore",
              .value = "ID",
              .group = OptionGroup::audit,
              .commands = kAudit,
              .repeats = true,
              .text = "Leave this finding out; the report says so.",
              .set = add_ignored},
    OptionRow{.name = "--fix",
              .group = OptionGroup::audit,
              .commands = kAudit,
              .text = "Print a unified diff that mends the files, for patch; write nothing.",
              .set = choose<&Options::fix, true>},
    OptionRow{.name = "--exit-zero",
              .group = OptionGroup::output,
              .commands = only(Command::plan) | kAudit | only(Command::doctor),
              .text = "Exit 0 where it would be 2.",
              .set = choose<&Options::exit_zero, true>},
    OptionRow{.name = "--by",
              .value = "peer|port|process",
              .group = OptionGroup::look,
              .commands = only(Command::states),
              .text = "Also sort the sockets by remote address, by the service's port, or by who holds them.",
              .set = set_by},
    OptionRow{.name = "--watch",
              .group = OptionGroup::look,
              .commands = only(Command::states),
              .text = "Count again and again, with a line of history for each state, until interrupted.",
              .set = choose<&Options::watch, true>},
    OptionRow{.name = "--sockets",
              .group = OptionGroup::look,
              .commands = only(Command::snapshot),
              .text = "Also what doctor needs: the sockets, added up, and the counters, watched for a second.",
              .set = choose<&Options::sockets, true>},
    OptionRow{
        .name = "--interval",
        .value = "SECONDS",
        .group = OptionGroup::look,
        .commands = only(Command::states) | only(Command::doctor) | only(Command::snapshot),
        .text = "How long to watch the counters, 0 for not at all; with --watch, between two counts. 1 if not given.",
        .set = set_interval},
    OptionRow{.name = "--from",
              .value = "SNAPSHOT",
              .group = OptionGroup::host,
              .commands = only(Command::plan) | kAudit | only(Command::doctor),
              .repeats = true,
              .text = "The host that this snapshot was taken of, instead of this one.",
              .set = append<&Options::snapshots>},
    OptionRow{.name = "--root",
              .value = "DIR",
              .group = OptionGroup::host,
              .text = "A host whose files, profiles and /proc are below DIR: an image, a captured host.",
              .set = store<&Options::root>},
    OptionRow{.name = "--netns",
              .value = "NAME|PATH",
              .group = OptionGroup::host,
              .text = "Another network namespace; live values only.",
              .set = store<&Options::netns>},
    OptionRow{.name = "--profile-dir",
              .value = "DIR",
              .group = OptionGroup::host,
              .text = "Look here for profiles first.",
              .set = store<&Options::profile_dir>},
    OptionRow{.name = "-o",
              .value = "FILE",
              .group = OptionGroup::output,
              .commands = only(Command::plan) | only(Command::snapshot),
              .text = "Save the result to FILE as JSON.",
              .set = store<&Options::output>},
    OptionRow{.name = "--format",
              .value = "FORMAT",
              .group = OptionGroup::output,
              .text = "What standard output is written as: text, json; audit also junit, sarif, prometheus.",
              .set = set_format},
    OptionRow{.name = "--json",
              .group = OptionGroup::output,
              .text = "Short for --format json.",
              .set = choose<&Options::format, Format::json>},
    OptionRow{.name = "--color",
              .value = "auto|always|never",
              .group = OptionGroup::output,
              .text = "Colour; auto means on a terminal, unless NO_COLOR is set.",
              .set = set_color},
    OptionRow{.name = "-q",
              .group = OptionGroup::output,
              .text = "Less: only what matters.",
              .set = choose<&Options::detail, Detail::quiet>},
    OptionRow{.name = "-v",
              .group = OptionGroup::output,
              .text = "More: also the reasons of what needs no change.",
              .set = set_verbose},
    OptionRow{.name = "--help", .alias = "-h", .text = "Show this.", .set = choose<&Options::help, true>},
    OptionRow{.name = "--version", .text = "Show the version.", .set = choose<&Options::version, true>},
};

}  // namespace

std::span<const OptionRow> option_rows() { return kOptions; }

bool takes(Command command, const OptionRow& option) { return (option.commands & only(command)) != 0; }

const OptionRow* find_option(std::string_view name) {
  const auto* row = std::find_if(kOptions.begin(), kOptions.end(),
                                 [&](const auto& r) { return r.name == name || (!name.empty() && r.alias == name); });
  return row == kOptions.end() ? nullptr : row;
}

}  // namespace twctl
