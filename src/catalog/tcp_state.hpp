// The TCP states of RFC 9293 and what a pile-up of each means on Linux: rows, no logic.
#pragma once

#include <span>
#include <string_view>

#include "catalog/setting.hpp"

namespace twctl {

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
[[nodiscard]] const TcpStateRow* find_tcp_state(std::string_view name);  // any case, '-' for '_'

}  // namespace twctl
