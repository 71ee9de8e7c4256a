// TCP over the loopback interface of a network namespace of the test's own, and what the kernel says of it there.
// Everything throws std::runtime_error: use inside in_namespace(), where told() turns it into text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace twctl::test {

// A socket that closes itself.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }
  void close();
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

void loopback_up();

// Writes a setting of this namespace: set("tcp_fin_timeout", "5") below net/ipv4, set("core/somaxconn", "128").
void set(const std::string& name, const std::string& value);
[[nodiscard]] std::string get(const std::string& name);

[[nodiscard]] Socket listener(std::uint16_t port, int backlog = 512);
[[nodiscard]] Socket accepted(const Socket& listener);

// A connection to 127.0.0.1 or another address of 127/8.
struct To {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
};
[[nodiscard]] Socket tcp_socket();
[[nodiscard]] std::string try_connect(const Socket& socket, const To& to);  // "" or the name of the error

struct Pair {
  Socket client;
  Socket server;
};
[[nodiscard]] Pair connected(const Socket& listener, std::uint16_t port);

// A TCP segment with RST and nothing else, from 127.0.0.1 to itself, made by hand.
struct Reset {
  std::uint16_t from = 0;  // ports
  std::uint16_t to = 0;
  std::uint32_t sequence = 0;
};
void send_reset(const Reset& reset);

// One line of /proc/net/tcp of this namespace.
struct TcpLine {
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  int state = 0;
  int timer = 0;       // 0 none, 1 retransmit, 2 keepalive, 3 time-wait
  double seconds = 0;  // until the timer fires
  unsigned inode = 0;
};
[[nodiscard]] std::vector<TcpLine> tcp_table();
inline constexpr int kFinWait2 = 5;  // include/net/tcp_states.h
inline constexpr int kTimeWait = 6;
[[nodiscard]] int count_state(int state);
[[nodiscard]] TcpLine line_of(std::uint16_t local_port);

[[nodiscard]] long counter(const std::string& name);  // of TcpExt
[[nodiscard]] int sockstat_tw();

// What `body` returns, or what it threw.
[[nodiscard]] std::string told(const std::function<std::string()>& body);

// Waits until `done` holds, at most a second; false if it never did. Loopback is quick but not synchronous.
[[nodiscard]] bool soon(const std::function<bool()>& done);

}  // namespace twctl::test
