#include "apply/apply_profile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/pending.hpp"
#include "apply/planned_changes.hpp"
#include "apply/transaction.hpp"
#include "apply/watchdog.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/fold.hpp"
#include "journal/history.hpp"
#include "journal/journal.hpp"
#include "journal/values_left.hpp"
#include "plan/accept.hpp"
#include "plan/plan_here.hpp"
#include "plan/refusal.hpp"
#include "profile/set_option.hpp"

namespace twctl {
namespace {

Result<void> refuse_distrusted(const Desired& desired) {
  if (desired.distrusted.empty()) return {};
  return fail(ErrorCode::denied, fmt::format("not applied: {}", join(desired.distrusted, "; ")), desired.mend);
}

// Refuses --confirm-within where no timer would live to see its deadline, and on Windows: a restart takes no value back
// there, so that it would not help on a host that nobody can reach any more.
Result<void> refuse_hopeless_deadline(Platform& host) {
  TRY(const HostFacts facts, host.host_facts());
  if (facts.os != Os::windows) return refuse_mortal_watchdog(host);
  return fail(
      ErrorCode::unsupported,
      "--confirm-within: not on Windows, where registry values are on disk at once and take effect at a restart",
      "apply without it; until the restart `twctl rollback` takes the change back before it has had any effect");
}

Result<void> check(Platform& host, const ApplyRequest& request, const Plan& plan) {
  if (request.saved) TRY_VOID(check_still_holds(*request.saved, plan));
  if (request.saved) TRY_VOID(check_shown_diff(*request.saved, plan));
  const std::optional<Error> refusal = refusal_of(plan, host.run().facts().elevated);
  return refusal ? Result<void>(fail(*refusal)) : Result<void>();
}

// What prune_changes() needs: every change of the journal, because which ones may be folded depends on all the others.
// nullopt while there are few: reading them all takes longer than the run itself.
Result<std::optional<ReadableChanges>> load_changes_for_pruning(StateStore& store, const OpenJournal& journal,
                                                                const JournalLimits& limits) {
  if (journal.damage) return fail(*journal.damage);
  if (journal.folders.size() <= limits.prune_above) return std::nullopt;
  TRY(ReadableChanges changes, load_readable_changes(store, Texts::digests));
  if (!changes.damage.empty()) return fail(std::move(changes.damage.front()));
  return std::optional(std::move(changes));
}

std::vector<std::string> accepted_hazards(const Plan& plan) {
  std::vector<std::string> accepted;
  for (const Finding& hazard : plan.hazards) {
    if (hazard.accepted) accepted.push_back(accept_text(hazard.row->id, hazard.key));
  }
  return accepted;
}

// What the change will do: the old and new value of each setting, the old and new bytes of each file. Only reads the
// host. Error: as file_changes().
Result<Intent> intent_of(Platform& host, const ApplyRequest& request, const Plan& plan, const OpenJournal& journal) {
  TRY(std::string id, host.run().random_id());
  TRY(const std::uint64_t sequence, next_sequence(journal.folders));
  Intent intent{.id = std::move(id),
                .sequence = sequence,
                .kind = ChangeKind::apply,
                .undoes = {},
                .author = host.run().facts(),
                .reason = request.reason,
                .profiles = plan.profiles,
                .accepted = accepted_hazards(plan),
                .origin = origin_of(journal.facts),
                .settings = setting_changes(plan),
                .files = {}};
  for (const PlannedSetting& planned : plan.settings) {
    if (planned.taken_over) intent.settings.push_back({std::string(planned.setting->key), planned.live, planned.live});
  }
  if (!boot_lines(plan).empty()) {
    TRY(const std::optional<std::string> before, host.boot_files().read(plan.boot_file));
    TRY(intent.files, file_changes(plan, before));
  }
  if (request.confirm_within) {
    intent.deadline = host.timers().now() + *request.confirm_within;
    intent.deadline_time = intent.author.time + request.confirm_within->count();
  }
  return intent;
}

// Whether --set names what the setting already is, so that nothing is written.
bool is_named_as_it_is(SettingStore& store, const PlannedSetting& planned) {
  const bool named = planned.entry.where.file == kSetOption && planned.entry.wanted.op != Operator::unset;
  const bool as_wanted = planned.live && planned.live_verdict && planned.live_verdict->verdict == Verdict::ok;
  return named && as_wanted && !planned.skipped && store.check_writable(*planned.setting);
}

// What twctl had left of the setting, where that is another value than there is; nullptr: it is not so.
const ValueLeft* drifted_from(const std::vector<ValueLeft>& left, const PlannedSetting& planned) {
  const auto ours =
      std::find_if(left.begin(), left.end(), [&](const auto& was) { return was.key == planned.setting->key; });
  return ours != left.end() && !ours->change.empty() && ours->value != planned.live ? &*ours : nullptr;
}

// Values that somebody else has set over ours, and that --set now names: they are ours from here on, and drift no
// more, so the change has them as they are. Tells the plan's reader. Error: the journal cannot be read.
Result<void> take_over(Platform& host, const HostFacts& facts, Plan& plan) {
  std::vector<PlannedSetting*> named;
  for (PlannedSetting& planned : plan.settings) {
    if (is_named_as_it_is(host.settings(), planned)) named.push_back(&planned);
  }
  if (named.empty()) return {};
  TRY(const ReadableChanges journal, load_readable_changes(host.state(), Texts::digests));
  const std::vector<ValueLeft> left = values_left(host, facts, journal.changes);
  for (PlannedSetting* planned : named) {
    const ValueLeft* ours = drifted_from(left, *planned);
    planned->taken_over = ours != nullptr;
    if (ours == nullptr) continue;
    plan.notes.push_back(
        {fmt::format("{0} is {1}, and change {2} left {3}: apply takes {1} over, as what twctl has left", ours->key,
                     shown(planned->live), short_id(ours->change), shown(ours->value))});
  }
  return {};
}

Result<Change> begin_apply(Platform& host, const ApplyRequest& request, const Plan& plan, const OpenJournal& journal) {
  TRY(Intent intent, intent_of(host, request, plan, journal));
  return begin_change(host, std::move(intent));
}

// The change that apply would have made, which has come to the point where its first byte would be written.
Result<Change> rehearse_apply(Platform& host, const ApplyRequest& request, const Plan& plan,
                              const OpenJournal& journal) {
  TRY(Intent intent, intent_of(host, request, plan, journal));
  TRY_VOID(rehearse(host, intent));
  Change change{.folder = {}, .intent = std::move(intent), .decision = {}, .done = {}};
  if (!request.confirm_within) change.decision = Decision::commit;
  return change;
}

PlanOptions options_here(Platform& host, const ApplyRequest& request) {
  PlanOptions options = request.options;
  if (request.confirm_within) options.mortal_init = host.timers().surroundings().mortal_init;
  return options;
}

bool is_as_shown(const PlannedSetting& one, const PlannedSetting& shown) {
  return one.setting == shown.setting && one.live == shown.live && one.boot == shown.boot &&
         one.desired == shown.desired;
}

// While somebody was asked, others had time to change the host: what is done must be what was shown. Error: as check().
Result<void> check_as_shown(Platform& host, const Desired& desired, const ApplyRequest& request, const Plan& shown) {
  TRY(const Plan now, plan_here(host, desired, options_here(host, request)));
  TRY_VOID(check(host, request, now));
  const bool same =
      std::equal(now.settings.begin(), now.settings.end(), shown.settings.begin(), shown.settings.end(), is_as_shown);
  if (same && now.boot_bytes == shown.boot_bytes) return {};
  return fail(changed_while_asked());
}

// A record has the boot file twice, and JSON may take six bytes for one.
constexpr std::size_t kSmallBootFiles = std::size_t{16} * 1024;  // bytes, before and after
constexpr std::size_t kSmallRecord = 16 * kSmallBootFiles;       // beside it are two plain backups

// Whether the change of this plan could be recorded. The record of a usual one is not made to see that.
Result<void> check_record(Platform& host, const Plan& plan) {
  const std::size_t before = size_of(plan.boot_bytes).value_or(0);
  const std::optional<std::size_t> after = size_of(plan.boot_after.value_or(std::nullopt));
  std::vector<RoomNeeded::Staged> staged;
  if (after) staged.push_back(host.boot_files().to_stage(plan.boot_file, *after));
  const bool small = before + after.value_or(0) <= kSmallBootFiles;
  if (small && host.state().check_room({.records = {kSmallRecord, 0, 0}, .staged = staged})) return {};
  OpenJournal journal;
  journal.facts = plan.host;
  journal.folders = host.state().folders().value_or(std::vector<std::string>());
  const Result<Intent> intent = intent_of(host, ApplyRequest(), plan, journal);
  return intent ? check_recordable(host.state(), *intent, std::move(staged)) : host.state().check_room({});
}

// Why a dry run of apply ends before it comes to a plan. nullopt: it does not, or only root may look.
std::optional<Error> journal_refusal(Platform& host, const HostFacts& facts) {
  // What a run has begun that is at work, or was until just now, is not interrupted.
  const auto is_at_work = [&] { return host.state().is_held(StateStore::Lock::run); };
  const bool was_at_work = is_at_work();
  const Result<OpenJournal> journal = look_at_journal(host, facts);
  if (!journal && journal.error().code == ErrorCode::refused && !was_at_work && !is_at_work()) return journal.error();
  if (!journal) return std::nullopt;
  return journal->pending ? awaits_confirmation(host, *journal->pending) : journal->damage;
}

}  // namespace

Result<ApplyOutcome> apply_profile(Platform& host, const ApplyRequest& request) {
  TRY(const Desired desired,
      request.saved ? desired_of(*request.saved) : resolve_desired(request.profiles, host.files()));
  TRY_VOID(refuse_distrusted(desired));
  if (request.confirm_within) TRY_VOID(refuse_hopeless_deadline(host));
  TRY(const OpenJournal journal,
      request.dry_run ? read_journal(host, request.journal.wait) : recover_and_open_journal(host, request.journal));
  if (journal.pending) return fail(awaits_confirmation(host, *journal.pending));
  TRY(std::optional<ReadableChanges> to_prune, load_changes_for_pruning(host.state(), journal, request.journal.limits));
  TRY(Plan plan, plan_here(host, desired, options_here(host, request)));  // observes the host, then plans
  TRY_VOID(check(host, request, plan));
  TRY_VOID(take_over(host, journal.facts, plan));
  ApplyOutcome outcome{.plan = plan, .change = {}};
  if (changes_anything(plan) && request.dry_run) {
    TRY(outcome.change, rehearse_apply(host, request, plan, journal));
  } else if (changes_anything(plan)) {
    TRY_VOID(request.approve(plan));
    if (request.asks) TRY_VOID(check_as_shown(host, desired, request, plan));
    TRY(const Change change, begin_apply(host, request, plan, journal));
    if (change.intent.deadline) TRY_VOID(start_timers(host, change));  // forks the watchdog
    TRY_VOID(write_values(host, change));                              // and verifies them: each is read back
    TRY(outcome.change, change.intent.deadline ? leave_pending(host, change) : commit_change(host, change));  // decides
    if (to_prune) {
      to_prune->changes.push_back(*outcome.change);
      (void)prune_changes(host, journal.facts, *to_prune, request.journal.limits.keep);  // else the next run does it
    }
  }
  outcome.restart = restart_awaited(host.state(), journal.facts);
  return outcome;
}

void judge_record(Platform& host, Plan& plan) {
  if (plan.host.captured || plan.state_refusal) return;
  plan.state_refusal = journal_refusal(host, plan.host);  // whatever else stands in the way
  if (plan.state_refusal || refusal_of(plan, host.run().facts().elevated)) return;
  (void)take_over(host, plan.host, plan);  // of a journal that cannot be read, by a plain user say, nothing is said
  if (!changes_anything(plan)) return;
  const Result<void> fits = check_record(host, plan);
  if (fits) return;
  plan.state_refusal = fits.error();
  plan.notes.push_back(refusal_note(fits.error().message));
}

}  // namespace twctl
