#include "apply/recover.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/pending.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"

namespace twctl {
namespace {

// Whether the change goes back because nobody confirmed it in time. Else its run was interrupted, or a person takes it
// back before the deadline.
bool lapses(Platform& host, const HostFacts& facts, const Change& change) {
  if (change.decision) return change.lapsed;
  return change.applied && !is_pending(host, facts, change);
}

// What the system's log calls this recovery.
std::string_view deed(Platform& host, const HostFacts& facts, const Change& change) {
  if (lapses(host, facts, change)) return "timeout of";
  return change.applied && !change.decision ? "rollback of" : "recovery of";
}

Recovery close(Platform& host, const HostFacts& facts, const Change& change, Recovery recovery) {
  if (!recovery.leftovers.failures.empty()) return recovery;
  Change ended = change;
  ended.done = Done{.ending = recovery.ending, .conflicts = recovery.leftovers.conflicts};
  if (const Result<bool> done = finish(host.state(), ended, *ended.done); !done) {
    recovery.leftovers.failures.push_back(done.error());
  } else {
    host.run().log(recovery_line(ended, deed(host, facts, change), host.run().facts()));
  }
  return recovery;
}

// Whether values of a change that was decided for may still be old. Those of an apply had all been read back before the
// decision, so that they can be old only after a reboot, which took them from the old file. A rollback may have left
// some to this run.
bool may_miss_values(const Intent& intent, Whereabouts where) {
  if (intent.kind == ChangeKind::rollback) return where != Whereabouts::gone;
  return where == Whereabouts::restarted && !intent.files.empty();
}

// After a restart a value that is neither old nor new is the kernel's own default, before the loader has run: nobody
// has set it, so it is no conflict.
Leftovers without_what_restarted(Whereabouts where, Leftovers leftovers) {
  if (where == Whereabouts::restarted) leftovers.conflicts.clear();
  return leftovers;
}

Recovery roll_forward(Platform& host, const HostFacts& facts, const Change& change, Whereabouts where) {
  const Intent& intent = change.intent;
  Recovery recovery{.id = intent.id, .ending = Ending::committed, .lapsed = false, .leftovers = {}};
  recovery.leftovers = publish_files(host.boot_files(), intent.id, intent.files);
  if (may_miss_values(intent, where)) {
    append(recovery.leftovers, without_what_restarted(where, complete_settings(host.settings(), intent.settings)));
  }
  return close(host, facts, change, std::move(recovery));
}

// The files that hold what the change would write, or cannot be read. The change never touched any other.
std::vector<FileChange> files_of_ours(BootFileStore& store, const Intent& intent) {
  std::vector<FileChange> ours;
  for (const FileChange& file : intent.files) {
    const Result<std::optional<std::string>> now = store.read(file.path);
    if (!now || *now == file.after) ours.push_back(file);
  }
  return ours;
}

// Files stay old until the decision to commit. A new one without that decision means that a power cut has taken the
// decision and left the file: then the values that the boot has read from it go back too.
Leftovers back_to_old(Platform& host, const Intent& intent, Whereabouts where) {
  const std::vector<FileChange> ours = files_of_ours(host.boot_files(), intent);
  const bool persisted = !ours.empty();
  Leftovers leftovers = restore_files(host.boot_files(), intent.id, ours);
  if (where == Whereabouts::here || (where == Whereabouts::restarted && persisted)) {
    append(leftovers, without_what_restarted(where, restore_settings(host.settings(), intent.settings)));
  }
  return leftovers;
}

// The decision first, so that nobody can commit what is being undone. Where it cannot be published the values are
// restored all the same, and the change stays unfinished.
Recovery roll_back(Platform& host, const HostFacts& facts, const Change& change, Whereabouts where) {
  const Ending ending = where == Whereabouts::gone ? Ending::gone : Ending::rolled_back;
  const bool lapsed = lapses(host, facts, change);
  const Result<Decision> decision = decide(host.state(), change, {Decision::roll_back, host.run().facts(), lapsed});
  if (decision == Decision::commit) return roll_forward(host, facts, change, where);
  Recovery recovery{
      .id = change.intent.id, .ending = ending, .lapsed = lapsed, .leftovers = back_to_old(host, change.intent, where)};
  if (!decision) recovery.leftovers.failures.push_back(decision.error());
  return close(host, facts, change, std::move(recovery));
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
  const Whereabouts where = find_values(host, facts, change.intent.origin);
  if (where == Whereabouts::elsewhere) {
    return fail(
        out_of_reach(host, change.intent.origin, fmt::format("change {} is unfinished", change.intent.id), "recover"));
  }
  if (change.decision == Decision::commit) return roll_forward(host, facts, change, where);
  return roll_back(host, facts, change, where);
}

namespace {

void tell(const JournalRequest& request, const std::vector<Error>& left) {
  for (const Error& error : left) request.left(error);
}

Result<void> sweep(Platform& host, const std::optional<Change>& pending, const JournalRequest& request) {
  tell(request, host.state().sweep());
  if (!pending) TRY_VOID(host.state().withdraw_pending());
  tell(request, host.boot_files().sweep(pending ? pending->intent.id : ""));
  return {};
}

Result<void> recover_unfinished(Platform& host, const HostFacts& facts, const Change& change,
                                const JournalRequest& request) {
  host.run().catch_interrupts();  // what has begun is carried on
  TRY(const Recovery recovery, recover_change(host, facts, change));
  if (!recovery.leftovers.failures.empty()) return fail(unrestored(recovery));
  request.recovered(recovery);
  return {};
}

// Without boot id and network namespace a value that is still changed could be taken for one that a restart has put
// back. On Windows no restart puts anything back.
Result<void> check_identified(const HostFacts& facts) {
  const bool running = facts.os == Os::linux_kernel && facts.live && !facts.captured;
  if (!running || (!facts.boot_id.empty() && !facts.network_namespace.empty())) return {};
  return fail(ErrorCode::failed, "it cannot be told which boot and network namespace this is",
              "see whether /proc/sys/kernel/random/boot_id and /proc/self/ns/net can be read");
}

Result<void> sweep_what_ended(Platform& host, const OpenJournal& journal, bool some_were_unfinished,
                              const JournalRequest& request) {
  if (!journal.damage) return sweep(host, journal.pending, request);
  // Beside an unfinished change the damaged one has ended: what is staged is not its own, and needs no repair.
  if (!some_were_unfinished || journal.pending) return {};
  tell(request, host.boot_files().sweep(""));
  return {};
}

}  // namespace

Result<OpenJournal> recover_and_open_journal(Platform& host, const JournalRequest& request) {
  TRY_VOID(host.state().lock(request.wait));
  OpenJournal journal;
  TRY(journal.facts, host.host_facts());
  TRY_VOID(check_identified(journal.facts));
  TRY(Journal loaded, load_journal(host.state(), request.verify));
  for (const Change& change : loaded.unfinished) {
    const bool pends = is_pending(host, journal.facts, change);
    if (pends) journal.pending = change;
    if (!pends) TRY_VOID(recover_unfinished(host, journal.facts, change, request));
  }
  journal.folders = std::move(loaded.folders);
  journal.damage = std::move(loaded.damage);
  TRY_VOID(sweep_what_ended(host, journal, !loaded.unfinished.empty(), request));
  for (const Change& change : loaded.unfinished) {
    if (!journal.pending || journal.pending->intent.id != change.intent.id)
      TRY_VOID(nothing_staged(host.boot_files(), change.intent));
  }
  return journal;
}

bool means_pending(const OpenJournal& journal, const std::string& id) {
  return journal.pending && (id.empty() || is_id_of(*journal.pending, id, journal.folders));
}

}  // namespace twctl
