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

constexpr std::array kCommands{
    CommandRow{
        Command::plan, "plan", "[PROFILE...]", "show what a profile would change here, why, and what stands in the way",
        "Compares what the profiles want with the live values and with what the next boot will set. Changes "
        "nothing.\n\n"
        "A PROFILE is a name (see `twctl profile list`) or a file: ours (.ini), sysctl.conf style, TuneD or .reg. "
        "Without one the profile is baseline; with --set and no PROFILE, only the settings given.\n\n"
        "Exit status: 0 nothing to do, 2 something would change, 3 a hazard blocks it, 65 a profile is invalid, "
        "66 a file is missing, 77 this host forbids a write that is needed.",
        "twctl plan|hold this host to the built-in baseline\n"
        "twctl plan busy-client --json|for scripts\n"
        "twctl plan --set net.ipv4.tcp_fin_timeout=30|one setting\n"
        "twctl plan /etc/sysctl.conf|what a sysctl.conf means for this kernel\n"
        "twctl plan --root /mnt/image classic|an image that is not running"},
    CommandRow{
        Command::apply, "apply", "PROFILE...", "make the plan true: live, and at the next boot",
        "Makes the plan true: keeps the old values in a journal, sets each setting and reads it back, then writes the "
        "boot file. If one write fails, everything goes back. What was applied once changes nothing the second "
        "time.\n\n"
        "It asks before it changes anything; where there is no terminal to ask on, it needs --yes.\n\n"
        "On a host that it could cut you off from, --confirm-within lets the change go back by itself unless you "
        "confirm it from a second session: `twctl explain confirm-within`.\n\n"
        "Exit status: 0 live now and at the next boot (or nothing to do), 1 failed and everything is as before, "
        "3 refused before anything changed, 4 neither wholly old nor new (the message lists what), 75 another twctl "
        "is at work, 77 not permitted.",
        "twctl apply busy-client|show the plan, ask, do it\n"
        "twctl apply --set net.ipv4.tcp_fin_timeout=30 --yes|without asking\n"
        "twctl apply busy-client --confirm-within 2m|gone in 2 min unless confirmed\n"
        "twctl apply --plan p.json|a saved, reviewed plan"},
    CommandRow{
        Command::confirm, "confirm", "[ID]", "keep a change that was applied with --confirm-within",
        "Makes the pending change permanent: its boot file is written. Without it the change goes back at its "
        "deadline, or at a reboot.\n\n"
        "Exit status: 0 kept (or confirmed before), 3 nothing is pending, it comes too late, or somebody else has "
        "changed a value since.",
        "twctl apply busy-client --confirm-within 2m|try it; then, if all is well:\n"
        "twctl confirm|keep it"},
    CommandRow{Command::rollback, "rollback", "[ID]", "undo a change",
               "Puts back what a change found: live values and boot files. Without ID the newest change that is in "
               "force. A rollback is a change too, with an entry in the history.\n\n"
               "What somebody else has changed since is never overwritten: with such a value in the way nothing is "
               "rolled back (3), unless --force names it.",
               "twctl rollback|undo the newest change\n"
               "twctl rollback 3f2a --dry-run|what undoing that one would do\n"
               "twctl rollback --to 3f2a|that one and all later ones"},
    CommandRow{Command::recover, "recover", "", "finish or undo what a crash or a power cut interrupted",
               "Every command that changes something does this first; the boot unit does it before the boot files "
               "are read. Where nothing was interrupted it does nothing.\n\n"
               "Exit status: 0 nothing is left unfinished, 4 something could not be put back (the message lists it), "
               "65 a record of the journal is damaged: its change was left as it is.",
               "twctl recover|what the boot unit runs"},
    CommandRow{Command::history, "history", "[ID]", "list the changes made on this host, or show one",
               "Newest first: who, when, why, what, and whether it is still in force. With ID the whole change, with "
               "the commands that undo it without twctl.\n\n"
               "Exit status: 0, or 65 where a record is damaged: what is sound is listed, and each damaged one named.",
               "twctl history|all of them\n"
               "twctl history 3f2a|one"},
    CommandRow{Command::status, "status", "", "one screen: what is interrupted, what has drifted, the last change",
               "Compares what twctl left with what is there now. Changes nothing; exits 0.",
               "twctl status --json|for monitoring"},
    CommandRow{
        Command::audit, "audit", "[FILE...]", "find what is wrong in this host, a file or a snapshot",
        "Without FILE: this host's live values, boot files, drift and what goes together badly. With FILEs: those "
        "files "
        "by themselves, whatever their kind (sysctl.conf style, TuneD, .reg, ours). With --from: captured hosts; more "
        "of them, and directories of them, may follow. Changes nothing.\n\n"
        "A comment `# twctl: ignore ID reason` in a file leaves a finding about that file out.\n\n"
        "Exit status: 0 nothing from warning up, 2 findings, 65 a file is of no known kind, 66 a file is missing.",
        "twctl audit|this host\n"
        "twctl audit /etc/sysctl.conf --kernel 4.9|a file, for another kernel\n"
        "twctl audit --from fleet/|all snapshots of a directory\n"
        "twctl audit --fix sysctl.conf > fix.diff|a diff that mends it, for patch"},
    CommandRow{Command::explain, "explain", "[KEY|STATE|FINDING|TOPIC]",
               "what a setting, TCP state, hazard or finding is, does and does not do",
               "Without a name it lists everything that can be explained. Live values of this host are shown where "
               "they can be read.",
               "twctl explain tcp_fin_timeout|a setting, by short or full name\n"
               "twctl explain TIME_WAIT|a TCP state\n"
               "twctl explain fin-timeout-trap|a hazard that plan reported"},
    CommandRow{Command::snapshot, "snapshot", "", "save the facts that plan needs, as JSON, for use elsewhere",
               "Captures live values, boot files and facts of this host. Changes nothing. "
               "Read it before you send it: it holds the text of this host's sysctl files, and with --sockets the "
               "addresses of its busiest peers.",
               "twctl snapshot -o web1.json|save it\n"
               "twctl snapshot --sockets -o web1.json|for `twctl doctor --from web1.json` too\n"
               "twctl plan --from web1.json classic|plan for that host, from anywhere"},
    CommandRow{Command::profile, "profile", "list|show NAME", "list profiles, or show one resolved",
               "Profiles are looked for in --profile-dir, /etc/twctl/profiles, /usr/share/twctl/profiles (on Windows "
               "%ProgramData%\\twctl\\profiles), and among the built-in ones. `show` prints a profile of any kind as "
               "INI, with what it extends merged in.",
               "twctl profile list|which there are\n"
               "twctl profile show classic > /etc/twctl/profiles/mine.ini|start one of your own"},
    CommandRow{Command::states, "states", "", "count the TCP sockets in each state",
               "IPv4 and IPv6 together, of one network namespace, as the kernel's socket monitoring tells them; where "
               "that is not allowed, from its text tables. Changes nothing. Processes are named as far as the rights "
               "go.",
               "twctl states|how many are in which state\n"
               "twctl states --by peer|with whom\n"
               "twctl states --by process|who holds them\n"
               "twctl states --watch|watch them come and go"},
    CommandRow{
        Command::doctor, "doctor", "", "say what the sockets and counters show to be wrong, and what helps",
        "Looks at the sockets, at the kernel's counters over a second, and at the settings. Each finding has its "
        "numbers, what it means and what to do: a setting, a change in the application, or nothing. Changes "
        "nothing.\n\n"
        "Exit status: 0 nothing from warning up, 2 something was found.",
        "twctl doctor|what is wrong here\n"
        "twctl doctor --interval 10|watch the counters for longer\n"
        "twctl doctor --from web1.json|what `twctl snapshot --sockets` saw there\n"
        "twctl doctor --root DIR|a host that scripts/capture-host has captured\n"
        "twctl explain close-wait-held|what a finding means"},
};

// Commands of the contract that come with later versions.
constexpr std::array<std::string_view, 1> kPlanned{"trial"};

}  // namespace

std::span<const OptionRow> option_rows() { return kOptions; }
std::span<const CommandRow> command_rows() { return kCommands; }

bool takes(Command command, const OptionRow& option) { return (option.commands & only(command)) != 0; }

const CommandRow& row_of(Command command) {
  return *std::find_if(kCommands.begin(), kCommands.end(), [&](const auto& row) { return row.command == command; });
}

const CommandRow* find_command(std::string_view name) {
  const auto* row = std::find_if(kCommands.begin(), kCommands.end(), [&](const auto& r) { return r.name == name; });
  return row == kCommands.end() ? nullptr : row;
}

bool is_planned(std::string_view name) { return std::find(kPlanned.begin(), kPlanned.end(), name) != kPlanned.end(); }

const OptionRow* find_option(std::string_view name) {
  const auto* row = std::find_if(kOptions.begin(), kOptions.end(),
                                 [&](const auto& r) { return r.name == name || (!name.empty() && r.alias == name); });
  return row == kOptions.end() ? nullptr : row;
}

}  // namespace twctl
