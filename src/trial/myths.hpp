// The claims of the catalogue's myths as experiments: loads that would show it if a claim were true, and a judgement of
// what they showed. A row is one claim.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "catalog/topic.hpp"
#include "platform/load_bench.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What became of one load of an experiment.
struct Observed {
  std::vector<LoadFigures> client;  // in the order of its reports; the last one is of the whole
  std::vector<LoadFigures> server;
  std::vector<std::string> not_set;  // keys that the namespaces do not have
  int ended = 0;                     // sides, in their own time: 2 unless there was an interrupt
};

enum class MythVerdict {
  refuted,
  at_a_price,  // true, and something breaks
  confirmed,
  not_measured,
};

struct MythJudgement {
  MythVerdict verdict = MythVerdict::not_measured;
  std::string measured;   // a sentence with the numbers; printable
  bool too_busy = false;  // why it is not measured: the loads have ended, and have shown neither
};

// How long sockets are watched that should be gone by then, or should not.
struct MythScale {
  std::chrono::milliseconds time_wait{63'000};
};

struct Experiment {
  std::string_view myth;                        // the id of a MythRow, which has the claim
  MythVerdict expected = MythVerdict::refuted;  // on Linux 6.18
  std::vector<Load> (*loads)(const MythScale& scale);
  MythJudgement (*judge)(std::span<const Observed> observed);
};
[[nodiscard]] std::span<const Experiment> experiments();

// Not measured where a load has not ended in its own time, or what has to happen in it for the claim to be tried has
// not.
[[nodiscard]] MythJudgement judge(const Experiment& experiment, std::span<const Observed> observed);

struct MythResult {
  const Experiment* experiment = nullptr;
  MythJudgement judgement;
};

struct MythTrial {
  HostFacts host;
  std::vector<MythResult> results;
  double seconds = 0;
  bool interrupted = false;
};

// All at the same time, each load in namespaces of its own. Error: as LoadBench::run().
using MythProgress = std::function<void(double part)>;
[[nodiscard]] Result<MythTrial> try_myths(Platform& bench, const MythScale& scale, const MythProgress& progress);

}  // namespace twctl
