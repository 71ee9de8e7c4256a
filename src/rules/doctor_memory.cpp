// What ends connections at once for want of memory: too many orphans, TCP's own limit. Both numbers and both limits are
// of the whole host, whichever namespace they are read in; the limits show in the initial one only.
#include <fmt/format.h>

#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl {
namespace {

constexpr std::int64_t kMostTimes = 4;  // that the kernel counts one orphan: tcp_out_of_resources()

std::optional<std::int64_t> most_orphans(const Examination& examination) {
  const auto limit = number_of(examination.settings, keys::kMaxOrphans);
  return limit && *limit > 0 ? limit : std::nullopt;
}

// So many that the kernel resets those whose peer it doubts.
bool orphans_are_reset(const Examination& examination) {
  const auto limit = most_orphans(examination);
  return limit && kMostTimes * counter_of(examination, "sockstat.TCP.orphan") > *limit;
}

std::string aborts_text(const Examination& examination, const Growth& aborts) {
  const std::int64_t failed = growth_of(examination, "TcpExt.TCPAbortFailed").count;
  return fmt::format("TCPAbortOnMemory rose by {} {}{}", aborts.count, span_text(examination),
                     failed > 0 ? fmt::format(", TCPAbortFailed by {}", failed) : "");
}

}  // namespace

std::optional<TcpMemory> tcp_memory_limits(const Examination& examination) {
  const auto found = examination.settings.find(keys::kMemory);
  if (found == examination.settings.end()) return std::nullopt;
  const auto fields = words(found->second);
  if (fields.size() != 3) return std::nullopt;
  const auto pressure = parse_decimal(fields[1]);
  const auto most = parse_decimal(fields[2]);
  if (!pressure || !most) return std::nullopt;
  return TcpMemory{.pressure = *pressure, .most = *most};
}

namespace rules {

void orphans_near_limit(const Examination& examination, FindingSink& found) {
  const std::int64_t orphans = counter_of(examination, "sockstat.TCP.orphan");
  const auto limit = most_orphans(examination);
  const Growth aborts = growth_of(examination, "TcpExt.TCPAbortOnMemory");
  const bool near = is_nearly(orphans, limit);
  const bool resets = orphans_are_reset(examination) && counter_of(examination, "TcpExt.TCPAbortOnMemory") > 0;
  if (!near && !resets) return;
  Finding& finding = found.add(keys::kMaxOrphans, fmt::format("{} orphans on this host, of at most {} ({}).", orphans,
                                                              *limit, percent_text(orphans, *limit)));
  if (resets) {
    finding.evidence += fmt::format(
        " {}. An orphan counts twice if its peer has been silent for long, twice after an ICMP error, four times after "
        "both: resets begin at a quarter of the limit.",
        aborts_text(examination, aborts));
  }
  const bool goes_on = aborts.now || examination.seconds <= 0;
  finding.severity = near || goes_on ? Severity::warning : Severity::info;
  if (resets && goes_on) {
    finding.headline = aborts.now ? "too many orphans: connections are reset before their data is sent"
                                  : "many orphans, and connections have been reset for want of memory";
  }
  finding.figures = {{"orphans", orphans}, {"tcp_max_orphans", *limit}, {"aborts_on_memory", aborts.count}};
}

void tcp_memory(const Examination& examination, FindingSink& found) {
  const auto limits = tcp_memory_limits(examination);
  const std::int64_t pages = counter_of(examination, "sockstat.TCP.mem");
  const Growth pressures = growth_of(examination, "TcpExt.TCPMemoryPressures");
  const Growth aborts = growth_of(examination, "TcpExt.TCPAbortOnMemory");
  const bool out = limits && pages >= limits->most;
  const bool pressed = limits && pages >= limits->pressure;
  const bool aborted = aborts.now && !orphans_are_reset(examination);
  if (!pressed && !pressures.now && !aborted) return;
  std::string text = limits ? fmt::format("TCP holds {} pages of memory; it saves from {} on, and {} are the most.",
                                          pages, limits->pressure, limits->most)
                            : fmt::format(
                                  "TCP holds {} pages of memory on this host; the limits (tcp_mem) do not show "
                                  "in this network namespace.",
                                  pages);
  if (pressures.now) text += fmt::format(" It began to save {} times {}.", pressures.count, span_text(examination));
  if (aborts.now) text += fmt::format(" {}.", aborts_text(examination, aborts));
  if (aborted && !most_orphans(examination)) text += " Too many orphans are counted there too.";
  Finding& finding = found.add(keys::kMemory, std::move(text));
  finding.severity = out ? Severity::error : Severity::warning;
  if (out) finding.headline = "out of TCP memory: data is dropped and connections are reset now";
  finding.figures = {{"tcp_memory_pages", pages}, {"aborts_on_memory", aborts.count}};
  if (limits) finding.figures.push_back({"tcp_memory_most", limits->most});
}

}  // namespace rules
}  // namespace twctl
