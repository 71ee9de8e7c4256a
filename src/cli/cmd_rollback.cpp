// twctl rollback: a change undone, as a change of its own.
#include "apply/rollback.hpp"
#include "base/escape.hpp"
#include "catalog/setting.hpp"
#include "cli/change_command.hpp"
#include "cli/command.hpp"
#include "report/change_json.hpp"
#include "report/change_text.hpp"

namespace twctl {
namespace {

Result<std::vector<std::string>> forced_keys(const Options& options) {
  std::vector<std::string> keys;
  for (const std::string& name : options.force) {
    const Setting* setting = find_setting_by_any_name(name);
    if (setting == nullptr) {
      return fail(ErrorCode::usage, "--force " + escape(name) + ": no such setting", "a KEY as history shows it");
    }
    keys.emplace_back(setting->key);
  }
  return keys;
}

Result<RollbackRequest> request_of(const Options& options) {
  if (options.operands.size() > 1) return fail(ErrorCode::usage, "rollback: one ID at a time; --to undoes several");
  if (!options.to.empty() && !options.operands.empty()) {
    return fail(ErrorCode::usage, "rollback: ID or --to ID, not both");
  }
  RollbackRequest request;
  request.with_later = !options.to.empty();
  request.id = request.with_later ? options.to : options.operands.empty() ? "" : options.operands.front();
  TRY(request.force, forced_keys(options));
  return request;
}

// What would change has the diff that the change will have.
ChangeReport dry_report(const RollbackPlan& plan) {
  ChangeReport report;
  make_dry(report);
  if (plan.undoes.empty()) return report;
  report.state = ChangeState::rolled_back;
  report.diff = diff_sides(plan.settings, plan.files);
  return report;
}

std::string text_of(const Session& session, const RollbackOutcome& outcome, const ChangeReport& report, bool shown) {
  if (session.options.detail == Detail::quiet && !report.dry_run) return quiet_text(report, session.screen);
  std::string page = shown ? "" : rollback_plan_text(outcome.plan, session.screen);
  if (report.dry_run) return page + "\n" + std::string(kDryRun);
  if (!outcome.change) return page;
  return page + (page.empty() ? "" : "\n") + rolled_back_text(outcome.plan, report, session.screen);
}

}  // namespace

Result<Outcome> run_rollback(const Session& session) {
  const Options& options = session.options;
  TRY(const RollbackRequest request, request_of(options));
  TRY(const auto host, open_host(session));
  Outcome result;
  bool shown = false;
  const auto approve = [&](const RollbackPlan& plan) -> Result<void> {
    shown = !options.yes;
    TRY_VOID(ask_approval(session, host->run(), rollback_plan_text(plan, session.screen), "Roll this back?",
                          command_as_typed(session) + " --dry-run"));
    host->run().catch_interrupts();
    return {};
  };
  const Result<RollbackOutcome> outcome = roll_back_changes(*host, {.request = request,
                                                                    .dry_run = options.dry_run,
                                                                    .reason = options.reason,
                                                                    .journal = journal_request(session, result),
                                                                    .approve = approve,
                                                                    .asks = !options.yes});
  if (!outcome) return failed_after_recovery(session, result, outcome.error());
  ChangeReport report = options.dry_run
                            ? dry_report(outcome->plan)
                            : report_of(outcome->change, ChangeState::rolled_back, host->state().location());
  report.restart = outcome->restart;
  result.results =
      options.format == Format::json ? rollback_json(outcome->plan, report) : text_of(session, *outcome, report, shown);
  result.status = changed_status(options, report.state != ChangeState::unchanged);
  return result;
}

}  // namespace twctl
