// Candidates -> loads in throw-away network namespaces -> what was measured, held against the model. Changes nothing on
// the host.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/platform.hpp"
#include "trial/candidate.hpp"

namespace twctl {

// What kept a run from making more connections.
enum class LimitedBy {
  setting,  // ports ran out, and the model was reached but for 5 % at most
  machine,
  rate,  // --rate
};
[[nodiscard]] std::string_view word_of(LimitedBy limit);

// One second of a run.
struct TrialSample {
  int second = 0;  // from 1
  std::int64_t attempts = 0;
  std::int64_t connections = 0;
  std::int64_t address_unavailable = 0;  // EADDRNOTAVAIL
  std::int64_t address_in_use = 0;       // EADDRINUSE
  std::int64_t other_errors = 0;         // ECONNRESET among them
  ConnectTimes connect_us;
  std::uint32_t time_wait = 0;   // at its end, of both sides
  std::uint32_t fin_wait_2 = 0;  // the same
  std::uint32_t close_wait = 0;  // the same
};

struct TrialRun {
  std::size_t candidate = 0;  // of Trial::candidates
  int repetition = 1;
  std::chrono::milliseconds length{0};  // of the load
  LoadFigures client = {};
  LoadFigures server = {};
  std::vector<TrialSample> samples = {};
  PortModel model = {};
  LimitedBy limited_by = LimitedBy::setting;
  // (measured - model) / model; nullopt: the model has no number, or its settings were not those that were measured
  std::optional<double> deviation = {};
  [[nodiscard]] double per_second() const;
  [[nodiscard]] std::uint32_t peak_of(TcpState state) const;  // the most of either side
};

// New connections a second to the busiest destination of the host now; nullopt: not known.
using PresentRate = std::optional<double>;

struct Trial {
  HostFacts host = {};   // whose settings those are
  HostFacts bench = {};  // whose kernel has measured
  TrialOptions options = {};
  double machine_per_second = 0;  // where nothing limits the client
  std::vector<Candidate> candidates = {};
  std::vector<TrialRun> runs = {};      // in the order in which they were made
  std::vector<std::string> notes = {};  // printable
  PresentRate present_rate = {};
  bool interrupted = false;
};

// What is going on: "busy-client, run 2 of 3", and how much of all is done, 0 to 1.
using TrialProgress = std::function<void(const std::string& what, double part)>;

// `trial` with its options and candidates -> with its runs. An interrupt ends it early, with what was measured.
// Error: as LoadBench::run().
[[nodiscard]] Result<void> measure(Trial& trial, Platform& bench, const TrialProgress& progress);

// The run in the middle of a candidate's, by connections; nullptr: none was made.
[[nodiscard]] const TrialRun* middle_run(const Trial& trial, std::size_t candidate);

[[nodiscard]] Load load_for(const Candidate& candidate, const TrialOptions& options);

// Pure. `asked`: --rate, 0 if not given.
[[nodiscard]] LimitedBy limit_of(const TrialRun& run, int asked);

// Pure: what a run comes to, from what its sides have reported second by second.
[[nodiscard]] std::vector<TrialSample> samples_of(const std::vector<LoadFigures>& client,
                                                  const std::vector<LoadFigures>& server);

}  // namespace twctl
