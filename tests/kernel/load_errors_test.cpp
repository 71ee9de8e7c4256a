// What a load's client counts where it is refused, and what is said where no load can be measured.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "platform/linux/load_client.hpp"
#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/measured.hpp"
#include "support/skip.hpp"

namespace {

using namespace twctl;
using namespace twctl::test;
using std::chrono::milliseconds;

constexpr int kAttempts = 3;

// However long a busy machine takes for them.
Load attempts_over(bool loopback) {
  return {.loopback = loopback, .length = milliseconds(30'000), .most_attempts = kAttempts};
}

// What a client counts that is alone in a namespace with lo, once `before` has been done there.
std::optional<std::string> counted(const Load& load, const std::function<std::string()>& before) {
  return in_namespace([&]() -> std::string {
    const auto host = *make_platform({});
    LoadMeter meter(host->sockets());
    LoadClient client(load, meter);
    meter.begin();
    LoadPulse pulse(meter, [](const LoadFigures&, bool) {});
    std::array<int, 2> stop = {};
    if (::pipe(stop.data()) != 0) return "no pipe";
    if (std::string problem = before(); !problem.empty()) return problem;
    client.run(stop[0], pulse);
    const LoadFigures& seen = meter.figures;
    return fmt::format("{} attempts, {} connections, {} resets, {} other errors", seen.attempts, seen.connections,
                       seen.resets, seen.other_errors) +
           (seen.before_no_port < 0 ? "" : ", no port");
  });
}

std::string nothing() { return ""; }

// Takes a byte of each connection and resets it.
std::string serve_resets() {
  const int listening = listen_on(kFirstServerPort);
  if (listening < 0) return "cannot listen";
  std::thread([listening] {
    constexpr linger kReset = {.l_onoff = 1, .l_linger = 0};
    for (int i = 0; i < kAttempts; ++i) {
      const int connection = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
      char byte = 0;
      (void)::recv(connection, &byte, 1, 0);
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
      ::close(connection);
    }
  }).detach();
  return "";
}

// Why the load is not measured, once `before` has been done.
std::optional<std::string> problem_of(const Load& load, const std::function<void()>& before) {
  return in_namespace([&] {
    before();
    return measured(load).problem;
  });
}

bool lacks_veth(const std::string& problem) { return problem.find("veth") != std::string::npos; }

}  // namespace

TEST_CASE("an attempt that gets no socket, no address, no way or no answer is an error, and no want of ports") {
  const std::string refused = "3 attempts, 0 connections, 0 resets, 3 other errors";
  const auto no_socket = counted(attempts_over(true), [] {
    forbid_system_call(SYS_socket, EMFILE);
    return nothing();
  });
  if (!no_socket) SKIP_TEST("no namespaces here");
  CHECK(*no_socket == refused);
  Load bound_first = attempts_over(false);  // to an address that is not there
  bound_first.binding = Binding::port;
  CHECK(counted(bound_first, nothing).value_or("") == refused);
  CHECK(counted(attempts_over(false), nothing).value_or("") == refused);
  CHECK(counted(attempts_over(true), nothing).value_or("") == refused);  // nobody listens
}

TEST_CASE("a connection that the server resets is counted as one") {
  const auto seen = counted(attempts_over(true), serve_resets);
  if (!seen) SKIP_TEST("no namespaces here");
  CHECK(*seen == "3 attempts, 3 connections, 3 resets, 0 other errors");
}

TEST_CASE("what keeps a load from being measured is said") {
  const auto no_pipe = problem_of(attempts_over(true), [] { forbid_system_call(SYS_pipe2, EMFILE); });
  if (!no_pipe) SKIP_TEST("no namespaces here");
  CHECK(*no_pipe == "no pipe for a measurement: Too many open files");
  const auto no_listener = problem_of(attempts_over(true), [] { forbid_system_call(SYS_bind, EACCES); });
  CHECK(no_listener.value_or("") == "cannot listen in the trial's namespace: Permission denied");
}

TEST_CASE("a link that nothing gets through ends the measurement") {
  // The SYN that tries the link is not sent.
  const auto problem = problem_of(attempts_over(false), [] { forbid_system_call(SYS_bind, EACCES); });
  if (!problem) SKIP_TEST("no namespaces here");
  if (lacks_veth(*problem)) SKIP_TEST(*problem);
  CHECK(*problem == "trial: nothing gets through between the two network namespaces");
}

TEST_CASE("a load over IPv6 says where that is switched off") {
  Setting off = *find_setting(Os::linux_kernel, "net.ipv4.tcp_fin_timeout");
  off.key = "net.ipv6.conf.default.disable_ipv6";
  Load load = attempts_over(false);
  load.ipv6 = true;
  if (std::filesystem::exists("/proc/sys/net/ipv6")) load.client_settings.emplace_back(&off, "1");
  const auto problem = problem_of(load, [] {});
  if (!problem) SKIP_TEST("no namespaces here");
  if (lacks_veth(*problem)) SKIP_TEST(*problem);
  CHECK(*problem == "trial: IPv6 is switched off on this host");
}

TEST_CASE("a measurement whose processes are killed ends, and says so") {
  const auto said = in_namespace([]() -> std::string {
    if (::setpgid(0, 0) != 0) return "no process group of its own";
    // To this process group, of which only the processes of the load do not ignore it.
    const LoadSink sink{.take = [](std::size_t, Side, const LoadFigures&, bool) {},
                        .not_set = [](std::size_t, Side, const Setting&, const std::string&) {},
                        .go_on =
                            [] {
                              ::signal(SIGUSR1, SIG_IGN);
                              return ::kill(0, SIGUSR1) == 0;
                            }};
    const Load load{.loopback = true, .rate = 1, .length = milliseconds(30'000)};
    const auto ran = (*make_platform({}))->load_bench()->run({&load, 1}, sink);
    return ran ? "measured" : ran.error().message;
  });
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == "trial: a process of the measurement has ended before its time");
}
