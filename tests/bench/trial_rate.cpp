// trial_rate serve: answers whatever comes to 10.0.0.2:900 with one small HTTP reply and closes first.
// trial_rate load SECONDS CONNECTIONS: the client of `twctl trial` against it; prints its connections a second.
// For scripts/bench-trial, which puts both into network namespaces, and wrk and hey in the client's place.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "platform/linux/load_client.hpp"
#include "platform/platform.hpp"

namespace {

using namespace twctl;

constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";

void answer(int connection) {
  std::array<char, 4096> request;
  const ssize_t got = ::recv(connection, request.data(), request.size(), 0);
  if (got > 0) (void)::send(connection, kReply.data(), kReply.size(), MSG_NOSIGNAL);
  ::close(connection);
}

int serve() {
  const SocketAddress address = socket_address(addresses_of({}).server, kFirstServerPort);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(listener, address.get(), address.size) != 0 || ::listen(listener, 4096) != 0) return 1;
  Epoll epoll;
  epoll.add(listener, EPOLLIN);
  while (true) {
    for (const epoll_event& event : epoll.wait(std::chrono::milliseconds(1000))) {
      if (event.data.fd != listener) {
        answer(event.data.fd);
        continue;
      }
      for (int connection = 0; connection >= 0;) {
        connection = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (connection >= 0) epoll.add(connection, EPOLLIN);
      }
    }
  }
}

int load(int seconds, int connections) {
  Load load;
  load.closes = Side::server;
  load.in_flight = connections;
  load.length = std::chrono::seconds(seconds);
  const auto host = make_platform({});
  if (!host || !reaches(addresses_of(load), std::chrono::seconds(5))) return 1;
  LoadMeter meter((*host)->sockets());
  LoadClient client(load, meter);
  meter.begin();
  LoadPulse pulse(meter, [](const LoadFigures&, bool) {});
  std::array<int, 2> never{};
  if (::pipe(never.data()) != 0) return 1;
  client.run(never[0], pulse);
  const LoadFigures& figures = meter.figures;
  std::printf("%.0f\n", 1000.0 * static_cast<double>(figures.connections) / static_cast<double>(figures.load_ms));
  return figures.connections > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "serve") return serve();
  if (argc == 4 && std::string_view(argv[1]) == "load") return load(std::atoi(argv[2]), std::atoi(argv[3]));
  return 64;
}
