// Port settings x the connections to one destination -> how many ports are left, for how long and for what rate. Pure.
// The formulas are those of `twctl explain port-exhaustion`; each was measured on Linux 6.18.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/ip_address.hpp"
#include "catalog/local_ports.hpp"
#include "diagnose/live_settings.hpp"
#include "platform/host_facts.hpp"

namespace twctl {

inline constexpr int kRateWindowSeconds = 10;

struct PortSettings {
  LocalPorts local;
  int usable = 0;                   // of `local`
  int first_half = 0;               // those of them that connect() takes first
  int reuse = 0;                    // tcp_tw_reuse
  bool two_is_loopback = true;      // since Linux 4.19; before, any number but 0 was as 1
  bool timestamps = true;           // tcp_timestamps
  bool recycle = false;             // tcp_tw_recycle, until Linux 4.11
  int reuse_delay_ms = 1000;        // tcp_tw_reuse_delay
  bool delay_is_a_setting = false;  // since Linux 6.14; before it was about a second
  [[nodiscard]] bool is_of_first_half(int port) const;
};
// nullopt: no range could be read. `host`: whose kernel it is; {} for a current one.
[[nodiscard]] std::optional<PortSettings> port_settings(const LiveSettings& live, const HostFacts& host = {});

struct Destination {
  IpAddress from;
  IpAddress to;
  std::uint16_t port = 0;
  std::uint16_t unused = 0;  // makes room for what the compiler would leave undefined
  friend bool operator==(const Destination&, const Destination&) = default;
};
[[nodiscard]] std::string to_text(const Destination& destination);  // "10.0.0.1 to 10.0.0.5:443"

// tcp_tw_reuse 1 is for every destination, 2 for loopback only (since 4.19); neither works without timestamps
// (Linux net/ipv4/tcp_ipv4.c, tcp_twsk_unique()).
[[nodiscard]] bool reuse_applies(const PortSettings& settings, const Destination& destination);

// How long a port in TIME_WAIT is taken for the destination that it was used for.
[[nodiscard]] std::chrono::milliseconds port_wait(const PortSettings& settings, bool reuse);

// New connections a second to one destination, for good: `ports` of the usable ones / how long each is taken.
[[nodiscard]] double sustainable_rate(int ports, const PortSettings& settings, bool reuse);

// "470", and "1.5" of what is less than ten: there a fraction tells.
[[nodiscard]] std::string per_second_text(double per_second);

// Local ports that connect() could have chosen, of one destination.
struct PortUse {
  std::uint32_t open = 0;     // connections that are not over
  std::uint32_t orphans = 0;  // of them: FIN_WAIT_2 that nobody holds, which tcp_fin_timeout ends
  std::uint32_t time_wait = 0;
  std::uint32_t young = 0;    // TIME_WAIT for less than the reuse delay
  std::uint32_t entered = 0;  // TIME_WAIT for less than kRateWindowSeconds
  std::uint32_t leaving = 0;  // TIME_WAIT that ends within kRateWindowSeconds
};

struct PortBudget {
  int usable = 0;
  int taken = 0;     // open, and TIME_WAIT that cannot be reused now
  int headroom = 0;  // usable - taken
  bool reuse = false;
  int not_open = 0;                    // of the usable: without an open connection, so that new ones can have them
  double sustainable = 0;              // sustainable_rate() of those
  double rate = 0;                     // connections that ended here a second, lately
  std::optional<double> seconds_left;  // headroom / (rate - ports that come free a second); nullopt: it lasts
};
[[nodiscard]] PortBudget port_budget(const PortSettings& settings, const PortUse& use, bool reuse);

}  // namespace twctl
