#include "report/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/escape.hpp"
#include "plan/refusal.hpp"
#include "report/plan_words.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl {
namespace {

std::string label_value(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

using Numbered = std::pair<std::string_view, Severity>;

// Every rule that ran has a series, at 0 where it found nothing, so that an alert can tell "gone" from "not looked".
std::map<Numbered, int> found_by_rule(const Diagnosis& diagnosis) {
  std::map<Numbered, int> found;
  for (const Rule<Examination>& rule : doctor_rules()) found[{rule.id, finding_row(rule.id).severity}] = 0;
  for (const Finding& finding : diagnosis.findings) ++found[{finding.row->id, finding.severity}];
  return found;
}

// One gauge over all destinations that doctor shows.
template <class Number>
void of_destinations(Metrics& metrics, const Examination& examination, std::string_view name, std::string_view help,
                     Number number) {
  metrics.gauge(name, help);
  for (const DestinationUse& use : examination.traffic.destinations) {
    const Destination& to = use.destination;
    metrics.sample({{"source", to_text(to.from)}, {"destination", to_text(to.to)}, {"port", std::to_string(to.port)}},
                   number(use, budget_of(examination, use)));
  }
}

void add_ports(Metrics& metrics, const Examination& examination) {
  using Use = const DestinationUse&;
  using Budget = const PortBudget&;
  metrics.gauge("twctl_local_ports", "Local ports that connect() may choose.", examination.ports.usable);
  of_destinations(metrics, examination, "twctl_destination_ports_taken",
                  "Local ports that connect() cannot choose now, of the busiest destinations.",
                  [](Use, Budget budget) { return budget.taken; });
  of_destinations(metrics, examination, "twctl_destination_ports_free", "Local ports that are left.",
                  [](Use, Budget budget) { return budget.headroom; });
  of_destinations(metrics, examination, "twctl_destination_time_wait_sockets",
                  "Of those taken or reusable, in TIME_WAIT.", [](Use use, Budget) { return use.ports.time_wait; });
  of_destinations(metrics, examination, "twctl_destination_budget_per_second",
                  "New connections per second that the ports without an open connection allow for good.",
                  [](Use, Budget budget) { return budget.sustainable; });
  of_destinations(metrics, examination, "twctl_destination_ended_per_second",
                  "Connections that ended here per second, over the last ten seconds.",
                  [](Use, Budget budget) { return budget.rate; });
  of_destinations(metrics, examination, "twctl_destination_ports_last_seconds",
                  "How long the ports that are left will last at that rate.", [](Use, Budget budget) {
                    return budget.seconds_left.value_or(std::numeric_limits<double>::infinity());
                  });
}

void add_pending(Metrics& metrics, const std::optional<Pending>& pending) {
  metrics.gauge("twctl_change_pending", "Whether a change awaits its confirmation.", pending ? 1 : 0);
  metrics.gauge("twctl_change_overdue", "Whether its deadline has passed and it has not gone back.",
                pending && pending->overdue ? 1 : 0);
  metrics.gauge("twctl_change_deadline_timestamp_seconds", "When the pending change goes back, in seconds since 1970.");
  if (pending && pending->until) metrics.sample({}, *pending->until);
}

}  // namespace

void Metrics::gauge(std::string_view name, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
}

void Metrics::sample(Labels labels, double value) {
  add(labels, std::isinf(value) ? std::string(value > 0 ? "+Inf" : "-Inf") : fmt::format("{:.6g}", value));
}

void Metrics::add(Labels labels, std::string_view value) {
  std::string inside;
  for (const auto& [name, text] : labels) {
    inside += fmt::format("{}{}=\"{}\"", inside.empty() ? "" : ",", name, label_value(text));
  }
  text_ += name_ + (inside.empty() ? "" : "{" + inside + "}") + " " + std::string(value) + "\n";
}

std::string states_metrics(const SocketSummary& summary) {
  Metrics metrics;
  metrics.gauge("twctl_sockets", "TCP sockets by state, of IPv4 and IPv6 together.");
  for (const TcpState state : counted_states()) {
    metrics.sample({{"state", name_of(state)}}, count_of(summary.counts, state));
  }
  metrics.gauge("twctl_other_network_namespaces",
                "Network namespaces with processes whose sockets are not among these.", summary.other_namespaces.count);
  return std::move(metrics).text();
}

std::string doctor_metrics(const Diagnosed& host) {
  Metrics metrics;
  metrics.gauge("twctl_doctor_findings", "What doctor has found, by id, of everything that it looked for.");
  for (const auto& [what, number] : found_by_rule(host.diagnosis)) {
    metrics.sample({{"id", what.first}, {"severity", name_of(what.second)}}, number);
  }
  add_ports(metrics, host.examination);
  return std::move(metrics).text();
}

std::string status_metrics(const Status& status) {
  Metrics metrics;
  metrics.gauge("twctl_drifts", "Settings and files that are not as twctl left them.", status.drift.size());
  metrics.gauge("twctl_drift", "1 for each setting and file that is not as twctl left it.");
  for (const Drift& drift : status.drift) metrics.sample({{"what", escape(drift.what)}}, 1);
  metrics.gauge("twctl_next_boot_drifts", "Settings that the next boot will not set as twctl's boot file says.");
  if (!status.next_boot_unknown) metrics.sample({}, static_cast<double>(status.next_boot.size()));
  metrics.gauge("twctl_next_boot_drift",
                "1 for each setting that the next boot will not set as twctl's boot file says.");
  for (const NextBoot& one : status.next_boot) metrics.sample({{"key", one.key}}, 1);
  add_pending(metrics, status.pending);
  metrics.gauge("twctl_changes_in_progress", "Changes that a run is at work on.", status.in_progress.size());
  metrics.gauge("twctl_changes_interrupted", "Changes that were interrupted.", status.interrupted.size());
  metrics.gauge("twctl_changes_with_conflicts", "Changes that kept a value of somebody else's.",
                status.conflicted.size());
  metrics.gauge("twctl_records_damaged", "Records of changes that cannot be read.", status.damage.size());
  metrics.gauge("twctl_restart_needed_settings", "Settings that wait for a restart.", status.restart.size());
  metrics.gauge("twctl_last_change_timestamp_seconds", "When the newest change was made, in seconds since 1970.");
  if (status.last) metrics.sample({}, status.last->change.intent.author.time);
  return std::move(metrics).text();
}

std::string plan_metrics(const Plan& plan) {
  constexpr Verdict kVerdicts[] = {Verdict::ok,        Verdict::removed,     Verdict::change,
                                   Verdict::read_only, Verdict::unsupported, Verdict::shadowed};
  const PlanSummary summary = summary_of(plan);
  Metrics metrics;
  metrics.gauge("twctl_plan_settings", "Settings of the profile by verdict.");
  for (const Verdict verdict : kVerdicts) {
    const auto has_it = [&](const PlannedSetting& planned) { return planned.verdict() == verdict; };
    metrics.sample({{"verdict", name_of(verdict)}}, std::count_if(plan.settings.begin(), plan.settings.end(), has_it));
  }
  metrics.gauge("twctl_plan_changes", "Settings that apply would change.", summary.changes);
  metrics.gauge("twctl_plan_blocked", "Whether apply would refuse.", refusal_of(plan, true) ? 1 : 0);
  std::map<std::pair<std::string_view, bool>, int> hazards;
  for (const Finding& hazard : plan.hazards) ++hazards[{hazard.row->id, hazard.row->blocks && !hazard.accepted}];
  metrics.gauge("twctl_plan_hazards", "What stands in the way, by id.");
  for (const auto& [what, number] : hazards) {
    metrics.sample({{"id", what.first}, {"blocks", what.second ? "true" : "false"}}, number);
  }
  return std::move(metrics).text();
}

}  // namespace twctl
