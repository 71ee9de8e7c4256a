// What client and server of a load have in common: addresses, an epoll, and when to look and to report.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>

#include "platform/linux/load_meter.hpp"
#include "platform/posix/descriptor.hpp"

namespace twctl {

inline constexpr std::uint16_t kFirstServerPort = 900;  // below what connect() chooses from

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
[[nodiscard]] SocketAddress socket_address(const IpAddress& address, std::uint16_t port);

// Whether the server's address can be reached: a port that nobody listens on refuses. A new link drops packets until
// the kernel has seen that it is up, and a lost SYN would come again a second later only.
[[nodiscard]] bool reaches(const LoadAddresses& addresses, std::chrono::milliseconds within);

// Sets an option of type int. False: the kernel refuses.
bool set_option(int socket, int level, int option, int value);

class Epoll {
 public:
  Epoll();
  bool add(int descriptor, std::uint32_t events);
  void change(int descriptor, std::uint32_t events);
  void remove(int descriptor);
  // For at most that long. Some of those that are ready.
  [[nodiscard]] std::span<const epoll_event> wait(std::chrono::milliseconds longest);

 private:
  Descriptor epoll_;
  std::array<epoll_event, 128> events_{};
};

// Looks at the sockets four times a second and reports once, whatever else the side does.
class LoadPulse {
 public:
  using Report = std::function<void(const LoadFigures& so_far, bool is_last)>;
  LoadPulse(LoadMeter& meter, Report report);  // `meter` has begun
  void beat(LoadClock::time_point now);
  void end();
  [[nodiscard]] LoadClock::time_point next() const { return next_look_; }

 private:
  LoadMeter& meter_;
  Report report_;
  LoadClock::time_point next_look_;
  int looks_ = 0;
};

// Until `when`, rounded up to whole milliseconds; 0 if it has passed.
[[nodiscard]] std::chrono::milliseconds time_until(LoadClock::time_point when, LoadClock::time_point now);

}  // namespace twctl
