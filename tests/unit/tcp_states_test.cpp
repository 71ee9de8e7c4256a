#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "catalog/tcp_state.hpp"

using namespace twctl;

TEST_CASE("every state that Linux numbers has a row, but NEW_SYN_RECV, which the kernel shows as SYN_RECV") {
  std::vector<std::string> by_number(14);
  for (const TcpStateRow& row : tcp_states()) by_number.at(static_cast<std::size_t>(row.linux_number)) = row.name;
  const std::vector<std::string> kernel{"",           "ESTABLISHED", "SYN_SENT", "SYN_RECV",      "FIN_WAIT_1",
                                        "FIN_WAIT_2", "TIME_WAIT",   "CLOSED",   "CLOSE_WAIT",    "LAST_ACK",
                                        "LISTEN",     "CLOSING",     "",         "BOUND_INACTIVE"};
  CHECK(by_number == kernel);
}

TEST_CASE("a state is found as people and other tools write it") {
  struct Case {
    std::string_view written;
    std::string_view name;
  };
  for (const Case& c :
       {Case{"time_wait", "TIME_WAIT"}, Case{"TIME-WAIT", "TIME_WAIT"}, Case{"fin-wait-1", "FIN_WAIT_1"},
        Case{"FIN_WAIT2", "FIN_WAIT_2"}, Case{"SYN-RECEIVED", "SYN_RECV"}, Case{"Estab", "ESTABLISHED"},
        Case{"NEW_SYN_RECV", "SYN_RECV"}, Case{"close", "CLOSED"}}) {
    CAPTURE(c.written);
    const TcpStateRow* row = find_tcp_state(c.written);
    REQUIRE(row != nullptr);
    CHECK(row->name == c.name);
  }
  CHECK(find_tcp_state("TIME") == nullptr);
  CHECK(find_tcp_state("") == nullptr);
}
