// How many connections a client can make that closes first: a port that it has used is taken for a while, for this
// destination. A count and not a rate, so that it can be held against a measurement. `doctor` and `explain` go by the
// same functions. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "diagnose/port_budget.hpp"
#include "platform/load_bench.hpp"

namespace twctl {

struct PortModel {
  bool reuse = false;  // a port in TIME_WAIT may be used again after the reuse delay
  // Without a failure; nullopt: nothing that this model knows is a limit.
  std::optional<std::int64_t> ports = {};  // ports x destinations
  std::optional<std::int64_t> most = {};   // as many as go into the length of the load
  std::optional<double> sustained = {};    // new connections a second, for good
  // What the load makes then: `most`, or fewer where its rate or its number of attempts is the limit.
  // nullopt: as many as the machine can.
  std::optional<std::int64_t> connections = {};
  friend bool operator==(const PortModel&, const PortModel&) = default;
};

// What decides, beside the port settings. `kernel`: {} if not known, then a current one.
struct ModelHost {
  KernelVersion kernel = {};
  std::optional<std::int64_t> max_tw_buckets = {};  // tcp_max_tw_buckets
};

// `settings`: of with_socket_range() where the load has such a range.
[[nodiscard]] PortModel port_model(const PortSettings& settings, const ModelHost& host, const Load& load);

// What is left of the range for a socket with IP_LOCAL_PORT_RANGE (Linux 6.3): an end that lies outside does not count
// (net/ipv4/inet_connection_sock.c, inet_sk_get_local_port_range()).
[[nodiscard]] PortSettings with_socket_range(PortSettings settings, const PortRange& asked);

// How often one port can be used in a load of that length, from its first moment on.
[[nodiscard]] std::int64_t uses_of_a_port(const PortSettings& settings, bool reuse, KernelVersion kernel,
                                          std::chrono::milliseconds length);

}  // namespace twctl
