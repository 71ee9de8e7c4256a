// Prometheus text: states, doctor, status and plan, as the textfile collector reads it.
#include "report/metrics.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/plan_host.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using twctl::test::MemoryHost;
using twctl::test::Ran;
using twctl::test::run_on;
using twctl::test::StockHost;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

Ran metrics(StockHost& host, std::vector<std::string_view> args) {
  args.insert(args.end(), {"--format", "prometheus"});
  return run_on(host, args);
}

}  // namespace

TEST_CASE("metrics: HELP and TYPE stand before the samples, and what acts in a label is escaped") {
  Metrics metrics;
  metrics.gauge("twctl_drift", "One for each of them.");
  metrics.sample({{"what", "a\"b\\c"}, {"key", ""}}, 1);
  metrics.gauge("twctl_seconds", "A time.");
  metrics.sample({}, 0.25);
  metrics.gauge("twctl_drifts", "How many.", std::size_t{3});
  CHECK(std::move(metrics).text() ==
        "# HELP twctl_drift One for each of them.\n# TYPE twctl_drift gauge\n"
        "twctl_drift{what=\"a\\\"b\\\\c\",key=\"\"} 1\n"
        "# HELP twctl_seconds A time.\n# TYPE twctl_seconds gauge\ntwctl_seconds 0.25\n"
        "# HELP twctl_drifts How many.\n# TYPE twctl_drifts gauge\ntwctl_drifts 3\n");
}

TEST_CASE("states_metrics has every state, those without a socket at 0") {
  SocketSummary summary;
  summary.counts.at(static_cast<std::size_t>(TcpState::time_wait)) = 28231;
  const std::string text = states_metrics(summary);
  CHECK(has_line(text, "twctl_sockets{state=\"TIME_WAIT\"} 28231"));
  CHECK(has_line(text, "twctl_sockets{state=\"CLOSE_WAIT\"} 0"));
  CHECK(has_line(text, "twctl_other_network_namespaces 0"));
}

TEST_CASE("doctor_metrics has each rule, and of each destination what is taken and left") {
  Diagnosed host;
  host.examination.ports.usable = 28232;
  host.examination.traffic.destinations = {
      {.destination = {.from = *parse_ip_address("10.0.0.1"), .to = *parse_ip_address("10.0.0.5"), .port = 443},
       .ports = {.open = 1000, .time_wait = 9000, .young = 0, .entered = 6000, .leaving = 0}}};
  const std::string text = doctor_metrics(host);
  const std::string labels = "{source=\"10.0.0.1\",destination=\"10.0.0.5\",port=\"443\"} ";
  CHECK(has_line(text, "twctl_local_ports 28232"));
  CHECK(has_line(text, "twctl_destination_ports_taken" + labels + "10000"));
  CHECK(has_line(text, "twctl_destination_ports_free" + labels + "18232"));
  CHECK(has_line(text, "twctl_destination_time_wait_sockets" + labels + "9000"));
  CHECK(has_line(text, "twctl_destination_ended_per_second" + labels + "600"));
  CHECK(has_line(text, "twctl_destination_budget_per_second" + labels + "453.867"));
  CHECK(has_line(text, "twctl_doctor_findings{id=\"close-wait-held\",severity=\"warning\"} 0"));
  host.examination.traffic.destinations.front().ports = {.open = 1};
  CHECK(has_line(doctor_metrics(host), "twctl_destination_ports_last_seconds" + labels + "+Inf"));
}

TEST_CASE("status --format prometheus tells of drift, of what is pending and of the newest change") {
  StockHost host;
  CHECK(has_line(metrics(host, {"status"}).results, "twctl_change_pending 0"));
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  const std::string quiet = metrics(host, {"status"}).results;
  CHECK(has_line(quiet, "twctl_drifts 0"));
  CHECK(quiet.find("\ntwctl_last_change_timestamp_seconds ") != std::string::npos);

  host.store.set("net.ipv4.tcp_fin_timeout", "45");
  const std::string drifted = metrics(host, {"status"}).results;
  CHECK(has_line(drifted, "twctl_drifts 1"));
  CHECK(has_line(drifted, "twctl_drift{what=\"net.ipv4.tcp_fin_timeout\"} 1"));
  CHECK(has_line(drifted, "# HELP twctl_drift 1 for each setting and file that is not as twctl left it."));
}

TEST_CASE("status --format prometheus has the deadline of a pending change") {
  StockHost host;
  CHECK(run_on(host, {"apply", "--yes", "--confirm-within", "1m", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  const std::string text = metrics(host, {"status"}).results;
  CHECK(has_line(text, "twctl_change_pending 1"));
  CHECK(has_line(text, "twctl_change_overdue 0"));
  CHECK(text.find("\ntwctl_change_deadline_timestamp_seconds ") != std::string::npos);
}

TEST_CASE("status --exit-code is 2 where something has drifted, and 0 while all is as it was left") {
  StockHost host;
  CHECK(run_on(host, {"apply", "--yes", "--set", "net.ipv4.tcp_fin_timeout=30"}).status == 0);
  CHECK(run_on(host, {"status", "--exit-code"}).status == 0);
  host.store.set("net.ipv4.tcp_fin_timeout", "45");
  CHECK(run_on(host, {"status", "--exit-code"}).status == 2);
  CHECK(run_on(host, {"status"}).status == 0);
}

TEST_CASE("plan --format prometheus counts settings by verdict and hazards by id") {
  StockHost host;
  const Ran ran = metrics(host, {"plan", "--set", "net.ipv4.tcp_fin_timeout=75"});
  CHECK(ran.status == 3);
  CHECK(has_line(ran.results, "twctl_plan_settings{verdict=\"change\"} 1"));
  CHECK(has_line(ran.results, "twctl_plan_settings{verdict=\"ok\"} 0"));
  CHECK(has_line(ran.results, "twctl_plan_blocked 1"));
  CHECK(has_line(ran.results, "twctl_plan_hazards{id=\"fin-timeout-trap\",blocks=\"true\"} 1"));
}

TEST_CASE("what plan says of being blocked is what its exit code says, whatever the reason") {
  const auto check = [](const std::function<void(StockHost&)>& furnish, int status, const std::string& why) {
    CAPTURE(why);
    StockHost host;
    furnish(host);
    const std::vector<std::string_view> wish{"plan", "--set", "net.ipv4.tcp_fin_timeout=30"};
    const Ran ran = metrics(host, wish);
    CHECK(ran.status == status);
    CHECK(has_line(ran.results, "twctl_plan_blocked 1"));
    CHECK(run_on(host, wish).results.find("This does it") == std::string::npos);
    const std::string document = run_on(host, {"plan", "--json", "--set", "net.ipv4.tcp_fin_timeout=30"}).results;
    CHECK(document.find("; apply would refuse: " + why + ".\"") != std::string::npos);
  };
  const Error denied{.code = ErrorCode::denied, .message = "x is not safe"};
  check([&](StockHost& host) { host.journal.unusable = denied; }, 77, "x is not safe");
  check([&](StockHost& host) { host.boot.not_writable[std::string(kOwnBootFile)] = denied; }, 77, "x is not safe");
  check([&](StockHost& host) { host.store.live["net.ipv4.tcp_fin_timeout"].read_only = true; }, 77,
        "net.ipv4.tcp_fin_timeout cannot be written: read-only on this host");
}

TEST_CASE("-o takes the place of standard output, in any format") {
  StockHost host;
  const std::string shown = metrics(host, {"status"}).results;
  const Ran ran = metrics(host, {"status", "-o", "/status.prom"});
  CHECK(ran.results == "");
  CHECK(host.disk.written.at("/status.prom") == shown);
  CHECK(metrics(host, {"plan", "-o", "/plan.prom"}).results == "");
  CHECK(host.disk.written.at("/plan.prom").starts_with("# HELP twctl_plan_settings "));
}

TEST_CASE("--format prometheus is of one host and one network namespace") {
  StockHost host;
  CHECK(metrics(host, {"states", "--by", "peer"}).status == 64);
  CHECK(metrics(host, {"states", "--all-netns"}).status == 64);
  CHECK(metrics(host, {"doctor", "--all-netns"}).status == 64);
}
