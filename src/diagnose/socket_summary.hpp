// Socket source -> how many sockets are in which state, and whose they are. Adds up while it reads and keeps no socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "catalog/local_ports.hpp"
#include "diagnose/counts.hpp"
#include "platform/platform.hpp"

namespace twctl {

enum class GroupBy {
  peer,  // the remote address
  port,  // of the service: a local port that this host listens on, or that no connect() of it chooses; else the remote
  process,  // who holds the socket
};

// As `--by` takes them and the reports name them.
inline constexpr std::pair<std::string_view, GroupBy> kGroupings[] = {
    {"peer", GroupBy::peer}, {"port", GroupBy::port}, {"process", GroupBy::process}};
[[nodiscard]] std::string_view name_of(GroupBy by);

struct SocketGroup {
  std::string name;           // "10.0.0.5", "443 served here", "nginx (812)"; printable
  std::optional<int> number;  // the port, the process's number; nullopt for none
  StateCounts counts{};
};

// The groups that a summary has room for; the sockets of further ones are counted as `other`. They come in the order
// of the kernel's hash table, which is as good as random, so a group of any weight is among the first.
inline constexpr std::size_t kMostGroups = 16384;
inline constexpr std::size_t kGroupsShown = 1000;  // the largest; the sockets of the rest are in `other` too

struct SocketSummary {
  StateCounts counts{};
  SocketOrigin origin = SocketOrigin::netlink;
  std::optional<GroupBy> by;
  std::vector<SocketGroup> groups;  // most sockets first, then by name
  SocketGroup other;                // of groups that are not among `groups`
  std::size_t other_groups = 0;     // how many those are; 0 with sockets in `other`: not known
  int hidden_processes = 0;         // could not be looked into; by process only
  bool processes_known = true;
  OtherNamespaces other_namespaces = {};  // with processes in them: their sockets are not among these
};

struct CountedHost {
  SocketSummary summary;
  HostFacts facts;
};

// `local`: what connect() chooses from here, for `GroupBy::port`. Error: as SocketSource::dump().
[[nodiscard]] Result<SocketSummary> summarise(SocketSource& sockets, std::optional<GroupBy> by,
                                              const LocalPorts& local = {});

}  // namespace twctl
