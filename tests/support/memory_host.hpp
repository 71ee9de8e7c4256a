// A host in memory: what a test puts into its maps exists, and nothing else does. No clock, no disk.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/platform.hpp"
#include "support/memory_state.hpp"

namespace twctl::test {

class MemoryFiles : public HostFiles {
 public:
  std::map<std::string, std::string, std::less<>> files;     // path -> bytes; a directory exists by what is in it
  std::map<std::string, std::string, std::less<>> links;     // path -> target as written
  std::map<std::string, Error, std::less<>> errors;          // path -> what reading it answers
  std::map<std::string, std::string, std::less<>> distrust;  // path -> why read_profile() does not trust it
  std::map<std::string, std::string, std::less<>> written;   // what write_output() was given

  Result<std::optional<std::string>> read(std::string_view path, std::size_t limit) override;
  Result<std::vector<std::string>> list(std::string_view directory) override;
  std::optional<std::string> link_target(std::string_view path) override;
  bool exists(std::string_view path) override;
  std::vector<std::string> profile_directories() override;
  Result<TrustedBytes> read_profile(std::string_view path, std::size_t limit) override;
  Result<void> write_output(std::string_view path, std::string_view bytes) override;

 private:
  [[nodiscard]] std::string follow(std::string_view path) const;  // through `links`, of the last component only
};

class MemoryStore : public SettingStore {
 public:
  std::map<std::string, LiveValue, std::less<>> live;  // by catalogue key; others are absent
  std::optional<Error> broken;                         // what every read answers instead
  std::vector<StrayValue> astray;                      // what strays() answers
  bool registry = false;                               // a value that is absent can be made
  int settled = 0;                                     // how often settle() was asked

  void set(const std::string& key, std::string value) {
    live[key] = LiveValue{LiveValue::State::present, std::move(value), false, {}};
  }
  Step step = [](std::string_view) { return std::nullopt; };

  Result<LiveValue> read(const Setting& setting) override;
  std::vector<StrayValue> strays() override { return astray; }
  Result<void> check_writable(const Setting& setting) override;
  Result<void> write(const Setting& setting, const std::optional<Value>& value) override;
  Result<void> settle() override;
};

// Time passes as the test says, or as somebody sleeps. A watchdog is only counted: a test calls keep_watch().
class MemoryTimers : public DeadlineTimers {
 public:
  explicit MemoryTimers(MemoryState& state) : state_(state) {}

  std::chrono::nanoseconds clock{std::chrono::hours(1)};
  bool can_fork = true;
  bool path_unit_enabled = false;
  bool path_unit_acts = false;  // its service begins to wait as soon as anybody sleeps
  int watchdogs_started = 0;
  int starters_ended = 0;

  std::chrono::nanoseconds now() override { return clock; }
  void sleep_until(std::chrono::nanoseconds time) override {
    clock = std::max(clock, time);
    if (path_unit_acts) state_.attend_pending();
  }
  Result<void> start_watchdog(const Watch& /*body*/) override {
    if (!can_fork) return fail(ErrorCode::failed, "no watchdog can be started: Resource temporarily unavailable");
    ++watchdogs_started;
    state_.watched = true;
    return {};
  }
  void end_starter() override {
    ++starters_ended;
    state_.locked_by_another = false;
  }
  bool path_unit_is_enabled() override { return path_unit_enabled; }

 private:
  MemoryState& state_;
};

// A list of sockets and what the kernel would have counted. A restart can be played, as after a dump cut short.
class MemorySockets : public SocketSource {
 public:
  std::vector<Socket> table;
  Counters counted;
  std::optional<EarlierCounters> earlier;
  std::vector<Counters> counted_later;  // what the second and later readings answer; the last one stays
  SocketOwners holders;                 // `owner` as index by inode - 1
  std::optional<Error> broken;
  bool restarts = false;
  SocketOrigin from = SocketOrigin::netlink;

  Result<StateCounts> count_states() override;
  Result<void> dump(const SocketQuery& query, const SocketSink& sink) override;
  [[nodiscard]] SocketOrigin origin() const override { return from; }
  Result<Counters> counters() override;
  Result<std::optional<EarlierCounters>> earlier_counters() override { return earlier; }
  SocketOwners owners(std::span<const std::uint32_t> inodes) override;

 private:
  std::size_t readings_ = 0;
};

class MemoryHost : public Platform {
 public:
  HostFacts facts;
  MemorySockets connections;
  MemoryStore store;
  MemoryFiles disk;
  std::int64_t hash_entries = 0;
  std::string command_line;
  std::vector<int> ports;
  int namespaces = 0;
  bool superuser = false;
  MemoryState journal;
  MemoryBootFiles boot{disk.files};
  MemoryTimers time{journal};
  std::vector<std::string> other_living_namespaces;
  bool signalled = false;
  std::vector<std::string> log_lines;
  int ids_given = 0;

  // Every call that changes something, or could fail on the way there, asks this first.
  void set_step(const Step& step) { store.step = journal.step = boot.step = step; }

  Result<HostFacts> host_facts() override { return facts; }
  SettingStore& settings() override { return store; }
  HostFiles& files() override { return disk; }
  std::int64_t tcp_hash_entries() override { return hash_entries; }
  std::string kernel_command_line() override { return command_line; }
  Result<std::vector<int>> listening_ports() override { return ports; }
  OtherNamespaces other_network_namespaces(std::size_t /*most_processes*/) override { return {.count = namespaces}; }
  bool is_superuser() override { return superuser; }
  StateStore& state() override { return journal; }
  BootFileStore& boot_files() override { return boot; }
  DeadlineTimers& timers() override { return time; }
  RunFacts author{.uid = 0, .login_uid = 1000, .sudo_user = "ann", .account = "", .time = 1700000000};
  RunFacts run_facts() override { return author; }
  Result<std::string> random_id() override;
  bool namespace_exists(const std::string& identity) override;
  bool interrupted() override { return signalled; }
  void catch_interrupts() override {}
  SocketSource& sockets() override { return connections; }
  void log(const std::string& line) override { log_lines.push_back(line); }
};

}  // namespace twctl::test
