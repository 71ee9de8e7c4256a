// How the time that some work takes grows with its size.
#pragma once

#include <algorithm>
#include <ctime>

namespace twctl::test {

constexpr double kLinear = 9;  // at most; between the two

// How many times as long work(4 * size) takes as work(size): 4 where it is linear, 16 where it is quadratic. What takes
// less than some milliseconds is taken for that, for nothing less can be measured. What seems to be more than linear is
// measured again: a busy machine may be slow once, and not three times at the same place.
template <class Work>
[[nodiscard]] double growth(const Work& work, std::size_t size) {
  const auto time_of = [&](std::size_t one) {
    const std::clock_t begin = std::clock();
    work(one);
    return std::max(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 0.005);
  };
  const auto ratio = [&] {
    const double once = time_of(size);
    return time_of(4 * size) / once;
  };
  double least = ratio();
  for (int again = 0; again < 2 && least >= kLinear; ++again) least = std::min(least, ratio());
  return least;
}

}  // namespace twctl::test
