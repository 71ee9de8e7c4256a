// What the program asks of the system, by strace: it runs nothing, writes nothing, and looks for nothing in the
// directories that the environment names (promise P7; docs/hostile-input.md, E07 and P26).
#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/program.hpp"
#include "support/shell.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl::test;
using Lines = std::vector<std::string>;

namespace {

constexpr const char* kCalls =
    "trace=execve,execveat,fork,vfork,clone,clone3,open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,"
    "mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,truncate,ftruncate,chmod,fchmod,fchmodat,chown,fchown,lchown,"
    "fchownat,mknod,mknodat,mount,umount2,setxattr,utimensat,connect,readlink,readlinkat,stat,newfstatat,"
    "statx,access,faccessat,faccessat2";

bool can_trace() { return shell("strace -qq -o /dev/null true 2>&1").code == 0; }

Lines trace_of(const std::vector<std::string>& args) {
  Tree tree;
  const std::string log = tree.at("/log");
  std::vector<std::string> all{"-f", "-qq", "-s", "256", "-o", log, "-e", kCalls, TWCTL_PROGRAM};
  all.insert(all.end(), args.begin(), args.end());
  const Finished run =
      run_program({.args = all,
                   .environment = {"PATH=/usr/bin", "HOME=/evil/home", "XDG_CONFIG_HOME=/evil/config",
                                   "XDG_DATA_HOME=/evil/data", "TMPDIR=/evil/tmp", "TWCTL_PROFILES=/evil/profiles"},
                   .path = "/usr/bin/strace"});
  CHECK(run.code != 127);
  std::istringstream text(file_content(log));
  Lines lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

// Calls that would change something or start something; opens only where they are for writing.
Lines changes_in(const Lines& trace) {
  static const std::regex kReads(
      R"(^\d+ +(open|openat|openat2|readlink|readlinkat|stat|newfstatat|statx|access|faccessat|faccessat2)\()");
  static const std::regex kWriteMode(R"(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE)");
  Lines found;
  for (const std::string& line : trace) {
    if (!std::regex_search(line, kReads) || std::regex_search(line, kWriteMode)) found.push_back(line);
  }
  return found;
}

bool is_own_start(const std::string& line) { return line.find("execve(\"" TWCTL_PROGRAM "\"") != std::string::npos; }

}  // namespace

TEST_CASE("P7, E07: reading commands start nothing, write nothing and look nowhere that the environment names") {
  if (!can_trace()) SKIP_TEST("strace does not work here");
  Tree tree;
  tree.file("/p.ini", "[linux]\nnet.ipv4.tcp_fin_timeout = `reboot`\n").file("/bad", "$(reboot)\n");
  for (const std::vector<std::string>& args : {std::vector<std::string>{"plan"},
                                               {"plan", "classic", "-v"},
                                               {"plan", "reverse-proxy", "--json"},
                                               {"plan", tree.at("/p.ini")},
                                               {"plan", tree.at("/bad")},
                                               {"plan", "--set", "net/ipv4/../../kernel/core_pattern=1"},
                                               {"explain", "TIME_WAIT"},
                                               {"explain", "tcp_fin_timeout"},
                                               {"snapshot"},
                                               {"profile", "list"},
                                               {"profile", "show", "classic"},
                                               {"--help"}}) {
    const Lines trace = trace_of(args);
    const Lines changes = changes_in(trace);
    CAPTURE(args.back());
    REQUIRE_FALSE(changes.empty());
    CHECK(is_own_start(changes.front()));
    CHECK_MESSAGE(changes.size() == 1, changes.back());
    for (const std::string& line : trace) {
      const bool evil = line.find("/evil") != std::string::npos || line.find("core_pattern") != std::string::npos;
      CHECK_MESSAGE((!evil || is_own_start(line)), line);
    }
  }
}

TEST_CASE("P7: -o writes its own file and no other") {
  if (!can_trace()) SKIP_TEST("strace does not work here");
  Tree tree;
  for (const char* command : {"plan", "snapshot"}) {
    for (const std::string& line : changes_in(trace_of({command, "-o", tree.at("/saved.json")}))) {
      const bool temporary = line.find("\".twctl-") != std::string::npos && line.find(".new\"") != std::string::npos;
      const bool ours = temporary || line.find(tree.root()) != std::string::npos;
      CHECK_MESSAGE((ours || is_own_start(line)), line);
    }
    CHECK(file_content(tree.at("/saved.json")).starts_with("{\n"));
  }
}
