// docs/hostile-input.md, "O: output": whatever comes in, what goes out acts on no terminal, ends soon and parses.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/program.hpp"
#include "support/tree.hpp"

using namespace twctl::test;
using Args = std::vector<std::string>;

namespace {

const std::vector<std::string> kHostile{"\x1b]0;x\x07\x1b[2J",                 // a terminal's title, a cleared screen
                                        "a\nb: forged line",                   //
                                        "\xe2\x80\xae" + std::string("evil"),  // right-to-left override
                                        "\xff\xfe\xc0\x80",                    // no UTF-8
                                        std::string(5000, 'A'),
                                        std::string(5000, '\x01')};

// The error paths that a foreign string can get into by the command line.
std::vector<Args> error_paths(const std::string& text) {
  return {{text},
          {"--" + text},
          {"-" + text},
          {"plan", text},
          {"plan", "/" + text},
          {"plan", "./" + text + ".ini"},
          {"plan", "--" + text},
          {"plan", "--scope", text},
          {"plan", "--format", text},
          {"plan", "--color", text},
          {"plan", "--accept", text},
          {"plan", "--accept", "shadowed:" + text},
          {"plan", "--boot-file", "/" + text},
          {"plan", "--root", "/nowhere/" + text},
          {"plan", "--netns", text},
          {"plan", "--from", text},
          {"plan", "--profile-dir", text, "nonsense"},
          {"plan", "-o", "/nowhere/" + text},
          {"plan", "--set", text},
          {"plan", "--set", text + "=1"},
          {"plan", "--set", "net.ipv4.tcp_fin_timeout=" + text},
          {"explain", text},
          {"snapshot", text},
          {"snapshot", "-o", "/nowhere/" + text},
          {"profile", text},
          {"profile", "show", text},
          {"profile", "list", text}};
}

// The places in a profile that a foreign string can get into.
std::vector<std::string> profiles(const std::string& text) {
  return {text,
          "[" + text + "]\n",
          "[profile]\n" + text + " = 1\n",
          "[profile]\nsummary = " + text + "\n",
          "[profile]\nextends = " + text + "\n",
          "[linux]\n" + text + " = 1\n",
          "[linux]\nnet.ipv4.tcp_fin_timeout = " + text + "\n",
          "[linux]\nnet.ipv4.tcp_fin_timeout = 30 ; " + text + "\n"};
}

void check_harmless(const Finished& run) {
  CHECK(is_printable(run.out));
  CHECK(is_printable(run.err));
  CHECK(run.err.size() < 2000);  // three echoes of at most 256 bytes each, and our own words
  CHECK(run.seconds <= 2.0);
  CHECK(run.code < 128);
}

void check_json(Args args, int code) {
  args.emplace_back("--json");
  const Finished run = run_program({.args = args});
  check_harmless(run);
  CHECK(run.code == code);
  const auto document = nlohmann::json::parse(run.out, nullptr, false);
  REQUIRE_FALSE(document.is_discarded());
  if (document.contains("error")) CHECK(document["error"]["code"] == code);
}

}  // namespace

TEST_CASE("O01, O02, O05: every error path escapes what it echoes, cuts it, and is JSON on demand") {
  for (const std::string& text : kHostile) {
    for (const Args& args : error_paths(text)) {
      CAPTURE(args.size() > 1 ? args[1].substr(0, 40) : args[0].substr(0, 40));
      const Finished run = run_program({.args = args});
      check_harmless(run);
      if (args[0] != "--" + text && args[0] != "-" + text) check_json(args, run.code);
    }
  }
}

TEST_CASE("O01, O02, O05: every place in a profile, and its name") {
  for (const std::string& text : kHostile) {
    for (const std::string& bytes : profiles(text)) {
      Tree tree;
      const std::string name = text.size() < 200 ? "/p" + text + ".ini" : "/p.ini";
      tree.file(name, bytes);
      const Finished run = run_program({.args = {"plan", "--exit-zero", tree.at(name)}});
      CAPTURE(bytes.substr(0, 60));
      check_harmless(run);
      check_json({"plan", "--exit-zero", tree.at(name)}, run.code);
      check_json({"profile", "show", tree.at(name)}, run_program({.args = {"profile", "show", tree.at(name)}}).code);
    }
  }
}

TEST_CASE("O01, O04: what a captured host's files and kernel say is escaped too, and nothing is coloured unasked") {
  for (const std::string& text : kHostile) {
    if (text.size() > 200) continue;  // no name of a file is as long
    Tree tree;
    tree.file("/etc/os-release", "PRETTY_NAME=\"" + text + "\"\n")
        .file("/etc/hostname", text + "\n")
        .file("/etc/sysctl.d/" + text + ".conf", "net.ipv4.tcp_fin_timeout = " + text + "\n" + text + "\n")
        .file("/etc/sysctl.d/90.conf", "net.ipv4.tcp_fin_timeout = 30 " + text + "\n")
        .file("/proc/sys/net/ipv4/tcp_fin_timeout", text + "\n")
        .file("/proc/sys/kernel/osrelease", "6.1.0-" + text + "\n");
    for (const Args& args : {Args{"plan", "classic"},
                             {"plan", "-v"},
                             {"snapshot"},
                             {"explain", "tcp_fin_timeout"},
                             {"states"},
                             {"doctor"},
                             {"audit"},
                             {"audit", "-v"},
                             {"audit", "--format", "junit"},
                             {"audit", "--format", "prometheus"},
                             {"audit", "--format", "sarif"}}) {
      Args with_root = args;
      with_root.insert(with_root.end(), {"--root", tree.root()});
      CAPTURE(args[0]);
      const Finished run = run_program({.args = with_root});
      CHECK(is_printable(run.out));
      CHECK(is_printable(run.err));
      if (args.size() < 3) check_json(with_root, run.code);
    }
  }
}

TEST_CASE("O04: colour is for terminals, unless it is asked for") {
  const auto has_escape = [](const std::vector<std::string>& environment, const Args& args) {
    return run_program({.args = args, .environment = environment}).out.find('\x1b') != std::string::npos;
  };
  CHECK_FALSE(has_escape({"TERM=xterm"}, {"plan", "classic"}));
  CHECK(has_escape({"TERM=xterm"}, {"plan", "classic", "--color", "always"}));
  CHECK(has_escape({"CLICOLOR_FORCE=1"}, {"plan", "classic"}));
  CHECK_FALSE(has_escape({"CLICOLOR_FORCE=1", "NO_COLOR=1"}, {"plan", "classic"}));
  CHECK_FALSE(has_escape({"CLICOLOR_FORCE=1", "TERM=dumb"}, {"plan", "classic"}));
  CHECK_FALSE(has_escape({"CLICOLOR_FORCE=1"}, {"plan", "classic", "--json"}));
}
