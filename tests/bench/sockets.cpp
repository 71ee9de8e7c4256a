// sockets TWCTL COUNT ROUNDS: makes COUNT sockets in TIME_WAIT in a network namespace of its own, then times, in turn
// and ROUNDS times, the kernel's own walk over them, `twctl states`, `--by peer`, `doctor --interval 0`, and what
// people do without twctl. Prints for each "name wall-us cpu-us peak-kib" (medians; the peak over all runs). A small
// static program on purpose: a child is charged with its parent's pages until it calls exec. As root; TIME_WAIT lasts
// 60 seconds, so it says if too few are left at the end.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr int kListenPort = 9000;
constexpr int kEachDestination = 7500;  // well below half of the ports, where connect() gets slow
constexpr unsigned kTimeWaitBit = 1U << 6U;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

void require(bool done, const char* what) {
  if (!done) give_up(what);
}

void write_setting(const char* path, const char* value) {
  const int file = open(path, O_WRONLY);
  require(file >= 0 && write(file, value, std::strlen(value)) > 0, path);
  close(file);
}

void enter_namespace() {
  require(unshare(CLONE_NEWNET) == 0, "unshare (run as root)");
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const int any = socket(AF_INET, SOCK_DGRAM, 0);
  require(ioctl(any, SIOCSIFFLAGS, &request) == 0, "lo up");
  close(any);
  write_setting("/proc/sys/net/ipv4/tcp_max_tw_buckets", "1000000");
}

sockaddr_in loopback(std::uint32_t number, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

void make_one(int listening, const sockaddr_in& to) {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  require(connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0, "connect");
  const int server = accept(listening, nullptr, nullptr);
  require(server >= 0, "accept");
  close(client);
  char byte = 0;
  (void)!recv(server, &byte, 1, 0);
  close(server);
}

void make_time_waits(int count) {
  const int listening = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in here = loopback(0, kListenPort);
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  require(bind(listening, reinterpret_cast<sockaddr*>(&here), sizeof here) == 0, "bind");
  require(listen(listening, 128) == 0, "listen");
  for (int i = 0; i < count; ++i) {
    make_one(listening, loopback(static_cast<std::uint32_t>(i / kEachDestination), kListenPort));
  }
  close(listening);
}

struct Request {
  nlmsghdr header;
  inet_diag_req body;
};

// The number of messages; what they say is thrown away.
long bare_dump(unsigned states) {
  static std::array<char, 32768> buffer;
  const int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
  Request request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = TCPDIAG_GETSOCK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.idiag_family = AF_INET;
  request.body.idiag_states = states;
  require(send(netlink, &request, sizeof request, 0) > 0, "send");
  long messages = 0;
  for (bool done = false; !done;) {
    auto left = recv(netlink, buffer.data(), buffer.size(), 0);
    require(left > 0, "recv");
    const auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data());
    for (; NLMSG_OK(message, static_cast<std::size_t>(left)); message = NLMSG_NEXT(message, left)) {
      done = message->nlmsg_type == NLMSG_DONE;
      messages += done ? 0 : 1;
    }
  }
  close(netlink);
  return messages;
}

struct Cost {
  std::vector<double> wall_us;
  std::vector<double> cpu_us;
  long peak_kib = 0;
};

double microseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

double cpu_of(const rusage& usage) {
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void time_dump(unsigned states, Cost& cost) {
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_SELF, &before);
  const auto start = std::chrono::steady_clock::now();
  bare_dump(states);
  cost.wall_us.push_back(microseconds_since(start));
  getrusage(RUSAGE_SELF, &after);
  cost.cpu_us.push_back(cpu_of(after) - cpu_of(before));
}

void time_command(const std::vector<std::string>& command, Cost& cost) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t silence;
  posix_spawn_file_actions_init(&silence);
  posix_spawn_file_actions_addopen(&silence, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  require(posix_spawnp(&child, arguments[0], &silence, nullptr, arguments.data(), environ) == 0, "cannot start");
  int status = 0;
  rusage usage{};
  require(wait4(child, &status, 0, &usage) == child, "wait");
  cost.wall_us.push_back(microseconds_since(start));
  cost.cpu_us.push_back(cpu_of(usage));  // with what the shell waited for
  cost.peak_kib = std::max(cost.peak_kib, usage.ru_maxrss);
  require(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2), "a command failed");
  posix_spawn_file_actions_destroy(&silence);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print(const char* name, const Cost& cost) {
  std::printf("%s %.0f %.0f %ld\n", name, median(cost.wall_us), median(cost.cpu_us), cost.peak_kib);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) give_up("usage: sockets TWCTL COUNT ROUNDS");
  const std::string twctl = argv[1];
  const int count = std::atoi(argv[2]);
  const int rounds = std::atoi(argv[3]);
  const std::string counts = "++S[$1]} END {for (a in S) print a, S[a]}'";
  const std::vector<std::string> ss{"sh", "-c", "ss -tan | awk '{" + counts};
  const std::vector<std::string> netstat{"sh", "-c",
                                         "netstat -n | awk '/^tcp/ {++S[$NF]} END {for (a in S) print a, S[a]}'"};
  enter_namespace();
  make_time_waits(count);
  Cost walk, full, states, by_peer, doctor, by_ss, by_netstat;
  for (int round = 0; round < rounds; ++round) {
    time_dump(0xffe & ~kTimeWaitBit, walk);
    time_command({twctl, "states"}, states);
    time_dump(0xffe, full);
    time_command({twctl, "states", "--by", "peer"}, by_peer);
    time_command({twctl, "doctor", "--interval", "0"}, doctor);
    time_command(ss, by_ss);
    if (round < 3) time_command(netstat, by_netstat);
  }
  const long left = bare_dump(kTimeWaitBit);
  print("walk", walk);
  print("full", full);
  print("states", states);
  print("by_peer", by_peer);
  print("doctor", doctor);
  print("ss", by_ss);
  print("netstat", by_netstat);
  std::printf("left %ld 0 0\n", left);
  return left * 10 >= 9L * count ? 0 : 1;
}
