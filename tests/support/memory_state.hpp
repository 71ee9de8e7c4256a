// The state directory and the boot files in memory. Every call first asks `step`, so that a test can fail it, change
// the host behind twctl's back, or end the run there as kill -9 would.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/boot_file_store.hpp"
#include "platform/state_store.hpp"

namespace twctl::test {

// Answers nullopt to let a call through, or the error that it gives instead.
using Step = std::function<std::optional<Error>(std::string_view call)>;

class MemoryFolder final : public DurableFolder {
 public:
  using Files = std::map<std::string, std::string>;
  std::map<std::string, Files> changes;  // the folders whose names begin with no dot, which are those of changes
  std::map<std::string, Files> litter;   // the others
  Files files;                           // what lies in no folder
  bool fixed = false;                    // a folder of a change cannot be renamed, as in a lower layer of overlayfs
  Step step = [](std::string_view) { return std::nullopt; };

  Result<std::vector<std::string>> names() override;
  Result<std::optional<std::string>> read(const std::string& path, std::size_t limit) override;
  Result<bool> has(const std::string& path) override;
  Result<void> make_folder(const std::string& name) override;
  Result<void> create_file(const std::string& path, std::string_view bytes) override;
  Result<Move> rename_new(const std::string& from, const std::string& to) override;
  Result<void> sync(const std::string& folder) override;
  Result<void> remove(const std::string& path) override;

 private:
  std::map<std::string, Files>& folders_like(const std::string& name) {
    return name.starts_with('.') ? litter : changes;
  }
  Files* files_of(const std::string& path);  // null: no such folder
  bool exists(const std::string& path);
};

class MemoryState : public StateStore {
 public:
  explicit MemoryState(const std::string& root = "") : StateStore(root + "/var/lib/twctl/changes", '/') {}

  MemoryFolder folder;
  std::optional<Error> refuses;  // what each use of the directory answers instead
  bool locked_by_another = false;
  bool announced = false;              // the file "pending" is there
  bool concluded = false;              // the newest of them, there or not
  bool watched = false;                // by a watchdog that was started while this run held its lock
  bool attended = false;               // by the path unit's service
  std::optional<Error> unusable = {};  // what taking the lock answers

  Result<bool> hold(Lock lock, std::chrono::milliseconds wait) override;
  Result<void> check_usable(Caller) override { return unusable ? Result<void>(fail(*unusable)) : Result<void>(); }
  void let_go(Lock lock) override;
  bool is_held(Lock lock) override {
    if (lock == Lock::run) return locked_by_another || held_;
    return announced && (lock == Lock::watchdog ? watched || arming_ : attended);
  }
  Result<void> withdraw_pending() override;
  Result<bool> conclude_pending() override;
  bool claim_pending() override;

 protected:
  Result<DurableFolder*> open(bool create) override;

 private:
  bool made_ = false;
  bool held_ = false;    // by this run
  bool arming_ = false;  // this run holds the watchdog's lock
  bool claimed_ = false;

 public:
  std::map<std::string, MemoryFolder::Files>& changes = folder.changes;  // folder -> record -> bytes
  Step& step = folder.step;
};

class MemoryBootFiles : public BootFileStore {
 public:
  explicit MemoryBootFiles(std::map<std::string, std::string, std::less<>>& files) : files_(files) {}

  std::map<std::string, std::string> staged_files;  // by path and id
  Step step = [](std::string_view) { return std::nullopt; };

  Result<std::optional<std::string>> read(std::string_view path) override;
  std::map<std::string, Error, std::less<>> not_writable;  // path -> what check_writable() answers
  std::string doubt;                                       // what else it answers

  Result<std::string> check_writable(std::string_view path, std::optional<std::size_t> bytes) override;
  Result<void> stage(std::string_view path, const std::string& id, const std::optional<std::string>& bytes) override;
  Result<std::optional<std::string>> staged(std::string_view path, const std::string& id) override;
  Result<bool> publish(std::string_view path, const std::string& id, const std::optional<std::string>& before) override;
  Result<bool> ensure_on_disk(std::string_view path, const std::string& id,
                              const std::optional<std::string>& before) override;
  Result<bool> remove(std::string_view path, const std::string& id, const std::string& before) override;
  std::vector<Error> sweep(const std::string& spared) override;

 private:
  std::map<std::string, std::string, std::less<>>& files_;
};

}  // namespace twctl::test
