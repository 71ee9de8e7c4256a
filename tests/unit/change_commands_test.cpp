// apply, rollback, recover, history and status as commands, one after another on one host in memory.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "journal/journal.hpp"
#include "platform/boot_file_store.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"
#include "sysctl/boot_edit.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

const Args kApply{"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"};

Args with(Args args, const Args& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

// As kill -9 would end it, when the live value has just been written.
void apply_killed_halfway(MemoryHost& host) {
  killed_at(host, "setting written", [&] { (void)run_on(host, kApply); });
}

Streams terminal_that_says(const std::string& answer) {
  Streams streams;
  streams.ask = [answer](std::string_view) { return answer; };
  return streams;
}

}  // namespace

TEST_CASE("K7: apply refuses a profile with a near miss of a key of ours, and plan says so") {
  MemoryHost host;
  stock_host(host);
  host.disk.files["/p.conf"] = "net.ipv4.tcp_tw_reuse=1\nnet.ipv4.tcp_fin_timout=20\n";
  const Ran planned = run_on(host, {"plan", "/p.conf"});
  CHECK(planned.status == 3);
  CHECK(planned.results.find(
            "! blocked  near-miss  net.ipv4.tcp_fin_timeout\n"
            "    /p.conf:2: net.ipv4.tcp_fin_timout is no key; did you mean net.ipv4.tcp_fin_timeout?\n") !=
        std::string::npos);
  CHECK(run_on(host, {"apply", "--yes", "/p.conf"}).status == 3);
  CHECK(host.store.live.at("net.ipv4.tcp_tw_reuse").value == "2");
  CHECK(run_on(host, {"apply", "--yes", "/p.conf", "--accept", "near-miss"}).status == 0);
}

TEST_CASE("apply sets the live value and the boot file, says how to undo it, and logs one line") {
  StockHost host;
  const Ran ran = run_on(host, kApply);
  CHECK(ran.status == 0);
  CHECK(host.fin() == "30");
  CHECK(host.disk.files.at(kBootFile).find("\nnet.ipv4.tcp_fin_timeout = 30\n") != std::string::npos);
  CHECK(ran.results.find("\nDone: live values are set and read back; /etc/sysctl.d/60-twctl.conf is on disk.\n") !=
        std::string::npos);
  const std::string id = newest_id(host);
  CHECK(ran.results.ends_with(
      "    change     " + id + "\n    undo       twctl rollback " + id.substr(0, 8) +
      "\n    by hand    without twctl:\n               sysctl -p /var/lib/twctl/changes/00000001-" + id +
      "/restore-live.conf\n               rm -f /etc/sysctl.d/60-twctl.conf\n"));
  CHECK(host.process.log_lines ==
        std::vector<std::string>{"apply " + id +
                                 ": committed: net.ipv4.tcp_fin_timeout 60 -> 30, "
                                 "/etc/sysctl.d/60-twctl.conf; by login uid 1000 as uid 0 (SUDO_USER says ann)"});
}

TEST_CASE("apply refuses to change a value that it cannot read, and says which") {
  StockHost host;
  host.store.live[kFin] = {.state = LiveValue::State::unreadable, .problem = "Input/output error"};
  const Ran ran = run_on(host, kApply);
  CHECK(ran.status == 77);
  CHECK(ran.messages ==
        "twctl: net.ipv4.tcp_fin_timeout: cannot be read: Input/output error\n"
        "  hint: without its old value a setting could not be put back, so nothing was changed\n");
  CHECK(host.journal.changes.empty());
}

TEST_CASE("apply a second time changes nothing: no change in the journal, no line in the log") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  const Ran again = run_on(host, with(kApply, {"--json", "--detailed-exitcode"}));
  CHECK(again.status == 0);
  CHECK(json_of(again)["state"] == "unchanged");
  CHECK(json_of(again)["changed"] == false);
  CHECK(json_of(again)["id"].is_null());
  CHECK(host.journal.changes.size() == 1);
  CHECK(host.process.log_lines.size() == 1);
}

TEST_CASE("apply --json is the plan and what came of it, with both sides of the diff") {
  StockHost host;
  const Ran ran = run_on(host, with(kApply, {"--json", "--detailed-exitcode", "--reason", "ticket 7"}));
  CHECK(ran.status == 2);
  CHECK(against_schema(ran.results, "apply") == "");
  const auto document = json_of(ran);
  CHECK(document["state"] == "applied");
  CHECK(document["id"] == newest_id(host));
  CHECK(document["diff"]["before"] == "net.ipv4.tcp_fin_timeout = 60\n# /etc/sysctl.d/60-twctl.conf\n");
  CHECK(document["diff"]["after"] ==
        "net.ipv4.tcp_fin_timeout = 30\n# /etc/sysctl.d/60-twctl.conf\n" + host.disk.files.at(kBootFile));
}

TEST_CASE("apply without a PROFILE, --set or --plan is 64, and so is --plan with more") {
  StockHost host;
  CHECK(run_on(host, {"apply", "--yes"}).status == 64);
  CHECK(run_on(host, {"apply", "--yes", "--plan", "p.json", "classic"}).status == 64);
  CHECK(run_on(host, {"apply", "--yes", "--plan", "p.json", "--scope", "live"}).status == 64);
  CHECK(host.journal.changes.empty());
}

TEST_CASE("apply does nothing if the host has changed while it asked") {
  const auto meddled = [](StockHost& host, const std::function<void()>& meddle) {
    Streams streams;
    streams.ask = [&](std::string_view) {
      meddle();
      return std::string("y\n");
    };
    return run_on(host, {"apply", "--set", "net.ipv4.tcp_fin_timeout=30"}, streams);
  };
  StockHost shadowed;
  const Ran late =
      meddled(shadowed, [&] { shadowed.disk.files["/etc/sysctl.d/99-z.conf"] = "net.ipv4.tcp_fin_timeout = 40\n"; });
  CHECK(late.status == 3);
  CHECK(late.messages.find("99-z.conf:1") != std::string::npos);
  CHECK(shadowed.fin() == "60");
  StockHost moved;
  const Ran other = meddled(moved, [&] { moved.store.set("net.ipv4.tcp_fin_timeout", "50"); });
  CHECK(other.status == 3);
  CHECK(
      other.messages.ends_with("twctl: the host has changed while you were asked, so nothing was changed\n"
                               "  hint: run it again, and look again\n"));
  CHECK(moved.fin() == "50");
  CHECK(moved.journal.changes.empty());
}

TEST_CASE("rollback does nothing if the host has changed while it asked") {
  const auto meddled = [](StockHost& host, const std::function<void()>& meddle) {
    REQUIRE(run_on(host, with(kApply, {"--set", "net.core.somaxconn=8192"})).status == 0);
    Streams streams;
    streams.ask = [&](std::string_view) {
      meddle();
      return std::string("y\n");
    };
    return run_on(host, {"rollback"}, streams);
  };
  StockHost moved;
  const Ran late = meddled(moved, [&] { moved.store.set("net.ipv4.tcp_fin_timeout", "50"); });
  CHECK(late.status == 3);
  CHECK(late.messages.find("changed by somebody else since: net.ipv4.tcp_fin_timeout is 50") != std::string::npos);
  CHECK(moved.store.live.at("net.core.somaxconn").value == "8192");
  StockHost back;
  const Ran other = meddled(back, [&] { back.store.set("net.ipv4.tcp_fin_timeout", "60"); });
  CHECK(other.status == 3);
  CHECK(other.messages.find("the host has changed while you were asked") != std::string::npos);
  CHECK(back.store.live.at("net.core.somaxconn").value == "8192");
}

TEST_CASE("apply asks on a terminal only, and takes nothing but yes for yes") {
  for (const char* answer : {"", "\n", "n\n", "yes please\n"}) {
    StockHost host;
    const Ran ran = run_on(host, {"apply", "--set", "net.ipv4.tcp_fin_timeout=30"}, terminal_that_says(answer));
    CHECK(ran.status == 3);
    CHECK(ran.messages.ends_with("twctl: not confirmed, so nothing was changed\n"));
    CHECK(host.fin() == "60");
  }
  for (const char* answer : {"y\n", "Yes\n"}) {
    StockHost host;
    const Ran ran = run_on(host, {"apply", "--set", "net.ipv4.tcp_fin_timeout=30"}, terminal_that_says(answer));
    CHECK(ran.status == 0);
    CHECK(ran.messages.find("~ net.ipv4.tcp_fin_timeout  change   30      60 -> 30") != std::string::npos);
    CHECK(ran.results.starts_with("Done: "));
    CHECK(host.fin() == "30");
  }
  StockHost host;
  const Ran ran = run_on(host, {"apply", "--set", "net.ipv4.tcp_fin_timeout=30"});
  CHECK(ran.status == 3);
  CHECK(ran.messages ==
        "twctl: there is no terminal to ask on, so nothing was changed\n"
        "  hint: add --yes once this shows what you want: twctl plan --set net.ipv4.tcp_fin_timeout=30\n");
  CHECK(host.fin() == "60");
  CHECK(run_on(host, kApply).status == 0);
  CHECK(run_on(host, {"rollback"}).messages.ends_with(": twctl rollback --dry-run\n"));
}

TEST_CASE("H10: a signal while the question stands, caught since a recovery began, is no answer: 130") {
  for (const std::string answer : {"", "y\n"}) {
    StockHost host;
    host.process.signalled = true;
    const Ran ran = run_on(host, {"apply", "--set", "net.ipv4.tcp_fin_timeout=30"}, terminal_that_says(answer));
    CHECK(ran.status == 130);
    CHECK(ran.messages.ends_with("twctl: interrupted by a signal, so nothing was changed\n"));
    CHECK(host.fin() == "60");
    CHECK(host.journal.changes.empty());
  }
}

TEST_CASE("a second apply merges: keys that are not named stay in the boot file, unset takes one out") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  CHECK(host.disk.files.at(kBootFile).find("\nnet.ipv4.tcp_fin_timeout = 30\n") != std::string::npos);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=unset"}).status == 0);
  CHECK(host.disk.files.at(kBootFile).find("tcp_fin_timeout") == std::string::npos);
  CHECK(host.fin() == "30");
}

TEST_CASE("what is blocked is refused, and what was accepted is in the history") {
  StockHost host;
  const Ran refused = run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=75"});
  CHECK(refused.status == 3);
  CHECK(
      refused.messages.ends_with("  hint: mend the cause, or accept the risk: the same command with --accept "
                                 "fin-timeout-trap:net.ipv4.tcp_fin_timeout\n"));
  CHECK(host.fin() == "60");
  const Ran planned = run_on(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=75"});
  CHECK(
      planned.results.ends_with("Nothing was changed. Mend the cause, or accept the risk; then this does it:\n"
                                "  twctl apply --set net.ipv4.tcp_fin_timeout=75 --accept "
                                "fin-timeout-trap:net.ipv4.tcp_fin_timeout\n"
                                "`twctl explain fin-timeout-trap` says more.\n"));
  CHECK(
      run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=75", "--accept", "fin-timeout-trap", "--json"})
          .status == 0);
  const auto history = json_of(run_on(host, {"history", "--json"}));
  CHECK(history["changes"][0]["accepted"] == nlohmann::json::array({"fin-timeout-trap:" + kFin}));
}

TEST_CASE("rollback puts back live value and file, is a change itself, and can be rolled back") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  const Ran back = run_on(host, {"rollback", "--yes", "--json", "--detailed-exitcode"});
  CHECK(back.status == 2);
  CHECK(against_schema(back.results, "rollback") == "");
  CHECK(host.fin() == "60");
  CHECK_FALSE(host.has_boot_file());
  const Ran nothing_left = run_on(host, {"rollback", "--yes", "--detailed-exitcode"});
  CHECK(nothing_left.status == 0);
  CHECK(nothing_left.results == "Nothing is left to roll back.\n");
  CHECK(run_on(host, {"rollback", "--yes", newest_id(host)}).status == 0);
  CHECK(host.fin() == "30");
  CHECK(host.has_boot_file());
}

TEST_CASE("apply --dry-run shows the plan, says in JSON what apply will say, and leaves nothing behind") {
  for (const bool pending : {false, true}) {
    CAPTURE(pending);
    StockHost host;
    Args wish{"--set", "net.ipv4.tcp_fin_timeout=30", "--detailed-exitcode"};
    if (pending) wish = with(wish, {"--confirm-within", "1m"});
    const Ran shown = run_on(host, with({"apply", "--dry-run"}, wish));
    CHECK(shown.status == 2);
    CHECK(shown.results.find("net.ipv4.tcp_fin_timeout") != std::string::npos);
    CHECK(shown.results.ends_with("\nNothing was changed: a dry run.\n"));
    const Ran dry = run_on(host, with({"apply", "--dry-run", "--json"}, wish));
    CHECK(against_schema(dry.results, "apply") == "");
    CHECK(host.fin() == "60");
    CHECK_FALSE(host.has_boot_file());
    CHECK(host.journal.changes.empty());
    CHECK(host.process.log_lines.empty());
    const Ran run = run_on(host, with({"apply", "--yes", "--json"}, wish));
    CHECK(dry.status == run.status);
    const auto looked = json_of(dry);
    const auto done = json_of(run);
    for (const std::string member : {"diff", "confirm_diff", "changed", "state", "accepted", "hazards"})
      CHECK(looked[member] == done[member]);
    CHECK((looked["dry_run"] == true && done["dry_run"] == false));
    CHECK((looked["id"].is_null() && looked["pending"].is_null() && looked["restore"].empty()));
    CHECK(done["confirm_diff"].is_null() == !pending);
    if (pending) CHECK(json_of(run_on(host, {"confirm", "--json"}))["diff"] == done["confirm_diff"]);
    if (pending) continue;
    const Ran again = run_on(host, with({"apply", "--dry-run", "--json"}, wish));
    CHECK(again.status == 0);
    CHECK((json_of(again)["changed"] == false && json_of(again)["state"] == "unchanged"));
  }
}

TEST_CASE("apply --dry-run refuses what apply refuses, with its words and its code") {
  const std::string wish = "net.ipv4.tcp_fin_timeout=30";
  const auto hold = [](int status, const Args& args, const std::function<void(StockHost&)>& furnish) {
    StockHost host;
    furnish(host);
    const auto changes = host.journal.changes;
    const std::string value = host.fin();
    const Ran dry = run_on(host, with({"apply", "--dry-run"}, args));
    CHECK(host.journal.changes == changes);
    const Ran run = run_on(host, with({"apply", "--yes"}, args));
    CAPTURE(run.messages);
    CHECK(dry.status == status);
    CHECK(run.status == status);
    CHECK(dry.messages == run.messages);
    CHECK(host.fin() == value);
  };
  const auto as_it_is = [](StockHost&) {};
  const auto with_plan = [&](StockHost& host) {
    CHECK(run_on(host, {"plan", "--set", wish, "-o", "p.json"}).status == 2);
  };
  const Error denied{.code = ErrorCode::denied, .message = "its mode is 0777"};
  hold(3, {"--set", "net.ipv4.tcp_fin_timeout=75"}, as_it_is);
  hold(64, {}, as_it_is);
  hold(64, {"--set", wish, "--confirm-within", "banana"}, as_it_is);
  hold(65, {"--set", "net.ipv4.tcp_fin_timout=30"}, as_it_is);
  hold(66, {"bussy-client"}, as_it_is);
  hold(3, {"--set", wish, "--confirm-within", "1m"}, [](StockHost& host) { host.time.around.mortal_init = "sh"; });
  hold(75, {"--set", wish}, [](StockHost& host) {
    CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1", "--confirm-within", "2m"}).status == 0);
  });
  hold(75, {"--set", wish}, [](StockHost& host) { host.journal.locked_by_another = true; });
  hold(77, {"--set", wish}, [&](StockHost& host) { host.journal.unusable = denied; });
  hold(77, {"--set", wish}, [&](StockHost& host) { host.boot.not_writable[kBootFile] = denied; });
  hold(77, {"--set", wish}, [](StockHost& host) { host.store.live[kFin].read_only = true; });
  hold(77, {"--set", wish}, [&](StockHost& host) {  // which only an attempt to open it shows
    host.store.step = [&](std::string_view call) {
      return call == "check setting" ? std::optional(denied) : std::nullopt;
    };
  });
  hold(77, {"mine.ini"}, [](StockHost& host) {
    host.disk.files["mine.ini"] = "[linux]\nnet.ipv4.tcp_fin_timeout = 30\n";
    host.disk.distrust["mine.ini"] = "mine.ini is writable by others";
  });
  hold(66, {"--plan", "p.json"}, as_it_is);
  hold(65, {"--plan", "p.json"}, [](StockHost& host) { host.disk.files["p.json"] = "{}"; });
  hold(3, {"--plan", "p.json"}, [&](StockHost& host) {
    with_plan(host);
    host.store.set(kFin, "45");
  });
  hold(3, {"--plan", "p.json"}, [&](StockHost& host) {
    with_plan(host);
    CHECK(run_on(host, {"apply", "--yes", "--plan", "p.json"}).status == 0);
  });
  hold(64, {"--plan", "p.json", "--scope", "live"}, with_plan);
}

TEST_CASE("a dry run does not recover: an interrupted change is 3 and stays as it is") {
  for (const Args& args :
       {Args{"apply", "--dry-run", "--set", "net.ipv4.tcp_fin_timeout=30"}, Args{"confirm", "--dry-run"}}) {
    StockHost host;
    apply_killed_halfway(host);
    const Ran ran = run_on(host, args);
    CHECK(ran.status == 3);
    CHECK(ran.messages.ends_with("was interrupted and has to be recovered first\n  hint: run: twctl recover\n"));
    CHECK(host.fin() == "30");
  }
}

TEST_CASE("a dry run waits for another run as long as --wait says") {
  StockHost host;
  host.journal.locked_by_another = true;
  const auto before = host.time.clock;
  CHECK(run_on(host, {"apply", "--dry-run", "--wait", "3s", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 75);
  CHECK(host.time.clock - before >= std::chrono::seconds(3));
}

TEST_CASE("apply --dry-run of a value that would be taken over would change something, though no value differs") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  host.store.set(kFin, "45");
  const Args wish{"--scope", "live", "--set", "net.ipv4.tcp_fin_timeout=45", "--json", "--detailed-exitcode"};
  const Ran dry = run_on(host, with({"apply", "--dry-run"}, wish));
  CHECK(dry.status == 2);
  CHECK(json_of(dry)["changed"] == true);
  CHECK(run_on(host, with({"apply", "--yes"}, wish)).status == 2);
}

TEST_CASE("an error says in JSON of what kind it is: what nobody may write here is not what this user may not") {
  const Args wish{"--set", "net.ipv4.tcp_fin_timeout=30", "--json"};
  const auto refusal = [&](const std::function<void(StockHost&)>& furnish) {
    StockHost host;
    furnish(host);
    const Ran planned = run_on(host, with({"plan"}, wish));
    CHECK(against_schema(planned.results, "plan") == "");
    const Ran applied = run_on(host, with({"apply", "--yes"}, wish));
    CHECK(against_schema(applied.results, "error") == "");
    CHECK(planned.status == applied.status);
    CHECK(json_of(planned)["refusal"] == json_of(applied)["error"]);
    return json_of(planned)["refusal"];
  };
  const auto read_only = refusal([](StockHost& host) { host.store.live[kFin].read_only = true; });
  CHECK(read_only["code"] == 77);
  CHECK(read_only["kind"] == "unwritable");
  CHECK(read_only["message"] == "net.ipv4.tcp_fin_timeout cannot be written: read-only on this host");
  CHECK(read_only["hint"] == "in a container, change it where the container is started");
  const auto unsafe = refusal(
      [](StockHost& host) { host.journal.unusable = {.code = ErrorCode::denied, .message = "its mode is 0777"}; });
  CHECK(unsafe["code"] == 77);
  CHECK(unsafe["kind"] == "denied");
  StockHost host;
  const Ran trap = run_on(host, {"plan", "--json", "--set", "net.ipv4.tcp_fin_timeout=75"});
  CHECK(json_of(trap)["refusal"]["kind"] == "refused");
  CHECK(json_of(trap)["refusal"]["message"].get<std::string>().starts_with("fin-timeout-trap: "));
  CHECK(json_of(run_on(host, with({"plan"}, wish)))["refusal"].is_null());
}

TEST_CASE("N45: lines with which no later run would read the boot files are refused, by plan as by apply: 65") {
  StockHost host;
  std::string lines;
  for (int i = 0; i < 7997; ++i) lines += "#\n";
  host.disk.files["/etc/sysctl.d/50-long.conf"] = lines;
  const Args wish{"--set", "net.ipv4.tcp_fin_timeout=30"};
  CHECK(run_on(host, with({"plan"}, wish)).status == 65);
  const Ran ran = run_on(host, with({"apply", "--yes"}, wish));
  CHECK(ran.status == 65);
  CHECK(ran.messages.find("with what is to be written, the boot files have 80") != std::string::npos);
  CHECK(host.fin() == "60");
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("N48: beside a damaged newest record plan says what apply says: 65") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  for (auto& [name, bytes] : host.journal.changes.begin()->second) bytes.resize(bytes.size() / 2);
  const Args wish{"--set", "net.ipv4.tcp_fin_timeout=20"};
  const Ran planned = run_on(host, with({"plan", "--json"}, wish));
  CHECK(planned.status == 65);
  CHECK(run_on(host, with({"apply", "--yes"}, wish)).status == 65);
  CHECK(json_of(planned)["refusal"]["kind"] == "invalid");
}

TEST_CASE("a value where a profile is meant, and a setting of the other system, are told what they are") {
  StockHost host;
  CHECK(run_on(host, {"plan", "net.ipv4.tcp_tw_reuse=1"})
            .messages.ends_with("hint: a single value is given with --set net.ipv4.tcp_tw_reuse=1\n"));
  const Ran ran = run_on(host, {"plan", "--set", "TcpTimedWaitDelay=30"});
  CHECK(ran.status == 65);
  CHECK(ran.messages.find("TcpTimedWaitDelay: a setting of Windows") != std::string::npos);
}

TEST_CASE("a refusal has reasons that many hosts may share: the file, the key, not lines, values and releases") {
  const auto reasons = [](StockHost& host, const std::string& wish) {
    return json_of(run_on(host, {"plan", "--json", "--set", wish}))["refusal"]["reasons"];
  };
  const auto shadowed = [&](const std::string& lines) {
    StockHost host;
    host.disk.files["/etc/sysctl.d/90-local.conf"] = lines;
    return reasons(host, "net.ipv4.tcp_fin_timeout=30");
  };
  CHECK(shadowed("net.ipv4.tcp_fin_timeout = 45\n") ==
        nlohmann::json::array({"shadowed: /etc/sysctl.d/90-local.conf"}));
  CHECK(shadowed("#\nnet.ipv4.tcp_fin_timeout = 50\n") ==
        nlohmann::json::array({"shadowed: /etc/sysctl.d/90-local.conf"}));
  StockHost host;
  host.facts.kernel_release = "4.9.0-19-amd64";
  host.facts.kernel = {4, 9};
  host.store.live.erase("net.ipv4.tcp_tw_reuse_delay");
  CHECK(reasons(host, "net.ipv4.tcp_tw_reuse_delay=500") ==
        nlohmann::json::array({"unsupported: net.ipv4.tcp_tw_reuse_delay"}));
  StockHost container;
  container.store.live[kFin].read_only = true;
  CHECK(reasons(container, "net.ipv4.tcp_fin_timeout=30") == nlohmann::json::array({"read-only"}));
}

TEST_CASE("a change that stands in the way, or cannot be kept, is a reason without ids and times") {
  const auto reasons = [](const Ran& ran) { return json_of(ran)["error"]["reasons"]; };
  const Args another{"apply", "--yes", "--json", "--set", "net.ipv4.tcp_tw_reuse=1"};
  StockHost host;
  CHECK(run_on(host, with(kApply, {"--confirm-within", "2m"})).status == 0);
  CHECK(reasons(run_on(host, another)) == nlohmann::json::array({"pending"}));
  host.store.live[kFin].value = "45";
  CHECK(reasons(run_on(host, {"confirm", "--json"})) == nlohmann::json::array({"changed-since"}));
  host.store.live[kFin].value = "30";
  host.time.sleep_until(host.time.now() + std::chrono::minutes(3));
  CHECK(reasons(run_on(host, with(another, {"--dry-run"}))) == nlohmann::json::array({"unfinished"}));
  CHECK(reasons(run_on(host, {"confirm", "--json", newest_id(host)})) == nlohmann::json::array({"not-pending"}));
  for (auto& [name, bytes] : host.journal.changes.begin()->second) bytes.resize(bytes.size() / 2);
  CHECK(reasons(run_on(host, another)) == nlohmann::json::array({"damaged-record"}));
}

TEST_CASE("rollback --dry-run shows what would go back and changes nothing") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  const Ran ran = run_on(host, {"rollback", "--dry-run"});
  CHECK(ran.status == 0);
  CHECK(ran.results.find("~ net.ipv4.tcp_fin_timeout  30 -> 60\n~ /etc/sysctl.d/60-twctl.conf  removed\n") !=
        std::string::npos);
  CHECK(ran.results.ends_with("Nothing was changed: a dry run.\n"));
  CHECK(host.fin() == "30");
  CHECK(host.journal.changes.size() == 1);
}

TEST_CASE("a saved plan writes the bytes of a boot file that apply writes, the profile's comments with them") {
  StockHost planned;
  CHECK(run_on(planned, {"plan", "busy-client", "-o", "p.json"}).status == 2);
  CHECK(run_on(planned, {"apply", "--yes", "--plan", "p.json"}).status == 0);
  StockHost applied;
  CHECK(run_on(applied, {"apply", "--yes", "busy-client"}).status == 0);
  CHECK(planned.disk.files.at(kBootFile) == applied.disk.files.at(kBootFile));
}

TEST_CASE("rollback --dry-run has the diff that the rollback will have, of a pending change too") {
  for (const bool pending : {false, true}) {
    CAPTURE(pending);
    StockHost host;
    auto apply = kApply;
    if (pending) apply.insert(apply.end(), {"--confirm-within", "1m"});
    CHECK(run_on(host, apply).status == 0);
    const Ran dry = run_on(host, {"rollback", "--dry-run", "--json", "--detailed-exitcode"});
    const Ran run = run_on(host, {"rollback", "--yes", "--json", "--detailed-exitcode"});
    CHECK((dry.status == 2 && run.status == 2));
    const auto looked = json_of(dry);
    const auto done = json_of(run);
    for (const std::string member : {"diff", "changed", "state"}) CHECK(looked[member] == done[member]);
    CHECK((looked["dry_run"] == true && looked["id"].is_null()));
    CHECK(looked["diff"]["before"].get<std::string>().starts_with("net.ipv4.tcp_fin_timeout = 30\n"));
  }
}

TEST_CASE("rollback --dry-run does not recover: an interrupted change is 3 and stays as it is") {
  StockHost host;
  apply_killed_halfway(host);
  const Ran ran = run_on(host, {"rollback", "--dry-run"});
  CHECK(ran.status == 3);
  CHECK(ran.messages.ends_with("hint: run: twctl recover\n"));
  CHECK(host.fin() == "30");
}

TEST_CASE("somebody else's later value stops a rollback before anything, unless --force names it") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  host.store.set(kFin, "45");
  const Ran refused = run_on(host, {"rollback", "--yes"});
  CHECK(refused.status == 3);
  CHECK(first_line(refused.messages) == "twctl: changed by somebody else since: net.ipv4.tcp_fin_timeout is 45");
  CHECK(host.fin() == "45");
  CHECK(host.has_boot_file());
  CHECK(run_on(host, {"rollback", "--yes", "--force", "nonsense"}).status == 64);
  CHECK(run_on(host, {"rollback", "--yes", "--force", kFin}).status == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("the command that a refused rollback names has what was forced already, and works as it stands") {
  for (const bool pending : {false, true}) {
    CAPTURE(pending);
    StockHost host;
    Args apply{"apply",   "--yes",
               "--scope", "live",
               "--set",   "net.ipv4.tcp_fin_timeout=30",
               "--set",   "net.ipv4.tcp_tw_reuse=1"};
    if (pending) apply.insert(apply.end(), {"--confirm-within", "2m"});
    REQUIRE(run_on(host, apply).status == 0);
    host.store.set(kFin, "45");
    host.store.set("net.ipv4.tcp_tw_reuse", "0");
    const Ran refused = run_on(host, {"rollback", "--dry-run", "--force", kFin});
    CHECK(refused.status == (pending ? 4 : 3));
    const std::string id = pending ? "" : newest_id(host).substr(0, 8) + " ";
    CHECK(refused.messages.ends_with("`twctl rollback " + id +
                                     "--force net.ipv4.tcp_fin_timeout --force net.ipv4.tcp_tw_reuse`\n"));
    CHECK(run_on(host, {"rollback", "--yes", "--force", kFin, "--force", "net.ipv4.tcp_tw_reuse"}).status == 0);
    CHECK(host.fin() == "60");
    CHECK(host.store.live.at("net.ipv4.tcp_tw_reuse").value == "2");
  }
}

TEST_CASE("rollback --to undoes that change and all later ones as one") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  const std::string first = newest_id(host);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=20"}).status == 0);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  CHECK(run_on(host, {"rollback", "--yes", "--to", first}).status == 0);
  CHECK(host.fin() == "60");
  CHECK(host.store.live.at("net.ipv4.tcp_tw_reuse").value == "2");
  CHECK_FALSE(host.has_boot_file());
  CHECK(run_on(host, {"rollback", "--yes", "--to", first}).results == "Nothing is left to roll back.\n");
}

TEST_CASE("C05: an id that names no change, or more than one, is 3") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  CHECK(run_on(host, {"rollback", "--yes", "zz"}).status == 3);
  CHECK(run_on(host, {"history", "zz"}).status == 3);
  CHECK(run_on(host, {"rollback", "--yes", "a", "b"}).status == 64);
  CHECK(run_on(host, {"rollback", "--yes", "a", "--to", "b"}).status == 64);
}

TEST_CASE("a saved plan is applied as long as nothing has moved, and refused after that") {
  const auto saved_on = [](StockHost& host) {
    CHECK(run_on(host, {"plan", "-o", "p.json", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 2);
    host.disk.files["p.json"] = host.disk.written.at("p.json");
  };
  const auto applied = [](StockHost& host) { return run_on(host, {"apply", "--yes", "--plan", "p.json"}); };
  StockHost same;
  saved_on(same);
  CHECK(applied(same).status == 0);
  CHECK(same.fin() == "30");

  StockHost moved;
  saved_on(moved);
  moved.store.set(kFin, "45");
  const Ran refused = applied(moved);
  CHECK(refused.status == 3);
  CHECK(first_line(refused.messages) ==
        "twctl: the host has moved since the plan was made: net.ipv4.tcp_fin_timeout is 45, no longer 60");

  StockHost booted;
  saved_on(booted);
  booted.facts.boot_id = "another";
  CHECK(first_line(applied(booted).messages) ==
        "twctl: this host has booted since the plan was made, or only has the same name");

  StockHost other;
  saved_on(other);
  other.facts.hostname = "web2";
  CHECK(first_line(applied(other).messages) == "twctl: the plan was made for web1, and this is web2");

  StockHost inside;
  saved_on(inside);
  inside.facts.network_namespace = "another";
  CHECK(applied(inside).messages ==
        "twctl: the plan was made in another network namespace\n  hint: plan the same again, with -o FILE\n");
  inside.facts.netns = "red";
  CHECK(applied(inside).messages.ends_with("hint: leave out --netns, or plan the same again, with -o FILE\n"));

  StockHost of_blue;
  of_blue.facts.netns = "the blue";
  saved_on(of_blue);
  of_blue.facts.netns.clear();
  of_blue.facts.network_namespace = "another";
  CHECK(applied(of_blue).messages.ends_with("hint: name that one: --netns 'the blue'\n"));  // N67

  StockHost shadowed;
  saved_on(shadowed);
  shadowed.disk.files["/etc/sysctl.d/10-a.conf"] = "net.ipv4.tcp_fin_timeout = 50\n";
  CHECK(first_line(applied(shadowed).messages) ==
        "twctl: the host has moved since the plan was made: the next boot would set net.ipv4.tcp_fin_timeout to 50, no "
        "longer 60");
}

TEST_CASE("H11: a saved plan that names a setting twice is invalid") {
  StockHost host;
  CHECK(run_on(host, {"plan", "-o", "p.json", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 2);
  auto plan = nlohmann::json::parse(host.disk.written.at("p.json"));
  plan["settings"].push_back(plan["settings"][0]);
  host.disk.files["p.json"] = plan.dump();
  const Ran ran = run_on(host, {"apply", "--yes", "--plan", "p.json"});
  CHECK(ran.status == 65);
  CHECK(ran.messages.find("a setting that the plan has named before") != std::string::npos);
  CHECK(host.fin() == "60");
}

TEST_CASE("H11: a saved plan that shows another value than it writes, or has a member twice, is invalid") {
  StockHost host;
  CHECK(run_on(host, {"plan", "-o", "p.json", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 2);
  const std::string saved = host.disk.written.at("p.json");
  auto plan = nlohmann::json::parse(saved);
  plan["settings"][0]["desired"] = "55";
  host.disk.files["p.json"] = plan.dump();
  const Ran shown = run_on(host, {"apply", "--yes", "--plan", "p.json"});
  CHECK(shown.status == 65);
  CHECK(first_line(shown.messages) ==
        "twctl: the parts of the plan do not agree: net.ipv4.tcp_fin_timeout is shown as 55, and would be 30");
  host.disk.files["p.json"] = saved.substr(0, saved.rfind('}')) + ", \"settings\": []}";
  const Ran twice = run_on(host, {"apply", "--yes", "--plan", "p.json"});
  CHECK(twice.status == 65);
  CHECK(twice.messages.find("'settings' stands twice in one object") != std::string::npos);
  CHECK(host.fin() == "60");
}

TEST_CASE("H11: a saved plan whose diff is not what it would write is refused") {
  const auto apply_after = [](const std::function<void(StockHost&, nlohmann::json&)>& change) {
    StockHost host;
    host.disk.files["/etc/sysctl.conf"] = "# a\nnet.ipv4.tcp_fin_timeout = 60\n";
    host.disk.links["/etc/sysctl.d/99-sysctl.conf"] = "/etc/sysctl.conf";
    const Args wish{"plan", "-o", "p.json", "--boot-file", "/etc/sysctl.conf", "--set", "net.ipv4.tcp_fin_timeout=30"};
    CHECK(run_on(host, wish).status == 2);
    auto plan = nlohmann::json::parse(host.disk.written.at("p.json"));
    change(host, plan);
    host.disk.files["p.json"] = plan.dump();
    const Ran ran = run_on(host, {"apply", "--yes", "--plan", "p.json"});
    CHECK(host.fin() == (ran.status == 0 ? "30" : "60"));
    return std::to_string(ran.status) + " " + first_line(ran.messages);
  };
  CHECK(apply_after([](StockHost&, nlohmann::json&) {}) == "0 ");
  CHECK(apply_after([](StockHost&, nlohmann::json& plan) {
          plan["diff"]["after"] = "net.ipv4.tcp_fin_timeout = 30\n";  // leaves the boot file out
        }) == "3 twctl: what the plan shows as the outcome is not what it would write");
  CHECK(apply_after([](StockHost& host, nlohmann::json&) {
          host.disk.files["/etc/sysctl.conf"] = "# b\nnet.ipv4.tcp_fin_timeout = 60\n";
        }) == "3 twctl: the plan shows another /etc/sysctl.conf than there is now");
}

TEST_CASE("H12: plan ends as apply would, with its reason, where the boot file could not be written") {
  const auto compare = [](StockHost& host, const Args& more, int status, std::string_view reason) {
    CAPTURE(reason);
    const Ran plan = run_on(host, with({"plan", "--set", "net.ipv4.tcp_fin_timeout=30"}, more));
    const Ran apply = run_on(host, with(kApply, more));
    CHECK(plan.status == status);
    CHECK(apply.status == status);
    CHECK(plan.messages == apply.messages);
    CHECK(first_line(plan.messages) == "twctl: " + std::string(reason));
    CHECK(host.fin() == "60");
    CHECK(host.journal.changes.empty());
  };
  StockHost mounted;
  mounted.boot.not_writable[kBootFile] = {
      .code = ErrorCode::denied, .message = "it is a mount point", .hint = "umount"};
  compare(mounted, {}, 77, "it is a mount point");
  const auto document = json_of(run_on(mounted, {"plan", "--json", "--set", "net.ipv4.tcp_fin_timeout=30"}));
  CHECK(document["settings"][0]["layers"]["boot"]["verdict"] == "read-only");
  CHECK(document["settings"][0]["layers"]["boot"]["note"] == "it is a mount point");
  CHECK(document["summary"]["read_only"] == true);
  CHECK(run_on(mounted, with(kApply, {"--scope", "live"})).status == 0);
  StockHost other;
  compare(other, {"--boot-file", "/etc/sysctl.d/70-x.conf"}, 77,
          "/etc/sysctl.d/70-x.conf is not a file that twctl writes");
  StockHost edited;
  edited.disk.files[kBootFile] = "# his\n";
  compare(edited, {}, 3, kBootFile + " has been changed by somebody else since twctl wrote it");
}

TEST_CASE("H12: where no change could be recorded, plan ends as apply would, whatever else stands in the way") {
  for (const std::string value : {"30", "75", "60"}) {  // a change, a blocking hazard, nothing to do
    StockHost host;
    host.journal.unusable = {.code = ErrorCode::denied, .message = "/var/lib is writable by others", .hint = "look"};
    const std::string wish = "net.ipv4.tcp_fin_timeout=" + value;
    const Ran plan = run_on(host, {"plan", "--set", wish});
    CHECK(plan.status == 77);
    CHECK(plan.messages == run_on(host, {"apply", "--yes", "--set", wish}).messages);
    CHECK(plan.results.find("note: apply refuses this: /var/lib is writable by others\n") != std::string::npos);
  }
}

TEST_CASE("H12: a dry run of a rollback is refused where the rollback would be") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  host.boot.not_writable[kBootFile] = {.code = ErrorCode::denied, .message = "it is a mount point"};
  const Ran dry = run_on(host, {"rollback", "--dry-run"});
  CHECK(dry.status == 77);
  CHECK(dry.messages == run_on(host, {"rollback", "--yes"}).messages);
  host.boot.not_writable.clear();
  CHECK(run_on(host, {"rollback", "--dry-run"}).status == 0);
  host.journal.unusable = {.code = ErrorCode::denied, .message = "its mode is 0755"};
  CHECK(run_on(host, {"rollback", "--dry-run"}).messages == run_on(host, {"rollback", "--yes"}).messages);
  CHECK(run_on(host, {"rollback", "--dry-run"}).status == 77);
}

TEST_CASE("H12: where only a trial can tell, plan says that apply will try") {
  StockHost host;
  host.boot.doubt = "whether it can be written: apply will try";
  const Ran plan = run_on(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=30"});
  CHECK(plan.status == 2);
  CHECK(plan.results.find("note: whether it can be written: apply will try\n") != std::string::npos);
  CHECK(run_on(host, kApply).status == 0);
}

TEST_CASE("H12: a boot file that nothing is to be written into is not looked at") {
  StockHost host;
  host.boot.not_writable[kBootFile] = {.code = ErrorCode::denied, .message = "it is a mount point"};
  CHECK(run_on(host, {"plan", "baseline"}).status == 0);
  CHECK(run_on(host, {"apply", "--yes", "baseline"}).status == 0);
}

TEST_CASE("H01: a change of the running system is out of reach with --root, and the other way round") {
  for (const bool of_image : {true, false}) {
    StockHost host;
    host.facts.root = {.running_system = !of_image, .boot_id = "b", .directory = of_image ? "8:1:99" : "8:1:2"};
    apply_killed_halfway(host);
    REQUIRE(host.fin() == "30");
    const HostRoot first = host.facts.root;
    host.facts.root = {.running_system = of_image, .boot_id = "b", .directory = of_image ? "8:1:2" : "8:1:99"};
    for (const Args& args : {Args{"recover"}, Args{"rollback", "--yes"}, kApply}) {
      const Ran ran = run_on(host, args);
      CHECK(ran.status == 3);
      CHECK(ran.messages.find(of_image ? "it was made with --root" : "it was made on the running system") !=
            std::string::npos);
      CHECK(host.fin() == "30");
    }
    host.facts.root = first;
    CHECK(run_on(host, {"recover"}).status == 0);
    CHECK(host.fin() == "60");
    CHECK(run_on(host, kApply).status == 0);
    host.facts.root.running_system = !host.facts.root.running_system;  // seen from a chroot, the same directory
    CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  }
}

TEST_CASE("H01: a copy of an image, and what boots from it, go on with its journal") {
  StockHost host;
  host.facts.root = {.running_system = false, .boot_id = "b", .directory = "8:1:99"};
  CHECK(run_on(host, kApply).status == 0);
  host.facts.root = {.running_system = false, .boot_id = "b", .directory = "8:1:100"};
  CHECK(run_on(host, {"rollback", "--yes", "--dry-run"}).status == 0);
  host.facts.root = {.running_system = true, .boot_id = "c", .directory = "8:1:2"};
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("a saved plan that is none, or that others could have written, is not applied") {
  StockHost host;
  host.disk.files["p.json"] = "{}";
  CHECK(run_on(host, {"apply", "--yes", "--plan", "p.json"}).status == 65);
  host.disk.files["p.json"] = run_on(host, {"snapshot"}).results;
  const Ran snapshot = run_on(host, {"apply", "--yes", "--plan", "p.json"});
  CHECK(snapshot.status == 65);
  CHECK(snapshot.messages == "twctl: p.json: not a plan but the output of 'snapshot'\n");
  host.disk.distrust["p.json"] = "p.json is writable by others";
  CHECK(run_on(host, {"apply", "--yes", "--plan", "p.json"}).status == 77);
  CHECK(run_on(host, {"apply", "--yes", "--plan", "none.json"}).status == 66);
}

TEST_CASE("a profile that others could have changed is 77 for apply") {
  StockHost host;
  host.disk.files["mine.ini"] = "[linux]\nnet.ipv4.tcp_fin_timeout = 30\n";
  host.disk.distrust["mine.ini"] = "mine.ini is writable by others";
  CHECK(run_on(host, {"apply", "--yes", "mine.ini"}).status == 77);
  CHECK(host.fin() == "60");
}

TEST_CASE("recover undoes what was interrupted, reports and logs it, and a second one has nothing to do") {
  StockHost host;
  apply_killed_halfway(host);
  REQUIRE(host.fin() == "30");
  const Ran status = run_on(host, {"status"});
  CHECK(status.status == 0);
  CHECK(
      status.results.starts_with("Interrupted: change 00000000 has no end; `twctl recover` finishes or undoes it.\n"));
  CHECK(run_on(host, {"status", "--exit-code"}).status == 2);
  const Ran ran = run_on(host, {"recover", "--json"});
  CHECK(ran.status == 0);
  CHECK(against_schema(ran.results, "recover") == "");
  CHECK(json_of(ran)["recovered"][0]["ending"] == "rolled-back");
  CHECK(host.fin() == "60");
  CHECK(host.process.log_lines.size() == 1);
  CHECK(host.process.log_lines[0].starts_with("recovery of "));
  CHECK(run_on(host, {"recover"}).results == "Nothing to recover.\n");
}

TEST_CASE("status tells a run that is at work from one that was interrupted, and --exit-code does not count it") {
  StockHost host;
  apply_killed_halfway(host);
  host.journal.locked_by_another = true;
  const Ran status = run_on(host, {"status", "--exit-code"});
  CHECK(status.status == 0);
  CHECK(status.results.starts_with("In progress: a run is at work on change 00000000.\n"));
  const Ran json = run_on(host, {"status", "--json"});
  CHECK(against_schema(json.results, "status") == "");
  CHECK(json_of(json)["in_progress"] == nlohmann::json::array({newest_id(host)}));
  CHECK(json_of(json)["interrupted"].empty());
  const std::string metrics = run_on(host, {"status", "--format", "prometheus"}).results;
  CHECK(metrics.find("\ntwctl_changes_in_progress 1\n") != std::string::npos);
  CHECK(metrics.find("\ntwctl_changes_interrupted 0\n") != std::string::npos);
}

TEST_CASE("what a command had to recover first is reported even where the command then fails") {
  StockHost host;
  apply_killed_halfway(host);
  const Ran ran = run_on(host, {"rollback", "--yes", "zz"});
  CHECK(ran.status == 3);
  CHECK(ran.messages.find(" had been interrupted and was rolled back\ntwctl: no change has an id") !=
        std::string::npos);
}

TEST_CASE("a recovery that finds somebody else's value keeps it, ends 4 and names it") {
  StockHost host;
  apply_killed_halfway(host);
  host.store.set(kFin, "45");
  const Ran ran = run_on(host, {"recover"});
  CHECK(ran.status == 4);
  CHECK(ran.messages.find("net.ipv4.tcp_fin_timeout = 45 is somebody else's and was kept") != std::string::npos);
  CHECK(host.fin() == "45");
  CHECK(run_on(host, {"recover"}).status == 0);
  CHECK(run_on(host, {"status"}).results.find("Conflict: ") != std::string::npos);
}

TEST_CASE("another twctl at work is 75, and nothing is touched") {
  StockHost host;
  host.journal.locked_by_another = true;
  CHECK(run_on(host, kApply).status == 75);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 75);
  CHECK(run_on(host, {"recover"}).status == 75);
  CHECK(host.fin() == "60");
}

TEST_CASE("a write that fails undoes everything and ends 1") {
  StockHost host;
  host.set_step([](std::string_view call) -> std::optional<Error> {
    if (call == "write setting") return Error{.code = ErrorCode::failed, .message = "Input/output error"};
    return std::nullopt;
  });
  const Ran ran = run_on(host, kApply);
  CHECK(ran.status == 1);
  CHECK(ran.messages == "twctl: Input/output error; every value is back as it was\n");
  CHECK(run_on(host, {"recover"}).results == "Nothing to recover.\n");
  CHECK(host.fin() == "60");
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("a rollback that the kernel refuses goes back to how it began, and nothing stays in the way") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  int writes = 0;
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    if (call == "write setting" && ++writes <= 2)
      return Error{.code = ErrorCode::failed, .message = "Invalid argument"};
    return std::nullopt;
  });
  CHECK(run_on(host, {"rollback", "--yes"}).status == 1);
  host.set_step([](std::string_view) { return std::nullopt; });
  CHECK(host.fin() == "30");
  CHECK(run_on(host, {"recover"}).results == "Nothing to recover.\n");
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("a live-only change of an earlier boot has nothing left to put back") {
  StockHost host;
  CHECK(run_on(host, with(kApply, {"--scope", "live"})).status == 0);
  host.facts.boot_id = "next";
  host.store.set(kFin, "45");
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(host.fin() == "45");
}

TEST_CASE("history says who, when, why and what, and an entry has the commands that undo it by hand") {
  StockHost host;
  CHECK(run_on(host, {"history"}).results == "No change has been made on this host.\n");
  CHECK(run_on(host, with(kApply, {"--reason", "ticket \x1b[2J7"})).status == 0);
  const std::string id = newest_id(host);
  CHECK(run_on(host, {"history"}).results ==
        id.substr(0, 8) +
            "  2023-11-14 22:13:20 UTC  in force\n"
            "          apply net.ipv4.tcp_fin_timeout (1 setting, 1 file), by uid 1000: ticket \\x1b[2J7\n");
  const std::string whole = run_on(host, {"history", id.substr(0, 6)}).results;
  CHECK(whole.find("    who        login uid 1000 as uid 0 (SUDO_USER says ann)\n") != std::string::npos);
  CHECK(whole.find("    why        ticket \\x1b[2J7\n") != std::string::npos);
  CHECK(whole.find("               rm -f /etc/sysctl.d/60-twctl.conf\n") != std::string::npos);
  CHECK(against_schema(run_on(host, {"history", "--json"}).results, "history") == "");
}

TEST_CASE("history says of an older change that its commands by hand take back what came later too") {
  StockHost host;
  REQUIRE(run_on(host, kApply).status == 0);
  const std::string first = newest_id(host);
  const auto told = [&] { return run_on(host, {"history", first}).results; };
  CHECK(told().ends_with("               rm -f /etc/sysctl.d/60-twctl.conf\n"));
  REQUIRE(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  const std::string second = newest_id(host);
  const std::string note =
      "\nnote: " + second.substr(0, 8) + " wrote here later: by hand that goes too; `twctl rollback";
  CHECK(told().find(note) != std::string::npos);
  REQUIRE(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(told().ends_with("               rm -f /etc/sysctl.d/60-twctl.conf\n"));
}

TEST_CASE("status tells of drift of a value and of a file, and exits 0 all the same") {
  StockHost host;
  CHECK(run_on(host, {"status"}).results == "No change has been made on this host.\n");
  CHECK(run_on(host, kApply).status == 0);
  CHECK(run_on(host, {"status"}).results.starts_with("Everything is as twctl left it. Nothing is pending.\n"));
  host.store.set(kFin, "45");
  host.disk.files.at(kBootFile) += "# edited\n";
  const Ran ran = run_on(host, {"status"});
  CHECK(ran.status == 0);
  const std::string id = newest_id(host).substr(0, 8);
  CHECK(ran.results.starts_with("Drift: net.ipv4.tcp_fin_timeout is 45; change " + id +
                                " left 30\n"
                                "  back to 30: twctl apply --set net.ipv4.tcp_fin_timeout=30\n"
                                "  keep 45: twctl apply --set net.ipv4.tcp_fin_timeout=45\n"
                                "Drift: /etc/sysctl.d/60-twctl.conf is no longer as change " +
                                id +
                                " left it\n"
                                "  to have it as it was, move this one away, then: twctl apply --set "
                                "net.ipv4.tcp_fin_timeout=30 --scope boot\n"));
  const Ran json = run_on(host, {"status", "--json"});
  CHECK(against_schema(json.results, "status") == "");
  CHECK(json_of(json)["drift"].size() == 2);
}

TEST_CASE(
    "N52: of a long boot file that earlier changes have left every byte still counts: drift is told, and no other") {
  StockHost host;
  std::string& conf = host.disk.files["/etc/sysctl.conf"];
  for (int line = 0; line < 2000; ++line) conf += "# what somebody has written here\n";
  const auto set = [&](const std::string& wish) {
    return run_on(host,
                  {"apply", "--yes", "--boot-file", "/etc/sysctl.conf", "--accept", "not-read-at-boot", "--set", wish})
        .status;
  };
  REQUIRE(set("net.ipv4.tcp_fin_timeout=30") == 0);
  REQUIRE(set("net.ipv4.tcp_fin_timeout=20") == 0);
  REQUIRE(run_on(host, {"apply", "--yes", "--scope", "live", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  const auto drift = [&] { return json_of(run_on(host, {"status", "--json"}))["drift"].size(); };
  CHECK(drift() == 0);
  conf[0] = ';';
  CHECK(drift() == 1);
  conf[0] = '#';
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(drift() == 0);
  CHECK(conf.find("tcp_fin_timeout = 30") != std::string::npos);
}

TEST_CASE("history --json is written one change after the other, and is one document to the byte") {
  StockHost host;
  const auto check = [&](std::size_t changes, std::size_t damaged) {
    const Ran ran = run_on(host, {"history", "--json"});
    CHECK(ran.status == (damaged == 0 ? 0 : 65));
    const auto document = nlohmann::ordered_json::parse(ran.results);
    CHECK(ran.results == document.dump(2) + "\n");
    CHECK(against_schema(ran.results, "history") == "");
    CHECK(document["changes"].size() == changes);
    CHECK(document["damaged"].size() == damaged);
  };
  check(0, 0);
  CHECK(run_on(host, kApply).status == 0);
  check(1, 0);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  check(2, 0);
  host.journal.changes.begin()->second.at("intent").back() = 'x';
  check(1, 1);
  host.journal.changes.rbegin()->second.at("intent").back() = 'x';
  check(0, 2);
}

TEST_CASE("N92: the folders of a journal are listed as often for a thousand that are damaged as for two") {
  const auto lists = [](int damaged, const Args& args) {
    StockHost host;
    for (int i = 0; i < damaged; ++i) host.journal.changes["0000" + std::to_string(1000 + i) + "-a"] = {};
    int times = 0;
    host.journal.step = [&](std::string_view call) {
      times += call == "folders" ? 1 : 0;
      return std::nullopt;
    };
    const Ran ran = run_on(host, args);
    CHECK((ran.messages + ran.results).find("00001000-a") != std::string::npos);
    return times;
  };
  for (const Args& args : {Args{"history"}, Args{"status"}, Args{"recover"}, kApply}) {
    CAPTURE(args.front());
    CHECK(lists(2, args) <= 6);
    CHECK(lists(1000, args) == lists(2, args));
  }
}

TEST_CASE("a change that is pruned while the history is read is no damage, beside one that is damaged") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  host.journal.changes["00000000-a"] = {};
  const std::string pruned = host.journal.changes.rbegin()->first;
  host.journal.step = [&](std::string_view call) {
    if (call == "read record") host.journal.changes.erase(pruned);
    return std::nullopt;
  };
  const Ran ran = run_on(host, {"history"});
  CHECK(ran.status == 65);
  CHECK(ran.messages.find("00000000-a") != std::string::npos);
  CHECK(ran.messages.find(pruned) == std::string::npos);
}

TEST_CASE("history --json whose reader has no room ends with 74, and with one message") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  Streams full;
  full.results = [](std::string_view) -> Result<void> { return fail(ErrorCode::output, "No space left on device"); };
  const Ran ran = run_on(host, {"history", "--json"}, full);
  CHECK(ran.status == 74);
  CHECK(ran.messages == "twctl: No space left on device\n");
}

TEST_CASE("N80: a boot file with a value of over 32 KiB has not drifted, and is not taken for somebody else's change") {
  StockHost host;
  std::string& conf = host.disk.files["/etc/sysctl.conf"];
  conf += "net.ipv4.ip_local_reserved_ports = 1025";
  for (int port = 1027; port < 20000; port += 2) conf += "," + std::to_string(port);
  conf += "\n";
  REQUIRE(conf.size() > std::size_t{32} * 1024);
  const auto set = [&](const std::string& wish, const Args& more) {
    return run_on(host, with({"apply", "--yes", "--accept", "not-read-at-boot", "--set", wish}, more)).status;
  };
  const Args in_conf{"--boot-file", "/etc/sysctl.conf"};
  const Args live{"--scope", "live"};
  REQUIRE(set("net.ipv4.tcp_fin_timeout=30", in_conf) == 0);
  const std::string first = newest_id(host);
  REQUIRE(set("net.ipv4.tcp_tw_reuse=1", live) == 0);
  const auto drift = [&] { return json_of(run_on(host, {"status", "--json"}))["drift"].size(); };
  CHECK(drift() == 0);
  conf.insert(conf.find("1025"), "80,");
  CHECK(drift() == 1);
  conf.erase(conf.find("80,"), 3);
  REQUIRE(set("net.ipv4.tcp_fin_timeout=20", in_conf) == 0);
  REQUIRE(set("net.ipv4.tcp_tw_reuse=0", live) == 0);
  CHECK(drift() == 0);
  const Ran refused = run_on(host, {"rollback", "--yes", first});
  CHECK(refused.status == 3);
  CHECK(refused.messages.starts_with("twctl: set again by a later change: "));
  CHECK(run_on(host, {"rollback", "--yes", "--to", first}).status == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("apply --set of a drifted value as it is ends the drift: in a boot file, or in the journal alone") {
  StockHost persisted;
  CHECK(run_on(persisted, kApply).status == 0);
  persisted.store.set(kFin, "20");
  const Ran ran = run_on(persisted, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=20"});
  CHECK(ran.status == 0);
  CHECK(ran.results.find("note: net.ipv4.tcp_fin_timeout is 20, and change ") != std::string::npos);
  CHECK(run_on(persisted, {"status", "--exit-code"}).status == 0);
  persisted.facts.boot_id = "next";
  CHECK(run_on(persisted, {"status", "--exit-code"}).status == 0);
  CHECK(run_on(persisted, {"rollback", "--yes"}).status == 0);  // the line as it was; the value as it was found
  CHECK(persisted.fin() == "20");
  CHECK(persisted.disk.files.at(kBootFile).find("tcp_fin_timeout = 30") != std::string::npos);

  StockHost live_only;
  const Args adopt{"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=20", "--scope", "live", "--detailed-exitcode"};
  CHECK(run_on(live_only, with(kApply, {"--scope", "live"})).status == 0);
  live_only.store.set(kFin, "20");
  CHECK(run_on(live_only, adopt).status == 2);
  CHECK(run_on(live_only, adopt).status == 0);
  CHECK(run_on(live_only, {"status", "--exit-code"}).status == 0);
  CHECK_FALSE(live_only.has_boot_file());
  const std::string first = load_changes(live_only.state()).value().front().intent.id;
  CHECK(run_on(live_only, {"rollback", "--yes", "--to", first}).status == 3);  // it is somebody else's
  CHECK(run_on(live_only, {"rollback", "--yes", "--to", first, "--force", kFin}).status == 0);
  CHECK(live_only.fin() == "60");
}

TEST_CASE("N82: a saved plan for a value that somebody else has set over ours takes it over") {
  StockHost host;
  const Args wish{"--set", "net.ipv4.tcp_fin_timeout=20", "--scope", "live"};
  CHECK(run_on(host, with(kApply, {"--scope", "live"})).status == 0);
  host.store.set(kFin, "20");
  CHECK(run_on(host, with({"plan", "-o", "p.json"}, wish)).status == 2);
  CHECK(run_on(host, {"apply", "--yes", "--plan", "p.json"}).status == 0);
  CHECK(run_on(host, with({"plan"}, wish)).status == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
}

TEST_CASE("N82: a plan for a value that apply --set would take over as it is ends with 2, and says so") {
  StockHost host;
  const Args wish{"--set", "net.ipv4.tcp_fin_timeout=20", "--scope", "live"};
  CHECK(run_on(host, with(kApply, {"--scope", "live"})).status == 0);
  host.store.set(kFin, "20");
  const Ran plan = run_on(host, with({"plan", "--json"}, wish));
  CHECK(plan.status == 2);
  CHECK(against_schema(plan.results, "plan") == "");
  const auto document = json_of(plan);
  CHECK(document["summary"]["changes"] == 1);
  CHECK(document["summary"]["text"] == "1 setting would be taken over as it is; nothing is blocked.");
  const std::string change = newest_id(host).substr(0, 8);
  CHECK(document["notes"].back() == "net.ipv4.tcp_fin_timeout is 20, and change " + change +
                                        " left 30: apply takes 20 over, as what twctl has left");
  CHECK(run_on(host, with({"plan"}, wish)).results.find("  twctl apply --set ") != std::string::npos);
  CHECK(run_on(host, with({"plan", "-q"}, wish)).results.starts_with("~ net.ipv4.tcp_fin_timeout  ok"));
  CHECK(run_on(host, with({"apply", "--dry-run", "--detailed-exitcode"}, wish)).status == 2);
  CHECK(run_on(host, with({"apply", "--yes", "--detailed-exitcode"}, wish)).status == 2);
  CHECK(run_on(host, with({"plan"}, wish)).status == 0);
  host.store.set(kFin, "45");  // of what no --set names it is somebody else's, and stays so
  CHECK(run_on(host, with({"plan"}, {"--set", "net.ipv4.tcp_tw_reuse=2", "--scope", "live"})).status == 0);
}

TEST_CASE("a value that drifted stays somebody else's where an apply does not name it, or names another one") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  host.store.set(kFin, "20");
  CHECK(run_on(host, {"apply", "--yes", "busy-client"}).status == 0);  // wants at most 60
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 2);
}

// The arguments of the command behind `label` in what status says.
std::vector<std::string> step_in(const std::string& status, const std::string& label) {
  const std::string start = "  " + label + ": twctl ";
  const std::size_t at = status.find(start);
  REQUIRE(at != std::string::npos);
  const std::string line = first_line(status.substr(at + start.size()));
  std::vector<std::string> arguments;
  for (const std::string_view word : split(line, ' ')) arguments.emplace_back(word);
  arguments.emplace_back("--yes");
  return arguments;
}

int run_step(MemoryHost& host, const std::string& label) {
  const std::vector<std::string> arguments = step_in(run_on(host, {"status"}).results, label);
  return run_on(host, {arguments.begin(), arguments.end()}).status;
}

TEST_CASE("what status names as next step of a drift ends it") {
  for (const char* scope : {"live", "both"}) {
    CAPTURE(scope);
    for (const char* label : {"back to 30", "keep 60"}) {
      StockHost host;
      CHECK(run_on(host, with(kApply, {"--scope", scope})).status == 0);
      host.store.set(kFin, "60");
      CHECK(run_step(host, label) == 0);
      CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
      CHECK(host.fin() == (label == std::string("keep 60") ? "60" : "30"));
      CHECK(host.has_boot_file() == (scope == std::string("both")));
    }
  }
}

TEST_CASE("what status names as next step of a drift accepts what the change had to accept") {
  StockHost host;
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=90"}).status == 3);
  CHECK(
      run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=90", "--accept", "fin-timeout-trap"}).status ==
      0);
  host.store.set(kFin, "60");
  host.disk.files.erase(kBootFile);
  const Ran ran = run_on(host, {"status"});
  CAPTURE(ran.results);
  const std::string accepts = " --accept fin-timeout-trap:net.ipv4.tcp_fin_timeout\n";
  for (const std::string& step : {"back to 90: twctl apply --set net.ipv4.tcp_fin_timeout=90" + accepts,
                                  "as it was: twctl apply --set net.ipv4.tcp_fin_timeout=90 --scope boot" + accepts,
                                  "keep 60: twctl apply --set net.ipv4.tcp_fin_timeout=60" + accepts}) {
    CHECK(ran.results.find("  " + step) != std::string::npos);
  }
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=90", "--scope", "boot", "--accept",
                      "fin-timeout-trap:net.ipv4.tcp_fin_timeout"})
            .status == 0);
}

TEST_CASE("what status names as next step of a drift writes the boot file that the change wrote") {
  const std::string conf = "/etc/sysctl.conf";
  StockHost host;
  host.disk.files[conf] = "# mine\n";
  host.disk.links["/etc/sysctl.d/99-sysctl.conf"] = conf;
  CHECK(run_on(host, with(kApply, {"--boot-file", conf})).status == 0);
  host.disk.files.at(conf) = "# mine\nnet.ipv4.tcp_fin_timeout = 60\n";
  host.store.set(kFin, "60");
  CHECK(run_step(host, "back to 30") == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  CHECK(host.disk.files.at(conf) == "# mine\nnet.ipv4.tcp_fin_timeout = 30\n");
}

TEST_CASE("what status names as next step for a boot file that is gone or edited brings its lines back") {
  StockHost host;
  CHECK(run_on(host, with(kApply, {"--set", "net.ipv4.tcp_tw_reuse=1"})).status == 0);
  host.disk.files.erase(kBootFile);
  CHECK(run_step(host, "as it was") == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  host.disk.files.at(kBootFile) += "# edited\n";
  const std::vector<std::string> arguments =
      step_in(run_on(host, {"status"}).results, "to have it as it was, move this one away, then");
  host.disk.files.erase(kBootFile);
  CHECK(run_on(host, {arguments.begin(), arguments.end()}).status == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  CHECK(host.disk.files.at(kBootFile).find("tcp_tw_reuse = 1") != std::string::npos);

  host.disk.files.erase(kBootFile);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.core.somaxconn=8192"}).status == 0);
  CHECK(run_step(host, "write it again") == 0);
  CHECK(host.disk.files.at(kBootFile).find("tcp_fin_timeout = 30") != std::string::npos);
}

TEST_CASE("our own boot file, edited by hand: plan and apply name it once, and the way that keeps every line") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  host.disk.files.at(kBootFile) += "# edited\n";
  for (const char* command : {"plan", "apply"}) {
    CHECK(run_on(host, {command, "--set", "net.ipv4.tcp_fin_timeout=35"}).messages ==
          "twctl: /etc/sysctl.d/60-twctl.conf has been changed by somebody else since twctl wrote it\n"
          "  hint: move it away, and lines of your own into a file of another name; status then has the command "
          "that writes again what the history has in force of twctl's lines, which the next boot lacks until then\n");
  }
}

TEST_CASE(
    "our own boot file, changed by somebody, without a history: status has no command, and the hint promises none") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  StockHost copied;
  copied.disk.files[std::string(kBootFile)] = host.disk.files.at(kBootFile) + "# edited\n";
  CHECK(
      run_on(copied, {"plan", "--set", "net.ipv4.tcp_fin_timeout=35"}).messages.find("what the history has in force") !=
      std::string::npos);
  copied.disk.files.erase(std::string(kBootFile));
  CHECK(run_on(copied, {"status"}).results == "No change has been made on this host.\n");
}

TEST_CASE("status tells of a line for the next boot alone in sysctl.conf that another file or no loader lets decide") {
  const auto apply_to_conf = [](StockHost& host) {
    return run_on(host, {"apply", "--yes", "--scope", "boot", "--set", "net.ipv4.tcp_fin_timeout=50", "--boot-file",
                         "/etc/sysctl.conf", "--accept", "not-read-at-boot"})
        .status;
  };
  StockHost host;
  host.disk.files["/etc/sysctl.conf"] = "";
  host.disk.links["/etc/sysctl.d/99-sysctl.conf"] = "/etc/sysctl.conf";
  REQUIRE(apply_to_conf(host) == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  host.disk.files["/etc/sysctl.d/zz-x.conf"] = "net.ipv4.tcp_fin_timeout = 20\n";
  const Ran shadowed = run_on(host, {"status", "--exit-code"});
  CHECK(shadowed.status == 2);
  CHECK(single_spaced(shadowed.results)
            .find("Next boot: net.ipv4.tcp_fin_timeout will be 20, not 50: /etc/sysctl.d/zz-x.conf:1 sets 20") !=
        std::string::npos);
  StockHost unread;
  unread.disk.files["/etc/sysctl.conf"] = "";
  REQUIRE(apply_to_conf(unread) == 0);
  const Ran ran = run_on(unread, {"status"});
  CAPTURE(ran.results);
  CHECK(
      single_spaced(ran.results)
          .find("Next boot: net.ipv4.tcp_fin_timeout will be 60, not 50: /etc/sysctl.conf is not read at boot here") !=
      std::string::npos);
}

TEST_CASE("history names up to two settings of a profile, and counts more") {
  StockHost host;
  CHECK(run_on(host, {"apply", "--yes", "busy-client"}).status == 0);
  CHECK(run_on(host, {"history"}).results.find("apply busy-client (net.ipv4.tcp_tw_reuse, 1 file), by") !=
        std::string::npos);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(run_on(host, {"history"}).results.find(" (net.ipv4.tcp_tw_reuse, 1 file), by") != std::string::npos);
  host.disk.files["/p.conf"] = "net.ipv4.tcp_tw_reuse=1\nnet.ipv4.tcp_fin_timeout=20\nnet.core.somaxconn=8192\n";
  CHECK(run_on(host, {"apply", "--yes", "/p.conf"}).status == 0);
  CHECK(run_on(host, {"history"}).results.find("apply /p.conf (3 settings, 1 file), by") != std::string::npos);
}

TEST_CASE("C11: what comes back after a rollback that found it gone is drift, and what stays away is none") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  const std::string boot_file = host.disk.files.at(kBootFile);
  host.disk.files.erase(kBootFile);  // by somebody else
  host.store.set(kFin, "60");
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(run_on(host, {"status"}).results.find("Drift") == std::string::npos);
  host.disk.files[kBootFile] = boot_file;  // a configuration manager writes it again
  host.store.set(kFin, "30");
  const std::string id = newest_id(host).substr(0, 8);
  CHECK(run_on(host, {"status"})
            .results.starts_with("Drift: net.ipv4.tcp_fin_timeout is 30; change " + id +
                                 " left 60\n"
                                 "  back to 60: twctl apply --set net.ipv4.tcp_fin_timeout=60 --scope live\n"
                                 "  keep 30: twctl apply --set net.ipv4.tcp_fin_timeout=30 --scope live\n"
                                 "Drift: /etc/sysctl.d/60-twctl.conf is no longer as change " +
                                 id + " left it\n"));
}

Args set_to(std::string_view value, std::string_view scope) {
  static std::string wish;
  wish = kFin + "=" + std::string(value);
  return {"apply", "--yes", "--scope", scope, "--set", wish};
}

TEST_CASE("H27: what a boot file of twctl's has set at a restart is twctl's own") {
  for (const bool with_later : {false, true}) {
    StockHost host;
    CHECK(run_on(host, set_to("40", "both")).status == 0);
    const std::string first = newest_id(host);
    CHECK(run_on(host, set_to("50", "boot")).status == 0);
    const std::string second = newest_id(host);
    host.facts.boot_id = "next";
    host.store.set(kFin, "50");
    const Ran refused = run_on(host, {"rollback", "--yes", first});
    CHECK(refused.status == 3);
    CHECK(refused.messages.find("set again by a later change: net.ipv4.tcp_fin_timeout (change " +
                                second.substr(0, 8)) != std::string::npos);
    if (with_later) CHECK(run_on(host, {"rollback", "--yes", "--to", first}).status == 0);
    if (!with_later) CHECK(run_on(host, {"rollback", "--yes", second}).status == 0);
    if (!with_later) CHECK(run_on(host, {"rollback", "--yes", first}).status == 0);
    CHECK(host.fin() == "60");
    CHECK_FALSE(host.has_boot_file());
  }
}

TEST_CASE("H27: a live value that a later change has led on into a boot file is undone after a restart too") {
  for (const bool with_later : {false, true}) {
    StockHost host;
    CHECK(run_on(host, set_to("40", "live")).status == 0);
    const std::string first = newest_id(host);
    CHECK(run_on(host, set_to("50", "both")).status == 0);
    host.facts.boot_id = "next";
    host.store.set(kFin, "50");
    if (with_later) CHECK(run_on(host, {"rollback", "--yes", "--to", first}).status == 0);
    if (!with_later) CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
    if (!with_later) CHECK(run_on(host, {"rollback", "--yes", first}).status == 0);
    CHECK(host.fin() == "60");
  }
}

// The kernel's defaults, and over them what our own boot file has.
void restart(StockHost& host, const std::string& boot_id) {
  host.facts.boot_id = boot_id;
  host.store.set(kFin, "60");
  host.store.set(kReuse, "2");
  if (!host.has_boot_file()) return;
  for (const OwnLine& line : parse_own_file(host.disk.files.at(kBootFile)).value_or(std::vector<OwnLine>())) {
    host.store.set(line.key, line.value);
  }
}

TEST_CASE("N04: after a restart what the boot files had is as twctl left it, whatever was live before") {
  using Set = std::pair<std::string_view, std::string_view>;  // value and scope; "": rollback
  const std::vector<std::vector<Set>> walks{{{"40", "both"}, {"50", "boot"}},
                                            {{"40", "live"}, {"50", "both"}, {}},
                                            {{"40", "both"}, {}, {"40", "boot"}},
                                            {{"40", "both"}, {"50", "live"}},
                                            {{"40", "both"}, {"50", "live"}, {}}};
  for (const std::vector<Set>& walk : walks) {
    StockHost host;
    for (const auto& [value, scope] : walk) {
      REQUIRE(run_on(host, value.empty() ? Args{"rollback", "--yes"} : set_to(value, scope)).status == 0);
    }
    restart(host, "next");
    const Ran status = run_on(host, {"status", "--exit-code"});
    CHECK(status.status == 0);
    CHECK(first_line(status.results) == "Everything is as twctl left it. Nothing is pending.");
    const std::string loaded = host.fin();
    host.store.set(kFin, "33");
    CHECK((run_on(host, {"status", "--exit-code"}).status == 2) == (loaded != "60"));  // what was loaded, is
  }
}

TEST_CASE("N04: step by step back to the first values, over restarts between") {
  StockHost host;
  const auto undo = [&] { return run_on(host, {"rollback", "--yes"}).status; };
  const auto set_reuse = [&](const char* value) {
    return run_on(host, {"apply", "--yes", "--set", kReuse + "=" + value}).status;
  };
  CHECK(run_on(host, set_to("40", "both")).status == 0);
  CHECK(run_on(host, set_to("50", "boot")).status == 0);
  restart(host, "second");
  CHECK(set_reuse("1") == 0);
  CHECK(set_reuse("0") == 0);
  CHECK(undo() == 0);
  restart(host, "third");
  for (int i = 0; i < 3; ++i) CHECK(undo() == 0);
  CHECK(host.fin() == "60");
  CHECK(host.store.live.at(kReuse).value == "2");
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("N13: what was set through the procfs below a root is not forgotten where that is not mounted") {
  StockHost host;
  host.facts.root = {.running_system = false, .boot_id = host.facts.boot_id, .directory = "8:1:99"};
  CHECK(run_on(host, set_to("40", "live")).status == 0);
  const HostFacts mounted = host.facts;
  host.facts.boot_id = host.facts.network_namespace = "";
  host.facts.live = false;
  for (const Args& args : {Args{"rollback", "--yes"}, Args{"rollback", "--dry-run"}}) {
    const Ran refused = run_on(host, args);
    CAPTURE(refused.messages);
    CHECK(refused.status == 3);
    CHECK(refused.messages.find("its values lie in the running kernel, whose procfs is not mounted below this root\n"
                                "  hint: mount it there again, as it was when the change was made\n") !=
          std::string::npos);
  }
  host.facts = mounted;
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("H27: a change of the same setting in another network namespace makes nothing somebody else's") {
  StockHost host;
  CHECK(run_on(host, set_to("40", "live")).status == 0);
  const std::string first = newest_id(host);
  CHECK(run_on(host, set_to("50", "live")).status == 0);
  const std::string second = newest_id(host).substr(0, 8);
  host.facts.initial_network_namespace = false;
  host.facts.netns = "blue";
  host.facts.network_namespace = "blue's";
  host.other_living_namespaces = {"4026531840"};
  CHECK(run_on(host, set_to("45", "live")).status == 0);
  host.facts.initial_network_namespace = true;
  host.facts.netns = "";
  host.facts.network_namespace = "4026531840";
  host.store.set(kFin, "50");
  const Ran refused = run_on(host, {"rollback", "--yes", first});
  CHECK(refused.status == 3);
  CHECK(refused.messages.find("set again by a later change: net.ipv4.tcp_fin_timeout (change " + second) !=
        std::string::npos);
}

TEST_CASE("after a boot a live-only change is no drift, and a persisted one is expected to be live") {
  StockHost live_only;
  CHECK(run_on(live_only, with(kApply, {"--scope", "live"})).status == 0);
  live_only.facts.boot_id = "next";
  live_only.store.set(kFin, "60");
  CHECK(run_on(live_only, {"status"}).results.find("Drift") == std::string::npos);

  StockHost persisted;
  CHECK(run_on(persisted, kApply).status == 0);
  persisted.facts.boot_id = "next";
  persisted.store.set(kFin, "60");
  CHECK(run_on(persisted, {"status"}).results.find("Drift: net.ipv4.tcp_fin_timeout is 60") != std::string::npos);
}

TEST_CASE("a rollback after a boot restores what the boot file has set") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  host.facts.boot_id = "next";
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(host.fin() == "60");
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("values of another network namespace are not in reach: 3, with how to get there") {
  StockHost host;
  host.facts.netns = "blue";
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "netns-blue";
  const Ran applied = run_on(host, kApply);
  CHECK(applied.results.find("    undo       twctl rollback " + newest_id(host).substr(0, 8) + " --netns blue\n") !=
        std::string::npos);
  CHECK_FALSE(host.has_boot_file());
  host.facts.netns = "";
  host.facts.network_namespace = "4026531840";
  host.other_living_namespaces = {"netns-blue"};
  const Ran ran = run_on(host, {"rollback", "--yes"});
  CHECK(ran.status == 3);
  CHECK(ran.messages.ends_with("hint: run: twctl rollback " + newest_id(host).substr(0, 8) + " --netns blue\n"));
  host.other_living_namespaces.clear();
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(host.fin() == "30");
}

TEST_CASE("N56: status names a network namespace with changes in force that it has not looked at") {
  StockHost host;
  host.facts.netns = "blue";
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "netns-blue";
  CHECK(run_on(host, kApply).status == 0);
  host.facts.netns = "";
  host.facts.network_namespace = "4026531840";
  host.other_living_namespaces = {"netns-blue"};
  const Ran ran = run_on(host, {"status"});
  CHECK(single_spaced(ran.results)
            .starts_with("Everything here is as twctl left it. Nothing is pending. Not looked at: network namespace "
                         "blue, where changes are in force see: twctl status --netns blue "));
  const Ran json = run_on(host, {"status", "--json"});
  CHECK(against_schema(json.results, "status") == "");
  CHECK(json_of(json)["not_looked_at"].dump() == "[\"blue\"]");
  host.other_living_namespaces.clear();
  CHECK(json_of(run_on(host, {"status", "--json"}))["not_looked_at"].empty());
}

TEST_CASE("N95: status says so too where the namespace was only entered, and has no name") {
  StockHost host;
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "netns-blue";
  CHECK(run_on(host, with(kApply, {"--scope", "live"})).status == 0);
  host.facts.initial_network_namespace = true;
  host.facts.network_namespace = "4026531840";
  host.other_living_namespaces = {"netns-blue"};
  const Ran ran = run_on(host, {"status"});
  CHECK(single_spaced(ran.results)
            .starts_with("Everything here is as twctl left it. Nothing is pending. Not looked at: another network "
                         "namespace, where changes are in force: see `twctl status` in it"));
  const Ran json = run_on(host, {"status", "--json"});
  CHECK(against_schema(json.results, "status") == "");
  CHECK(json_of(json)["not_looked_at"].dump() == "[null]");
  host.other_living_namespaces.clear();
  CHECK(json_of(run_on(host, {"status", "--json"}))["not_looked_at"].empty());
}

namespace {

// A run of that host's, or one inside a network namespace of it, which was only entered and has no name.
void stand_in_the_host(MemoryHost& host) {
  host.facts.initial_network_namespace = true;
  host.facts.network_namespace = "4026531840";
  host.other_living_namespaces = {"netns-blue"};
  host.moved_namespaces = {};
}

void stand_in_a_namespace(MemoryHost& host) {
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "netns-blue";
  host.other_living_namespaces = {};
  host.moved_namespaces = {{"4026531840", "/proc/1/ns/net"}};
}

bool says(const Ran& ran, const std::string& text) {
  return single_spaced(ran.results).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("N96: status and history inside a network namespace name commands that act where they are meant to") {
  StockHost host;
  stand_in_the_host(host);
  CHECK(run_on(host, kApply).status == 0);
  const std::string of_host = newest_id(host);
  stand_in_a_namespace(host);
  CHECK(says(run_on(host, {"status"}),
             "Not looked at: the host's own network namespace, where changes are in force see: "
             "nsenter --net=/proc/1/ns/net twctl status "));
  CHECK(says(run_on(host, {"history", of_host}),
             "nsenter --net=/proc/1/ns/net sysctl -p /var/lib/twctl/changes/00000001-" + of_host));
  const Ran refused = run_on(host, {"rollback", "--yes"});
  CHECK(refused.status == 3);
  CHECK(refused.messages.ends_with("hint: run: nsenter --net=/proc/1/ns/net twctl rollback " + of_host.substr(0, 8) +
                                   "\n"));
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=31"}).status == 0);
  host.store.set(kFin, "45");
  const Ran drifted = run_on(host, {"status"});
  CHECK(says(drifted,
             "back to 31: twctl apply --set net.ipv4.tcp_fin_timeout=31 --scope live keep 45: twctl apply "
             "--set net.ipv4.tcp_fin_timeout=45 --scope live"));
  CHECK(says(run_on(host, {"history", newest_id(host)}), "twctl: sysctl -p /var/lib/"));
  host.other_living_namespaces = {};
  host.facts.initial_network_namespace = true;
  host.facts.network_namespace = "4026531840";
  const Ran gone = run_on(host, {"history", newest_id(host)});
  CHECK_FALSE(says(gone, "sysctl -p"));
  CHECK(says(gone, "twctl: cp /var/lib/"));
}

TEST_CASE("N96: what ends an unfinished change, or keeps a pending one, is named as it works from inside a namespace") {
  StockHost host;
  stand_in_the_host(host);
  CHECK(run_on(host, with(kApply, {"--confirm-within", "60"})).status == 0);
  const std::string id = newest_id(host).substr(0, 8);
  stand_in_a_namespace(host);
  const std::string there = "nsenter --net=/proc/1/ns/net twctl ";
  CHECK(says(run_on(host, {"status"}), "Keep it: " + there + "confirm " + id));
  host.time.clock += std::chrono::seconds(120);
  CHECK(says(run_on(host, {"status"}), "Run: " + there + "recover "));

  StockHost killed;
  stand_in_the_host(killed);
  apply_killed_halfway(killed);
  stand_in_a_namespace(killed);
  CHECK(says(run_on(killed, {"status"}), "has no end; `" + there + "recover` finishes or undoes it."));

  StockHost gone;
  gone.facts.netns = "blue";
  stand_in_a_namespace(gone);
  apply_killed_halfway(gone);
  gone.facts.netns = "";
  stand_in_the_host(gone);
  gone.other_living_namespaces = {};
  CHECK(says(run_on(gone, {"status"}), "has no end; `twctl recover` finishes or undoes it."));
  CHECK(run_on(gone, kApply).status == 0);
}

TEST_CASE("history looks for a network namespace once, however many changes it has, and status for itself and drift") {
  struct Searched : StockHost {
    int searches = 0;
    NamespaceFinder namespace_finder() override {
      return [this, find = MemoryHost::namespace_finder()](const auto&... of_whom) {
        ++searches;
        return find(of_whom...);
      };
    }
  };
  Searched host;
  stand_in_the_host(host);
  CHECK(run_on(host, kApply).status == 0);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=31"}).status == 0);
  stand_in_a_namespace(host);
  host.searches = 0;
  CHECK(run_on(host, {"history"}).status == 0);
  CHECK(host.searches == 1);
  host.searches = 0;
  CHECK(run_on(host, {"status"}).status == 0);
  CHECK(host.searches == 2);
}

TEST_CASE("one search finds all network namespaces of the journal, and another one those of drift") {
  struct Searched : StockHost {
    int searches = 0;
    NamespaceFinder namespace_finder() override {
      return [this, begun = false](const std::string&, const std::string&,
                                   const std::string&) mutable -> std::optional<std::string> {
        if (!std::exchange(begun, true)) ++searches;
        return std::nullopt;
      };
    }
  };
  Searched host;
  stand_in_a_namespace(host);
  for (const char* cookie : {"cookie:101", "cookie:102", "cookie:103"}) {
    host.facts.network_namespace = cookie;
    CHECK(run_on(host,
                 {"apply", "--yes", "--scope", "live", "--set", "net.ipv4.tcp_fin_timeout=3" + std::string(cookie + 9)})
              .status == 0);
  }
  host.facts.network_namespace = "cookie:104";
  host.searches = 0;
  CHECK(run_on(host, {"history"}).status == 0);
  CHECK(host.searches == 1);
  host.searches = 0;
  CHECK(run_on(host, {"status"}).status == 0);
  CHECK(host.searches == 2);
}

TEST_CASE("history inside a network namespace says how a change is undone where it was made, in its note as well") {
  StockHost host;
  stand_in_the_host(host);
  CHECK(run_on(host, kApply).status == 0);
  const std::string id = newest_id(host);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=31"}).status == 0);
  stand_in_a_namespace(host);
  CHECK(says(run_on(host, {"history", id}),
             "wrote here later: by hand that goes too; `nsenter --net=/proc/1/ns/net "
             "twctl rollback " +
                 id.substr(0, 8) + "` leaves it, or refuses."));
}

TEST_CASE("apply that has only written a boot file says so, for whom, and that the live values were as wanted") {
  const auto done = [](MemoryHost& host, const Args& args) {
    const std::string text = single_spaced(run_on(host, with({"apply", "--yes"}, args)).results);
    const std::size_t from = text.find("Done");
    return from == std::string::npos ? text : text.substr(from, text.find(" change ", from) - from);
  };
  StockHost host;
  host.store.set(kFin, "30");
  CHECK(done(host, {"--set", "net.ipv4.tcp_fin_timeout=30"}) ==
        "Done; /etc/sysctl.d/60-twctl.conf is on disk. Live values were as wanted already.");
  StockHost inside;
  stand_in_a_namespace(inside);
  inside.store.set(kFin, "30");
  CHECK(done(inside, {"--set", "net.ipv4.tcp_fin_timeout=30"}) ==
        "Done; /etc/sysctl.d/60-twctl.conf is on disk, for the host's own network namespace. Live values were as "
        "wanted already.");
}

TEST_CASE("N97: a change whose namespace is gone is closed where its boot file is another mount's, which stays") {
  StockHost host;
  stand_in_the_host(host);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1"}).status == 0);
  const std::string bytes = host.disk.files.at(kBootFile);
  stand_in_a_namespace(host);
  host.disk.files.erase(kBootFile);  // its /etc is another one, as `ip netns exec` makes of /etc/netns/NAME
  CHECK(run_on(host, kApply).status == 0);
  const std::string id = newest_id(host).substr(0, 8);
  stand_in_the_host(host);
  host.other_living_namespaces = {};
  host.disk.files[kBootFile] = bytes;
  const std::string plan =
      "Rollback of " + id + "\n\n  change " + id +
      " (network namespace netns-blue) went with its network namespace: it is closed\n"
      "  /etc/sysctl.d/60-twctl.conf: not as that left it, or another mount's; it stays as it is\n\n";
  CHECK(run_on(host, {"rollback", "--dry-run"}).results == plan + "Nothing was changed: a dry run.\n");
  const Ran json = run_on(host, {"rollback", "--dry-run", "--json"});
  CHECK(against_schema(json.results, "rollback") == "");
  CHECK(json_of(json)["given_up"] == nlohmann::json{kBootFile});
  const Ran ran = run_on(host, {"rollback", "--yes"});
  CHECK(ran.status == 0);
  CHECK(ran.results == plan + "Done: nothing was left to do.\n");
  CHECK(host.disk.files.at(kBootFile) == bytes);
  const Ran status = run_on(host, {"status", "--exit-code"});
  CHECK(status.status == 0);
  CHECK(says(status, "Everything is as twctl left it. Nothing is pending."));
  CHECK(run_on(host, {"rollback", "--yes", "--to", load_changes(host.state()).value().front().intent.id}).status == 0);
  CHECK_FALSE(host.has_boot_file());
  CHECK(says(run_on(host, {"status", "--exit-code"}), "Everything is as twctl left it. Nothing is pending."));
}

TEST_CASE("N98: a line that was lost, written again and rolled back is lost again, and status says so") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  const std::string id = newest_id(host).substr(0, 8);
  host.disk.files.erase(kBootFile);
  CHECK(run_on(host, with(kApply, {"--scope", "boot"})).status == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK_FALSE(host.has_boot_file());
  const Ran ran = run_on(host, {"status", "--exit-code"});
  CHECK(ran.status == 2);
  CHECK(single_spaced(ran.results)
            .starts_with("Next boot: net.ipv4.tcp_fin_timeout will be 60, not 30: /etc/sysctl.d/60-twctl.conf no "
                         "longer has the line that change " +
                         id + " wrote write it again: twctl apply --set net.ipv4.tcp_fin_timeout=30 --scope boot "));
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
}

TEST_CASE("N99: status does not name a network namespace where all has been taken back") {
  StockHost host;
  stand_in_a_namespace(host);
  CHECK(run_on(host, with(kApply, {"--scope", "live"})).status == 0);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  const std::string rollback = newest_id(host);
  stand_in_the_host(host);
  CHECK(single_spaced(run_on(host, {"status"}).results)
            .starts_with("Everything is as twctl left it. Nothing is pending. Last change: "));
  stand_in_a_namespace(host);
  CHECK(run_on(host, {"rollback", "--yes", rollback}).status == 0);
  stand_in_the_host(host);
  CHECK(says(run_on(host, {"status"}),
             "Not looked at: another network namespace, where changes are in force: see `twctl status` in it"));
}

TEST_CASE("history names the keys of a change that has only written a boot file") {
  StockHost host;
  CHECK(run_on(host, with(kApply, {"--scope", "boot", "--set", "net.ipv4.tcp_tw_reuse=1"})).status == 0);
  const std::string apply = newest_id(host);
  CHECK(says(run_on(host, {"history"}), "apply net.ipv4.tcp_fin_timeout and 1 more (2 settings, 1 file), by"));
  CHECK(run_on(host, {"history", apply})
            .results.find("~ /etc/sysctl.d/60-twctl.conf  written\n"
                          "    net.ipv4.tcp_fin_timeout  no line -> 30\n"
                          "    net.ipv4.tcp_tw_reuse  no line -> 1\n") != std::string::npos);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(says(run_on(host, {"history"}),
             "rollback of " + apply.substr(0, 8) + " (net.ipv4.tcp_fin_timeout, net.ipv4.tcp_tw_reuse, 1 file), by"));
}

TEST_CASE("JSON says of a setting that it was taken over, or would be") {
  StockHost host;
  CHECK(run_on(host, with(kApply, {"--scope", "live"})).status == 0);
  const auto of_change = [&](const Args& args) { return json_of(run_on(host, args)); };
  CHECK(of_change({"history", "--json"})["changes"][0]["settings"][0]["taken_over"] == false);
  host.store.set(kFin, "20");
  const Args wish{"--json", "--scope", "live", "--set", "net.ipv4.tcp_fin_timeout=20"};
  CHECK(of_change(with({"plan"}, wish))["settings"][0]["taken_over"] == true);
  const Ran applied = run_on(host, with({"apply", "--yes"}, wish));
  CHECK(against_schema(applied.results, "apply") == "");
  CHECK(json_of(applied)["settings"][0]["taken_over"] == true);
  const Ran history = run_on(host, {"history", "--json"});
  CHECK(against_schema(history.results, "history") == "");
  CHECK(json_of(history)["changes"][0]["settings"][0]["taken_over"] == true);
  const Ran status = run_on(host, {"status", "--json"});
  CHECK(against_schema(status.results, "status") == "");
  CHECK(json_of(status)["last_change"]["settings"][0]["taken_over"] == true);
  CHECK(of_change(with({"plan"}, wish))["settings"][0]["taken_over"] == false);
}

TEST_CASE("status takes a line of a boot file as the kernel does: a comment behind the value is none of it") {
  for (const std::string line : {"45 # ours", "0x2d", "045", "45 46"}) {
    CAPTURE(line);
    StockHost host;
    host.disk.files["/etc/sysctl.conf"] = "net.ipv4.tcp_fin_timeout = " + line + "\n";
    host.disk.links["/etc/sysctl.d/99-sysctl.conf"] = "/etc/sysctl.conf";
    const std::string same = line == "045" ? "37" : "45";
    CHECK(
        run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=" + same, "--boot-file", "/etc/sysctl.conf"})
            .status == 0);
    const Ran ran = run_on(host, {"status", "--exit-code"});
    CAPTURE(ran.results);
    CHECK(ran.status == 0);
  }
}

TEST_CASE("a namespace that only the path of its change holds is elsewhere, and gone when another one is there") {
  StockHost host;
  host.facts.netns = "/srv/blue";
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "netns-blue";
  CHECK(run_on(host, kApply).status == 0);
  host.facts.netns = "";
  host.facts.network_namespace = "4026531840";
  host.moved_namespaces["netns-blue"] = "/srv/blue";
  const Ran ran = run_on(host, {"rollback", "--yes"});
  CHECK(ran.status == 3);
  CHECK(ran.messages.ends_with("hint: run: twctl rollback " + newest_id(host).substr(0, 8) + " --netns /srv/blue\n"));
  host.moved_namespaces.clear();
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
}

TEST_CASE("each change counts on from the newest one, as the names of their folders say") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(run_on(host, kApply).status == 0);
  std::vector<std::string> sequences;
  for (const auto& [folder, records] : host.journal.changes) sequences.push_back(folder.substr(0, 9));
  CHECK(sequences == std::vector<std::string>{"00000001-", "00000002-", "00000003-"});
}

TEST_CASE("the history is bounded, and never loses the original of what is still changed") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  const std::string first = newest_id(host);
  for (std::size_t i = 0; i <= kPrunedAt; ++i) {
    const std::string value = "net.ipv4.tcp_tw_reuse=" + std::to_string(i % 2);
    CHECK(run_on(host, {"apply", "--yes", "--set", value}).status == 0);
  }
  CHECK(host.journal.changes.size() <= kPrunedAt + 1);
  CHECK(run_on(host, {"rollback", "--yes", "--to", first}).status == 0);
  CHECK(host.fin() == "60");
  CHECK(host.store.live.at("net.ipv4.tcp_tw_reuse").value == "2");
}

TEST_CASE("a list that somebody else has emptied is a value of theirs, and no file") {
  StockHost host;
  host.store.set("net.ipv4.ip_local_reserved_ports", "9000");
  REQUIRE(
      run_on(host, {"apply", "--yes", "--scope", "live", "--set", "net.ipv4.ip_local_reserved_ports=8080"}).status ==
      0);
  host.store.set("net.ipv4.ip_local_reserved_ports", "");
  const Ran ran = run_on(host, {"rollback", "--yes"});
  CHECK(ran.status == 3);
  CHECK(
      ran.messages.starts_with("twctl: changed by somebody else since: net.ipv4.ip_local_reserved_ports is (empty)\n"));
  CHECK(ran.messages.find(" --force net.ipv4.ip_local_reserved_ports") != std::string::npos);
  CHECK(run_on(host, {"rollback", "--yes", "--force", "net.ipv4.ip_local_reserved_ports"}).status == 0);
  CHECK(host.store.live.at("net.ipv4.ip_local_reserved_ports").value == "9000");
}

TEST_CASE("rollbacks bound the history too") {
  StockHost host;
  REQUIRE(run_on(host, kApply).status == 0);
  const std::string first = newest_id(host);
  for (std::size_t i = 0; i < kPrunedAt + 2; ++i) {
    REQUIRE(run_on(host, {"rollback", "--yes", newest_id(host)}).status == 0);
  }
  CHECK(host.journal.changes.size() <= kPrunedAt + 1);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=20"}).status == 0);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK(run_on(host, {"rollback", "--yes", "--to", first}).status == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("--wait takes 90s, 2m, 1h or plain seconds, and nothing else") {
  StockHost host;
  for (const char* duration : {"90s", "2m", "1h", "5", "0"}) {
    CHECK(run_on(host, {"recover", "--wait", duration}).status == 0);
  }
  for (const char* duration : {"s", "-1", "2d", "1.5m", "99999999999"}) {
    CHECK(run_on(host, {"recover", "--wait", duration}).status == 64);
  }
}

TEST_CASE("H20: a command that is to be typed quotes the name of a network namespace for the shell") {
  StockHost host;
  host.facts.netns = "a;b";
  host.facts.initial_network_namespace = false;
  host.facts.network_namespace = "netns-a;b";
  const Ran applied = run_on(host, kApply);
  CHECK(applied.results.find(" --netns 'a;b'\n") != std::string::npos);
  host.facts.netns = "a\nb'\\\xE2\x80\xAE";
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=31"})
            .results.find(R"( --netns $'a\012b\'\\\342\200\256')") != std::string::npos);
}

TEST_CASE("H20: each command that a message has is for the root and the network namespace that this run is about") {
  const std::string where = " --root '/a b'";
  StockHost host("/a b/");
  const auto hint = [&](const Args& args) {
    const std::string said = run_on(host, args).messages;
    return said.substr(std::min(said.find("\n  hint: "), said.size()));
  };
  CHECK(hint({"confirm"}) == "\n  hint: see: twctl history" + where + "\n");
  CHECK(hint({"rollback", "--yes", "ffff"}) == "\n  hint: see: twctl history" + where + "\n");
  apply_killed_halfway(host);
  CHECK(hint({"rollback", "--dry-run"}) == "\n  hint: run: twctl recover" + where + "\n");
  host.set_step([](std::string_view call) {
    return call == "write setting" ? std::optional(Error{.code = ErrorCode::failed, .message = "no"}) : std::nullopt;
  });
  CHECK(hint({"recover"}) == "\n  hint: see `twctl history" + where + "` and run `twctl recover" + where +
                                 "` again once the cause is mended\n");
  host.set_step([](std::string_view) { return std::nullopt; });
  REQUIRE(run_on(host, {"recover"}).status == 0);
  CHECK(run_on(host, kApply).status == 0);
  const std::string id = newest_id(host);
  const std::string first = id.substr(0, 8);
  CHECK(hint({"confirm", id}) == "\n  hint: see: twctl history " + first + where + "\n");
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=40"}).status == 0);
  CHECK(hint({"rollback", id}) ==
        "\n  hint: undo that one first, or all since then: twctl rollback --to " + first + where + "\n");

  StockHost named;
  named.facts.netns = "blue";
  named.facts.initial_network_namespace = false;
  apply_killed_halfway(named);
  CHECK(run_on(named, {"rollback", "--dry-run"}).messages.ends_with("hint: run: twctl recover --netns blue\n"));
}

TEST_CASE("H27: what a later change of twctl's own has set is not called somebody else's") {
  StockHost host;
  CHECK(run_on(host, kApply).status == 0);
  const std::string first = newest_id(host);
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=40"}).status == 0);
  const std::string second = newest_id(host).substr(0, 8);
  const Ran ran = run_on(host, {"rollback", "--yes", first});
  CHECK(ran.status == 3);
  CHECK(ran.messages == "twctl: set again by a later change: net.ipv4.tcp_fin_timeout (change " + second +
                            "); /etc/sysctl.d/60-twctl.conf (change " + second +
                            ")\n  hint: undo that one first, or all since then: twctl rollback --to " +
                            first.substr(0, 8) + "\n");
  CHECK(run_on(host, {"rollback", "--yes", "--to", first}).status == 0);
  CHECK(host.fin() == "60");
}

namespace {

class PortsHost : public StockHost {
 public:
  PortsHost() {
    store.set("net.ipv4.ip_local_port_range", "32768 60999");
    store.set("net.ipv4.ip_local_reserved_ports", "");
    store.set("net.ipv4.ip_unprivileged_port_start", "1024");
  }
};

}  // namespace

TEST_CASE("a rollback after which boot files clash as they did before twctl goes its way") {
  PortsHost host;
  host.disk.files["/etc/sysctl.d/50-x.conf"] = "net.ipv4.ip_unprivileged_port_start = 40000\n";
  host.disk.files["/etc/sysctl.d/70-y.conf"] =
      "net.ipv4.ip_local_port_range = 100 200\nnet.ipv4.ip_local_port_range = 32768 60999\n";
  REQUIRE(
      run_on(host, {"apply", "--yes", "--scope", "boot", "--set", "net.ipv4.ip_unprivileged_port_start=1030"}).status ==
      0);
  CHECK(run_on(host, {"rollback", "--dry-run"}).status == 0);
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("N40: a rollback that would leave a port range below ip_unprivileged_port_start is refused: it cannot work") {
  const std::string range = "net.ipv4.ip_local_port_range=600 60999";
  for (const char* scope : {"live", "boot", "both"}) {
    CAPTURE(scope);
    PortsHost host;
    const Args apply{"apply", "--yes", "--scope", scope, "--accept", "protection-lower", "--accept", "ports-service"};
    REQUIRE(run_on(host, with(apply, {"--set", "net.ipv4.ip_unprivileged_port_start=500"})).status == 0);
    const std::string first = newest_id(host);
    REQUIRE(run_on(host, with(apply, {"--set", range})).status == 0);
    const std::string second = newest_id(host);
    const auto disk = host.disk.files;
    const Ran refused = run_on(host, {"rollback", "--yes", first});
    CHECK(refused.status == 3);
    CHECK(refused.messages.find("the kernel would refuse net.ipv4.ip_") != std::string::npos);
    CHECK(refused.messages.find(" (change " + second.substr(0, 8) + ")\n") != std::string::npos);
    CHECK(refused.messages.find("or all since then: twctl rollback --to " + first.substr(0, 8)) != std::string::npos);
    CHECK(run_on(host, {"rollback", "--dry-run", first}).messages == refused.messages);
    CHECK(host.disk.files == disk);
    CHECK(run_on(host, {"rollback", "--yes", "--to", first}).status == 0);
    CHECK(host.store.live.at("net.ipv4.ip_unprivileged_port_start").value == "1024");
    CHECK_FALSE(host.has_boot_file());
  }
  PortsHost host;
  REQUIRE(run_on(host, {"apply", "--yes", "--scope", "live", "--accept", "protection-lower", "--set",
                        "net.ipv4.ip_unprivileged_port_start=500"})
              .status == 0);
  host.store.set("net.ipv4.ip_local_port_range", "600 60999");  // by somebody else
  const Ran refused = run_on(host, {"rollback", "--yes"});
  CHECK(refused.status == 3);
  CHECK(refused.messages ==
        "twctl: the kernel would refuse net.ipv4.ip_unprivileged_port_start = 1024: ip_local_port_range 600 is below "
        "ip_unprivileged_port_start 1024\n  hint: change the other one of the two first\n");
  host.store.set("net.ipv4.ip_local_port_range", "32768 60999");
  CHECK(run_on(host, {"rollback", "--yes"}).status == 0);
}
