// What the experiments on the myths need to have seen before they say anything.
#include <doctest/doctest.h>

#include <algorithm>

#include "trial/myths.hpp"

using namespace twctl;

namespace {

// Every load of an experiment, come to these figures.
std::vector<Observed> all_at(const Experiment& experiment, const LoadFigures& figures, int ended = 2) {
  return std::vector<Observed>(experiment.loads({}).size(),
                               {.client = {figures}, .server = {figures}, .not_set = {}, .ended = ended});
}

// One load after the other, both of its sides at these figures.
std::vector<Observed> each_at(const std::vector<LoadFigures>& figures) {
  std::vector<Observed> observed;
  for (const LoadFigures& one : figures)
    observed.push_back({.client = {one}, .server = {one}, .not_set = {}, .ended = 2});
  return observed;
}

LoadFigures in(LoadFigures figures, TcpState state, std::uint32_t sockets) {
  figures.states.at(static_cast<std::size_t>(state)) = sockets;
  figures.peaks = figures.states;
  return figures;
}

const Experiment& experiment_on(std::string_view myth) {
  const auto all = experiments();
  return *std::find_if(all.begin(), all.end(), [&](const Experiment& one) { return one.myth == myth; });
}

std::vector<Observed> fifty_in_time_wait(const Experiment& experiment) {
  const LoadFigures figures{.ms = 5000, .load_ms = 1000, .attempts = 50, .connections = 50};
  return all_at(experiment, in(figures, TcpState::time_wait, 50));
}

}  // namespace

TEST_CASE("no myth is judged by loads in which nothing has happened") {
  for (const Experiment& experiment : experiments()) {
    CAPTURE(experiment.myth);
    const MythJudgement judgement = judge(experiment, all_at(experiment, {.ms = 5000, .load_ms = 4000}));
    CHECK(judgement.verdict == MythVerdict::not_measured);
    CHECK(judgement.too_busy);
  }
}

TEST_CASE("what a busy machine has kept back speaks neither for a myth nor against it") {
  const auto verdict = [](std::string_view myth, const std::vector<LoadFigures>& figures) {
    return judge(experiment_on(myth), each_at(figures)).verdict;
  };
  const LoadFigures fifty{.ms = 6000, .load_ms = 1000, .attempts = 50, .connections = 50};
  CHECK(verdict("longer-fin-timeout", {in(fifty, TcpState::fin_wait_2, 50), in(fifty, TcpState::fin_wait_2, 50)}) ==
        MythVerdict::not_measured);
  const LoadFigures ports_used_up{.attempts = 110, .connections = 100, .address_unavailable = 10};
  CHECK(verdict("twrecycled-means-recycle", {ports_used_up}) == MythVerdict::not_measured);
  CHECK(verdict("reuse-needs-nothing", {ports_used_up, ports_used_up}) == MythVerdict::not_measured);
  LoadFigures one_is_open = in({.attempts = 100, .connections = 100}, TcpState::time_wait, 99);
  one_is_open.descriptors = 1;
  CHECK(verdict("time-wait-costs", {one_is_open}) == MythVerdict::not_measured);
  const LoadFigures late = in({.ms = 60000, .load_ms = 1000}, TcpState::time_wait, 50);
  CHECK(verdict("time-wait-is-minutes", {late}) == MythVerdict::not_measured);
}

TEST_CASE("a verdict is no matter of a few sockets more or less") {
  const auto verdict = [](std::string_view myth, const std::vector<LoadFigures>& figures) {
    return judge(experiment_on(myth), each_at(figures)).verdict;
  };
  const auto taken = [](std::int64_t connections) { return LoadFigures{.attempts = 60, .connections = connections}; };
  CHECK(verdict("raise-syn-backlog", {taken(9), taken(11), taken(10), taken(41)}) == MythVerdict::refuted);
  CHECK(verdict("raise-syn-backlog", {taken(9), taken(60), taken(10), taken(41)}) == MythVerdict::confirmed);
  CHECK(verdict("raise-syn-backlog", {taken(9), taken(30), taken(10), taken(41)}) == MythVerdict::not_measured);
  CHECK(verdict("somaxconn-acts-at-once", {taken(9), taken(58)}) == MythVerdict::refuted);
  CHECK(verdict("somaxconn-acts-at-once", {taken(58), taken(60)}) == MythVerdict::confirmed);
  CHECK(verdict("somaxconn-acts-at-once", {taken(40), taken(60)}) == MythVerdict::not_measured);
  const auto server = [](std::uint32_t time_wait) {
    return in({.attempts = 300, .connections = 300}, TcpState::time_wait, time_wait);
  };
  CHECK(verdict("reuse-helps-servers", {server(84), server(30)}) == MythVerdict::refuted);
  CHECK(verdict("reuse-helps-servers", {server(84), server(0)}) == MythVerdict::confirmed);
}

TEST_CASE("SYN cookies and late resets are judged by what the server's kernel has counted") {
  const auto verdict = [](std::string_view myth, const std::vector<LoadFigures>& figures) {
    return judge(experiment_on(myth), each_at(figures)).verdict;
  };
  const auto queue = [](std::int64_t cookies, std::int64_t dropped) {
    LoadFigures figures{.attempts = 60};
    for (std::size_t i = 0; i < kWitnesses.size(); ++i) {
      if (kWitnesses.at(i) == "TcpExt.SyncookiesSent") figures.witnesses.at(i) = cookies;
      if (kWitnesses.at(i) == "TcpExt.TCPReqQFullDrop") figures.witnesses.at(i) = dropped;
    }
    return figures;
  };
  CHECK(verdict("syncookies-off-by-default", {queue(51, 0), queue(0, 51)}) == MythVerdict::refuted);
  CHECK(verdict("syncookies-off-by-default", {queue(0, 51), queue(0, 51)}) == MythVerdict::confirmed);
  CHECK(verdict("syncookies-off-by-default", {queue(0, 0), queue(0, 51)}) == MythVerdict::not_measured);
  CHECK(verdict("syncookies-off-by-default", {queue(51, 0), queue(0, 0)}) == MythVerdict::not_measured);
  const auto left = [](std::uint32_t time_wait) {
    return in({.attempts = 50, .connections = 50}, TcpState::time_wait, time_wait);
  };
  CHECK(verdict("rfc1337-zero-protects", {left(0), left(50)}) == MythVerdict::refuted);
  CHECK(verdict("rfc1337-zero-protects", {left(50), left(0)}) == MythVerdict::confirmed);
  CHECK(verdict("rfc1337-zero-protects", {left(50), left(50)}) == MythVerdict::not_measured);
  CHECK(verdict("rfc1337-zero-protects", {left(0), left(49)}) == MythVerdict::not_measured);
}

TEST_CASE("a timeout of flows is judged only where the kernel has kept a record of them") {
  const Experiment& experiment = experiment_on("conntrack-time-wait-is-the-same");
  std::vector<Observed> seen = fifty_in_time_wait(experiment);
  CHECK(judge(experiment, seen).verdict == MythVerdict::not_measured);
  const auto* entries = std::find(kWitnesses.begin(), kWitnesses.end(), "conntrack.entries");
  seen.front().client.front().witnesses.at(static_cast<std::size_t>(entries - kWitnesses.begin())) = 50;
  CHECK(judge(experiment, seen).verdict == MythVerdict::refuted);
}

TEST_CASE("a myth is judged by loads that have ended, each with its settings") {
  const Experiment& experiment = experiment_on("fin-timeout-shortens-time-wait");
  std::vector<Observed> seen = fifty_in_time_wait(experiment);
  CHECK(judge(experiment, seen).verdict == MythVerdict::refuted);
  seen.front().not_set = {"net.ipv4.tcp_fin_timeout"};
  CHECK(judge(experiment, seen).verdict == MythVerdict::not_measured);
  CHECK(judge(experiment, seen).measured == "net.ipv4.tcp_fin_timeout could not be set in the namespaces");
  seen = fifty_in_time_wait(experiment);
  seen.front().ended = 1;
  CHECK(judge(experiment, seen).verdict == MythVerdict::not_measured);
}
