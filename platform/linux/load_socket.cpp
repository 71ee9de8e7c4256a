#include "platform/linux/load_socket.hpp"

#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <cstring>

namespace twctl {
namespace {

constexpr int kLooksASecond = 4;
constexpr std::chrono::milliseconds kBetweenLooks{1000 / kLooksASecond};

}  // namespace

SocketAddress socket_address(const IpAddress& address, std::uint16_t port) {
  SocketAddress result;
  if (is_ipv4(address)) {
    sockaddr_in ipv4 = {};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    std::memcpy(&ipv4.sin_addr, address.bytes.data() + 12, sizeof ipv4.sin_addr);
    std::memcpy(&result.storage, &ipv4, sizeof ipv4);
    result.size = sizeof ipv4;
  } else {
    sockaddr_in6 ipv6 = {};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    std::memcpy(&ipv6.sin6_addr, address.bytes.data(), sizeof ipv6.sin6_addr);
    std::memcpy(&result.storage, &ipv6, sizeof ipv6);
    result.size = sizeof ipv6;
  }
  return result;
}

bool reaches(const LoadAddresses& addresses, std::chrono::milliseconds within) {
  constexpr std::chrono::milliseconds kEach{20};
  const SocketAddress own = socket_address(addresses.client, kFirstServerPort - 2);
  const SocketAddress nobody = socket_address(addresses.server, kFirstServerPort - 1);
  for (const auto end = LoadClock::now() + within; LoadClock::now() < end;) {
    const Descriptor socket(::socket(own.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket || ::bind(socket.get(), own.get(), own.size) != 0) return false;
    ::connect(socket.get(), nobody.get(), nobody.size);
    pollfd answer = {.fd = socket.get(), .events = POLLOUT, .revents = 0};
    if (::poll(&answer, 1, static_cast<int>(kEach.count())) > 0) return true;
  }
  return false;
}

bool set_option(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

Epoll::Epoll() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool Epoll::add(int descriptor, std::uint32_t events) {
  epoll_event event = {.events = events, .data = {.fd = descriptor}};
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Epoll::change(int descriptor, std::uint32_t events) {
  epoll_event event = {.events = events, .data = {.fd = descriptor}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void Epoll::remove(int descriptor) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr); }

std::span<const epoll_event> Epoll::wait(std::chrono::milliseconds longest) {
  const int ready =
      ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), static_cast<int>(longest.count()));
  return std::span(events_).first(static_cast<std::size_t>(std::max(ready, 0)));
}

LoadPulse::LoadPulse(LoadMeter& meter, Report report)
    : meter_(meter), report_(std::move(report)), next_look_(meter.began() + kBetweenLooks) {}

void LoadPulse::beat(LoadClock::time_point now) {
  if (now < next_look_) return;
  next_look_ += kBetweenLooks;
  if (++looks_ % kLooksASecond == 0) {
    report_(meter_.report(), false);
  } else {
    meter_.look_at_states();
  }
}

void LoadPulse::end() { report_(meter_.report(), true); }

std::chrono::milliseconds time_until(LoadClock::time_point when, LoadClock::time_point now) {
  return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(when - now));
}

}  // namespace twctl
