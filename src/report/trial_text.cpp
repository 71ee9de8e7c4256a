#include "report/trial_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/cells.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLabel = 24;  // "no port (EADDRNOTAVAIL)"
constexpr std::size_t kLeastCell = 12;

using Runs = std::vector<const TrialRun*>;  // the middle one of each candidate

std::string percent(double part) { return fmt::format("{:.1f} %", 100 * part); }

std::string witness_text(const LoadFigures& figures, std::string_view name) {
  const auto* found = std::find(kWitnesses.begin(), kWitnesses.end(), name);
  const std::int64_t value = figures.witnesses.at(static_cast<std::size_t>(found - kWitnesses.begin()));
  return value < 0 ? "-" : std::to_string(value);
}

std::string peak_text(const TrialRun& run, TcpState state) {
  const auto at = static_cast<std::size_t>(state);
  return std::to_string(std::max(run.client.peaks.at(at), run.server.peaks.at(at)));
}

std::string cpu_text(const LoadFigures& figures) {
  return figures.ms == 0 ? "-" : fmt::format("{} %", figures.cpu_us / 10 / figures.ms);
}

// The columns of the candidates, as wide as their names need and as the screen has.
class SideBySide {
 public:
  explicit SideBySide(const std::vector<Candidate>& candidates, std::size_t columns) {
    const std::size_t most = (std::min(columns, kTrialColumns) - 2 - kLabel) / candidates.size() - 2;
    std::size_t longest = kLeastCell;
    for (const Candidate& candidate : candidates) longest = std::max(longest, cells_of(escape(candidate.name)));
    cell_ = std::min(longest, most);
  }

  [[nodiscard]] std::string row(std::string_view label, const std::vector<std::string>& cells) const {
    std::string line = "  " + padded(label, kLabel);
    for (const std::string& text : cells) line += "  " + right(text);
    while (line.ends_with(' ')) line.pop_back();
    return line + "\n";
  }

 private:
  [[nodiscard]] std::string right(std::string text) const {
    if (cells_of(text) > cell_) text.resize(std::min(text.size(), cell_));
    return std::string(cell_ - std::min(cell_, cells_of(text)), ' ') + text;
  }

  std::size_t cell_ = kLeastCell;
};

std::string binding_name(const Candidate& candidate) {
  return candidate.binding == Binding::port ? "port 0" : "NO_PORT";
}

// The settings that the candidates do not share.
std::vector<const Setting*> changed_settings(const Trial& trial) {
  std::vector<const Setting*> changed;
  for (const Candidate& candidate : trial.candidates) {
    for (const auto& [setting, value] : candidate.wanted) {
      if (std::find(changed.begin(), changed.end(), setting) == changed.end()) changed.push_back(setting);
    }
  }
  return changed;
}

std::string value_in(const Candidate& candidate, const Setting* setting) {
  const auto found = std::find_if(candidate.values.begin(), candidate.values.end(),
                                  [&](const auto& one) { return one.first == setting; });
  return found == candidate.values.end() ? "-" : escape(found->second);
}

std::string short_key(const Setting& setting) { return std::string(setting.key.substr(setting.key.rfind('.') + 1)); }

std::string measured_table(const Trial& trial, const Runs& runs, const Screen& screen) {
  const SideBySide table(trial.candidates, screen.columns);
  const auto of_candidates = [&](std::string_view label, const std::function<std::string(const Candidate&)>& cell) {
    std::vector<std::string> cells;
    for (const Candidate& candidate : trial.candidates) cells.push_back(cell(candidate));
    return table.row(label, cells);
  };
  const auto of_runs = [&](std::string_view label, const std::function<std::string(const TrialRun&)>& cell) {
    std::vector<std::string> cells;
    for (const TrialRun* run : runs) cells.push_back(run == nullptr ? "-" : cell(*run));
    return table.row(label, cells);
  };
  std::string text = inked(screen, Ink::strong, of_candidates("", [](const auto& one) { return escape(one.name); }));
  if (trial.options.bind_first) text += of_candidates("bind() first", binding_name);
  text += of_candidates("ports", [](const auto& one) { return std::to_string(one.ports.usable); });
  for (const Setting* setting : changed_settings(trial)) {
    if (setting->key == keys::kPortRange) continue;  // the line above says how it is measured
    text += of_candidates(short_key(*setting), [&](const Candidate& one) { return value_in(one, setting); });
  }
  text += "\n";
  text += of_runs("connections", [](const auto& run) { return std::to_string(run.client.connections); });
  text += of_runs("  the model", [&](const TrialRun& run) {
    return !trial.candidates[run.candidate].refused.empty() ? std::string("-")
           : run.model.connections                          ? std::to_string(*run.model.connections)
                                                            : std::string("no limit");
  });
  text += of_runs("  deviation", [](const auto& run) { return run.deviation ? percent(*run.deviation) : "-"; });
  text += of_runs("connections/s", [](const auto& run) { return fmt::format("{:.0f}", run.per_second()); });
  if (trial.options.keep > 1) {
    text += of_runs("requests/s, at most",
                    [&](const TrialRun& run) { return fmt::format("{:.0f}", run.per_second() * trial.options.keep); });
  }
  text += of_runs("limited by", [](const TrialRun& run) { return std::string(word_of(run.limited_by)); });
  text +=
      of_runs("no port: EADDRNOTAVAIL", [](const auto& run) { return std::to_string(run.client.address_unavailable); });
  if (trial.options.bind_first) {
    text += of_runs("no port: EADDRINUSE", [](const auto& run) { return std::to_string(run.client.address_in_use); });
  }
  text += of_runs("other errors",
                  [](const auto& run) { return std::to_string(run.client.other_errors + run.client.resets); });
  text += "\n";
  text += of_runs("connect() p50, us", [](const auto& run) { return std::to_string(run.client.connect_us.p50); });
  text += of_runs("  p99", [](const auto& run) { return std::to_string(run.client.connect_us.p99); });
  text += of_runs("  longest", [](const auto& run) { return std::to_string(run.client.connect_us.most); });
  text += of_runs("TIME_WAIT at most", [](const auto& run) { return peak_text(run, TcpState::time_wait); });
  text += of_runs("FIN_WAIT_2 at most", [](const auto& run) { return peak_text(run, TcpState::fin_wait_2); });
  text += of_runs("CLOSE_WAIT at most", [](const auto& run) { return peak_text(run, TcpState::close_wait); });
  text += of_runs("TWRecycled", [](const auto& run) { return witness_text(run.client, "TcpExt.TWRecycled"); });
  text +=
      of_runs("ListenOverflows", [](const auto& run) { return witness_text(run.server, "TcpExt.ListenOverflows"); });
  text += of_runs("processor: client", [](const auto& run) { return cpu_text(run.client); });
  text += of_runs("  server", [](const auto& run) { return cpu_text(run.server); });
  return text;
}

// A bar for each second, as long as its part of the busiest second of all.
std::string seconds_table(const Trial& trial, const Runs& runs, const Screen& screen) {
  constexpr std::size_t kSecond = 6;
  constexpr std::size_t kNumber = 7;
  const std::size_t each = (std::min(screen.columns, kTrialColumns) - 2 - kSecond) / runs.size() - 2;
  const std::size_t width = each > kNumber + 1 ? each - kNumber - 1 : 0;
  std::int64_t most = 1;
  std::size_t seconds = 0;
  for (const TrialRun* run : runs) {
    if (run == nullptr) continue;
    seconds = std::max(seconds, run->samples.size());
    for (const TrialSample& sample : run->samples) most = std::max(most, sample.connections);
  }
  const auto heading = [&](std::string_view label, const auto& name) {
    std::string line = "  " + padded(label, kSecond);
    for (const Candidate& candidate : trial.candidates) line += "  " + padded(name(candidate).substr(0, each), each);
    while (line.ends_with(' ')) line.pop_back();
    return line + "\n";
  };
  std::string text = inked(screen, Ink::strong, heading("second", [](const auto& one) { return escape(one.name); }));
  if (trial.options.bind_first) text += heading("", binding_name);
  for (std::size_t second = 0; second < seconds; ++second) {
    std::string line = "  " + padded(std::to_string(second + 1), kSecond);
    for (const TrialRun* run : runs) {
      const bool known = run != nullptr && second < run->samples.size();
      const std::int64_t count = known ? run->samples[second].connections : 0;
      const auto length = static_cast<std::size_t>(count * static_cast<std::int64_t>(width) / most);
      line += "  " + padded(known ? fmt::format("{:>{}} {}", count, kNumber, std::string(length, '#')) : "", each);
    }
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

std::string what_was_measured(const Trial& trial) {
  const TrialOptions& options = trial.options;
  std::vector<std::string> facts{
      fmt::format("the {} closes first", options.closes == Side::client ? "client" : "server"),
      counted(static_cast<std::size_t>(options.destinations), "destination"), fmt::format("{} s", options.seconds)};
  if (options.keep > 1) facts.push_back(fmt::format("{} requests a connection", options.keep));
  if (options.rate > 0) facts.push_back(fmt::format("{} connections/s tried", options.rate));
  if (options.ipv6) facts.emplace_back("IPv6");
  facts.push_back(options.runs > 1 ? fmt::format("the middle one of {} runs", options.runs) : "one run");
  return join(facts, ", ");
}

std::string head(const Trial& trial, const Screen& screen) {
  const Candidate& present = trial.candidates.front();
  const std::string name = trial.host.hostname.empty() ? "this host" : escape(trial.host.hostname);
  std::string text = inked(screen, Ink::strong, "Trial with the settings of " + name) + "\n";
  const std::size_t columns = std::min(screen.columns, kTrialColumns);
  text += wrapped(fmt::format("Linux {}, between two network namespaces: {}. Without a limit this machine makes {:.0f} "
                              "connections/s.",
                              escape(trial.bench.kernel_release), what_was_measured(trial), trial.machine_per_second),
                  columns);
  if (present.ports.usable < present.own_ports.usable) {
    text += wrapped(fmt::format("{} of this host's {} ports, so that seconds suffice (--full: all).",
                                present.ports.usable, present.own_ports.usable),
                    columns);
  }
  return text + "\n";
}

// Two digits of what is less than ten: there a fraction tells.
std::string per_second(const std::optional<double>& rate) {
  if (!rate) return "none";
  if (*rate > 0 && *rate < 10) return fmt::format("{:.2g}/s", *rate);
  return fmt::format("{}/s", static_cast<std::int64_t>(*rate));
}

// Connections a second for good; nullopt: no limit.
using Rate = std::optional<double>;

Rate lasting(const Trial& trial, const Candidate& candidate, const PortSettings& ports, const ModelHost& host,
             int destinations) {
  Load load = load_for(candidate, trial.options);
  load.destinations = destinations;
  return port_model(ports, host, load).sustained;
}

// With the ports of the host, and with those that were measured.
Rate own_limit(const Trial& trial, const Candidate& candidate, int destinations) {
  return lasting(trial, candidate, candidate.own_ports, candidate.own_model_host, destinations);
}
Rate measured_limit(const Trial& trial, const Candidate& candidate) {
  return lasting(trial, candidate, candidate.ports, candidate.model_host, trial.options.destinations);
}

std::string where_to(const Trial& trial) {
  return trial.options.destinations == 1 ? "one destination"
                                         : fmt::format("{} destinations together", trial.options.destinations);
}

// `from` and `to`: as of own_limit().
std::string change_text(const std::string& name, const std::string& where, const Rate& from, const Rate& to) {
  if (from == to) {
    if (!from) return fmt::format("Neither has a limit by its ports; {} changes nothing about that", name);
    return fmt::format("{} leaves the limit to {} at {}", name, where, per_second(from));
  }
  const bool lifts = from && (!to || *to > *from);
  if (!to) return fmt::format("{} takes away the limit to {}, which was {}", name, where, per_second(from));
  return fmt::format("{} {} the limit to {} from {} to {}", name, lifts ? "lifts" : "lowers", where, per_second(from),
                     per_second(to));
}

std::string ports_text(const Candidate& first, const Candidate& last) {
  std::string text = fmt::format(" with this host's {} ports", first.own_ports.usable);
  if (last.own_ports.usable == first.own_ports.usable) return text;
  return text + fmt::format(" ({}: {})", escape(last.name), last.own_ports.usable);
}

// The present rate is that to the busiest destination, and so are these limits.
std::string rate_text(const Trial& trial, const Candidate& first, const Candidate& last) {
  if (!trial.present_rate) return "";
  const double rate = *trial.present_rate;
  const auto runs_out = [&](const Candidate& candidate) {
    const Rate limit = own_limit(trial, candidate, 1);
    return limit && rate >= *limit;
  };
  if (runs_out(first)) {
    return fmt::format("; at your present rate, {}, the present settings run out of ports", per_second(rate));
  }
  if (runs_out(last)) return fmt::format("; at your present rate, {}, that runs out of ports", per_second(rate));
  return "; at your present rate nothing changes";
}

std::string of_binding(Binding binding) {
  switch (binding) {
    case Binding::none:
      return "";
    case Binding::port:
      return "After bind() to port 0: ";
    case Binding::address:
      return "With IP_BIND_ADDRESS_NO_PORT: ";
  }
  return "";
}

std::string scaled_text(const Trial& trial, const Candidate& first, const Candidate& last) {
  const Rate from = measured_limit(trial, first);
  const Rate to = measured_limit(trial, last);
  if (first.ports.usable == first.own_ports.usable || (!from && !to)) return "";
  const std::string rates = from == to ? per_second(from) : fmt::format("{} and {}", per_second(from), per_second(to));
  return fmt::format(" Measured scaled down to {} ports, of which the model makes {}.", first.ports.usable, rates);
}

// Why nothing can be said; "": something can.
std::string no_verdict(const Trial& trial, std::size_t candidate) {
  const Candidate& one = trial.candidates[candidate];
  const TrialRun* run = middle_run(trial, candidate);
  if (run == nullptr || run->client.attempts == 0) return escape(one.name) + " was not measured";
  if (one.refused.empty()) return "";
  return fmt::format("{} is not judged: {} could not be set in the namespaces", escape(one.name),
                     join(one.refused, ", "));
}

// `first`, `last`: of Trial::candidates.
std::string verdict_on(const Trial& trial, std::size_t first_at, std::size_t last_at) {
  const Candidate& first = trial.candidates[first_at];
  const Candidate& last = trial.candidates[last_at];
  std::string text = of_binding(first.binding);
  for (const std::size_t at : {first_at, last_at}) {
    if (const std::string why = no_verdict(trial, at); !why.empty()) return text + "No verdict: " + why + ".";
  }
  const Rate from = own_limit(trial, first, trial.options.destinations);
  const Rate to = own_limit(trial, last, trial.options.destinations);
  const std::string ports = from || to ? ports_text(first, last) : "";
  if (first_at == last_at) {
    text += from ? fmt::format("the present settings allow {} to {} for good", per_second(from), where_to(trial))
                 : "the present settings set no limit by ports here";
    text += ports;
  } else {
    text += change_text(escape(last.name), where_to(trial), from, to) + ports + rate_text(trial, first, last);
  }
  if (first.binding == Binding::none && text.starts_with("the ")) text.front() = 'T';
  return text + "." + scaled_text(trial, first, last);
}

// What the measurement itself says of the model.
std::string trust_text(const Trial& trial, const Runs& runs) {
  double worst = 0;
  bool by_the_machine = false;
  bool by_the_rate = false;
  std::string no_reuse;
  for (const TrialRun* run : runs) {
    if (run == nullptr || run->client.attempts == 0) continue;
    const Candidate& candidate = trial.candidates[run->candidate];
    by_the_machine = by_the_machine || (run->limited_by == LimitedBy::machine && run->model.most);
    by_the_rate = by_the_rate || (run->limited_by == LimitedBy::rate && run->model.most);
    if (run->limited_by == LimitedBy::setting && run->deviation && std::abs(*run->deviation) > std::abs(worst)) {
      worst = *run->deviation;
    }
    if (run->model.reuse && run->model.most && run->model.most == run->model.ports) {
      no_reuse = fmt::format(" No reuse can be seen in {} s: a port waits for {} ms.",
                             static_cast<double>(run->length.count()) / 1000, port_wait(candidate.ports, true).count());
    }
  }
  constexpr double kWithin = 0.05;
  std::string text;
  if (std::abs(worst) > kWithin) text += fmt::format(" The measurement deviates by {} from that.", percent(worst));
  if (by_the_machine) text += " Where the machine was the limit this is the model's word alone.";
  if (by_the_rate) text += " Where --rate was the limit this is the model's word alone.";
  return text + no_reuse;
}

Runs middle_runs(const Trial& trial) {
  Runs runs;
  for (std::size_t i = 0; i < trial.candidates.size(); ++i) runs.push_back(middle_run(trial, i));
  return runs;
}

}  // namespace

std::string verdict_text(const Trial& trial) {
  const std::size_t half = trial.options.bind_first ? 2 : 1;  // how many bindings each set of settings is measured with
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < half; ++i) {
    sentences.push_back(verdict_on(trial, i, trial.candidates.size() - half + i));
  }
  return join(sentences, " ") + trust_text(trial, middle_runs(trial));
}

std::string trial_text(const Trial& trial, const Screen& screen, Detail detail) {
  const std::size_t columns = std::min(screen.columns, kTrialColumns);
  const std::string verdict = wrapped(verdict_text(trial), columns);
  if (detail == Detail::quiet) return verdict;
  const Runs runs = middle_runs(trial);
  std::string text = head(trial, screen);
  text += measured_table(trial, runs, screen) + "\n" + seconds_table(trial, runs, screen) + "\n" + verdict;
  for (const std::string& note : trial.notes) text += wrapped(note + ".", columns, "note: ");
  if (trial.interrupted) text += wrapped("Interrupted: this is what was measured until then.", columns, "note: ");
  return text;
}

}  // namespace twctl
