#include "diagnose/socket_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>

#include "diagnose/bounded_table.hpp"
#include "diagnose/stopped_servers.hpp"

namespace twctl {
namespace {

using SmallCounts = std::array<std::uint32_t, kTcpStates>;  // half the size: there are many of them
using Ports = std::bitset<65536>;

constexpr std::size_t kMostHeldSockets = 512U * 1024;  // 8 bytes each while owners are looked for

std::size_t index_of(const Socket& socket) { return static_cast<std::size_t>(socket.state); }

StateCounts widened(const SmallCounts& counts) {
  StateCounts wide{};
  std::copy(counts.begin(), counts.end(), wide.begin());
  return wide;
}

// Adds up by a key. `key_of`: Socket -> Key.
template <class Key>
class Tally {
 public:
  template <class KeyOf>
  Result<void> read(SocketSource& sockets, SocketSummary& summary, KeyOf key_of) {
    const auto restart = [&] {
      table_.clear();
      summary.counts = {};
      summary.other.counts = {};
    };
    const auto take = [&](std::span<const Socket> piece) {
      for (const Socket& socket : piece) add(socket, key_of(socket), summary);
    };
    return sockets.dump({}, {.restart = restart, .take = take});
  }

  template <class NameOf>
  void put_into(SocketSummary& summary, NameOf name_of) const {
    table_.for_each([&](const Key& key, const SmallCounts& counts) {
      SocketGroup group = name_of(key);
      group.counts = widened(counts);
      summary.groups.push_back(std::move(group));
    });
  }

 private:
  void add(const Socket& socket, const Key& key, SocketSummary& summary) {
    ++summary.counts.at(index_of(socket));
    if (SmallCounts* counts = table_.find_or_add(key)) {
      ++counts->at(index_of(socket));
    } else {
      ++summary.other.counts.at(index_of(socket));
    }
  }

  BoundedTable<Key, SmallCounts> table_{kMostGroups};
};

// Who listens on the port of a connection: this host, at whose end of it we look; this host, at whose other end we look
// (a client of a server beside it, at whichever of the host's addresses); nobody, though the port is of this host (its
// server has stopped); another host.
enum class Served : std::uint16_t { here, here_for_a_client, by_nobody, elsewhere };

struct ServicePort {
  std::uint16_t port = 0;
  Served served = Served::elsewhere;
  friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

std::string_view words_for(Served served) {
  switch (served) {
    case Served::here:
      return "served here";
    case Served::here_for_a_client:
      return "here, client end";
    case Served::by_nobody:
      return "here, no listener";
    case Served::elsewhere:
      break;
  }
  return "elsewhere";
}

struct Servers {
  Ports listening;
  std::vector<IpAddress> addresses;  // of this host, sorted
  StoppedServers stopped = {};
};

ServicePort service_port(const Socket& socket, const Servers& servers, const LocalPorts& local) {
  const Ports& served = servers.listening;
  if (served.test(socket.local_port)) return {.port = socket.local_port, .served = Served::here};
  const bool beside = is_beside(socket.local, socket.remote) ||
                      std::binary_search(servers.addresses.begin(), servers.addresses.end(), socket.remote);
  if (beside && served.test(socket.remote_port)) {
    return {.port = socket.remote_port, .served = Served::here_for_a_client};
  }
  if (was_accepted(socket, local) || servers.stopped.accepted(socket))
    return {.port = socket.local_port, .served = Served::by_nobody};
  return {.port = socket.remote_port, .served = beside ? Served::by_nobody : Served::elsewhere};
}

Result<Ports> listening_ports(SocketSource& sockets) {
  Ports ports;
  TRY_VOID(sockets.dump({.states = {TcpState::listen}}, {.restart = [&] { ports.reset(); },
                                                         .take =
                                                             [&](std::span<const Socket> piece) {
                                                               for (const Socket& socket : piece)
                                                                 ports.set(socket.local_port);
                                                             }}));
  return ports;
}

struct HeldSocket {
  std::uint32_t inode = 0;
  TcpState state = TcpState::closed;
};

// Sockets without an inode have no process: TIME_WAIT, SYN_RECV, and what was closed and is not finished.
struct Holding {
  SocketSummary& summary;
  std::vector<HeldSocket> held = {};
  SocketGroup nobody = {.name = "no process", .number = {}, .counts = {}};

  void restart() {
    held.clear();
    nobody.counts = summary.counts = summary.other.counts = {};
  }

  void take(const Socket& socket) {
    ++summary.counts.at(index_of(socket));
    if (socket.inode == 0) {
      ++nobody.counts.at(index_of(socket));
    } else if (held.size() < kMostHeldSockets) {
      held.push_back({socket.inode, socket.state});
    } else {
      ++summary.other.counts.at(index_of(socket));
    }
  }
};

Result<std::vector<HeldSocket>> held_sockets(SocketSource& sockets, SocketSummary& summary) {
  Holding holding{.summary = summary};
  TRY_VOID(sockets.dump({}, {.restart = [&] { holding.restart(); },
                             .take =
                                 [&](std::span<const Socket> piece) {
                                   for (const Socket& socket : piece) holding.take(socket);
                                 }}));
  if (total_of(holding.nobody.counts) > 0) summary.groups.push_back(holding.nobody);
  std::vector<HeldSocket> held = std::move(holding.held);
  std::sort(held.begin(), held.end(), [](const HeldSocket& a, const HeldSocket& b) { return a.inode < b.inode; });
  return held;
}

std::vector<SocketGroup> groups_for(const SocketOwners& owners) {
  std::vector<SocketGroup> groups;
  for (const SocketProcess& process : owners.processes) {
    groups.push_back({.name = name_of(process), .number = process.pid, .counts = {}});
  }
  groups.push_back({.name = "a process that could not be seen", .number = {}, .counts = {}});
  return groups;
}

Result<void> group_by_peer(SocketSource& sockets, SocketSummary& summary) {
  Tally<IpAddress> tally;
  TRY_VOID(tally.read(sockets, summary, [](const Socket& socket) { return socket.remote; }));
  tally.put_into(summary, [](const IpAddress& peer) {
    return SocketGroup{.name = is_any(peer) ? "none (listening)" : to_text(peer), .number = {}, .counts = {}};
  });
  return {};
}

Result<void> group_by_port(SocketSource& sockets, SocketSummary& summary, const LocalPorts& local) {
  Servers servers{.listening = {}, .addresses = sockets.own_addresses()};
  TRY(servers.listening, listening_ports(sockets));
  Tally<ServicePort> tally;
  const auto port_of = [&](const Socket& socket) {
    if (!servers.listening.test(socket.local_port)) servers.stopped.see(socket, local);
    return service_port(socket, servers, local);
  };
  TRY_VOID(tally.read(sockets, summary, port_of));
  if (servers.stopped.learn()) TRY_VOID(tally.read(sockets, summary, port_of));
  tally.put_into(summary, [](const ServicePort& port) {
    return SocketGroup{
        .name = fmt::format("{} {}", port.port, words_for(port.served)), .number = port.port, .counts = {}};
  });
  return {};
}

Result<void> group_by_process(SocketSource& sockets, SocketSummary& summary) {
  TRY(const std::vector<HeldSocket> held, held_sockets(sockets, summary));
  std::vector<std::uint32_t> inodes;
  inodes.reserve(held.size());
  for (const HeldSocket& socket : held) inodes.push_back(socket.inode);
  const SocketOwners owners = sockets.owners(inodes);
  std::vector<SocketGroup> groups = groups_for(owners);
  for (std::size_t i = 0; i < held.size(); ++i) {
    const std::uint32_t owner = owners.owner[i];
    SocketGroup& group = owner == SocketOwners::kNobody ? groups.back() : groups[owner];
    ++group.counts.at(static_cast<std::size_t>(held[i].state));
  }
  std::erase_if(groups, [](const SocketGroup& group) { return total_of(group.counts) == 0; });
  summary.groups.insert(summary.groups.end(), groups.begin(), groups.end());
  summary.hidden_processes = owners.hidden;
  summary.processes_known = owners.known;
  return {};
}

void add(StateCounts& sum, const StateCounts& counts) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum.at(i) += counts.at(i);
}

bool comes_first(const SocketGroup& a, const SocketGroup& b) {
  const std::uint64_t of_a = total_of(a.counts);
  const std::uint64_t of_b = total_of(b.counts);
  return of_a != of_b ? of_a > of_b : a.name < b.name;
}

// Largest first; what is too much to show goes to `other`.
void put_in_order(SocketSummary& summary) {
  std::sort(summary.groups.begin(), summary.groups.end(), comes_first);
  if (summary.groups.size() <= kGroupsShown) return;
  const bool all_known = total_of(summary.other.counts) == 0;
  if (all_known) summary.other_groups = summary.groups.size() - kGroupsShown;
  for (std::size_t i = kGroupsShown; i < summary.groups.size(); ++i)
    add(summary.other.counts, summary.groups[i].counts);
  summary.groups.resize(kGroupsShown);
}

Result<void> read_groups(SocketSource& sockets, SocketSummary& summary, const LocalPorts& local) {
  switch (*summary.by) {
    case GroupBy::peer:
      return group_by_peer(sockets, summary);
    case GroupBy::port:
      return group_by_port(sockets, summary, local);
    case GroupBy::process:
      return group_by_process(sockets, summary);
  }
  return {};
}

}  // namespace

std::string_view name_of(GroupBy by) {
  for (const auto& [name, grouping] : kGroupings) {
    if (grouping == by) return name;
  }
  return "";
}

Result<SocketSummary> summarise(SocketSource& sockets, std::optional<GroupBy> by, const LocalPorts& local) {
  SocketSummary summary;
  summary.by = by;
  if (!by) {
    TRY(summary.counts, sockets.count_states());
  } else {
    TRY_VOID(read_groups(sockets, summary, local));
    put_in_order(summary);
  }
  summary.origin = sockets.origin();
  return summary;
}

}  // namespace twctl
