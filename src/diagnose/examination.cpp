#include "diagnose/examination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "catalog/keys.hpp"
#include "observe/observe.hpp"
#include "observe/wait.hpp"

namespace twctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kProgressStep(100);

milliseconds now(Platform& platform) { return std::chrono::duration_cast<milliseconds>(platform.timers().now()); }

// Of a captured host they are not known: its copies are read here, and written there.
Result<Obstacles> find_obstacles(Platform& platform, const HostFacts& host) {
  if (host.captured) return Obstacles{};
  TRY(const LiveValue range, platform.settings().read(*find_setting(keys::kPortRange)));
  return Obstacles{.read_only = range.read_only, .mortal_init = platform.timers().surroundings().mortal_init};
}

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

// The queues are read within the time that the counters are watched: nothing that comes into one goes uncounted.
Result<void> read_counters(Platform& platform, const Sampling& sampling, Examination& examination, Waiting& waiting) {
  const bool sampled = sampling.interval.count() > 0 && !examination.host.captured;
  if (sampled) {
    platform.run().catch_interrupts();
    const milliseconds start = now(platform);
    TRY(examination.before, platform.sockets().counters());
    TRY(waiting, read_waiting(platform.sockets()));
    TRY_VOID(wait_between(platform, sampling));
    examination.seconds = static_cast<double>((now(platform) - start).count()) / 1000;
  }
  TRY(examination.after, platform.sockets().counters());
  if (!examination.host.captured) return {};
  TRY(auto earlier, platform.sockets().earlier_counters());
  if (!earlier) return {};
  examination.before = std::move(earlier->counters);
  examination.seconds = earlier->seconds;
  return {};
}

void add_waiting(const Waiting& waiting, std::vector<Listener>& listeners) {
  for (Listener& listener : listeners) {
    const auto before = waiting.find({listener.inode, listener.port});
    if (before != waiting.end()) listener.waited_before = before->second;
  }
}

bool is_in_trouble(const Listener& listener) {
  return listener.drops > 0 || listener.half_open > 0 || listener.waiting > 0;
}

// Who holds the sockets that somebody may ask about. One walk over the processes answers for all of them.
class Owners {
 public:
  Owners(SocketSource& sockets, const Traffic& traffic) {
    for (const auto* some : {&traffic.close_wait, &traffic.syn_sent, &traffic.fin_wait_2}) {
      inodes_.insert(inodes_.end(), some->begin(), some->end());
    }
    for (const Listener& listener : traffic.listeners) {
      if (is_in_trouble(listener) && listener.inode != 0) inodes_.push_back(listener.inode);
    }
    std::sort(inodes_.begin(), inodes_.end());
    inodes_.erase(std::unique(inodes_.begin(), inodes_.end()), inodes_.end());
    if (!inodes_.empty()) owners_ = sockets.owners(inodes_);
  }

  [[nodiscard]] int hidden() const { return owners_.hidden; }

  // "" if nobody was seen.
  [[nodiscard]] std::string holder_of(std::uint32_t inode) const {
    const std::uint32_t owner = owner_of(inode);
    return owner == SocketOwners::kNobody ? "" : name_of(owners_.processes.at(owner));
  }

  [[nodiscard]] Holders holders_of(const std::vector<std::uint32_t>& inodes) const {
    std::map<std::uint32_t, std::uint32_t> counts;
    for (const std::uint32_t inode : inodes) {
      if (const std::uint32_t owner = owner_of(inode); owner != SocketOwners::kNobody) ++counts[owner];
    }
    Holders holders;
    for (const auto& [owner, count] : counts) holders.most.push_back({name_of(owners_.processes.at(owner)), count});
    std::stable_sort(holders.most.begin(), holders.most.end(),
                     [](const Holder& a, const Holder& b) { return a.sockets > b.sockets; });
    const std::size_t shown = std::min(holders.most.size(), kMostShown);
    holders.others = static_cast<std::uint32_t>(holders.most.size() - shown);
    holders.most.resize(shown);
    return holders;
  }

 private:
  [[nodiscard]] std::uint32_t owner_of(std::uint32_t inode) const {
    const auto at = std::lower_bound(inodes_.begin(), inodes_.end(), inode);
    if (at == inodes_.end() || *at != inode) return SocketOwners::kNobody;
    return owners_.owner.at(static_cast<std::size_t>(at - inodes_.begin()));
  }

  std::vector<std::uint32_t> inodes_;
  SocketOwners owners_;
};

void find_owners(Platform& platform, Examination& examination) {
  Traffic& traffic = examination.traffic;
  const Owners owners(platform.sockets(), traffic);
  examination.hidden_processes = owners.hidden();
  examination.close_wait_holders = owners.holders_of(traffic.close_wait);
  examination.syn_sent_holders = owners.holders_of(traffic.syn_sent);
  examination.fin_wait_2_holders = owners.holders_of(traffic.fin_wait_2);
  for (Listener& listener : traffic.listeners) listener.holder = owners.holder_of(listener.inode);
}

// Only where there are any: the details make each answer longer, and it is a further walk over the table.
Result<void> read_close_wait_ages(Platform& platform, Examination& examination) {
  std::optional<CloseWaitAges>& ages = examination.close_wait_ages;
  if (count_of(examination.traffic.counts, TcpState::close_wait) == 0) return {};
  const auto take = [&](std::span<const Socket> sockets) {
    for (const Socket& socket : sockets) {
      if (!socket.idle_ms) continue;
      if (!ages) ages.emplace();
      ages->held += *socket.idle_ms >= kShortWhileMs ? 1U : 0U;
      ages->oldest_ms = std::max<std::int64_t>(ages->oldest_ms, *socket.idle_ms);
    }
  };
  return platform.sockets().dump({.states = {TcpState::close_wait}, .details = true},
                                 {.restart = [&] { ages.reset(); }, .take = take});
}

}  // namespace

Result<Examination> examine(Platform& platform, const Sampling& sampling) {
  Examination examination;
  TRY(examination.host, platform.host_facts());
  TRY_VOID(check_live_here(examination.host));
  TRY(examination.settings, read_live_settings(platform.settings()));
  examination.ports = port_settings(examination.settings, examination.host).value_or(PortSettings{});
  TRY(examination.obstacles, find_obstacles(platform, examination.host));
  examination.tcp_hash_entries = tcp_hash_entries(platform.files());
  Waiting waiting;
  TRY_VOID(read_counters(platform, sampling, examination, waiting));
  TRY(examination.traffic, read_traffic(platform.sockets(), examination.ports));
  add_waiting(waiting, examination.traffic.listeners);
  TRY_VOID(read_close_wait_ages(platform, examination));
  find_owners(platform, examination);
  examination.other_namespaces = platform.other_network_namespaces(kEveryProcess);
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
