// Loads that are measured in network namespaces made for them: one client, one server, a link between the two that no
// other namespace sees. All of it vanishes with the processes in it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "catalog/setting.hpp"
#include "catalog/tcp_state.hpp"
#include "catalog/value.hpp"

namespace twctl {

using SettingValues = std::vector<std::pair<const Setting*, Value>>;

enum class Side : std::uint8_t { client, server };

// Who chooses the client's port.
enum class Binding : std::uint8_t {
  none,     // connect()
  port,     // bind() to port 0, which knows no destination yet
  address,  // bind() with IP_BIND_ADDRESS_NO_PORT, which leaves it to connect()
};

inline constexpr int kMostLoadDestinations = 64;

// A client that connects, sends a byte, gets it back and closes, again and again.
struct Load {
  SettingValues client_settings = {};
  SettingValues server_settings = {};
  bool loopback = false;  // both in one namespace, over its lo; else over a veth pair
  bool ipv6 = false;
  Side closes = Side::client;  // first
  int destinations = 1;        // ports of the server, 1 to kMostLoadDestinations
  Binding binding = Binding::none;
  std::optional<PortRange> socket_range = {};  // IP_LOCAL_PORT_RANGE of the client's sockets
  int rounds = 1;                              // bytes each way of one connection
  int rate = 0;                                // attempts a second; 0: as fast as can be
  int in_flight = 64;                          // connections at a time
  std::chrono::milliseconds length{1000};
  std::int64_t most_attempts = 0;            // 0: as many as go into `length`
  bool reset = false;                        // the client closes with SO_LINGER 0
  std::chrono::milliseconds watch{0};        // how long the sockets are watched after the load
  SettingValues client_settings_later = {};  // written between the load and the watch
  bool tracks_flows = false;                 // connection tracking in the client's namespace, where the host has it
  bool half_open = false;                    // the client hears no answer, so that no handshake ends
  // The server stops listening when it has accepted `most_attempts`, and between load and watch the client sends a SYN
  // from each port that it has used: one that comes late, at a TIME_WAIT.
  bool late_syns = false;

  bool accepts = true;  // the server calls accept()
  int backlog = 4096;   // its listen()
  // How long it waits until it closes after the client has; nullopt: it never closes.
  std::optional<std::chrono::milliseconds> close_delay = std::chrono::milliseconds(0);
  bool keepalive = false;                           // SO_KEEPALIVE of its connections
  SettingValues server_settings_after_listen = {};  // written once it listens
};

struct LoadAddresses {
  IpAddress client;
  IpAddress server;
};
[[nodiscard]] LoadAddresses addresses_of(const Load& load);

// Counters of the kernel that bear witness, as SocketSource::counters() names them.
inline constexpr std::array<std::string_view, 19> kWitnesses{
    "TcpExt.TWRecycled",
    "TcpExt.TW",
    "TcpExt.TWKilled",
    "TcpExt.TCPTimeWaitOverflow",
    "TcpExt.PAWSEstab",
    "TcpExt.ListenOverflows",
    "TcpExt.ListenDrops",
    "TcpExt.TCPReqQFullDrop",
    "TcpExt.SyncookiesSent",
    "TcpExt.TCPSynRetrans",
    "TcpExt.TCPAbortOnData",
    "TcpExt.TCPAbortOnClose",
    "TcpExt.TCPAbortOnTimeout",
    "Tcp.ActiveOpens",
    "Tcp.AttemptFails",
    "Tcp.EstabResets",
    "Tcp.OutRsts",
    "sockstat.TCP.tw",
    "conntrack.entries",
};

// Of the system call connect(): it looks for a port and sends the SYN. Microseconds.
struct ConnectTimes {
  std::uint32_t p50 = 0;
  std::uint32_t p99 = 0;
  std::uint32_t most = 0;
  friend bool operator==(const ConnectTimes&, const ConnectTimes&) = default;
};

using SocketCounts = std::array<std::uint32_t, kTcpStates>;  // by TcpState

// What one side has counted since its load began.
struct LoadFigures {
  std::int64_t ms = 0;
  std::int64_t load_ms = 0;  // of the client: until its last attempt might have begun; 0 while the load goes on
  std::int64_t cpu_us = 0;
  std::int64_t attempts = 0;             // of the client: socket() to close(), whatever came of it
  std::int64_t connections = 0;          // established; of the server: accepted
  std::int64_t address_unavailable = 0;  // EADDRNOTAVAIL of connect()
  std::int64_t address_in_use = 0;       // EADDRINUSE of bind()
  std::int64_t other_errors = 0;
  std::int64_t resets = 0;              // ECONNRESET, after the connection was there
  std::int64_t before_no_port = -1;     // connects that found a port before the first that found none; -1: all did
  std::int64_t descriptors = 0;         // that this side holds open for its sockets
  ConnectTimes connect_us = {};         // of all
  ConnectTimes connect_us_lately = {};  // since the last report
  SocketCounts states = {};             // now
  SocketCounts peaks = {};              // the most that were seen
  std::array<std::int64_t, kWitnesses.size()> witnesses = {};  // their growth; -1: this kernel lacks it
  friend bool operator==(const LoadFigures&, const LoadFigures&) = default;
};

// Who is told what, while the loads run. Each side reports once a second, and once when it is done.
struct LoadSink {
  std::function<void(std::size_t load, Side side, const LoadFigures& so_far, bool is_last)> take;
  // A setting that could not be written in the namespaces; `why` is printable.
  std::function<void(std::size_t load, Side side, const Setting& setting, const std::string& why)> not_set;
  std::function<bool()> go_on;  // asked several times a second; false: each load ends now, and reports
};

class LoadBench {
 public:
  LoadBench() = default;
  LoadBench(const LoadBench&) = delete;
  LoadBench& operator=(const LoadBench&) = delete;
  virtual ~LoadBench() = default;

  // All at the same time, each in namespaces of its own, until the last has ended.
  // Error: unsupported (this kernel has no such namespaces, their number is used up, or /proc/sys is read-only),
  // denied (a policy forbids them), failed.
  [[nodiscard]] virtual Result<void> run(std::span<const Load> loads, const LoadSink& sink) = 0;
};

}  // namespace twctl
