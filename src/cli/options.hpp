// What a command line asks for, as one value.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/finding.hpp"
#include "diagnose/socket_summary.hpp"
#include "plan/plan.hpp"
#include "report/layout.hpp"
#include "trial/trial_options.hpp"

namespace twctl {

enum class Command {
  none,
  plan,
  apply,
  confirm,
  rollback,
  recover,
  history,
  status,
  audit,
  explain,
  snapshot,
  profile,
  states,
  doctor,
  trial
};
// A set of commands: a bit each; the lowest is for a line without a command.
[[nodiscard]] constexpr unsigned only(Command command) { return 1U << static_cast<unsigned>(command); }
inline constexpr unsigned kEveryCommand = ~0U;

enum class Format { text, json, junit, sarif, prometheus, csv, html };
enum class ColorChoice { automatic, always, never };

struct Options {
  Command command = Command::none;
  bool help = false;
  bool version = false;
  std::vector<std::string> operands;  // what is left: profiles, names

  Format format = Format::text;
  ColorChoice color = ColorChoice::automatic;
  Detail detail = Detail::normal;
  std::string profile_dir;  // "" for none
  std::string root = "/";
  std::string netns;       // "" for the caller's own
  bool all_netns = false;  // --all-netns

  std::vector<std::string> assignments;  // --set
  std::optional<Scope> scope;            // nullopt: not given
  std::string boot_file{kOwnBootFile};
  std::vector<std::string> accept;
  std::string output;  // -o; "" for none; kStandardOutput
  bool exit_zero = false;
  bool exit_code = false;              // status --exit-code
  std::vector<std::string> snapshots;  // --from
  bool sockets = false;                // --sockets
  bool all = false;                    // snapshot --all

  std::string plan_file;  // --plan; "" for none
  std::string reason;
  bool yes = false;
  bool detailed_exitcode = false;
  std::chrono::milliseconds wait{0};  // for the lock
  std::string to;                     // --to ID; "" for none
  std::vector<std::string> force;     // keys
  bool dry_run = false;
  std::optional<std::chrono::seconds> confirm_within;
  bool when_due = false;

  std::string as;  // profile show --as, plan --as; "" for our own words

  std::string against;     // audit --against; "" for none
  std::string kernel;      // --kernel; "" for this host's
  bool container = false;  // --container
  Severity fail_on = Severity::warning;
  std::vector<std::string> ignored;  // --ignore
  bool fix = false;
  std::string hosts;  // --hosts ID; "" for none

  std::optional<GroupBy> by;  // nullopt: not given
  bool watch = false;
  std::optional<int> interval;  // seconds; nullopt: not given

  TrialOptions trial;
};

inline constexpr std::string_view kStandardOutput = "-";  // as the FILE of -o

// What --scope, --boot-file and --accept say.
[[nodiscard]] inline PlanOptions plan_options(const Options& options) {
  PlanOptions wanted{.boot_file = options.boot_file, .accept = options.accept};
  if (options.scope) wanted.scope = *options.scope;
  if (options.root != "/" && options.snapshots.empty()) wanted.tree = options.root;
  return wanted;
}

}  // namespace twctl
