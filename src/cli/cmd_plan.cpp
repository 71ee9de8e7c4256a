// twctl plan: profiles -> desired -> observe -> plan -> report.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "apply/apply_profile.hpp"
#include "apply/pending.hpp"
#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "cli/command.hpp"
#include "cli/examine_host.hpp"
#include "cli/option_values.hpp"
#include "cli/snapshot_inputs.hpp"
#include "journal/journal.hpp"
#include "observe/observe.hpp"
#include "observe/possible_kernels.hpp"
#include "plan/plan_here.hpp"
#include "plan/refusal.hpp"
#include "profile/desired.hpp"
#include "report/error_text.hpp"
#include "report/metrics.hpp"
#include "report/plan_json.hpp"
#include "report/plan_text.hpp"
#include "report/plan_words.hpp"
#include "report/profile_as.hpp"
#include "rules/availability.hpp"
#include "rules/host_view.hpp"

namespace twctl {
namespace {

Result<Desired> desired_for(const Options& options, HostFiles& files, Os os) {
  ProfileRequest request{
      .profiles = options.operands, .assignments = options.assignments, .profile_dir = options.profile_dir, .os = os};
  if (request.profiles.empty() && request.assignments.empty()) request.profiles.emplace_back("baseline");
  return resolve_desired(request, files);
}

bool is_shadowed(const Plan& plan) {
  return refused_for_hazards(plan) && std::any_of(plan.hazards.begin(), plan.hazards.end(), [](const Finding& hazard) {
           return hazard.blocks() && hazard.row->id == "shadowed";
         });
}

// `make` plans the same with other options.
template <class Make>
Result<Plan> with_winning_file(const Options& options, const Make& make) {
  PlanOptions wanted = plan_options(options);
  TRY(Plan plan, make(wanted));
  if (!is_shadowed(plan) || plan.boot_file == kSysctlConf || !options.output.empty()) return plan;
  wanted.boot_file = kSysctlConf;
  TRY(const Plan other, make(wanted));
  if (!refusal_of(other, true)) {
    plan.winning_file = kSysctlConf;
    plan.winning_edits = edits_text(other);
  }
  return plan;
}

Result<Plan> plan_this_host(const Options& options, Platform& host) {
  TRY(const HostFacts facts, host.host_facts());
  TRY(const Desired desired, desired_for(options, host.files(), facts.os));
  TRY(Plan plan,
      with_winning_file(options, [&](const PlanOptions& wanted) { return plan_here(host, desired, wanted); }));
  judge_state(host, plan);
  judge_record(host, plan);
  // Else every change has its end.
  if (plan.state_refusal || host.state().is_held(StateStore::Lock::run)) {
    std::string note = pending_note(host, facts, newest_change(host.state()));
    if (!note.empty()) plan.notes.push_back({std::move(note)});
  }
  return plan;
}

// One plan for this host, or one for each of the snapshots.
Result<std::vector<Plan>> plans_for(const Session& session, const std::vector<std::string>& snapshots, Platform& host) {
  const Options& options = session.options;
  std::vector<Plan> plans;
  SnapshotProgress progress(session, "planning for", snapshots.size());
  for (const std::string& path : snapshots) {
    progress.take(plans.size() + 1);
    TRY(Snapshot snapshot, load_snapshot(path, host.files()));
    snapshot.host = with_likely_kernel(snapshot.host, {});
    TRY(const Desired desired, desired_for(options, host.files(), snapshot.host.os));
    TRY(Plan plan,
        with_winning_file(options, [&](const PlanOptions& wanted) { return make_plan(desired, snapshot, wanted); }));
    forgive_want_of_rights(plan);
    plans.push_back(std::move(plan));
  }
  if (!snapshots.empty()) return plans;
  TRY(Plan plan, plan_this_host(options, host));
  plans.push_back(std::move(plan));
  return plans;
}

int status_of(const Plan& plan, const Options& options) {
  if (const auto refusal = refusal_of(plan, true)) return exit_status(refusal->code);
  return changes_anything(plan) && !options.exit_zero ? kChanges : kDone;
}

// Of several plans the status that matters most: the last of these.
int status_of(const std::vector<Plan>& plans, const Options& options) {
  if (plans.size() == 1) return status_of(plans.front(), options);
  constexpr std::array kByWeight{kDone, kChanges, exit_status(ErrorCode::denied), exit_status(ErrorCode::invalid),
                                 kRefused};
  auto weightiest = kByWeight.begin();
  for (const Plan& plan : plans) {
    weightiest = std::max(weightiest, std::find(kByWeight.begin(), kByWeight.end(), status_of(plan, options)));
  }
  return *weightiest;
}

bool writes_boot(const Plan& plan) {
  return std::any_of(plan.settings.begin(), plan.settings.end(),
                     [](const PlannedSetting& planned) { return planned.write_in(Layer::boot) != nullptr; });
}

// Of a captured tree only the boot files can be changed.
bool is_a_captured_tree(const Options& options, const Plan& plan) {
  return plan.host.captured && options.snapshots.empty();
}

// Boot files set the values of another network namespace than this one: who does not ask for them means this one.
bool is_a_namespace(const Options& options, const Plan& plan) {
  const bool asked =
      options.scope || options.boot_file != kOwnBootFile || !options.output.empty() || !options.snapshots.empty();
  return !asked && !plan.host.captured && is_other_namespace(plan.host) && plan.scope == Scope::both;
}

std::string apply_words(const Options& options, const std::optional<Scope>& scope) {
  const bool default_profile = options.operands.empty() && options.assignments.empty();
  return (default_profile ? "twctl apply baseline" : "twctl apply") + wish_words(options, scope);
}

// Of a tree whose boot files are as wanted: what sets the live values of the host that it is a copy of.
std::string command_on_the_host(Options options, const Plan& plan) {
  if (refused_for_hazards(plan) || is_one_of("-", options.operands)) return "";
  options.root.clear();
  return apply_words(options, Scope::live) + place_words(options);
}

// What a person types to make the plan true, on the host that it is for; "" where there is no such command: a profile
// came from standard input, nothing but live values of a captured tree would change, or the tree has no /etc to write
// to.
std::string apply_command(Options options, const Plan& plan, HostFiles& files) {
  if (!plan.tree.empty() && writes_boot(plan) && !files.exists("/etc")) return "";
  const bool only_boot = is_a_captured_tree(options, plan) && plan.scope != Scope::boot;
  if (only_boot && (options.scope || !options.output.empty())) return "";
  if (only_boot && !writes_boot(plan)) return command_on_the_host(std::move(options), plan);
  const bool only_live = is_a_namespace(options, plan);
  if (only_live) options.scope = Scope::live;
  if (!plan.winning_file.empty() && !only_live) options.boot_file = plan.winning_file;
  const std::string where = place_words(options);
  if (!options.output.empty()) return "twctl apply --plan " + shell_word(options.output) + where;
  if (is_one_of("-", options.operands)) return "";
  return apply_words(options, only_boot ? Scope::boot : options.scope) + where;
}

// Baseline wants nothing on Windows; what there is, instead. "" where that cannot be read.
std::string registry_note(Platform& host) {
  const Setting& setting = *find_setting(Os::windows, keys::kTimedWaitDelay);
  const auto snapshot = observe(host, ObserveRequest{.settings = {&setting}});
  if (!snapshot) return "";
  const std::optional<Value> value = live_value(setting, *snapshot).in_force();
  return fmt::format("{} is {} in the registry. ", setting.key, value_text(value, "not set"));
}

// Without PROFILE: what was looked at, and where to go on.
std::string what_baseline_is(const Session& session, Platform& host, const HostFacts& facts) {
  const Options& options = session.options;
  const bool asked = !options.operands.empty() || !options.assignments.empty() || !options.snapshots.empty();
  if (asked || options.detail == Detail::quiet) return "";
  std::string text = (facts.os == Os::windows ? registry_note(host) : "") + "This is baseline only.";
  if (has_sockets(host, facts)) {
    text += fmt::format(" Whether ports run short: twctl doctor{}.", where_words(options.root, options.netns));
  }
  return wrapped(fmt::format("{} Other profiles: twctl profile list{}", text, where_words(options.root, "")),
                 session.screen.columns);
}

// Several one after the other, each under the name of its snapshot.
std::string plans_text(const std::vector<Plan>& plans, const std::vector<std::string>& snapshots,
                       const Session& session, Platform& host) {
  std::string text;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (i > 0) text += "\n";
    if (plans.size() > 1) text += inked(session.screen, Ink::strong, escape(snapshots[i]) + ":") + "\n";
    const PlanPage page = !snapshots.empty()                              ? PlanPage::of_another_host
                          : is_a_captured_tree(session.options, plans[i]) ? PlanPage::of_a_captured_tree
                          : is_a_namespace(session.options, plans[i])     ? PlanPage::of_a_namespace
                                                                          : PlanPage::to_read;
    text += plan_text(plans[i], session.screen, session.options.detail, page,
                      apply_command(session.options, plans[i], host.files()));
  }
  return text + what_baseline_is(session, host, plans.front().host);
}

// A plan is for one system; a profile may be for both.
Result<std::string> plan_in_words(const Options& options, const Plan& plan, HostFiles& files) {
  const Os os = system_of(options.as);
  if (os == plan.host.os) return plan_as(plan, options.as);
  const std::string_view here = os == Os::windows ? "Linux" : "Windows";
  const bool one_profile =
      options.operands.size() == 1 && options.operands.front() != "-" && options.assignments.empty();
  const Result<Desired> wanted = desired_for(options, files, os);
  std::string hint = "plan it for such a host: --from takes a snapshot of one";
  if (one_profile && wanted && !wanted->entries.empty()) {
    hint = fmt::format("`twctl profile show {} --as {}{}` has what the profile wants there",
                       shell_word(options.operands.front()), options.as, profile_words(options));
  }
  return fail(ErrorCode::invalid,
              fmt::format("plan: the host runs {}, and {} is for the other system", here, options.as), std::move(hint));
}

std::string plans_json(const std::vector<Plan>& plans) {
  return plans.size() == 1 ? plan_json(plans.front()) : plan_list_json(plans);
}

}  // namespace

Result<Outcome> run_plan(const Session& session) {
  const Options& options = session.options;
  TRY_VOID(check_from(options));
  if (!options.as.empty() && (options.format != Format::text || !options.output.empty())) {
    return fail(ErrorCode::usage, "plan: --as is a form of its own; it does not go with --format, --json or -o");
  }
  TRY(const auto host, open_host(session));
  TRY(const std::vector<std::string> snapshots, snapshot_files(options.snapshots, host->files()));
  if (snapshots.size() > 1 && !options.output.empty()) {
    return fail(ErrorCode::usage, "plan: -o saves the plan of one host; --from names several",
                "plan for each by itself, or take what --json prints");
  }
  TRY(const std::vector<Plan> plans, plans_for(session, snapshots, *host));
  const bool measures = options.format == Format::prometheus;
  if ((measures || !options.as.empty()) && plans.size() > 1) {
    return fail(ErrorCode::usage, fmt::format("plan: {} is for one host; --from names several",
                                              measures ? "--format prometheus" : "--as"));
  }
  if (measures) {
    return into_file(session, *host, {.results = plan_metrics(plans.front()), .status = status_of(plans, options)});
  }
  const bool to_standard_output = options.output == kStandardOutput;
  if (!options.output.empty() && !to_standard_output) {
    TRY_VOID(host->files().write_output(options.output, plan_json(plans.front())));
  }
  Outcome outcome{.status = status_of(plans, options)};
  const bool json = options.format == Format::json || to_standard_output;
  if (options.as.empty()) {
    outcome.results = json ? plans_json(plans) : plans_text(plans, snapshots, session, *host);
  } else {
    TRY(outcome.results, plan_in_words(options, plans.front(), host->files()));
  }
  const bool elevated = host->run().facts().elevated;
  for (const Plan& plan : plans) {
    const std::optional<Error> refusal = refusal_of(plan, elevated);
    if (refusal && !refused_for_hazards(plan)) outcome.messages += error_text(*refusal);
  }
  return outcome;
}

}  // namespace twctl
