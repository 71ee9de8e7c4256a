#include "diagnose/socket_summary.hpp"

#include <algorithm>

#include "diagnose/socket_groups.hpp"

namespace twctl {
namespace {

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

Result<void> read_groups(SocketSource& sockets, SocketSummary& summary) {
  switch (*summary.by) {
    case GroupBy::peer:
      return group_by_peer(sockets, summary);
    case GroupBy::port:
      return group_by_port(sockets, summary);
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

Result<SocketSummary> summarise(SocketSource& sockets, std::optional<GroupBy> by) {
  SocketSummary summary;
  summary.by = by;
  if (!by) {
    TRY(summary.counts, sockets.count_states());
  } else {
    TRY_VOID(read_groups(sockets, summary));
    put_in_order(summary);
  }
  summary.origin = sockets.origin();
  return summary;
}

}  // namespace twctl
