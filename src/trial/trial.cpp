#include "trial/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/escape.hpp"
#include "catalog/keys.hpp"

namespace twctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kReference{1000};

struct Reports {
  std::vector<LoadFigures> client;  // the last one is of the whole
  std::vector<LoadFigures> server;
  std::vector<const Setting*> not_set;
};

// One load at a time: two would share the processors.
class Runner {
 public:
  Runner(Trial& trial, Platform& bench, const TrialProgress& progress)
      : trial_(trial), bench_(bench), progress_(progress) {}

  Result<Reports> run(const Load& load, const std::string& what, double from, double to) {
    Reports reports;
    progress_(what, from);
    const LoadSink sink{.take =
                            [&](std::size_t, Side side, const LoadFigures& figures, bool) {
                              (side == Side::client ? reports.client : reports.server).push_back(figures);
                              const double part =
                                  static_cast<double>(figures.ms) / static_cast<double>(load.length.count());
                              progress_(what, from + (to - from) * std::min(part, 1.0));
                            },
                        .not_set =
                            [&](std::size_t, Side side, const Setting& setting, const std::string& why) {
                              reports.not_set.push_back(&setting);
                              add_note(side, setting, why);
                            },
                        .go_on = [&] { return !bench_.run().interrupted(); }};
    TRY_VOID(bench_.load_bench()->run(std::span(&load, 1), sink));
    trial_.interrupted = trial_.interrupted || bench_.run().interrupted();
    return reports;
  }

 private:
  // Both sides get the same settings, so one side's word is enough.
  void add_note(Side side, const Setting& setting, const std::string& why) {
    std::string note = fmt::format("{} could not be set in the namespaces: {}", setting.key, escape(why));
    const bool known = std::find(trial_.notes.begin(), trial_.notes.end(), note) != trial_.notes.end();
    if (side == Side::client && !known) trial_.notes.push_back(std::move(note));
  }

  Trial& trial_;
  Platform& bench_;
  const TrialProgress& progress_;
};

// The server closes first, so that no port is ever taken.
Load reference_load(const Candidate& present, const TrialOptions& options) {
  Load load{.client_settings = present.values, .server_settings = present.values};
  load.ipv6 = options.ipv6;
  load.closes = Side::server;
  load.destinations = options.destinations;
  load.length = kReference;
  return load;
}

double rate_of(const LoadFigures& figures) {
  return figures.load_ms == 0
             ? 0
             : 1000.0 * static_cast<double>(figures.connections) / static_cast<double>(figures.load_ms);
}

// A setting that the model goes by, or that was wanted.
bool decides(const Candidate& candidate, const Setting& setting) {
  constexpr std::array kOfTheModel{keys::kPortRange,    keys::kReservedPorts, keys::kTwReuse,
                                   keys::kTwReuseDelay, keys::kTimestamps,    keys::kMaxTwBuckets};
  return std::find(kOfTheModel.begin(), kOfTheModel.end(), setting.key) != kOfTheModel.end() ||
         std::any_of(candidate.wanted.begin(), candidate.wanted.end(),
                     [&](const auto& one) { return one.first == &setting; });
}

std::uint32_t in_state(const LoadFigures* figures, TcpState state) {
  return figures == nullptr ? 0 : figures->states.at(static_cast<std::size_t>(state));
}

TrialRun judged(const Trial& trial, std::size_t candidate, int repetition, const Reports& reports) {
  TrialRun run{.candidate = candidate, .repetition = repetition};
  if (!reports.client.empty()) run.client = reports.client.back();
  if (!reports.server.empty()) run.server = reports.server.back();
  Load load = load_for(trial.candidates[candidate], trial.options);
  if (trial.interrupted) load.length = milliseconds(std::max<std::int64_t>(1, run.client.load_ms));
  run.length = load.length;
  run.samples = samples_of(reports.client, reports.server);
  run.model = port_model(trial.candidates[candidate].ports, trial.candidates[candidate].model_host, load);
  // A model of other settings than those that were measured says nothing of them.
  if (!trial.candidates[candidate].refused.empty()) run.model = {};
  run.limited_by = limit_of(run, trial.options.rate);
  if (run.model.connections && *run.model.connections > 0) {
    const auto model = static_cast<double>(*run.model.connections);
    run.deviation = (static_cast<double>(run.client.connections) - model) / model;
  }
  return run;
}

void note_refused(Candidate& candidate, const std::vector<const Setting*>& not_set) {
  for (const Setting* setting : not_set) {
    std::vector<std::string>& refused = candidate.refused;
    const bool known = std::find(refused.begin(), refused.end(), setting->key) != refused.end();
    if (!known && decides(candidate, *setting)) refused.emplace_back(setting->key);
  }
}

void note_scaled_buckets(Trial& trial) {
  for (const Candidate& candidate : trial.candidates) {
    const auto& [measured, own] =
        std::pair(candidate.model_host.max_tw_buckets, candidate.own_model_host.max_tw_buckets);
    if (measured == own) continue;
    trial.notes.push_back(fmt::format("{}: {} {} is scaled down with the ports, to {}", escape(candidate.name),
                                      keys::kMaxTwBuckets, *own, *measured));
  }
}

std::string what_runs(const Trial& trial, std::size_t candidate, int repetition) {
  return fmt::format("{}, run {} of {}", trial.candidates[candidate].name, repetition, trial.options.runs);
}

}  // namespace

std::string_view word_of(LimitedBy limit) {
  switch (limit) {
    case LimitedBy::setting:
      return "setting";
    case LimitedBy::machine:
      return "machine";
    case LimitedBy::rate:
      return "rate";
  }
  return "";
}

// Ports that ran out are the settings' doing where the model was all but reached. What falls shorter was kept back by
// the machine, though ports may have run out for moments.
LimitedBy limit_of(const TrialRun& run, int asked) {
  constexpr double kNearly = 0.95;
  const auto made = static_cast<double>(run.client.connections);
  const double seconds_long = static_cast<double>(run.length.count()) / 1000;
  const bool ran_out = run.client.address_unavailable + run.client.address_in_use > 0;
  if (run.model.most && run.client.connections >= *run.model.most) return LimitedBy::setting;
  if (ran_out && (!run.model.most || made >= kNearly * static_cast<double>(*run.model.most))) return LimitedBy::setting;
  return asked > 0 && made >= kNearly * asked * seconds_long ? LimitedBy::rate : LimitedBy::machine;
}

std::uint32_t TrialRun::peak_of(TcpState state) const {
  const auto at = static_cast<std::size_t>(state);
  return std::max(client.peaks.at(at), server.peaks.at(at));
}

double TrialRun::per_second() const { return rate_of(client); }

Load load_for(const Candidate& candidate, const TrialOptions& options) {
  Load load{.client_settings = candidate.values, .server_settings = candidate.values};
  load.ipv6 = options.ipv6;
  load.closes = options.closes;
  load.destinations = options.destinations;
  load.binding = candidate.binding;
  load.socket_range = candidate.socket_range;
  load.rounds = options.keep;
  load.rate = options.rate;
  load.length = seconds(options.seconds);
  return load;
}

std::vector<TrialSample> samples_of(const std::vector<LoadFigures>& client, const std::vector<LoadFigures>& server) {
  std::vector<TrialSample> samples;
  LoadFigures before;
  for (std::size_t i = 0; i < client.size(); ++i) {
    const LoadFigures& now = client[i];
    const LoadFigures* there = i < server.size() ? &server[i] : nullptr;
    const bool nothing_new = i > 0 && now.attempts == before.attempts && now.ms - before.ms < 500;
    if (nothing_new) break;  // what was left at the end
    const auto both = [&](TcpState state) { return in_state(&now, state) + in_state(there, state); };
    samples.push_back({.second = static_cast<int>(i) + 1,
                       .attempts = now.attempts - before.attempts,
                       .connections = now.connections - before.connections,
                       .address_unavailable = now.address_unavailable - before.address_unavailable,
                       .address_in_use = now.address_in_use - before.address_in_use,
                       .other_errors = now.other_errors + now.resets - before.other_errors - before.resets,
                       .connect_us = now.connect_us_lately,
                       .time_wait = both(TcpState::time_wait),
                       .fin_wait_2 = both(TcpState::fin_wait_2),
                       .close_wait = both(TcpState::close_wait)});
    before = now;
  }
  return samples;
}

Result<void> measure(Trial& trial, Platform& bench, const TrialProgress& progress) {
  Runner runner(trial, bench, progress);
  const auto all = static_cast<double>(trial.candidates.size()) * trial.options.runs * trial.options.seconds + 1;
  double done = 1;
  TRY(const Reports reference,
      runner.run(reference_load(trial.candidates.front(), trial.options), "what this machine can do", 0, 1 / all));
  trial.machine_per_second = reference.client.empty() ? 0 : rate_of(reference.client.back());
  scale_ports(trial.candidates, ports_to_measure(trial.options, trial.candidates, trial.machine_per_second),
              trial.options.destinations);
  note_scaled_buckets(trial);
  for (int repetition = 1; repetition <= trial.options.runs; ++repetition) {
    for (std::size_t i = 0; i < trial.candidates.size() && !trial.interrupted; ++i) {
      const double to = done + trial.options.seconds;
      TRY(const Reports reports, runner.run(load_for(trial.candidates[i], trial.options),
                                            what_runs(trial, i, repetition), done / all, to / all));
      note_refused(trial.candidates[i], reports.not_set);
      trial.runs.push_back(judged(trial, i, repetition, reports));
      done = to;
    }
  }
  progress("", 1);
  return {};
}

const TrialRun* middle_run(const Trial& trial, std::size_t candidate) {
  std::vector<const TrialRun*> runs;
  for (const TrialRun& run : trial.runs) {
    if (run.candidate == candidate) runs.push_back(&run);
  }
  if (runs.empty()) return nullptr;
  std::sort(runs.begin(), runs.end(),
            [](const auto* a, const auto* b) { return a->client.connections < b->client.connections; });
  return runs[runs.size() / 2];
}

}  // namespace twctl
