// Whatever has been changed, undone and pruned, the history leads back to the first values.
#include "support/history_walk.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

// Under sanitizers a walk takes eight times as long: there the short ones, and all of them in the suite kernel.
#ifdef TWCTL_SANITIZED
constexpr int kLongestWalk = 200;
#else
constexpr int kLongestWalk = 1000;
#endif

const std::string kConf = "# ours\nnet.ipv4.tcp_fin_timeout = 60\n";

const WalkedState kFirst = {{"net.ipv4.tcp_fin_timeout", "60"},
                            {"net.ipv4.tcp_tw_reuse", "2"},
                            {"net.core.somaxconn", "4096"},
                            {std::string(kOwnBootFile), std::nullopt},
                            {std::string(kSysctlConf), kConf}};

HistoryWalk walk_of(std::uint32_t seed, int steps, std::size_t keep) {
  return {.seed = seed,
          .steps = steps,
          .limits = {.prune_above = keep + seed % 6, .keep = keep},
          .wishes = {{"net.ipv4.tcp_fin_timeout", {"59", "58", "60"}},
                     {"net.ipv4.tcp_tw_reuse", {"0", "1", "2"}},
                     {"net.core.somaxconn", {"8192", "16384", "32768"}}}};
}

}  // namespace

TEST_CASE("H27: after 10,000 random changes, rollbacks and prunings the first values come back each time") {
  std::uint32_t seed = 0;
  for (const std::size_t keep : {3, 4, 5, 8, 15, 30, 60, 99}) {
    for (const int steps : {50, 200, 1000}) {
      const HistoryWalk walk = walk_of(++seed, std::min(steps, kLongestWalk), keep);
      WalkedModel host(kFirst, walk);
      CHECK(walk_history(host, walk) == "");
    }
  }
}

namespace {

// `restarts` and what else is asked for in every combination.
std::vector<HistoryWalk> walks_with(std::uint32_t seed, int steps, std::size_t keep) {
  std::vector<HistoryWalk> walks;
  for (const bool boot_only : {false, true}) {
    for (const bool disturbed : {false, true}) {
      HistoryWalk walk = walk_of(++seed, steps, keep);
      walk.restarts = true;
      walk.boot_only = boot_only;
      if (disturbed) walk.somebodys = {{"net.ipv4.tcp_fin_timeout", {"33", "34"}}};
      walks.push_back(walk);
    }
  }
  return walks;
}

}  // namespace

TEST_CASE("H27: over restarts, in two boot files, and beside somebody else, nobody's value is taken for another's") {
  std::uint32_t seed = 1000;
  for (const std::size_t keep : {3, 8, 30, 99}) {
    for (int i = 0; i < 8; ++i) {
      const int steps = i == 7 ? 150 : 10 + 4 * i;
      for (const HistoryWalk& walk : walks_with(seed += 10, steps, keep)) {
        WalkedModel host(kFirst, walk);
        CHECK(walk_history(host, walk) == "");
      }
    }
  }
}

TEST_CASE("H27: the commands too lead back to the first values, through a journal that is pruned at a few changes") {
  std::uint32_t seed = 100;
  for (const std::size_t keep : {3, 6, 20}) {
    MemoryHost memory;
    stock_host(memory);
    memory.disk.files[std::string(kSysctlConf)] = kConf;
    const HistoryWalk walk = walk_of(++seed, 80, keep);
    WalkedPlatform host(memory, walk);
    CHECK(walk_history(host, walk) == "");
  }
}

namespace {

class RestartingHost : public WalkedPlatform {
 public:
  RestartingHost(MemoryHost& host, const HistoryWalk& walk)
      : WalkedPlatform(host, walk), memory_(host), first_(state()) {}

  void restart(bool same_boot) override {
    memory_.facts.network_namespace = "namespace-" + std::to_string(++restarts_);
    if (!same_boot) memory_.facts.boot_id = "boot-" + std::to_string(restarts_);
    for (const auto& [what, value] : first_) {
      if (what.front() != '/') memory_.store.set(what, *value);
    }
    for (const auto& [key, value] : values_at_boot(state())) memory_.store.set(key, value);
  }

 private:
  MemoryHost& memory_;
  WalkedState first_;
  int restarts_ = 0;
};

}  // namespace

TEST_CASE("H27: the commands too tell whose a value is over restarts, in two boot files, and beside somebody else") {
  std::uint32_t seed = 2000;
  for (const std::size_t keep : {3, 20}) {
    for (const int steps : {10, 20, 60}) {
      for (const HistoryWalk& walk : walks_with(seed += 10, steps, keep)) {
        MemoryHost memory;
        stock_host(memory);
        memory.disk.files[std::string(kSysctlConf)] = kConf;
        memory.disk.links["/etc/sysctl.d/99-sysctl.conf"] = std::string(kSysctlConf);
        RestartingHost host(memory, walk);
        CHECK(walk_history(host, walk) == "");
      }
    }
  }
}

namespace {

// `fixed`: the folders of changes cannot be renamed, which takes longer; every third call, then.
void check_killed_prunings(bool fixed) {
  bool whole = false;
  for (int last = 0; !whole; last += fixed ? 3 : 1) {
    MemoryHost memory;
    stock_host(memory);
    memory.journal.folder.fixed = fixed;
    const HistoryWalk walk{.seed = 1,
                           .steps = 0,
                           .limits = {.prune_above = 3, .keep = 2},
                           .wishes = {{"net.ipv4.tcp_fin_timeout", {}}, {"net.ipv4.tcp_tw_reuse", {}}}};
    WalkedPlatform host(memory, walk);
    const WalkedState first = host.state();
    const auto apply = [&](const std::string& key, const std::string& value) {
      return host.apply({.settings = {{key, {}, value}}, .boot_file = std::string(kOwnBootFile)});
    };
    for (const char* value : {"50", "49", "48"}) REQUIRE(apply("net.ipv4.tcp_fin_timeout", value));
    REQUIRE(host.roll_back({}));
    int calls = 0;
    memory.set_step([&](std::string_view) -> std::optional<Error> {
      if (calls++ == last) throw Killed{};
      return std::nullopt;
    });
    try {
      whole = apply("net.ipv4.tcp_tw_reuse", "1").has_value();
    } catch (const Killed&) {
    }
    memory.set_step([](std::string_view) { return std::nullopt; });
    REQUIRE(run_on(memory, {"recover"}).status == 0);
    const Ran status = run_on(memory, {"status"});
    CHECK(status.results.find("Drift") == std::string::npos);
    for (int i = 0; i < 10 && host.roll_back({}) == true; ++i) continue;
    CHECK(host.state() == first);
    CHECK(host.journal().size() <= 8);
    CHECK(memory.journal.folder.litter.empty());
  }
}

}  // namespace

TEST_CASE("H27: a run that is killed at any call while it prunes loses nothing: the first values come back") {
  check_killed_prunings(false);
}

TEST_CASE("N08: nor does one that is killed where a change's folder cannot be renamed") { check_killed_prunings(true); }

TEST_CASE("H27: history says what is folded, in a list, of one change, and as JSON") {
  MemoryHost memory;
  stock_host(memory);
  const HistoryWalk walk{.seed = 1, .steps = 0, .limits = {.prune_above = 2, .keep = 2}, .wishes = {}};
  WalkedPlatform host(memory, walk);
  for (const char* value : {"50", "49", "48", "47"}) {
    REQUIRE(host.apply({.settings = {{"net.ipv4.tcp_fin_timeout", {}, value}}, .boot = false, .boot_file = ""}));
  }
  const Ran list = run_on(memory, {"history"});
  CHECK(list.results.find(", and 2 later ones (1 setting), by ") != std::string::npos);
  const Ran one = run_on(memory, {"history", host.journal().front().intent.id});
  CHECK(one.results.find("2 later changes, the last of 2023-11-14") != std::string::npos);
  const Ran json = run_on(memory, {"history", "--json"});
  CHECK(json.results.find("\"folded\"") != std::string::npos);
  CHECK(run_on(memory, {"rollback", "--yes", "--to", host.journal().front().intent.id}).status == 0);
  CHECK(memory.store.live.at("net.ipv4.tcp_fin_timeout").value == "60");
}
