#include "diagnose/examination.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "observe/wait.hpp"

namespace twctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kProgressStep(100);

milliseconds now(Platform& platform) { return std::chrono::duration_cast<milliseconds>(platform.timers().now()); }

Result<void> wait_between(Platform& platform, const Sampling& sampling) {
  for (milliseconds waited(0); waited < sampling.interval; waited += kProgressStep) {
    sampling.progress(static_cast<double>(waited.count()) / static_cast<double>(sampling.interval.count()));
    if (!wait(platform, std::min(sampling.interval - waited, kProgressStep))) {
      return fail(ErrorCode::interrupted, "interrupted while sampling");
    }
  }
  sampling.progress(1);
  return {};
}

Result<void> read_counters(Platform& platform, const Sampling& sampling, Examination& examination) {
  const bool sampled = sampling.interval.count() > 0 && !examination.host.captured;
  if (sampled) {
    platform.catch_interrupts();
    const milliseconds start = now(platform);
    TRY(examination.before, platform.sockets().counters());
    TRY_VOID(wait_between(platform, sampling));
    examination.seconds = static_cast<double>((now(platform) - start).count()) / 1000;
  }
  TRY(examination.after, platform.sockets().counters());
  return {};
}

// One walk over the processes serves all four questions.
void find_owners(Platform& platform, Examination& examination) {
  const Traffic& traffic = examination.traffic;
  for (const Listener& listener : traffic.listeners) {
    const bool troubled = listener.drops > 0 || listener.half_open > 0 || listener.waiting > 0;
    if (troubled && listener.inode != 0) examination.listener_inodes.push_back(listener.inode);
  }
  std::sort(examination.listener_inodes.begin(), examination.listener_inodes.end());
  const auto ask = [&](const std::vector<std::uint32_t>& inodes) {
    return inodes.empty() ? SocketOwners{} : platform.sockets().owners(inodes);
  };
  examination.close_wait_owners = ask(traffic.close_wait);
  examination.syn_sent_owners = ask(traffic.syn_sent);
  examination.fin_wait_2_owners = ask(traffic.fin_wait_2);
  examination.listener_owners = ask(examination.listener_inodes);
}

// Only where there are any: the details make each answer longer, and it is a further walk over the table.
Result<void> read_close_wait_ages(Platform& platform, Examination& examination) {
  std::vector<std::uint32_t>& ages = examination.close_wait_ms;
  if (count_of(examination.traffic.counts, TcpState::close_wait) == 0) return {};
  const auto take = [&](std::span<const Socket> sockets) {
    for (const Socket& socket : sockets) {
      if (socket.idle_ms && ages.size() < kMostInodes) ages.push_back(*socket.idle_ms);
    }
  };
  TRY_VOID(platform.sockets().dump({.states = {TcpState::close_wait}, .details = true},
                                   {.restart = [&] { ages.clear(); }, .take = take}));
  std::sort(ages.begin(), ages.end(), std::greater<>());
  return {};
}

}  // namespace

Result<Examination> examine(Platform& platform, const Sampling& sampling) {
  Examination examination;
  TRY(examination.host, platform.host_facts());
  TRY(examination.settings, read_live_settings(platform.settings()));
  examination.ports = port_settings(examination.settings).value_or(PortSettings{});
  TRY_VOID(read_counters(platform, sampling, examination));
  TRY(examination.traffic, read_traffic(platform.sockets(), examination.ports));
  TRY_VOID(read_close_wait_ages(platform, examination));
  find_owners(platform, examination);
  return examination;
}

Growth growth_of(const Examination& examination, std::string_view counter) {
  const auto after = examination.after.find(counter);
  if (after == examination.after.end()) return {};
  if (examination.seconds <= 0) return {.count = after->second, .now = false};
  const auto before = examination.before.find(counter);
  const std::int64_t grown = before == examination.before.end() ? 0 : after->second - before->second;
  return {.count = std::max<std::int64_t>(grown, 0), .now = grown > 0};
}

Growth growth_of(const Examination& examination, std::initializer_list<std::string_view> counters) {
  Growth sum;
  for (const std::string_view counter : counters) {
    const Growth one = growth_of(examination, counter);
    sum.count += one.count;
    sum.now = sum.now || one.now;
  }
  return sum;
}

std::string span_text(const Examination& examination) {
  return examination.seconds > 0 ? fmt::format("in {:.1f} s", examination.seconds)
                                 : "since this network namespace began";
}

}  // namespace twctl
