#include "platform/linux/load_server.hpp"

#include <algorithm>
#include <cerrno>

namespace twctl {
namespace {

OrErrno<Descriptor> listener_at(const SocketAddress& address, int backlog) {
  Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return tl::unexpected(errno);
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  const bool listens = ::bind(socket.get(), address.get(), address.size) == 0 && ::listen(socket.get(), backlog) == 0;
  if (!listens) return tl::unexpected(errno);
  return socket;
}

}  // namespace

OrErrno<void> LoadServer::listen() {
  const IpAddress address = addresses_of(load_).server;
  for (int i = 0; i < load_.destinations; ++i) {
    auto listener =
        listener_at(socket_address(address, static_cast<std::uint16_t>(kFirstServerPort + i)), load_.backlog);
    if (!listener) return tl::unexpected(listener.error());
    if (load_.accepts) epoll_.add(listener->get(), EPOLLIN);
    listeners_.push_back(*std::move(listener));
  }
  return {};
}

bool LoadServer::is_listener(int descriptor) const {
  return std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& one) { return one.get() == descriptor; });
}

void LoadServer::serve(int until_closed, LoadPulse& pulse) {
  epoll_.add(until_closed, EPOLLIN);
  for (bool ends = false; !ends;) {
    LoadClock::time_point now = LoadClock::now();
    LoadClock::time_point next = pulse.next();
    if (!to_close_.empty()) next = std::min(next, to_close_.front().first);
    for (const epoll_event& event : epoll_.wait(time_until(next, now))) {
      const int ready = event.data.fd;
      if (ready == until_closed) {
        ends = true;
      } else if (is_listener(ready)) {
        accept_from(ready);
      } else {
        answer(ready);
      }
    }
    now = LoadClock::now();
    close_what_is_due(now);
    pulse.beat(now);
  }
}

void LoadServer::accept_from(int listener) {
  constexpr int kAtATime = 64;
  for (int i = 0; i < kAtATime; ++i) {
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) return;
    ++meter_.figures.connections;
    const auto place = static_cast<std::size_t>(connection);
    if (rounds_.size() <= place) rounds_.resize(place + 1);
    rounds_[place] = 0;
    if (load_.keepalive) set_option(connection, SOL_SOCKET, SO_KEEPALIVE, 1);
    epoll_.add(connection, EPOLLIN);
    if (load_.late_syns && meter_.figures.connections == load_.most_attempts) return listeners_.clear();
  }
}

void LoadServer::answer(int connection) {
  std::array<char, 64> bytes;
  const ssize_t got = ::recv(connection, bytes.data(), bytes.size(), 0);
  if (got == 0) return peer_has_closed(connection);
  if (got < 0) {
    if (errno == EAGAIN) return;
    if (errno == ECONNRESET) ++meter_.figures.resets;
    return close(connection);
  }
  (void)::send(connection, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
  int& rounds = rounds_[static_cast<std::size_t>(connection)];
  rounds += static_cast<int>(got);
  if (load_.closes == Side::server && rounds >= load_.rounds) close(connection);
}

void LoadServer::peer_has_closed(int connection) {
  if (load_.close_delay == std::chrono::milliseconds(0)) return close(connection);
  epoll_.remove(connection);  // or it would be ready again and again
  if (load_.close_delay) to_close_.emplace_back(LoadClock::now() + *load_.close_delay, connection);
}

void LoadServer::close_what_is_due(LoadClock::time_point now) {
  for (; !to_close_.empty() && to_close_.front().first <= now; to_close_.pop_front()) close(to_close_.front().second);
}

void LoadServer::close(int connection) { ::close(connection); }

}  // namespace twctl
