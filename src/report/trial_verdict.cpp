#include "report/trial_verdict.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

std::string per_second(const std::optional<double>& rate) { return rate ? per_second_text(*rate) + "/s" : "none"; }

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

std::string ports_text(const Trial& trial, const Candidate& first, const Candidate& last) {
  std::string text = fmt::format(" with {} {} ports", whose_ports(trial), first.own_ports.usable);
  if (last.own_ports.usable == first.own_ports.usable) return text;
  return text + fmt::format(" ({}: {})", escape(last.name), last.own_ports.usable);
}

// The present rate is that to the busiest destination, and so are these limits. It is not one of sockets with a range
// of their own.
std::string rate_text(const Trial& trial, const Candidate& first, const Candidate& last) {
  if (!trial.present_rate || trial.options.socket_range) return "";
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
  const std::string ports = from || to ? ports_text(trial, first, last) : "";
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
std::string trust_text(const Trial& trial) {
  double worst = 0;
  bool by_the_machine = false;
  bool by_the_rate = false;
  std::string no_reuse;
  for (std::size_t i = 0; i < trial.candidates.size(); ++i) {
    const TrialRun* run = middle_run(trial, i);
    if (run == nullptr || run->client.attempts == 0) continue;
    by_the_machine = by_the_machine || (run->limited_by == LimitedBy::machine && run->model.most);
    by_the_rate = by_the_rate || (run->limited_by == LimitedBy::rate && run->model.most);
    if (run->limited_by == LimitedBy::setting && run->deviation && std::abs(*run->deviation) > std::abs(worst)) {
      worst = *run->deviation;
    }
    if (run->model.reuse && run->model.most && run->model.most == run->model.ports) {
      no_reuse = fmt::format(" No reuse can be seen in {} s: a port waits for {} ms.",
                             static_cast<double>(run->length.count()) / 1000,
                             port_wait(trial.candidates[i].ports, true).count());
    }
  }
  constexpr double kWithin = 0.05;
  std::string text;
  if (std::abs(worst) > kWithin) text += fmt::format(" The measurement deviates by {} from that.", percent_text(worst));
  if (by_the_machine) text += " Where the machine was the limit this is the model's word alone.";
  if (by_the_rate) text += " Where --rate was the limit this is the model's word alone.";
  return text + no_reuse;
}

}  // namespace

std::string_view whose_ports(const Trial& trial) { return trial.options.socket_range ? "the sockets'" : "this host's"; }

std::string percent_text(double part) { return fmt::format("{:.1f} %", 100 * part); }

std::string verdict_text(const Trial& trial) {
  const std::size_t half = trial.options.bind_first ? 2 : 1;  // how many bindings each set of settings is measured with
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < half; ++i) {
    sentences.push_back(verdict_on(trial, i, trial.candidates.size() - half + i));
  }
  return join(sentences, " ") + trust_text(trial);
}

}  // namespace twctl
