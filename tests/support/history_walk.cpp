#include "support/history_walk.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "apply/apply_profile.hpp"
#include "apply/rollback.hpp"
#include "catalog/setting.hpp"
#include "formats/sysctl.hpp"
#include "journal/change_words.hpp"
#include "journal/fold.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl::test {
namespace {

bool in(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

class Walker {
 public:
  Walker(WalkedHost& host, const HistoryWalk& walk) : host_(host), walk_(walk), random_(walk.seed) {}

  std::string walk() {
    const WalkedState first = host_.state();
    const int often = walk_.steps < 200 ? 1 : 10;
    for (int i = 0; i < walk_.steps && problem_.empty(); ++i) {
      step();
      if (problem_.empty() && i % often == 0) problem_ = wrong_values();
    }
    if (problem_.empty()) go_back();
    const bool live_is_back = walk_.somebodys.empty() && !(walk_.restarts && walk_.boot_only);
    if (problem_.empty() && !live_is_back) host_.restart(false);  // what nobody knows any more, a restart brings
    if (problem_.empty()) problem_ = difference(first, host_.state());
    if (problem_.empty()) return "";
    return fmt::format("seed {}, {} kept, after {} runs: {}", walk_.seed, walk_.limits.keep, runs_, problem_);
  }

 private:
  std::size_t any(std::size_t below) { return random_() % below; }

  const std::string& any_of(const std::vector<std::string>& values) { return values[any(values.size())]; }

  static std::string difference(const WalkedState& first, const WalkedState& now) {
    std::string text;
    for (const auto& [what, value] : first) {
      if (now.at(what) == value) continue;
      text += fmt::format("{} is {} and was {}; ", what, now.at(what).value_or("absent"), value.value_or("absent"));
    }
    return text;
  }

  void step() {
    switch (any(walk_.restarts || !walk_.somebodys.empty() ? 10 : 8)) {
      case 0:
      case 1:
        (void)roll_back({});
        break;
      case 2:
        (void)roll_back(chosen(true));
        break;
      case 3:
        (void)roll_back(any(2) == 0 ? last() : chosen(false));
        break;
      case 8:
        if (walk_.restarts) host_.restart(any(2) == 0);
        break;
      case 9:
        if (!walk_.somebodys.empty()) disturb();
        break;
      default:
        apply();
    }
  }

  // A random change of the journal, most often a late one.
  RollbackRequest chosen(bool with_later) {
    const std::vector<Change> changes = host_.journal();
    if (changes.empty()) return {};
    const std::size_t back = any(6) == 0 ? any(changes.size()) : any(std::min<std::size_t>(changes.size(), 4));
    return named(changes[changes.size() - 1 - back], with_later);
  }

  // A rollback, if the last change was one, is taken back by that.
  RollbackRequest last() {
    const std::vector<Change> changes = host_.journal();
    return changes.empty() ? RollbackRequest{} : named(changes.back(), false);
  }

  static RollbackRequest named(const Change& change, bool with_later) {
    RollbackRequest request;
    request.id = change.intent.id;
    request.with_later = with_later;
    return request;
  }

  void disturb() {
    const auto& [key, values] = *walk_.somebodys.begin();
    host_.set_by_somebody(key, any_of(values));
  }

  // Also one of somebody else's, as it is, which is then taken over, live only.
  std::string value_for(const std::string& key, const std::vector<std::string>& values) {
    const std::string now = host_.state().at(key).value_or("");
    return is_somebodys(key, now) && any(3) == 0 ? now : any_of(values);
  }

  void apply() {
    WalkedApply wish{.settings = {},
                     .live = true,
                     .boot = !walk_.live_only,
                     .boot_file = std::string(any(5) == 0 ? kSysctlConf : kOwnBootFile)};
    const std::size_t scope = any(4);
    for (std::size_t left = any(4) == 0 ? 2 : 1; left > 0; --left) {
      const auto& [key, values] =
          *std::next(walk_.wishes.begin(), static_cast<std::ptrdiff_t>(any(walk_.wishes.size())));
      std::erase_if(wish.settings, [&key = key](const SettingChange& one) { return one.key == key; });
      wish.settings.push_back({key, {}, value_for(key, values)});
      if (is_somebodys(key, wish.settings.back().after)) wish.boot = false;
    }
    if (scope == 1) wish.boot = false;
    if (scope == 0 && walk_.boot_only) wish.live = !wish.boot;
    note(host_.apply(wish), fmt::format("apply {}={}", wish.settings[0].key, *wish.settings[0].after));
  }

  bool is_somebodys(const std::string& key, const std::optional<std::string>& value) const {
    const auto theirs = walk_.somebodys.find(key);
    return value && theirs != walk_.somebodys.end() && in(theirs->second, *value);
  }

  // A change alone may have been set again by a later one, but only by one that is in force; what is folded is said.
  bool may_be_refused(const RollbackRequest& request, const Error& error, const WalkedState& before) {
    if (error.message.starts_with("changed by somebody else")) {
      return std::any_of(walk_.somebodys.begin(), walk_.somebodys.end(), [&](const auto& one) {
        return error.message.find(one.first) != std::string::npos &&
               (is_somebodys(one.first, before.at(one.first)) || is_over_somebodys(one.first, request));
      });
    }
    if (request.id.empty() || request.with_later) return false;
    if (!error.message.starts_with("set again by a later change"))
      return error.message.find("fold") != std::string::npos;
    const std::vector<std::string> in_force = changes_in_force(host_.journal());
    return std::any_of(in_force.begin(), in_force.end(), [&](const std::string& id) {
      return id != request.id && error.message.find("(change " + short_id(id)) != std::string::npos;
    });
  }

  // Of several changes, or of a fold, one of those that would be undone has found somebody else's value.
  bool is_over_somebodys(const std::string& key, const RollbackRequest& request) {
    const std::vector<Change> journal = host_.journal();
    return std::any_of(journal.begin(), journal.end(), [&](const Change& change) {
      const Intent& intent = change.intent;
      const auto is_over = [&](const SettingChange& one) { return one.key == key && is_somebodys(key, one.before); };
      return (intent.folded && !intent.folded->between.empty()) ||
             (request.with_later && std::any_of(intent.settings.begin(), intent.settings.end(), is_over));
    });
  }

  bool is_rollback(const std::string& id) {
    const std::vector<Change> changes = host_.journal();
    return std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
      return change.intent.id == id && change.intent.kind == ChangeKind::rollback;
    });
  }

  bool undoes_rollback(const RollbackRequest& request) {
    if (request.id.empty()) return false;
    if (!request.with_later) return is_rollback(request.id);
    const std::vector<Change> journal = host_.journal();
    const auto named = std::find_if(journal.begin(), journal.end(),
                                    [&](const Change& change) { return change.intent.id == request.id; });
    return std::any_of(named, journal.end(),
                       [](const Change& change) { return change.intent.kind == ChangeKind::rollback; });
  }

  // An apply has taken it over since.
  bool is_taken_over(const std::string& key, const std::vector<ValueLeft>& left) {
    const auto found = std::find_if(left.begin(), left.end(), [&](const ValueLeft& one) { return one.key == key; });
    return found != left.end() && found->value == host_.state().at(key) && !found->change.empty() &&
           !is_rollback(found->change);
  }

  bool roll_back(const RollbackRequest& request) {
    std::set<std::string> taken_over;
    const std::vector<ValueLeft> left = walk_.somebodys.empty() ? std::vector<ValueLeft>{} : host_.left();
    for (const auto& [key, values] : walk_.somebodys) {
      if (is_taken_over(key, left)) taken_over.insert(key);
    }
    const WalkedState before = host_.state();
    const bool undoes_a_rollback = undoes_rollback(request);
    const Result<bool> done = host_.roll_back(request);
    if (!done && may_be_refused(request, done.error(), before)) return false;
    note(done, fmt::format("rollback {}{}", request.with_later ? "--to " : "", request.id));
    for (const auto& [key, values] : walk_.somebodys) {
      const bool asked_for = !request.force.empty() || undoes_a_rollback;  // theirs was put back
      if (!asked_for && !taken_over.contains(key) && is_somebodys(key, before.at(key)) &&
          host_.state().at(key) != before.at(key))
        problem_ = "somebody else's value was overwritten: " + key;
    }
    return done == true;
  }

  // By what nobody but the walk itself decides: the last change in force of this boot that has set a key is what it is.
  std::string wrong_values() {
    const WalkedState now = host_.state();
    for (const ValueLeft& one : host_.left()) {
      if (!one.change.empty() && now.at(one.key) != one.value && !is_somebodys(one.key, now.at(one.key)))
        return fmt::format("{} is {}, and change {} left {}", one.key, now.at(one.key).value_or("absent"), one.change,
                           one.value.value_or("absent"));
    }
    if (!walk_.somebodys.empty()) return "";
    const std::vector<Change> journal = host_.journal();
    const std::vector<std::string> in_force = changes_in_force(journal);
    std::map<std::string, std::optional<Value>> set;
    for (const Change& change : journal) {
      const bool counts = change.intent.origin == host_.place() && !change.intent.folded &&
                          change.intent.kind == ChangeKind::apply && in(in_force, change.intent.id);
      for (const SettingChange& one : change.intent.settings) {
        if (counts) set[one.key] = one.after;
        if (!counts && change.intent.folded) set.erase(one.key);
      }
    }
    for (const auto& [key, value] : set) {
      if (now.at(key) != value) return fmt::format("{} is {}, and was last set to {}", key, *now.at(key), *value);
    }
    return "";
  }

  void go_back() {
    const std::vector<Change> changes = host_.journal();
    if (any(2) == 0 && !changes.empty() && walk_.somebodys.empty()) {
      (void)roll_back(named(changes.front(), true));
      return;
    }
    RollbackRequest request;
    for (const auto& [key, values] : walk_.somebodys) request.force.push_back(key);
    while (problem_.empty() && roll_back(request)) continue;
  }

  template <class T>
  void note(const Result<T>& outcome, const std::string& what) {
    ++runs_;
    if (!outcome) problem_ = what + ": " + outcome.error().message;
    const std::size_t left = host_.journal().size();
    const std::size_t places = walk_.restarts ? 6 : 0;  // what lies in different places is not folded
    if (left > walk_.limits.prune_above + 1 + places) problem_ = fmt::format("{}: {} changes are kept", what, left);
  }

  WalkedHost& host_;
  const HistoryWalk& walk_;
  std::mt19937 random_;
  std::string problem_;
  int runs_ = 0;
};

}  // namespace

std::map<std::string, std::string> values_at_boot(const WalkedState& state) {
  std::map<std::string, std::string> values;
  for (const std::string_view path : {kOwnBootFile, kSysctlConf}) {
    const std::optional<std::string>& bytes = state.at(std::string(path));
    for (const Assignment& line : read_assignments(bytes.value_or(""), Loader::systemd).assignments) {
      if (state.contains(line.key)) values[line.key] = line.value;
    }
  }
  return values;
}

WalkedState WalkedPlatform::state() {
  WalkedState now;
  for (const auto& [key, values] : walk_.wishes) now[key] = host_.settings().read(*find_setting(key)).value().value;
  for (const std::string_view path : {kOwnBootFile, kSysctlConf}) {
    now[std::string(path)] = host_.boot_files().read(path).value();
  }
  return now;
}

std::vector<Change> WalkedPlatform::journal() { return load_changes(host_.state()).value(); }

Result<void> WalkedPlatform::apply(const WalkedApply& wish) {
  ApplyRequest request;
  for (const SettingChange& one : wish.settings) request.profiles.assignments.push_back(one.key + "=" + *one.after);
  request.options.scope = wish.live && wish.boot ? Scope::both : wish.live ? Scope::live : Scope::boot;
  request.options.boot_file = wish.boot_file;
  request.options.accept = {"not-read-at-boot", "shadowed"};
  request.journal.limits = walk_.limits;
  request.approve = [](const Plan&) -> Result<void> { return {}; };
  TRY_VOID(apply_profile(host_, request));
  return {};
}

Result<bool> WalkedPlatform::roll_back(const RollbackRequest& request) {
  RollbackOptions options{.request = request, .reason = "", .journal = {}, .approve = {}};
  options.journal.limits = walk_.limits;
  options.approve = [](const RollbackPlan&) -> Result<void> { return {}; };
  TRY(const RollbackOutcome outcome, roll_back_changes(host_, options));
  return outcome.change.has_value();
}

std::vector<ValueLeft> WalkedPlatform::left() {
  return values_left(host_, host_.host_facts().value(), load_changes(host_.state()).value());
}

void WalkedPlatform::set_by_somebody(const std::string& key, const std::string& value) {
  REQUIRE(host_.settings().write(*find_setting(key), value));
}

Whereabouts WalkedModel::where(const Origin& origin) const {
  return origin == origin_ ? Whereabouts::here : Whereabouts::restarted;
}

std::vector<ValueLeft> WalkedModel::left() {
  const FilesAtBoot files{.files = {{.path = "/etc/sysctl.d/99-sysctl.conf", .link_target = "../sysctl.conf"}},
                          .now = {{std::string(kOwnBootFile), state_.at(std::string(kOwnBootFile))},
                                  {std::string(kSysctlConf), state_.at(std::string(kSysctlConf))}}};
  return values_left(
      journal_, [&](const Origin& origin) { return where(origin); }, files);
}

void WalkedModel::restart(bool same_boot) {
  for (const auto& [what, value] : first_) {
    if (what.front() != '/') state_[what] = value;
  }
  for (const auto& [key, value] : values_at_boot(state_)) state_[key] = value;
  origin_.network_namespace = std::to_string(std::stoi(origin_.network_namespace) + 1);
  if (!same_boot) origin_.boot_id = origin_.network_namespace;
}

Result<void> WalkedModel::apply(const WalkedApply& wish) {
  Intent intent;
  std::vector<LineChange> lines;
  const std::vector<ValueLeft> all = left();
  for (const SettingChange& one : wish.settings) {
    lines.push_back({one.key, one.after, "why"});
    const bool drifted = std::any_of(all.begin(), all.end(), [&](const ValueLeft& was) {
      return was.key == one.key && !was.change.empty() && was.value != one.after;
    });
    if (wish.live && (state_.at(one.key) != one.after || drifted)) {
      intent.settings.push_back({one.key, state_.at(one.key), one.after});
    }
  }
  const std::optional<std::string> before = state_.at(wish.boot_file);
  if (wish.boot) {
    TRY(const std::optional<std::string> after, render_boot_file(wish.boot_file, before, lines));
    if (after != before) intent.files.push_back({wish.boot_file, before, after});
  }
  if (!intent.settings.empty() || !intent.files.empty()) commit(std::move(intent));
  return {};
}

Result<bool> WalkedModel::roll_back(const RollbackRequest& request) {
  TRY(const std::vector<Change> chosen, chosen_changes(journal_, request));
  const Present present{.settings = state_, .files = state_, .left = left()};
  const RollbackPlan plan = plan_rollback(chosen, journal_, present, request.force);
  if (plan.undoes.empty()) return false;
  if (!plan.conflicts.empty()) return fail(ErrorCode::refused, "changed by somebody else: " + plan.conflicts[0].what);
  if (!plan.overwritten.empty())
    return fail(ErrorCode::refused, "changed by somebody else: " + plan.overwritten[0].key);
  if (!plan.later.empty()) {
    return fail(ErrorCode::refused, fmt::format("set again by a later change: {} (change {})", plan.later[0].what,
                                                short_id(plan.later[0].change)));
  }
  Intent intent;
  intent.kind = ChangeKind::rollback;
  intent.undoes = plan.undoes;
  intent.settings = plan.settings;
  intent.files = plan.files;
  commit(std::move(intent));
  return true;
}

void WalkedModel::commit(Intent intent) {
  intent.sequence = ++made_;
  intent.id = fmt::format("{:08x}{:024x}", made_, made_);
  intent.origin = origin_;
  for (const SettingChange& setting : intent.settings) state_[setting.key] = setting.after;
  for (const FileChange& file : intent.files) state_[file.path] = file.after;
  Change& change = journal_.emplace_back();
  change.folder = folder_name(intent);
  change.intent = std::move(intent);
  change.decision = Decision::commit;
  change.done = Done{};
  if (journal_.size() > walk_.limits.prune_above + 1) prune();
}

void WalkedModel::prune() {
  const FoldLimits limits{.keep = walk_.limits.keep, .boot_id = origin_.boot_id};
  const Folding folding = fold_changes(journal_, limits, [&](const Origin& origin) { return where(origin); });
  std::erase_if(journal_, [&](const Change& change) {
    const auto& gone = folding.superseded;
    return std::find(gone.begin(), gone.end(), change.folder) != gone.end();
  });
  journal_.insert(journal_.end(), folding.folds.begin(), folding.folds.end());
  std::sort(journal_.begin(), journal_.end(), [](const Change& a, const Change& b) { return a.folder < b.folder; });
}

std::string walk_history(WalkedHost& host, const HistoryWalk& walk) { return Walker(host, walk).walk(); }

}  // namespace twctl::test
