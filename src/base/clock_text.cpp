#include "base/clock_text.hpp"

#include <fmt/format.h>

#include <chrono>

namespace twctl {
namespace {

struct Clock {
  std::chrono::year_month_day day;
  std::chrono::hh_mm_ss<std::chrono::seconds> time;
};

Clock clock_of(std::int64_t seconds) {
  const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  return {.day = day, .time = std::chrono::hh_mm_ss(moment - day)};
}

std::string date_and_time(std::int64_t seconds, char between) {
  const auto [day, time] = clock_of(seconds);
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), between,
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace

std::string time_text(std::int64_t seconds_since_1970) { return date_and_time(seconds_since_1970, ' ') + " UTC"; }
std::string time_iso(std::int64_t seconds_since_1970) { return date_and_time(seconds_since_1970, 'T') + "Z"; }

}  // namespace twctl
