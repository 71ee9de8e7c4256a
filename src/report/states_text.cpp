#include "report/states_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/cells.hpp"
#include "base/clock_text.hpp"
#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "report/namespaces.hpp"

namespace twctl {
namespace {

constexpr std::size_t kStateColumn = 11;  // "ESTABLISHED"
constexpr std::size_t kCountColumn = 9;
constexpr std::size_t kLeastNameColumn = 16;  // "over 1234 others"
constexpr std::size_t kGroupsInText = 20;
constexpr std::size_t kMostStateColumns = 4;
constexpr std::string_view kRamp = " .:-=+*#%@";

// The states that a table of groups has a column for: the commonest, in the usual order.
std::vector<TcpState> commonest(const StateCounts& counts, std::size_t limit) {
  std::vector<TcpState> states = counted_states();
  std::erase_if(states, [&](TcpState state) { return count_of(counts, state) == 0; });
  std::vector<TcpState> by_count = states;
  std::stable_sort(by_count.begin(), by_count.end(),
                   [&](TcpState a, TcpState b) { return count_of(counts, a) > count_of(counts, b); });
  if (by_count.size() > limit) by_count.resize(limit);
  std::erase_if(states,
                [&](TcpState state) { return std::find(by_count.begin(), by_count.end(), state) == by_count.end(); });
  return states;
}

std::string cell(std::string_view text, std::size_t width) {
  const std::size_t taken = cells_of(text);
  return "  " + std::string(taken < width ? width - taken : 0, ' ') + std::string(text);
}

std::size_t longest_name(const SocketSummary& summary, std::size_t shown) {
  std::size_t longest = kLeastNameColumn;
  for (std::size_t i = 0; i < shown; ++i) longest = std::max(longest, cells_of(escape(summary.groups[i].name)));
  return longest;
}

class GroupTable {
 public:
  GroupTable(const SocketSummary& summary, std::size_t columns, std::size_t shown)
      : name_(longest_name(summary, shown)), states_(commonest(summary.counts, room(columns))) {}

  [[nodiscard]] std::string heading(GroupBy by) const {
    std::string line = "  " + padded(name_of(by), name_) + cell("sockets", kCountColumn);
    for (const TcpState state : states_) line += cell(name_of(state), kStateColumn);
    return line;
  }

  [[nodiscard]] std::string row(const SocketGroup& group) const {
    std::string line =
        "  " + padded(escape(group.name), name_) + cell(std::to_string(total_of(group.counts)), kCountColumn);
    for (const TcpState state : states_) line += cell(std::to_string(count_of(group.counts, state)), kStateColumn);
    return line + "\n";
  }

 private:
  [[nodiscard]] std::size_t room(std::size_t columns) const {
    const std::size_t taken = 2 + name_ + 2 + kCountColumn;
    const std::size_t left = columns > taken ? (columns - taken) / (kStateColumn + 2) : 0;
    return std::min(left, kMostStateColumns);
  }

  std::size_t name_;
  std::vector<TcpState> states_;
};

// What stands below the rows: the sockets of the groups that are not among them.
std::string other_row(const SocketSummary& summary, const GroupTable& table, std::size_t shown) {
  SocketGroup rest = summary.other;
  for (std::size_t i = shown; i < summary.groups.size(); ++i) {
    for (std::size_t s = 0; s < rest.counts.size(); ++s) rest.counts.at(s) += summary.groups[i].counts.at(s);
  }
  if (total_of(rest.counts) == 0) return "";
  const bool all_known = summary.other_groups > 0 || total_of(summary.other.counts) == 0;
  const std::size_t groups = summary.groups.size() - shown + summary.other_groups;
  rest.name = all_known ? fmt::format("{} others", groups) : fmt::format("over {} others", groups);
  return table.row(rest);
}

std::string groups_text(const SocketSummary& summary, const Screen& screen, std::size_t limit) {
  const std::size_t shown = std::min(limit, summary.groups.size());
  const GroupTable table(summary, screen.columns, shown);
  std::string text = inked(screen, Ink::strong, table.heading(*summary.by)) + "\n";
  for (std::size_t i = 0; i < shown; ++i) text += table.row(summary.groups[i]);
  return text + other_row(summary, table, shown);
}

std::string_view origin_text(SocketOrigin origin) {
  switch (origin) {
    case SocketOrigin::netlink:
    case SocketOrigin::system_table:
      return "";
    case SocketOrigin::table:
      return "read from the text tables: netlink is not allowed here";
    case SocketOrigin::captured:
      return "as captured";
  }
  return "";
}

std::string notes_text(const SocketSummary& summary, const Screen& screen) {
  std::string text;
  if (!summary.processes_known) text += wrapped("Processes are not part of a captured host.", screen.columns, "note: ");
  if (summary.hidden_processes > 0) {
    text += wrapped(fmt::format("{} could not be looked into: root with CAP_SYS_PTRACE sees whose sockets those are.",
                                summary.hidden_processes == 1 ? "one process"
                                                              : fmt::format("{} processes", summary.hidden_processes)),
                    screen.columns, "note: ");
  }
  text +=
      wrapped(others_text(summary.other_namespaces, "counted", "twctl states --all-netns"), screen.columns, "note: ");
  return text.empty() ? "" : "\n" + text;
}

std::string host_name(const HostFacts& host) { return host.hostname.empty() ? "this host" : escape(host.hostname); }

std::string title_of(const SocketSummary& summary, const HostFacts& host, const Screen& screen) {
  std::vector<std::string> facts;
  if (!host.netns.empty()) facts.push_back("network namespace " + escape(host.netns));
  if (const auto text = origin_text(summary.origin); !text.empty()) facts.emplace_back(text);
  const std::string title = inked(screen, Ink::strong, "TCP sockets of " + host_name(host));
  return title + (facts.empty() ? "" : ": " + join(facts, ", ")) + "\n\n";
}

std::string heading_text(const PictureHeading& heading, const Screen& screen) {
  const std::string netns = heading.host.netns.empty() ? "" : ", network namespace " + escape(heading.host.netns);
  return wrapped(fmt::format("TCP sockets of {}{}, {}, every {} s; Ctrl-C ends", host_name(heading.host), netns,
                             time_text(heading.time), heading.interval),
                 screen.columns) +
         wrapped("Each mark is one count, the newest at the right: blank none, @ the row's most", screen.columns) +
         "\n";
}

std::string state_row(std::string_view name, std::uint64_t count) {
  return fmt::format("  {:<{}}  {:>{}}\n", name, kStateColumn, count, kCountColumn);
}

std::string state_table(const StateCounts& counts, bool all) {
  std::string text;
  for (const TcpState state : counted_states()) {
    if (all || count_of(counts, state) > 0) text += state_row(name_of(state), count_of(counts, state));
  }
  return text + state_row("total", total_of(counts));
}

// Where to go on from a number that makes people ask.
std::string many_text(const StateCounts& counts, const HostFacts& host, const Screen& screen) {
  constexpr std::uint64_t kManyCloseWait = 10;
  constexpr std::uint64_t kManyTimeWait = 1000;
  std::string text;
  const auto note = [&](TcpState state, std::uint64_t many) {
    if (count_of(counts, state) < many) return;
    text += wrapped(fmt::format("{0}: `twctl doctor{1}` says whether it does harm, `twctl explain {0}` who has to act.",
                                name_of(state), where_words("", host.netns)),
                    screen.columns, "note: ");
  };
  note(TcpState::close_wait, kManyCloseWait);
  note(TcpState::time_wait, kManyTimeWait);
  return text;
}

}  // namespace

std::string states_text(const SocketSummary& summary, const HostFacts& host, const Screen& screen, Detail detail) {
  const bool verbose = detail == Detail::verbose;
  std::string text = detail == Detail::quiet ? "" : title_of(summary, host, screen);
  text += state_table(summary.counts, verbose);
  if (summary.by) text += "\n" + groups_text(summary, screen, verbose ? kGroupsShown : kGroupsInText);
  const std::string notes = notes_text(summary, screen);
  const std::string many = detail == Detail::quiet ? "" : many_text(summary.counts, host, screen);
  return text + (notes.empty() && !many.empty() ? "\n" : "") + notes + many;
}

std::string states_all_text(const InNamespaces<CountedHost>& spaces, const Screen& screen, Detail detail) {
  return namespaces_text(
      spaces, screen, [&](const CountedHost& host) { return states_text(host.summary, host.facts, screen, detail); });
}

std::string sparkline(const StateHistory& history, TcpState state, std::size_t columns) {
  const std::size_t shown = std::min(columns, history.size());
  std::uint64_t most = 0;
  for (std::size_t i = history.size() - shown; i < history.size(); ++i)
    most = std::max(most, count_of(history[i], state));
  std::string line;
  for (std::size_t i = history.size() - shown; i < history.size(); ++i) {
    const std::uint64_t count = count_of(history[i], state);
    const double part = static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(most, 1));
    line += count == 0 ? ' ' : kRamp[1 + static_cast<std::size_t>(static_cast<double>(kRamp.size() - 2) * part)];
  }
  return line;
}

std::string states_picture(const SocketSummary& summary, const StateHistory& history, const PictureHeading* heading,
                           const Screen& screen, std::size_t lines) {
  const std::size_t taken = 2 + kStateColumn + 2 + kCountColumn + 2;
  const std::size_t columns = screen.columns > taken ? screen.columns - taken : 0;
  std::string text = heading != nullptr ? heading_text(*heading, screen) : "";
  const auto above = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const bool has_room = above + counted_states().size() + 1 <= lines;
  if (!has_room) text.clear();
  std::size_t used = 1 + (has_room ? above : 0);
  for (const TcpState state : counted_states()) {
    if (state == TcpState::closed && count_of(summary.counts, state) == 0) continue;
    if (used + 1 >= lines) break;
    text += fmt::format("  {:<{}}  {:>{}}  {}\n", name_of(state), kStateColumn, count_of(summary.counts, state),
                        kCountColumn, sparkline(history, state, columns));
    ++used;
  }
  text += state_row("total", total_of(summary.counts));
  constexpr std::size_t kAroundGroups = 3;  // an empty line, the headings, the others
  if (!summary.by || used + kAroundGroups >= lines) return text;
  return text + "\n" + groups_text(summary, screen, lines - used - kAroundGroups);
}

}  // namespace twctl
