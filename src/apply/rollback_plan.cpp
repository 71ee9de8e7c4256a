#include "apply/rollback_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include "catalog/value.hpp"
#include "journal/file_lines.hpp"
#include "journal/journal.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl {
namespace {

bool in(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// What several changes, newest first, made of one subject: ours is what the newest left, original what the oldest
// found; of a file with what somebody else wrote into it between the two.
template <class T>
struct Span {
  std::optional<T> ours;
  std::optional<T> original;
  bool cannot_be_told = false;                  // the original
  std::optional<Overwritten> overwritten = {};  // between two of them, which ends the way back
};

template <class T>
class Spans {
 public:
  // The span of a change older than those so far, whose original is still what the next newer one found; its own, where
  // it is the newest one about that subject.
  Span<T>& add(const std::string& subject, const std::optional<T>& before, const std::optional<T>& after) {
    const auto [found, fresh] = spans_.try_emplace(subject, Span<T>{after, before});
    if (fresh) order_.push_back(subject);
    return found->second;
  }
  [[nodiscard]] const std::vector<std::string>& order() const { return order_; }
  [[nodiscard]] const Span<T>& of(const std::string& subject) const { return spans_.at(subject); }

 private:
  std::map<std::string, Span<T>> spans_;
  std::vector<std::string> order_;
};

// One change at a time: a hundred of a long file take up hundreds of MiB.
Spans<std::string> file_spans(const std::vector<Change>& chosen, const Recorded& recorded) {
  Spans<std::string> spans;
  for (const Change& change : chosen) {
    if (change.intent.files.empty()) continue;
    const Result<Change> whole = recorded(change);
    for (const FileChange& file : (whole ? *whole : change).intent.files) {
      if (change.done && is_kept(file.path, change.done->conflicts)) continue;  // somebody else's, whatever it says
      Span<std::string>& span = spans.add(file.path, file.before, file.after);
      span.cannot_be_told |= !whole;
      if (span.cannot_be_told || span.original == file.before) continue;
      const auto original = without_change(file, span.original);
      span.cannot_be_told = !original;
      span.original = original.value_or(std::nullopt);
    }
  }
  return spans;
}

// What the journal says of one plan's subjects.
class Owners {
 public:
  Owners(const std::vector<Change>& chosen, const std::vector<Change>& journal, const Present& present)
      : chosen_(chosen), journal_(journal), present_(present), in_force_(changes_in_force(journal)) {}

  [[nodiscard]] bool is_chosen(const std::string& id) const {
    return std::any_of(chosen_.begin(), chosen_.end(), [&](const Change& change) { return change.intent.id == id; });
  }
  [[nodiscard]] bool is_in_force(const std::string& id) const { return in(in_force_, id); }

  // What somebody else had set between the changes that this one stands for; and before it.
  [[nodiscard]] std::optional<Overwritten> within(const Change& change, const std::string& key) const {
    if (!change.intent.folded) return std::nullopt;
    for (const Conflict& found : change.intent.folded->between) {
      if (found.what == key)
        return Overwritten{.key = key, .found = found.found, .change = change.intent.id, .is_within = true};
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Overwritten> before(const Change& change, const SettingChange& setting) const {
    const ValueLeft* left = this->left(setting.key);
    if (left == nullptr || !in(left->over_others, change.intent.id)) return std::nullopt;
    return Overwritten{.key = setting.key, .found = setting.before.value_or("absent"), .change = change.intent.id};
  }

  [[nodiscard]] const ValueLeft* left(const std::string& key) const {
    const auto found =
        std::find_if(present_.left.begin(), present_.left.end(), [&](const ValueLeft& one) { return one.key == key; });
    return found == present_.left.end() ? nullptr : &*found;
  }

  // Whether what the change has set live is still there, or below what is.
  [[nodiscard]] bool counts(const Change& change, const SettingChange& setting) const {
    const ValueLeft* left = this->left(setting.key);
    if (left == nullptr) return false;
    const std::string& id = change.intent.id;
    return in(left->since_boot, id) || in(left->before_boot, id) || (in(left->to_redo, id) && is_alone(setting.key));
  }

  // The newest change in force that has set the setting again since the chosen ones; nullopt: none has.
  [[nodiscard]] std::optional<std::string> later_setting(const std::string& key) const {
    const auto sets = [&](const Change& change) {
      const auto& settings = change.intent.settings;
      return std::any_of(settings.begin(), settings.end(),
                         [&](const SettingChange& one) { return one.key == key && counts(change, one); });
    };
    const auto sets_again = [&](const Change& change) {
      return change.intent.id == left(key)->change || (sets(change) && !is_kept(key, change.done->conflicts));
    };
    return later(newest(sets), sets, sets_again);
  }

  // The same of a file: of one of the lines that they have changed there.
  [[nodiscard]] std::optional<std::string> later_line(const std::string& path) const {
    std::set<std::string> keys;
    for (const Change& change : chosen_) keys.merge(lines_of(change, path));
    const auto sets = [&](const Change& change) {
      const std::set<std::string> lines = lines_of(change, path);
      return std::any_of(lines.begin(), lines.end(), [&](const std::string& key) { return keys.contains(key); });
    };
    return later(newest(sets), sets, sets);
  }

  // The change since the chosen ones that has left the file as it is; nullopt: somebody else has.
  [[nodiscard]] std::optional<std::string> left_file(const std::string& path) const {
    const auto touches = [&](const Change& change) { return file_change(change, path) != nullptr; };
    return later(newest(touches), touches, [&](const Change& change) {
      const FileChange* file = file_change(change, path);
      return file != nullptr && holds(present_.files.at(path), file->after);
    });
  }

 private:
  // Whether only one of the chosen changes has set the key.
  [[nodiscard]] bool is_alone(const std::string& key) const {
    return std::count_if(chosen_.begin(), chosen_.end(), [&](const Change& change) {
             const auto& settings = change.intent.settings;
             return std::any_of(settings.begin(), settings.end(), [&](const auto& one) { return one.key == key; });
           }) == 1;
  }

  static std::set<std::string> lines_of(const Change& change, const std::string& path) {
    std::set<std::string> keys;
    const FileChange* file = file_change(change, path);
    if (file == nullptr) return keys;
    for (const SettingChange& line : changed_lines(*file)) keys.insert(line.key);
    return keys;
  }

  template <class Predicate>
  [[nodiscard]] std::uint64_t newest(const Predicate& is_about_it) const {
    std::uint64_t sequence = 0;
    for (const Change& change : chosen_) {
      if (is_about_it(change)) sequence = std::max(sequence, change.intent.sequence);
    }
    return sequence;
  }

  // The newest change of which `is_it` is true, later `than` that. `is_about_it`: about the same key or file.
  template <class About, class Predicate>
  [[nodiscard]] std::optional<std::string> later(std::uint64_t than, const About& is_about_it,
                                                 const Predicate& is_it) const {
    for (auto change = journal_.rbegin(); change != journal_.rend() && change->intent.sequence > than; ++change) {
      const std::string& id = change->intent.id;
      if (!is_in_force(id) || is_chosen(id) || !is_it(*change)) continue;
      if (!leads_back_to(than, *change, is_about_it)) return id;
    }
    return std::nullopt;
  }

  // A rollback of nothing but what came later leads back to where the chosen ones were.
  template <class About>
  [[nodiscard]] bool leads_back_to(std::uint64_t newest, const Change& change, const About& is_about_it) const {
    const Intent& intent = change.intent;
    return intent.kind == ChangeKind::rollback &&
           std::all_of(journal_.begin(), journal_.end(), [&](const Change& undone) {
             return undone.intent.sequence > newest || !stands_for_one_of(undone.intent, intent.undoes) ||
                    !is_about_it(undone);
           });
  }

  static bool stands_for_one_of(const Intent& intent, const std::vector<std::string>& ids) {
    if (in(ids, intent.id)) return true;
    if (!intent.folded) return false;
    const auto& folded = intent.folded->ids;
    return std::any_of(folded.begin(), folded.end(), [&](const std::string& id) { return in(ids, id); });
  }

  const std::vector<Change>& chosen_;
  const std::vector<Change>& journal_;
  const Present& present_;
  std::vector<std::string> in_force_;
};

// Newest first and, within a change, last written first: the order in which the values go back. Without what a restart
// has taken away.
Spans<Value> setting_spans(const std::vector<Change>& chosen, const Owners& owners) {
  Spans<Value> spans;
  std::map<std::string, std::optional<Overwritten>> found;  // by the change before this one, which is newer
  for (const Change& change : chosen) {
    const auto& settings = change.intent.settings;
    for (auto setting = settings.rbegin(); setting != settings.rend(); ++setting) {
      if (!owners.counts(change, *setting)) continue;
      Span<Value>& span = spans.add(setting->key, setting->before, setting->after);
      const bool is_back = span.original == setting->before;  // what they set is what this one found
      if (!span.overwritten && !is_back) span.overwritten = found[setting->key];
      if (!span.overwritten) span.overwritten = owners.within(change, setting->key);
      found[setting->key] = owners.before(change, *setting);
      span.original = setting->before;
    }
  }
  return spans;
}

void undo_setting(RollbackPlan& plan, const std::string& key, const Span<Value>& span, const Present& present,
                  const Owners& owners, bool forced) {
  const std::optional<Value>& now = present.settings.at(key);
  const ValueLeft& left = *owners.left(key);
  if (const std::optional<std::string> later = owners.later_setting(key)) {
    plan.later.push_back({key, *later});
    return;
  }
  if (now == span.original) return;
  // What a change has left that was undone since goes with those that it was built on.
  const bool is_due = !left.change.empty() && (owners.is_chosen(left.change) || !owners.is_in_force(left.change));
  const std::optional<Value>& ours = is_due ? left.value : span.ours;
  if (now == ours && span.overwritten && !forced) {
    plan.overwritten.push_back(*span.overwritten);
    return;
  }
  if (now == ours || forced) {
    plan.settings.push_back({key, now, span.original});
    return;
  }
  const bool is_since_boot = std::any_of(plan.undoes.begin(), plan.undoes.end(),
                                         [&](const std::string& id) { return in(left.since_boot, id); });
  if (is_due || is_since_boot) {
    plan.conflicts.push_back({key, now.value_or("absent")});
  } else {
    plan.left.push_back(key);
  }
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

void undo_file(RollbackPlan& plan, const std::string& path, const Span<std::string>& span,
               const std::optional<std::string>& now, const Owners& owners) {
  if (const std::optional<std::string> later = owners.later_line(path)) {
    plan.later.push_back({path, *later});
    return;
  }
  if (span.cannot_be_told) {
    plan.conflicts.push_back({path, ""});
    return;
  }
  if (now == span.original) return;
  if (now == span.ours) {
    plan.files.push_back({path, now, span.original});
    return;
  }
  const bool is_ours = path == kOwnBootFile && now && parse_own_file(*now);
  const auto lines = is_ours ? own_lines_back(span, *now) : std::nullopt;
  if (!lines) {
    const std::optional<std::string> later = owners.left_file(path);
    if (later) plan.later.push_back({path, *later});
    if (!later) plan.conflicts.push_back({path, ""});
    return;
  }
  const auto after = render_own_file(now, *lines);
  if (after && *after != now) plan.files.push_back({path, now, *after});
}

}  // namespace

RollbackPlan plan_rollback(const std::vector<Change>& chosen, const std::vector<Change>& journal,
                           const Present& present, const std::vector<std::string>& force, const Recorded& recorded) {
  RollbackPlan plan;
  for (const Change& change : chosen) plan.undoes.push_back(change.intent.id);
  const Owners owners(chosen, journal, present);
  const Spans<Value> settings = setting_spans(chosen, owners);
  for (const std::string& key : settings.order()) {
    undo_setting(plan, key, settings.of(key), present, owners, in(force, key));
  }
  for (const Change& change : chosen) {
    for (const SettingChange& setting : change.intent.settings) {
      if (!in(settings.order(), setting.key) && !in(plan.left, setting.key)) plan.left.push_back(setting.key);
    }
  }
  const Spans<std::string> files = file_spans(chosen, recorded);
  for (const std::string& path : files.order()) undo_file(plan, path, files.of(path), present.files.at(path), owners);
  return plan;
}

}  // namespace twctl
