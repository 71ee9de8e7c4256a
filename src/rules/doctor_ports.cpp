// Local ports: how many are left for one destination, and whether reuse can do anything.
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
bool is_out(const PortBudget& budget) { return budget.headroom * 50 <= budget.usable; }

std::string percent(int part, int whole) { return fmt::format("{} %", whole > 0 ? 100LL * part / whole : 0); }

std::string formula_text(const PortBudget& budget, const PortSettings& settings) {
  const auto& [first, last] = settings.local.range;
  const std::string ports = fmt::format("{} - {} + 1 - {} reserved = {} ports", last, first,
                                        last - first + 1 - settings.usable, budget.usable);
  const std::string wait = budget.reuse ? fmt::format("{} ms reuse delay", settings.reuse_delay_ms)
                                        : fmt::format("{} s of TIME_WAIT", kTimeWaitSeconds);
  return fmt::format("{}; / {} = {:.0f} new connections/s at most", ports, wait, budget.sustainable);
}

std::string time_text(double seconds) {
  return seconds < 120 ? fmt::format("{:.0f} s", seconds) : fmt::format("{:.0f} min", seconds / 60);
}

std::string outlook_text(const PortBudget& budget) {
  std::string text = fmt::format("{} are left", budget.headroom);
  if (budget.rate > 0) text += fmt::format("; {:.0f} connections/s ended here lately", budget.rate);
  if (budget.seconds_left) text += fmt::format("; at that rate they last {}", time_text(*budget.seconds_left));
  return text;
}

// Which of the kernel's cases this is.
std::string case_text(const Examination& examination, const PortBudget& budget) {
  const PortSettings& settings = examination.ports;
  if (budget.reuse) {
    const std::string_view delay = settings.delay_is_a_setting ? "tcp_tw_reuse_delay" : "fixed before Linux 6.14";
    return fmt::format("tcp_tw_reuse applies: TIME_WAIT older than {} ms ({}) can be used again by connect()",
                       settings.reuse_delay_ms, delay);
  }
  if (!settings.timestamps) return "tcp_tw_reuse does nothing: tcp_timestamps is 0";
  if (settings.reuse == 2) return "tcp_tw_reuse is 2: it helps on loopback only, and this is not loopback";
  return "tcp_tw_reuse is 0: a port in TIME_WAIT is taken for 60 s";
}

std::string advice_for(const PortSettings& settings, const PortBudget& budget, const Destination& destination) {
  std::string advice = "Keep connections open (a pool, keep-alive).";
  PortSettings with_reuse = settings;
  with_reuse.reuse = 1;
  with_reuse.timestamps = true;
  if (!budget.reuse && reuse_applies(with_reuse, destination)) {
    advice += " Else tcp_tw_reuse 1: `twctl plan busy-client` shows it.";
  }
  return advice + " Then more source or destination addresses, and last a wider range: `twctl explain port-range`.";
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
  Finding& finding = found.add(
      budget.reuse || examination.ports.reuse == 1 ? keys::kPortRange : keys::kTwReuse,
      fmt::format("{} of {} ports are taken ({}): {} open, {} in TIME_WAIT. {}. {}. {}.", budget.taken, budget.usable,
                  percent(budget.taken, budget.usable), use.ports.open, use.ports.time_wait, outlook_text(budget),
                  case_text(examination, budget), formula_text(budget, examination.ports)));
  finding.severity = is_out(budget) ? Severity::error : Severity::warning;
  finding.subject = to_text(use.destination);
  finding.advice = advice_for(examination.ports, budget, use.destination);
  add_figures(finding, budget, use.ports);
}

// bind() before connect(): all destinations share the range. bind() to port 0 takes first the half that connect() takes
// last (Linux net/ipv4/inet_connection_sock.c, inet_csk_find_open_port()), and no port serves two destinations, which
// with half of them taken does not happen by chance.
bool shares_one_range(const Examination& examination, const SourceUse& source) {
  const auto usable = static_cast<std::uint32_t>(examination.ports.usable);
  if (usable == 0 || 2 * source.distinct_ports < usable) return false;
  const std::uint32_t connections = source.low_parity + source.other_parity;
  return source.destinations > 1 && connections == source.distinct_ports && source.other_parity > source.low_parity;
}

void add_source(const Examination& examination, const SourceUse& source, FindingSink& found) {
  const int usable = examination.ports.usable;
  const auto taken = static_cast<int>(std::min(source.distinct_ports, 65536U));
  Finding& finding = found.add(
      keys::kPortRange,
      fmt::format("{} of {} ports are taken ({}) by connections to {} destinations; none serves two of them, and {} "
                  "are of the half that bind() takes first. So the program calls bind() before connect(): one range "
                  "serves all destinations.",
                  taken, usable, percent(taken, usable), source.destinations, source.other_parity));
  finding.severity = (usable - taken) * 50 <= usable ? Severity::error : Severity::warning;
  finding.subject = fmt::format("{}, all destinations together", to_text(source.address));
  finding.advice =
      "In the program set IP_BIND_ADDRESS_NO_PORT before bind() (Linux 4.2), or do not bind: then each "
      "destination has the whole range.";
  finding.figures = {{"ports_usable", usable}, {"ports_taken", taken}, {"destinations", source.destinations}};
}

}  // namespace

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

bool any_ports_low(const Examination& examination) {
  const auto& destinations = examination.traffic.destinations;
  const auto& sources = examination.traffic.sources;
  return std::any_of(destinations.begin(), destinations.end(),
                     [&](const DestinationUse& use) { return runs_low(examination, use); }) ||
         std::any_of(sources.begin(), sources.end(),
                     [&](const SourceUse& source) { return shares_one_range(examination, source); });
}

namespace rules {

void ports_low(const Examination& examination, FindingSink& found) {
  for (const DestinationUse& use : examination.traffic.destinations) {
    if (runs_low(examination, use)) add_destination(examination, use, found);
  }
  for (const SourceUse& source : examination.traffic.sources) {
    if (shares_one_range(examination, source)) add_source(examination, source, found);
  }
}

// 2 is the default and meant for loopback: nobody may have counted on it.
void reuse_inert(const Examination& examination, FindingSink& found) {
  const int reuse = examination.ports.reuse;
  if (examination.ports.timestamps || reuse == 0) return;
  Finding& finding = found.add(keys::kTimestamps, fmt::format("tcp_tw_reuse is {}, tcp_timestamps is 0.", reuse));
  finding.severity = reuse == 1 ? Severity::warning : Severity::info;
  finding.figures = {{"tcp_tw_reuse", reuse}, {"tcp_timestamps", 0}};
}

}  // namespace rules
}  // namespace twctl
