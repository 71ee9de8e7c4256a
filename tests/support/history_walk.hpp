// A long history on one host: applies, rollbacks of the last change in force, of the last change of all, and of all
// since a chosen one, at random, with a journal that is pruned at a few changes. In the end everything is rolled back.
// Nobody else is at work.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apply/rollback_plan.hpp"
#include "journal/journal.hpp"
#include "platform/platform.hpp"

namespace twctl::test {

// Settings by their keys and boot files by their paths.
using WalkedState = std::map<std::string, std::optional<std::string>>;

struct WalkedApply {
  std::string key;
  std::string value;
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
};

struct HistoryWalk {
  std::uint32_t seed = 1;
  int steps = 100;
  JournalLimits limits = {};
  std::map<std::string, std::vector<std::string>> wishes;  // values of each setting
  bool live_only = false;                                  // no boot files
};

// The commands themselves, on a host in memory or a real one.
class WalkedPlatform : public WalkedHost {
 public:
  WalkedPlatform(Platform& host, const HistoryWalk& walk) : host_(host), walk_(walk) {}
  WalkedState state() override;
  std::vector<Change> journal() override;
  Result<void> apply(const WalkedApply& wish) override;
  Result<bool> roll_back(const RollbackRequest& request) override;

 private:
  Platform& host_;
  const HistoryWalk& walk_;
};

// Only what decides: which changes are folded and what a rollback puts back. A hundred times as fast.
class WalkedModel : public WalkedHost {
 public:
  WalkedModel(WalkedState first, const HistoryWalk& walk) : state_(std::move(first)), walk_(walk) {}
  WalkedState state() override { return state_; }
  std::vector<Change> journal() override { return journal_; }
  Result<void> apply(const WalkedApply& wish) override;
  Result<bool> roll_back(const RollbackRequest& request) override;

 private:
  void commit(Intent intent);
  void prune();

  WalkedState state_;
  const HistoryWalk& walk_;
  std::vector<Change> journal_;
  std::uint64_t made_ = 0;
};

// What went wrong: a run that failed, as nothing stood in its way, more changes kept than the limits allow, other
// values in the end than in the beginning. "": nothing.
[[nodiscard]] std::string walk_history(WalkedHost& host, const HistoryWalk& walk);

}  // namespace twctl::test
