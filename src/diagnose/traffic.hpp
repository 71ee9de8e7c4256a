// Socket source -> what doctor wants to know of the sockets, added up in one reading. Keeps no socket; what it keeps is
// bounded, and what found no room is counted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "diagnose/counts.hpp"
#include "diagnose/port_budget.hpp"
#include "platform/socket_source.hpp"

namespace twctl {

struct Listener {
  IpAddress address;
  std::uint16_t port = 0;
  std::uint32_t waiting = 0;  // for accept()
  std::uint32_t limit = 0;    // how many may wait: the smaller of the program's backlog and somaxconn; 0: not told
  std::uint32_t drops = 0;    // in its life
  std::uint32_t inode = 0;
  std::uint32_t half_open = 0;  // SYN_RECV on its port
  std::uint32_t time_wait = 0;  // on its port
  std::string holder = {};      // "nginx (812)"; "": not seen, or not asked, because nothing is wrong with it
  // How many waited when the sampling began; 0 where nothing was sampled, too.
  std::uint32_t waited_before = 0;
};

// Connections that this host opened, or might have.
struct DestinationUse {
  Destination destination;
  PortUse ports;
  std::uint32_t asked = 0;       // SYN_SENT
  std::uint32_t unanswered = 0;  // SYN_SENT that have sent their SYN again
  // The peer's address is one of this network namespace; nullopt: not known, as of a captured host.
  std::optional<bool> own_address = {};
};

// Whether the peer is this host itself, at whichever of its addresses.
[[nodiscard]] inline bool is_beside(const DestinationUse& use) {
  return use.own_address.value_or(false) || is_beside(use.destination.from, use.destination.to);
}

// Of one source address: all destinations together. What tells bind() before connect() from connect() alone: bind()
// gives each port to one destination only, and begins with the half that connect() takes last.
struct SourceUse {
  IpAddress address;
  std::uint32_t distinct_ports = 0;  // in use or in TIME_WAIT
  std::uint32_t low_parity = 0;      // connections on a port of the half that connect() takes first
  std::uint32_t other_parity = 0;    // of the other half
  std::uint32_t destinations = 0;    // distinct, as far as they were kept
  // Of other_parity: to a destination that has not used up its first half, nor had before.
  std::uint32_t out_of_turn = 0;
  // How many ports would serve two destinations at least, had each destination's ports been chosen by themselves.
  std::uint32_t expected_shared = 0;
};

// SYN_SENT by the port asked for, and by the host asked.
struct SynSentByPort {
  std::uint16_t port = 0;
  std::uint32_t hosts = 0;  // distinct
  std::uint32_t asked = 0;
  std::uint32_t unanswered = 0;
};
struct SynSentByHost {
  IpAddress host;
  std::uint32_t ports = 0;  // distinct
  std::uint32_t asked = 0;
};

// A peer with which connections do not end.
struct SlowPeer {
  IpAddress address;
  std::uint32_t close_wait = 0;
  std::uint32_t fin_wait_2 = 0;
  std::uint32_t unfinished = 0;  // FIN_WAIT_1, CLOSING, LAST_ACK
};

struct Traffic {
  StateCounts counts{};
  SocketOrigin origin = SocketOrigin::netlink;
  std::vector<Listener> listeners;           // by port; of more than kMostListeners those in the worst trouble
  std::vector<DestinationUse> destinations;  // the busiest, most ports first
  std::vector<SourceUse> sources;            // most ports first
  std::vector<SynSentByPort> asking;         // most hosts first
  std::vector<SynSentByHost> asked_hosts;    // most ports first
  std::vector<SlowPeer> slow_peers;          // most sockets first
  std::vector<std::uint16_t> service_ports;  // well-known ones that connections opened here use, ascending
  std::uint64_t time_wait_served = 0;        // TIME_WAIT of connections that this host accepted
  std::uint64_t fin_wait_2_objects = 0;      // FIN_WAIT_2 that nobody holds
  std::uint64_t retransmitted_unfinished = 0;
  std::uint64_t left_out = 0;             // sockets whose destination found no room
  std::vector<std::uint32_t> close_wait;  // inodes of sockets in that state, ascending; at most kMostInodes of each
  std::vector<std::uint32_t> syn_sent;
  std::vector<std::uint32_t> fin_wait_2;
};

inline constexpr std::size_t kMostDestinations = 32768;
inline constexpr std::size_t kMostListeners = 4096;
inline constexpr std::size_t kMostInodes = 16384;
inline constexpr std::size_t kMostShown = 8;  // of each list of a Traffic

// How many connections wait for which listener, by its inode and port, some time before read_traffic(). At most
// kMostListeners; without those for which none waits.
using Waiting = std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint32_t>;
[[nodiscard]] Result<Waiting> read_waiting(SocketSource& sockets);

// Error: as SocketSource::dump().
[[nodiscard]] Result<Traffic> read_traffic(SocketSource& sockets, const PortSettings& ports);

}  // namespace twctl
