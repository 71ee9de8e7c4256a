#include "rules/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "diagnose/in_namespace.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl {
namespace {

std::int64_t as_figure(std::uint64_t count) { return static_cast<std::int64_t>(count); }

Vital sockets_vital(const Examination& examination) {
  // Shown even with none in them, and as figures.
  constexpr std::array<std::pair<TcpState, const char*>, 5> kNamed{{{TcpState::established, "established"},
                                                                    {TcpState::time_wait, "time_wait"},
                                                                    {TcpState::close_wait, "close_wait"},
                                                                    {TcpState::syn_sent, "syn_sent"},
                                                                    {TcpState::syn_recv, "syn_recv"}}};
  const StateCounts& counts = examination.traffic.counts;
  Vital vital{.label = "sockets", .text = {}, .figures = {{"total", as_figure(total_of(counts))}}};
  std::vector<std::string> texts;
  const auto tell = [&](TcpState state) {
    texts.push_back(fmt::format("{} {}", count_of(counts, state), name_of(state)));
  };
  for (const auto& [state, figure] : kNamed) {
    tell(state);
    vital.figures.push_back({figure, as_figure(count_of(counts, state))});
  }
  for (const TcpState state : counted_states()) {  // so that the numbers add up
    const bool named = std::any_of(kNamed.begin(), kNamed.end(), [&](const auto& one) { return one.first == state; });
    if (!named && count_of(counts, state) > 0) tell(state);
  }
  vital.text = fmt::format("{}: {}", total_of(counts), join(texts, ", "));
  return vital;
}

Vital ports_vital(const Examination& examination) {
  if (const SourceUse* scarce = scarce_source(examination)) {
    const auto taken = std::min<std::int64_t>(scarce->distinct_ports, examination.ports.usable);
    return {.label = "ports",
            .text = fmt::format("{} of {} taken for bind(), {}, all destinations together", taken,
                                examination.ports.usable, to_text(scarce->address)),
            .figures = {{"ports_usable", examination.ports.usable}, {"ports_taken", taken}}};
  }
  const DestinationUse* busiest = busiest_destination(examination);
  Vital vital{.label = "ports", .text = {}, .figures = {{"ports_usable", examination.ports.usable}}};
  if (busiest == nullptr) {
    vital.text = fmt::format("{} for each destination; no connection uses one", examination.ports.usable);
    return vital;
  }
  const PortBudget budget = budget_of(examination, *busiest);
  vital.text = fmt::format("{} of {} taken{}, {}; enough for {} new connections/s", budget.taken, budget.usable,
                           reusable_text(budget, busiest->ports), to_text(busiest->destination),
                           per_second_text(budget.sustainable));
  vital.figures.push_back({"ports_taken", budget.taken});
  vital.figures.push_back({"sustainable_per_second", std::llround(budget.sustainable)});
  return vital;
}

// "65536", "-1, which is none since Linux 5.19"
std::string time_wait_limit_text(std::optional<std::int64_t> limit, KernelVersion kernel) {
  if (!limit) return "not known";
  if (allows_no_time_wait(*limit, kernel)) return fmt::format("{}: no connection gets a TIME_WAIT", *limit);
  return std::to_string(*limit) + (*limit < 0 ? ", which is none since Linux 5.19" : "");
}

Vital time_wait_vital(const Examination& examination) {
  const std::uint64_t served = examination.traffic.time_wait_served;
  const std::uint64_t all = count_of(examination.traffic.counts, TcpState::time_wait);
  const auto limit = number_of(examination.settings, keys::kMaxTwBuckets);
  return {.label = "TIME_WAIT",
          .text = fmt::format("{} of connections accepted here, {} of connections opened here; limit {}", served,
                              all - served, time_wait_limit_text(limit, examination.host.kernel)),
          .figures = {{"time_wait_served", as_figure(served)}, {"time_wait_opened", as_figure(all - served)}}};
}

Vital queues_vital(const Examination& examination) {
  const auto& listeners = examination.traffic.listeners;
  const std::uint64_t listening = count_of(examination.traffic.counts, TcpState::listen);
  const auto fullest = std::max_element(listeners.begin(), listeners.end(),
                                        [](const Listener& a, const Listener& b) { return a.waiting < b.waiting; });
  const Growth drops = growth_of(examination, "TcpExt.ListenDrops");
  std::string text =
      fmt::format("{} listening, {} connections dropped {}", listening, drops.count, span_text(examination));
  if (fullest != listeners.end() && fullest->waiting > 0) {
    text += fmt::format("; most waiting at {}: {} of {}", to_text(fullest->address, fullest->port), fullest->waiting,
                        fullest->limit > 0 ? std::to_string(fullest->limit) : "?");
  }
  return {.label = "listeners",
          .text = std::move(text),
          .figures = {{"listeners", as_figure(listening)}, {"listen_drops", drops.count}}};
}

Vital rates_vital(const Examination& examination) {
  const std::int64_t opened = growth_of(examination, "Tcp.ActiveOpens").count;
  const std::int64_t served = growth_of(examination, "Tcp.PassiveOpens").count;
  const std::int64_t resets = growth_of(examination, "Tcp.OutRsts").count;
  return {
      .label = "connections",
      .text = fmt::format("{} opened, {} accepted, {} resets sent {}", opened, served, resets, span_text(examination)),
      .figures = {{"opened", opened}, {"accepted", served}, {"resets_sent", resets}}};
}

void add_conntrack_vital(const Examination& examination, std::vector<Vital>& vitals) {
  const auto entries = examination.after.find("conntrack.entries");
  const auto limit = number_of(examination.settings, keys::kConntrackMax);
  if (entries == examination.after.end() || !limit) return;
  vitals.push_back({.label = "conntrack",
                    .text = fmt::format("{} of {} entries", entries->second, *limit),
                    .figures = {{"conntrack_entries", entries->second}, {"nf_conntrack_max", *limit}}});
}

void add_memory_vital(const Examination& examination, std::vector<Vital>& vitals) {
  const auto limits = tcp_memory_limits(examination);
  const auto most_orphans = number_of(examination.settings, keys::kMaxOrphans);
  if (!limits && !most_orphans) return;
  const std::int64_t pages = counter_of(examination, "sockstat.TCP.mem");
  const std::int64_t orphans = counter_of(examination, "sockstat.TCP.orphan");
  const auto of = [](std::optional<std::int64_t> limit) { return limit ? fmt::format(" of {}", *limit) : ""; };
  vitals.push_back(
      {.label = "memory",
       .text = fmt::format("TCP holds {}{} pages, {}{} orphans, on the whole host", pages,
                           of(limits ? std::optional(limits->most) : std::nullopt), orphans, of(most_orphans)),
       .figures = {{"tcp_memory_pages", pages}, {"orphans", orphans}}});
}

std::vector<Vital> vitals_of(const Examination& examination) {
  std::vector<Vital> vitals{sockets_vital(examination), ports_vital(examination), time_wait_vital(examination),
                            queues_vital(examination), rates_vital(examination)};
  add_memory_vital(examination, vitals);
  add_conntrack_vital(examination, vitals);
  return vitals;
}

std::vector<std::string> notes_of(const Examination& examination) {
  std::vector<std::string> notes;
  if (examination.host.captured)
    notes.emplace_back(
        "A captured host: who holds a socket, since when it is in its state, and how long the queue of a listener may "
        "be "
        "are not known.");
  if (examination.seconds <= 0) {
    notes.emplace_back("The counters were read once: what they count may have happened long ago.");
  }
  if (examination.traffic.left_out > 0) {
    notes.push_back(fmt::format("{} sockets go to further destinations than the {} that were told apart.",
                                examination.traffic.left_out, kMostDestinations));
  }
  if (const auto listening = count_of(examination.traffic.counts, TcpState::listen); listening > kMostListeners) {
    notes.push_back(fmt::format("Of {} listeners only the {} in the worst trouble were looked at one by one.",
                                listening, kMostListeners));
  }
  if (examination.hidden_processes > 0) {
    notes.push_back(fmt::format("Processes that could not be looked into: {}. Run as root with CAP_SYS_PTRACE.",
                                examination.hidden_processes));
  }
  if (std::string others = others_text(examination.other_namespaces, "looked at", "twctl doctor --all-netns");
      !others.empty()) {
    notes.push_back(std::move(others));
  }
  if (!is_known(examination.ports)) notes.emplace_back("ip_local_port_range could not be read: ports are not judged.");
  return notes;
}

// "" unless a destination has all local ports: then it is only reuse that lets connect() go on.
std::string taken_ports_text(const Examination& examination) {
  const auto& destinations = examination.traffic.destinations;
  const auto all = std::find_if(destinations.begin(), destinations.end(),
                                [&](const DestinationUse& use) { return all_ports_taken(examination, use); });
  if (all == destinations.end()) return "";
  return fmt::format(
      " Nearly all local ports are taken, {}: those in TIME_WAIT can be used again by connect() that has chosen them, "
      "and bind() to port 0 finds none.",
      to_text(all->destination));
}

// Which limits the host was held to, and which it does not tell here. Connection tracking need not be there at all.
std::string limits_text(const Examination& examination, const Findings& findings) {
  std::vector<std::string> known;
  std::vector<std::string> unknown;
  const auto add = [&](bool is_known, std::string_view name) { (is_known ? known : unknown).emplace_back(name); };
  const auto number = [&](std::string_view key) { return number_of(examination.settings, key).has_value(); };
  const std::string taken_ports = taken_ports_text(examination);
  if (taken_ports.empty()) add(examination.ports.usable > 0, "local ports");
  add(number(keys::kMaxTwBuckets), "tcp_max_tw_buckets");
  const bool stalled = std::any_of(findings.begin(), findings.end(),
                                   [](const Finding& finding) { return finding.row->id == "accept-stalled"; });
  if (!stalled) add(examination.traffic.origin == SocketOrigin::netlink, "accept queues");
  add(number(keys::kMaxOrphans), "tcp_max_orphans");
  add(tcp_memory_limits(examination).has_value(), "tcp_mem");
  const bool tracks = examination.after.find("conntrack.entries") != examination.after.end();
  if (tracks || number(keys::kConntrackMax)) add(tracks && number(keys::kConntrackMax), "nf_conntrack_max");
  std::string text =
      fmt::format("No limit is near that was looked at: {}.", known.empty() ? "none" : join(known, ", ")) + taken_ports;
  if (!unknown.empty()) text += fmt::format(" Not seen from here: {}.", join(unknown, ", "));
  return text;
}

}  // namespace

bool is_nearly(std::int64_t count, std::optional<std::int64_t> limit) {
  constexpr double kNearly = 0.8;
  return limit && *limit > 0 && static_cast<double>(count) >= kNearly * static_cast<double>(*limit);
}

std::int64_t counter_of(const Examination& examination, std::string_view name) {
  const auto found = examination.after.find(name);
  return found == examination.after.end() ? 0 : found->second;
}

std::string headline_of(const Diagnosis& diagnosis) {
  const Finding& worst = diagnosis.findings.front();
  return worst.headline.empty() ? std::string(worst.row->summary) : worst.headline;
}

std::vector<Remedy> remedies_of(const Diagnosis& diagnosis) {
  std::vector<Remedy> remedies;
  for (const Finding& finding : diagnosis.findings) {
    for (const Remedy& remedy : finding.remedies) {
      const auto same = [&](const Remedy& other) { return other.key == remedy.key; };
      if (std::none_of(remedies.begin(), remedies.end(), same)) remedies.push_back(remedy);
    }
  }
  return remedies;
}

Severity by_growth(const Growth& growth) { return growth.now ? Severity::warning : Severity::info; }

std::string limit_text(std::optional<std::int64_t> limit) { return limit ? std::to_string(*limit) : "?"; }

bool has_trouble(const Diagnosis& diagnosis) {
  return std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                     [](const Finding& finding) { return finding.severity >= Severity::warning; });
}

Diagnosis diagnose(const Examination& examination) {
  Diagnosis diagnosis{.findings = run_rules(doctor_rules(), examination)};
  std::stable_sort(diagnosis.findings.begin(), diagnosis.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  diagnosis.vitals = vitals_of(examination);
  diagnosis.notes = notes_of(examination);
  if (has_trouble(diagnosis)) return diagnosis;
  diagnosis.limits = limits_text(examination, diagnosis.findings);
  std::vector<std::string> numbers;
  for (const Vital& vital : diagnosis.vitals) numbers.push_back(vital.label + ": " + vital.text);
  Finding fine = make_finding(finding_row("no-change-needed"), "", {},
                              fmt::format("{} Numbers: {}.", diagnosis.limits, join(numbers, "; ")));
  diagnosis.findings.insert(diagnosis.findings.begin(), std::move(fine));
  return diagnosis;
}

}  // namespace twctl
