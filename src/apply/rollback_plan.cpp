#include "apply/rollback_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/escape.hpp"
#include "catalog/setting.hpp"
#include "catalog/value.hpp"
#include "formats/sysctl.hpp"
#include "journal/change_words.hpp"
#include "journal/journal.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl {
namespace {

bool in(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// What several changes, newest first, made of one subject: ours is what the newest left, original what the oldest
// found.
template <class T>
struct Span {
  std::optional<T> ours;
  std::optional<T> original;
};

template <class T>
class Spans {
 public:
  void add(const std::string& subject, const std::optional<T>& before, const std::optional<T>& after) {
    const auto [found, fresh] = spans_.try_emplace(subject, Span<T>{after, before});
    if (fresh) order_.push_back(subject);
    found->second.original = before;
  }
  [[nodiscard]] const std::vector<std::string>& order() const { return order_; }
  [[nodiscard]] const Span<T>& of(const std::string& subject) const { return spans_.at(subject); }

 private:
  std::map<std::string, Span<T>> spans_;
  std::vector<std::string> order_;
};

// Newest first and, within a change, last written first: the order in which the values go back.
Spans<Value> setting_spans(const std::vector<Change>& chosen) {
  Spans<Value> spans;
  for (const Change& change : chosen) {
    const auto& settings = change.intent.settings;
    for (auto setting = settings.rbegin(); setting != settings.rend(); ++setting) {
      spans.add(setting->key, setting->before, setting->after);
    }
  }
  return spans;
}

Spans<std::string> file_spans(const std::vector<Change>& chosen) {
  Spans<std::string> spans;
  for (const Change& change : chosen) {
    for (const FileChange& file : change.intent.files) spans.add(file.path, file.before, file.after);
  }
  return spans;
}

void plan_setting(RollbackPlan& plan, const std::string& key, const Span<Value>& span, const std::optional<Value>& now,
                  bool may_overwrite) {
  if (now == span.original) return;
  if (now == span.ours || may_overwrite) {
    plan.settings.push_back({key, now, span.original});
  } else {
    plan.conflicts.push_back({key, now.value_or("absent")});
  }
}

// Another network namespace has values of its own.
bool in_one_place(const Origin& one, const Origin& other) {
  return (one.loaded_at_boot && other.loaded_at_boot) || one.network_namespace == other.network_namespace;
}

bool has_line(const std::string& bytes, const std::string& key, const Value& value) {
  const Setting* setting = find_setting(key);
  const auto lines = read_assignments(bytes, Loader::procps).assignments;
  return setting != nullptr && std::any_of(lines.begin(), lines.end(), [&](const Assignment& line) {
           return line.key == key && canonical(*setting, line.value) == value;
         });
}

// The newest change whose boot file has set `key` to what it is now, at a restart since; null: none has.
const Change* carried_over(const std::vector<Change>& journal, const std::string& key, const Present& present) {
  const std::optional<Value>& now = present.settings.at(key);
  if (!now || present.boot_id.empty()) return nullptr;
  for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
    const Origin& origin = change->intent.origin;
    if (!is_committed(*change) || !origin.loaded_at_boot || origin.boot_id == present.boot_id) continue;
    const auto& files = change->intent.files;
    const auto sets = [&](const FileChange& file) {
      return file.after && has_line(*file.after, key, *now) && !(file.before && has_line(*file.before, key, *now));
    };
    if (std::any_of(files.begin(), files.end(), sets)) return &*change;
  }
  return nullptr;
}

// The change of twctl's own that has left a subject as it is now; nullopt: somebody else has.
std::optional<std::string> left_by(const std::vector<Change>& journal, const std::string& what, const Origin& place,
                                   const Present& present) {
  for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
    if (!is_committed(*change) || !in_one_place(change->intent.origin, place)) continue;
    for (const SettingChange& setting : change->intent.settings) {
      if (setting.key == what && setting.after == present.settings.at(what)) return change->intent.id;
      if (setting.key == what) return std::nullopt;
    }
    for (const FileChange& file : change->intent.files) {
      if (file.path == what && file.after == present.files.at(what)) return change->intent.id;
      if (file.path == what) return std::nullopt;
    }
  }
  return std::nullopt;
}

// Of the conflicts those that are no somebody else's, but a later change's of ours.
void tell_apart(RollbackPlan& plan, const std::vector<Change>& journal, const Origin& place, const Present& present) {
  std::erase_if(plan.conflicts, [&](const Conflict& conflict) {
    std::optional<std::string> change = left_by(journal, conflict.what, place, present);
    const bool is_setting = present.settings.contains(conflict.what);
    const Change* carrier = change || !is_setting ? nullptr : carried_over(journal, conflict.what, present);
    if (carrier != nullptr) change = carrier->intent.id;
    if (change) plan.later.push_back({conflict.what, *change});
    return change.has_value();
  });
}

std::vector<OwnLine> own_lines(const std::optional<std::string>& bytes) {
  if (!bytes) return {};
  return parse_own_file(*bytes).value_or(std::vector<OwnLine>());
}

const OwnLine* line_of(const std::vector<OwnLine>& lines, const std::string& key) {
  const auto found = std::find_if(lines.begin(), lines.end(), [&](const OwnLine& line) { return line.key == key; });
  return found == lines.end() ? nullptr : &*found;
}

bool same_value(const OwnLine* a, const OwnLine* b) {
  return (a == nullptr) == (b == nullptr) && (a == nullptr || a->value == b->value);
}

// The lines of our own file that lie between `original` and `ours`, put back into what the file is now, after later
// changes of ours have merged theirs in. nullopt: one of them is no longer as it was left.
std::optional<std::vector<LineChange>> own_lines_back(const Span<std::string>& span, const std::string& now) {
  const std::vector<OwnLine> original = own_lines(span.original);
  const std::vector<OwnLine> ours = own_lines(span.ours);
  const std::vector<OwnLine> present = own_lines(now);
  std::vector<std::string> keys;
  for (const auto* lines : {&original, &ours}) {
    for (const OwnLine& line : *lines) {
      if (!in(keys, line.key)) keys.push_back(line.key);
    }
  }
  std::vector<LineChange> back;
  for (const std::string& key : keys) {
    const OwnLine* old_line = line_of(original, key);
    if (same_value(old_line, line_of(ours, key))) continue;
    if (!same_value(line_of(present, key), line_of(ours, key))) return std::nullopt;
    back.push_back(old_line == nullptr ? LineChange{key, std::nullopt, ""}
                                       : LineChange{key, old_line->value, old_line->why});
  }
  return back;
}

void plan_file(RollbackPlan& plan, const std::string& path, const Span<std::string>& span,
               const std::optional<std::string>& now) {
  if (now == span.original) return;
  if (now == span.ours) {
    plan.files.push_back({path, now, span.original});
    return;
  }
  const bool is_ours = path == kOwnBootFile && now && parse_own_file(*now);
  const auto lines = is_ours ? own_lines_back(span, *now) : std::nullopt;
  if (!lines) {
    plan.conflicts.push_back({path, ""});
    return;
  }
  const auto after = render_own_file(now, *lines);
  if (after && *after != now) plan.files.push_back({path, now, *after});
}

// A fold of changes that took one another back changes nothing.
bool changes_anything(const Intent& intent) { return !intent.settings.empty() || !intent.files.empty(); }

std::vector<Change> newest_apply(const std::vector<Change>& journal, const std::vector<std::string>& in_force) {
  for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
    const Intent& intent = change->intent;
    const bool is_apply = intent.kind == ChangeKind::apply && (changes_anything(intent) || !intent.folded);
    if (is_apply && in(in_force, intent.id)) return {*change};
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
    any_left = any_left || (change->intent.kind == ChangeKind::apply && in(in_force, change->intent.id));
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
  TRY_VOID(refuse_folded(named, request, is_last, rollback_to(named.intent.id, netns, location)));
  std::vector<Change> chosen;
  if (request.with_later) {
    chosen = everything_since(named, journal, in_force);
  } else if (in(in_force, named.intent.id)) {
    chosen = {named};
  }
  TRY_VOID(refuse_rootless(chosen, journal));
  return chosen;
}

RollbackPlan plan_rollback(const std::vector<Change>& chosen, const std::vector<Change>& journal,
                           const Present& present, const std::vector<std::string>& force) {
  RollbackPlan plan;
  for (const Change& change : chosen) plan.undoes.push_back(change.intent.id);
  const Spans<Value> settings = setting_spans(chosen);
  const std::vector<std::string> in_force = changes_in_force(journal);
  for (const std::string& key : settings.order()) {
    const Change* carrier = carried_over(journal, key, present);
    const bool is_ours =
        carrier != nullptr && (in(plan.undoes, carrier->intent.id) || !in(in_force, carrier->intent.id));
    plan_setting(plan, key, settings.of(key), present.settings.at(key), is_ours || in(force, key));
  }
  const Spans<std::string> files = file_spans(chosen);
  for (const std::string& path : files.order()) plan_file(plan, path, files.of(path), present.files.at(path));
  if (!chosen.empty()) tell_apart(plan, journal, chosen.front().intent.origin, present);
  return plan;
}

}  // namespace twctl
