// A long history on one host: applies of one setting or two, in either boot file; rollbacks of the last change in
// force, of the last change of all, of a chosen one, and of all since a chosen one, at random, with a journal that is
// pruned at a few changes; where it is asked for, restarts, and values that somebody else sets. In the end everything
// is rolled back. What is wrong on the way: a rollback that is refused without a reason, a value of somebody else's
// that is overwritten or one of twctl's that is called theirs, another value than the newest change in force has set.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apply/chosen_changes.hpp"
#include "journal/journal.hpp"
#include "journal/values_left.hpp"
#include "platform/platform.hpp"

namespace twctl::test {

// Settings by their keys and boot files by their paths.
using WalkedState = std::map<std::string, std::optional<std::string>>;

struct WalkedApply {
  std::vector<SettingChange> settings;  // of each what it is to be after
  bool live = true;
  bool boot = true;
  std::string boot_file;
};

class WalkedHost {
 public:
  WalkedHost() = default;
  WalkedHost(const WalkedHost&) = delete;
  WalkedHost& operator=(const WalkedHost&) = delete;
  virtual ~WalkedHost() = default;

  [[nodiscard]] virtual WalkedState state() = 0;
  [[nodiscard]] virtual std::vector<Change> journal() = 0;
  [[nodiscard]] virtual Result<void> apply(const WalkedApply& wish) = 0;
  [[nodiscard]] virtual Result<bool> roll_back(const RollbackRequest& request) = 0;  // false: nothing was left to undo
  [[nodiscard]] virtual std::vector<ValueLeft> left() = 0;
  [[nodiscard]] virtual Origin place() = 0;  // of its changes now
  // Of the whole host, or in the same boot of a container, which gets another network namespace.
  virtual void restart(bool same_boot) = 0;
  virtual void set_by_somebody(const std::string& key, const std::string& value) = 0;
};

struct HistoryWalk {
  std::uint32_t seed = 1;
  int steps = 100;
  JournalLimits limits = {};
  std::map<std::string, std::vector<std::string>> wishes;  // values of each setting
  bool live_only = false;                                  // no boot files
  bool boot_only = true;                                   // some for the next boot alone
  bool restarts = false;
  std::map<std::string, std::vector<std::string>> somebodys = {};  // values that somebody else sets, and never a wish
};

// The commands themselves, on a host in memory or a real one.
class WalkedPlatform : public WalkedHost {
 public:
  WalkedPlatform(Platform& host, const HistoryWalk& walk) : host_(host), walk_(walk) {}
  WalkedState state() override;
  std::vector<Change> journal() override;
  Result<void> apply(const WalkedApply& wish) override;
  Result<bool> roll_back(const RollbackRequest& request) override;
  std::vector<ValueLeft> left() override;
  Origin place() override { return origin_of(host_.host_facts().value()); }
  void restart(bool same_boot) override { (void)same_boot; }
  void set_by_somebody(const std::string& key, const std::string& value) override;

 private:
  Platform& host_;
  const HistoryWalk& walk_;
};

// Only what decides: which changes are folded and what a rollback puts back. A hundred times as fast.
class WalkedModel : public WalkedHost {
 public:
  WalkedModel(const WalkedState& first, const HistoryWalk& walk) : first_(first), state_(first), walk_(walk) {}
  WalkedState state() override { return state_; }
  std::vector<Change> journal() override { return journal_; }
  Result<void> apply(const WalkedApply& wish) override;
  Result<bool> roll_back(const RollbackRequest& request) override;
  std::vector<ValueLeft> left() override;
  Origin place() override { return origin_; }
  void restart(bool same_boot) override;
  void set_by_somebody(const std::string& key, const std::string& value) override { state_[key] = value; }

 private:
  void commit(Intent intent);
  void prune();
  [[nodiscard]] Whereabouts where(const Origin& origin) const;

  WalkedState first_;
  WalkedState state_;
  Origin origin_{.boot_id = "1", .network_namespace = "1", .netns = ""};
  const HistoryWalk& walk_;
  std::vector<Change> journal_;
  std::uint64_t made_ = 0;
};

// The values of settings that a boot takes from these boot files, each in its turn.
[[nodiscard]] std::map<std::string, std::string> values_at_boot(const WalkedState& state);

// What went wrong: a run that failed, as nothing stood in its way, more changes kept than the limits allow, other
// values in the end than in the beginning. "": nothing.
[[nodiscard]] std::string walk_history(WalkedHost& host, const HistoryWalk& walk);

}  // namespace twctl::test
