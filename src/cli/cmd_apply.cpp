// twctl apply: the plan, made true. twctl confirm: a change that apply has left pending, made permanent.
#include "apply/apply_profile.hpp"
#include "apply/confirm.hpp"
#include "apply/pending.hpp"
#include "apply/status.hpp"
#include "base/shell_word.hpp"
#include "cli/change_command.hpp"
#include "cli/command.hpp"
#include "cli/option_values.hpp"
#include "json/field.hpp"
#include "report/change_json.hpp"
#include "report/change_text.hpp"
#include "report/plan_text.hpp"

namespace twctl {
namespace {

Result<void> check_usage(const Options& options) {
  const bool wishes = !options.operands.empty() || !options.assignments.empty();
  if (options.plan_file.empty() && !wishes) {
    return fail(ErrorCode::usage, "apply: say which PROFILE, --set or --plan",
                "there is no default here: what a package upgrade brings must never change a host");
  }
  if (!options.plan_file.empty() && (wishes || options.scope || options.boot_file != kOwnBootFile)) {
    return fail(ErrorCode::usage,
                "apply: --plan FILE already says what to do; it goes with no PROFILE, --set, --scope "
                "or --boot-file");
  }
  return {};
}

// A saved plan is trusted as a profile is: only where nobody but root could have changed it.
Result<SavedPlan> load_plan(const std::string& path, HostFiles& files) {
  TRY(const TrustedBytes saved, files.read_profile(path, kSavedLimit));
  if (!saved.distrust.empty()) return fail(ErrorCode::denied, "not applied: " + saved.distrust, saved.mend);
  return read_plan(path, saved.bytes);
}

Result<ApplyRequest> request_for(const Session& session, Platform& host, JournalRequest journal) {
  const Options& options = session.options;
  ApplyRequest request{.profiles = {},
                       .options = plan_options(options),
                       .saved = {},
                       .reason = options.reason,
                       .confirm_within = options.confirm_within,
                       .dry_run = options.dry_run,
                       .journal = std::move(journal),
                       .approve = {},
                       .asks = !options.yes};
  if (!options.plan_file.empty()) {
    TRY(request.saved, load_plan(options.plan_file, host.files()));
    request.options = request.saved->options;
    request.options.tree = plan_options(options).tree;
    request.options.accept.insert(request.options.accept.end(), options.accept.begin(), options.accept.end());
    return request;
  }
  TRY(const HostFacts facts, host.host_facts());
  request.profiles = {.profiles = options.operands,
                      .assignments = options.assignments,
                      .profile_dir = options.profile_dir,
                      .os = facts.os};
  return request;
}

std::string page_of(const Session& session, const Plan& plan) {
  return plan_text(plan, session.screen, session.options.detail, PlanPage::to_apply);
}

std::string text_of(const Session& session, const ApplyOutcome& outcome, const ChangeReport& report, bool shown) {
  if (report.dry_run) return page_of(session, outcome.plan) + std::string(kDryRun);
  if (session.options.detail == Detail::quiet) return quiet_text(report, session.screen);
  const std::string page = shown ? "" : page_of(session, outcome.plan);
  return page + applied_text(outcome.plan, report, session.screen);
}

ChangeReport report_on(Platform& host, const ApplyOutcome& outcome, bool dry_run) {
  const bool pending = outcome.change && outcome.change->intent.deadline;
  ChangeReport report =
      report_of(outcome.change, pending ? ChangeState::pending : ChangeState::applied, host.state().location());
  report.restart = outcome.restart;
  if (dry_run) make_dry(report);
  if (dry_run || !pending) return report;
  report.wait = Wait{.left = time_left(host, *outcome.change),
                     .until = deadline_time(host, *outcome.change),
                     .timers = armed_timers(host),
                     .unit = host.timers().surroundings().unit};
  return report;
}

// A saved plan shows what it is by itself; "": what was read from standard input can be read no more.
std::string look_command(const Options& options) {
  if (options.plan_file == "-") return {};
  if (!options.plan_file.empty()) return "cat " + shell_word(options.plan_file);
  return "twctl plan" + wish_words(options, options.scope) + place_words(options);
}

// What is confirmed may be live alone, by now. Where the host cannot be looked at, it is confirmed all the same.
std::string text_of(const Session& session, Platform& host, const ConfirmOutcome& outcome) {
  if (session.options.dry_run) return confirmable_text(outcome, session.screen) + "\n" + std::string(kDryRun);
  const Result<Status> status = look_at_status(host);
  return confirmed_text(outcome, status.value_or(Status()), host.state().location(), session.screen);
}

}  // namespace

Result<Outcome> run_apply(const Session& session) {
  TRY_VOID(check_usage(session.options));
  TRY(const auto host, open_host(session));
  Outcome result;
  TRY(ApplyRequest request, request_for(session, *host, journal_request(session, result)));
  bool shown = false;
  request.approve = [&](const Plan& plan) -> Result<void> {
    shown = !session.options.yes;
    TRY_VOID(ask_approval(session, host->run(), page_of(session, plan), "Apply this?", look_command(session.options)));
    host->run().catch_interrupts();
    return {};
  };
  const Result<ApplyOutcome> outcome = apply_profile(*host, request);
  if (!outcome) return failed_after_recovery(session, result, outcome.error());
  const ChangeReport report = report_on(*host, *outcome, session.options.dry_run);
  result.results = session.options.format == Format::json ? apply_json(outcome->plan, report)
                                                          : text_of(session, *outcome, report, shown);
  result.status = changed_status(session.options, outcome->change.has_value());
  return result;
}

Result<Outcome> run_confirm(const Session& session) {
  const Options& options = session.options;
  if (options.operands.size() > 1) return fail(ErrorCode::usage, "confirm: one ID at a time");
  TRY(const auto host, open_host(session));
  Outcome result;
  const Result<ConfirmOutcome> outcome =
      confirm_change(*host, {.id = options.operands.empty() ? "" : options.operands.front(),
                             .dry_run = options.dry_run,
                             .journal = journal_request(session, result)});
  if (!outcome) return failed_after_recovery(session, result, outcome.error());
  result.results = options.format == Format::json ? confirm_json(*outcome, options.dry_run, host->state().location())
                                                  : text_of(session, *host, *outcome);
  result.status = changed_status(options, !outcome->already);
  return result;
}

}  // namespace twctl
