// Platform -> everything that doctor judges by, as one value. The counters are read twice, some time apart, because
// only what grows now is a trouble now.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "diagnose/live_settings.hpp"
#include "diagnose/traffic.hpp"
#include "platform/platform.hpp"

namespace twctl {

struct Examination {
  HostFacts host;
  LiveSettings settings;
  PortSettings ports;
  Counters before;
  Counters after;
  double seconds = 0;  // between the two; 0: not sampled, `before` is empty
  Traffic traffic;
  SocketOwners close_wait_owners;  // of traffic.close_wait, and so on
  SocketOwners syn_sent_owners;
  SocketOwners fin_wait_2_owners;
  SocketOwners listener_owners;  // of listeners that are in trouble, in the order of traffic.listeners; see owner_of()
  std::vector<std::uint32_t> listener_inodes;  // ascending
  // Of the sockets in CLOSE_WAIT: for how long at least, because since then the peer has sent nothing.
  std::vector<std::uint32_t> close_wait_ms;  // descending; empty: the source does not tell
};

// How long to sample, and whom to tell of it. 0: no sampling; nor is a captured host sampled.
struct Sampling {
  std::chrono::milliseconds interval{1000};
  std::function<void(double part)> progress = [](double) {};  // 0 to 1
};

// Error: as Platform::host_facts() and SocketSource; interrupted.
[[nodiscard]] Result<Examination> examine(Platform& platform, const Sampling& sampling);

// What a counter says: how much it has grown in the interval, or, not sampled, since the namespace began.
struct Growth {
  std::int64_t count = 0;  // in the interval; all of them if not sampled
  bool now = false;        // it was sampled and has grown
};
[[nodiscard]] Growth growth_of(const Examination& examination, std::string_view counter);
[[nodiscard]] Growth growth_of(const Examination& examination, std::initializer_list<std::string_view> counters);

// "in 1.0 s", "since this network namespace began".
[[nodiscard]] std::string span_text(const Examination& examination);

}  // namespace twctl
