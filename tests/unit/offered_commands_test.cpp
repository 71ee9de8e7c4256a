// What a plan offers to be pasted, and what is said of it once it is done: neither promises more than comes about.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/memory_host.hpp"
#include "support/plan_host.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

const std::string kWish = "net.ipv4.tcp_fin_timeout=30";
constexpr const char* kTheirs = "/etc/sysctl.d/99-zz.conf";

struct ShadowedHost : StockHost {
  ShadowedHost() { disk.files[kTheirs] = "net.ipv4.tcp_fin_timeout = 45\n"; }
};

Args with(Args args, const Args& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

// However wide the screen is: every run of white space is one blank.
std::string flat(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank) words += c;
    if (blank && !words.ends_with(' ')) words += ' ';
  }
  return words;
}

bool has(const std::string& text, std::string_view part) { return flat(text).find(flat(part)) != std::string::npos; }

bool ends(const std::string& text, std::string_view part) { return flat(text).ends_with(flat(part)); }

LaterWriter ufw(std::string file) {
  LaterWriter writer{.name = "UFW", .evidence = file};
  writer.writes.push_back({.key = "net.ipv4.tcp_syncookies", .value = "0", .where = {std::move(file), 1}});
  writer.when = WriteTime::at_boot;
  return writer;
}

}  // namespace

TEST_CASE("later-writer names what helps, and what is lost by a line that is for boots alone") {
  PlanHost box = host().later_writer(ufw("/etc/ufw/sysctl.conf"));
  const std::string who = "net.ipv4.tcp_syncookies: UFW (/etc/ufw/sysctl.conf:1) sets 0 later than the boot files do: ";
  const std::string cure = " Set 1 in /etc/ufw/sysctl.conf:1, or take it out there.";
  CHECK(text_of(box.plan({"tcp_syncookies = 1"}), "later-writer") ==
        who + "1 would be gone after the next boot, or `ufw reload`." + cure);
  CHECK(text_of(box.plan({"tcp_syncookies = 1"}, scope(Scope::boot)), "later-writer") ==
        who + "1 would not be in force after the next boot." + cure);
  const PlanHost packaged = host().later_writer(ufw("/usr/lib/tuned/busy/tuned.conf"));
  CHECK(text_of(packaged.plan({"tcp_syncookies = 1"}), "later-writer") ==
        "net.ipv4.tcp_syncookies: UFW (/usr/lib/tuned/busy/tuned.conf:1) sets 0 later than the boot files do: 1 would "
        "be gone after the next boot, or `ufw reload`. /usr/lib/tuned/busy/tuned.conf is a package's: put what is "
        "wanted into a copy "
        "of it below /etc, where the program has one.");
}

TEST_CASE("where the boot line would lose and is all that would be written, no --accept is offered") {
  ShadowedHost host;
  const Ran planned = run_on(host, {"plan", "--set", kWish, "--scope", "boot"});
  CHECK(planned.status == 3);
  CHECK_FALSE(has(planned.results, "--accept"));
  CHECK(ends(planned.results,
             "0 of 1 setting would change; blocked by shadowed.\n"
             "Nothing was changed: mend /etc/sysctl.d/99-zz.conf:1 first, then plan again.\n"
             "`twctl explain shadowed` says more.\n"));
  const Ran refused = run_on(host, {"apply", "--yes", "--set", kWish, "--scope", "boot"});
  CHECK(refused.status == 3);
  CHECK(
      refused.messages.ends_with("  hint: mend /etc/sysctl.d/99-zz.conf:1 first: a line that does not decide at boot "
                                 "does nothing\n"));
}

TEST_CASE("where it would lose and the value is set live too, that is said beside the --accept") {
  ShadowedHost host;
  CHECK(ends(run_on(host, {"plan", "--set", kWish}).results,
             "1 setting would change, until the next boot only; blocked by shadowed.\n"
             "Nothing was changed. Mend the cause, or accept the risk; then this does it,\n"
             "net.ipv4.tcp_fin_timeout until the next boot only:\n"
             "  twctl apply --set net.ipv4.tcp_fin_timeout=30 --accept "
             "shadowed:net.ipv4.tcp_fin_timeout\n"
             "`twctl explain shadowed` says more.\n"));
}

TEST_CASE("a plan's count of what would change is of what comes about, and says what lasts until the next boot only") {
  ShadowedHost host;
  const auto summary = [&](const Args& more) {
    return json_of(run_on(host, with({"plan", "--json"}, more)))["summary"];
  };
  const auto both = summary({"--set", kWish, "--set", "net.ipv4.tcp_tw_reuse=1"});
  CHECK(both["changes"] == 2);
  CHECK(both["text"] == "2 settings would change, 1 of them until the next boot only; blocked by shadowed.");
  const auto boot = summary({"--set", kWish, "--set", "net.ipv4.tcp_tw_reuse=1", "--scope", "boot"});
  CHECK(boot["changes"] == 1);
  CHECK(boot["text"] == "1 of 2 settings would change; blocked by shadowed.");
  const auto idle = summary({"--set", kWish, "--scope", "boot", "--accept", "shadowed"});
  CHECK(idle["changes"] == 0);
  CHECK(idle["text"] ==
        "0 of 1 setting would change; 1 line would be written that another one wins over; not everything can be had.");
  CHECK(run_on(host, {"plan", "--set", kWish, "--scope", "boot", "--accept", "shadowed"}).status == 2);
  CHECK(run_on(host,
               {"apply", "--dry-run", "--detailed-exitcode", "--set", kWish, "--scope", "boot", "--accept", "shadowed"})
            .status == 2);
  const auto live = summary({"--set", kWish, "--scope", "live"});
  CHECK(live["text"] == "1 setting would change; nothing is blocked.");
}

TEST_CASE("an apply whose boot line loses does not end with a plain Done") {
  const std::string but =
      "But net.ipv4.tcp_fin_timeout will not be 30 after the next boot: /etc/sysctl.d/99-zz.conf:1 sets 45\n"
      "and wins over /etc/sysctl.d/60-twctl.conf.\n";
  ShadowedHost both;
  const Ran done = run_on(both, {"apply", "--yes", "--set", kWish, "--accept", "shadowed"});
  CHECK(done.status == 0);
  CHECK(
      has(done.results, "\nDone: live values are set and read back; /etc/sysctl.d/60-twctl.conf is on disk.\n" + but));
  ShadowedHost boot;
  CHECK(has(run_on(boot, {"apply", "--yes", "--set", kWish, "--accept", "shadowed", "--scope", "boot"}).results, but));
}

TEST_CASE("what takes effect at the next boot alone is said to, and live values to stay until then") {
  StockHost host;
  const Args wish{"--set", kWish, "--scope", "boot"};
  const Ran planned = run_on(host, with({"plan"}, wish));
  CHECK(has(planned.results, "\n    effect     at the next boot\n"));
  CHECK_FALSE(has(planned.results, "new sockets"));
  CHECK(has(run_on(host, with({"apply", "--yes"}, wish)).results,
            "\nDone; /etc/sysctl.d/60-twctl.conf is on disk. Live values are unchanged until the next boot.\n"));
  ShadowedHost shadowed;
  CHECK(has(run_on(shadowed, with({"plan"}, wish)).results,
            "\n    effect     none: another line decides at the next boot\n"));
}

TEST_CASE("in a network namespace of its own the command of a plan leaves the host's boot file alone") {
  StockHost host;
  host.facts.initial_network_namespace = false;
  const std::string wide =
      "\n/etc/sysctl.d/60-twctl.conf sets the values of the host's own network namespace: --scope "
      "both, or boot, if\nthat is meant.\n`twctl explain tcp_fin_timeout` says more.\n";
  const Ran planned = run_on(host, {"plan", "--set", kWish});
  CHECK(ends(planned.results,
             "Nothing was changed. This does it in this network namespace alone:\n"
             "  twctl apply --set net.ipv4.tcp_fin_timeout=30 --scope live" +
                 wide));
  CHECK(has(planned.results, "live      host's boot  set by\n"));
  CHECK(has(planned.results,
            "note: this is not the initial network namespace: live values are its own and end with it;\n"
            "      /etc/sysctl.d/60-twctl.conf sets those of the host's own namespace. For this one alone: --scope\n"
            "      live\n"));
  CHECK(ends(run_on(host, {"plan", "--set", kWish, "--scope", "both"}).results,
             "This does it:\n  twctl apply --set net.ipv4.tcp_fin_timeout=30 --scope both\n`twctl explain "
             "tcp_fin_timeout` says more.\n"));
  host.disk.files[kTheirs] = "net.ipv4.tcp_fin_timeout = 45\n";
  CHECK(ends(run_on(host, {"plan", "--set", kWish}).results,
             "This does it in this network namespace alone:\n"
             "  twctl apply --set net.ipv4.tcp_fin_timeout=30 --scope live" +
                 wide));
  CHECK(ends(run_on(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=75"}).results,
             "or accept the risk; then this does it in this network\nnamespace alone:\n"
             "  twctl apply --set net.ipv4.tcp_fin_timeout=75 --scope live --accept "
             "fin-timeout-trap:net.ipv4.tcp_fin_timeout" +
                 wide));
  CHECK(ends(run_on(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=60"}).results,
             "Nothing was changed, and nothing is to change in this network namespace." + wide));
}

TEST_CASE("an apply in a network namespace of its own says for whom the values are, and until when") {
  StockHost host;
  host.facts.initial_network_namespace = false;
  CHECK(has(run_on(host, {"apply", "--yes", "--set", kWish}).results,
            "\nDone: live values are set and read back, until their network namespace ends;\n"
            "/etc/sysctl.d/60-twctl.conf is on disk, for the host's own network namespace.\n"));
  StockHost live;
  live.facts.initial_network_namespace = false;
  CHECK(has(run_on(live, {"apply", "--yes", "--set", kWish, "--scope", "live"}).results,
            "\nDone: live values are set and read back, until their network namespace ends.\n"));
}

TEST_CASE("a pending change of live values alone promises no file, and says until when it stays") {
  for (const bool initial : {true, false}) {
    StockHost host;
    host.facts.initial_network_namespace = initial;
    const Ran pending = run_on(host, {"apply", "--yes", "--set", kWish, "--scope", "live", "--confirm-within", "1m"});
    CHECK(has(pending.results,
              "\nPending: live values are set and read back; nothing goes to disk (--scope live). Unless confirmed,\n"
              "they go back at the deadline, and a reboot takes them back at once.\n"));
    const std::string kept = run_on(host, {"confirm"}).results;
    CHECK(has(kept, initial
                        ? " stays; no file was changed; net.ipv4.tcp_fin_timeout only until the next\nboot, then 60.\n"
                        : " stays until its network namespace ends; no file was changed.\n"));
  }
}

TEST_CASE("confirm and rollback that find no journal make none") {
  StockHost host;
  const Ran confirmed = run_on(host, {"confirm"});
  CHECK(confirmed.status == 3);
  CHECK(confirmed.messages == "twctl: no change awaits confirmation\n  hint: see: twctl history\n");
  const Ran back = run_on(host, {"rollback", "--yes"});
  CHECK((back.status == 0 && back.results == "Nothing is left to roll back.\n"));
  const Ran unknown = run_on(host, {"rollback", "--yes", "deadbeef"});
  CHECK(unknown.status == 3);
  CHECK_FALSE(host.journal.is_there().value());
  const Ran recovered = run_on(host, {"recover"});
  CHECK((recovered.status == 0 && recovered.results == "Nothing to recover.\n"));
}

TEST_CASE("what becomes of the lines of somebody's own boot file is said before and after") {
  StockHost host;
  host.disk.files["/etc/sysctl.conf"] = "# mine\nnet.ipv4.tcp_fin_timeout = 45\n";
  host.facts.loader = Loader::procps;  // reads that file last
  const Args wish{"--set", kWish, "--set", "net.ipv4.tcp_tw_reuse=1"};
  CHECK(ends(run_on(host, with({"plan"}, wish)).results,
             "Nothing was changed. Lines in /etc/sysctl.conf would win; this writes them there\n"
             "(net.ipv4.tcp_fin_timeout = 45 -> 30; 1 new line):\n"
             "  twctl apply --set net.ipv4.tcp_fin_timeout=30 --set net.ipv4.tcp_tw_reuse=1 "
             "--boot-file /etc/sysctl.conf\n`twctl explain shadowed` says more.\n"));
  const Args there = with(wish, {"--boot-file", "/etc/sysctl.conf"});
  const std::string edits = "/etc/sysctl.conf (net.ipv4.tcp_fin_timeout = 45 -> 30; 1 new line).";
  CHECK(has(run_on(host, with({"plan"}, there)).results, "\nBoot values would go to " + edits + " Nothing"));
  CHECK(has(run_on(host, with({"apply", "--yes"}, there)).results,
            "\nDone: live values are set and read back; /etc/sysctl.conf is on disk\n"
            "(net.ipv4.tcp_fin_timeout = 45 -> 30; 1 new line).\n"));
}

TEST_CASE("where a captured tree lacks live values alone, the command is for the host itself") {
  StockHost host("/mnt");
  host.facts.captured = true;
  host.disk.files[kBootFile] = "net.ipv4.tcp_fin_timeout = 30\n";
  CHECK(ends(run_on(host, {"plan", "--set", kWish, "--root", "/mnt"}).results,
             "1 setting would change; nothing is blocked.\n"
             "Nothing was changed: live values below the root are copies, and nothing is to be "
             "written to the boot\nfiles there. On the host itself:\n"
             "  twctl apply --set net.ipv4.tcp_fin_timeout=30 --scope live\n"
             "`twctl explain tcp_fin_timeout` says more.\n"));
  CHECK(has(run_on(host, {"plan", "--set", kWish, "--root", "/mnt", "--scope", "live"}).results,
            "\nNothing was changed: live values below the root are copies.\n`twctl"));
}

TEST_CASE("TuneD's giving way to the boot files is said where a plan takes a value over from it") {
  const Place line{"/etc/tuned/busy/tuned.conf", 6};
  LaterWriter tuned{.name = "TuneD", .evidence = line.file};
  tuned.writes.push_back({.key = "net.ipv4.tcp_fin_timeout", .value = "15", .where = line});
  tuned.when = WriteTime::at_boot;
  tuned.boot_files_win = true;
  CHECK(notes_of(host().later_writer(tuned).plan({"tcp_fin_timeout = 30"})) ==
        std::vector<std::string>{"TuneD applies the files of /etc/sysctl.d once more after its own values "
                                 "(reapply_sysctl = 1), so that /etc/sysctl.d/60-twctl.conf wins over "
                                 "/etc/tuned/busy/tuned.conf:6"});
  CHECK(notes_of(host().later_writer(tuned).plan({"tcp_fin_timeout = 15"})).empty());
}

TEST_CASE("a UTF-16 file is left to a person for what it is, and a value that was imported does not go with its line") {
  const std::string text =
      "Windows Registry Editor Version 5.00\r\n\r\n"
      "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n"
      "\"MaxUserPort\"=dword:0000fffe\r\n";
  std::string wide = "\xff\xfe";
  for (const char c : text) wide.append({c, '\0'});
  StockHost host;
  host.disk.files["/x.reg"] = wide;
  const Ran fixed = run_on(host, {"audit", "--fix", "/x.reg"});
  CHECK(fixed.results.empty());
  CHECK(fixed.messages ==
        "twctl: /x.reg:4: reg-obsolete MaxUserPort: needs a person: the file is UTF-16, to which no diff can be "
        "applied; `iconv -f UTF-16 -t UTF-8` makes one that --fix mends\n"
        "  hint: Delete it. Where the file has been imported the value stays: there import \"NAME\"=- under its key, "
        "or run `reg delete` with /v NAME.\n");
}

TEST_CASE("an audit that finds nothing names what it has not looked at") {
  StockHost host;
  CHECK(ends(run_on(host, {"audit"}).results, "(-v lists them).\nSockets are not looked at: twctl doctor\n"));
  host.disk.files["/x.conf"] = "net.ipv4.tcp_rmem = 4096 87380 16777216\nnet.ipv4.tcp_tw_reuse = 1\n";
  const std::string told = run_on(host, {"audit", "-v", "/x.conf"}).results;
  CHECK(has(told, "\nNot judged, as no settings of twctl's: net.ipv4.tcp_rmem\n"));
  CHECK_FALSE(has(told, "Sockets are not looked at"));
}

TEST_CASE("a value that only the boot file of twctl's has by now is not called somebody's change by hand") {
  StockHost host;
  REQUIRE(run_on(host, {"apply", "--yes", "--set", kWish, "--scope", "boot"}).status == 0);
  CHECK(
      has(run_on(host, {"audit"}).results,
          "twctl's own boot file says so: `apply --scope boot` leaves the live value until the next boot, or somebody "
          "has changed that since."));
}
