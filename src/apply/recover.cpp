#include "apply/recover.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/journal.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

// Where the live values of a change are now, seen from here.
enum class Whereabouts { here, other_namespace, gone, other_boot };

Whereabouts find_values(Platform& host, const HostFacts& facts, const Habitat& habitat) {
  if (habitat.boot_id != facts.boot_id) return Whereabouts::other_boot;
  if (habitat.network_namespace == facts.network_namespace) return Whereabouts::here;
  return host.namespace_exists(habitat.network_namespace) ? Whereabouts::other_namespace : Whereabouts::gone;
}

tl::unexpected<Error> in_another_namespace(const Change& change) {
  const std::string& netns = change.intent.habitat.netns;
  const std::string hint = netns.empty() ? "run `twctl recover` inside that network namespace"
                                         : fmt::format("run: twctl recover --netns {}", escape(netns));
  return fail(ErrorCode::refused,
              fmt::format("change {} is unfinished, and its values lie in another network namespace", change.intent.id),
              hint);
}

Result<Recovery> close(StateStore& state, const Change& change, Recovery recovery) {
  if (!recovery.leftovers.failures.empty()) return recovery;
  TRY_VOID(finish(state, change, {.ending = recovery.ending, .conflicts = recovery.leftovers.conflicts}));
  return recovery;
}

// Decided for. The live values of an apply had all been read back before the decision, so that they can be missing
// only after a reboot, which took them from the old file. A rollback may have left some for this run.
bool may_miss_values(const Intent& intent, Whereabouts where) {
  if (intent.kind == ChangeKind::rollback) return where == Whereabouts::here || where == Whereabouts::other_boot;
  return where == Whereabouts::other_boot && !intent.files.empty();
}

Result<Recovery> roll_forward(Platform& host, const Change& change, Whereabouts where) {
  const Intent& intent = change.intent;
  Recovery recovery{.id = intent.id, .ending = Ending::committed, .leftovers = {}};
  recovery.leftovers = publish_files(host.boot_files(), intent.id, intent.files);
  if (may_miss_values(intent, where)) append(recovery.leftovers, complete_settings(host.settings(), intent.settings));
  return close(host.state(), change, std::move(recovery));
}

// Files are old until the decision to commit; only a decision that a power cut took with it leaves a new one, and
// then the values that the boot has read from it go back too.
Leftovers back_to_old(Platform& host, const Intent& intent, Whereabouts where) {
  const auto is_new = [&host](const FileChange& file) {
    const Result<std::optional<std::string>> now = host.boot_files().read(file.path);
    return now && *now == file.after;
  };
  const bool persisted = std::any_of(intent.files.begin(), intent.files.end(), is_new);
  Leftovers leftovers = restore_files(host.boot_files(), intent.id, intent.files);
  if (where == Whereabouts::here || (where == Whereabouts::other_boot && persisted)) {
    append(leftovers, restore_settings(host.settings(), intent.settings));
  }
  return leftovers;
}

// The decision first, so that nobody can commit what is being undone. Where it cannot be published the values are
// restored all the same, and the change stays unfinished.
Result<Recovery> roll_back(Platform& host, const Change& change, Whereabouts where) {
  const Ending ending = where == Whereabouts::gone ? Ending::gone : Ending::rolled_back;
  const Result<Decision> decision = decide(host.state(), change, Decision::roll_back);
  if (decision == Decision::commit) return roll_forward(host, change, where);
  Recovery recovery{.id = change.intent.id, .ending = ending, .leftovers = back_to_old(host, change.intent, where)};
  if (!decision) recovery.leftovers.failures.push_back(decision.error());
  return close(host.state(), change, std::move(recovery));
}

Error unrestored(const Recovery& recovery) {
  std::vector<std::string> reasons;
  for (const Error& failure : recovery.leftovers.failures) reasons.push_back(failure.message);
  return {.code = ErrorCode::partial,
          .message = fmt::format("change {} could not be finished: {}", recovery.id, join(reasons, "; ")),
          .hint = "see `twctl history` and run `twctl recover` again once the cause is mended"};
}

}  // namespace

Result<Recovery> recover_change(Platform& host, const HostFacts& facts, const Change& change) {
  const Whereabouts where = find_values(host, facts, change.intent.habitat);
  if (where == Whereabouts::other_namespace) return in_another_namespace(change);
  if (change.decision == Decision::commit) return roll_forward(host, change, where);
  return roll_back(host, change, where);
}

Result<OpenJournal> open_journal(Platform& host, std::chrono::milliseconds wait) {
  TRY_VOID(host.state().lock(wait));
  OpenJournal journal;
  TRY(journal.facts, host.host_facts());
  TRY(journal.changes, load_changes(host.state()));
  for (const Change& change : journal.changes) {
    if (is_finished(change)) continue;
    TRY(const Recovery recovery, recover_change(host, journal.facts, change));
    if (!recovery.leftovers.failures.empty()) return fail(unrestored(recovery));
    journal.recoveries.push_back(recovery);
  }
  TRY_VOID(host.state().sweep());
  TRY_VOID(host.boot_files().sweep());
  if (!journal.recoveries.empty()) {
    TRY(journal.changes, load_changes(host.state()));
  }
  return journal;
}

}  // namespace twctl
