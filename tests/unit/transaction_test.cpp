// The protocol on a host in memory: killed at every call, failed at every call, and with somebody else's hand between
// any two calls. tests/crash does the same to the real program with real system calls.
#include "support/transaction.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "apply/recover.hpp"
#include "journal/journal.hpp"
#include "journal/record.hpp"
#include "support/memory_host.hpp"
#include "support/names.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

// fin_timeout 60 -> 30, tw_reuse 2 -> 1, and a boot file that was not there.
Intent intent(ChangeKind kind = ChangeKind::apply) {
  return Intent{.id = std::string(31, '0') + "a",
                .sequence = 1,
                .kind = kind,
                .undoes = {},
                .author = {},
                .reason = {},
                .profiles = {"busy-client"},
                .accepted = {},
                .origin = {"boot-1", "net-1", ""},
                .settings = {{kFin, "60", "30"}, {kReuse, "2", "1"}},
                .files = {{kBootFile, std::nullopt, "new bytes"}}};
}

struct TestHost : MemoryHost {
  TestHost() {
    facts.boot_id = "boot-1";
    facts.network_namespace = "net-1";
    store.set(kFin, "60");
    store.set(kReuse, "2");
  }
  [[nodiscard]] std::string live(const std::string& key) { return store.live.at(key).value; }
  [[nodiscard]] bool all_old() { return live(kFin) == "60" && live(kReuse) == "2" && !disk.files.contains(kBootFile); }
  [[nodiscard]] bool all_new() {
    return live(kFin) == "30" && live(kReuse) == "1" && disk.files.contains(kBootFile) &&
           disk.files.at(kBootFile) == "new bytes";
  }
};

// `act` at the n-th call; the calls counted so far tell the caller when n was beyond the end.
int at_call(MemoryHost& host, int n, const std::function<std::optional<Error>(std::string_view)>& act,
            const std::function<void()>& run) {
  int calls = 0;
  host.set_step([&](std::string_view call) { return ++calls == n ? act(call) : std::nullopt; });
  run();
  host.set_step([](std::string_view) { return std::nullopt; });
  return calls;
}

// What a run that succeeds has to finish or undo first; it tells of each as the journal then has it.
std::vector<Ended> recoveries_of(MemoryHost& host) {
  std::vector<Ended> recoveries;
  const auto journal =
      recover_and_open_journal(host, {.recovered = [&](const Ended& recovery) { recoveries.push_back(recovery); }});
  CHECK(journal);
  const std::vector<Change> changes = load_changes(host.state()).value();
  for (const Ended& ended : recoveries) {
    CHECK(std::find(changes.begin(), changes.end(), ended.change) != changes.end());
  }
  return recoveries;
}

std::optional<Error> kill_here(std::string_view /*call*/) { throw Killed{}; }

void run_until_killed(const std::function<void()>& run) {
  try {
    run();
  } catch (const Killed&) {
    return;
  }
}

// When the first setting is written, and the second is not.
void killed_amid_writing(MemoryHost& host, const Intent& intent) {
  host.set_step([](std::string_view call) { return call == "setting written" ? kill_here(call) : std::nullopt; });
  run_until_killed([&] { (void)run_transaction(host, intent); });
  host.set_step([](std::string_view) { return std::nullopt; });
}

// Fails call `n`, and if `sticky` every later one too; `calls` counts them.
auto failing(int n, bool sticky, int& calls) {
  return [n, sticky, &calls](std::string_view) {
    ++calls;
    const bool fails = calls == n || (sticky && calls > n);
    return fails ? std::optional(Error{.code = ErrorCode::failed, .message = "Input/output error"}) : std::nullopt;
  };
}

// After a run that met a fault: its exit was true, and one recovery leaves all old or all new.
void check_told_and_mended(TestHost& host, const Result<Change>& change) {
  host.set_step([](std::string_view) { return std::nullopt; });
  if (change) CHECK(host.all_new());
  if (!change && change.error().code != ErrorCode::partial) CHECK(host.all_old());
  REQUIRE(recover_and_open_journal(host, {}));
  CHECK((host.all_old() || host.all_new()));
}

}  // namespace

TEST_CASE("a change that nothing disturbs is live, in the boot file, committed and finished") {
  TestHost host;
  const Result<Change> change = run_transaction(host, intent());
  REQUIRE(change);
  CHECK(host.all_new());
  CHECK(load_changes(host.state()) == std::vector<Change>{*change});
  CHECK(is_committed(*change));
}

TEST_CASE("killed at any call, one recovery leaves all old or all new, and a second one nothing to do") {
  int points = 0;
  for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
    TestHost host;
    const int calls =
        at_call(host, n, kill_here, [&] { run_until_killed([&] { (void)run_transaction(host, intent()); }); });
    if (calls < n) break;
    ++points;
    CAPTURE(n);
    REQUIRE(recover_and_open_journal(host, {}));
    CHECK((host.all_old() || host.all_new()));
    CHECK(recoveries_of(host).empty());
    CHECK(host.boot.staged_files.empty());
  }
  CHECK(points >= 20);
  MESSAGE("kill points tried: ", points);
}

TEST_CASE("killed at any call and again at any call of the recovery, a third run still mends it") {
  int pairs = 0;
  for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
    bool first_reached = false;
    for (int m = 1; m < kMoreCallsThanAnyRun; ++m) {
      TestHost host;
      first_reached =
          at_call(host, n, kill_here, [&] { run_until_killed([&] { (void)run_transaction(host, intent()); }); }) >= n;
      const int calls =
          at_call(host, m, kill_here, [&] { run_until_killed([&] { (void)recover_and_open_journal(host, {}); }); });
      if (!first_reached || calls < m) break;
      ++pairs;
      CAPTURE(n);
      CAPTURE(m);
      REQUIRE(recover_and_open_journal(host, {}));
      CHECK((host.all_old() || host.all_new()));
    }
    if (!first_reached) break;
  }
  CHECK(pairs > 150);
  MESSAGE("pairs of kill points tried: ", pairs);
}

TEST_CASE("after a reboot in the middle, one recovery and one boot leave all old or all new") {
  for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
    TestHost host;
    const int calls =
        at_call(host, n, kill_here, [&] { run_until_killed([&] { (void)run_transaction(host, intent()); }); });
    if (calls < n) break;
    CAPTURE(n);
    host.facts.boot_id = "boot-2";  // the kernel starts from its defaults, and the loader reads the file if it is there
    const bool persisted = host.disk.files.contains(kBootFile);
    host.store.set(kFin, persisted ? "30" : "60");
    host.store.set(kReuse, persisted ? "1" : "2");
    REQUIRE(recover_and_open_journal(host, {}));
    CHECK((host.all_old() || host.all_new()));
  }
}

TEST_CASE("after a reboot in the middle, the values that the kernel starts from are no conflict") {
  for (const ChangeKind kind : {ChangeKind::apply, ChangeKind::rollback}) {
    for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
      TestHost host;
      const int calls =
          at_call(host, n, kill_here, [&] { run_until_killed([&] { (void)run_transaction(host, intent(kind)); }); });
      if (calls < n) break;
      CAPTURE(n);
      host.facts.boot_id = "boot-2";
      host.store.set(kFin, "59");  // neither old nor new
      host.store.set(kReuse, "0");
      for (const Ended& recovery : recoveries_of(host)) CHECK(recovery.leftovers.none());
      CHECK(host.live(kFin) == "59");
    }
  }
}

TEST_CASE("failed at any call, once or from there on, the exit tells the truth and one recovery mends the rest") {
  for (const bool sticky : {false, true}) {
    for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
      TestHost host;
      int calls = 0;
      host.set_step(failing(n, sticky, calls));
      const Result<Change> change = run_transaction(host, intent());
      if (calls < n) break;
      CAPTURE(n);
      CAPTURE(sticky);
      check_told_and_mended(host, change);
      if (change) CHECK(host.all_new());
    }
  }
}

TEST_CASE("where the journal alone fails, once or from there on, one recovery still leaves all old or all new") {
  for (const bool sticky : {false, true}) {
    for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
      TestHost host;
      int calls = 0;
      host.journal.step = failing(n, sticky, calls);
      const Result<Change> change = run_transaction(host, intent());
      if (calls < n) break;
      CAPTURE(n);
      CAPTURE(sticky);
      check_told_and_mended(host, change);
    }
  }
}

TEST_CASE("a change that another run has decided to roll back meanwhile is rolled back, and says so") {
  TestHost host;
  host.set_step([&](std::string_view call) {
    if (call == "publish decision")
      host.journal.changes.begin()->second["decision"] = encode({Decision::roll_back, {}});
    return std::nullopt;
  });
  const Result<Change> change = run_transaction(host, intent());
  REQUIRE_FALSE(change);
  CHECK(change.error().code == ErrorCode::failed);
  CHECK(change.error().message == "it was decided to roll it back; every value is back as it was");
  CHECK(host.all_old());
  CHECK(load_changes(host.state()).value().at(0).decision == Decision::roll_back);
}

TEST_CASE("a recovery whose end cannot be recorded says that the change is not finished, not that all is as before") {
  TestHost host;
  killed_amid_writing(host, intent());
  host.journal.step = [](std::string_view call) {
    return call == "publish done" ? std::optional(Error{.code = ErrorCode::failed, .message = "disk full"})
                                  : std::nullopt;
  };
  const auto journal = recover_and_open_journal(host, {});
  REQUIRE_FALSE(journal);
  CHECK(journal.error().code == ErrorCode::partial);
  CHECK(journal.error().message ==
        "change 0000000000000000000000000000000a could not be finished: "
        "/var/lib/twctl/changes/00000001-0000000000000000000000000000000a/done cannot be recorded: disk full");
}

TEST_CASE("where nobody can tell which boot or network namespace this is, nothing is recovered or begun") {
  for (std::string HostFacts::*fact : {&HostFacts::boot_id, &HostFacts::network_namespace}) {
    TestHost host;
    killed_amid_writing(host, intent());
    const auto before = host.store.live;
    host.facts.*fact = "";
    const auto journal = recover_and_open_journal(host, {});
    REQUIRE_FALSE(journal);
    CHECK(journal.error().code == ErrorCode::failed);
    CHECK(journal.error().message == "it cannot be told which boot and network namespace this is");
    CHECK(host.store.live == before);
  }
}

TEST_CASE("a value that somebody else sets between any two calls is never overwritten") {
  for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
    TestHost host;
    const int calls = at_call(
        host, n,
        [&](std::string_view call) {
          // Between the last look and the write there is no compare-and-swap in procfs: the one moment left out.
          if (call != "write setting") host.store.set(kFin, "45");
          return std::nullopt;
        },
        [&] { (void)run_transaction(host, intent()); });
    if (calls < n) break;
    CAPTURE(n);
    REQUIRE(recover_and_open_journal(host, {}));
    if (host.live(kFin) != "45") CHECK(host.all_new());
  }
}

TEST_CASE("a boot file that somebody else changes before the decision is kept, and the change undone") {
  TestHost host;
  host.set_step([&](std::string_view call) {
    if (call == "setting written") host.disk.files[kBootFile] = "theirs";
    return std::nullopt;
  });
  const Result<Change> change = run_transaction(host, intent());
  REQUIRE_FALSE(change);
  CHECK(change.error().code == ErrorCode::failed);
  CHECK(change.error().message ==
        "somebody else has changed /etc/sysctl.d/60-twctl.conf meanwhile; every value is back as it was");
  CHECK(host.disk.files.at(kBootFile) == "theirs");
  CHECK(host.live(kFin) == "60");
}

TEST_CASE("a rollback goes on past what somebody else has changed meanwhile, and lists it") {
  TestHost host;
  host.set_step([&](std::string_view call) {
    if (call == "create folder") host.store.set(kFin, "45");
    return std::nullopt;
  });
  const Result<Change> change = run_transaction(host, intent(ChangeKind::rollback));
  REQUIRE_FALSE(change);
  CHECK(change.error().code == ErrorCode::partial);
  CHECK(change.error().message ==
        "change 0000000000000000000000000000000a: done but for what is somebody else's: "
        "net.ipv4.tcp_fin_timeout: somebody else's (45), kept");
  CHECK(host.live(kFin) == "45");
  CHECK(host.live(kReuse) == "1");
}

TEST_CASE("a signal between two writes undoes the first and says so") {
  TestHost host;
  host.set_step([&](std::string_view call) {
    if (call == "setting written") host.process.signalled = true;
    return std::nullopt;
  });
  const Result<Change> change = run_transaction(host, intent());
  REQUIRE_FALSE(change);
  CHECK(change.error().code == ErrorCode::interrupted);
  CHECK(change.error().message == "interrupted by a signal; every value is back as it was");
  CHECK(host.all_old());
}

TEST_CASE("the values of a namespace that is no more end as gone, and those of a living one are refused") {
  for (const bool living : {false, true}) {
    TestHost host;
    Intent inside = intent();
    inside.origin.loaded_at_boot = false;
    killed_amid_writing(host, inside);
    host.facts.network_namespace = "net-2";
    if (living) host.other_living_namespaces = {"net-1"};
    host.facts.initial_network_namespace = false;
    if (living) CHECK(recover_and_open_journal(host, {}).error().code == ErrorCode::refused);
    if (!living) CHECK(recoveries_of(host).at(0).change.done->ending == Ending::gone);
  }
}
