#include "apply/deadline.hpp"

#include <cstdlib>

#include "apply/pending.hpp"

namespace twctl {

std::int64_t deadline_time(Platform& host, const Change& change) {
  constexpr std::int64_t kRounding = 2;  // seconds; a leap of the date is larger, or does not matter to people
  const std::int64_t by_date = host.run_facts().time + time_left(host, change).count();
  const std::int64_t recorded = change.intent.deadline_time.value_or(by_date);
  return std::abs(recorded - by_date) <= kRounding ? recorded : by_date;
}

}  // namespace twctl
