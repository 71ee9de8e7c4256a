#include "cli/parse.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command_table.hpp"
#include "cli/help.hpp"
#include "cli/option_table.hpp"

using namespace twctl;

namespace {

using Args = std::vector<std::string_view>;

Options parsed(const Args& args) {
  const Result<Options> options = parse_options(args);
  REQUIRE_MESSAGE(options.has_value(), options.error().message);
  return *options;
}

Error refused(const Args& args) {
  const Result<Options> options = parse_options(args);
  REQUIRE_FALSE(options.has_value());
  CHECK(options.error().code == ErrorCode::usage);
  return options.error();
}

}  // namespace

TEST_CASE("options stand before or after the command's name, their values attached or apart") {
  for (const Args& args :
       {Args{"plan", "--root", "/mnt", "a", "b", "--json"}, Args{"--root=/mnt", "--json", "plan", "a", "b"},
        Args{"--root", "/mnt", "plan", "a", "--format", "json", "b"}}) {
    const Options options = parsed(args);
    CHECK(options.command == Command::plan);
    CHECK(options.root == "/mnt");
    CHECK(options.format == Format::json);
    CHECK(options.operands == std::vector<std::string>{"a", "b"});
  }
}

TEST_CASE("plan takes every option of the contract") {
  const Options options = parsed({"plan",
                                  "--set",
                                  "a=<= 1",
                                  "--set",
                                  "-b=2",
                                  "--scope",
                                  "boot",
                                  "--boot-file",
                                  "/etc/sysctl.conf",
                                  "--accept",
                                  "shadowed",
                                  "--accept",
                                  "x:y",
                                  "-oplan.json",
                                  "--exit-zero",
                                  "--from",
                                  "web1.json",
                                  "--from",
                                  "web2.json",
                                  "--profile-dir",
                                  "p",
                                  "--netns",
                                  "blue",
                                  "--color",
                                  "never",
                                  "-v"});
  CHECK(options.assignments == std::vector<std::string>{"a=<= 1", "-b=2"});
  CHECK(options.scope == Scope::boot);
  CHECK(options.boot_file == "/etc/sysctl.conf");
  CHECK(options.accept == std::vector<std::string>{"shadowed", "x:y"});
  CHECK(options.output == "plan.json");
  CHECK(options.exit_zero);
  CHECK(options.snapshots == std::vector<std::string>{"web1.json", "web2.json"});
  CHECK(options.profile_dir == "p");
  CHECK(options.netns == "blue");
  CHECK(options.color == ColorChoice::never);
  CHECK(options.detail == Detail::verbose);
}

TEST_CASE("'--' ends the options, and a lone '-' is a name") {
  CHECK(parsed({"plan", "--", "--json", "-q"}).operands == std::vector<std::string>{"--json", "-q"});
  CHECK(parsed({"plan", "-"}).operands == std::vector<std::string>{"-"});
  CHECK(parsed({"--", "plan", "--"}).operands == std::vector<std::string>{"--"});
}

TEST_CASE("a name is never taken apart, however it looks") {
  CHECK(parsed({"plan", "[a,b]", "{}", "a=b"}).operands == std::vector<std::string>{"[a,b]", "{}", "a=b"});
  CHECK(parsed({"plan", "--set", "[a,b]"}).assignments == std::vector<std::string>{"[a,b]"});
}

TEST_CASE("letters may stand together") {
  CHECK(parsed({"plan", "-qo", "f"}).output == "f");
  CHECK(refused({"plan", "-qx"}).message == "plan: -x: unknown option");
}

TEST_CASE("no command is no error yet: --help and --version stand alone") {
  CHECK(parsed({}).command == Command::none);
  CHECK(parsed({"--version"}).version);
  CHECK(parsed({"-h"}).help);
  CHECK(parsed({"plan", "--help"}).help);
}

TEST_CASE("an unknown option or command names the nearest") {
  CHECK(refused({"plan", "--rot", "x"}).message == "plan: --rot: unknown option; did you mean --root?");
  CHECK(refused({"--colour", "plan"}).message == "--colour: unknown option; did you mean --color?");
  CHECK(refused({"plan", "--nothing-like-it=3"}).message == "plan: --nothing-like-it: unknown option");
  CHECK(refused({"plam"}).message == "plam: unknown command; did you mean plan?");
  CHECK(refused({"x\x1b[2J"}).message == "x\\x1b[2J: unknown command");
  CHECK(refused({"-\x1b"}).message == "-\\x1b: unknown option");
}

TEST_CASE("K2: an empty argument is refused for every command, and never counts as none given") {
  for (const CommandRow& command : command_rows()) {
    CAPTURE(command.name);
    const std::string message = std::string(command.name) + ": an argument is empty";
    CHECK(refused({command.name, ""}).message == message);
    CHECK(refused({command.name, "--", ""}).message == message);
    CHECK(refused({command.name, "x", ""}).message == message);
  }
  CHECK(refused({""}).message == "an argument is empty");
  for (const OptionRow& option : option_rows()) {
    if (option.value.empty()) continue;
    CAPTURE(option.name);
    const std::string message = std::string(option.name) + " needs a value: " + std::string(option.value);
    CHECK(refused({option.name, ""}).message == message);
    if (option.name.starts_with("--")) CHECK(refused({std::string(option.name) + "="}).message == message);
  }
}

TEST_CASE("K10: help and version are words too, and -V a letter") {
  CHECK(parsed({"help"}).help);
  CHECK(parsed({"help"}).command == Command::none);
  CHECK(parsed({"help", "states"}).help);
  CHECK(parsed({"help", "states"}).command == Command::states);
  CHECK(parsed({"version"}).version);
  CHECK(parsed({"-V"}).version);
  CHECK(parsed({"explain", "help"}).operands == std::vector<std::string>{"help"});
  CHECK(refused({"help", "stats"}).message == "stats: unknown command; did you mean states?");
}

TEST_CASE("words that people type for a command are answered with its name") {
  const std::pair<const char*, const char*> meant[] = {{"check", "audit"},     {"diff", "plan"},
                                                       {"undo", "rollback"},   {"revert", "rollback"},
                                                       {"diagnose", "doctor"}, {"log", "history"}};
  for (const auto& [word, command] : meant) {
    CHECK(refused({word}).message == std::string(word) + ": unknown command; did you mean " + command + "?");
  }
  for (const CommandRow& command : command_rows()) {
    for (const std::string_view word : words(command.meant_by)) {
      CAPTURE(word);
      CHECK(find_command(word) == nullptr);
      CHECK(command_meant_by(word) == &command);  // of no other row
    }
  }
}

TEST_CASE(
    "K10: help of a command says its exit codes and the formats that it takes, and states and doctor come first") {
  for (const CommandRow& command : command_rows()) {
    CAPTURE(command.name);
    const std::string page = help_text(command.command, 100);
    CHECK(page.find("\nExit status: 0") != std::string::npos);
    const bool is_audit = command.command == Command::audit;
    CHECK((page.find("junit") != std::string::npos) == is_audit);
    CHECK((page.find("--watch") != std::string::npos) == (command.command == Command::states));
  }
  const std::string all = help_text(Command::none, 100);
  CHECK(all.find("\nSomething is wrong:\n  states ") < all.find("\n  doctor "));
  CHECK(all.find("\n  doctor ") < all.find("\n  plan "));
}

TEST_CASE("what a trial measures is kept within bounds") {
  const Options options =
      parsed({"trial", "busy-client", "--closes", "server", "--destinations", "4", "--bind-first", "--keep", "10",
              "--rate", "500", "--seconds", "2", "--runs", "1", "--ports", "100", "--ipv6"});
  CHECK(options.trial == TrialOptions{.closes = Side::server,
                                      .destinations = 4,
                                      .bind_first = true,
                                      .keep = 10,
                                      .rate = 500,
                                      .seconds = 2,
                                      .runs = 1,
                                      .ports = 100,
                                      .ipv6 = true});
  CHECK(parsed({"trial", "--full"}).trial == TrialOptions{.full = true});
  CHECK(parsed({"trial", "--socket-range", "40000-40999"}).trial.socket_range == PortRange{40000, 40999});
  for (const char* range : {"0-10", "5-1", "1-65536", "1,5", "all"}) {
    CHECK(refused({"trial", "--socket-range", range}).message ==
          "--socket-range takes two ports, LOW-HIGH, from 1 to 65535");
  }
  CHECK(refused({"trial", "--closes", "both"}).message == "--closes takes one of client, server");
  CHECK(refused({"trial", "--destinations", "65"}).message == "--destinations takes a number from 1 to 64");
  CHECK(refused({"trial", "--seconds", "0"}).message == "--seconds takes a number from 1 to 600");
  CHECK(refused({"trial", "--runs", "1e3"}).message == "--runs takes a number from 1 to 100");
  CHECK(refused({"trial", "--ports", "9"}).message == "--ports takes a number from 10 to 65535");
  CHECK(refused({"plan", "--full"}).message == "plan: there is no option --full for this command");
}

TEST_CASE("an option of another command is refused with the command's name") {
  CHECK(refused({"explain", "--set", "a=1"}).message == "explain: there is no option --set for this command");
  CHECK(refused({"--set", "a=1", "explain"}).message == "explain: there is no option --set for this command");
  CHECK(refused({"explain", "--set", "a=1"}).hint == "`twctl explain --help` lists the options");
}

TEST_CASE(
    "--scope both goes with no network namespace, which has no boot files of its own, and nothing is left out unsaid") {
  for (const std::string_view command : {"plan", "apply"}) {
    const Result<Options> options = parse_options(Args{command, "--scope", "both", "--netns", "8", "baseline"});
    REQUIRE_FALSE(options.has_value());
    CHECK(options.error() ==
          Error{.code = ErrorCode::unsupported,
                .message = "--scope both: boot files do not set the values of the network namespace 8",
                .hint = "leave --scope out: only the live values are planned"});
  }
}

TEST_CASE("a value that is missing, empty, unknown or one too many is refused") {
  CHECK(refused({"plan", "--root"}).message == "--root needs a value: DIR");
  CHECK(refused({"plan", "--root", ""}).message == "--root needs a value: DIR");
  CHECK(refused({"plan", "--root=", "x"}).message == "--root needs a value: DIR");
  CHECK(refused({"plan", "--json=yes"}).message == "--json takes no value");
  CHECK(refused({"plan", "--scope", "all"}).message == "--scope takes one of live, boot, both");
  CHECK(refused({"plan", "--format", "junit"}).message == "--format takes one of text, json, prometheus");
  CHECK(refused({"plan", "--root", "a", "--root", "b"}).message == "plan: --root was given twice");
  CHECK(refused({"plan", "-q", "-v"}).message == "-q and -v contradict each other");
  CHECK(refused({"plan", "--boot-file", "x"}).message == "--boot-file takes a path that starts with /");
}

TEST_CASE("N23: a reason has 1 KiB at most, and a longer one is a wrong command line") {
  const std::string most(1024, 'x');
  CHECK(parsed({"apply", "--yes", "baseline", "--reason", most}).reason == most);
  CHECK(refused({"apply", "--yes", "baseline", "--reason", most + "x"}).message ==
        "--reason takes a text of up to 1 KiB");
  CHECK(refused({"rollback", "--reason", most + "x"}).message == "--reason takes a text of up to 1 KiB");
}

TEST_CASE("a wrong command line that asks for JSON is seen to ask for it") {
  CHECK(asks_for_json(Args{"plan", "--rot", "--json"}));
  CHECK(asks_for_json(Args{"--format", "json", "nonsense"}));
  CHECK(asks_for_json(Args{"--format=json"}));
  CHECK_FALSE(asks_for_json(Args{"plan", "--", "--json"}));
  CHECK_FALSE(asks_for_json(Args{"plan", "--format", "text", "--format"}));
}

TEST_CASE("help shows each option a command takes, and fits the screen") {
  for (const CommandRow& command : command_rows()) {
    const std::string page = help_text(command.command, 80);
    for (const OptionRow& option : option_rows()) {
      CAPTURE(command.name);
      CAPTURE(option.name);
      const std::string name = "\n  " + std::string(option.name);  // "--all" is the front of "--all-netns"
      const bool shown = page.find(name + " ") != std::string::npos || page.find(name + "\n") != std::string::npos ||
                         page.find(name + ",") != std::string::npos;
      CHECK(shown == takes(command.command, option.name));
    }
    for (std::size_t at = 0, end = 0; (end = page.find('\n', at)) != std::string::npos; at = end + 1) {
      CHECK_MESSAGE(end - at <= 88, page.substr(at, end - at));  // an example may be a little longer
    }
  }
}
