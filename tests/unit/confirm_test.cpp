// apply --confirm-within, confirm, and what acts at the deadline, on a host in memory whose time the test moves.
#include "apply/confirm.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apply/watchdog.hpp"
#include "base/text.hpp"
#include "journal/journal.hpp"
#include "journal/record.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"

using namespace twctl;
using namespace twctl::test;
using std::chrono::seconds;

namespace {

const Args kTry{"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30", "--confirm-within", "2m"};
constexpr seconds kWithin{120};

struct TriedHost : StockHost {
  [[nodiscard]] bool all_old() { return fin() == "60" && !has_boot_file(); }
  [[nodiscard]] bool all_new() { return fin() == "30" && has_boot_file(); }
  void run_watchdog() { keep_watch(*this, load_changes(state()).value().back(), time.starter()); }
};

bool killed_at_call(TriedHost& host, int n, const Args& args) {
  return killed_at(host, n, [&] { (void)run_on(host, args); });
}

// The n-th call of the run fails, and with `sticky` all that follow; nullopt if it has fewer.
std::optional<Ran> failed_at_call(TriedHost& host, int n, bool sticky, const Args& args) {
  int calls = 0;
  host.set_step([&](std::string_view) -> std::optional<Error> {
    ++calls;
    const bool fails = sticky ? calls >= n : calls == n;
    return fails ? std::optional(Error{ErrorCode::failed, "it failed"}) : std::nullopt;
  });
  Ran ran = run_on(host, args);
  host.set_step([](std::string_view) { return std::nullopt; });
  return calls >= n ? std::optional(std::move(ran)) : std::nullopt;
}

bool is_confirmed(TriedHost& host) {
  const std::vector<Change> changes = load_changes(host.state()).value();
  return !changes.empty() && changes.back().decision == Decision::commit;
}

// A pending change has set where the ports of plain users begin, and then somebody a port range below the old value.
struct HeldBackHost : TriedHost {
  HeldBackHost() {
    store.set("net.ipv4.ip_unprivileged_port_start", "1024");
    store.set("net.ipv4.ip_local_port_range", "32768 60999");
    CHECK(run_on(*this, {"apply", "--yes", "--scope", "live", "--confirm-within", "60", "--accept", "protection-lower",
                         "--set", "net.ipv4.ip_unprivileged_port_start=500", "--set", "net.ipv4.tcp_fin_timeout=30"})
              .status == 0);
    store.set("net.ipv4.ip_local_port_range", "600 60999");
  }
  [[nodiscard]] std::string first_port() { return store.live.at("net.ipv4.ip_unprivileged_port_start").value; }
};

// The change before the pending one has ended, and then one byte of a record of it was changed.
struct DamagedHost : TriedHost {
  explicit DamagedHost(const std::string& record) {
    CHECK(run_on(*this, {"apply", "--yes", "--scope", "live", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
    CHECK(run_on(*this, kTry).status == 0);
    std::string& bytes = journal.changes.begin()->second.at(record);
    bytes.back() = 'x';
  }
  [[nodiscard]] std::string pending_id() const { return journal.changes.rbegin()->first.substr(9); }
};

}  // namespace

TEST_CASE("N47: what the value of another setting keeps from going back is told so, and the next run finishes it") {
  HeldBackHost host;
  const std::string held =
      "net.ipv4.ip_unprivileged_port_start cannot become 1024 while net.ipv4.ip_local_port_range is 600 60999: change "
      "that one first, or, where it is to stay, set net.ipv4.ip_unprivileged_port_start to another value than 500 "
      "yourself";
  const std::string change = "twctl: change " + newest_id(host);
  const Ran dry = run_on(host, {"rollback", "--dry-run"});
  CHECK(dry.status == 4);
  CHECK(dry.messages == change + ": not everything would be put back: " + held + "; nothing was changed: a dry run\n");
  const Ran ran = run_on(host, {"rollback", "--yes"});
  CHECK(ran.status == 4);
  CHECK(ran.messages == change + ": not everything could be put back: " + held +
                            "\n  hint: `twctl recover` ends the change, once the cause is mended\n");
  CHECK(host.first_port() == "500");
  CHECK(host.fin() == "60");
  CHECK(run_on(host, {"recover"}).status == 4);
  host.store.set("net.ipv4.ip_local_port_range", "32768 60999");
  CHECK(run_on(host, {"recover"}).status == 0);
  CHECK(host.first_port() == "1024");
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
}

TEST_CASE("N47: where that other value is to stay, any other one of the setting's own ends the change, which is kept") {
  HeldBackHost host;
  CHECK(run_on(host, {"rollback", "--yes"}).status == 4);
  host.store.set("net.ipv4.ip_unprivileged_port_start", "600");
  CHECK(run_on(host, {"recover"}).status == 4);
  CHECK(run_on(host, {"recover"}).status == 0);
  CHECK(host.first_port() == "600");
}

TEST_CASE("N47: the watchdog puts back what another setting's value has kept as soon as that lets it") {
  HeldBackHost host;
  int locks = 0;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    if (call == "lock" && ++locks == 4) host.store.set("net.ipv4.ip_local_port_range", "32768 60999");
    return std::nullopt;
  });
  host.run_watchdog();
  CHECK(locks == 4);
  CHECK(host.first_port() == "1024");
  CHECK(run_on(host, {"recover"}).status == 0);
}

TEST_CASE("P5: a change that awaits confirmation is live, and nothing that a boot reads has changed") {
  TriedHost host;
  const Ran ran = run_on(host, kTry);
  CHECK(ran.status == 0);
  CHECK(host.fin() == "30");
  CHECK_FALSE(host.has_boot_file());
  const std::string id = newest_id(host);
  CHECK(ran.results.find("    keep       twctl confirm " + id.substr(0, 8) +
                         "\n               within 120 s, until 2023-11-14 22:15:20 UTC\n") != std::string::npos);
  CHECK(ran.results.find("    timers     watchdog only; it may end when you log out\n") != std::string::npos);
}

TEST_CASE("apply and status name the second timer where its unit is installed, and nowhere else") {
  const std::string second = "twctl-deadline.path";
  for (const bool installed : {false, true}) {
    StockHost host;
    host.time.around.path_unit_installed = installed;
    CHECK((run_on(host, kTry).results.find(second) != std::string::npos) == installed);
    CHECK((run_on(host, {"status"}).results.find(second) != std::string::npos) == installed);
  }
}

TEST_CASE("apply -q still says how to confirm, and until when") {
  TriedHost host;
  Args args = kTry;
  args.emplace_back("-q");
  const Ran ran = run_on(host, args);
  CHECK(ran.status == 0);
  CHECK(ran.results ==
        "Pending: twctl confirm " + newest_id(host).substr(0, 8) + " (within 120 s, until 2023-11-14 22:15:20 UTC)\n");
  CHECK(run_on(host, {"confirm"}).status == 0);
}

TEST_CASE("apply --json says pending, for how long, and which timers stand") {
  TriedHost host;
  host.time.around.path_unit_enabled = host.time.path_unit_acts = true;
  Args args = kTry;
  args.emplace_back("--json");
  const Ran ran = run_on(host, args);
  CHECK(against_schema(ran.results, "apply") == "");
  const auto document = json_of(ran);
  CHECK(document["state"] == "pending");
  CHECK(document["pending"]["seconds_left"] == 120);
  CHECK(document["pending"]["deadline"] == "2023-11-14T22:15:20Z");
  CHECK(document["pending"]["timers"] == nlohmann::json{{"watchdog", true}, {"path_unit", true}});
  CHECK(document["diff"]["after"] == "net.ipv4.tcp_fin_timeout = 30\n");
}

TEST_CASE("confirm --dry-run says what confirm will say, and keeps nothing") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  const auto records = host.journal.changes;
  const Ran shown = run_on(host, {"confirm", "--dry-run"});
  CHECK(shown.status == 0);
  CHECK(shown.results == "Change " + newest_id(host).substr(0, 8) +
                             " awaits confirmation\n~ /etc/sysctl.d/60-twctl.conf  written\n"
                             "\nNothing was changed: a dry run.\n");
  const Ran dry = run_on(host, {"confirm", "--dry-run", "--json", "--detailed-exitcode"});
  CHECK(against_schema(dry.results, "confirm") == "");
  CHECK(host.journal.changes == records);
  CHECK_FALSE(host.has_boot_file());
  const Ran run = run_on(host, {"confirm", "--json", "--detailed-exitcode"});
  CHECK((dry.status == 2 && run.status == 2));
  const auto looked = json_of(dry);
  for (const std::string member : {"id", "state", "changed", "diff"}) CHECK(looked[member] == json_of(run)[member]);
  CHECK((looked["dry_run"] == true && looked["change"]["state"] == "pending"));
  CHECK(looked["diff"]["after"].get<std::string>().find("\nnet.ipv4.tcp_fin_timeout = 30\n") != std::string::npos);
  const Ran again = run_on(host, {"confirm", "--dry-run", "--json", "--detailed-exitcode"});
  CHECK((again.status == 0 && json_of(again)["changed"] == false && json_of(again)["diff"]["after"] == ""));
}

TEST_CASE("confirm --dry-run refuses what confirm refuses, with its words") {
  const auto hold = [](const std::function<void(TriedHost&)>& furnish) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    furnish(host);
    const Ran dry = run_on(host, {"confirm", "--dry-run"});
    const Ran run = run_on(host, {"confirm"});
    CHECK((dry.status == 3 && run.status == 3));
    return std::pair(dry.messages, run.messages);
  };
  const auto same = [&](const std::function<void(TriedHost&)>& furnish) {
    const auto [dry, run] = hold(furnish);
    CHECK(dry == run);
  };
  same([](TriedHost& host) { CHECK(run_on(host, {"rollback", "--yes"}).status == 0); });
  same([](TriedHost& host) { host.store.set(kFin, "45"); });
  const auto [dry, run] = hold([](TriedHost& host) { host.time.clock += kWithin; });
  CHECK(dry.find(" was not confirmed in time and has to be taken back first\n  hint: run: twctl recover\n") !=
        std::string::npos);
  CHECK(run.find(" was not confirmed in time: it was rolled back at ") != std::string::npos);
}

TEST_CASE("confirm writes the boot file and ends it, and a second confirm does nothing") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.time.clock += kWithin - seconds(1);
  const Ran ran = run_on(host, {"confirm", "--json", "--detailed-exitcode"});
  CHECK(ran.status == 2);
  CHECK(against_schema(ran.results, "confirm") == "");
  CHECK(host.all_new());
  CHECK_FALSE(host.journal.announced);
  const std::size_t records = host.journal.changes.begin()->second.size();
  CHECK(run_on(host, {"confirm"}).status == 0);
  CHECK(run_on(host, {"confirm", newest_id(host)}).status == 0);
  CHECK(host.journal.changes.begin()->second.size() == records);
  CHECK(host.process.log_lines.size() == 2);
  CHECK(host.process.log_lines[0].starts_with("apply "));
  CHECK(host.process.log_lines[1].starts_with("confirm "));
}

TEST_CASE(
    "a change that nobody confirmed is said to have gone back by itself, and one that somebody took back is not") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.time.clock += kWithin;
  host.process.author.time += kWithin.count();
  host.run_watchdog();
  const std::string lapsed = "; not confirmed: rolled back by itself at 2023-11-14 22:15:20 UTC";
  CHECK(single_spaced(run_on(host, {"status"}).results).ends_with(lapsed));
  CHECK(single_spaced(run_on(host, {"history"}).results).ends_with(lapsed));
  CHECK(run_on(host, kTry).status == 0);
  CHECK(run_on(host, {"rollback"}).status == 0);
  CHECK(run_on(host, {"status"}).results.find("by itself") == std::string::npos);
}

TEST_CASE("what is live alone is said to go at the next boot: by apply, confirm and status") {
  StockHost host;
  Args args = kTry;
  args.insert(args.end(), {"--scope", "live"});
  CHECK(run_on(host, args).status == 0);
  const std::string id = newest_id(host).substr(0, 8);
  CHECK(run_on(host, {"confirm"})
            .results.starts_with("Confirmed: change " + id +
                                 " stays; no file was changed; net.ipv4.tcp_fin_timeout only until the next\n"
                                 "boot, then 60.\n"));
  CHECK(run_on(host, {"status"})
            .results.starts_with("Everything is as twctl left it. Nothing is pending.\n"
                                 "Live only: net.ipv4.tcp_fin_timeout is 30 until the next boot, then 60 (change " +
                                 id + ")\n"));
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  const Ran json = run_on(host, {"status", "--json"});
  CHECK(against_schema(json.results, "status") == "");
  CHECK(json_of(json)["until_boot"][0]["next"] == "60");
  const Ran again = run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=31", "--scope", "live"});
  CHECK(again.results.find("Done: live values are set and read back, until the next boot.\n") != std::string::npos);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=31"}).status == 0);
  CHECK(run_on(host, {"status"}).results.find("Live only") == std::string::npos);
}

TEST_CASE("the watchdog ends without a trace once it sees a decision") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  CHECK(host.time.watchdogs_started == 1);
  CHECK(run_on(host, {"confirm"}).status == 0);
  host.run_watchdog();
  CHECK(host.all_new());
  CHECK(host.time.starters_ended == 0);
  CHECK(host.process.log_lines.size() == 2);
}

TEST_CASE("P6: at the deadline the watchdog rolls the change back, and confirm then comes too late") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  const auto began = host.time.clock;
  host.run_watchdog();
  CHECK(host.time.clock == began + kWithin);
  CHECK(host.all_old());
  CHECK(host.boot.staged_files.empty());
  CHECK_FALSE(host.journal.announced);
  CHECK(host.process.log_lines.back().starts_with("timeout of "));
  const Ran late = run_on(host, {"confirm", newest_id(host)});
  CHECK(late.status == 3);
  CHECK(first_line(late.messages) == "twctl: change " + newest_id(host) +
                                         " was not confirmed in time: it was rolled back at 2023-11-14 22:13:20 UTC");
  const Ran bare = run_on(host, {"confirm"});
  CHECK(bare.status == 3);
  CHECK(bare.messages == late.messages);
  CHECK(host.all_old());
}

TEST_CASE("E17: a starter that still holds the lock at the deadline is ended first") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.journal.locked_by_another = true;
  host.run_watchdog();
  CHECK(host.time.starters_ended == 1);
  CHECK(host.all_old());
}

TEST_CASE("P6: a watchdog whose rollback fails at any call, some times over, tries again until all is old") {
  int points = 0;
  for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    const auto began = host.time.clock;
    int calls = 0;
    int failures = 0;
    host.set_step([&](std::string_view) -> std::optional<Error> {
      const bool fails = host.time.clock >= began + kWithin && ++calls % n == 0 && failures < 3;
      return fails ? std::optional(Error{ErrorCode::failed, fmt::format("failure {}", ++failures)}) : std::nullopt;
    });
    host.run_watchdog();
    host.set_step([](std::string_view) { return std::nullopt; });
    if (failures == 0) break;
    ++points;
    CAPTURE(n);
    CHECK(host.all_old());
    CHECK(run_on(host, {"recover"}).status == 0);  // what could not be tidied up is left to the next run
    CHECK(host.boot.staged_files.empty());
    CHECK_FALSE(host.journal.announced);
    CHECK(load_changes(host.state()).value().back().done.has_value());
  }
  CHECK(points >= 15);
}

TEST_CASE("P6: what keeps a watchdog from its work is logged once, with the end to follow") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  int failures = 0;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    const bool fails = call == "publish done" && failures < 3;
    return fails ? std::optional(Error{ErrorCode::failed, fmt::format("failure {}", ++failures)}) : std::nullopt;
  });
  host.run_watchdog();
  REQUIRE(host.process.log_lines.size() == 3);
  CHECK(host.process.log_lines[1] == fmt::format("timeout of {0}: the values are back, but it has no end yet: change "
                                                 "{0} could not be finished: /var/lib/twctl/changes/{1}/done cannot be "
                                                 "recorded: failure 1; tried again every 2 s",
                                                 newest_id(host), host.journal.changes.begin()->first));
  CHECK(host.process.log_lines[2].starts_with("timeout of " + newest_id(host) + ": rolled back: "));
}

TEST_CASE("a watchdog whose journal is gone has nothing left to do, and one that is told to end ends") {
  for (const bool told : {false, true}) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    const Change change = load_changes(host.state()).value().back();
    host.set_step([&](std::string_view call) -> std::optional<Error> {
      return call == "folders" ? std::optional(Error{ErrorCode::failed, "no such directory"}) : std::nullopt;
    });
    host.process.signalled = told;
    if (!told) host.journal.changes.clear();
    keep_watch(host, change, host.time.starter());
    const std::string& line = host.process.log_lines.back();
    if (told) CHECK(line.find(" no end yet: /var/lib/twctl/changes: no such directory") != std::string::npos);
    if (!told) CHECK(line.ends_with("; from memory: its record has been taken away"));
    CHECK(host.fin() == "60");
  }
}

TEST_CASE("a watchdog that waits for a lock that nobody lets go ends where it is told to") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  const Change change = load_changes(host.state()).value().back();
  int asked = 0;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    if (call != "lock") return std::nullopt;
    host.process.signalled = ++asked > 3;
    return Error{ErrorCode::busy, "another twctl is at work on this host"};
  });
  keep_watch(host, change, host.time.starter());
  CHECK(asked == 4);
  CHECK(host.fin() == "60");
  CHECK(host.process.log_lines.size() == 2);
}

TEST_CASE("confirm past the deadline with no timer alive rolls back, and is 3") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.time.clock += kWithin;
  const Ran ran = run_on(host, {"confirm"});
  CHECK(ran.status == 3);
  CHECK(ran.messages.starts_with("twctl: change " + newest_id(host).substr(0, 8) +
                                 " was not confirmed in time and was rolled back\ntwctl: change " + newest_id(host) +
                                 " was not confirmed in time: it was rolled back at "));
  CHECK(host.all_old());
  CHECK(host.boot.staged_files.empty());
}

TEST_CASE(
    "history tells a change that nobody confirmed in time from one that somebody took back, and so does recover") {
  TriedHost lapsed;
  CHECK(run_on(lapsed, kTry).status == 0);
  lapsed.time.clock += kWithin;
  const Ran recovered = run_on(lapsed, {"recover", "--json"});
  CHECK(against_schema(recovered.results, "recover") == "");
  CHECK(json_of(recovered)["recovered"][0]["lapsed"] == true);
  CHECK(recovered.messages ==
        "twctl: change " + newest_id(lapsed).substr(0, 8) + " was not confirmed in time and was rolled back\n");
  CHECK(run_on(lapsed, {"history", newest_id(lapsed)})
            .results.find("    went back  2023-11-14 22:13:20 UTC, not confirmed in time\n") != std::string::npos);
  const Ran json = run_on(lapsed, {"history", "--json"});
  CHECK(against_schema(json.results, "history") == "");
  CHECK(json_of(json)["changes"][0]["decided"]["lapsed"] == true);

  TriedHost asked;
  CHECK(run_on(asked, kTry).status == 0);
  CHECK(run_on(asked, {"rollback", "--reason", "ticket 7"}).status == 0);
  const std::string shown = single_spaced(run_on(asked, {"history", newest_id(asked)}).results);
  CHECK(shown.find("taken back 2023-11-14 22:13:20 UTC, by login") != std::string::npos);
  CHECK(shown.find(": ticket 7 ") != std::string::npos);
  const auto decided = json_of(run_on(asked, {"history", "--json"}))["changes"][0]["decided"];
  CHECK(decided["lapsed"] == false);
  CHECK(decided["reason"] == "ticket 7");
  const Ran confirm = run_on(asked, {"confirm"});
  CHECK(confirm.status == 3);
  CHECK(first_line(confirm.messages) ==
        "twctl: change " + newest_id(asked) + " was rolled back at 2023-11-14 22:13:20 UTC, never confirmed");
}

TEST_CASE("the deadline is looked at once more just before the decision, when all but its name is on disk") {
  for (const std::string_view slow : {"read file", "record written"}) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    host.set_step([&](std::string_view call) -> std::optional<Error> {
      if (call == slow) host.time.clock += kWithin;
      return std::nullopt;
    });
    const Ran ran = run_on(host, {"confirm"});
    CAPTURE(slow);
    CHECK(ran.status == 3);
    CHECK(
        first_line(ran.messages).ends_with("was not confirmed in time: it was rolled back at 2023-11-14 22:13:20 UTC"));
    CHECK(host.all_old());
    CHECK(host.boot.staged_files.empty());
    CHECK(host.process.log_lines.back().starts_with("timeout of "));
  }
}

TEST_CASE("a boot file that the pending change has not touched is no conflict when it goes back") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.disk.files[kBootFile] = "theirs";
  CHECK(run_on(host, {"rollback"}).status == 0);
  CHECK(host.fin() == "60");
  CHECK(host.disk.files.at(kBootFile) == "theirs");
}

TEST_CASE("a change that was confirmed and then rolled back does not count as confirmed") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  const std::string id = newest_id(host);
  CHECK(run_on(host, {"confirm"}).status == 0);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(run_on(host, {"confirm", id}).status == 3);
}

TEST_CASE("an apply that takes longer than its own deadline undoes itself") {
  TriedHost host;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    if (call == "setting written") host.time.clock += kWithin;
    return std::nullopt;
  });
  const Ran ran = run_on(host, kTry);
  CHECK(ran.status == 1);
  CHECK(first_line(ran.messages) == "twctl: it took longer than its deadline; every value is back as it was");
  CHECK(host.all_old());
}

TEST_CASE("where no timer can stand, nothing is changed and it is 3") {
  TriedHost host;
  host.time.can_fork = false;
  const Ran ran = run_on(host, kTry);
  CHECK(ran.status == 3);
  CHECK(host.all_old());
  CHECK(run_on(host, {"recover"}).results == "Nothing to recover.\n");
}

TEST_CASE(
    "F15: on a full disk a confirm or a rollback says that all is back, and once there is space recover ends the "
    "change") {
  for (const bool confirms : {true, false}) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    const std::string id = newest_id(host);
    const auto fill = [&](bool full) {
      host.set_step([full](std::string_view call) {
        const bool fails = full && call == "write record";
        return fails ? std::optional(Error{ErrorCode::failed, "No space left on device"}) : std::nullopt;
      });
    };
    const std::string why =
        "/var/lib/twctl/changes/00000001-" + id + "/decision cannot be recorded: No space left on device";
    const std::string back = "every value is back as it was, but that could not be recorded";
    fill(true);
    const Ran ran = confirms ? run_on(host, {"confirm"}) : run_on(host, {"rollback", "--yes"});
    CHECK(ran.status == 4);
    CHECK(ran.messages == "twctl: change " + id + ": " + (confirms ? why + "; " + back : back + ": " + why) +
                              "\n  hint: `twctl recover` ends the change, once the cause is mended\n");
    CHECK(host.all_old());
    CHECK(run_on(host, {"status"})
              .results.starts_with("Interrupted: change " + id.substr(0, 8) +
                                   " has no end; `twctl recover` finishes or undoes it.\n"));
    const Ran tried = run_on(host, {"recover"});
    CHECK(tried.status == 4);
    CHECK(first_line(tried.messages) == "twctl: change " + id + " could not be finished: " + why);
    fill(false);
    CHECK(run_on(host, {"recover"}).status == 0);
    CHECK(run_on(host, {"status"}).results.starts_with("Everything is as twctl left it. Nothing is pending.\n"));
    CHECK_FALSE(host.journal.announced);
    CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=40"}).status == 0);
  }
}

TEST_CASE("H13: where a watchdog cannot be started for want of descriptors, nothing is changed and it is 1") {
  TriedHost host;
  host.time.exhausted = true;
  const Ran ran = run_on(host, kTry);
  CHECK(ran.status == 1);
  CHECK(ran.messages == "twctl: no watchdog can be started: Too many open files; nothing has changed\n");
  CHECK(host.all_old());
}

TEST_CASE(
    "the path unit counts only where its service has begun to wait: it may be masked, or unable to run anything") {
  for (const bool acts : {true, false}) {
    TriedHost host;
    host.time.around.path_unit_enabled = true;
    host.time.path_unit_acts = acts;
    CHECK(run_on(host, kTry).results.find(acts ? "watchdog and twctl-deadline.path\n" : "watchdog only; ") !=
          std::string::npos);
    TriedHost alone;
    alone.time.can_fork = false;
    alone.time.around.path_unit_enabled = true;
    alone.time.path_unit_acts = acts;
    CHECK(run_on(alone, kTry).status == (acts ? 0 : 3));
    CHECK((acts ? alone.fin() == "30" : alone.all_old()));
  }
}

TEST_CASE("a path unit that is enabled while apply asks its question is waited for") {
  TriedHost host;
  host.time.path_unit_acts = true;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    if (call == "stage") host.time.around.path_unit_enabled = true;
    return std::nullopt;
  });
  CHECK(run_on(host, kTry).results.find("watchdog and twctl-deadline.path\n") != std::string::npos);
}

TEST_CASE("H05: where process 1 ends with a session, and the watchdog with it, --confirm-within is 3 unless accepted") {
  for (const std::string init : {"sh", "tini", "\x1b[2J", ""}) {
    TriedHost host;
    host.time.around.mortal_init = init;
    const Ran ran = run_on(host, kTry);
    CHECK(ran.status == 3);
    CHECK(ran.messages.starts_with("twctl: timer-dies-with-container: Process 1 of this pid namespace "));
    CHECK(ran.messages.find('\x1b') == std::string::npos);
    CHECK(host.all_old());
    CHECK(host.journal.changes.empty());
    CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  }
  TriedHost host;
  host.time.around.mortal_init = "sh";
  Args args = kTry;
  args.insert(args.end(), {"--accept", "timer-dies-with-container", "--json"});
  const Ran ran = run_on(host, args);
  CHECK(ran.status == 0);
  CHECK(against_schema(ran.results, "apply") == "");
  CHECK(json_of(ran)["accepted"] == nlohmann::json{"timer-dies-with-container"});
  CHECK(json_of(ran)["state"] == "pending");
}

TEST_CASE("H05: in a service of systemd's the watchdog alone is not enough, and the path unit's timer is") {
  const auto host_in_service = [](bool enabled, bool acts) {
    auto host = std::make_unique<TriedHost>();
    host->time.around = {
        .path_unit_enabled = enabled, .path_unit_installed = true, .mortal_init = {}, .unit = "cron.service"};
    host->time.path_unit_acts = acts;
    return host;
  };
  const auto without = host_in_service(false, false);
  const Ran refused = run_on(*without, kTry);
  CHECK(refused.status == 3);
  CHECK(first_line(refused.messages) ==
        "twctl: this run is part of cron.service, and when that stops, systemd ends the watchdog with it");
  CHECK(refused.messages.find("systemctl enable --now twctl-deadline.path") != std::string::npos);
  CHECK(without->journal.changes.empty());
  const auto masked = host_in_service(true, false);
  const auto begun = masked->time.clock;
  CHECK(run_on(*masked, kTry).status == 3);
  CHECK(masked->time.clock - begun >= seconds(10));
  const auto hurried = host_in_service(true, false);
  CHECK(run_on(*hurried, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30", "--confirm-within", "5"}).status ==
        3);
  CHECK(hurried->time.clock - begun < seconds(5));
  CHECK(masked->all_old());
  CHECK_FALSE(masked->journal.announced);
  CHECK(run_on(*masked, {"recover"}).results == "Nothing to recover.\n");
  CHECK(run_on(*host_in_service(true, true), kTry).status == 0);
}

TEST_CASE("H05: in a session's scope apply names the setting of logind's that would end the watchdog") {
  const auto timers_in = [](std::string unit) {
    TriedHost host;
    host.time.around.unit = std::move(unit);
    host.time.around.path_unit_installed = true;
    const std::string results = run_on(host, kTry).results;
    return results.substr(results.find("    timers"));
  };
  CHECK(single_spaced(timers_in("session-3.scope"))
            .starts_with("timers watchdog only; it may end when you log out: with session-3.scope, if logind.conf has "
                         "KillUserProcesses=yes. A second timer that does not: systemctl enable --now "
                         "twctl-deadline.path "));
  CHECK(timers_in("run-u4.scope").starts_with("    timers     watchdog only; it ends where run-u4.scope is stopped."));
}

TEST_CASE("H06: the record taken away, the watchdog takes the values back at the deadline, and says so") {
  for (const bool whole_directory : {true, false}) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    const Change change = load_changes(host.state()).value().back();
    host.journal.changes.clear();
    if (whole_directory) host.journal.announced = false;
    if (!whole_directory) CHECK(run_on(host, {"recover"}).results == "Nothing to recover.\n");
    keep_watch(host, change, host.time.starter());
    CHECK(host.time.clock >= *change.intent.deadline);
    CHECK(host.all_old());
    CHECK(host.process.log_lines.back().starts_with("timeout of " + change.intent.id + ": rolled back: "));
    CHECK(host.process.log_lines.back().ends_with("; from memory: its record has been taken away"));
  }
}

TEST_CASE("H06: a record of its own change that cannot be read keeps no timer from taking the values back") {
  using Records = MemoryFolder::Files;
  const std::vector<std::function<void(Records&)>> harms = {
      [](Records& records) { records.at("intent").resize(100); },
      [](Records& records) { records.at("intent").clear(); },
      [](Records& records) { records.at("applied") = "x"; },
      [](Records& records) { records["decision"] = "garbage"; },
      [](Records& records) { records["done"] = "garbage"; },
      [](Records& records) { records["done"] = records.at("intent"); },
      [](Records& records) { records["done"] = encode(Done{.ending = Ending::committed, .conflicts = {}}); },
  };
  for (std::size_t harm = 0; harm < harms.size(); ++harm) {
    for (const bool by_unit : {false, true}) {
      CAPTURE(harm);
      CAPTURE(by_unit);
      TriedHost host;
      CHECK(run_on(host, kTry).status == 0);
      const Change change = load_changes(host.state()).value().back();
      host.set_step([&](std::string_view) -> std::optional<Error> {
        if (host.time.clock > std::chrono::hours(1)) harms.at(harm)(host.journal.changes.begin()->second);
        return std::nullopt;
      });
      if (!by_unit) keep_watch(host, change, host.time.starter());
      if (by_unit) CHECK(run_on(host, {"recover", "--when-due"}).status == 65);
      CHECK(host.time.clock >= *change.intent.deadline);
      CHECK(host.all_old());
      CHECK_FALSE(host.journal.announced);
      const std::string& line = host.process.log_lines.back();
      CHECK(line.starts_with("timeout of " + change.intent.id + ": rolled back: "));
      CHECK(line.find("; from memory: change 00000001-" + change.intent.id + ", record ") != std::string::npos);
    }
  }
}

TEST_CASE("H06: an end that no decision has led to is a damaged record, and keeps no watchdog from its work") {
  for (const Ending ending : {Ending::committed, Ending::rolled_back, Ending::gone}) {
    for (const bool beside_decision : {false, true}) {
      if (beside_decision && ending != Ending::committed) continue;  // that is a rollback
      CAPTURE(beside_decision);
      TriedHost host;
      CHECK(run_on(host, kTry).status == 0);
      const Change change = load_changes(host.state()).value().back();
      MemoryFolder::Files& records = host.journal.changes.begin()->second;
      records["done"] = encode(Done{.ending = ending, .conflicts = {}});
      if (beside_decision) records["decision"] = encode(DecisionRecord{.decision = Decision::roll_back, .by = {}});
      const Ran confirm = run_on(host, {"confirm"});
      CHECK(confirm.status == 65);
      CHECK(confirm.messages.find(", record done: no decision that is recorded has led to this end") !=
            std::string::npos);
      CHECK(run_on(host, {"status", "--exit-code"}).status == 2);
      CHECK(run_on(host, {"history"}).status == 65);
      keep_watch(host, change, host.time.starter());
      CHECK(host.time.clock >= *change.intent.deadline);
      CHECK(host.all_old());
    }
  }
}

TEST_CASE("H06: a record that was rewritten takes no change out of its watchdog's hands") {
  const std::vector<std::function<void(Intent&)>> lies = {
      [](Intent& intent) { intent.origin.boot_id = "another-boot"; },
      [](Intent& intent) { intent.settings.at(0).before = "10"; },
      [](Intent& intent) { intent.settings.clear(); },
  };
  for (std::size_t lie = 0; lie < lies.size(); ++lie) {
    for (const bool recovered : {false, true}) {
      CAPTURE(lie);
      CAPTURE(recovered);
      TriedHost host;
      CHECK(run_on(host, kTry).status == 0);
      const Change change = load_changes(host.state()).value().back();
      Intent forged = change.intent;
      lies.at(lie)(forged);
      forged.origin.loaded_at_boot = false;
      host.journal.changes.begin()->second.at("intent") = encode(forged);
      if (recovered) (void)run_on(host, {"recover"});
      keep_watch(host, change, host.time.starter());
      CHECK(host.time.clock >= *change.intent.deadline);
      CHECK(host.all_old());
      CHECK(host.process.log_lines.back().ends_with("; from memory: its record has been rewritten"));
    }
  }
}

TEST_CASE("H06: a lock that is held for ever, or that cannot be taken at all, keeps no watchdog from it either") {
  TriedHost busy;
  CHECK(run_on(busy, kTry).status == 0);
  const Change change = load_changes(busy.state()).value().back();
  int tries = 0;
  busy.set_step([&](std::string_view call) -> std::optional<Error> {
    if (call != "lock") return std::nullopt;
    busy.journal.locked_by_another = ++tries < 5;  // the watchdog has ended its starter at the first
    if (tries == 4) CHECK(busy.fin() == "60");
    return std::nullopt;
  });
  keep_watch(busy, change, busy.time.starter());
  CHECK(tries == 5);
  CHECK(busy.all_old());
  const std::vector<std::string> lines = busy.process.log_lines;
  REQUIRE(lines.size() == 3);
  CHECK(lines.at(1) == "timeout of " + change.intent.id +
                           ": the values are back, but it has no end yet: another twctl is at work on this host; "
                           "tried again every 2 s");
  CHECK(lines.at(2).starts_with("timeout of " + change.intent.id + ": rolled back: "));

  TriedHost denied;  // as of a lock with another mode, which is a link, or a directory
  CHECK(run_on(denied, kTry).status == 0);
  const Change other = load_changes(denied.state()).value().back();
  denied.set_step([&](std::string_view call) -> std::optional<Error> {
    return call == "lock" ? std::optional(Error{ErrorCode::denied, "it is not safe"}) : std::nullopt;
  });
  keep_watch(denied, other, denied.time.starter());
  CHECK(denied.all_old());
  CHECK(denied.process.log_lines.back().ends_with("; from memory: it is not safe"));
  denied.set_step([](std::string_view) { return std::nullopt; });
  CHECK(run_on(denied, {"confirm"}).status == 3);
  CHECK(run_on(denied, {"recover"}).status == 0);
  CHECK(denied.all_old());
}

TEST_CASE("H06: without the lock the decision of whoever comes first counts") {
  for (const bool confirm_first : {false, true}) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    const Change change = load_changes(host.state()).value().back();
    host.journal.locked_by_another = true;  // by a confirm that is stopped
    host.time.clock = *change.intent.deadline;
    int looks = 0;
    bool confirms = confirm_first;
    host.set_step([&](std::string_view call) -> std::optional<Error> {
      if (call == "publish decision" && std::exchange(confirms, false)) {
        CHECK(commit_if(host.state(), change, {}, [] { return true; }) == Decision::commit);
      }
      host.journal.locked_by_another = call != "lock" || ++looks < 4;
      return std::nullopt;
    });
    keep_watch(host, change, host.time.starter());
    CHECK(host.fin() == (confirm_first ? "30" : "60"));
    const Result<Decision> confirmed = commit_if(host.state(), change, {}, [] { return true; });
    CHECK(confirmed == (confirm_first ? Decision::commit : Decision::roll_back));
  }
}

TEST_CASE(
    "H06: an apply that fails takes nothing back once somebody has decided, without its lock, that it is to stay") {
  TriedHost host;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    if (call != "write setting") return std::nullopt;
    const Change change = load_changes(host.state()).value().back();
    CHECK(commit_if(host.state(), change, {}, [] { return true; }) == Decision::commit);
    return Error{ErrorCode::failed, "Input/output error"};
  });
  const Ran ran = run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"});
  CHECK(ran.status == 4);
  CHECK(ran.messages.find("live, but not yet in the boot file; the next run finishes it") != std::string::npos);
  host.set_step([](std::string_view) { return std::nullopt; });
  CHECK(run_on(host, {"recover"}).status == 0);
  CHECK(host.has_boot_file());
}

TEST_CASE("H06: the record taken away, somebody else's later value stays, and what fails is tried again") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  const Change change = load_changes(host.state()).value().back();
  host.journal.changes.clear();
  int failures = 0;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    const bool fails = call == "write setting" && ++failures < 3;
    return fails ? std::optional(Error{ErrorCode::failed, "Input/output error"}) : std::nullopt;
  });
  keep_watch(host, change, host.time.starter());
  CHECK(host.all_old());
  CHECK(host.process.log_lines.size() == 3);

  TriedHost theirs;
  CHECK(run_on(theirs, kTry).status == 0);
  const Change kept = load_changes(theirs.state()).value().back();
  theirs.journal.changes.clear();
  theirs.store.set(kFin, "45");
  keep_watch(theirs, kept, theirs.time.starter());
  CHECK(theirs.fin() == "45");
  CHECK(theirs.process.log_lines.back().find("kept as somebody else set it: net.ipv4.tcp_fin_timeout") !=
        std::string::npos);
}

TEST_CASE("H06: the record of a confirmed change taken away, no watchdog takes anything back") {
  for (const Args& end : {Args{"confirm"}, Args{"rollback"}}) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    const Change change = load_changes(host.state()).value().back();
    CHECK(run_on(host, end).status == 0);
    host.store.set(kFin, "30");  // after a rollback: by somebody else
    host.journal.changes.clear();
    keep_watch(host, change, host.time.starter());
    CHECK(host.fin() == "30");
    CHECK(host.process.log_lines.size() == 2);
  }
}

TEST_CASE("H06: confirm is not done where it could not tell the watchdog") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.journal.announced = false;
  const Ran ran = run_on(host, {"confirm"});
  CHECK(ran.status == 4);
  CHECK(ran.messages.find("its watchdog may not know") != std::string::npos);
  CHECK(host.all_new());
  CHECK(run_on(host, {"confirm"}).status == 0);
}

TEST_CASE("H06: the path unit's service takes the values back too where the record is gone") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.set_step([&](std::string_view) -> std::optional<Error> {
    if (host.time.clock > std::chrono::hours(1)) host.journal.changes.clear();
    return std::nullopt;
  });
  CHECK(roll_back_when_due(host).has_value());
  CHECK(host.all_old());
}

TEST_CASE("nobody waits for a path unit that could not act: the change is made in another network namespace") {
  for (const bool loaded_at_boot : {true, false}) {
    TriedHost host;
    host.time.around.path_unit_enabled = true;
    host.facts.initial_network_namespace = loaded_at_boot;
    const auto begun = host.time.clock;
    CHECK(run_on(host, kTry).status == 0);
    CHECK((host.time.clock > begun) == loaded_at_boot);
  }
}

TEST_CASE("the path unit's service counts only from where it can roll the change back") {
  TriedHost host;
  host.facts.netns = "blue";
  host.facts.network_namespace = "blue's";
  CHECK(run_on(host, kTry).status == 0);
  host.facts.netns = "";
  host.facts.network_namespace = "4026531840";
  host.other_living_namespaces = {"blue's"};
  CHECK(run_on(host, {"recover", "--when-due"}).status == 3);
  CHECK_FALSE(host.journal.attended);
}

TEST_CASE("C02: while one change is pending every other is 75, recover leaves it alone, and status counts down") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.time.clock += seconds(20);
  host.process.author.time += 20;
  const Ran second = run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"});
  CHECK(second.status == 75);
  CHECK(first_line(second.messages) ==
        "twctl: change " + newest_id(host) + " awaits confirmation until 2023-11-14 22:15:20 UTC, 100 s are left");
  CHECK(run_on(host, {"rollback", "--yes", "--to", newest_id(host)}).status == 75);
  const Ran recover = run_on(host, {"recover", "--json"});
  CHECK(recover.status == 0);
  CHECK(against_schema(recover.results, "recover") == "");
  CHECK(json_of(recover)["pending"] == newest_id(host));
  CHECK(host.boot.staged_files.size() == 1);
  const Ran status = run_on(host, {"status", "--json"});
  CHECK(against_schema(status.results, "status") == "");
  CHECK(json_of(status)["pending"]["seconds_left"] == 100);
  CHECK(json_of(status)["pending"]["deadline"] == "2023-11-14T22:15:20Z");
  const std::string id = newest_id(host).substr(0, 8);
  CHECK(run_on(host, {"status"})
            .results.starts_with("Pending: change " + id +
                                 " goes back in 100 s, at 2023-11-14 22:15:20 UTC.\nKeep it: twctl confirm " + id +
                                 "\nTimers: "));
  CHECK(json_of(status)["pending"]["overdue"] == false);
  CHECK(host.fin() == "30");
  CHECK(run_on(host, {"confirm"}).status == 0);
  CHECK(host.all_new());
}

TEST_CASE(
    "the deadline is told by the date as it is: one that is set meanwhile moves what is shown, not the deadline") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.time.clock += seconds(20);
  host.process.author.time += 3620;
  const auto pending = json_of(run_on(host, {"status", "--json"}))["pending"];
  CHECK(pending["seconds_left"] == 100);
  CHECK(pending["deadline"] == "2023-11-14T23:15:20Z");
  CHECK(run_on(host, {"confirm"}).status == 0);
  const Ran history = run_on(host, {"history", "--json"});
  CHECK(against_schema(history.results, "history") == "");
  CHECK(json_of(history)["changes"][0]["deadline"] == "2023-11-14T22:15:20Z");
  CHECK(run_on(host, {"history", newest_id(host)}).results.find("    deadline   2023-11-14 22:15:20 UTC\n") !=
        std::string::npos);
}

TEST_CASE("plan and audit of a host with a pending or overdue change tell of it, and change nothing") {
  TriedHost host;
  CHECK(run_on(host, {"plan", "--json"}).results.find("awaits confirmation") == std::string::npos);
  CHECK(run_on(host, kTry).status == 0);
  const std::string id = newest_id(host).substr(0, 8);
  const std::string note = "change " + id +
                           " awaits confirmation until 2023-11-14 22:15:20 UTC, and goes back then; to keep it: twctl "
                           "confirm " +
                           id;
  const Ran plan = run_on(host, {"plan", "--json"});
  CHECK(against_schema(plan.results, "plan") == "");
  CHECK(json_of(plan)["notes"].back() == note);
  CHECK(run_on(host, {"audit", "-q"}).messages == "twctl: note: " + note + "\n");
  host.time.clock += kWithin;
  const std::string overdue = "change " + id + " was not confirmed in time and is to be taken back: twctl recover";
  CHECK(json_of(run_on(host, {"plan", "--json"}))["notes"].back() == overdue);
  CHECK(run_on(host, {"audit", "-q"}).messages == "twctl: note: " + overdue + "\n");
  CHECK(host.fin() == "30");
  host.store.set(kFin, "60");
  CHECK(json_of(run_on(host, {"plan", "--json"}))["notes"].back() ==
        "change " + id + " was not confirmed in time and is no longer in force; to close it: twctl recover");
  host.journal.changes.begin()->second.at("intent").back() = 'x';
  const Ran damaged = run_on(host, {"plan", "-q"});
  CHECK(damaged.status == 65);
  CHECK(damaged.messages == run_on(host, {"apply", "--dry-run", "baseline"}).messages);
}

TEST_CASE("N50: while a change is pending plan ends as apply would, whatever else stands in the way, and says so") {
  for (const std::string value : {"31", "75", "30"}) {  // a change, a blocking hazard, nothing to do
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    const std::string wish = "net.ipv4.tcp_fin_timeout=" + value;
    const Ran plan = run_on(host, {"plan", "--json", "--set", wish});
    const Ran apply = run_on(host, {"apply", "--yes", "--set", wish});
    CHECK(plan.status == 75);
    CHECK(apply.status == 75);
    CHECK(plan.messages == apply.messages);
    CHECK(json_of(plan)["refusal"]["code"] == 75);
    CHECK(against_schema(plan.results, "plan") == "");
  }
}

TEST_CASE("N69: beside a change that was interrupted, or not confirmed in time, plan ends as the dry run of apply: 3") {
  for (const bool overdue : {true, false}) {
    TriedHost host;
    if (overdue) CHECK(run_on(host, kTry).status == 0);
    if (!overdue) killed_at(host, "setting written", [&] { (void)run_on(host, kTry); });
    host.time.clock += kWithin;
    host.journal.let_go(StateStore::Lock::run);
    for (const std::string value : {"31", "75", "30"}) {  // a change, a blocking hazard, nothing to do
      const std::string wish = "net.ipv4.tcp_fin_timeout=" + value;
      const Ran plan = run_on(host, {"plan", "--json", "--set", wish});
      const Ran apply = run_on(host, {"apply", "--dry-run", "--set", wish});
      CHECK(plan.status == 3);
      CHECK(apply.status == 3);
      CHECK(plan.messages == apply.messages);
      CHECK(json_of(plan)["refusal"]["reasons"].dump() == "[\"unfinished\"]");
      CHECK(std::string(json_of(plan)["summary"]["text"]).ends_with(" first, which apply does by itself."));
      CHECK(against_schema(plan.results, "plan") == "");
    }
    host.journal.locked_by_another = true;  // whoever is at work on it will end it
    CHECK(run_on(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=31"}).status == 2);
    host.journal.locked_by_another = false;
    CHECK(run_on(host, {"recover"}).status == 0);
    CHECK(run_on(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=31"}).status == 2);
  }
}

TEST_CASE("N69: beside an unfinished change in another network namespace plan ends as apply and its dry run: 3") {
  TriedHost host;
  host.facts.netns = "blue";
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "netns-blue";
  CHECK(run_on(host, kTry).status == 0);
  host.time.clock += kWithin;
  host.facts.netns = "";
  host.facts.network_namespace = "4026531840";
  host.other_living_namespaces = {"netns-blue"};
  const Args wish{"--set", "net.ipv4.tcp_tw_reuse=1"};
  const Ran plan = run_on(host, {"plan", "--json", wish[0], wish[1]});
  CHECK(plan.status == 3);
  CHECK(json_of(plan)["refusal"]["reasons"].dump() == "[\"out-of-reach\"]");
  CHECK(plan.messages == "twctl: change " + newest_id(host) +
                             " is unfinished, and its values lie in another network namespace\n"
                             "  hint: run: twctl recover --netns blue\n");
  for (const std::string how : {"--dry-run", "--yes"}) {
    const Ran apply = run_on(host, {"apply", how, wish[0], wish[1]});
    CHECK(apply.status == 3);
    CHECK(apply.messages == plan.messages);
  }
}

TEST_CASE("C15: with every timer gone status says overdue, and the next run that changes something rolls back") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.journal.watched = false;
  host.time.clock += kWithin + seconds(1);
  const Ran status = run_on(host, {"status"});
  CHECK(status.status == 0);
  CHECK(status.results.starts_with("OVERDUE: "));
  CHECK(json_of(run_on(host, {"status", "--json"}))["pending"]["in_force"] == true);
  CHECK(status.results.find("Timers: none: neither watchdog nor path unit\n") != std::string::npos);
  CHECK(host.fin() == "30");
  CHECK(run_on(host, {"recover"}).status == 0);
  CHECK(host.all_old());
}

TEST_CASE("N54: a boot file that somebody else writes as a pending change would is not taken back with it") {
  for (const bool at_the_deadline : {false, true}) {
    CAPTURE(at_the_deadline);
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    REQUIRE(host.boot.staged_files.size() == 1);
    const std::string wanted = host.boot.staged_files.begin()->second;
    host.disk.files[kBootFile] = wanted;
    host.time.clock += at_the_deadline ? kWithin + seconds(1) : seconds(0);
    CHECK(run_on(host, at_the_deadline ? Args{"recover"} : Args{"rollback", "--yes"}).status == 0);
    CHECK(host.fin() == "60");
    CHECK(host.disk.files[kBootFile] == wanted);
    CHECK(host.boot.staged_files.empty());
  }
}

TEST_CASE("rollback of a pending change goes back at once, unasked, with or without its id") {
  for (const bool named : {false, true}) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    const std::string id = newest_id(host);
    Args args{"rollback", "--json"};
    if (named) args.emplace_back(id);
    const Ran ran = run_on(host, args);
    CHECK(ran.status == 0);
    CHECK(against_schema(ran.results, "rollback") == "");
    CHECK(json_of(ran)["diff"]["before"] == "net.ipv4.tcp_fin_timeout = 30\n");
    CHECK(json_of(ran)["diff"]["after"] == "net.ipv4.tcp_fin_timeout = 60\n");
    CHECK(host.all_old());
    CHECK(host.boot.staged_files.empty());
    CHECK(host.process.log_lines.back().starts_with("rollback "));
    CHECK(run_on(host, {"confirm", id}).status == 3);
  }
}

TEST_CASE("somebody else's value is kept when a pending change goes back, and listed: 4") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.store.set(kFin, "45");
  const Ran ran = run_on(host, {"rollback"});
  CHECK(ran.status == 4);
  CHECK(ran.messages.find("net.ipv4.tcp_fin_timeout: somebody else's (45), kept") != std::string::npos);
  CHECK(host.process.log_lines.back().starts_with("rollback of "));
  CHECK(host.fin() == "45");
}

TEST_CASE("P8: the dry run of a pending change's rollback says what would be kept, and --force overwrites it") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.store.set(kFin, "45");
  const Ran dry = run_on(host, {"rollback", "--dry-run"});
  CHECK(dry.status == 4);
  CHECK(dry.messages ==
        "twctl: change " + newest_id(host) +
            ": not everything would be put back: net.ipv4.tcp_fin_timeout: somebody else's (45), would "
            "be kept; nothing was changed: a dry run\n  hint: to overwrite what they set: `twctl rollback "
            "--force net.ipv4.tcp_fin_timeout`\n");
  const Ran forced = run_on(host, {"rollback", "--dry-run", "--force", kFin});
  CHECK(forced.status == 0);
  CHECK(forced.results.find("~ net.ipv4.tcp_fin_timeout  45 -> 60\n") != std::string::npos);
  CHECK(host.fin() == "45");
  CHECK(run_on(host, {"rollback", "--force", kFin}).status == 0);
  CHECK(host.all_old());
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
}

TEST_CASE("status lists what was kept as somebody else set it until a later change takes it up") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  const std::string id = newest_id(host);
  host.store.set(kFin, "45");
  host.time.clock += kWithin;
  CHECK(run_on(host, {"recover"}).status == 4);
  const auto conflicts = [&] { return json_of(run_on(host, {"status", "--json"}))["conflicts"]; };
  CHECK(conflicts() == nlohmann::json::array({id}));
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  CHECK(conflicts() == nlohmann::json::array({id}));
  host.facts.netns = "blue";
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=31"}).status == 0);
  host.facts.netns = "";
  CHECK(conflicts() == nlohmann::json::array({id}));
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  CHECK(conflicts().empty());
}

TEST_CASE("confirm refuses what is no longer as it was applied, and the change stays pending") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.store.set(kFin, "45");
  CHECK(run_on(host, {"confirm"}).status == 3);
  host.store.set(kFin, "30");
  host.disk.files[kBootFile] = "theirs";
  const Ran ran = run_on(host, {"confirm"});
  CHECK(ran.status == 3);
  CHECK(first_line(ran.messages).ends_with(" was applied: /etc/sysctl.d/60-twctl.conf"));
  host.disk.files.erase(kBootFile);
  CHECK(run_on(host, {"confirm"}).status == 0);
  CHECK(host.all_new());
}

TEST_CASE(
    "status looks for drift beside a change that awaits confirmation: its own, which confirm refuses, and older") {
  StockHost host;
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  const std::string older = newest_id(host).substr(0, 8);
  CHECK(run_on(host, kTry).status == 0);
  const std::string pending = newest_id(host).substr(0, 8);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  CHECK(json_of(run_on(host, {"status", "--json"}))["drift"].empty());
  const std::string boot_file = host.disk.files.at(kBootFile);

  host.store.set("net.ipv4.tcp_tw_reuse", "0");
  host.store.set(kFin, "45");
  host.disk.files.at(kBootFile) = "theirs";
  const Ran ran = run_on(host, {"status", "--exit-code"});
  CHECK(ran.status == 2);
  CHECK(ran.results.starts_with("Pending: change " + pending));
  CHECK(ran.results.find("Drift: net.ipv4.tcp_tw_reuse is 0; change " + older + " left 1\n") != std::string::npos);
  const std::string said = single_spaced(ran.results);
  CHECK(said.find("Drift: net.ipv4.tcp_fin_timeout is 45; change " + pending +
                  " left 30; confirm refuses until it is 30 again") != std::string::npos);
  CHECK(said.find("Drift: /etc/sysctl.d/60-twctl.conf is no longer as change " + pending +
                  " left it; confirm refuses until it is so again") != std::string::npos);
  CHECK(run_on(host, {"confirm"}).status == 3);

  host.store.set("net.ipv4.tcp_tw_reuse", "1");
  host.store.set(kFin, "30");
  host.disk.files.at(kBootFile) = boot_file;
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  CHECK(run_on(host, {"confirm"}).status == 0);
}

TEST_CASE("a damaged record of a change that has ended keeps no pending one from going back or being confirmed") {
  for (const char* record : {"intent", "decision", "done"}) {
    CAPTURE(record);
    DamagedHost at_once(record);
    CHECK(run_on(at_once, {"rollback"}).status == 0);
    CHECK(at_once.all_old());
    DamagedHost named(record);
    CHECK(run_on(named, {"confirm", named.pending_id()}).status == 0);
    CHECK(named.all_new());
    DamagedHost unnamed(record);
    CHECK(run_on(unnamed, {"confirm"}).status == 0);
    CHECK(unnamed.all_new());
  }
}

TEST_CASE("beside a damaged record status and history show what is sound, and name it: history with 65") {
  for (const char* record : {"intent", "decision", "done"}) {
    CAPTURE(record);
    DamagedHost host(record);
    const std::string why = std::string("record ") + record + ": the record is not one of ours or is damaged";
    const Ran status = run_on(host, {"status", "--json"});
    CHECK(status.status == 0);
    CHECK(against_schema(status.results, "status") == "");
    CHECK(json_of(status)["pending"]["id"] == host.pending_id());
    CHECK(json_of(status)["last_change"]["id"] == host.pending_id());
    CHECK(json_of(status)["damaged"][0].get<std::string>().find(why) != std::string::npos);
    CHECK(run_on(host, {"status"}).results.find("Damaged: ") != std::string::npos);
    const Ran history = run_on(host, {"history", "--json"});
    CHECK(history.status == 65);
    CHECK(against_schema(history.results, "history") == "");
    CHECK(json_of(history)["changes"].size() == 1);
    CHECK(json_of(history)["damaged"].size() == 1);
    CHECK(history.messages.find(why) != std::string::npos);
    CHECK(run_on(host, {"history", host.pending_id()}).results.starts_with("Change " + host.pending_id()));
    CHECK(run_on(host, {"history", "0000"}).messages.find(why) != std::string::npos);
  }
}

TEST_CASE("with nothing but damaged records nobody says that nothing was ever changed, and status looks for no drift") {
  TriedHost host;
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  host.journal.changes.begin()->second.at("decision") = "garbage";
  host.store.set(kFin, "45");
  CHECK(run_on(host, {"history"}).results.empty());
  const Ran status = run_on(host, {"status"});
  CHECK(status.status == 0);
  CHECK(status.results.starts_with("Damaged: "));
  CHECK(status.results.find("No change") == std::string::npos);
  CHECK(status.results.find("Drift") == std::string::npos);
}

TEST_CASE("past the deadline it goes back by the watchdog and by recover, which then names the damaged record: 65") {
  for (const char* record : {"intent", "decision", "done"}) {
    CAPTURE(record);
    DamagedHost watched(record);
    const Change pending = load_journal(watched.state()).value().unfinished.at(0);
    keep_watch(watched, pending, watched.time.starter());
    CHECK(watched.all_old());
    CHECK(watched.boot.staged_files.empty());
    DamagedHost host(record);
    host.time.clock += kWithin;
    const Ran ran = run_on(host, {"recover"});
    CHECK(ran.status == 65);
    CHECK(ran.messages.find(std::string("record ") + record + ": the record is not one of ours or is damaged") !=
          std::string::npos);
    CHECK(host.all_old());
    CHECK(run_on(host, {"history"}).status == 65);
    CHECK(run_on(host, {"rollback", "--yes"}).status == 65);
    CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=45"}).status == 0);  // reads the newest
  }
}

TEST_CASE("a decision names who decided, and history shows whoever confirmed") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  CHECK(json_of(run_on(host, {"history", "--json"}))["changes"][0]["decided"] == nullptr);
  host.process.author = {.uid = 0, .login_uid = 1001, .sudo_user = "eve", .account = "", .time = 1700000060};
  CHECK(run_on(host, {"confirm"}).status == 0);
  const Ran ran = run_on(host, {"history", "--json"});
  CHECK(against_schema(ran.results, "history") == "");
  CHECK(json_of(ran)["changes"][0]["decided"] ==
        nlohmann::json{{"time", "2023-11-14T22:14:20Z"},
                       {"who", {{"login_uid", 1001}, {"uid", 0}, {"account", nullptr}, {"sudo_user_claimed", "eve"}}},
                       {"lapsed", false},
                       {"reason", nullptr}});
  const Ran shown = run_on(host, {"history", newest_id(host)});
  CHECK(
      shown.results.find("    confirmed  2023-11-14 22:14:20 UTC, by login uid 1001 as uid 0 (SUDO_USER says eve)\n") !=
      std::string::npos);
}

TEST_CASE(
    "history shows the file of a change that was never confirmed as not written, and no command that deletes it") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  const std::string id = newest_id(host);
  const std::string live_only = "sysctl -p /var/lib/twctl/changes/00000001-" + id + "/restore-live.conf";
  CHECK(run_on(host, {"history", id})
            .results.ends_with("~ net.ipv4.tcp_fin_timeout  60 -> 30\n"
                               "  /etc/sysctl.d/60-twctl.conf  written once it is confirmed\n\n"
                               "    by hand    without twctl:\n               " +
                               live_only + "\n"));
  const auto pending = json_of(run_on(host, {"history", "--json"}))["changes"][0];
  CHECK(pending["files_written"] == false);
  CHECK(pending["restore"] == nlohmann::json{live_only});
  host.run_watchdog();
  host.disk.files[kBootFile] = "somebody else's";
  CHECK(run_on(host, {"history", id})
            .results.ends_with("~ net.ipv4.tcp_fin_timeout  60 -> 30\n"
                               "  /etc/sysctl.d/60-twctl.conf  not written\n"));
  const Ran gone_back = run_on(host, {"history", "--json"});
  CHECK(against_schema(gone_back.results, "history") == "");
  CHECK(json_of(gone_back)["changes"][0]["files_written"] == false);
  CHECK(json_of(gone_back)["changes"][0]["restore"] == nlohmann::json::array());
}

TEST_CASE("history of a confirmed change says that its file is written, and how to take it away") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  CHECK(run_on(host, {"confirm"}).status == 0);
  const Ran shown = run_on(host, {"history", newest_id(host)});
  CHECK(shown.results.find("~ /etc/sysctl.d/60-twctl.conf  written\n") != std::string::npos);
  CHECK(shown.results.ends_with("               rm -f /etc/sysctl.d/60-twctl.conf\n"));
  CHECK(json_of(run_on(host, {"history", "--json"}))["changes"][0]["files_written"] == true);
}

TEST_CASE("a pending change of the next boot alone claims no live value") {
  TriedHost host;
  Args args = kTry;
  args.insert(args.end(), {"--scope", "boot"});
  const Ran ran = run_on(host, args);
  CHECK(ran.status == 0);
  CHECK(host.all_old());
  CHECK(
      ran.results.find("\nPending: nothing has changed yet. /etc/sysctl.d/60-twctl.conf is written once the change is\n"
                       "confirmed, and neither after the deadline nor after a reboot.\n") != std::string::npos);
  CHECK(ran.results.find("by hand") == std::string::npos);
  CHECK(run_on(host, {"confirm"}).status == 0);
  CHECK(host.fin() == "60");
  CHECK(host.has_boot_file());
}

TEST_CASE("a reboot rolls a pending change back: the next run closes it, and confirm is 3") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.facts.boot_id = "next";
  host.store.set(kFin, "60");
  host.time.clock = seconds(30);  // the new boot's clock begins anew, before the old deadline
  const std::string id = newest_id(host).substr(0, 8);
  CHECK(run_on(host, {"status"})
            .results.starts_with("Not confirmed in time: change " + id +
                                 " is no longer in force.\nClose it: twctl recover\nLast change: "));
  const Ran json = run_on(host, {"status", "--json"});
  CHECK(against_schema(json.results, "status") == "");
  CHECK(json_of(json)["pending"]["overdue"] == true);
  CHECK(json_of(json)["pending"]["in_force"] == false);
  CHECK(run_on(host, {"confirm"}).status == 3);
  CHECK(host.all_old());
  CHECK(host.boot.staged_files.empty());
}

TEST_CASE("status does not say that a change still stands whose rollback could only not be recorded") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.time.clock += kWithin;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    if (call == "publish decision") return Error{.code = ErrorCode::failed, .message = "Input/output error"};
    return std::nullopt;
  });
  CHECK(run_on(host, {"recover"}).status == 4);
  host.set_step([](std::string_view) { return std::nullopt; });
  REQUIRE(host.fin() == "60");
  CHECK(json_of(run_on(host, {"status", "--json"}))["pending"]["in_force"] == false);
  host.store.set(kFin, "30");
  CHECK(json_of(run_on(host, {"status", "--json"}))["pending"]["in_force"] == true);
  host.store.set(kFin, "60");
  CHECK(run_on(host, {"recover"}).status == 0);
  CHECK(run_on(host, {"status"}).results.starts_with("Everything is as twctl left it."));
}

TEST_CASE("of a change in another network namespace each hint names the command that works") {
  TriedHost host;
  host.facts.netns = "blue";
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "netns-blue";
  CHECK(run_on(host, kTry).status == 0);
  host.facts.netns = "";
  host.facts.network_namespace = "4026531840";
  host.other_living_namespaces = {"netns-blue"};
  const std::string id = newest_id(host).substr(0, 8);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"})
            .messages.ends_with("  hint: `twctl confirm " + id + " --netns blue` keeps it, `twctl rollback " + id +
                                " --netns blue` undoes it\n"));
  CHECK(run_on(host, {"recover"})
            .results.ends_with("awaits confirmation until 2023-11-14 22:15:20 UTC, 120 s are left: twctl confirm " +
                               id + " --netns blue\n"));
  const Ran elsewhere = run_on(host, {"confirm"});
  CHECK(elsewhere.status == 3);
  CHECK(elsewhere.messages == "twctl: change " + newest_id(host) +
                                  " cannot be confirmed here, and its values lie in another network namespace\n"
                                  "  hint: run: twctl confirm --netns blue\n");
  host.time.clock += kWithin;
  CHECK(run_on(host, {"status"})
            .results.starts_with("OVERDUE: change " + id +
                                 " (network namespace blue) was not confirmed in time; nothing has taken it\n"
                                 "back.\nRun: twctl recover --netns blue\n"));
  CHECK(run_on(host, {"recover"}).status == 3);
  host.other_living_namespaces.clear();
  CHECK(run_on(host, {"status"}).results.find("is no longer in force.\nClose it: twctl recover\n") !=
        std::string::npos);
  CHECK(run_on(host, {"recover"}).status == 0);
}

TEST_CASE("confirm says which value the next boot does not bring, where somebody else's line has come meanwhile") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.disk.files["/etc/sysctl.d/99-z.conf"] = "net.ipv4.tcp_fin_timeout = 40\n";
  const Ran ran = run_on(host, {"confirm"});
  CHECK(ran.status == 0);
  CHECK(ran.results.find("until the next boot: /etc/sysctl.d/99-z.conf:1 sets 40 and wins over") != std::string::npos);
}

TEST_CASE("of a key that a pending change has set status says no more what an earlier one had left") {
  TriedHost host;
  REQUIRE(run_on(host, {"apply", "--yes", "--scope", "live", "--set", "net.ipv4.tcp_fin_timeout=33"}).status == 0);
  CHECK(run_on(host, {"status"}).results.find("net.ipv4.tcp_fin_timeout is 33 until the next boot") !=
        std::string::npos);
  REQUIRE(run_on(host, kTry).status == 0);
  CHECK(run_on(host, {"status"}).results.find("until the next boot") == std::string::npos);
  CHECK(run_on(host, {"confirm"}).status == 0);
  CHECK(run_on(host, {"status"}).results.find("until the next boot") == std::string::npos);
}

TEST_CASE("N17: of a pending change whose namespace has lost its name the hints say where it is") {
  TriedHost host;
  host.facts.netns = "blue";
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "the first blue";
  CHECK(run_on(host, kTry).status == 0);
  host.facts.netns = "";
  host.facts.network_namespace = "4026531840";
  host.moved_namespaces["the first blue"] = "/proc/4711/ns/net";
  const std::string confirm = "twctl confirm " + newest_id(host).substr(0, 8) + " --netns /proc/4711/ns/net";
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"})
            .messages.find("`" + confirm + "` keeps it") != std::string::npos);
  CHECK(run_on(host, {"plan"}).results.find(confirm) != std::string::npos);
  CHECK(run_on(host, {"status"}).results.find("Keep it: " + confirm + "\n") != std::string::npos);
  CHECK(run_on(host, {"recover"}).results.ends_with(": " + confirm + "\n"));
}

TEST_CASE("a saved plan that came on standard input can be shown by no command") {
  StockHost host;
  host.disk.files["-"] = run_on(host, {"plan", "--json", "--set", "net.ipv4.tcp_fin_timeout=30"}).results;
  CHECK(run_on(host, {"apply", "--plan", "-"}).messages ==
        "twctl: there is no terminal to ask on, so nothing was changed\n  hint: add --yes once you have read it\n");
}

TEST_CASE(
    "N02: of a namespace whose name means another by now the hint names where it is, and not the command that failed") {
  TriedHost host;
  host.facts.netns = "blue";
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "the first blue";
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  const std::string id = newest_id(host).substr(0, 8);
  host.facts.network_namespace = "the second blue";
  host.moved_namespaces["the first blue"] = "/proc/4711/ns/net";
  const Ran ran = run_on(host, {"rollback", "--yes"});
  CHECK(ran.status == 3);
  CHECK(ran.messages.ends_with("\n  hint: run: twctl rollback " + id + " --netns /proc/4711/ns/net\n"));
  host.moved_namespaces["the first blue"] = "";
  CHECK(run_on(host, {"rollback", "--yes"})
            .messages.ends_with("  hint: where it is cannot be told for want of rights; run it as root of the host\n"));

  host.moved_namespaces.clear();
  CHECK(run_on(host, {"status"})
            .results.ends_with(
                "  gone with its network namespace\n"
                "             apply net.ipv4.tcp_fin_timeout (1 setting) (network namespace blue), by uid 1000\n"));
  CHECK(run_on(host, {"history"})
            .results.ends_with(
                "  gone with its network namespace\n"
                "          apply net.ipv4.tcp_fin_timeout (1 setting) (network namespace blue), by uid 1000\n"));
  const Ran closed = run_on(host, {"rollback", "--yes"});
  CHECK(closed.status == 0);
  CHECK(closed.results.find("  change " + id +
                            " (network namespace blue) went with its network namespace: it is closed\n") !=
        std::string::npos);
  CHECK(run_on(host, {"rollback", "--yes"}).results == "Nothing is left to roll back.\n");
}

TEST_CASE("a container that has started again in the same boot has taken the values of a pending change with it") {
  TriedHost host;
  host.facts.container = "lxc";
  CHECK(run_on(host, kTry).status == 0);
  host.facts.network_namespace = "the next one";
  host.store.set(kFin, "60");
  host.journal.watched = false;
  CHECK(json_of(run_on(host, {"status", "--json"}))["pending"]["overdue"] == true);
  CHECK(run_on(host, {"confirm"}).status == 3);
  CHECK(host.all_old());
  CHECK(host.boot.staged_files.empty());
  CHECK(run_on(host, kTry).status == 0);
}

TEST_CASE("P14: a copy of the running system's journal with a pending change keeps no image from anything") {
  for (const bool captured : {false, true}) {
    TriedHost host;
    host.facts.root = {.running_system = true, .boot_id = host.facts.boot_id, .directory = "8:1:2"};
    CHECK(run_on(host, kTry).status == 0);
    const std::string id = newest_id(host).substr(0, 8);
    host.journal.watched = false;
    host.facts.root = {.running_system = false, .boot_id = host.facts.boot_id, .directory = "8:1:99"};
    host.facts.boot_id = captured ? "that of the capture" : "";
    host.facts.network_namespace = "";
    host.facts.live = host.facts.captured = captured;
    if (!captured) host.store.broken = Error{.code = ErrorCode::unsupported, .message = "no procfs"};
    CHECK(run_on(host, {"status"})
              .results.starts_with("Not confirmed in time: change " + id + " is no longer in force."));
    const Ran recovered = run_on(host, {"recover"});
    CAPTURE(recovered.messages);
    CHECK(recovered.status == 0);
    CHECK(run_on(host, {"apply", "--yes", "--scope", "boot", "--set", "net.ipv4.tcp_fin_timeout=40"}).status == 0);
    CHECK(host.has_boot_file());
    CHECK(host.store.live.at(kFin).value == "30");  // the running system's affair
    CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  }
}

TEST_CASE("P5: a change of a root without procfs goes back with the next boot of whatever kernel runs") {
  TriedHost host;
  host.facts.root = {.running_system = false, .boot_id = "b", .directory = "8:1:99"};
  host.facts.boot_id = host.facts.network_namespace = "";
  host.facts.live = false;
  host.store.broken = Error{.code = ErrorCode::unsupported, .message = "no procfs"};
  Args args = kTry;
  args.insert(args.end(), {"--scope", "boot"});
  CHECK(run_on(host, args).status == 0);
  CHECK(run_on(host, kTry).status == 75);
  host.facts.root.boot_id = "c";
  host.journal.watched = false;
  host.time.clock = seconds(30);  // well before the old deadline
  CHECK(run_on(host, {"status"}).results.starts_with("Not confirmed in time: change "));
  CHECK(run_on(host, {"confirm"}).status == 3);
  CHECK_FALSE(host.has_boot_file());
  CHECK(run_on(host, args).status == 0);
}

TEST_CASE("P6: a container's new boot id beside a network namespace that lives on leaves no value behind") {
  for (const char* now : {"30", "45", "60"}) {
    TriedHost host;
    host.facts.container = "systemd-nspawn";
    host.facts.network_namespace = "cookie:7";
    host.facts.namespace_has_cookie = true;
    CHECK(run_on(host, kTry).status == 0);
    host.facts.boot_id = "next";
    host.journal.watched = false;
    host.store.set(kFin, now);
    const bool stands = std::string_view(now) == "30";
    CHECK(json_of(run_on(host, {"status", "--json"}))["pending"]["in_force"] == stands);
    CHECK(run_on(host, {"recover"}).status == 0);
    CHECK(host.fin() == (stands ? "60" : now));  // a boot file may have set it by then
  }
}

TEST_CASE(
    "N31, N35: a container that is started anew ends what it had begun, and who sees less than the host does not") {
  for (const bool is_container : {true, false}) {
    TriedHost host;
    host.facts.container = is_container ? "docker" : "";
    host.facts.network_namespace = "cookie:7";
    host.facts.namespace_has_cookie = true;
    host.facts.pid_namespace = is_container ? "pid:[1]" : "pid:[4026531836]";
    CHECK(run_on(host, kTry).status == 0);
    host.facts.network_namespace = "cookie:8";
    host.facts.pid_namespace = "pid:[2]";
    host.journal.watched = false;
    host.store.set(kFin, "60");
    CHECK(run_on(host, {"recover"}).status == 0);  // elsewhere it still awaits confirmation
    CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == (is_container ? 0 : 75));
  }
}

TEST_CASE("status tells of a pending change, and of drift, where the boot files are over a limit") {
  TriedHost host;
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  CHECK(run_on(host, kTry).status == 0);
  host.store.set("net.ipv4.tcp_tw_reuse", "0");
  for (int i = 0; i < 1001; ++i) host.disk.files[fmt::format("/etc/sysctl.d/a{}.conf", i)] = "";
  const std::string why = "the boot files have 1001 files; more than 1000 files are not read";
  const Ran ran = run_on(host, {"status"});
  CHECK(ran.status == 0);
  CHECK(ran.results.starts_with("Pending: change "));
  CHECK(ran.results.find("Drift: net.ipv4.tcp_tw_reuse is 0;") != std::string::npos);
  CHECK(single_spaced(ran.results).find("Next boot: not known: " + why) != std::string::npos);
  const Ran json = run_on(host, {"status", "--json"});
  CHECK(against_schema(json.results, "status") == "");
  CHECK(json_of(json)["next_boot_unknown"] == why);
  CHECK(run_on(host, {"status", "--format", "prometheus"}).results.find("\ntwctl_next_boot_drifts ") ==
        std::string::npos);
  CHECK(run_on(host, {"confirm"}).status == 0);
  host.store.set("net.ipv4.tcp_tw_reuse", "1");
  CHECK(run_on(host, {"status", "--exit-code"}).status == 2);
}

TEST_CASE("P16: confirm writes a staged file that is gone once more, and decides nothing where that fails") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.boot.staged_files.clear();
  host.set_step([](std::string_view call) -> std::optional<Error> {
    if (call == "stage") return Error{.code = ErrorCode::failed, .message = "No space left on device"};
    return std::nullopt;
  });
  const Ran refused = run_on(host, {"confirm"});
  CHECK(refused.status == 1);
  CHECK_FALSE(is_confirmed(host));
  host.set_step([](std::string_view) { return std::nullopt; });
  CHECK(run_on(host, {"confirm"}).status == 0);
  CHECK(host.all_new());
}

TEST_CASE("what was to go back and has not is not said to have gone back by itself") {
  TriedHost host;
  CHECK(run_on(host, kTry).status == 0);
  host.time.clock += kWithin;
  host.set_step([](std::string_view call) -> std::optional<Error> {
    if (call == "write setting") return Error{.code = ErrorCode::failed, .message = "Invalid argument"};
    return std::nullopt;
  });
  CHECK(run_on(host, {"recover"}).status == 4);
  const std::string id = newest_id(host);
  for (const Args& args : {Args{"status"}, Args{"history"}, Args{"history", id}}) {
    const std::string said = single_spaced(run_on(host, args).results);
    CAPTURE(said);
    CHECK(said.find("not back yet") != std::string::npos);
    CHECK(said.find("rolled back by itself") == std::string::npos);
    CHECK(said.find("went back") == std::string::npos);
  }
  host.set_step([](std::string_view) { return std::nullopt; });
  CHECK(run_on(host, {"recover"}).status == 0);
  CHECK(single_spaced(run_on(host, {"history"}).results).find("rolled back by itself at") != std::string::npos);
}

TEST_CASE("help of apply and a page of explain show the habit over SSH, and what ends a watchdog") {
  CHECK(run_cli({"apply", "--help"}).results.find("twctl apply busy-client --confirm-within 2m  ") !=
        std::string::npos);
  const std::string page = run_cli({"explain", "confirm-within"}).results;
  CHECK(page.find("  twctl apply PROFILE --confirm-within 2m\n") != std::string::npos);
  CHECK(page.find("KillUserProcesses=yes") != std::string::npos);
  CHECK(page.find("  systemctl enable --now twctl-deadline.path\n") != std::string::npos);
}

TEST_CASE("--confirm-within takes 5 s to 24 h") {
  for (const char* duration : {"4", "4s", "25h", "86401", "0", "soon"}) {
    TriedHost host;
    CHECK(
        run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30", "--confirm-within", duration}).status ==
        64);
    CHECK(host.all_old());
  }
  for (const char* duration : {"5", "24h"}) {
    TriedHost host;
    CHECK(
        run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30", "--confirm-within", duration}).status ==
        0);
  }
}

TEST_CASE("with nothing to change there is nothing to confirm") {
  TriedHost host;
  host.store.set(kFin, "30");
  CHECK(run_on(host, {"apply", "--yes", "--scope", "live", "--set", "net.ipv4.tcp_fin_timeout=30", "--confirm-within",
                      "2m", "--detailed-exitcode"})
            .status == 0);
  CHECK(host.journal.changes.empty());
  CHECK(run_on(host, {"confirm"}).status == 3);
}

TEST_CASE("killed at any call of apply --confirm-within, the deadline leaves all old, and so does recover") {
  int points = 0;
  for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
    TriedHost host;
    if (!killed_at_call(host, n, kTry)) break;
    ++points;
    CAPTURE(n);
    CHECK_FALSE(host.has_boot_file());
    host.time.clock += kWithin;
    CHECK(run_on(host, {"recover"}).status == 0);
    CHECK(host.all_old());
    CHECK(host.boot.staged_files.empty());
    CHECK_FALSE(host.journal.announced);
  }
  CHECK(points >= 15);
}

TEST_CASE("P3: killed at any call of confirm, there is one decision, and what was decided is what comes") {
  int points = 0;
  for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
    TriedHost host;
    CHECK(run_on(host, kTry).status == 0);
    if (!killed_at_call(host, n, {"confirm"})) break;
    ++points;
    CAPTURE(n);
    const bool committed = load_changes(host.state()).value().back().decision == Decision::commit;
    host.time.clock += kWithin;
    CHECK(run_on(host, {"recover"}).status == 0);
    CHECK((committed ? host.all_new() : host.all_old()));
  }
  CHECK(points >= 10);
}

TEST_CASE("failed at any call of apply --confirm-within, once or from there on, 0 is live, all else but 4 is all old") {
  for (const bool sticky : {false, true}) {
    for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
      TriedHost host;
      const std::optional<Ran> ran = failed_at_call(host, n, sticky, kTry);
      if (!ran) break;
      CAPTURE(n);
      CAPTURE(sticky);
      CHECK_FALSE(host.has_boot_file());
      if (ran->status == 0) CHECK(host.fin() == "30");
      if (ran->status != 0 && ran->status != 4) CHECK(host.all_old());
      host.time.clock += kWithin;
      CHECK(run_on(host, {"recover"}).status == 0);
      CHECK(host.all_old());
      CHECK(host.boot.staged_files.empty());
    }
  }
}

TEST_CASE("P3: failed at any call of confirm, once or from there on, its exit agrees with the decision") {
  for (const bool sticky : {false, true}) {
    for (int n = 1; n < kMoreCallsThanAnyRun; ++n) {
      TriedHost host;
      CHECK(run_on(host, kTry).status == 0);
      const std::optional<Ran> ran = failed_at_call(host, n, sticky, {"confirm"});
      if (!ran) break;
      CAPTURE(n);
      CAPTURE(sticky);
      const bool confirmed = is_confirmed(host);
      if (ran->status == 0) CHECK((confirmed && host.all_new()));
      if (ran->status != 0 && ran->status != 4) CHECK_FALSE((confirmed || host.has_boot_file()));
      host.time.clock += kWithin;
      CHECK(run_on(host, {"recover"}).status == 0);
      CHECK((confirmed ? host.all_new() : host.all_old()));
    }
  }
}
