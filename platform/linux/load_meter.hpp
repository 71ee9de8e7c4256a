// What one side of a load counts, by itself and by the kernel of its network namespace.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "platform/load_bench.hpp"
#include "platform/socket_source.hpp"

namespace twctl {

using LoadClock = std::chrono::steady_clock;

// Times in classes that are an eighth of their size wide at most, so that a million of them take no more room than ten.
class TimeClasses {
 public:
  void add(std::uint32_t microseconds);
  [[nodiscard]] ConnectTimes times() const;

 private:
  static constexpr std::size_t kPerOctave = 16;
  static constexpr std::size_t kClasses = 30 * kPerOctave / 2;
  [[nodiscard]] std::uint32_t at_rank(std::uint64_t rank) const;

  std::array<std::uint32_t, kClasses> counts_{};
  std::uint64_t count_ = 0;
  std::uint32_t most_ = 0;
};

class LoadMeter {
 public:
  explicit LoadMeter(SocketSource& sockets) : sockets_(sockets) {}

  void begin();  // what grows is counted from here on

  LoadFigures figures;  // what the side itself counts
  void connected_in(std::uint32_t microseconds);

  void look_at_states();               // also for the peaks
  [[nodiscard]] LoadFigures report();  // all of it, as of now
  [[nodiscard]] LoadClock::time_point began() const { return begin_; }

 private:
  SocketSource& sockets_;
  LoadClock::time_point begin_;
  Counters before_;
  std::int64_t cpu_before_ = 0;
  std::int64_t descriptors_before_ = 0;
  TimeClasses all_;
  TimeClasses lately_;
};

}  // namespace twctl
