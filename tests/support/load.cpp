#include "support/load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "support/shell.hpp"

namespace twctl::test {
namespace {

constexpr int kSynSent = 2;
constexpr int kSynRecv = 3;
constexpr int kFinWait1 = 4;
constexpr int kCloseWait = 8;
constexpr int kLastAck = 9;
constexpr const char* kHere = "10.0.0.1";
constexpr const char* kTakenAway = "10.0.0.2";

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

void require(bool done, const std::string& what) {
  if (!done) give_up(what);
}

void wait_for(const std::string& what, const std::function<bool()>& done) {
  if (!soon(done)) throw std::runtime_error("never: " + what);
}

sockaddr_in address_of(const std::string& text, std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  require(::inet_pton(AF_INET, text.c_str(), &address.sin_addr) == 1, text);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

void raise_descriptor_limit() {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void run(const std::string& command) {
  if (shell(command + " 2>&1").code != 0) throw std::runtime_error(command);
}

// The end of the stream has come.
void read_end(const Socket& socket) {
  char byte = 0;
  (void)::recv(socket.get(), &byte, 1, 0);
}

std::uint16_t sum_of(const std::uint8_t* bytes, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < size; i += 2) sum += static_cast<std::uint32_t>(bytes[i] << 8U | bytes[i + 1]);
  while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum & 0xFFFFU);
}

// A TCP segment made by hand, with its IP header. `timestamp`: as an option; nullptr for none.
struct Segment {
  sockaddr_in from = {};
  sockaddr_in to = {};
  std::uint8_t flags = 0;
  std::uint32_t sequence = 1;
  const std::uint32_t* timestamp = nullptr;
  std::size_t data = 0;  // bytes, an even number of them
};

void send_segment(const Segment& segment) {
  constexpr std::size_t kIp = 20;
  constexpr std::size_t kPseudo = 12;
  const std::size_t head_size = 20 + (segment.timestamp != nullptr ? 12 : 0);
  const std::size_t tcp_size = head_size + segment.data;
  std::vector<std::uint8_t> tcp(tcp_size);
  std::memcpy(tcp.data(), &segment.from.sin_port, 2);
  std::memcpy(tcp.data() + 2, &segment.to.sin_port, 2);
  const std::uint32_t sequence = htonl(segment.sequence);
  std::memcpy(tcp.data() + 4, &sequence, 4);
  tcp[12] = static_cast<std::uint8_t>(head_size / 4 << 4U);
  tcp[13] = segment.flags;
  tcp[14] = 0xFF;  // the window
  if (segment.timestamp != nullptr) {
    const std::uint32_t value = htonl(*segment.timestamp);
    tcp[20] = tcp[21] = TCPOPT_NOP;
    tcp[22] = TCPOPT_TIMESTAMP;
    tcp[23] = TCPOLEN_TIMESTAMP;
    std::memcpy(tcp.data() + 24, &value, 4);
  }
  std::vector<std::uint8_t> sum(kPseudo + tcp_size);
  std::memcpy(sum.data(), &segment.from.sin_addr, 4);
  std::memcpy(sum.data() + 4, &segment.to.sin_addr, 4);
  sum[9] = IPPROTO_TCP;
  sum[11] = static_cast<std::uint8_t>(tcp_size);
  std::memcpy(sum.data() + kPseudo, tcp.data(), tcp_size);
  const std::uint16_t checksum = htons(sum_of(sum.data(), sum.size()));
  std::memcpy(tcp.data() + 16, &checksum, 2);

  iphdr ip = {};
  ip.version = 4;
  ip.ihl = 5;
  ip.ttl = 64;
  ip.protocol = IPPROTO_TCP;
  ip.saddr = segment.from.sin_addr.s_addr;
  ip.daddr = segment.to.sin_addr.s_addr;
  std::vector<std::uint8_t> packet(kIp + tcp_size);
  std::memcpy(packet.data(), &ip, kIp);
  std::memcpy(packet.data() + kIp, tcp.data(), tcp_size);
  const Socket raw(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  const auto sent = ::sendto(raw.get(), packet.data(), packet.size(), 0, as_sockaddr(segment.to), sizeof segment.to);
  require(sent == static_cast<ssize_t>(packet.size()), "send a segment");
}

sockaddr_in name_of(const Socket& socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  require(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  return address;
}

// 10.1.0.1, 10.1.0.2 ...: nobody is there.
std::string nowhere(int number) {
  return "10.1." + std::to_string(number / 250) + "." + std::to_string(1 + number % 250);
}

}  // namespace

Load::Load(std::uint16_t port, int backlog) : port_(port), listener_(-1) {
  raise_descriptor_limit();
  loopback_up();
  run("ip addr replace 10.0.0.1/32 dev lo && ip addr replace 10.0.0.2/32 dev lo && ip route replace 10.1.0.0/16 dev "
      "lo");
  listener_ = listener(port, backlog);
}

// From and to an address that can be taken away, unlike 127.0.0.1.
Socket Load::client_to(const To& to) {
  Socket client = tcp_socket();
  const std::string problem = try_connect(client, to);
  if (!problem.empty()) throw std::runtime_error("connect: " + problem);
  return client;
}

Pair Load::connect_pair(const char* address) {
  Socket client = client_to({.address = address, .port = port_});
  return {.client = std::move(client), .server = accepted(listener_)};
}

void Load::established(int count) {
  for (int i = 0; i < count; ++i) {
    Pair pair = connect_pair(kHere);
    held_.push_back(std::move(pair.client));
    held_.push_back(std::move(pair.server));
  }
}

std::string Load::bind_once_more() {
  const Socket client = tcp_socket();
  const sockaddr_in from = address_of(kHere, 0);
  if (::bind(client.get(), as_sockaddr(from), sizeof from) == 0) return "";
  return errno == EADDRINUSE ? "EADDRINUSE" : std::strerror(errno);
}

void Load::bound_first(int count, int ports) {
  held_.push_back(listener(static_cast<std::uint16_t>(port_ + 1)));
  const int second = held_.back().get();
  for (int i = 0; i < count; ++i) {
    Socket client = tcp_socket();
    const sockaddr_in from = address_of(kHere, 0);
    require(::bind(client.get(), as_sockaddr(from), sizeof from) == 0, "bind");
    const auto port = static_cast<std::uint16_t>(port_ + i % ports);
    const std::string problem = try_connect(client, {.address = kHere, .port = port});
    if (!problem.empty()) throw std::runtime_error("connect: " + problem);
    Socket server(::accept4(i % ports == 0 ? listener_.get() : second, nullptr, nullptr, SOCK_CLOEXEC));
    held_.push_back(std::move(client));
    held_.push_back(std::move(server));
  }
}

void Load::time_wait(int count, Side side) {
  const int before = count_state(kTimeWait);
  const auto missing = [&] { return before + count - count_state(kTimeWait); };
  const auto add = [&](int more) {
    for (int i = 0; i < more; ++i) {
      Pair pair = connect_pair(kHere);
      Socket& first = side == Side::client ? pair.client : pair.server;
      Socket& second = side == Side::client ? pair.server : pair.client;
      first.close();
      read_end(second);
      second.close();
    }
  };
  add(count);
  // Where the machine is so slow that this took over a second, a connection may have taken over the port of an earlier
  // one (tcp_tw_reuse is 2 on loopback), and one TIME_WAIT less is there.
  if (!soon([&] { return missing() <= 0; })) add(missing());
  wait_for("TIME_WAIT", [&] { return missing() <= 0; });
}

void Load::close_wait(int count) {
  for (int i = 0; i < count; ++i) {
    Pair pair = connect_pair(kHere);
    pair.client.close();
    read_end(pair.server);
    held_.push_back(std::move(pair.server));
  }
  wait_for("CLOSE_WAIT", [&] { return count_state(kCloseWait) >= count && count_state(kFinWait2) >= count; });
}

void Load::fin_wait_2_held(int count) {
  for (int i = 0; i < count; ++i) {
    Pair pair = connect_pair(kHere);
    ::shutdown(pair.client.get(), SHUT_WR);
    read_end(pair.server);
    held_.push_back(std::move(pair.client));
    held_.push_back(std::move(pair.server));
  }
  wait_for("FIN_WAIT_2", [&] { return count_state(kFinWait2) >= count; });
}

void Load::syn_sent(int count, int hosts, std::uint16_t port) {
  for (int i = 0; i < count; ++i) {
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_in from = address_of(kHere, 0);
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &on, sizeof on);
    require(::bind(socket.get(), as_sockaddr(from), sizeof from) == 0, "bind");
    const sockaddr_in to = address_of(nowhere(made_ + i % hosts), port);
    require(::connect(socket.get(), as_sockaddr(to), sizeof to) == 0 || errno == EINPROGRESS, "connect");
    held_.push_back(std::move(socket));
  }
  made_ += hosts;
  wait_for("SYN_SENT", [&] { return count_state(kSynSent) >= count; });
}

void Load::syn_recv(int count) {
  constexpr std::uint8_t kSyn = 0x02;
  for (int i = 0; i < count; ++i) {
    const auto source_port = static_cast<std::uint16_t>(1024 + i % 60000);
    send_segment({.from = address_of(nowhere(made_), source_port), .to = address_of(kHere, port_), .flags = kSyn});
  }
  ++made_;
  wait_for("SYN_RECV", [&] { return count_state(kSynRecv) > 0; });
}

// The servers close first and the clients know; then the address goes, so that no further FIN arrives: the clients'
// FINs leave LAST_ACK, and connections that are closed only now leave FIN_WAIT_1.
void Load::unfinished(int count) {
  std::vector<Pair> last_ack;
  std::vector<Pair> fin_wait_1;
  for (int i = 0; i < count; ++i) {
    last_ack.push_back(connect_pair(kTakenAway));
    fin_wait_1.push_back(connect_pair(kTakenAway));
    last_ack.back().server.close();
    read_end(last_ack.back().client);
  }
  // An acknowledgement may be delayed, and would be lost with the address.
  wait_for("FINs acknowledged", [] { return count_state(kFinWait1) == 0; });
  run("ip addr del 10.0.0.2/32 dev lo");
  for (Pair& pair : last_ack) pair.client.close();
  for (Pair& pair : fin_wait_1) {
    pair.client.close();
    held_.push_back(std::move(pair.server));
  }
  wait_for("FIN_WAIT_1, LAST_ACK", [&] { return count_state(kFinWait1) >= count && count_state(kLastAck) >= count; });
}

void Load::resets(int count) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (int i = 0; i < count; ++i) {
    const Pair pair = connect_pair(kHere);
    ::setsockopt(pair.client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
}

// Timestamps are compared as distances on a circle: of two that lie opposite each other one is the past. With data,
// because an old acknowledgement alone is counted as PAWSOldAck since Linux 6.14.
void Load::old_timestamps(int count) {
  constexpr std::uint8_t kAck = 0x10;
  constexpr std::uint32_t kOpposite = 0x80000000U;
  Pair pair = connect_pair(kHere);
  const long before = counter("PAWSEstab");
  for (int i = 1; i <= count; ++i) {
    for (const std::uint32_t timestamp : {1U, 1U + kOpposite}) {
      send_segment({.from = name_of(pair.client),
                    .to = name_of(pair.server),
                    .flags = kAck,
                    .timestamp = &timestamp,
                    .data = 2});
    }
    wait_for("PAWS", [&] { return counter("PAWSEstab") >= before + i; });
  }
  held_.push_back(std::move(pair.client));
  held_.push_back(std::move(pair.server));
}

void Load::overflow(std::uint16_t port, int backlog, int connects) {
  held_.push_back(listener(port, backlog));
  const sockaddr_in to = address_of(kHere, port);
  for (int i = 0; i < connects; ++i) {
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)::connect(socket.get(), as_sockaddr(to), sizeof to);
    held_.push_back(std::move(socket));
  }
}

}  // namespace twctl::test
