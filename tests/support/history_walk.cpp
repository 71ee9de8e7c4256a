#include "support/history_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "apply/apply_profile.hpp"
#include "apply/rollback.hpp"
#include "catalog/setting.hpp"
#include "journal/fold.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl::test {
namespace {

class Walker {
 public:
  Walker(WalkedHost& host, const HistoryWalk& walk) : host_(host), walk_(walk), random_(walk.seed) {}

  std::string walk() {
    const WalkedState first = host_.state();
    for (int i = 0; i < walk_.steps && problem_.empty(); ++i) step();
    if (problem_.empty()) go_back();
    if (problem_.empty()) problem_ = difference(first, host_.state());
    if (problem_.empty()) return "";
    return fmt::format("seed {}, {} kept, after {} runs: {}", walk_.seed, walk_.limits.keep, runs_, problem_);
  }

 private:
  std::size_t any(std::size_t below) { return random_() % below; }

  static std::string difference(const WalkedState& first, const WalkedState& now) {
    std::string text;
    for (const auto& [what, value] : first) {
      if (now.at(what) == value) continue;
      text += fmt::format("{} is {} and was {}; ", what, now.at(what).value_or("absent"), value.value_or("absent"));
    }
    return text;
  }

  void step() {
    switch (any(8)) {
      case 0:
      case 1:
        (void)roll_back({});
        return;
      case 2:
        (void)roll_back(chosen());
        return;
      case 3:
        (void)roll_back(last());
        return;
      default:
        return apply();
    }
  }

  // A random change of the journal, most often a late one.
  RollbackRequest chosen() {
    const std::vector<Change> changes = host_.journal();
    if (changes.empty()) return {};
    const std::size_t back = any(6) == 0 ? any(changes.size()) : any(std::min<std::size_t>(changes.size(), 4));
    return named(changes[changes.size() - 1 - back], true);
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

  void apply() {
    const auto& [key, values] = *std::next(walk_.wishes.begin(), static_cast<std::ptrdiff_t>(any(walk_.wishes.size())));
    const std::size_t scope = walk_.live_only ? 1 : any(4);
    const WalkedApply wish{.key = key,
                           .value = values[any(values.size())],
                           .live = scope != 0,
                           .boot = scope != 1,
                           .boot_file = std::string(any(5) == 0 ? kSysctlConf : kOwnBootFile)};
    note(host_.apply(wish), fmt::format("apply {}={}", wish.key, wish.value));
  }

  bool roll_back(const RollbackRequest& request) {
    const Result<bool> done = host_.roll_back(request);
    note(done, fmt::format("rollback {}{}", request.with_later ? "--to " : "", request.id));
    return done == true;
  }

  void go_back() {
    const std::vector<Change> changes = host_.journal();
    if (any(2) == 0 && !changes.empty()) {
      (void)roll_back(named(changes.front(), true));
    } else {
      while (problem_.empty() && roll_back({})) continue;
    }
  }

  template <class T>
  void note(const Result<T>& outcome, const std::string& what) {
    ++runs_;
    if (!outcome) problem_ = what + ": " + outcome.error().message;
    const std::size_t left = host_.journal().size();
    if (left > walk_.limits.prune_above + 1) problem_ = fmt::format("{}: {} changes are kept", what, left);
  }

  WalkedHost& host_;
  const HistoryWalk& walk_;
  std::mt19937 random_;
  std::string problem_;
  int runs_ = 0;
};

}  // namespace

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
  request.profiles.assignments = {wish.key + "=" + wish.value};
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

Result<void> WalkedModel::apply(const WalkedApply& wish) {
  Intent intent;
  if (wish.live && state_.at(wish.key) != wish.value) {
    intent.settings.push_back({wish.key, state_.at(wish.key), wish.value});
  }
  const std::optional<std::string> before = state_.at(wish.boot_file);
  if (wish.boot) {
    const std::vector<LineChange> lines{{wish.key, wish.value, "why"}};
    TRY(const std::optional<std::string> after, render_boot_file(wish.boot_file, before, lines));
    if (after != before) intent.files.push_back({wish.boot_file, before, after});
  }
  if (!intent.settings.empty() || !intent.files.empty()) commit(std::move(intent));
  return {};
}

Result<bool> WalkedModel::roll_back(const RollbackRequest& request) {
  TRY(const std::vector<Change> chosen, chosen_changes(journal_, request));
  const auto here = [](const Origin&) { return Whereabouts::here; };
  const Present present{.settings = state_, .files = state_, .left = values_left(journal_, here, {})};
  const RollbackPlan plan = plan_rollback(chosen, journal_, present, {});
  if (plan.undoes.empty()) return false;
  if (!plan.conflicts.empty()) return fail(ErrorCode::refused, "changed by somebody else: " + plan.conflicts[0].what);
  if (!plan.later.empty()) return fail(ErrorCode::refused, "changed later: " + plan.later[0].what);
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
  intent.id = fmt::format("{:032x}", made_);
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
  const auto here = [](const Origin&) { return Whereabouts::here; };
  const Folding folding = fold_changes(journal_, {.keep = walk_.limits.keep, .boot_id = ""}, here);
  std::erase_if(journal_, [&](const Change& change) {
    const auto& gone = folding.superseded;
    return std::find(gone.begin(), gone.end(), change.folder) != gone.end();
  });
  journal_.insert(journal_.end(), folding.folds.begin(), folding.folds.end());
  std::sort(journal_.begin(), journal_.end(), [](const Change& a, const Change& b) { return a.folder < b.folder; });
}

std::string walk_history(WalkedHost& host, const HistoryWalk& walk) { return Walker(host, walk).walk(); }

}  // namespace twctl::test
