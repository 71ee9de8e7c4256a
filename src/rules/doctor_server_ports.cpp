// Ports of servers that lie in the range that connect() chooses from. While the server listens nobody takes its port;
// while it is stopped an outgoing connection may, and then bind() says EADDRINUSE, with SO_REUSEADDR too.
#include <fmt/format.h>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl::rules {
namespace {

constexpr std::size_t kShown = 3;

// Listeners on a port that connect() may choose, one a port.
std::vector<Listener> exposed_listeners(const Examination& examination) {
  std::vector<Listener> exposed;
  for (const Listener& listener : examination.traffic.listeners) {
    const bool is_new = exposed.empty() || exposed.back().port != listener.port;
    if (is_new && examination.ports.local.may_choose(listener.port)) exposed.push_back(listener);
  }
  return exposed;
}

std::string service_at(const PortSettings& ports, int port) {
  for (const ServicePorts& service : ports.local.services()) {
    if (service.ports.first <= port && port <= service.ports.last) return std::string(service.name);
  }
  return "a service";
}

std::string port_list(const std::vector<std::string>& ports) {
  return fmt::format("{} {}", ports.size() == 1 ? "Port" : "Ports", listed(ports, kShown));
}

std::string advice_for(const HostFacts& host, const PortSet& ports) {
  const bool one = ports.size() == 1;
  return fmt::format(
      "Reserve {}, so that connect() passes over {}: `twctl plan --set '{}=includes {}'{}`. A program that lets the "
      "system choose its port needs nothing.",
      one ? "it" : "them", one ? "it" : "them", keys::kReservedPorts, print_ports(unite({}, ports)),
      where_words("", host.netns));
}

void add_taken(const Examination& examination, FindingSink& found) {
  const std::vector<std::uint16_t>& taken = examination.traffic.service_ports;
  if (taken.empty()) return;
  std::vector<std::string> names;
  PortSet ports;
  for (const std::uint16_t port : taken) {
    ports.push_back({port, port});
    names.push_back(fmt::format("{} ({})", port, service_at(examination.ports, port)));
  }
  Finding& finding = found.add(
      keys::kReservedPorts, port_list(names) +
                                ": in use by connections that this host opened. Until they are over, and for 60 s of "
                                "TIME_WAIT, no server can start there: EADDRINUSE.");
  finding.subject = fmt::format("port {}", taken.front());
  finding.advice = advice_for(examination.host, ports);
  finding.figures = {{"ports", static_cast<std::int64_t>(taken.size())}};
}

}  // namespace

// Also where no connection goes out now: the next one may come while the server is stopped.
void server_port_in_range(const Examination& examination, FindingSink& found) {
  add_taken(examination, found);
  const std::vector<Listener> exposed = exposed_listeners(examination);
  if (exposed.empty()) return;
  std::vector<std::string> names;
  PortSet ports;
  for (const Listener& listener : exposed) {
    ports.push_back({listener.port, listener.port});
    names.push_back(std::to_string(listener.port) + (listener.holder.empty() ? "" : " of " + escape(listener.holder)));
  }
  const auto& [first, last] = examination.ports.local.range;
  Finding& finding = found.add(
      keys::kReservedPorts,
      fmt::format(
          "{}: in ip_local_port_range ({} to {}), and not reserved. While such a server is stopped, an outgoing "
          "connection may take its port; then it cannot start: EADDRINUSE.",
          port_list(names), first, last));
  finding.subject = fmt::format("port {}", exposed.front().port);
  finding.advice = advice_for(examination.host, ports);
  finding.figures = {{"ports", static_cast<std::int64_t>(exposed.size())}};
}

}  // namespace twctl::rules
