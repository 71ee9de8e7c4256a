// Platform -> everything that doctor judges by, as one value. The counters are read twice, some time apart, because
// only a counter that still grows shows a trouble of now. It is small and holds no socket, so it can be saved and
// judged elsewhere
// (`twctl snapshot --sockets`).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "diagnose/live_settings.hpp"
#include "diagnose/traffic.hpp"
#include "platform/platform.hpp"

namespace twctl {

// The processes that hold sockets of one kind, most sockets first.
struct Holder {
  std::string name;  // "nginx (812)"; printable
  std::uint32_t sockets = 0;
};
struct Holders {
  std::vector<Holder> most;  // at most kMostShown
  std::uint32_t others = 0;  // further processes
};

// Of the sockets in CLOSE_WAIT: for how long at least, because since then the peer has sent nothing.
struct CloseWaitAges {
  std::uint64_t held = 0;  // for longer than a program takes to answer and close: kShortWhileMs
  std::int64_t oldest_ms = 0;
};
inline constexpr std::uint32_t kShortWhileMs = 1000;

// What keeps the commands that help from doing so where twctl runs.
struct Obstacles {
  bool read_only = false;  // nobody may write settings here
  // DeadlineTimers::Surroundings::mortal_init, raw: a change cannot go back by itself.
  std::optional<std::string> mortal_init = {};
};

struct Examination {
  HostFacts host;
  LiveSettings settings;
  PortSettings ports;
  Obstacles obstacles = {};
  std::int64_t tcp_hash_entries = 0;  // as of the snapshot: half of it is tcp_max_tw_buckets' default; 0: not known
  Counters before;
  Counters after;
  double seconds = 0;  // between the two; 0: not sampled, `before` is empty
  Traffic traffic;
  std::optional<CloseWaitAges> close_wait_ages;  // nullopt: there are none, or the source does not tell
  Holders close_wait_holders;
  Holders syn_sent_holders;
  Holders fin_wait_2_holders;
  int hidden_processes = 0;          // could not be looked into
  OtherNamespaces other_namespaces;  // with processes in them: nothing here is said of those
};

// How long to sample, and whom to tell of it. 0: no sampling. Of a captured host what was captured counts instead.
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
