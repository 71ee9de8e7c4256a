// twctl plan: profiles -> desired -> observe -> plan -> report.
#include "base/text.hpp"
#include "cli/command.hpp"
#include "plan/plan_here.hpp"
#include "profile/desired.hpp"
#include "report/error_text.hpp"
#include "report/json.hpp"
#include "report/plan_text.hpp"
#include "report/snapshot_json.hpp"

namespace twctl {
namespace {

Result<Desired> desired_for(const Options& options, HostFiles& files, Os os) {
  ProfileRequest request{
      .profiles = options.operands, .assignments = options.assignments, .profile_dir = options.profile_dir, .os = os};
  if (request.profiles.empty() && request.assignments.empty()) request.profiles.emplace_back("baseline");
  return resolve_desired(request, files);
}

Result<Plan> plan_this_host(const Options& options, Platform& host) {
  TRY(const HostFacts facts, host.host_facts());
  TRY(const Desired desired, desired_for(options, host.files(), facts.os));
  return plan_here(host, desired, plan_options(options));
}

Result<Plan> plan_from_snapshot(const Options& options, HostFiles& files) {
  TRY(const TrustedBytes saved, files.read_profile(options.snapshot, kSnapshotLimit));
  TRY(const Snapshot snapshot, read_snapshot(options.snapshot, saved.bytes));
  TRY(const Desired desired, desired_for(options, files, snapshot.host.os));
  return make_plan(desired, snapshot, plan_options(options));
}

int status_of(const Plan& plan, const Options& options) {
  if (blocked(plan)) return kRefused;
  if (read_only(plan)) return exit_status(ErrorCode::denied);
  return changes_anything(plan) && !options.exit_zero ? kChanges : kDone;
}

std::string read_only_message(const Plan& plan) {
  std::vector<std::string> keys;
  for (const PlannedSetting& planned : plan.settings) {
    if (!planned.skipped && planned.verdict() == Verdict::read_only) keys.emplace_back(planned.setting->key);
  }
  return error_text({.code = ErrorCode::denied,
                     .message = join(keys, ", ") + " cannot be written: read-only on this host",
                     .hint = "in a container, change it where the container is started"});
}

}  // namespace

Result<Outcome> run_plan(const Session& session) {
  const Options& options = session.options;
  if (!options.snapshot.empty() && (options.root != "/" || !options.netns.empty())) {
    return fail(ErrorCode::usage, "plan: --from already says which host; it does not go with --root or --netns");
  }
  TRY(const auto host, open_host(session));
  TRY(const Plan plan,
      options.snapshot.empty() ? plan_this_host(options, *host) : plan_from_snapshot(options, host->files()));
  if (!options.output.empty()) TRY_VOID(host->files().write_output(options.output, plan_json(plan)));
  Outcome outcome{.status = status_of(plan, options)};
  outcome.results = options.format == Format::json ? plan_json(plan)
                                                   : plan_text(plan, session.screen, options.detail, PlanPage::to_read);
  if (outcome.status == exit_status(ErrorCode::denied)) outcome.messages = read_only_message(plan);
  return outcome;
}

}  // namespace twctl
