// What somebody meets who types twctl for the first time: what is printed works when it is pasted, and fits.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/cells.hpp"
#include "base/crc32.hpp"
#include "cli/command_table.hpp"
#include "journal/change_words.hpp"
#include "report/layout.hpp"
#include "support/memory_host.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"
#include "sysctl/boot_edit.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

MemoryHost& stocked(MemoryHost& host) {
  stock_host(host);
  return host;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Streams terminal(int columns) {
  Streams streams;
  streams.results_on_terminal = true;
  streams.columns = columns;
  return streams;
}

}  // namespace

TEST_CASE("K3: status says which of our settings the next boot will not have, and which line decides") {
  MemoryHost host;
  REQUIRE(run_on(stocked(host), {"apply", "--yes", "busy-client"}).status == 0);
  CHECK(has(run_on(host, {"status"}).results, "Everything is as twctl left it."));
  host.disk.files["/etc/sysctl.d/99-zz.conf"] = "net.ipv4.tcp_tw_reuse = 0\n";
  const Ran ran = run_on(host, {"status"});
  CHECK(ran.status == 0);
  CHECK(has(ran.results, "Next boot: net.ipv4.tcp_tw_reuse will be 0, not 1: /etc/sysctl.d/99-zz.conf:1 "));
  CHECK_FALSE(has(ran.results, "Everything is as twctl left it."));
  CHECK(has(run_on(host, {"status", "--json"}).results, "\"key\": \"net.ipv4.tcp_tw_reuse\",\n      \"ours\": \"1\""));
}

TEST_CASE(
    "K3: a line of ours that went with the boot file is told of after a later change has written that file again") {
  MemoryHost host;
  REQUIRE(run_on(stocked(host), {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  host.disk.files.erase(std::string(kOwnBootFile));
  const std::string lost =
      "Next boot: net.ipv4.tcp_fin_timeout will be 60, not 30: /etc/sysctl.d/60-twctl.conf no longer has\n"
      "           the line that change ";
  CHECK(has(run_on(host, {"status"}).results, lost));
  REQUIRE(run_on(host, {"apply", "--yes", "busy-client"}).status == 0);
  const Ran ran = run_on(host, {"status", "--exit-code"});
  CHECK(ran.status == 2);
  CHECK(has(ran.results, lost));
  CHECK_FALSE(has(ran.results, "Everything is as twctl left it."));
  CHECK(against_schema(run_on(host, {"status", "--json"}).results, "status") == "");

  host.disk.files["/etc/sysctl.d/40-theirs.conf"] = "net.ipv4.tcp_fin_timeout = 30\n";  // the same, from elsewhere
  CHECK(has(run_on(host, {"status"}).results, "Everything is as twctl left it."));
  host.disk.files.erase("/etc/sysctl.d/40-theirs.conf");
  REQUIRE(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  CHECK(has(run_on(host, {"status"}).results, "Everything is as twctl left it."));
  REQUIRE(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=unset"}).status == 0);
  CHECK(has(run_on(host, {"status"}).results, "Everything is as twctl left it."));
}

TEST_CASE("K5: what a plan ends with is the command that makes it true, on the host that it is for") {
  MemoryHost host;
  const auto told = [&](std::vector<std::string_view> args) {
    args.insert(args.begin(), "plan");
    return run_on(stocked(host), args).results;
  };
  CHECK(has(told({"busy-client"}), "This does it:\n  twctl apply busy-client\n"));
  CHECK(has(told({"--set", "net.ipv4.tcp_tw_reuse=0 | 1", "--scope", "live"}),
            "\n  twctl apply --set 'net.ipv4.tcp_tw_reuse=0 | 1' --scope live\n"));
  CHECK(has(told({"busy-client", "-o", "/p 1.json"}), "\n  twctl apply --plan '/p 1.json'\n"));
  host.disk.files["/s.json"] = run_on(host, {"snapshot"}).results;
  CHECK(has(told({"busy-client", "--from", "/s.json"}), "host:\n  twctl apply busy-client\n"));
}

TEST_CASE("K5: of a captured tree the command is for its boot files, and there is none where only live values change") {
  MemoryHost host;
  stocked(host).facts.captured = true;
  const auto told = [&](std::vector<std::string_view> args) {
    args.insert(args.begin(), "plan");
    return run_on(host, args).results;
  };
  CHECK(has(told({"busy-client"}), "\n  twctl apply busy-client --scope boot\n"));
  CHECK(has(told({"busy-client", "--scope", "boot"}), "\n  twctl apply busy-client --scope boot\n"));
  CHECK_FALSE(has(told({"busy-client", "--scope", "live"}), "twctl apply"));
}

TEST_CASE("K5: a plan that is blocked, and could not be written either, ends with no command") {
  MemoryHost host;
  stocked(host).store.live["net.ipv4.tcp_fin_timeout"].read_only = true;
  const std::string told = run_on(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=75"}).results;
  CHECK(has(told, "Nothing was changed, and accepting the risk would not do: net.ipv4.tcp_fin_timeout cannot"));
  CHECK_FALSE(has(told, "twctl apply"));
}

TEST_CASE("K5: where another boot file's line would win, the command of a plan writes there") {
  MemoryHost host;
  stocked(host).disk.files["/etc/sysctl.d/99-zz.conf"] = "net.ipv4.tcp_fin_timeout = 45\n";
  const auto told = [&] { return run_on(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=30"}).results; };
  CHECK(has(told(), "until the next boot only:\n  twctl apply --set net.ipv4.tcp_fin_timeout=30 --accept "));
  host.facts.loader = Loader::procps;  // reads /etc/sysctl.conf last
  CHECK(has(told(),
            "Nothing was changed. Lines in /etc/sysctl.conf would win; this writes them there (1 new line):\n"
            "  twctl apply --set net.ipv4.tcp_fin_timeout=30 --boot-file /etc/sysctl.conf\n"));
}

TEST_CASE("K5: -o - writes the plan, or the snapshot, to standard output and nothing beside it") {
  MemoryHost host;
  const std::string plan = run_on(stocked(host), {"plan", "busy-client", "--json"}).results;
  CHECK((run_on(host, {"plan", "busy-client", "-o", "-"}).results == plan));
  CHECK(run_on(host, {"snapshot", "-o", "-"}).results.starts_with("{\n"));
  CHECK_FALSE(host.disk.files.contains("-"));
}

TEST_CASE("K13: history and rollback count only what there is") {
  MemoryHost host;
  const Ran applied = run_on(stocked(host), {"apply", "--yes", "--scope", "boot", "busy-client"});
  REQUIRE(applied.status == 0);
  CHECK(has(run_on(host, {"history"}).results, "apply busy-client (net.ipv4.tcp_tw_reuse, 1 file)"));
  CHECK(has(run_on(host, {"rollback", "--yes"}).results, "\nDone: /etc/sysctl.d/60-twctl.conf removed.\n"));
}

TEST_CASE("K5: the way back names the root and quotes the network namespace as a shell needs it") {
  Intent intent;
  intent.id = "3f2a91c0" + std::string(24, '0');
  intent.origin.netns = "/run/netns/b c";
  CHECK(command_for(intent, "rollback", "/srv/my img/var/lib/twctl/changes") ==
        "twctl rollback 3f2a91c0 --root '/srv/my img' --netns '/run/netns/b c'");
  CHECK(command_in("blue", "recover", "/var/lib/twctl/changes") == "twctl recover --netns blue");
  CHECK(command_in("", "recover", "//var/lib/twctl/changes") == "twctl recover");
  CHECK(command_in("", "recover", "/var/lib/twctl/var/lib/twctl/changes") == "twctl recover --root /var/lib/twctl");
  CHECK(command_in("", "recover", "C:\\ProgramData\\twctl\\state\\changes") == "twctl recover");
}

TEST_CASE("K13: history and status say who, by the name that /etc/passwd has, and the number beside it") {
  MemoryHost host;
  stocked(host).process.author.uid = 0;
  host.process.author.login_uid = 1000;
  host.process.author.sudo_user = "ann";
  host.disk.files["/etc/passwd"] =
      "root:x:0:0::/root:/bin/sh\nbad\nann:x:1000:1000::/:/bin/sh\nbob:x:1000:1::/:/bin/sh\n";
  REQUIRE(run_on(host, {"apply", "--yes", "busy-client"}).status == 0);
  CHECK(has(run_on(host, {"history"}).results, ", by ann (uid 1000)\n"));
  CHECK(has(run_on(host, {"status"}).results, ", by ann (uid 1000)\n"));
  const std::string id = run_on(host, {"history"}).results.substr(0, 8);
  CHECK(has(run_on(host, {"history", id}).results, " ann (login uid 1000) as root (uid 0)\n"));
  host.disk.files.erase("/etc/passwd");
  CHECK(has(run_on(host, {"history"}).results, ", by uid 1000\n"));
  CHECK(has(run_on(host, {"history", id}).results, " login uid 1000 as uid 0 (SUDO_USER says ann)\n"));
}

TEST_CASE("K10: --profile-dir goes with the commands that take a profile") {
  for (const std::string_view command : {"plan", "apply", "audit", "profile"}) {
    CHECK(has(run_cli({command, "--help"}).results, "--profile-dir"));
  }
  for (const std::string_view command : {"status", "history", "rollback", "confirm", "states", "doctor", "explain"}) {
    CHECK_FALSE(has(run_cli({command, "--help"}).results, "--profile-dir"));
    CHECK(run_cli({command, "--profile-dir", "/p"}).status == 64);
  }
}

TEST_CASE("K6: a plain user is told what to type where only root may look") {
  const auto denied = [](const HostChoice&) -> Result<std::unique_ptr<Platform>> {
    auto host = std::make_unique<MemoryHost>();
    stocked(*host).process.author.elevated = false;
    host->journal.refuses = Error{.code = ErrorCode::denied, .message = "/var/lib/twctl: Permission denied"};
    return host;
  };
  const std::vector<std::vector<std::string_view>> commands{
      {"history", "3f2a"}, {"status"}, {"apply", "busy-client", "--yes"}, {"rollback"}, {"rollback", "--dry-run"},
      {"confirm"},         {"recover"}};
  for (const std::vector<std::string_view>& command : commands) {
    std::string typed;
    for (const std::string_view word : command) typed.append(" ").append(word);
    const Ran ran = run_cli_with(command, denied);
    CHECK(ran.messages == "twctl: /var/lib/twctl: Permission denied\n  hint: as root only: sudo twctl" + typed + "\n");
    CHECK(ran.status == 77);
  }
}

TEST_CASE("K8: apply and rollback with -q say the id and the way back, in one line") {
  MemoryHost host;
  const Ran applied = run_on(stocked(host), {"apply", "--yes", "-q", "busy-client"});
  CHECK(std::count(applied.results.begin(), applied.results.end(), '\n') == 1);
  CHECK(applied.results.starts_with("Done: change "));
  CHECK(has(applied.results, "; undo: twctl rollback "));
  const Ran back = run_on(host, {"rollback", "--yes", "-q"});
  CHECK(std::count(back.results.begin(), back.results.end(), '\n') == 1);
  CHECK(has(back.results, "; undo: twctl rollback "));
}

TEST_CASE("K11: every line of an error and its hint fits the terminal") {
  for (const int columns : {80, 100}) {
    MemoryHost host;
    const Ran ran = run_on(stocked(host), {"apply", "--plan", "/p.json", "busy-client"}, terminal(columns));
    for (std::size_t at = 0, end = 0; (end = ran.messages.find('\n', at)) != std::string::npos; at = end + 1) {
      CHECK(cells_of(ran.messages.substr(at, end - at)) <= static_cast<std::size_t>(columns));
    }
  }
}

TEST_CASE("K11: no line of any help is wider than the terminal") {
  for (const int columns : {80, 100}) {
    for (const CommandRow& row : command_rows()) {
      MemoryHost host;
      const std::string help = run_on(stocked(host), {row.name, "--help"}, terminal(columns)).results;
      for (std::size_t at = 0, end = 0; (end = help.find('\n', at)) != std::string::npos; at = end + 1) {
        CHECK_MESSAGE(cells_of(help.substr(at, end - at)) <= static_cast<std::size_t>(columns),
                      help.substr(at, end - at));
      }
    }
  }
}

TEST_CASE("K11: no line of what a command shows is wider than the terminal, but for a command to be copied") {
  const std::vector<std::vector<std::string_view>> commands{
      {},
      {"states", "--by", "port"},
      {"doctor"},
      {"doctor", "-v"},
      {"plan"},
      {"plan", "classic"},
      {"plan", "reverse-proxy", "-v"},
      {"plan", "--set", "net.ipv4.ip_local_port_range=1024 65535"},
      {"audit"},
      {"audit", "-v"},
      {"audit", "/etc/x.conf"},
      {"audit", "--against", "classic"},
      {"audit", "--fix", "/etc/x.conf"},
      {"apply", "--yes", "classic"},
      {"status"},
      {"history"},
      {"rollback", "--dry-run"},
      {"explain", "tcp_fin_timeout"},
      {"explain", "port-exhaustion"},
      {"explain", "ip_conntrack_max"},
      {"profile", "list"},
      {"recover"},
      {"nonsense"}};
  MemoryHost host;
  stocked(host).disk.files["/etc/x.conf"] =
      "net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_fin_timeout = 75 # shorten TIME_WAIT, as everybody says on the net\n"
      "net.ipv4.tcp_tw_reuze = 1\nnet.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_syncookies = 0\n";
  for (const std::vector<std::string_view>& command : commands) {
    CAPTURE(command.empty() ? "" : command.front());
    Streams streams = terminal(80);
    streams.environment.no_color = true;
    const Ran ran = run_on(host, command, streams);
    const std::string all = ran.results + ran.messages;
    for (std::size_t at = 0, end = 0; (end = all.find('\n', at)) != std::string::npos; at = end + 1) {
      const std::string line = all.substr(at, end - at);
      const bool to_be_copied = has(line, "  twctl ") || has(line, "/var/lib/twctl/") || line.starts_with("-net.");
      CHECK_MESSAGE((to_be_copied || cells_of(line) <= 80), line);
    }
  }
}

TEST_CASE("K11: the list of explain is whole on a terminal and in a pipe, and no line is too long") {
  MemoryHost host;
  for (const int columns : {0, 80}) {
    const std::string list = run_on(stocked(host), {"explain"}, terminal(columns)).results;
    CHECK_FALSE(has(list, "..."));
    for (std::size_t at = 0, end = 0; (end = list.find('\n', at)) != std::string::npos; at = end + 1) {
      CHECK(cells_of(list.substr(at, end - at)) <= static_cast<std::size_t>(columns == 0 ? 100 : columns));
    }
  }
}

TEST_CASE("K11: a change in history fits 80 columns") {
  MemoryHost host;
  REQUIRE(run_on(stocked(host), {"apply", "--yes", "--reason", "ticket 7", "busy-client"}).status == 0);
  const std::string list = run_on(host, {"history"}, terminal(80)).results;
  CHECK(has(list, "  in force\n          apply busy-client ("));
  for (std::size_t at = 0, end = 0; (end = list.find('\n', at)) != std::string::npos; at = end + 1) {
    CHECK(cells_of(list.substr(at, end - at)) <= 80);
  }
}

TEST_CASE("K12: plan alone says what baseline is, and where to go on") {
  MemoryHost host;
  const std::string_view line =
      "This is baseline only. Whether ports run short: twctl doctor. Other profiles: twctl profile list\n";
  CHECK(run_on(stocked(host), {"plan"}).results.ends_with(line));
  CHECK_FALSE(has(run_on(host, {"plan", "busy-client"}).results, line));
  CHECK_FALSE(has(run_on(host, {"plan", "-q"}).results, line));
}

TEST_CASE("K12: on Windows plan alone shows the present value, since baseline has nothing for it") {
  MemoryHost host;
  host.facts.os = Os::windows;
  host.store.registry = true;
  const std::string rest = "This is baseline only.";
  CHECK(has(run_on(host, {"plan"}).results, "\nTcpTimedWaitDelay is not set in the registry. " + rest));
  host.store.set("TcpTimedWaitDelay", "30");
  CHECK(has(run_on(host, {"plan"}).results, "\nTcpTimedWaitDelay is 30 in the registry. " + rest));
  CHECK_FALSE(has(run_on(host, {"plan", "classic"}).results, rest));
}

TEST_CASE("twctl alone, on a terminal, shows what the sockets say, what has drifted, and three commands") {
  MemoryHost host;
  const Ran ran = run_on(stocked(host), {}, terminal(80));
  CHECK(ran.status == 0);
  CHECK(has(ran.results, "Doctor, at a glance:\n"));
  CHECK(has(ran.results, "\nNo change has been made on this host.\n"));
  CHECK(has(ran.results, "\nNext:\n  twctl doctor "));
  CHECK(run_on(host, {}).status == 64);
  host.journal.refuses = Error{.code = ErrorCode::denied, .message = "/var/lib/twctl: Permission denied"};
  CHECK(has(run_on(host, {}, terminal(80)).results, "\nChanges: not readable; sudo twctl status\n\nNext:\n"));
}

TEST_CASE("apply shows the changes and hazards that it asks about, and their sources with -v") {
  MemoryHost host;
  CHECK_FALSE(has(run_on(stocked(host), {"apply", "--yes", "busy-client"}).results, "    source "));
  CHECK(has(run_on(host, {"apply", "--yes", "-v", "--set", "net.ipv4.tcp_tw_reuse=0"}).results, "    source "));
}

TEST_CASE("X3: a comment in our boot file is whole, and wrapped, and a file of an earlier version is ours still") {
  const std::string why(60, 'w');
  const std::string reason = why + " " + why + " " + why + " " + why + " end";
  const std::vector<LineChange> changes{{kReuse, "1", reason}, {"net.ipv4.tcp_fin_timeout", "30", "b"}};
  const auto bytes = render_boot_file(kOwnBootFile, std::nullopt, changes).value().value();
  CHECK(has(bytes,
            "\n# " + why + "\n# " + why + "\n# " + why + "\n# " + why + " end\nnet.ipv4.tcp_tw_reuse = 1\n\n# b\n"));
  CHECK(parse_own_file(bytes).value().front().why == reason);
  CHECK((render_boot_file(kOwnBootFile, bytes, changes).value() == bytes));

  // As version 0.1.0 wrote it.
  const std::string old =
      "# Written by twctl, which keeps one line a setting here and takes it out again on rollback.\n"
      "# Do not edit: put settings of your own into another file. See: twctl history\n# checksum ";
  const std::string body = "\n# " + why + " " + why + "\u2026\nnet.ipv4.tcp_tw_reuse = 1\n";
  CHECK(parse_own_file(old + fmt::format("{:08x}\n", crc32(body)) + body).has_value());
  CHECK_FALSE(parse_own_file(old + "00000000\n" + body));
}
