// What the command line asks of a trial.
#pragma once

#include <optional>

#include "platform/load_bench.hpp"

namespace twctl {

struct TrialOptions {
  Side closes = Side::client;  // --closes: first
  int destinations = 1;
  bool bind_first = false;
  int keep = 1;  // requests of one connection
  int rate = 0;  // attempts a second; 0: as fast as can be
  int seconds = 5;
  int runs = 3;
  std::optional<int> ports = {};  // of the client; nullopt: as many as can be told apart from the machine's own limit
  bool full = false;              // the real port range
  std::optional<PortRange> socket_range = {};  // IP_LOCAL_PORT_RANGE of the client's sockets
  bool ipv6 = false;
  bool myths = false;
  friend bool operator==(const TrialOptions&, const TrialOptions&) = default;
};

}  // namespace twctl
