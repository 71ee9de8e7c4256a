// The client of a load: connects, sends a byte, gets it back, closes; as often and as fast as the load says.
#pragma once

#include <vector>

#include "platform/linux/load_socket.hpp"

namespace twctl {

// Whether this kernel has IP_LOCAL_PORT_RANGE.
[[nodiscard]] bool has_socket_range();

class LoadClient {
 public:
  LoadClient(const Load& load, LoadMeter& meter);

  // Until the load is over, or there is something to read at `until_ready`: then it returns false.
  bool run(int until_ready, LoadPulse& pulse);

  // From each port that was used. A TIME_WAIT where nobody listens answers with an ACK, and that is reset here.
  void send_late_syns() const;

  // Only looks, as long as the load says.
  void watch(int until_ready, LoadPulse& pulse) const;

 private:
  enum class Started { yes, no_port, failed };

  [[nodiscard]] bool may_start(LoadClock::time_point now) const;
  void start_what_may();
  [[nodiscard]] Started start();
  [[nodiscard]] Started bind_first(int socket);
  Started no_port(std::int64_t& count);
  [[nodiscard]] Started connect(int socket);
  void go_on(int connection);
  void send_byte(int connection);
  void receive(int connection);
  void lost(int connection, int error);
  void close(int connection);

  struct Connection {
    bool open = false;
    bool established = false;
    int rounds = 0;
  };

  const Load& load_;
  LoadMeter& meter_;
  Epoll epoll_;
  SocketAddress own_;
  std::vector<SocketAddress> destinations_;
  std::vector<Connection> connections_;  // by descriptor
  std::vector<SocketAddress> used_;      // own addresses, where the load asks for late SYNs
  int in_flight_ = 0;
  LoadClock::time_point begin_;
  LoadClock::time_point end_;
  LoadClock::time_point not_before_;
  bool over_ = false;  // nothing new is begun
};

}  // namespace twctl
