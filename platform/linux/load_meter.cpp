#include "platform/linux/load_meter.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace twctl {
namespace {

std::int64_t cpu_us() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto microseconds = [](const timeval& time) { return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; };
  return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

// Of this process, with the one that lists them.
std::int64_t open_descriptors() {
  std::error_code failed;
  const std::filesystem::directory_iterator entries("/proc/self/fd", failed);
  return failed ? 0 : std::distance(begin(entries), end(entries));
}

std::int64_t growth(const Counters& before, const Counters& now, std::string_view name) {
  const auto later = now.find(name);
  if (later == now.end()) return -1;
  const auto earlier = before.find(name);
  return later->second - (earlier == before.end() ? 0 : earlier->second);
}

}  // namespace

// Below 16 each number is a class; above, the four bits that follow the first.
void TimeClasses::add(std::uint32_t microseconds) {
  const auto octave = static_cast<std::size_t>(std::bit_width(microseconds | (kPerOctave - 1)) - 4);
  const std::size_t place = (octave == 0 ? microseconds : microseconds >> octave) + octave * (kPerOctave / 2);
  counts_.at(std::min(place, kClasses - 1))++;
  ++count_;
  most_ = std::max(most_, microseconds);
}

// A rank is below count_, which is the sum of the classes.
std::uint32_t TimeClasses::at_rank(std::uint64_t rank) const {
  std::size_t place = 0;
  for (std::uint64_t seen = counts_.at(0); seen <= rank; seen += counts_.at(place)) ++place;
  if (place < kPerOctave) return static_cast<std::uint32_t>(place);
  const std::size_t octave = place / (kPerOctave / 2) - 1;
  const std::size_t top = place - octave * (kPerOctave / 2);
  return std::min(most_, static_cast<std::uint32_t>(top << octave));
}

ConnectTimes TimeClasses::times() const {
  if (count_ == 0) return {};
  return {.p50 = at_rank((count_ - 1) / 2), .p99 = at_rank((count_ - 1) * 99 / 100), .most = most_};
}

void LoadMeter::begin() {
  before_ = sockets_.counters().value_or(Counters{});
  cpu_before_ = cpu_us();
  descriptors_before_ = open_descriptors();
  begin_ = LoadClock::now();
}

void LoadMeter::connected_in(std::uint32_t microseconds) {
  all_.add(microseconds);
  lately_.add(microseconds);
}

void LoadMeter::look_at_states() {
  const Result<StateCounts> counts = sockets_.count_states();
  if (!counts) return;
  for (std::size_t state = 0; state < kTcpStates; ++state) {
    figures.states.at(state) = static_cast<std::uint32_t>(counts->at(state));
    figures.peaks.at(state) = std::max(figures.peaks.at(state), figures.states.at(state));
  }
}

LoadFigures LoadMeter::report() {
  look_at_states();
  const Counters now = sockets_.counters().value_or(Counters{});
  for (std::size_t i = 0; i < kWitnesses.size(); ++i) figures.witnesses.at(i) = growth(before_, now, kWitnesses.at(i));
  figures.ms = std::chrono::duration_cast<std::chrono::milliseconds>(LoadClock::now() - begin_).count();
  figures.cpu_us = cpu_us() - cpu_before_;
  figures.descriptors = open_descriptors() - descriptors_before_;
  figures.connect_us = all_.times();
  figures.connect_us_lately = lately_.times();
  lately_ = {};
  return figures;
}

}  // namespace twctl
