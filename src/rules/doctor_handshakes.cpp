// Connections that do not come about: SYN_SENT without answer, SYN_RECV, full queues of listeners, SYN cookies.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl::rules {
namespace {

constexpr std::uint32_t kManyUnanswered = 10;
constexpr std::uint32_t kManyHosts = 50;
constexpr std::uint32_t kFewForEach = 2;  // a scanner asks each host once or twice
constexpr std::uint32_t kManyHalfOpen = 128;
constexpr std::uint32_t kFewHalfOpen = 8;

bool scans_hosts(const Asking& asking) {
  return asking.hosts >= kManyHosts && asking.asked <= kFewForEach * asking.hosts;
}
bool scans_ports(const AskedHost& host) { return host.ports >= kManyHosts && host.asked <= kFewForEach * host.ports; }

std::string by_whom(const Examination& examination) {
  const std::string text = examination.host.captured ? "" : holders_text(examination.syn_sent_holders);
  return text.empty() ? "" : fmt::format(" By: {}.", text);
}

void add_host_scan(const Examination& examination, const Asking& asking, FindingSink& found) {
  Finding& finding = found.add("", fmt::format("{} connections in SYN_SENT to {} different hosts, all on port {}.{}",
                                               asking.asked, asking.hosts, asking.port, by_whom(examination)));
  finding.subject = fmt::format("port {} of {} hosts", asking.port, asking.hosts);
  finding.figures = {{"syn_sent", asking.asked}, {"hosts", asking.hosts}, {"port", asking.port}};
}

void add_port_scan(const Examination& examination, const AskedHost& host, FindingSink& found) {
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

void add_unanswered(const Examination& examination, const Asking& asking, FindingSink& found) {
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

// "10.0.0.1:443 (nginx (812)): 9 of 8 wait for accept(), 12 half-open, 40 dropped in its life"
std::string listener_text(const Listener& listener) {
  std::string text = to_text(listener.address, listener.port);
  if (!listener.holder.empty()) text += " of " + escape(listener.holder);
  const std::string limit = listener.limit > 0 ? std::to_string(listener.limit) : "?";
  return text + fmt::format(": {} of {} wait for accept(), {} half-open, {} dropped in its life", listener.waiting,
                            limit, listener.half_open, listener.drops);
}

bool is_full(const Listener& listener) { return listener.limit > 0 && listener.waiting > listener.limit; }

// The listeners in trouble, the worst first.
std::vector<Listener> troubled(const Traffic& traffic) {
  std::vector<Listener> listeners;
  std::copy_if(traffic.listeners.begin(), traffic.listeners.end(), std::back_inserter(listeners),
               [](const Listener& listener) { return is_full(listener) || listener.drops > 0; });
  std::stable_sort(listeners.begin(), listeners.end(),
                   [](const Listener& a, const Listener& b) { return a.drops > b.drops; });
  return listeners;
}

std::string limits_text(const Examination& examination) {
  const auto somaxconn = number_of(examination.settings, keys::kSomaxconn);
  return somaxconn ? fmt::format(" net.core.somaxconn is {}.", *somaxconn) : "";
}

std::string listeners_text(const std::vector<Listener>& listeners) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(listeners.size(), kShown); ++i) {
    text += " " + listener_text(listeners[i]) + ".";
  }
  return text;
}

// Real clients come back with the cookie; the sources of a flood do not.
std::string cookie_advice(bool always_sent, std::int64_t sent, std::int64_t received) {
  if (always_sent) return "tcp_syncookies is 2: every SYN is answered with a cookie. 1 sends them when needed.";
  if (2 * received >= sent) {
    return "Most clients came back, so the load is honest and the queue too short: raise the program's backlog and "
           "net.core.somaxconn, then restart it.";
  }
  return "Few clients came back: it looks like a flood, and the cookies are doing their work. Leave tcp_syncookies at "
         "1.";
}

bool piles_up(const Listener& listener) {
  const bool half_of_the_queue = listener.limit > 0 && 2 * listener.half_open >= listener.limit;
  return listener.half_open >= kManyHalfOpen || (half_of_the_queue && listener.half_open >= kFewHalfOpen);
}

}  // namespace

void syn_sent_fan_out(const Examination& examination, FindingSink& found) {
  for (const Asking& asking : examination.traffic.asking) {
    if (scans_hosts(asking)) add_host_scan(examination, asking, found);
  }
  for (const AskedHost& host : examination.traffic.asked_hosts) {
    if (scans_ports(host)) add_port_scan(examination, host, found);
  }
}

// Where somebody scans, that no answer comes is no news.
void syn_sent_unanswered(const Examination& examination, FindingSink& found) {
  const std::vector<Asking>& asking = examination.traffic.asking;
  const std::vector<AskedHost>& hosts = examination.traffic.asked_hosts;
  const bool scanning =
      std::any_of(asking.begin(), asking.end(), scans_hosts) || std::any_of(hosts.begin(), hosts.end(), scans_ports);
  if (scanning) return;
  for (const Asking& one : asking) {
    if (one.unanswered >= kManyUnanswered) add_unanswered(examination, one, found);
  }
}

void syn_recv_pile_up(const Examination& examination, FindingSink& found) {
  for (const Listener& listener : examination.traffic.listeners) {
    if (!piles_up(listener)) continue;
    Finding& finding = found.add(keys::kSyncookies, listener_text(listener) + "." + limits_text(examination));
    finding.subject = to_text(listener.address, listener.port);
    if (is_full(listener)) {
      finding.advice =
          "The accept queue is full, so the last step of the handshake is ignored: the program does not "
          "accept fast enough. See listen-overflow.";
    }
    finding.figures = {{"half_open", listener.half_open}, {"waiting", listener.waiting}, {"backlog", listener.limit}};
  }
}

void listen_overflow(const Examination& examination, FindingSink& found) {
  const Growth overflows = growth_of(examination, "TcpExt.ListenOverflows");
  const Growth drops = growth_of(examination, "TcpExt.ListenDrops");
  const std::vector<Listener> listeners = troubled(examination.traffic);
  const bool full_now = std::any_of(listeners.begin(), listeners.end(), is_full);
  if (overflows.count == 0 && drops.count == 0 && !full_now) return;
  Finding& finding = found.add(keys::kSomaxconn, fmt::format("ListenOverflows rose by {} and ListenDrops by {} {}.",
                                                             overflows.count, drops.count, span_text(examination)) +
                                                     listeners_text(listeners) + limits_text(examination));
  finding.severity = full_now ? Severity::warning : by_growth(drops.now ? drops : overflows);
  finding.figures = {{"listen_overflows", overflows.count}, {"listen_drops", drops.count}};
  if (listeners.empty()) return;
  finding.subject = to_text(listeners.front().address, listeners.front().port);
  finding.figures.push_back({"waiting", listeners.front().waiting});
  finding.figures.push_back({"backlog", listeners.front().limit});
}

// With tcp_syncookies 2 every answer is a cookie: that says nothing.
void syncookies_sent(const Examination& examination, FindingSink& found) {
  const Growth sent = growth_of(examination, "TcpExt.SyncookiesSent");
  if (sent.count == 0) return;
  const bool always = number_of(examination.settings, keys::kSyncookies) == 2;
  const Growth received = growth_of(examination, "TcpExt.SyncookiesRecv");
  Finding& finding =
      found.add(keys::kSyncookies,
                fmt::format("SyncookiesSent rose by {} {}, SyncookiesRecv (clients that came back with one) by {}.",
                            sent.count, span_text(examination), received.count) +
                    limits_text(examination));
  finding.severity = always ? Severity::info : by_growth(sent);
  finding.advice = cookie_advice(always, sent.count, received.count);
  finding.figures = {{"syncookies_sent", sent.count}, {"syncookies_received", received.count}};
}

}  // namespace twctl::rules
