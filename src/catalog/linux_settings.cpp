// Every Linux row in one table, in the order in which people read them. The rows lie in rows/, by theme.
#include <array>
#include <cstddef>
#include <utility>

#include "catalog/checksum.hpp"
#include "catalog/rows/conntrack.hpp"
#include "catalog/rows/listen.hpp"
#include "catalog/rows/ports.hpp"
#include "catalog/rows/tables.hpp"
#include "catalog/rows/time_wait.hpp"
#include "catalog/rows/timers.hpp"
#include "catalog/setting.hpp"

namespace twctl::rows {
namespace {

// One table after the other. (Setting has no default constructor: a row without a source must not compile.)
template <std::size_t N, std::size_t M>
consteval std::array<Setting, N + M> operator+(const std::array<Setting, N>& a, const std::array<Setting, M>& b) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Setting, N + M>{(I < N ? a[I < N ? I : 0] : b[I < N ? 0 : I - N])...};
  }
  (std::make_index_sequence<N + M>{});
}

constexpr auto kLinuxSettings = std::to_array(kTimeWaitRows) + std::to_array(kPortRows) + std::to_array(kListenRows) +
                                std::to_array(kTimerRows) + std::to_array(kConntrackRows);

static_assert(sound(kLinuxSettings));

}  // namespace

std::span<const Setting> linux_settings() { return kLinuxSettings; }

std::uint32_t linux_checksum() {
  constexpr std::uint32_t kSum = checksum(kLinuxSettings);
  return kSum;
}

}  // namespace twctl::rows
