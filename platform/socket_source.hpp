// The TCP sockets of one network namespace, who holds them, and what the kernel has counted there. Read only.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "catalog/tcp_state.hpp"

namespace twctl {

enum class SocketTimer : std::uint8_t { none, retransmit, keepalive, time_wait, probe };

struct Socket {
  TcpState state = TcpState::closed;
  SocketTimer timer = SocketTimer::none;
  std::uint8_t retransmits = 0;  // of what is not acknowledged yet; of a SYN_SENT: SYNs sent again
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  IpAddress local;
  IpAddress remote;
  std::uint32_t timer_ms = 0;               // until it fires
  std::uint32_t inode = 0;                  // 0: no process holds it
  std::uint32_t receive_queue = 0;          // bytes; of a listener: connections that wait for accept()
  std::uint32_t send_queue = 0;             // bytes; of a listener: how many may wait, 0 where the source does not tell
  std::optional<std::uint32_t> drops = {};  // of a listener: connections dropped in its life; with `details`
  std::optional<std::uint32_t> idle_ms = {};  // since the last segment from the peer; with `details`
  friend bool operator==(const Socket&, const Socket&) = default;
};

// A set of states, as bits.
class StateSet {
 public:
  constexpr StateSet() = default;
  constexpr StateSet(std::initializer_list<TcpState> states) {
    for (const TcpState state : states) bits_ |= bit(state);
  }
  static constexpr StateSet all() {
    StateSet set;
    set.bits_ = (1U << kTcpStates) - 2;
    return set;
  }
  [[nodiscard]] constexpr StateSet without(TcpState state) const {
    StateSet set = *this;
    set.bits_ &= ~bit(state);
    return set;
  }
  [[nodiscard]] constexpr bool contains(TcpState state) const { return (bits_ & bit(state)) != 0; }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }

 private:
  static constexpr std::uint32_t bit(TcpState state) { return 1U << static_cast<unsigned>(state); }
  std::uint32_t bits_ = 0;
};

struct SocketQuery {
  StateSet states = StateSet::all();
  bool details = false;  // `drops` and `idle_ms` too; the answers get larger
};

// Sockets come in pieces and are not kept: there may be a million. `restart` says that what came so far does not
// count, because the list was cut short and is being read again.
struct SocketSink {
  std::function<void()> restart;
  std::function<void(std::span<const Socket>)> take;
};

using StateCounts = std::array<std::uint64_t, kTcpStates>;  // by TcpState

enum class SocketOrigin {
  netlink,       // the kernel's socket monitoring
  table,         // the text tables, because netlink is not allowed or not there
  system_table,  // Windows: GetTcpTable and its like
  captured,      // copies of the text tables, of another time and perhaps another host
};

// By name: "TcpExt.TCPTimeWaitOverflow", "Tcp.ActiveOpens", "sockstat.TCP.tw", "conntrack.count". One that this kernel
// lacks is absent.
using Counters = std::map<std::string, std::int64_t, std::less<>>;

// Counters read before others, and how long before.
struct EarlierCounters {
  Counters counters;
  double seconds = 0;  // over 0
};

struct SocketProcess {
  int pid = 0;
  std::string name;  // printable
};

struct SocketOwners {
  static constexpr std::uint32_t kNobody = UINT32_MAX;
  std::vector<SocketProcess> processes;
  std::vector<std::uint32_t> owner;  // of each inode asked for: an index of `processes`, or kNobody that was seen
  int hidden = 0;                    // processes whose descriptors may not be looked at
  bool known = true;                 // false: nothing can be known of processes here (a captured host)
};

class SocketSource {
 public:
  SocketSource() = default;
  SocketSource(const SocketSource&) = delete;
  SocketSource& operator=(const SocketSource&) = delete;
  virtual ~SocketSource() = default;

  // How many are in each state: as dump() would count them, by a shorter way where the system has one.
  // Errors as of dump().
  [[nodiscard]] virtual Result<StateCounts> count_states() = 0;

  // Every socket in one of the states asked for. Error: failed (the list stays incomplete after several tries),
  // invalid (a captured table is damaged), unsupported (the system tells in no way, or this is an image).
  [[nodiscard]] virtual Result<void> dump(const SocketQuery& query, const SocketSink& sink) = 0;

  // Where the last answer came from.
  [[nodiscard]] SocketOrigin origin() const { return origin_; }

  // Error: unsupported, invalid (a damaged file).
  [[nodiscard]] virtual Result<Counters> counters() = 0;

  // Of a captured host: what its counters were before counters(); nullopt: they were captured once. A live host is read
  // twice instead. Error: as counters().
  [[nodiscard]] virtual Result<std::optional<EarlierCounters>> earlier_counters() { return std::nullopt; }

  // The addresses of this network namespace, sorted; none where the system does not tell, or of a captured host.
  [[nodiscard]] virtual std::vector<IpAddress> own_addresses() { return {}; }

  // Which processes hold these sockets, as far as the rights go. `inodes` ascending.
  [[nodiscard]] virtual SocketOwners owners(std::span<const std::uint32_t> inodes) = 0;

 protected:
  SocketOrigin origin_ = SocketOrigin::netlink;
};

}  // namespace twctl
