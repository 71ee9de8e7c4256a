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

const Experiment& experiment_on(std::string_view myth) {
  const auto all = experiments();
  return *std::find_if(all.begin(), all.end(), [&](const Experiment& one) { return one.myth == myth; });
}

std::vector<Observed> fifty_in_time_wait(const Experiment& experiment) {
  LoadFigures figures{.ms = 5000, .load_ms = 1000, .attempts = 50, .connections = 50};
  figures.states.at(static_cast<std::size_t>(TcpState::time_wait)) = 50;
  figures.peaks = figures.states;
  return all_at(experiment, figures);
}

}  // namespace

TEST_CASE("no myth is judged by loads in which nothing has happened") {
  for (const Experiment& experiment : experiments()) {
    CAPTURE(experiment.myth);
    CHECK(judge(experiment, all_at(experiment, {.ms = 5000, .load_ms = 4000})).verdict == MythVerdict::not_measured);
  }
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
