// The TCP states of RFC 9293 and what a pile-up of each means on Linux: rows, no logic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "catalog/setting.hpp"

namespace twctl {

// As Linux numbers them in /proc/net/tcp and sock_diag; other systems' numbers are translated to these.
enum class TcpState : std::uint8_t {
  established = 1,
  syn_sent = 2,
  syn_recv = 3,
  fin_wait_1 = 4,
  fin_wait_2 = 5,
  time_wait = 6,
  closed = 7,
  close_wait = 8,
  last_ack = 9,
  listen = 10,
  closing = 11,
};
inline constexpr std::size_t kTcpStates = 12;  // one more than the last

struct TcpStateRow {
  std::string_view name;      // "TIME_WAIT", as RFC 9293 names it with underscores
  int linux_number = 0;       // as /proc/net/tcp prints it; 6 for TIME_WAIT
  std::string_view summary;   // what the state is
  std::string_view entered;   // how a connection comes to be in it
  std::string_view left;      // how it leaves, and after how long
  std::string_view pile_up;   // what many of them mean
  std::string_view who_acts;  // who has to act: nobody, the application, the peer, the kernel's settings
  std::string_view settings;  // the keys that concern it, by short name; "" for none
  Sources sources;
};

[[nodiscard]] std::span<const TcpStateRow> tcp_states();
[[nodiscard]] std::string_view name_of(TcpState state);                  // "TIME_WAIT"
[[nodiscard]] const TcpStateRow* find_tcp_state(std::string_view name);  // any case, '-' for '_'

}  // namespace twctl
