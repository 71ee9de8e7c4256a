#include "apply/chosen_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/journal.hpp"

namespace twctl {
namespace {

// A fold of changes that took one another back changes nothing.
bool changes_anything(const Intent& intent) { return !intent.settings.empty() || !intent.files.empty(); }

std::vector<Change> newest_apply(const std::vector<Change>& journal, const std::vector<std::string>& in_force) {
  for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
    const Intent& intent = change->intent;
    const bool is_apply = intent.kind == ChangeKind::apply && (changes_anything(intent) || !intent.folded);
    if (is_apply && is_one_of(intent.id, in_force)) return {*change};
  }
  return {};
}

// Who names a change by its id means that change alone; with the ones folded into it, it is undone by `--to`, or as the
// last one in force.
Result<void> refuse_folded(const Change& named, const RollbackRequest& request, bool alone, const std::string& to) {
  if (!named.intent.folded) return {};
  const std::string own = short_id(named.intent.id);
  if (!named.intent.id.starts_with(request.id)) {
    return fail(
        ErrorCode::refused,
        fmt::format("change {} is part of change {} now: older changes are folded together", escape(request.id), own),
        fmt::format("`{}` undoes that one and all later ones", to));
  }
  if (alone || request.with_later) return {};
  return fail(
      ErrorCode::refused,
      fmt::format("change {} stands for {} later ones too, which were folded into it", own, named.intent.folded->count),
      fmt::format("`{}` undoes it and all later ones", to));
}

// Rollbacks among them too, so that what the oldest found is what comes back. Nothing, if no apply among them is in
// force any more.
std::vector<Change> everything_since(const Change& named, const std::vector<Change>& journal,
                                     const std::vector<std::string>& in_force) {
  std::vector<Change> chosen;
  bool any_left = false;
  for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
    if (change->intent.sequence < named.intent.sequence) break;
    if (!is_committed(*change)) continue;
    any_left = any_left || (change->intent.kind == ChangeKind::apply && is_one_of(change->intent.id, in_force));
    chosen.push_back(*change);
  }
  return any_left ? chosen : std::vector<Change>();
}

// Undoing a rollback puts back what it undid, as its own record has it. Where that change is no longer kept, nothing
// would hold the value from before it any more.
Result<void> refuse_rootless(const std::vector<Change>& chosen, const std::vector<Change>& journal) {
  std::set<std::string> rooted;  // all that they lead back to is there
  for (const Change& change : journal) {
    const auto& undoes = change.intent.undoes;
    const auto is_rooted = [&](const std::string& id) { return rooted.contains(id); };
    if (!std::all_of(undoes.begin(), undoes.end(), is_rooted)) continue;
    rooted.insert(change.intent.id);
    if (change.intent.folded) rooted.insert(change.intent.folded->ids.begin(), change.intent.folded->ids.end());
  }
  for (const Change& change : chosen) {
    if (rooted.contains(change.intent.id)) continue;
    return fail(
        ErrorCode::refused,
        fmt::format("rollback {} cannot be undone: the journal no longer keeps what it undid", change.intent.id),
        "apply the values anew instead");
  }
  return {};
}

}  // namespace

Result<std::vector<Change>> chosen_changes(const std::vector<Change>& journal, const RollbackRequest& request,
                                           const std::string& netns, std::string_view location) {
  const std::vector<std::string> in_force = changes_in_force(journal);
  if (request.id.empty()) return newest_apply(journal, in_force);
  TRY(const Change named, find_change(journal, request.id, location));
  const std::vector<Change> newest = newest_apply(journal, in_force);
  const bool is_last =
      journal.back().folder == named.folder || (!newest.empty() && newest.front().folder == named.folder);
  TRY_VOID(refuse_folded(named, request, is_last, rollback_to(named.intent.id, request.force, netns, location)));
  std::vector<Change> chosen;
  if (request.with_later) {
    chosen = everything_since(named, journal, in_force);
  } else if (is_one_of(named.intent.id, in_force)) {
    chosen = {named};
  }
  TRY_VOID(refuse_rootless(chosen, journal));
  return chosen;
}

}  // namespace twctl
