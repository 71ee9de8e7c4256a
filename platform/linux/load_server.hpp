// The server of a load: sends back what it gets, and closes as the load says.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "platform/linux/load_socket.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

class LoadServer {
 public:
  LoadServer(const Load& load, LoadMeter& meter) : load_(load), meter_(meter) {}

  [[nodiscard]] OrErrno<void> listen();

  // Until the other end of the pipe `until_closed` is closed.
  void serve(int until_closed, LoadPulse& pulse);

 private:
  void accept_from(int listener);
  void answer(int connection);
  void peer_has_closed(int connection);
  void close(int connection);
  void close_what_is_due(LoadClock::time_point now);
  [[nodiscard]] bool is_listener(int descriptor) const;

  const Load& load_;
  LoadMeter& meter_;
  Epoll epoll_;
  std::vector<Descriptor> listeners_;
  std::vector<int> rounds_;  // of each connection, by descriptor
  std::deque<std::pair<LoadClock::time_point, int>> to_close_;
};

}  // namespace twctl
