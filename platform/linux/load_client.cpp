#include "platform/linux/load_client.hpp"

#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace twctl {
namespace {

constexpr std::chrono::milliseconds kPause{1};  // after an attempt that found no port
// How long what is under way may take when the load is over, and after an interrupt.
constexpr std::chrono::milliseconds kToEnd{5000};
constexpr std::chrono::milliseconds kWhenStopped{500};
constexpr int kLocalPortRange = 51;  // IP_LOCAL_PORT_RANGE, Linux 6.3
constexpr linger kReset = {.l_onoff = 1, .l_linger = 0};

// A filter that lets no packet through to this socket.
void hear_nothing(int socket) {
  sock_filter drop = {.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
  const sock_fprog filter = {.len = 1, .filter = &drop};
  ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

bool set_range(int socket, const PortRange& range) {
  const auto both = static_cast<std::uint32_t>(range.last) << 16U | static_cast<std::uint32_t>(range.first);
  return set_option(socket, IPPROTO_IP, kLocalPortRange, static_cast<int>(both));
}

SocketAddress own_address(int socket) {
  SocketAddress own;
  own.size = sizeof own.storage;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&own.storage), &own.size);
  return own;
}

}  // namespace

bool has_socket_range() {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return set_range(socket.get(), {.first = 1024, .last = 65535});
}

LoadClient::LoadClient(const Load& load, LoadMeter& meter)
    : load_(load), meter_(meter), own_(socket_address(addresses_of(load).client, 0)) {
  for (int i = 0; i < load.destinations; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirstServerPort + i);
    destinations_.push_back(socket_address(addresses_of(load).server, port));
  }
}

bool LoadClient::run(int until_ready, LoadPulse& pulse) {
  epoll_.add(until_ready, EPOLLIN);
  begin_ = meter_.began();
  end_ = begin_ + load_.length;
  bool stopped = false;
  LoadClock::time_point give_up = LoadClock::time_point::max();
  for (LoadClock::time_point now = begin_;; now = LoadClock::now()) {
    const bool all_made = load_.most_attempts > 0 && meter_.figures.attempts >= load_.most_attempts;
    over_ = stopped || all_made || now >= end_;
    if (over_ && meter_.figures.load_ms == 0) {
      meter_.figures.load_ms =
          std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::milliseconds>(now - begin_).count());
      end_ = std::min(end_, now);
      give_up = now + kToEnd;
    }
    if (over_ && (in_flight_ == 0 || now >= give_up)) break;
    if (!over_) start_what_may();
    const bool waits_for_turn = in_flight_ < load_.in_flight && !over_;
    const auto next = std::min(pulse.next(), waits_for_turn ? std::max(not_before_, now + kPause) : now + kToEnd);
    for (const epoll_event& event : epoll_.wait(time_until(std::min(next, over_ ? give_up : end_), now))) {
      if (event.data.fd == until_ready) {
        stopped = true;
        give_up = std::min(give_up, LoadClock::now() + kWhenStopped);
        epoll_.remove(until_ready);
      } else {
        go_on(event.data.fd);
      }
    }
    pulse.beat(LoadClock::now());
  }
  return !stopped;
}

void LoadClient::send_late_syns() const {
  for (const SocketAddress& used : used_) {
    const Descriptor socket(::socket(used.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (::bind(socket.get(), used.get(), used.size) != 0) continue;
    (void)::connect(socket.get(), destinations_.front().get(), destinations_.front().size);
  }
}

void LoadClient::watch(int until_ready, LoadPulse& pulse) const {
  const LoadClock::time_point end = LoadClock::now() + load_.watch;
  for (LoadClock::time_point now = LoadClock::now(); now < end; now = LoadClock::now()) {
    pollfd wait = {.fd = until_ready, .events = POLLIN, .revents = 0};
    const auto longest = time_until(std::min(pulse.next(), end), now);
    if (::poll(&wait, 1, static_cast<int>(longest.count())) > 0) return;
    pulse.beat(LoadClock::now());
  }
}

bool LoadClient::may_start(LoadClock::time_point now) const {
  const std::int64_t attempts = meter_.figures.attempts;
  if (in_flight_ >= load_.in_flight || now < not_before_ || now >= end_) return false;
  if (load_.most_attempts > 0 && attempts >= load_.most_attempts) return false;
  if (load_.rate == 0) return true;
  const std::chrono::duration<double> passed = now - begin_;
  return static_cast<double>(attempts) < passed.count() * load_.rate;
}

void LoadClient::start_what_may() {
  while (may_start(LoadClock::now())) {
    const Started started = start();
    if (started == Started::yes) continue;
    if (load_.rate == 0) not_before_ = LoadClock::now() + kPause;
  }
}

LoadClient::Started LoadClient::start() {
  ++meter_.figures.attempts;
  const int socket = ::socket(own_.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    ++meter_.figures.other_errors;
    return Started::failed;
  }
  if (load_.socket_range) set_range(socket, *load_.socket_range);
  if (load_.half_open) hear_nothing(socket);
  const Started bound = bind_first(socket);
  const Started started = bound == Started::yes ? connect(socket) : bound;
  if (started != Started::yes) ::close(socket);
  return started;
}

LoadClient::Started LoadClient::bind_first(int socket) {
  if (load_.binding == Binding::none) return Started::yes;
  if (load_.binding == Binding::address) set_option(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  if (::bind(socket, own_.get(), own_.size) == 0) return Started::yes;
  if (errno == EADDRINUSE) return no_port(meter_.figures.address_in_use);
  ++meter_.figures.other_errors;
  return Started::failed;
}

LoadClient::Started LoadClient::no_port(std::int64_t& count) {
  LoadFigures& figures = meter_.figures;
  if (figures.before_no_port < 0) figures.before_no_port = figures.attempts - 1 - figures.other_errors;
  ++count;
  return Started::no_port;
}

LoadClient::Started LoadClient::connect(int socket) {
  const auto which = static_cast<std::size_t>(meter_.figures.attempts) % destinations_.size();
  const SocketAddress& destination = destinations_.at(which);
  const LoadClock::time_point before = LoadClock::now();
  const bool goes = ::connect(socket, destination.get(), destination.size) == 0 || errno == EINPROGRESS;
  if (!goes && errno == EADDRNOTAVAIL) return no_port(meter_.figures.address_unavailable);
  if (!goes) {
    ++meter_.figures.other_errors;
    return Started::failed;
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(LoadClock::now() - before).count();
  meter_.connected_in(static_cast<std::uint32_t>(std::min<std::int64_t>(took, UINT32_MAX)));
  const auto place = static_cast<std::size_t>(socket);
  if (connections_.size() <= place) connections_.resize(place + 1);
  connections_[place] = {.open = true};
  if (load_.late_syns) used_.push_back(own_address(socket));
  ++in_flight_;
  epoll_.add(socket, EPOLLOUT);
  return Started::yes;
}

void LoadClient::go_on(int connection) {
  const Connection& now = connections_[static_cast<std::size_t>(connection)];
  if (!now.open) return;
  if (now.established) return receive(connection);
  send_byte(connection);
}

void LoadClient::send_byte(int connection) {
  Connection& now = connections_[static_cast<std::size_t>(connection)];
  if (::send(connection, "x", 1, MSG_NOSIGNAL) != 1) {
    if (errno != EAGAIN) lost(connection, errno);
    return;
  }
  if (!now.established) {
    now.established = true;
    ++meter_.figures.connections;
    epoll_.change(connection, EPOLLIN);
  }
}

void LoadClient::receive(int connection) {
  std::array<char, 256> answer;
  const ssize_t got = ::recv(connection, answer.data(), answer.size(), 0);
  if (got == 0) return close(connection);
  if (got < 0) {
    if (errno != EAGAIN) lost(connection, errno);
    return;
  }
  if (++connections_[static_cast<std::size_t>(connection)].rounds < load_.rounds) {
    if (over_) return close(connection);  // else a connection that is kept would outlast the load
    return send_byte(connection);
  }
  if (load_.closes == Side::client) close(connection);
}

void LoadClient::lost(int connection, int error) {
  ++(error == ECONNRESET ? meter_.figures.resets : meter_.figures.other_errors);
  close(connection);
}

void LoadClient::close(int connection) {
  if (load_.reset) ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
  connections_[static_cast<std::size_t>(connection)].open = false;
  --in_flight_;
  ::close(connection);
}

}  // namespace twctl
