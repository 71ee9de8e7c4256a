#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "report/audit_words.hpp"
#include "report/version.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

// Leaves behind what was written to it.
class RememberingHost : public MemoryHost {
 public:
  using Written = std::map<std::string, std::string, std::less<>>;
  explicit RememberingHost(Written& written) : written_(written) {}
  ~RememberingHost() override { written_ = disk.written; }

 private:
  Written& written_;
};

// How a run on the stock host ends.
int status_of(const std::vector<std::string_view>& args, const Furnish& furnish = {}) {
  const Ran ran = run_cli(args, furnish);
  CAPTURE(ran.messages);
  return ran.status;
}

void shadow_fin_timeout(MemoryHost& host) {
  stock_host(host);
  host.disk.files["/etc/sysctl.d/99-zz.conf"] = "net.ipv4.tcp_fin_timeout = 50\n";
}

void forbid_writes(MemoryHost& host) {
  stock_host(host);
  for (auto& [key, value] : host.store.live) value.read_only = true;
}

}  // namespace

TEST_CASE("a command line that is wrong ends 64, with the message on standard error only") {
  const Ran ran = run_cli({"plan", "--rot", "x"});
  CHECK(ran.status == 64);
  CHECK(ran.results.empty());
  CHECK(ran.messages ==
        "twctl: plan: --rot: unknown option; did you mean --root?\n"
        "  hint: `twctl plan --help` lists the options\n");
}

TEST_CASE("X7: plan --json has the diff that apply --json has") {
  MemoryHost host;
  stock_host(host);
  host.disk.files["/etc/sysctl.d/99-a.conf"] = "net.ipv4.tcp_fin_timeout = 60\n";
  const auto diff_of = [&](std::vector<std::string_view> args) {
    args.insert(args.end(), {"busy-client", "--json"});
    return nlohmann::json::parse(run_on(host, args).results)["diff"];
  };
  const nlohmann::json planned = diff_of({"plan"});
  CHECK(planned["before"] == "net.ipv4.tcp_tw_reuse = 2\n# /etc/sysctl.d/60-twctl.conf\n");
  CHECK(planned["after"].get<std::string>().starts_with("net.ipv4.tcp_tw_reuse = 1\n# /etc/sysctl.d/60-twctl.conf\n#"));
  CHECK(diff_of({"apply", "--yes"}) == planned);
  CHECK(diff_of({"plan"}) == nlohmann::json{{"before", ""}, {"after", ""}});
}

TEST_CASE("explain takes a message of several words as it is pasted, and one name at a time else") {
  CHECK(run_cli({"explain", "time", "wait", "bucket", "table", "overflow"})
            .results.starts_with("time-wait-overflow: a finding\n"));
  CHECK(run_cli({"explain", "tcp_tw_reuse", "TIME_WAIT"}).messages == "twctl: explain: one name at a time\n");
}

TEST_CASE("no command is 64 and says what to try") {
  const Ran ran = run_cli({});
  CHECK(ran.status == 64);
  CHECK(ran.messages == "twctl: no command given\n  hint: try `twctl plan`; `twctl --help` lists the commands\n");
}

TEST_CASE("with --json an error is one JSON document too, a wrong command line included") {
  const Ran ran = run_cli({"plan", "--rot", "x", "--json"});
  CHECK(ran.status == 64);
  const auto document = nlohmann::json::parse(ran.results);
  CHECK(document["error"]["code"] == 64);
  CHECK(document["error"]["message"] == "plan: --rot: unknown option; did you mean --root?");
  CHECK(document["error"]["file"].is_null());
  CHECK(document["error"]["line"].is_null());
  CHECK(document["error"]["hint"] == "`twctl plan --help` lists the options");
}

TEST_CASE("plan ends 0 with nothing to do, 2 with something, 3 blocked, 77 read-only") {
  CHECK(status_of({"plan"}) == 0);
  CHECK(status_of({"plan", "busy-client"}) == 2);
  CHECK(status_of({"plan", "--set", "net.ipv4.tcp_fin_timeout=30"}, shadow_fin_timeout) == 3);
  CHECK(status_of({"plan", "--set", "net.ipv4.tcp_fin_timeout=30"}, forbid_writes) == 77);
}

TEST_CASE("V20: a value that is there already is 0, and nothing would be written") {
  const Ran ran = run_cli({"plan", "--set", "net.ipv4.tcp_fin_timeout=60", "--json"});
  CHECK(ran.status == 0);
  CHECK(nlohmann::json::parse(ran.results)["settings"][0]["writes"].empty());
}

TEST_CASE("N05: a key that is none of ours is 65 in a container as anywhere") {
  const auto in_container = [](MemoryHost& host) {
    stock_host(host);
    host.facts.container = "docker";
  };
  CHECK(status_of({"plan", "--set", "kernel.pid_max=4194304"}, in_container) == 65);
}

TEST_CASE("trial is 69 on Windows, which has no network namespaces") {
  const auto windows = [](MemoryHost& host) { host.facts.os = Os::windows; };
  const Ran ran = run_cli({"trial", "classic", "--json"}, windows);
  CHECK(ran.status == 69);
  CHECK(ran.messages ==
        "twctl: trial: not on Windows, which has no network namespaces to measure in\n"
        "  hint: `twctl trial` runs on Linux\n");
  CHECK(nlohmann::json::parse(ran.results)["error"]["code"] == 69);
  CHECK(status_of({"plan", "--trial"}, windows) == 64);
  CHECK(status_of({"triall"}, windows) == 64);
}

TEST_CASE("--exit-zero makes 0 of 2 and of nothing else") {
  CHECK(status_of({"plan", "--exit-zero", "busy-client"}) == 0);
  CHECK(status_of({"plan", "--exit-zero", "--set", "net.ipv4.tcp_fin_timeout=30"}, shadow_fin_timeout) == 3);
  CHECK(status_of({"plan", "--exit-zero", "--set", "net.ipv4.tcp_fin_timeout=30"}, forbid_writes) == 77);
  CHECK(status_of({"plan", "--exit-zero", "--set", "net.ipv4.tcp_fin_timout=30"}) == 65);
}

TEST_CASE("a blocking hazard that is accepted blocks no more") {
  CHECK(status_of({"plan", "--set", "net.ipv4.tcp_fin_timeout=30", "--accept", "shadowed"}, shadow_fin_timeout) == 2);
  CHECK(status_of({"plan", "--accept", "no-such-hazard"}) == 64);
}

TEST_CASE("a read-only host shows the whole plan before it says so") {
  const Ran ran = run_cli({"plan", "busy-client"}, forbid_writes);
  CHECK(ran.results.find("net.ipv4.tcp_fin_timeout") != std::string::npos);
  CHECK(ran.messages.find(" cannot be written: read-only on this host\n") != std::string::npos);
}

TEST_CASE("--format never changes the exit code") {
  for (const std::vector<std::string_view>& args : {std::vector<std::string_view>{"plan"},
                                                    {"plan", "busy-client"},
                                                    {"plan", "--set", "x=1"},
                                                    {"plan", "/nowhere.ini"},
                                                    {"explain", "nonsense"},
                                                    {"profile", "show", "nonsense"},
                                                    {"profile"}}) {
    std::vector<std::string_view> with_json = args;
    with_json.emplace_back("--json");
    CAPTURE(args.back());
    CHECK(status_of(args) == status_of(with_json));
  }
}

TEST_CASE("-o saves the plan as the JSON that --json prints") {
  std::map<std::string, std::string, std::less<>> written;
  const Ran ran = run_cli_with({"plan", "-o", "saved.json", "--json"}, [&](const HostChoice&) {
    auto host = std::make_unique<RememberingHost>(written);
    stock_host(*host);
    return Result<std::unique_ptr<Platform>>(std::move(host));
  });
  CHECK(ran.status == 0);
  CHECK(written.at("saved.json") == ran.results);
  CHECK(nlohmann::json::parse(ran.results)["host"]["boot_id"] == "7d3f0a2c-0000-4000-8000-000000000001");
}

TEST_CASE("output that cannot be written is 74, with a message, a reader who has gone is told nothing") {
  const auto host = [](const HostChoice&) {
    auto made = std::make_unique<MemoryHost>();
    stock_host(*made);
    return Result<std::unique_ptr<Platform>>(std::move(made));
  };
  const auto full = [](std::string_view) { return Result<void>(fail(ErrorCode::output, "No space left on device")); };
  const auto gone = [](std::string_view) { return Result<void>(fail(ErrorCode::output, "")); };
  Streams streams;
  streams.results = full;
  const Ran to_full = run_cli_with({"plan"}, host, streams);
  CHECK(to_full.status == 74);
  CHECK(to_full.messages == "twctl: No space left on device\n");
  streams.results = gone;
  const Ran to_nobody = run_cli_with({"plan"}, host, streams);
  CHECK(to_nobody.status == 74);
  CHECK(to_nobody.messages.empty());
}

TEST_CASE("colour: the flag, then NO_COLOR, TERM=dumb and CLICOLOR_FORCE, then the terminal") {
  struct Case {
    ColorChoice flag;
    bool no_color, dumb, force, terminal, colour;
  };
  constexpr auto kAuto = ColorChoice::automatic;
  for (const Case& c :
       {Case{kAuto, false, false, false, false, false}, Case{kAuto, false, false, false, true, true},
        Case{kAuto, true, false, true, true, false}, Case{kAuto, false, true, true, true, false},
        Case{kAuto, false, false, true, false, true}, Case{ColorChoice::always, true, true, false, false, true},
        Case{ColorChoice::never, false, false, true, true, false}}) {
    Streams streams;
    streams.environment = {.no_color = c.no_color, .dumb_terminal = c.dumb, .force = c.force};
    streams.results_on_terminal = c.terminal;
    CHECK(wants_colour(c.flag, streams) == c.colour);
  }
}

TEST_CASE("--help and --version answer on standard output, with --json as JSON") {
  CHECK(run_cli({"--version"}).results.find("twctl 0.") == 0);
  CHECK(run_cli({"plan", "--help"}).results.find("twctl plan: ") == 0);
  CHECK(nlohmann::json::parse(run_cli({"--help", "--json"}).results)["command"] == "help");
}

TEST_CASE(
    "--version tells version, catalogue and build, a line each; with -v every library with its version and licence") {
  const std::string brief = run_cli({"--version"}).results;
  const BuildFacts facts = build_facts();
  const std::string commit = facts.commit.empty() ? "" : "\ncommit " + std::string(facts.commit);
  CHECK(brief == "twctl " + std::string(program_version()) + "\ncatalogue " + catalogue_version() + commit +
                     "\nbuild " + std::string(facts.build) + "\n");
  const std::string whole = run_cli({"version", "-v"}).results;
  CHECK(whole.find(brief + "libraries\n  JSON for Modern C++ 3.") == 0);
  for (const std::string_view part :
       {"\n  RapidJSON ", "\n  fmt ", "\n  CLI11 ", "\n  tl-expected ", "\n  inih ", "\n  libstdc++ "}) {
    const std::size_t at = whole.find(part);
    REQUIRE(at != std::string::npos);
    const char digit = whole[at + part.size()];  // of its version
    CHECK((digit >= '0' && digit <= '9'));
  }
}

TEST_CASE("--from may be given for several hosts: their plans in turn, the weightiest exit code") {
  const auto snapshot_of = [](const Furnish& furnish) { return run_cli({"snapshot"}, furnish).results; };
  const std::string as_wanted = snapshot_of(stock_host);
  const std::string shadowed = snapshot_of(shadow_fin_timeout);
  const auto furnish = [&](MemoryHost& host) {
    stock_host(host);
    host.disk.files["a.json"] = as_wanted;
    host.disk.files["b.json"] = shadowed;
    host.disk.files["bad.json"] = "{}";
  };
  const std::string_view wish = "net.ipv4.tcp_fin_timeout=30";
  CHECK(status_of({"plan", "--from", "a.json", "--set", wish}, furnish) == 2);
  CHECK(status_of({"plan", "--from", "b.json", "--from", "a.json", "--set", wish}, furnish) == 3);
  CHECK(status_of({"plan", "--from", "a.json", "--from", "a.json"}, furnish) == 0);
  CHECK(status_of({"plan", "--from", "a.json", "--from", "bad.json"}, furnish) == 65);
  CHECK(status_of({"plan", "--from", "a.json", "--from", "a.json", "-o", "x"}, furnish) == 64);
  const std::string text = run_cli({"plan", "--from", "a.json", "--from", "b.json", "--set", wish}, furnish).results;
  CHECK(text.starts_with("a.json:\nPlan for "));
  CHECK(text.find("\n\nb.json:\nPlan for ") != std::string::npos);
  const Ran json = run_cli({"plan", "--from", "a.json", "--from", "b.json", "--set", wish, "--json"}, furnish);
  CHECK(json.status == 3);
  CHECK(against_schema(json.results, "plans") == "");
  const auto plans = nlohmann::json::parse(json.results)["plans"];
  REQUIRE(plans.size() == 2);
  CHECK(plans[0] ==
        nlohmann::json::parse(run_cli({"plan", "--from", "a.json", "--set", wish, "--json"}, furnish).results));
}

TEST_CASE("--from says which host it is, so --root and --netns do not go with it") {
  CHECK(status_of({"plan", "--from", "a.json", "--root", "/mnt"}) == 64);
  CHECK(status_of({"plan", "--from", "a.json", "--netns", "blue"}) == 64);
}
