#include "support/loopback.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/in_namespace.hpp"
#include "support/namespace.hpp"

namespace twctl::test {
namespace {

void require(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(what + ": " + std::strerror(errno));
}

sockaddr_in address_of(const To& to) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(to.port);
  require(::inet_pton(AF_INET, to.address.c_str(), &address.sin_addr) == 1, "address");
  return address;
}

std::string path_of(const std::string& name) {
  return "/proc/sys/net/" + (name.find('/') == std::string::npos ? "ipv4/" + name : name);
}

std::string error_name(int error) {
  switch (error) {
    case EADDRNOTAVAIL:
      return "EADDRNOTAVAIL";
    case EADDRINUSE:
      return "EADDRINUSE";
    case EINPROGRESS:
      return "EINPROGRESS";
    default:
      return std::strerror(error);
  }
}

std::vector<std::string> fields(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> all;
  for (std::string field; stream >> field;) all.push_back(field);
  return all;
}

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoul(address.substr(address.find(':') + 1), nullptr, 16));
}

TcpLine parse_line(const std::vector<std::string>& field) {
  constexpr double kTicksPerSecond = 100;  // USER_HZ
  const std::string& timer = field.at(5);
  return {.local_port = port_of(field.at(1)),
          .remote_port = port_of(field.at(2)),
          .state = std::stoi(field.at(3), nullptr, 16),
          .timer = std::stoi(timer.substr(0, 2), nullptr, 16),
          .seconds = static_cast<double>(std::stoul(timer.substr(3), nullptr, 16)) / kTicksPerSecond,
          .inode = static_cast<unsigned>(std::stoul(field.at(9)))};
}

std::uint32_t internet_checksum(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return ~sum & 0xFFFFU;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void Socket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void loopback_up() {
  const Socket socket = tcp_socket();
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  require(::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0, "lo up");
}

void set(const std::string& name, const std::string& value) {
  insist_on_own_namespace();
  const std::string problem = put(path_of(name), value + "\n");
  if (!problem.empty()) throw std::runtime_error(name + ": " + problem);
}

std::string get(const std::string& name) {
  std::string value;
  std::getline(std::ifstream(path_of(name)), value);
  std::replace(value.begin(), value.end(), '\t', ' ');
  return value;
}

Socket tcp_socket() {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require(socket.get() >= 0, "socket");
  return socket;
}

Socket listener(std::uint16_t port, int backlog) {
  Socket socket = tcp_socket();
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = address_of({.address = "0.0.0.0", .port = port});
  require(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
  require(::listen(socket.get(), backlog) == 0, "listen");
  return socket;
}

Socket accepted(const Socket& listener) {
  Socket socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  require(socket.get() >= 0, "accept");
  return socket;
}

std::string try_connect(const Socket& socket, const To& to) {
  const sockaddr_in address = address_of(to);
  const int done = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return done == 0 ? "" : error_name(errno);
}

Pair connected(const Socket& listener, std::uint16_t port) {
  Socket client = tcp_socket();
  const std::string problem = try_connect(client, {.port = port});
  if (!problem.empty()) throw std::runtime_error("connect: " + problem);
  return {.client = std::move(client), .server = accepted(listener)};
}

void send_reset(const Reset& reset) {
  constexpr std::uint8_t kRst = 0x04;
  const sockaddr_in address = address_of({.port = reset.to});
  std::array<std::uint8_t, 12 + 20> bytes = {127, 0, 0, 1, 127, 0, 0, 1, 0, IPPROTO_TCP, 0, 20};  // pseudo header first
  const auto put_16 = [&](std::size_t at, std::uint32_t value) {
    bytes.at(at) = static_cast<std::uint8_t>(value >> 8U & 0xFFU);
    bytes.at(at + 1) = static_cast<std::uint8_t>(value & 0xFFU);
  };
  put_16(12, reset.from);
  put_16(14, reset.to);
  put_16(16, reset.sequence >> 16U);
  put_16(18, reset.sequence & 0xFFFFU);
  bytes[24] = 5 << 4;  // the header is five words long
  bytes[25] = kRst;
  put_16(28, internet_checksum(bytes));
  const Socket raw(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP));
  const auto sent =
      ::sendto(raw.get(), bytes.data() + 12, 20, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  require(sent == 20, "send a reset");
}

std::vector<TcpLine> tcp_table() {
  std::ifstream file("/proc/thread-self/net/tcp");
  std::vector<TcpLine> table;
  std::string line;
  std::getline(file, line);  // the headings
  while (std::getline(file, line)) table.push_back(parse_line(fields(line)));
  return table;
}

int count_state(int state) {
  const std::vector<TcpLine> table = tcp_table();
  return static_cast<int>(
      std::count_if(table.begin(), table.end(), [&](const TcpLine& line) { return line.state == state; }));
}

TcpLine line_of(std::uint16_t local_port) {
  for (const TcpLine& line : tcp_table()) {
    if (line.local_port == local_port) return line;
  }
  throw std::runtime_error("no socket on port " + std::to_string(local_port));
}

long counter(const std::string& name) {
  std::ifstream file("/proc/thread-self/net/netstat");
  std::string names;
  std::string values;
  while (std::getline(file, names) && std::getline(file, values)) {
    const std::vector<std::string> name_fields = fields(names);
    const std::vector<std::string> value_fields = fields(values);
    const auto found = std::find(name_fields.begin(), name_fields.end(), name);
    if (found != name_fields.end()) {
      return std::stol(value_fields.at(static_cast<std::size_t>(found - name_fields.begin())));
    }
  }
  throw std::runtime_error("no counter " + name);
}

int sockstat_tw() {
  std::ifstream file("/proc/thread-self/net/sockstat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("TCP:")) return std::stoi(line.substr(line.find(" tw ") + 4));
  }
  throw std::runtime_error("no TCP line in sockstat");
}

std::string told(const std::function<std::string()>& body) {
  try {
    loopback_up();
    return body();
  } catch (const std::exception& problem) {
    return std::string("failed: ") + problem.what();
  }
}

bool soon(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace twctl::test
