// `twctl trial` on a bench in memory, whose kernel does what the model says.
#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "diagnose/port_model.hpp"
#include "platform/load_bench.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

constexpr std::int64_t kMachine = 40000;  // connections a second where nothing limits them

class ModelBench : public LoadBench {
 public:
  explicit ModelBench(MemoryRun& run) : run_(run) {}

  std::optional<Error> broken;
  int interrupted_in = -1;  // at which call an interrupt comes
  std::string refuses;      // a key that cannot be set
  std::vector<Load> loads;  // that were asked for
  std::function<void()> begins = [] {};

  Result<void> run(std::span<const Load> asked, const LoadSink& sink) override {
    begins();
    if (broken) return fail(*broken);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (static_cast<int>(loads.size()) == interrupted_in) run_.signalled = true;
      loads.push_back(asked[i]);
      if (!refuses.empty()) sink.not_set(i, Side::client, *find_setting(refuses), "Invalid argument");
      sink.take(i, Side::client, figures(asked[i], !sink.go_on()), true);
      sink.take(i, Side::server, {}, true);
    }
    return {};
  }

 private:
  static LoadFigures figures(const Load& load, bool ends_early) {
    LiveSettings live{{"net.ipv4.ip_local_port_range", "32768 60999"}};  // the kernel's own
    for (const auto& [setting, value] : load.client_settings) live[std::string(setting->key)] = value;
    PortSettings ports = *port_settings(live);
    if (load.socket_range) ports = with_socket_range(ports, *load.socket_range);
    const PortModel model = port_model(ports, {}, load);
    LoadFigures figures;
    figures.load_ms = ends_early ? 1 : load.length.count();
    figures.ms = figures.load_ms;
    figures.connections = ends_early ? 1 : model.connections.value_or(kMachine * load.length.count() / 1000);
    figures.attempts = figures.connections;
    return figures;
  }

  MemoryRun& run_;
};

class TrialHost : public MemoryHost {
 public:
  TrialHost() : MemoryHost("", &bench) {
    stock_host(*this);
    facts.kernel = {6, 18, 0};
    store.set("net.ipv4.ip_local_port_range", "32768 60999");
    store.set("net.ipv4.tcp_tw_reuse", "2");
    store.set("net.ipv4.tcp_tw_reuse_delay", "1000");
  }
  ~TrialHost() override { at_end(*this); }
  ModelBench bench{process};
  std::function<void(const TrialHost&)> at_end = [](const TrialHost&) {};
};

Ran trial(
    const std::vector<std::string_view>& more, const std::function<void(TrialHost&)>& furnish = [](auto&) {}) {
  std::vector<std::string_view> args{"trial"};
  args.insert(args.end(), more.begin(), more.end());
  return run_cli_with(args, [&](const HostChoice&) -> Result<std::unique_ptr<Platform>> {
    auto host = std::make_unique<TrialHost>();
    furnish(*host);
    return host;
  });
}

nlohmann::json document(const Ran& ran) { return nlohmann::json::parse(ran.results); }

}  // namespace

TEST_CASE("trial measures the present settings and the profile in turn, with a thousand ports each") {
  const Ran ran = trial({"busy-client", "--json"});
  CHECK(ran.status == 0);
  CHECK(ran.messages.empty());
  const auto runs = document(ran)["runs"];
  REQUIRE(runs.size() == 6);
  CHECK(runs[0]["name"] == "present");
  CHECK(runs[1]["name"] == "busy-client");
  CHECK(runs[0]["settings"]["net.ipv4.ip_local_port_range"] == "32768 33767");
  CHECK(runs[1]["settings"]["net.ipv4.tcp_tw_reuse"] == "1");
  CHECK(runs[0]["connections"] == 1000);
  CHECK(runs[1]["connections"] == 5000);
  CHECK(runs[1]["predicted_per_second"] == 1000);
  CHECK(runs[1]["deviation"] == 0);
  CHECK(runs[1]["limited_by"] == "setting");
  CHECK(document(ran)["reference_per_second"] == kMachine);
}

TEST_CASE("trial's text fits 80 columns and ends with the verdict") {
  for (const std::vector<std::string_view>& args :
       {std::vector<std::string_view>{"busy-client"}, {"busy-client", "--bind-first", "--destinations", "4"}}) {
    const std::string text = trial(args).results;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      CHECK_MESSAGE(end - at <= 80, text.substr(at, end - at));
    }
    CHECK(text.find(" lifts ") != std::string::npos);
  }
}

TEST_CASE("trial -q is the verdict alone") {
  CHECK(trial({"busy-client", "-q"}).results ==
        "busy-client lifts the limit to one destination from 470/s to 28232/s with this\n"
        "host's 28232 ports; at your present rate nothing changes. Measured scaled down\n"
        "to 1000 ports, of which the model makes 16/s and 1000/s.\n");
  CHECK(trial({"-q"}).results ==
        "The present settings allow 470/s to one destination for good with this host's\n"
        "28232 ports. Measured scaled down to 1000 ports, of which the model makes 16/s.\n");
}

TEST_CASE("after bind() the profile changes nothing, and the verdict says so") {
  CHECK(trial({"busy-client", "-q", "--bind-first"}).results ==
        "After bind() to port 0: busy-client leaves the limit to one destination at 470/s\n"
        "with this host's 28232 ports; at your present rate nothing changes. Measured\n"
        "scaled down to 1000 ports, of which the model makes 16/s. With\n"
        "IP_BIND_ADDRESS_NO_PORT: busy-client lifts the limit to one destination from\n"
        "470/s to 28232/s with this host's 28232 ports; at your present rate nothing\n"
        "changes. Measured scaled down to 1000 ports, of which the model makes 16/s and\n"
        "1000/s.\n");
}

TEST_CASE("trial --socket-range speaks of the sockets' ports, and says what the kernel cuts off") {
  const Ran ran = trial({"--socket-range", "40000-40499", "-q"});
  CHECK(ran.results ==
        "The present settings allow 8.3/s to one destination for good with the sockets'\n"
        "500 ports.\n");
  const auto whole = document(trial({"--socket-range", "40000-40499", "--runs", "1", "--json"}));
  CHECK(whole["options"]["socket_range"] == "40000-40499");
  CHECK(whole["runs"][0]["socket_range"] == "40000-40499");
  CHECK(whole["runs"][0]["connections"] == 500);
  CHECK(whole["notes"].empty());
  CHECK(document(trial({"--socket-range", "1024-33267", "--runs", "1", "--json"}))["notes"][0] ==
        "IP_LOCAL_PORT_RANGE 1024-33267 is cut by the kernel to what ip_local_port_range has: 32768-33267");
}

TEST_CASE("a wanted setting that the namespaces refuse is not judged") {
  const auto refuses = [](TrialHost& host) { host.bench.refuses = "net.ipv4.tcp_tw_reuse"; };
  const Ran ran = trial({"--set", "net.ipv4.tcp_tw_reuse=1", "--json"}, refuses);
  const auto wanted = document(ran)["runs"][1];
  CHECK(wanted["predicted"].is_null());
  CHECK(wanted["deviation"].is_null());
  CHECK(document(ran)["verdict"].get<std::string>().starts_with("No verdict: "));
  CHECK(ran.status == 69);
}

TEST_CASE("an interrupt ends a trial with 130, and what was measured is shown") {
  const auto in_second_run = [](TrialHost& host) { host.bench.interrupted_in = 2; };
  const Ran ran = trial({"busy-client", "--json"}, in_second_run);
  CHECK(ran.status == 130);
  CHECK(document(ran)["interrupted"] == true);
  CHECK(document(ran)["runs"].size() == 2);
  CHECK(document(ran)["runs"][1]["seconds"] == 0.001);
  CHECK(trial({"busy-client"}, in_second_run).results.ends_with("this is what was measured until then.\n"));
}

TEST_CASE("where there can be no namespaces the reason and the code of the bench come out") {
  const auto forbidden = [](TrialHost& host) {
    host.bench.broken = Error{.code = ErrorCode::denied, .message = "no namespaces", .hint = "a knob"};
  };
  const Ran ran = trial({"--json"}, forbidden);
  CHECK(ran.status == 77);
  CHECK(ran.messages == "twctl: no namespaces\n  hint: a knob\n");
  CHECK(document(ran)["error"]["code"] == 77);
}

TEST_CASE("what contradicts itself is 64, what no profile can be is 65") {
  CHECK(trial({"--full", "--ports", "100"}).status == 64);
  CHECK(trial({"--myths", "classic"}).status == 64);
  CHECK(trial({"--myths", "--seconds", "3"}).status == 64);
  CHECK(trial({"--myths", "--root", "/r"}).status == 64);
  CHECK(trial({"--myths", "--netns", "n"}).status == 64);
  CHECK(trial({"--set", "net.ipv4.tcp_tw_reuse=7"}).status == 65);
}

TEST_CASE("trial -o saves the document beside the text, and - prints it") {
  std::string saved;
  const Ran ran = trial({"--runs", "1", "-o", "/tmp/t.json"}, [&](TrialHost& host) {
    host.at_end = [&](const TrialHost& then) { saved = then.disk.written.at("/tmp/t.json"); };
  });
  CHECK(ran.results.starts_with("Trial with"));
  CHECK(saved == trial({"--runs", "1", "--json"}).results);
  CHECK(document(trial({"--runs", "1", "-o", "-"}))["command"] == "trial");
}

TEST_CASE("a trial of an older host's snapshot says so, and what of its settings this kernel has no more") {
  const Ran old = run_cli({"snapshot"}, [](MemoryHost& host) {
    stock_host(host);
    host.facts.kernel_release = "4.9.0-19-amd64";
    host.store.set("net.ipv4.ip_local_port_range", "32768 60999");
    host.store.set("net.ipv4.tcp_tw_recycle", "1");
  });
  const Ran ran = trial({"--from", "/old.json"}, [&](TrialHost& host) { host.disk.files["/old.json"] = old.results; });
  CHECK(ran.results.find("note: that host has Linux 4.9.0-19-amd64; here its settings meet the kernel of\n"
                         "      this one.\n") != std::string::npos);
  CHECK(ran.results.find("note: net.ipv4.tcp_tw_recycle is 1 there: gone from this kernel; not measured.\n") !=
        std::string::npos);
  CHECK(trial({"--from", "/a", "--from", "/b"}).messages ==
        "twctl: trial: measures the settings of one host; --from names 2\n");
}

TEST_CASE("a myth that the loads could not show says so, and is none of those that were tried") {
  const Ran ran = trial({"--myths"});  // on this bench nothing is ever in TIME_WAIT
  CHECK(ran.results.find("measured  of 0 TIME_WAIT all were there after 0 s, none after 0 s\n"
                         "verdict   could not be measured here (machine too busy)\n") != std::string::npos);
  CHECK(ran.results.find("Of 22 claims") == std::string::npos);
}

TEST_CASE("a trial that could not be saved is not begun") {
  for (const std::string_view more : {"--ipv6", "--myths"}) {
    bool measured = false;
    const Ran ran = trial({more, "-o", "/nonexistent/t.json"},
                          [&](TrialHost& host) { host.bench.begins = [&] { measured = true; }; });
    CHECK(ran.status == 74);
    CHECK_FALSE(measured);
  }
}

TEST_CASE("the options reach the load") {
  Load load;  // the last one: the first is without the limits
  const Ran ran =
      trial({"--closes", "server", "--keep", "10", "--rate", "50", "--seconds", "2", "--runs", "1", "--ipv6",
             "--destinations", "3", "--json"},
            [&](TrialHost& host) { host.at_end = [&](const TrialHost& then) { load = then.bench.loads.back(); }; });
  CHECK(load.closes == Side::server);
  CHECK(load.rounds == 10);
  CHECK(load.rate == 50);
  CHECK(load.length == std::chrono::seconds(2));
  CHECK(load.ipv6);
  CHECK(load.destinations == 3);
  const auto options = document(ran)["options"];
  CHECK(options["closes"] == "server");
  CHECK(options["keep"] == 10);
  CHECK(document(ran)["runs"][0]["connections"] == 100);
  CHECK(document(ran)["runs"][0]["settings"]["net.ipv4.ip_local_port_range"] == "32768 33767");
}
