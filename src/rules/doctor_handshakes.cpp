// Connections that this host asks for and that do not come about: SYN_SENT.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl::rules {
namespace {

constexpr std::uint32_t kManyUnanswered = 10;
constexpr std::uint32_t kManyHosts = 50;
constexpr std::uint32_t kFewForEach = 2;  // a scanner asks each host once or twice

bool scans_hosts(const SynSentByPort& asking) {
  return asking.hosts >= kManyHosts && asking.asked <= kFewForEach * asking.hosts;
}
bool scans_ports(const SynSentByHost& host) {
  return host.ports >= kManyHosts && host.asked <= kFewForEach * host.ports;
}

std::string by_whom(const Examination& examination) {
  const std::string text = examination.host.captured ? "" : holders_text(examination.syn_sent_holders);
  return text.empty() ? "" : fmt::format(" By: {}.", text);
}

void add_host_scan(const Examination& examination, const SynSentByPort& asking, FindingSink& found) {
  Finding& finding = found.add("", fmt::format("{} connections in SYN_SENT to {} different hosts, all on port {}.{}",
                                               asking.asked, asking.hosts, asking.port, by_whom(examination)));
  finding.subject = fmt::format("port {} of {} hosts", asking.port, asking.hosts);
  finding.figures = {{"syn_sent", asking.asked}, {"hosts", asking.hosts}, {"port", asking.port}};
}

void add_port_scan(const Examination& examination, const SynSentByHost& host, FindingSink& found) {
  Finding& finding = found.add("", fmt::format("{} connections in SYN_SENT to {} different ports of {}.{}", host.asked,
                                               host.ports, to_text(host.host), by_whom(examination)));
  finding.subject = fmt::format("{} ports of {}", host.ports, to_text(host.host));
  finding.figures = {{"syn_sent", host.asked}, {"ports", host.ports}};
}

// The destinations of that port with the most that were asked twice.
std::string unanswered_destinations(const Traffic& traffic, std::uint16_t port) {
  for (const DestinationUse& use : traffic.destinations) {
    if (use.destination.port == port && use.unanswered > 0) return to_text(use.destination.to, port);
  }
  return fmt::format("port {}", port);
}

void add_unanswered(const Examination& examination, const SynSentByPort& asking, FindingSink& found) {
  Finding& finding = found.add(
      keys::kSynRetries, fmt::format("{} connections in SYN_SENT to port {} of {} {}; {} have sent their SYN again.{}",
                                     asking.asked, asking.port, asking.hosts, asking.hosts == 1 ? "host" : "hosts",
                                     asking.unanswered, by_whom(examination)));
  finding.subject = asking.hosts == 1 ? unanswered_destinations(examination.traffic, asking.port)
                                      : fmt::format("port {} of {} hosts", asking.port, asking.hosts);
  finding.figures = {{"syn_sent", asking.asked},
                     {"hosts", asking.hosts},
                     {"port", asking.port},
                     {"retransmitting", asking.unanswered}};
}

}  // namespace

void syn_sent_fan_out(const Examination& examination, FindingSink& found) {
  for (const SynSentByPort& asking : examination.traffic.asking) {
    if (scans_hosts(asking)) add_host_scan(examination, asking, found);
  }
  for (const SynSentByHost& host : examination.traffic.asked_hosts) {
    if (scans_ports(host)) add_port_scan(examination, host, found);
  }
}

// Where somebody scans, that no answer comes is no news; nor where a full queue of this host's own does not give it.
void syn_sent_unanswered(const Examination& examination, FindingSink& found) {
  const std::vector<SynSentByPort>& asking = examination.traffic.asking;
  const std::vector<SynSentByHost>& hosts = examination.traffic.asked_hosts;
  const bool scanning =
      std::any_of(asking.begin(), asking.end(), scans_hosts) || std::any_of(hosts.begin(), hosts.end(), scans_ports);
  if (scanning) return;
  for (const SynSentByPort& one : asking) {
    const bool many = one.unanswered >= kManyUnanswered;
    if (many && !asks_full_listener_here(examination.traffic, one)) add_unanswered(examination, one, found);
  }
}

}  // namespace twctl::rules
