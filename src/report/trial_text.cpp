#include "report/trial_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/cells.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "report/explain_names.hpp"
#include "report/trial_verdict.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLabel = 24;  // "no port (EADDRNOTAVAIL)"
constexpr std::size_t kLeastCell = 12;

using Runs = std::vector<const TrialRun*>;  // the middle one of each candidate

std::string witness_text(const LoadFigures& figures, std::string_view name) {
  const auto* found = std::find(kWitnesses.begin(), kWitnesses.end(), name);
  const std::int64_t value = figures.witnesses.at(static_cast<std::size_t>(found - kWitnesses.begin()));
  return value < 0 ? "-" : std::to_string(value);
}

std::string cpu_text(const LoadFigures& figures) {
  return figures.ms == 0 ? "-" : fmt::format("{} %", figures.cpu_us / 10 / figures.ms);
}

std::string ended(std::string line) {
  while (line.ends_with(' ')) line.pop_back();
  return line + "\n";
}

// A row for each figure, with a cell for each candidate: as wide as their names need and as the screen has.
class SideBySide {
 public:
  SideBySide(const Trial& trial, const Runs& runs, std::size_t columns) : candidates_(trial.candidates), runs_(runs) {
    const std::size_t most = (std::min(columns, kTrialColumns) - 2 - kLabel) / candidates_.size() - 2;
    std::size_t longest = kLeastCell;
    for (const Candidate& candidate : candidates_) longest = std::max(longest, cells_of(escape(candidate.name)));
    cell_ = std::min(longest, most);
  }

  [[nodiscard]] std::string of_candidates(std::string_view label,
                                          const std::function<std::string(const Candidate&)>& cell) const {
    std::string line = "  " + padded(label, kLabel);
    for (const Candidate& candidate : candidates_) line += "  " + right(cell(candidate));
    return ended(std::move(line));
  }

  [[nodiscard]] std::string of_runs(std::string_view label,
                                    const std::function<std::string(const TrialRun&)>& cell) const {
    std::string line = "  " + padded(label, kLabel);
    for (const TrialRun* run : runs_) line += "  " + right(run == nullptr ? "-" : cell(*run));
    return ended(std::move(line));
  }

 private:
  [[nodiscard]] std::string right(std::string text) const {
    if (cells_of(text) > cell_) text.resize(std::min(text.size(), cell_));
    return std::string(cell_ - std::min(cell_, cells_of(text)), ' ') + text;
  }

  const std::vector<Candidate>& candidates_;
  const Runs& runs_;
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

std::string settings_rows(const Trial& trial, const SideBySide& table) {
  std::string text;
  if (trial.options.bind_first) text += table.of_candidates("bind() first", binding_name);
  text += table.of_candidates("ports", [](const auto& one) { return std::to_string(one.ports.usable); });
  for (const Setting* setting : changed_settings(trial)) {
    if (setting->key == keys::kPortRange) continue;  // the line above says how it is measured
    text += table.of_candidates(short_name(*setting), [&](const auto& one) { return value_in(one, setting); });
  }
  return text;
}

std::string model_text(const Trial& trial, const TrialRun& run) {
  if (!trial.candidates[run.candidate].refused.empty()) return "-";
  return run.model.connections ? std::to_string(*run.model.connections) : "no limit";
}

std::string connection_rows(const Trial& trial, const SideBySide& table) {
  const auto row = [&](std::string_view label, const auto& cell) { return table.of_runs(label, cell); };
  std::string text = row("connections", [](const auto& run) { return std::to_string(run.client.connections); });
  text += row("  the model", [&](const auto& run) { return model_text(trial, run); });
  text += row("  deviation", [](const auto& run) { return run.deviation ? percent_text(*run.deviation) : "-"; });
  text += row("connections/s", [](const auto& run) { return fmt::format("{:.0f}", run.per_second()); });
  if (trial.options.keep > 1) {
    text += row("requests/s, at most",
                [&](const auto& run) { return fmt::format("{:.0f}", run.per_second() * trial.options.keep); });
  }
  text += row("limited by", [](const auto& run) { return std::string(word_of(run.limited_by)); });
  text += row("no port: EADDRNOTAVAIL", [](const auto& run) { return std::to_string(run.client.address_unavailable); });
  if (trial.options.bind_first) {
    text += row("no port: EADDRINUSE", [](const auto& run) { return std::to_string(run.client.address_in_use); });
  }
  text +=
      row("other errors", [](const auto& run) { return std::to_string(run.client.other_errors + run.client.resets); });
  return text;
}

std::string kernel_rows(const SideBySide& table) {
  const auto row = [&](std::string_view label, const auto& cell) { return table.of_runs(label, cell); };
  const auto peak = [&](std::string_view label, TcpState state) {
    return row(label, [state](const auto& run) { return std::to_string(run.peak_of(state)); });
  };
  return row("connect() p50, us", [](const auto& run) { return std::to_string(run.client.connect_us.p50); }) +
         row("  p99", [](const auto& run) { return std::to_string(run.client.connect_us.p99); }) +
         row("  longest", [](const auto& run) { return std::to_string(run.client.connect_us.most); }) +
         peak("TIME_WAIT at most", TcpState::time_wait) + peak("FIN_WAIT_2 at most", TcpState::fin_wait_2) +
         peak("CLOSE_WAIT at most", TcpState::close_wait) +
         row("TWRecycled", [](const auto& run) { return witness_text(run.client, "TcpExt.TWRecycled"); }) +
         row("ListenOverflows", [](const auto& run) { return witness_text(run.server, "TcpExt.ListenOverflows"); }) +
         row("processor: client", [](const auto& run) { return cpu_text(run.client); }) +
         row("  server", [](const auto& run) { return cpu_text(run.server); });
}

std::string measured_table(const Trial& trial, const Runs& runs, const Screen& screen) {
  const SideBySide table(trial, runs, screen.columns);
  const std::string names = table.of_candidates("", [](const auto& one) { return escape(one.name); });
  return inked(screen, Ink::strong, names) + settings_rows(trial, table) + "\n" + connection_rows(trial, table) + "\n" +
         kernel_rows(table);
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
    return ended(std::move(line));
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
    text += ended(std::move(line));
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
  if (options.socket_range) facts.push_back("IP_LOCAL_PORT_RANGE " + to_text(*options.socket_range));
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
    text += wrapped(fmt::format("{} of {} {} ports, so that seconds suffice (--full: all).", present.ports.usable,
                                whose_ports(trial), present.own_ports.usable),
                    columns);
  }
  return text + "\n";
}

Runs middle_runs(const Trial& trial) {
  Runs runs;
  for (std::size_t i = 0; i < trial.candidates.size(); ++i) runs.push_back(middle_run(trial, i));
  return runs;
}

}  // namespace

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
