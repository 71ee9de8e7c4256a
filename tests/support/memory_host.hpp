// A host in memory: what a test puts into its maps exists, and nothing else does. No clock, no disk.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
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
  std::set<std::string, std::less<>> no_programs;            // files without the right to be executed; others have it

  Result<std::optional<std::string>> read(std::string_view path, std::size_t limit) override;
  Result<std::vector<std::string>> list(std::string_view directory) override;
  std::optional<std::string> link_target(std::string_view path) override;
  bool exists(std::string_view path) override;
  bool executable(std::string_view path) override;
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
  int syncs = 0;                                       // how often sync() was asked

  void set(const std::string& key, std::string value) {
    live[key] = LiveValue{LiveValue::State::present, std::move(value), false, {}};
  }
  Step step = [](std::string_view) { return std::nullopt; };

  Result<LiveValue> read(const Setting& setting) override;
  std::vector<StrayValue> strays() override { return astray; }
  Result<void> check_writable(const Setting& setting) override;
  Result<void> write(const Setting& setting, const std::optional<Value>& value) override;
  Result<void> sync() override;
};

// Time passes as the test says, or as somebody sleeps. A watchdog is only counted: a test calls keep_watch().
class MemoryTimers : public DeadlineTimers {
 public:
  explicit MemoryTimers(MemoryState& state) : state_(state) {}

  std::chrono::nanoseconds clock{std::chrono::hours(1)};
  bool can_fork = true;
  bool exhausted = false;       // no descriptor is left
  bool path_unit_acts = false;  // its service begins to wait as soon as anybody sleeps
  Surroundings around;
  int watchdogs_started = 0;
  int starters_ended = 0;
  // As keep_watch() is given it.
  [[nodiscard]] Starter starter() {
    return {.release = [] {},
            .end =
                [this] {
                  ++starters_ended;
                  state_.locked_by_another = false;
                }};
  }

  std::chrono::nanoseconds now() override { return clock; }
  void sleep_until(std::chrono::nanoseconds time) override {
    clock = std::max(clock, time);
    if (path_unit_acts) (void)state_.hold(StateStore::Lock::path_unit, {});
  }
  Surroundings surroundings() override { return around; }
  Result<void> start_watchdog(const Watch& /*body*/) override {
    if (exhausted) return fail(ErrorCode::failed, "no watchdog can be started: Too many open files");
    if (!can_fork) return fail(ErrorCode::refused, "no watchdog can be started: Resource temporarily unavailable");
    ++watchdogs_started;
    state_.watched = true;
    return {};
  }

 private:
  MemoryState& state_;
};

// A list of sockets and what the kernel would have counted. A restart can be played, as after a dump cut short.
class MemorySockets : public SocketSource {
 public:
  std::vector<Socket> table;
  Counters counted;
  std::optional<EarlierCounters> earlier;
  std::optional<std::vector<Socket>> table_later;  // from the second reading of the counters on
  std::vector<Counters> counted_later;             // what the second and later readings answer; the last one stays
  SocketOwners holders;                            // `owner` as index by inode - 1
  std::optional<Error> broken;
  bool restarts = false;
  std::vector<IpAddress> addresses;  // of the host, sorted

  Result<StateCounts> count_states() override;
  Result<void> dump(const SocketQuery& query, const SocketSink& sink) override;

  void came_from(SocketOrigin origin) { origin_ = origin; }
  void listen_on(int port) {
    Socket& socket = table.emplace_back();
    socket.state = TcpState::listen;
    socket.local_port = static_cast<std::uint16_t>(port);
  }
  Result<Counters> counters() override;
  Result<std::optional<EarlierCounters>> earlier_counters() override { return earlier; }
  std::vector<IpAddress> own_addresses() override { return addresses; }
  SocketOwners owners(std::span<const std::uint32_t> inodes) override;

 private:
  std::size_t readings_ = 0;
};

class MemoryRun : public Run {
 public:
  RunFacts author{.uid = 0, .login_uid = 1000, .sudo_user = "ann", .account = "", .time = 1700000000};
  bool signalled = false;
  std::vector<std::string> log_lines;
  int ids_given = 0;

  RunFacts facts() override { return author; }
  Result<std::string> random_id() override;
  bool interrupted() override { return signalled; }
  void catch_interrupts() override {}
  void log(const std::string& line) override { log_lines.push_back(line); }
};

// What a test furnishes, below what twctl sees.
struct MemoryParts {
  explicit MemoryParts(const std::string& root) : journal(root) {}

  MemoryRun process;
  MemorySockets connections;
  MemoryStore store;
  MemoryFiles disk;
  MemoryState journal;
  MemoryBootFiles boot{disk.files};
  MemoryTimers time{journal};
};

class MemoryHost : public MemoryParts, public Platform {
 public:
  explicit MemoryHost(const std::string& root = "", LoadBench* bench = nullptr)  // as --root has it
      : MemoryParts(root), Platform({process, store, disk, connections, journal, boot, time, bench}) {}

  HostFacts facts;
  int namespaces = 0;
  std::vector<std::string> other_living_namespaces;          // by identity, each where it was
  std::map<std::string, std::string> moved_namespaces = {};  // by identity: where --netns finds it by now
  InhabitedNamespaces inhabited{.all = {{.netns = "", .pid = 1, .process = "systemd", .processes = 1}}};

  // Every call that changes something, or could fail on the way there, asks this first.
  void set_step(const Step& step) { store.step = journal.step = boot.step = step; }

  Result<HostFacts> host_facts() override { return facts; }
  OtherNamespaces other_network_namespaces(std::size_t /*most_processes*/) override { return {.count = namespaces}; }
  NamespaceFinder namespace_finder() override;
  InhabitedNamespaces inhabited_namespaces() override { return inhabited; }
};

// How a run ends that is killed: thrown by a step.
struct Killed {};

constexpr int kMoreCallsThanAnyRun = 1000;

// `run`, killed at its n-th call. false: it has fewer.
bool killed_at(MemoryHost& host, int n, const std::function<void()>& run);

// `run`, killed at the first call of that name.
void killed_at(MemoryHost& host, std::string_view call, const std::function<void()>& run);

}  // namespace twctl::test
