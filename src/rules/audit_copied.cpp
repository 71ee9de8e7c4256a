// Values that travel from one copied recipe to the next.
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "observe/possible_kernels.hpp"
#include "rules/audit_rules.hpp"

namespace twctl::rules {
namespace {

using namespace keys;

constexpr std::int64_t kLowFinTimeout = 10;

// The hard limit of tcp_mem, in pages. What the kernel takes by itself with 512 MiB is about 12000 (tcp_init_mem()).
constexpr std::int64_t kLeastMemory = 8192;
constexpr std::int64_t kMuchMemory = 262144;    // 1 GiB
constexpr std::int64_t kHugeMemory = 16777216;  // 64 GiB

// Its three numbers; nullopt: nobody set it.
std::optional<std::array<std::int64_t, 3>> memory_limits(const ValuesInForce& values) {
  const ValuesInForce::Assigned* assigned = values.find(kMemory);
  if (assigned == nullptr) return std::nullopt;
  const std::vector<std::string_view> numbers = words(assigned->value);
  std::array<std::int64_t, 3> limits{};
  if (numbers.size() != limits.size()) return std::nullopt;
  for (std::size_t at = 0; at < limits.size(); ++at) limits[at] = as_integer(numbers[at]).value_or(0);
  return limits;
}

// "64 GiB", of pages of 4 KiB
std::string pages_text(std::int64_t pages) {
  constexpr std::int64_t kInMebibyte = 256;
  if (pages >= kInMebibyte * 1024) return fmt::format("{} GiB", pages / kInMebibyte / 1024);
  if (pages >= kInMebibyte) return fmt::format("{} MiB", pages / kInMebibyte);
  return fmt::format("{} KiB", pages * 4);
}

// The kernel's own numbers are as 3 to 4 to 6. Bytes of one socket's buffer are far from each other, and whoever wants
// one size of memory writes it three times.
bool looks_wrong(const std::array<std::int64_t, 3>& limits) {
  constexpr std::int64_t kFarApart = 100;
  const auto [low, pressure, high] = limits;
  const bool by_kernel = high == 2 * low && pressure > low && pressure < high;  // tcp_init_mem()
  const bool equal = low == pressure && pressure == high;
  return high >= kMuchMemory && (equal || high / kFarApart >= low || (high > kHugeMemory && !by_kernel));
}
}  // namespace

void memory_low(const ValuesInForce& values, FindingSink& found) {
  const auto limits = memory_limits(values);
  if (!limits || (*limits)[2] >= kLeastMemory) return;
  say(values, found, kMemory,
      fmt::format("{} is {}: all TCP sockets of the host together may take {} pages, {}", kMemory,
                  values.find(kMemory)->value, (*limits)[2], pages_text((*limits)[2])));
}

void memory_in_bytes(const ValuesInForce& values, FindingSink& found) {
  const auto limits = memory_limits(values);
  if (!limits || !looks_wrong(*limits)) return;
  say(values, found, kMemory,
      fmt::format("{} is {}, in pages: a limit of {}", kMemory, values.find(kMemory)->value, pages_text((*limits)[2])));
}

// The kernel's own is half of the hash table, which has no more than 524288 entries.
void orphans_many(const ValuesInForce& values, FindingSink& found) {
  constexpr std::int64_t kMany = 1000000;
  constexpr std::int64_t kInGibibyte = 16384;  // of 64 KiB each
  const std::int64_t value = values.set_number(kMaxOrphans).value_or(0);
  if (value < kMany) return;
  say(values, found, kMaxOrphans,
      fmt::format("{} is {}: at 64 KB each that is {} GiB", kMaxOrphans, value, value / kInGibibyte));
}

void reuse_not_loopback(const ValuesInForce& values, FindingSink& found) {
  const HostFacts& host = values.context.host();
  if (values.set_number(kTwReuse) != 2 || may_have(kTwoIsLoopback, host)) return;
  say(values, found, kTwReuse, fmt::format("{} is 2, which Linux {} takes as 1", kTwReuse, kernel_name(host)));
}

void fin_timeout_very_low(const ValuesInForce& values, FindingSink& found) {
  const std::optional<std::int64_t> value = values.set_number(kFinTimeout);
  if (value && *value < kLowFinTimeout) say_value(values, found, kFinTimeout);
}

// What is lower still is told of by the rule above.
void not_time_wait_either(const ValuesInForce& values, FindingSink& found) {
  const std::int64_t value = values.set_number(kFinTimeout).value_or(0);
  if (value >= kLowFinTimeout && value < kTimeWaitSeconds) say_value(values, found, kFinTimeout);
}

void handshake_retries_one(const ValuesInForce& values, FindingSink& found) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kMeanings{
      {{kSynRetries,
        "A SYN is sent once more (twice since Linux 6.5) and given up after 3 s: a short loss or a failover is enough "
        "for connect() to fail, in every program of the host."},
       {kSynackRetries,
        "A SYN-ACK is sent once more, and after 3 s the server forgets the half-open connection: the client's next SYN "
        "begins it anew; a client whose ACKs were lost has what it sends answered with a reset."}}};
  for (const auto& [key, meaning] : kMeanings) {
    if (values.set_number(key) == 1) say_value(values, found, key).meaning = meaning;
  }
}

}  // namespace twctl::rules
