// What a trial writes into its namespaces, how many ports it takes, and what its reports come to.
#include "trial/trial.hpp"

#include <doctest/doctest.h>

#include "report/trial_verdict.hpp"
#include "support/memory_host.hpp"

using namespace twctl;

namespace {

constexpr KernelVersion kKernel{6, 18, 0};

Snapshot host_with(std::initializer_list<std::pair<std::string_view, std::string_view>> more = {}) {
  Snapshot host;
  const auto set = [&](std::string_view name, std::string_view value) {
    host.live[std::string(find_setting_by_any_name(name)->key)] = {.state = LiveValue::State::present,
                                                                   .value = std::string(value)};
  };
  set("ip_local_port_range", "32768 60999");
  set("tcp_tw_reuse", "2");
  set("tcp_tw_reuse_delay", "1000");
  set("tcp_timestamps", "1");
  set("tcp_mem", "1 2 3");
  for (const auto& [name, value] : more) set(name, value);
  return host;
}

std::string value_of(const Candidate& candidate, std::string_view name) {
  for (const auto& [setting, value] : candidate.values)
    if (setting == find_setting_by_any_name(name)) return value;
  return "-";
}

Desired wish(std::string_view name, std::string_view expression) {
  const Setting* setting = find_setting_by_any_name(name);
  Desired desired;
  Entry& entry = desired.entries.emplace_back();
  entry.setting = setting;
  entry.wanted = *parse_wanted(*setting, expression);
  return desired;
}

std::vector<Candidate> candidates(const Snapshot& host, const Desired& desired) {
  const Candidate present = *present_candidate(host, kKernel);
  return {present, *wanted_candidate(present, desired, "wanted")};
}

TrialRun run_of(std::size_t candidate, std::int64_t connections) {
  TrialRun run{.candidate = candidate};
  run.client.connections = connections;
  run.client.attempts = connections;
  run.client.load_ms = 5000;
  return run;
}

}  // namespace

TEST_CASE("the settings of a namespace are copied, those of the whole host are not") {
  const Candidate present = *present_candidate(host_with(), kKernel);
  CHECK(value_of(present, "tcp_tw_reuse") == "2");
  CHECK(value_of(present, "tcp_mem") == "-");
  CHECK(present.own_ports.usable == 28232);
  CHECK_FALSE(present_candidate({}, kKernel).has_value());
}

TEST_CASE("a host that lacks the reuse delay is measured with this kernel's") {
  Snapshot host = host_with();
  host.live.erase("net.ipv4.tcp_tw_reuse_delay");
  CHECK(value_of(*present_candidate(host, kKernel), "tcp_tw_reuse_delay") == "1000");
  CHECK(value_of(*present_candidate(host, {6, 1, 0}), "tcp_tw_reuse_delay") == "-");
}

TEST_CASE("what an older host has and this kernel has no more is said, and not written") {
  const Snapshot host = host_with({{"tcp_tw_recycle", "1"}});
  const Candidate here = *present_candidate(host, kKernel);
  CHECK(here.left_out == std::vector<std::string>{"net.ipv4.tcp_tw_recycle is 1 there: gone from this kernel"});
  CHECK(value_of(here, "tcp_tw_recycle") == "-");
  CHECK(value_of(*present_candidate(host, {4, 11, 0}), "tcp_tw_recycle") == "1");
}

TEST_CASE("what is wanted comes on top where it is not so already, and what a namespace cannot show is said") {
  const auto with = [&](std::string_view name, std::string_view expression) {
    return candidates(host_with(), wish(name, expression)).back();
  };
  CHECK(value_of(with("tcp_tw_reuse", "1"), "tcp_tw_reuse") == "1");
  CHECK(with("tcp_tw_reuse", "1 | 2").wanted.empty());
  CHECK(with("tcp_tw_reuse", "1").wanted.size() == 1);
  CHECK(with("tcp_mem", "4 5 6").left_out ==
        std::vector<std::string>{"net.ipv4.tcp_mem: one value for the whole host"});
  CHECK(with("tcp_tw_recycle", "1").left_out ==
        std::vector<std::string>{"net.ipv4.tcp_tw_recycle: gone from this kernel"});
}

TEST_CASE("the range is scaled down to 1000 ports, and a wider one stays wider") {
  std::vector<Candidate> both = candidates(host_with(), wish("ip_local_port_range", "1024 65535"));
  scale_ports(both, ports_to_measure({}, both, 40000), 1);
  CHECK(value_of(both.front(), "ip_local_port_range") == "32768 33767");
  CHECK(both.front().ports.usable == 1000);
  CHECK(both.back().ports.usable == 2284);
  CHECK(both.back().own_ports.usable == 64512);
}

TEST_CASE("ports stay below a quarter of what the machine can do, as far as a delay frees them") {
  const auto ports = [&](const TrialOptions& options, std::string_view delay, double machine) {
    const Snapshot host = host_with({{"tcp_tw_reuse", "1"}, {"tcp_tw_reuse_delay", delay}});
    return ports_to_measure(options, {*present_candidate(host, kKernel)}, machine);
  };
  CHECK(ports({}, "1000", 40000) == 1000);
  CHECK(ports({}, "100", 40000) == 100);
  CHECK(ports({}, "1000", 2000) == 500);
  CHECK(ports({.destinations = 4}, "1000", 8000) == 500);
  CHECK(ports({.destinations = 4}, "1000", 40000) == 1000);
  CHECK(ports({.ports = 300}, "100", 2000) == 300);
  CHECK(ports({.full = true}, "100", 2000) == 28232);
  CHECK(ports({}, "1", 2000) == 10);
}

TEST_CASE("sockets with a range of their own have that one scaled down, and the host's stays as it is") {
  std::vector<Candidate> both = candidates(host_with(), wish("tcp_tw_reuse", "1"));
  for (Candidate& one : both) narrow(one, {40000, 41999});
  CHECK(both.front().own_ports.usable == 2000);
  scale_ports(both, ports_to_measure({}, both, 40000), 1);
  CHECK(both.front().ports.usable == 1000);
  CHECK(both.front().socket_range == PortRange{40000, 40999});
  CHECK(load_for(both.back(), {}).socket_range == PortRange{40000, 40999});
  CHECK(value_of(both.front(), "ip_local_port_range") == "32768 60999");
}

TEST_CASE("reserved ports do not count, and no more are measured than were asked for") {
  std::vector<Candidate> one{*present_candidate(host_with({{"ip_local_reserved_ports", "32770-32779"}}), kKernel)};
  scale_ports(one, 21, 1);
  CHECK(value_of(one.front(), "ip_local_port_range") == "32768 32797");
  CHECK(one.front().ports.usable == 20);
  std::vector<Candidate> odd{*present_candidate(host_with(), kKernel)};
  scale_ports(odd, 11, 1);
  CHECK(odd.front().ports.usable == 10);
}

TEST_CASE("a tcp_max_tw_buckets that matters is scaled down with the ports") {
  const auto scaled = [](std::string_view buckets, int destinations) {
    std::vector<Candidate> one{*present_candidate(host_with({{"tcp_max_tw_buckets", buckets}}), kKernel)};
    scale_ports(one, 1000, destinations);
    return value_of(one.front(), "tcp_max_tw_buckets");
  };
  CHECK(scaled("14116", 1) == "500");
  CHECK(scaled("28232", 1) == "28232");
  CHECK(scaled("28232", 2) == "1000");
  CHECK(scaled("0", 1) == "0");
}

TEST_CASE("what limited a run is told from what happened in it") {
  TrialRun run{.length = std::chrono::milliseconds(1000), .model = {.most = 1000}};
  const auto limit = [&](std::int64_t connections, std::int64_t no_port, int asked = 0) {
    run.client = {.attempts = connections + no_port, .connections = connections, .address_unavailable = no_port};
    return limit_of(run, asked);
  };
  CHECK(limit(400, 0) == LimitedBy::machine);
  CHECK(limit(400, 0, 400) == LimitedBy::rate);
  CHECK(limit(400, 0, 1000) == LimitedBy::machine);
  CHECK(limit(1000, 0) == LimitedBy::setting);
  CHECK(limit(1000, 200, 1200) == LimitedBy::setting);
  CHECK(limit(950, 1) == LimitedBy::setting);
  CHECK(limit(823, 300) == LimitedBy::machine);  // 17.7 % below the model: it came too late to ports that were free
  CHECK(limit(823, 377, 1200) == LimitedBy::machine);
  CHECK(limit(399, 1, 400) == LimitedBy::rate);
  run.model = {};
  CHECK(limit(400, 1) == LimitedBy::setting);
}

TEST_CASE("samples are what was new in each second, and the end is no second of its own") {
  std::vector<LoadFigures> client(3);
  client[0] = {.ms = 1000, .attempts = 10, .connections = 8, .address_unavailable = 2};
  client[1] = {.ms = 2000, .attempts = 26, .connections = 20, .address_unavailable = 5, .address_in_use = 1};
  client[2] = {.ms = 2001, .attempts = 26, .connections = 20, .address_unavailable = 5, .address_in_use = 1};
  client[1].states.at(static_cast<std::size_t>(TcpState::time_wait)) = 20;
  const auto samples = samples_of(client, {});
  REQUIRE(samples.size() == 2);
  CHECK(samples[1].connections == 12);
  CHECK(samples[1].address_unavailable == 3);
  CHECK(samples[1].address_in_use == 1);
  CHECK(samples[1].time_wait == 20);
}

TEST_CASE("the verdict says what becomes of the limit, and of the host at its present rate") {
  Trial trial{.candidates = candidates(host_with(), wish("tcp_tw_reuse", "1")), .present_rate = 3};
  scale_ports(trial.candidates, 1000, 1);
  trial.runs = {run_of(0, 1000), run_of(1, 5000)};
  CHECK(verdict_text(trial) ==
        "wanted lifts the limit to one destination from 470/s to 28232/s with this host's 28232 ports; at your present "
        "rate nothing changes. Measured scaled down to 1000 ports, of which the model makes 16/s and 1000/s.");
  trial.present_rate = 500;
  trial.runs[1].deviation = 0.125;
  CHECK(verdict_text(trial) ==
        "wanted lifts the limit to one destination from 470/s to 28232/s with this host's 28232 ports; at your present "
        "rate, 500/s, the present settings run out of ports. Measured scaled down to 1000 ports, of which the model "
        "makes 16/s and 1000/s. The measurement deviates by 12.5 % from that.");
}

TEST_CASE("a rate below one a second is no rate of 0, and the present rate goes to one destination") {
  Trial trial{.candidates = candidates(host_with(), wish("tcp_tw_reuse", "1")), .present_rate = 500};
  scale_ports(trial.candidates, 10, 4);
  trial.options.destinations = 4;
  trial.runs = {run_of(0, 10), run_of(1, 50)};
  const std::string verdict = verdict_text(trial);
  CHECK(verdict.find("present settings run out of ports") != std::string::npos);
  CHECK(verdict.find("makes 0.67/s and 40/s") != std::string::npos);
}

TEST_CASE("no verdict on what was not measured, or not with the settings that were wanted") {
  Trial trial{.candidates = candidates(host_with(), wish("tcp_tw_reuse", "1"))};
  CHECK(verdict_text(trial) == "No verdict: present was not measured.");
  trial.runs = {run_of(0, 1000)};
  CHECK(verdict_text(trial) == "No verdict: wanted was not measured.");
  trial.runs.push_back(run_of(1, 5000));
  trial.candidates[1].refused = {"net.ipv4.tcp_tw_reuse"};
  CHECK(verdict_text(trial) ==
        "No verdict: wanted is not judged: net.ipv4.tcp_tw_reuse could not be set in the namespaces.");
}

TEST_CASE("a run that is too short to see a port again says so") {
  Trial trial{.candidates = candidates(host_with(), wish("tcp_tw_reuse", "1"))};
  trial.runs = {run_of(0, 1), run_of(1, 1)};
  trial.runs[1].length = std::chrono::milliseconds(1000);
  trial.runs[1].model = {.reuse = true, .ports = 1000, .most = 1000};
  CHECK(verdict_text(trial).ends_with(" No reuse can be seen in 1 s: a port waits for 1000 ms."));
}

TEST_CASE("the verdict on settings that change nothing says so") {
  Trial trial{.candidates = candidates(host_with(), wish("tcp_fin_timeout", "30"))};
  trial.runs = {run_of(0, 1), run_of(1, 1)};
  CHECK(verdict_text(trial) == "wanted leaves the limit to one destination at 470/s with this host's 28232 ports.");
  trial.options.closes = Side::server;
  CHECK(verdict_text(trial) == "Neither has a limit by its ports; wanted changes nothing about that.");
}
