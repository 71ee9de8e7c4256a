// Connections by number: opened, held, half-closed, abandoned, reset, so that each state of TCP and each finding of
// doctor can be had on the loopback of a network namespace of the test's own. Both ends are in the same namespace, so
// a state on one side brings the matching one on the other: N in CLOSE_WAIT come with N in FIN_WAIT_2.
// Everything throws std::runtime_error, like loopback.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/loopback.hpp"

namespace twctl::test {

enum class Side { client, server };

class Load {
 public:
  // Needs a namespace of its own; brings `lo` up, with 10.0.0.1 and 10.0.0.2 on it and a way to 10.1.0.0/16 on which
  // every packet is lost. Raises the limit of descriptors.
  explicit Load(std::uint16_t port = 9000, int backlog = 4096);

  // Each waits until the kernel shows what it made.
  void established(int count);                          // N x 2 in ESTABLISHED
  void bound_first(int count, int ports = 2);           // N x 2, to one or two ports in turn; bind() before connect()
  void time_wait(int count, Side side = Side::client);  // N in TIME_WAIT on that side
  void close_wait(int count);       // N in CLOSE_WAIT, held by this process, and N in FIN_WAIT_2, held by none
  void fin_wait_2_held(int count);  // N in FIN_WAIT_2 that this process holds, N in CLOSE_WAIT
  void syn_sent(int count, int hosts, std::uint16_t port = 443);  // to `hosts` addresses that do not answer
  void syn_recv(int count);                                       // N requests whose SYN-ACK nobody answers
  void unfinished(int count);      // N in FIN_WAIT_1 and N in LAST_ACK, the way between them gone
  void resets(int count);          // N closed with SO_LINGER 0
  void old_timestamps(int count);  // N segments that PAWS rejects
  void overflow(std::uint16_t port, int backlog, int connects);  // a listener whose accept queue is full

  [[nodiscard]] static std::string bind_once_more();  // to port 0, as bound_first() does: "" or the name of the error

  void finish_all() { held_.clear(); }

 private:
  Pair connect_pair(const char* address);
  Socket client_to(const To& to);

  std::uint16_t port_;
  Socket listener_;
  std::vector<Socket> held_;
  int made_ = 0;  // sockets to nowhere get addresses of their own
};

}  // namespace twctl::test
