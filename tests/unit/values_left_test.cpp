// Whose a value is after restarts, equal values, several boot files and other people's values: each a story of the
// commands, on a host whose loader reads our own boot file and then /etc/sysctl.conf.
#include <doctest/doctest.h>

#include <map>

#include "base/text.hpp"
#include "formats/sysctl.hpp"
#include "journal/journal.hpp"
#include "platform/boot_file_store.hpp"
#include "support/run_cli.hpp"
#include "sysctl/kernel_value.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

const std::string kAlive = "net.ipv4.tcp_keepalive_time";

class RestartedHost : public StockHost {
 public:
  RestartedHost() {
    disk.links["/etc/sysctl.d/99-sysctl.conf"] = std::string(kSysctlConf);
    disk.files[std::string(kSysctlConf)] = "# the host's\n" + kAlive + " = 7200\n";
    defaults_ = {{kFin, "60"}, {kReuse, "2"}, {kAlive, "7200"}};
    for (const auto& [key, value] : defaults_) store.set(key, value);
  }

  // The kernel's defaults, and over them what the boot files say. `same_boot`: of the container alone.
  void restart(bool same_boot = false) {
    ++restarts_;
    if (!same_boot) facts.boot_id = "boot-" + std::to_string(restarts_);
    facts.network_namespace = "namespace-" + std::to_string(restarts_);
    for (const auto& [key, value] : defaults_) store.set(key, value);
    for (const std::string_view path : {kOwnBootFile, kSysctlConf}) {
      const auto file = disk.files.find(path);
      if (file == disk.files.end()) continue;
      for (const Assignment& line : read_assignments(file->second, Loader::systemd).assignments) {
        if (!defaults_.contains(line.key)) continue;
        const std::optional<Value> taken = kernel_takes(*find_setting(line.key), line.value, {}).value;
        if (taken) store.set(line.key, *taken);
      }
    }
  }

  // Words of a command line: "apply --set K=45".
  int run(const std::string& line) { return say(line).status; }
  Ran say(const std::string& line) {
    std::vector<std::string> words;
    for (const std::string_view word : split(line, ' ')) {
      const std::size_t key = word.find('=');
      const std::string value(key == std::string_view::npos ? "" : word.substr(key));
      if (word.starts_with("K")) words.push_back(kFin + value);
      if (word.starts_with("T")) words.push_back(kAlive + value);
      if (word.starts_with("R")) words.push_back(kReuse + value);
      if (!word.starts_with("K") && !word.starts_with("T") && !word.starts_with("R")) words.emplace_back(word);
    }
    if (words.front() != "status") words.emplace_back("--yes");
    return run_on(*this, {words.begin(), words.end()});
  }
  std::string newest() { return newest_id(*this); }
  std::string alive() { return store.live.at(kAlive).value; }
  std::string reuse() { return store.live.at(kReuse).value; }
  bool settled() { return run("status --exit-code") == 0; }

 private:
  std::map<std::string, std::string> defaults_;
  int restarts_ = 0;
};

}  // namespace

TEST_CASE("H27: of a change only the keys that its boot file has lines for are taken back after a restart") {
  RestartedHost host;
  host.store.set(kAlive, "600");
  REQUIRE(host.run("apply --set T=7200 --set K=45") == 0);  // the host's own file has that line for T
  host.restart();
  REQUIRE(host.fin() == "45");
  CHECK(host.say("rollback")
            .results.find("  net.ipv4.tcp_keepalive_time: what was set went with a restart; it stays as "
                          "it is\n") != std::string::npos);
  CHECK(host.alive() == "7200");
  CHECK(host.fin() == "60");
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("H27: a change that is in force again, and whose live value went with a restart, is nobody else's") {
  RestartedHost host;
  REQUIRE(host.run("apply --scope live --set K=55") == 0);
  REQUIRE(host.run("apply --scope live --set K=50") == 0);
  REQUIRE(host.run("rollback") == 0);
  const std::string rollback = host.newest();
  REQUIRE(host.run("apply --set R=0") == 0);
  REQUIRE(host.run("rollback --to " + rollback) == 0);
  REQUIRE(host.fin() == "50");
  host.restart();
  CHECK(host.settled());
  CHECK(host.run("rollback") == 0);
  CHECK(host.run("rollback") == 0);
  CHECK(host.say("rollback").results == "Nothing is left to roll back.\n");
  CHECK(host.fin() == "60");
}

TEST_CASE("H27: what a boot takes from the file that it reads last stands in the way of no later change") {
  RestartedHost host;
  REQUIRE(host.run("apply --boot-file /etc/sysctl.conf --set K=45") == 0);
  REQUIRE(host.run("apply --set K=30 --accept shadowed") == 0);
  REQUIRE(host.run("apply --set K=35 --accept shadowed") == 0);
  host.restart();
  REQUIRE(host.fin() == "45");
  CHECK(host.say("status").results.find("Drift") == std::string::npos);
  for (const char* left : {"45", "45", "60"}) {
    CHECK(host.run("rollback") == 0);
    CHECK(host.fin() == left);
  }
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("a later line that sets nothing leaves a boot with twctl's value, which drifts and goes back") {
  for (const char* line : {"net.ipv4.tcp_fin_timeout = abc\n", "-net.ipv4.tcp_fin_timeout\n"}) {
    CAPTURE(line);
    RestartedHost host;
    host.facts.loader = Loader::procps;
    host.disk.files[std::string(kSysctlConf)] = line;
    REQUIRE(host.run("apply --set K=45") == 0);
    host.restart();
    REQUIRE(host.fin() == "45");
    host.store.set(kFin, "50");
    CHECK(host.run("status --exit-code") == 2);
    host.store.set(kFin, "45");
    CHECK(host.settled());
    CHECK(host.run("rollback") == 0);
    CHECK(host.fin() == "60");
  }
}

TEST_CASE("a port range that only another's file lets be goes back after a restart") {
  constexpr std::string_view kRange = "net.ipv4.ip_local_port_range";
  RestartedHost host;
  host.store.set("net.ipv4.ip_unprivileged_port_start", "500");
  host.store.set(std::string(kRange), "32768 60999");
  host.disk.files["/etc/sysctl.d/10-other.conf"] = "net.ipv4.ip_unprivileged_port_start = 500\n";
  const std::string wish = std::string(kRange) + "=1000 60999";
  REQUIRE(run_on(host, {"apply", "--set", wish, "--yes"}).status == 0);
  host.restart();
  host.store.set("net.ipv4.ip_unprivileged_port_start", "500");
  host.store.set(std::string(kRange), "1000 60999");
  CHECK(host.settled());
  CHECK(host.run("rollback") == 0);
  CHECK(host.store.live.at(std::string(kRange)).value == "32768 60999");
}

TEST_CASE("H27: a container that starts again in the same boot has what its boot files say, and the way back") {
  for (const bool same_boot : {false, true}) {
    CAPTURE(same_boot);
    RestartedHost host;
    REQUIRE(host.run("apply --set K=45") == 0);
    REQUIRE(host.run("apply --set K=50 --scope live") == 0);
    REQUIRE(host.run("apply --set K=55 --scope boot") == 0);
    host.restart(same_boot);
    REQUIRE(host.fin() == "55");
    for (int i = 0; i < 3; ++i) CHECK(host.run("rollback") == 0);
    CHECK(host.fin() == "60");
    CHECK_FALSE(host.has_boot_file());
  }
}

TEST_CASE("H27: a change is not undone below a later one that has set the same value again") {
  for (const char* scope : {"both", "live", "boot"}) {
    CAPTURE(scope);
    RestartedHost host;
    const std::string apply = std::string("apply --scope ") + scope + " --set K=";
    REQUIRE(host.run(apply + "45") == 0);
    const std::string first = host.newest();
    REQUIRE(host.run(apply + "30") == 0);
    REQUIRE(host.run(apply + "45") == 0);
    const Ran refused = host.say("rollback " + first);
    CHECK(refused.status == 3);
    CHECK(refused.messages.find(" (change " + host.newest().substr(0, 8) + ")") != std::string::npos);
    CHECK(refused.messages.starts_with("twctl: set again by a later change: "));
    CHECK(host.settled());
    for (int i = 0; i < 3; ++i) CHECK(host.run("rollback") == 0);
    CHECK(host.fin() == "60");
    CHECK_FALSE(host.has_boot_file());
  }
}

TEST_CASE("H27: nor below one that has set the value from before it") {
  RestartedHost host;
  REQUIRE(host.run("apply --scope live --set K=45") == 0);
  const std::string first = host.newest();
  REQUIRE(host.run("apply --scope live --set K=60") == 0);
  CHECK(host.run("rollback " + first) == 3);
  for (int i = 0; i < 2; ++i) CHECK(host.run("rollback") == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("P8: somebody else's value that was taken over is theirs again once that is undone") {
  RestartedHost host;
  REQUIRE(host.run("apply --set K=45") == 0);
  const std::string first = host.newest();
  host.store.set(kFin, "33");
  REQUIRE(host.run("apply --set K=33") == 0);
  REQUIRE(host.run("rollback") == 0);
  const Ran refused = host.say("rollback");
  CHECK(refused.status == 3);
  CHECK(first_line(refused.messages) == "twctl: changed by somebody else since: net.ipv4.tcp_fin_timeout is 33");
  CHECK(host.run("rollback " + first + " --force K") == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("P8: so is one that a change found and put back") {
  RestartedHost host;
  REQUIRE(host.run("apply --scope live --set K=45") == 0);
  host.store.set(kFin, "33");
  REQUIRE(host.run("apply --scope live --set K=30") == 0);
  REQUIRE(host.run("rollback") == 0);
  CHECK(host.fin() == "33");
  CHECK(first_line(host.say("rollback").messages) ==
        "twctl: changed by somebody else since: net.ipv4.tcp_fin_timeout is 33");
}

TEST_CASE("N36: --force is over somebody else's value, and not over a later change of twctl's own") {
  for (const bool disturbed : {false, true}) {
    RestartedHost host;
    REQUIRE(host.run("apply --scope live --set K=45") == 0);
    const std::string first = host.newest();
    REQUIRE(host.run("apply --scope live --set K=30") == 0);
    if (disturbed) host.store.set(kFin, "33");
    const Ran refused = host.say("rollback " + first + " --force K");
    CHECK(refused.status == 3);
    CHECK(refused.messages == "twctl: set again by a later change: net.ipv4.tcp_fin_timeout (change " +
                                  host.newest().substr(0, 8) +
                                  ")\n  hint: undo that one first, or all since then: twctl rollback --to " +
                                  first.substr(0, 8) + " --force net.ipv4.tcp_fin_timeout\n");
    CHECK(host.fin() == (disturbed ? "33" : "30"));
    CHECK(host.run("rollback --to " + first + " --force K") == 0);
    CHECK(host.fin() == "60");
  }
}

TEST_CASE("N37: rollback --to goes over no value that somebody else had set between two changes, unless forced") {
  const std::string in_force = "twctl: changed by somebody else since: net.ipv4.tcp_fin_timeout is 45";
  const std::string between = "twctl: changed by somebody else since: net.ipv4.tcp_fin_timeout was 45 before change ";
  for (const std::string scope : {"live", "both"}) {
    for (const std::string step : {"", "rollback", "apply --set R=0", "apply --scope live --set K=45"}) {
      CAPTURE(scope);
      CAPTURE(step);
      RestartedHost host;
      REQUIRE(host.run("apply --scope " + scope + " --set K=30") == 0);
      const std::string first = host.newest();
      host.store.set(kFin, "45");
      const bool taken_over = step.ends_with("K=45");
      if (!taken_over) REQUIRE(host.run("apply --scope " + scope + " --set K=20") == 0);
      const std::string over = host.newest().substr(0, 8);
      if (!step.empty()) REQUIRE(host.run(step) == 0);
      const std::string value = host.fin();
      for (const std::string how : {" --dry-run", ""}) {
        const Ran refused = host.say("rollback --to " + first + how);
        CHECK(refused.status == 3);
        CHECK(first_line(refused.messages) == between + (taken_over ? host.newest().substr(0, 8) : over));
        CHECK(refused.messages.find("`twctl rollback --to " + first.substr(0, 8) + " --force " + kFin + "`") !=
              std::string::npos);
        CHECK(host.fin() == value);
      }
      while (host.fin() != "45" || taken_over) {
        if (host.run("rollback") != 0) break;
      }
      CHECK(first_line(host.say("rollback").messages) == in_force);
      CHECK(host.run("rollback --to " + first + " --force K") == 0);
      CHECK(host.fin() == "60");
    }
  }
}

TEST_CASE("N37: so it does over restarts, and what a boot file has set or somebody else has put back ends no way") {
  RestartedHost host;
  REQUIRE(host.run("apply --set K=30") == 0);
  const std::string first = host.newest();
  REQUIRE(host.run("apply --scope boot --set K=35") == 0);
  host.restart();
  REQUIRE(host.run("apply --set K=40") == 0);  // over 35, which is twctl's
  host.store.set(kFin, "35");
  REQUIRE(host.run("apply --scope live --set K=20") == 0);  // over 35, which is what the change below found
  CHECK(host.run("rollback --to " + first + " --dry-run") == 0);
  host.store.set(kFin, "45");
  REQUIRE(host.run("apply --set K=25") == 0);
  host.restart();
  CHECK(host.run("rollback --to " + first) == 3);
  CHECK(host.fin() == "25");
}

TEST_CASE("H27: of two boot files with lines for a setting the one that is read last says what the boot brings") {
  RestartedHost host;
  REQUIRE(host.run("apply --set K=45") == 0);
  REQUIRE(host.run("apply --boot-file /etc/sysctl.conf --set K=40") == 0);
  CHECK(host.settled());
  host.restart();
  REQUIRE(host.fin() == "40");
  CHECK(host.settled());
  CHECK(host.run("rollback") == 0);
  CHECK(host.fin() == "45");
  CHECK(host.run("rollback") == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("H27: a boot file that no loader reads brings nothing") {
  RestartedHost host;
  host.disk.links.clear();
  REQUIRE(host.run("apply --set K=45") == 0);
  REQUIRE(host.run("apply --boot-file /etc/sysctl.conf --accept not-read-at-boot --set K=40") == 0);
  host.restart();
  host.store.set(kFin, "45");
  CHECK(host.say("status").results.find("Drift") == std::string::npos);
  CHECK(host.run("rollback") == 0);
  CHECK(host.fin() == "45");
  CHECK(host.run("rollback") == 0);
  CHECK(host.fin() == "60");
}

TEST_CASE("H27: the value from before a restart is nothing that a rollback leaves") {
  RestartedHost host;
  REQUIRE(host.run("apply --scope boot --set K=45") == 0);
  REQUIRE(host.run("apply --scope live --set K=30") == 0);
  const std::string live = host.newest();
  REQUIRE(host.run("apply --scope boot --set K=50") == 0);
  REQUIRE(host.run("rollback") == 0);
  host.restart();
  REQUIRE(host.fin() == "45");
  CHECK(host.settled());
  CHECK(host.run("rollback --to " + live) == 0);
  CHECK(host.fin() == "45");
  CHECK(host.settled());
  CHECK(host.run("rollback") == 0);
  CHECK(host.settled());
  CHECK_FALSE(host.has_boot_file());
}

TEST_CASE("H27: a rollback is taken back after a restart, live too where the value is still the one that it left") {
  for (const bool untouched : {true, false}) {
    RestartedHost host;
    REQUIRE(host.run("apply --set K=45") == 0);
    REQUIRE(host.run("rollback") == 0);
    const std::string rollback = host.newest();
    host.restart();
    if (!untouched) host.store.set(kFin, "59");
    CHECK(host.run("rollback " + rollback) == 0);
    CHECK(host.fin() == (untouched ? "45" : "59"));
    CHECK(host.has_boot_file());
    CHECK(host.run("rollback") == 0);
    CHECK(host.fin() == (untouched ? "60" : "59"));
    CHECK_FALSE(host.has_boot_file());
  }
}
