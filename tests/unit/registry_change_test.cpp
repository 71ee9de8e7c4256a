// The protocol on a Windows host in memory: one registry, whose values outlast a boot and take effect at the next one.
#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "apply/recover.hpp"
#include "journal/history.hpp"
#include "journal/journal.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"
#include "support/transaction.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

const std::string kDelay = "TcpTimedWaitDelay";
const Value kTextValue = "hex(1):33,00,30,00,00,00";  // somebody's REG_SZ "30"
const std::string kId = std::string(31, '0') + "a";

struct WindowsHost : MemoryHost {
  explicit WindowsHost(const std::optional<Value>& delay = std::nullopt) {
    facts.os = Os::windows;
    facts.boot_id = "boot-1";
    process.author = {.uid = 0, .login_uid = {}, .sudo_user = "", .account = "WEB1\\ann", .time = 1700000000};
    store.registry = true;
    if (delay) store.set(kDelay, *delay);
  }
  [[nodiscard]] std::optional<Value> delay() {
    const auto found = store.live.find(kDelay);
    return found == store.live.end() ? std::nullopt : std::optional(found->second.value);
  }
};

Intent intent(const std::optional<Value>& before, const Value& after) {
  return Intent{.id = kId,
                .sequence = 1,
                .kind = ChangeKind::apply,
                .undoes = {},
                .author = {.uid = 0, .login_uid = {}, .sudo_user = {}, .account = "WEB1\\ann", .time = 1700000000},
                .reason = {},
                .profiles = {"classic"},
                .accepted = {},
                .origin = {"boot-1", "", ""},
                .settings = {{kDelay, before, after}},
                .files = {}};
}

Ran status_of(MemoryHost& host) { return run_on(host, {"status"}); }

}  // namespace

TEST_CASE("Windows: a value that was absent is made, settled once after the last write, and committed") {
  WindowsHost host;
  const Result<Change> change = run_transaction(host, intent(std::nullopt, "60"));
  REQUIRE(change);
  CHECK(host.delay() == "60");
  CHECK(host.store.syncs == 1);
  CHECK(load_changes(host.state()) == std::vector<Change>{*change});
}

TEST_CASE("Windows: killed at any call, one recovery leaves the old value or the new one, in this boot or the next") {
  int points = 0;
  for (const bool rebooted : {false, true}) {
    for (const std::optional<Value>& before :
         {std::optional<Value>(), std::optional<Value>("120"), std::optional(kTextValue)}) {
      for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
        WindowsHost host(before);
        if (!killed_at(host, n, [&] { (void)run_transaction(host, intent(before, "60")); })) break;
        ++points;
        CAPTURE(n);
        if (rebooted) host.facts.boot_id = "boot-2";
        const bool decided = !host.journal.changes.empty() && host.journal.changes.begin()->second.contains("decision");
        REQUIRE(recover_and_open_journal(host, {}));
        CHECK(host.delay() == (decided ? "60" : before));
        CHECK(status_of(host).results.find("Drift") == std::string::npos);
      }
    }
  }
  CHECK(points >= 60);
  MESSAGE("kill points tried: ", points);
}

TEST_CASE("Windows: killed at any call of a recovery, the next one still puts the old value back and settles it") {
  int points = 0;
  for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
    WindowsHost host(kTextValue);
    host.set_step([](std::string_view call) -> std::optional<Error> {
      if (call == "setting written") throw Killed{};
      return std::nullopt;
    });
    CHECK_THROWS_AS((void)run_transaction(host, intent(kTextValue, "60")), Killed);
    REQUIRE(host.delay() == "60");
    if (!killed_at(host, n, [&] { (void)recover_and_open_journal(host, {}); })) break;
    ++points;
    CAPTURE(n);
    const int syncs = host.store.syncs;
    const bool done = host.journal.changes.begin()->second.contains("done");
    REQUIRE(recover_and_open_journal(host, {}));
    CHECK(host.delay() == kTextValue);
    CHECK(host.store.syncs == syncs + (done ? 0 : 1));
  }
  CHECK(points >= 5);
}

TEST_CASE("Windows: values that cannot be settled are taken back") {
  WindowsHost host;
  int calls = 0;
  host.set_step([&](std::string_view call) {
    const bool first = call == "sync settings" && ++calls == 1;
    return first ? std::optional(Error{.code = ErrorCode::failed, .message = "the registry cannot be flushed"})
                 : std::nullopt;
  });
  const Result<Change> change = run_transaction(host, intent(std::nullopt, "60"));
  REQUIRE_FALSE(change);
  CHECK(change.error().message == "the registry cannot be flushed; every value is back as it was");
  CHECK_FALSE(host.delay());
}

TEST_CASE("Windows: rollback deletes a value that was absent, and puts one of a wrong type back as it was") {
  for (const std::optional<Value>& before : {std::optional<Value>(), std::optional(kTextValue)}) {
    WindowsHost host(before);
    REQUIRE(run_transaction(host, intent(before, "60")));
    host.facts.boot_id = "boot-2";  // takes nothing away, so there is something to roll back
    const Ran dry = run_on(host, {"rollback", "--dry-run"});
    CHECK(dry.results.find("~ TcpTimedWaitDelay  60 -> " + before.value_or("absent") + "\n") != std::string::npos);
    const Ran ran = run_on(host, {"rollback", "--yes"});
    CHECK(ran.status == 0);
    CHECK(host.delay() == before);
    CHECK(ran.results.find("restart    needed: TcpTimedWaitDelay takes effect when Windows has started again\n") !=
          std::string::npos);
    CHECK(run_on(host, {"rollback", "--yes"}).results == "Nothing is left to roll back.\n");
  }
}

TEST_CASE("Windows: a rollback is a document as on Linux, with a restart required where the boot took another value") {
  for (const bool rebooted : {false, true}) {
    WindowsHost host;
    REQUIRE(run_transaction(host, intent(std::nullopt, "60")));
    if (rebooted) host.facts.boot_id = "boot-2";
    const Ran ran = run_on(host, {"rollback", "--yes", "--json"});
    CHECK(against_schema(ran.results, "rollback") == "");
    CHECK(json_of(ran)["restart_required"] == rebooted);
    CHECK(json_of(ran)["settings"][0]["takes_effect"] == "restart");
    CHECK(json_of(ran)["settings"][0]["desired"] == nullptr);
  }
}

TEST_CASE("Windows: status remembers that a restart is needed until there has been one") {
  WindowsHost host;
  REQUIRE(run_transaction(host, intent(std::nullopt, "60")));
  CHECK(status_of(host).results.starts_with(
      "Restart needed: TcpTimedWaitDelay takes effect when Windows has started again.\n"));
  const Ran json = run_on(host, {"status", "--json"});
  CHECK(against_schema(json.results, "status") == "");
  CHECK(json_of(json)["restart_required"] == true);
  host.facts.boot_id = "boot-2";
  CHECK(status_of(host).results.starts_with("Everything is as twctl left it. Nothing is pending.\n"));
  CHECK(json_of(run_on(host, {"status", "--json"}))["restart_required"] == false);
}

TEST_CASE("Windows: after a boot a value that somebody else has set is drift, and stops a rollback") {
  WindowsHost host;
  REQUIRE(run_transaction(host, intent(std::nullopt, "60")));
  host.facts.boot_id = "boot-2";
  host.store.set(kDelay, "120");
  CHECK(status_of(host).results.find("Drift: TcpTimedWaitDelay is 120; change 00000000 left 60\n") !=
        std::string::npos);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 3);
  CHECK(host.delay() == "120");
  CHECK(run_on(host, {"rollback", "--yes", "--force", kDelay}).status == 0);
  CHECK_FALSE(host.delay());
}

TEST_CASE("Windows: history names the account, and the command that restores by hand") {
  WindowsHost host;
  REQUIRE(run_transaction(host, intent(std::nullopt, "60")));
  const Ran ran = run_on(host, {"history", kId});
  CHECK(ran.results.find("    who        WEB1\\ann\n") != std::string::npos);
  CHECK(ran.results.find("reg import \"\\var\\lib\\twctl\\changes\\00000001-" + kId + "\\restore.reg\"\n") !=
        std::string::npos);
  const Ran json = run_on(host, {"history", "--json"});
  CHECK(against_schema(json.results, "history") == "");
  CHECK(json_of(json)["changes"][0]["who"]["account"] == "WEB1\\ann");
  CHECK(json_of(json)["changes"][0]["who"]["uid"] == nullptr);
  CHECK(host.process.log_lines.at(0) == "apply " + kId + ": committed: TcpTimedWaitDelay absent -> 60; by WEB1\\ann");
}

TEST_CASE("Windows: --confirm-within is not supported, says why, and touches nothing, and nothing awaits confirm") {
  WindowsHost host;
  const Ran ran = run_on(host, {"apply", "--yes", "--set", "TcpTimedWaitDelay=60", "--confirm-within", "60"});
  CHECK(ran.status == 69);
  CHECK(ran.messages.find("registry values are on disk at once and take effect at a restart") != std::string::npos);
  CHECK_FALSE(host.delay());
  CHECK(host.journal.changes.empty());
  CHECK(run_on(host, {"confirm"}).status == 3);
}

TEST_CASE("Windows: recover mends what was interrupted, whatever the boot or its identity") {
  for (const std::string boot : {"boot-1", "boot-2", ""}) {
    WindowsHost host;
    CHECK(run_on(host, {"recover"}).results == "Nothing to recover.\n");
    host.set_step([](std::string_view call) -> std::optional<Error> {
      if (call == "setting written") throw Killed{};
      return std::nullopt;
    });
    CHECK_THROWS_AS((void)run_transaction(host, intent(std::nullopt, "60")), Killed);
    host.set_step([](std::string_view) { return std::nullopt; });
    REQUIRE(host.delay() == "60");
    host.facts.boot_id = boot;
    const Ran ran = run_on(host, {"recover"});
    CHECK(ran.status == 0);
    CHECK(ran.messages == "twctl: change 00000000 had been interrupted and was rolled back\n");
    CHECK_FALSE(host.delay());
  }
}

TEST_CASE("a restart is awaited for what was left in a setting since the boot, as long as that is another value") {
  const auto changed = [](std::string boot, std::optional<Value> before, std::optional<Value> after) {
    Change change{.folder = {}, .intent = intent(before, ""), .applied = false, .decision = {}, .done = Done{}};
    change.intent.settings[0].after = std::move(after);
    change.intent.origin.boot_id = std::move(boot);
    return change;
  };
  using Keys = std::vector<std::string>;
  const Change there = changed("b", std::nullopt, "60");
  const Change back = changed("b", "60", std::nullopt);
  Change rolled_back = there;
  rolled_back.done->ending = Ending::rolled_back;
  Change on_linux = there;
  on_linux.intent.settings = {{"net.ipv4.tcp_fin_timeout", "60", "30"}};
  CHECK(awaiting_restart({}, "b") == Keys{});
  CHECK(awaiting_restart({there}, "b") == Keys{kDelay});
  CHECK(awaiting_restart({there, back}, "b") == Keys{});
  CHECK(awaiting_restart({there, back, there}, "b") == Keys{kDelay});
  CHECK(awaiting_restart({there}, "c") == Keys{});
  CHECK(awaiting_restart({there, changed("c", "60", "90")}, "c") == Keys{kDelay});
  CHECK(awaiting_restart({there}, "") == Keys{kDelay});
  CHECK(awaiting_restart({rolled_back}, "b") == Keys{});
  CHECK(awaiting_restart({on_linux}, "b") == Keys{});
}
