// twctl history: the journal, as a list or one change whole. twctl status: one screen of what is to be known now.
#include "cli/command.hpp"
#include "journal/history.hpp"
#include "journal/journal.hpp"
#include "report/change_json.hpp"
#include "report/history_text.hpp"
#include "report/metrics.hpp"

namespace twctl {
namespace {

Result<std::vector<HistoryEntry>> chosen_entries(Platform& host, const std::vector<Change>& journal,
                                                 const std::vector<std::string>& ids) {
  const Result<HostFacts> facts = host.host_facts();  // without a host the journal can still be read
  std::vector<HistoryEntry> entries = facts ? history_here(host, *facts, journal) : history_of(journal);
  if (ids.empty()) return entries;
  TRY(const Change chosen, find_change(journal, ids.front(), host.state().location()));
  std::erase_if(entries, [&](const HistoryEntry& entry) { return entry.change.folder != chosen.folder; });
  return entries;
}

JournalHost journal_host(Platform& host) {
  return {.location = host.state().location(), .accounts = read_accounts(host.files())};
}

// What is sound is shown all the same.
Outcome with_damage(const std::vector<Error>& damage) {
  Outcome outcome;
  for (const Error& error : damage) {
    const Outcome told = outcome_of(error, false);
    outcome.messages += told.messages;
    outcome.status = told.status;
  }
  return outcome;
}

// nullopt: a run that prunes has taken the change away meanwhile, for readers hold no lock.
Result<std::optional<std::vector<FileChange>>> files_of(StateStore& store, const Change& change) {
  Result<Change> whole = as_recorded(store, change);
  if (whole) return std::optional(std::move(whole->intent.files));
  if (!is_recorded(store, change)) return std::optional<std::vector<FileChange>>();
  return fail(std::move(whole).error());
}

// It is written while it is made. Once it has begun no other document may follow.
Outcome json_written(const Session& session, StateStore& store, const std::vector<HistoryEntry>& entries,
                     std::vector<Error> damage) {
  const auto whole = [&](const Change& change) { return files_of(store, change); };
  const Result<void> written = write_history_json(entries, whole, damage, store.location(), session.streams.results);
  Outcome outcome = with_damage(damage);
  if (written) return outcome;
  const Outcome failed = outcome_of(written.error(), false);
  return {.messages = failed.messages + outcome.messages, .status = failed.status};
}

std::string rendered(const Session& session, Platform& host, const Status& status) {
  if (session.options.format == Format::json) return status_json(status, host.state().location());
  if (session.options.format == Format::prometheus) return status_metrics(status);
  return status_text(status, journal_host(host), session.screen);
}

bool needs_a_look(const Status& status) {
  const bool overdue = status.pending && status.pending->overdue;
  return overdue || !status.drift.empty() || !status.next_boot.empty() || status.next_boot_unknown ||
         !status.interrupted.empty() || !status.damage.empty();
}

}  // namespace

Result<Outcome> run_history(const Session& session) {
  const Options& options = session.options;
  if (options.operands.size() > 1) return fail(ErrorCode::usage, "history: one ID at a time");
  TRY(const auto host, open_host(session));
  TRY(ReadableChanges journal, load_readable_changes(host->state(), Texts::digests));
  const Result<std::vector<HistoryEntry>> entries = chosen_entries(*host, journal.changes, options.operands);
  if (!entries) return fail(journal.damage.empty() ? entries.error() : journal.damage.front());
  if (options.format == Format::json) {
    if (!options.operands.empty()) TRY_VOID(as_recorded(host->state(), entries->front().change));
    return json_written(session, host->state(), *entries, std::move(journal.damage));
  }
  Outcome outcome = with_damage(journal.damage);
  if (!options.operands.empty()) {
    outcome.results = change_text(entries->front(), journal_host(*host), session.screen);
  } else if (!entries->empty() || journal.damage.empty()) {
    outcome.results = history_text(*entries, journal_host(*host), session.screen);
  }
  return outcome;
}

Result<Outcome> run_status(const Session& session) {
  if (!session.options.operands.empty()) return fail(ErrorCode::usage, "status: takes no name");
  TRY(const auto host, open_host(session));
  TRY(const Status status, look_at_status(*host));
  const bool matters = session.options.exit_code && needs_a_look(status);
  return into_file(session, *host, {.results = rendered(session, *host, status), .status = matters ? kFound : kDone});
}

}  // namespace twctl
