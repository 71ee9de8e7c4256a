// twctl trial: profiles -> desired -> observe -> candidates -> measure -> report.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/snapshot_inputs.hpp"
#include "diagnose/examination.hpp"
#include "observe/observe.hpp"
#include "platform/output_file.hpp"
#include "profile/desired.hpp"
#include "report/myths_json.hpp"
#include "report/myths_text.hpp"
#include "report/trial_json.hpp"
#include "report/trial_text.hpp"
#include "rules/doctor_rules.hpp"
#include "trial/myths.hpp"
#include "trial/trial.hpp"

namespace twctl {
namespace {

Result<void> check(const Options& options) {
  TRY_VOID(check_from(options));
  const bool asks_for_more = !options.operands.empty() || !options.assignments.empty() || !options.snapshots.empty() ||
                             options.root != "/" || !options.netns.empty() ||
                             options.trial != TrialOptions{.myths = true};
  if (options.trial.myths && asks_for_more) {
    return fail(ErrorCode::usage, "trial: --myths takes no PROFILE, and no option on what to measure");
  }
  if (options.snapshots.size() > 1) {
    return fail(ErrorCode::usage,
                fmt::format("trial: measures the settings of one host; --from names {}", options.snapshots.size()));
  }
  if (options.trial.full && options.trial.ports) {
    return fail(ErrorCode::usage, "trial: --full and --ports contradict each other");
  }
  return {};
}

TrialProgress progress_for(const Session& session) {
  return [show = progress_line(session)](const std::string& what, double part) {
    show(part < 1 ? fmt::format("{:3.0f} %  measuring: {}", 100 * part, what) : "");
  };
}

bool saves(const Options& options) { return !options.output.empty() && options.output != kStandardOutput; }

// A result as text and as a document -> where -o, --json and the interrupt want it.
Result<Outcome> shown(const Options& options, Platform& host, const std::string& document, std::string text,
                      bool interrupted, int status = kDone) {
  if (saves(options)) TRY_VOID(host.files().write_output(options.output, document));
  const bool json = options.format == Format::json || options.output == kStandardOutput;
  return Outcome{.results = json ? document : std::move(text),
                 .status = interrupted ? exit_status(ErrorCode::interrupted) : status};
}

Result<Outcome> run_myths(const Session& session, Platform& bench) {
  const TrialProgress progress = progress_for(session);
  bench.run().catch_interrupts();
  TRY(const MythTrial trial, try_myths(bench, {}, [&](double part) { progress("the myths", part); }));
  return shown(session.options, bench, myths_json(trial), myths_text(trial, session.screen, session.options.detail),
               trial.interrupted);
}

// The settings of whichever host the command line names.
Result<Snapshot> snapshot_for(const Options& options, Platform& host) {
  if (!options.snapshots.empty()) return load_snapshot(options.snapshots.front(), host.files());
  ObserveRequest request;
  for (const Setting& setting : settings(Os::linux_kernel)) request.settings.push_back(&setting);
  return observe(host, request);
}

// A trial that cannot tell the rate still tells the limits.
PresentRate present_rate(const Options& options, Platform& host) {
  if (!options.snapshots.empty()) return std::nullopt;
  const Result<Examination> examination = examine(host, {.interval = std::chrono::milliseconds(0)});
  if (!examination) return std::nullopt;
  const DestinationUse* busiest = busiest_destination(*examination);
  return busiest == nullptr ? 0 : budget_of(*examination, *busiest).rate;
}

std::string name_of_wishes(const Options& options) {
  if (options.operands.empty()) return "--set";
  return join(options.operands, " + ") + (options.assignments.empty() ? "" : " + --set");
}

// bind() before connect(), as programs do it and as they should.
std::vector<Candidate> bound_first(const std::vector<Candidate>& candidates) {
  std::vector<Candidate> all;
  for (const Candidate& candidate : candidates) {
    all.push_back(candidate);
    all.back().binding = Binding::port;
    all.push_back(candidate);
    all.back().binding = Binding::address;
  }
  return all;
}

Result<std::vector<Candidate>> candidates_for(const Options& options, const Snapshot& snapshot, KernelVersion kernel,
                                              HostFiles& files) {
  TRY(const Candidate present, present_candidate(snapshot, kernel));
  std::vector<Candidate> candidates{present};
  if (!options.operands.empty() || !options.assignments.empty()) {
    TRY(const Desired desired,
        resolve_desired(
            {.profiles = options.operands, .assignments = options.assignments, .profile_dir = options.profile_dir},
            files));
    TRY(Candidate wanted, wanted_candidate(present, desired, name_of_wishes(options)));
    candidates.push_back(std::move(wanted));
  }
  if (options.trial.socket_range) {
    for (Candidate& candidate : candidates) narrow(candidate, *options.trial.socket_range);
  }
  return options.trial.bind_first ? bound_first(candidates) : candidates;
}

Result<Trial> prepare(const Options& options, Platform& host, Platform& bench) {
  Trial trial{.options = options.trial};
  TRY(trial.bench, bench.host_facts());
  TRY(const Snapshot snapshot, snapshot_for(options, host));
  trial.host = snapshot.host;
  TRY(trial.candidates, candidates_for(options, snapshot, trial.bench.kernel, host.files()));
  if (!trial.host.kernel_release.empty() && trial.host.kernel_release != trial.bench.kernel_release) {
    trial.notes.push_back(fmt::format("that host has Linux {}; here its settings meet the kernel of this one",
                                      escape(trial.host.kernel_release)));
  }
  for (const std::string& why : trial.candidates.back().left_out) trial.notes.push_back(why + "; not measured");
  const std::optional<PortRange>& in_use = trial.candidates.front().socket_range;
  if (in_use != options.trial.socket_range) {
    trial.notes.push_back(fmt::format("IP_LOCAL_PORT_RANGE {} is cut by the kernel to what ip_local_port_range has: {}",
                                      to_text(*options.trial.socket_range), to_text(*in_use)));
  }
  trial.present_rate = present_rate(options, host);
  return trial;
}

}  // namespace

Result<Outcome> run_trial(const Session& session) {
  const Options& options = session.options;
  TRY_VOID(check(options));
  TRY(const auto host, open_host(session));
  if (saves(options)) TRY_VOID(check_output(options.output));  // before it measures for a minute
  std::unique_ptr<Platform> other;  // what runs here, where the settings are of what lies below --root
  if (options.root != "/") {
    TRY(other, session.make_platform({}));
  }
  Platform& bench = other ? *other : *host;
  if (bench.load_bench() == nullptr) {
    return fail(ErrorCode::unsupported, "trial: not on Windows, which has no network namespaces to measure in",
                "`twctl trial` runs on Linux");
  }
  if (options.trial.myths) return run_myths(session, bench);
  TRY(Trial trial, prepare(options, *host, bench));
  bench.run().catch_interrupts();
  TRY_VOID(measure(trial, bench, progress_for(session)));
  const bool any_refused = std::any_of(trial.candidates.begin(), trial.candidates.end(),
                                       [](const Candidate& candidate) { return !candidate.refused.empty(); });
  return shown(options, *host, trial_json(trial), trial_text(trial, session.screen, options.detail), trial.interrupted,
               any_refused ? exit_status(ErrorCode::unsupported) : kDone);
}

}  // namespace twctl
