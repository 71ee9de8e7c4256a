// `twctl complete`, which shells run: what may stand where the cursor is.
#include "cli/complete.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cli/command_table.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

// The words offered for the last of those typed, without what they are about: "plan profile".
std::string words_on(MemoryHost& host, std::vector<std::string_view> typed) {
  typed.insert(typed.begin(), {"complete", "--"});
  const Ran ran = run_on(host, typed);
  CHECK(ran.status == 0);
  CHECK(ran.messages == "");
  std::string all;
  for (const std::string_view line : split(ran.results, '\n')) {
    if (!line.empty()) all.append(all.empty() ? "" : " ").append(line.substr(0, line.find('\t')));
  }
  return all;
}

std::string words_for(const std::vector<std::string_view>& typed) {
  MemoryHost host;
  stock_host(host);
  return words_on(host, typed);
}

}  // namespace

TEST_CASE("a command is completed, with what it does behind a tab") {
  CHECK(words_for({"pl"}) == "plan");
  CHECK(words_for({"re"}) == "recover");
  CHECK(words_for({"help", "his"}) == "history");
  CHECK(words_for({"nothing", "x"}) == "");
  CHECK(run_cli({"complete", "--", "conf"}).results ==
        "confirm\tkeep a change that was applied with --confirm-within\n");
  CHECK(words(words_for({""})).size() == command_rows().size() + 1);
}

TEST_CASE("the options of the command that was typed are completed, each once unless it may be repeated") {
  CHECK(words_for({"apply", "--co"}) == "--confirm-within --color");
  CHECK(words_for({"plan", "--co"}) == "--color");
  CHECK(words_for({"apply", "--yes", "--y"}) == "");
  CHECK(words_for({"apply", "--set", "a=1", "--se"}) == "--set");
  CHECK(words_for({"apply", "--", "--y"}) == ":files");
  CHECK(words_for({"--root", "/x", "st"}) == "states status");
}

TEST_CASE("an option's value is completed, behind a blank or behind '='") {
  CHECK(words_for({"plan", "--scope", ""}) == "live boot both");
  CHECK(words_for({"plan", "--scope=bo"}) == "--scope=boot --scope=both");
  CHECK(words_for({"audit", "--format", ""}) == "text json junit sarif csv html prometheus");
  CHECK(words_for({"plan", "--format", ""}) == "text json prometheus");
  CHECK(words_for({"plan", "--set", "net.ipv4.tcp_fin"}) == "net.ipv4.tcp_fin_timeout=");
  CHECK(words_for({"plan", "--set=net.ipv4.tcp_fin"}) == "--set=net.ipv4.tcp_fin_timeout=");
  CHECK(words_for({"rollback", "--force", "net.ipv4.tcp_fin"}) == "net.ipv4.tcp_fin_timeout");
  CHECK(words_for({"plan", "--accept", "fin"}) == "fin-timeout-trap");
  CHECK(words_for({"plan", "--accept", "fin-timeout-trap:net.core.so"}) == "fin-timeout-trap:net.core.somaxconn");
  CHECK(words_for({"audit", "--ignore", "close-wait"}) == "");
  CHECK(words_for({"audit", "--ignore", "not-time"}) == "not-time-wait");
  CHECK(words_for({"apply", "--plan", ""}) == ":files");
  CHECK(words_for({"apply", "--reason", "x"}) == "");
}

TEST_CASE("profiles, pages of explain and files are completed where they are operands") {
  CHECK(words_for({"plan", "cl"}) == ":files classic");
  CHECK(words_for({"plan", "classic", "bus"}) == ":files busy-client");
  CHECK(words_for({"profile", ""}) == "list show");
  CHECK(words_for({"profile", "show", "base"}) == ":files baseline");
  CHECK(words_for({"profile", "show", "classic", "--as", "sys"}) == "sysctl.d");
  CHECK(words_for({"audit", "x"}) == ":files");
  CHECK(words_for({"explain", "TIME_"}) == "TIME_WAIT");
  CHECK(words_for({"explain", "tcp_fin"}) == "tcp_fin_timeout");
  CHECK(words_for({"explain", "net.core.so"}) == "net.core.somaxconn");
  CHECK(words_for({"explain", "TIME_WAIT", ""}) == "");
  CHECK(words_for({"status", ""}) == "");
}

TEST_CASE("ids are those that the command can act on") {
  MemoryHost host;
  stock_host(host);
  CHECK(words_on(host, {"history", ""}) == "");
  REQUIRE(run_on(host, {"apply", "--set", "net.ipv4.tcp_tw_reuse=1", "--yes"}).status == 0);
  const std::string first = words_on(host, {"history", ""});
  CHECK(first.size() == 8);
  CHECK(words_on(host, {"rollback", ""}) == first);
  CHECK(words_on(host, {"rollback", "--to", std::string_view(first).substr(0, 4)}) == first);
  CHECK(words_on(host, {"confirm", ""}) == "");
  REQUIRE(run_on(host, {"rollback", "--yes"}).status == 0);

  CHECK(words(words_on(host, {"history", ""})).size() == 2);
  CHECK(words(words_on(host, {"rollback", ""})).size() == 1);  // the rollback, which is a change too
}

TEST_CASE("where the host cannot be looked at, what needs no host is completed all the same") {
  const PlatformFactory none = [](const HostChoice&) -> Result<std::unique_ptr<Platform>> {
    return fail(ErrorCode::denied, "no");
  };
  CHECK(run_cli_with({"complete", "--", "history", ""}, none).results == "");
  CHECK(run_cli_with({"complete", "--", "plan", ""}, none).results == ":files\n");
  CHECK(run_cli_with({"complete", "--", "pl"}, none).status == 0);
}
