// Local ports for connect(): how many are left for one destination, and whether reuse can do anything.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl {
namespace {

// From half of the range on connect() searches long; near the end it fails.
bool runs_low(const Examination& examination, const DestinationUse& use) {
  const PortBudget budget = budget_of(examination, use);
  return budget.usable > 0 && 2 * budget.taken >= budget.usable;
}

// A port that an open connection holds is none for new ones.
std::string formula_text(const PortBudget& budget, const PortSettings& settings) {
  const auto& [first, last] = settings.local.range;
  const std::string ports = fmt::format("{} ports ({} - {} + 1 - {} reserved - {} open)", budget.not_open, last, first,
                                        last - first + 1 - settings.usable, budget.usable - budget.not_open);
  const std::string wait = budget.reuse ? fmt::format("{} ms reuse delay", settings.reuse_delay_ms)
                                        : fmt::format("{} s of TIME_WAIT", kTimeWaitSeconds);
  return fmt::format("{} / {} = {} new connections/s at most", ports, wait, per_second_text(budget.sustainable));
}

std::string time_text(double seconds) {
  return seconds < 120 ? fmt::format("{:.0f} s", seconds) : fmt::format("{:.0f} min", seconds / 60);
}

std::string outlook_text(const PortBudget& budget) {
  std::string text = fmt::format("{} are left", budget.headroom);
  if (budget.headroom == 0) text += ", nor is one for bind() to port 0 on that address";
  const std::string when = budget.reuse ? "lately" : fmt::format("in the last {} s", kRateWindowSeconds);
  if (budget.rate > 0) text += fmt::format("; {:.0f} connections/s ended here {}", budget.rate, when);
  if (budget.headroom > 0 && budget.seconds_left) {
    text += fmt::format("; at that rate the ports that are left last {}", time_text(*budget.seconds_left));
  }
  return text;
}

// Which of the kernel's cases this is.
std::string case_text(const Examination& examination, const PortBudget& budget, const DestinationUse& use) {
  const PortSettings& settings = examination.ports;
  if (budget.reuse) {
    const std::string_view delay = settings.delay_is_a_setting ? "tcp_tw_reuse_delay" : "fixed before Linux 6.14";
    return fmt::format("tcp_tw_reuse applies: TIME_WAIT older than {} ms ({}) can be used again by connect(){}",
                       settings.reuse_delay_ms, delay, is_beside(use) ? "" : ", if the peer has timestamps on too");
  }
  if (!settings.timestamps) return "tcp_tw_reuse does nothing: tcp_timestamps is 0";
  if (settings.reuse == 2) {
    return "tcp_tw_reuse is 2: it helps with loopback addresses only (127/8, ::1), and neither of these is one";
  }
  return "tcp_tw_reuse is 0: a port in TIME_WAIT is taken for 60 s";
}

// What would be taken with reuse, once it goes on as lately: what is open, and what ends within the reuse delay.
double taken_with_reuse(const PortSettings& settings, const PortBudget& budget, const PortUse& use) {
  return use.open + std::min<double>(use.time_wait, budget.rate * settings.reuse_delay_ms / 1000);
}

// With tcp_tw_recycle on they would lock out clients behind NAT: that goes first.
std::vector<Remedy> timestamps_on(const PortSettings& settings) {
  std::vector<Remedy> remedies;
  if (settings.recycle) remedies.push_back({keys::kTwRecycle, "0"});
  remedies.push_back({keys::kTimestamps, "1"});
  return remedies;
}

// The settings that let connect() use these ports again; none where reuse applies already, or would free less than a
// tenth of the range because the connections are open.
std::vector<Remedy> remedies_for(const PortSettings& settings, const PortBudget& budget, const DestinationUse& use) {
  if (budget.reuse) return {};
  const bool loopback = is_loopback(use.destination.from) || is_loopback(use.destination.to);
  if (10 * (budget.taken - taken_with_reuse(settings, budget, use.ports)) < budget.usable) return {};
  std::vector<Remedy> remedies;
  if (!settings.timestamps) remedies = timestamps_on(settings);
  const bool is_on = settings.reuse == 1 || (settings.reuse != 0 && (loopback || !settings.two_is_loopback));
  if (!is_on) remedies.push_back({keys::kTwReuse, loopback && settings.two_is_loopback ? "2" : "1"});
  return remedies;
}

// With both halves of the range in use nothing tells any more whether bind() or connect() has chosen the ports. Of
// those that are open it makes no difference.
std::string advice_for(const PortBudget& budget, const DestinationUse& destination,
                       const std::vector<Remedy>& remedies) {
  const PortUse& use = destination.ports;
  const bool beside = is_beside(destination);
  if (2LL * use.orphans > budget.taken) {
    return "Most are closed here already and wait for a peer that does not close (FIN_WAIT_2): mend the peer. Until "
           "then "
           "a lower tcp_fin_timeout, of 10 s say, frees them sooner; reuse and a pool do not.";
  }
  const bool mostly_open = 2LL * use.open > budget.taken;
  std::string advice = mostly_open ? "Open connections hold most of them: have fewer (a bound on the pool, several "
                                     "requests over one connection)."
                                   : "Keep connections open (a pool, keep-alive).";
  if (!remedies.empty()) advice += " Else let connect() use ports in TIME_WAIT again, by the command below";
  if (!remedies.empty()) advice += beside ? "." : "; it helps only if the peer has timestamps on too.";
  if (helps_later(remedies)) advice += " What is in TIME_WAIT now has none, and keeps its port for its 60 s.";
  advice += " Then more source or destination addresses, and last a wider range: `twctl explain port-range`.";
  if (!mostly_open && is_nearly_out(budget.taken, budget.usable)) {
    advice += " A program that calls bind() before connect() is not helped by reuse: it needs IP_BIND_ADDRESS_NO_PORT.";
  }
  return advice;
}

void add_figures(Finding& finding, const PortBudget& budget, const PortUse& use) {
  finding.figures = {{"ports_usable", budget.usable},
                     {"ports_taken", budget.taken},
                     {"ports_left", budget.headroom},
                     {"open", use.open},
                     {"time_wait", use.time_wait},
                     {"sustainable_per_second", std::llround(budget.sustainable)},
                     {"ended_per_second", std::llround(budget.rate)}};
  if (budget.seconds_left) finding.figures.push_back({"seconds_left", std::llround(*budget.seconds_left)});
}

void add_destination(const Examination& examination, const DestinationUse& use, FindingSink& found) {
  const PortBudget budget = budget_of(examination, use);
  std::vector<Remedy> remedies = remedies_for(examination.ports, budget, use);
  Finding& finding = found.add(
      remedies.empty() ? keys::kPortRange : remedies.back().key,
      fmt::format("{} of {} ports are taken ({}): {} open{}, {} in TIME_WAIT{}. {}. {}. {}.", budget.taken,
                  budget.usable, percent_text(budget.taken, budget.usable), use.ports.open,
                  use.ports.orphans == 0 ? "" : fmt::format(" ({} of them closed here)", use.ports.orphans),
                  use.ports.time_wait,
                  budget.reuse ? fmt::format(", {} of them too young to be used again", use.ports.young) : "",
                  outlook_text(budget), case_text(examination, budget, use), formula_text(budget, examination.ports)));
  finding.severity = is_nearly_out(budget.taken, budget.usable) ? Severity::error : Severity::warning;
  finding.headline = budget.headroom == 0 ? "out of local ports: connect() fails now to this destination"
                                          : percent_text(budget.taken, budget.usable) +
                                                " of the local ports are taken for one destination";
  finding.subject = to_text(use.destination);
  finding.advice = advice_for(budget, use, remedies);
  finding.remedies = std::move(remedies);
  add_figures(finding, budget, use.ports);
}

}  // namespace

std::string percent_text(std::int64_t part, std::int64_t whole) {
  return fmt::format("{} %", whole > 0 ? 100 * part / whole : 0);
}

bool helps_later(const std::vector<Remedy>& remedies) {
  return std::any_of(remedies.begin(), remedies.end(),
                     [](const Remedy& remedy) { return remedy.key == keys::kTimestamps; });
}

std::string reusable_text(const PortBudget& budget, const PortUse& use) {
  if (!budget.reuse || use.time_wait <= use.young) return "";
  return fmt::format(" besides {} in TIME_WAIT that connect() may use again", use.time_wait - use.young);
}

bool is_nearly_out(int taken, int usable) { return (usable - taken) * 50 <= usable; }

const DestinationUse* busiest_destination(const Examination& examination) {
  const auto& destinations = examination.traffic.destinations;
  const auto busiest = std::max_element(destinations.begin(), destinations.end(), [&](const auto& a, const auto& b) {
    return budget_of(examination, a).taken < budget_of(examination, b).taken;
  });
  return busiest == destinations.end() ? nullptr : &*busiest;
}

PortBudget budget_of(const Examination& examination, const DestinationUse& use) {
  return port_budget(examination.ports, use.ports, reuse_applies(examination.ports, use.destination));
}

bool all_ports_taken(const Examination& examination, const DestinationUse& use) {
  const auto taken = static_cast<int>(
      std::min<std::int64_t>(std::int64_t{use.ports.open} + use.ports.time_wait, examination.ports.usable));
  return examination.ports.usable > 0 && is_nearly_out(taken, examination.ports.usable);
}

bool is_known(const PortSettings& settings) {
  const auto& [first, last] = settings.local.range;
  return first <= last;
}

bool any_ports_low(const Examination& examination) {
  const auto& destinations = examination.traffic.destinations;
  return scarce_source(examination) != nullptr ||
         std::any_of(destinations.begin(), destinations.end(),
                     [&](const DestinationUse& use) { return runs_low(examination, use); });
}

namespace rules {

// Where the ports are bind()'s, it is all destinations together that run out, and what helps connect() does not help.
void ports_low(const Examination& examination, FindingSink& found) {
  for (const DestinationUse& use : examination.traffic.destinations) {
    if (runs_low(examination, use) && !is_bound_first(examination, use.destination.from)) {
      add_destination(examination, use, found);
    }
  }
  for (const SourceUse& source : examination.traffic.sources) add_scarce_source(examination, source, found);
}

void no_port_to_choose(const Examination& examination, FindingSink& found) {
  const PortSettings& settings = examination.ports;
  if (!is_known(settings) || settings.usable > 0) return;
  const auto& [first, last] = settings.local.range;
  Finding& finding = found.add(keys::kReservedPorts,
                               fmt::format("ip_local_port_range is {} to {}, and ip_local_reserved_ports has all "
                                           "{} of them.",
                                           first, last, last - first + 1));
  finding.figures = {{"ports_usable", 0}};
}

// 2 is the default and meant for loopback: nobody may have counted on it.
void reuse_inert(const Examination& examination, FindingSink& found) {
  const int reuse = examination.ports.reuse;
  if (examination.ports.timestamps || reuse == 0) return;
  Finding& finding = found.add(keys::kTimestamps, fmt::format("tcp_tw_reuse is {}, tcp_timestamps is 0.", reuse));
  finding.severity = reuse == 1 ? Severity::warning : Severity::info;
  if (reuse == 1) finding.remedies = timestamps_on(examination.ports);
  if (examination.ports.recycle) finding.advice.insert(0, kRecycleFirst);
  finding.figures = {{"tcp_tw_reuse", reuse}, {"tcp_timestamps", 0}};
}

}  // namespace rules
}  // namespace twctl
