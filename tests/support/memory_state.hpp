// The state directory and the boot files in memory. Every call first asks `step`, so that a test can fail it, change
// the host behind twctl's back, or end the run there as kill -9 would.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/durable_store.hpp"

namespace twctl::test {

// Answers nullopt to let a call through, or the error that it gives instead.
using Step = std::function<std::optional<Error>(std::string_view call)>;

class MemoryState : public StateStore {
 public:
  std::map<std::string, std::map<std::string, std::string>> changes;  // folder -> record -> bytes
  bool locked_by_another = false;
  Step step = [](std::string_view) { return std::nullopt; };

  [[nodiscard]] std::string location() const override { return "/var/lib/twctl/changes"; }
  Result<void> lock(std::chrono::milliseconds wait) override;
  void unlock() override {}
  bool announced = false;  // the file "pending" is there
  bool watched = false;
  bool attended = false;  // by the path unit's service
  Result<void> announce_pending() override;
  void hand_over_pending() override {}
  void attend_pending() override { attended = announced; }
  bool is_waiting(Waiter who) override { return announced && (who == Waiter::watchdog ? watched : attended); }
  Result<void> withdraw_pending() override;
  Result<std::vector<std::string>> folders() override;
  Result<std::optional<std::string>> read(const std::string& folder, const std::string& name,
                                          std::size_t limit) override;
  Result<void> create_folder(const std::string& folder, const std::vector<NamedBytes>& files) override;
  Result<bool> publish_if(const std::string& folder, const std::string& name, std::string_view bytes,
                          const std::function<bool()>& still) override;
  Result<void> remove_folders(const std::vector<std::string>& folders) override;
  Result<void> sweep() override { return {}; }
};

class MemoryBootFiles : public BootFileStore {
 public:
  explicit MemoryBootFiles(std::map<std::string, std::string, std::less<>>& files) : files_(files) {}

  std::map<std::string, std::string> staged_files;  // by path and id
  Step step = [](std::string_view) { return std::nullopt; };

  Result<std::optional<std::string>> read(std::string_view path) override;
  Result<void> check_writable(std::string_view path) override;
  Result<void> stage(std::string_view path, const std::string& id, std::string_view bytes) override;
  Result<std::optional<std::string>> staged(std::string_view path, const std::string& id) override;
  Result<bool> publish(std::string_view path, const std::string& id, const std::optional<std::string>& before) override;
  Result<bool> settle(std::string_view path, const std::string& id, const std::optional<std::string>& before) override;
  Result<bool> remove(std::string_view path, const std::string& id, const std::string& before) override;
  Result<void> sweep(const std::string& spared) override;

 private:
  std::map<std::string, std::string, std::less<>>& files_;
};

}  // namespace twctl::test
