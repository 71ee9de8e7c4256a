#include "support/in_namespace.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "support/namespace.hpp"

namespace twctl::test {
namespace {

constexpr char kMade = '+';
constexpr char kNotMade = '-';

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece;
  ssize_t got = 0;
  while ((got = ::read(descriptor, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

void write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
    if (written <= 0) return;
    done += static_cast<std::size_t>(written);
  }
}

bool make_namespaces() {
  return enter_fresh_network_namespace().empty() && ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

void install(std::span<sock_filter> filter) {
  const sock_fprog program = {.len = static_cast<unsigned short>(filter.size()), .filter = filter.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) ::_exit(1);
}

__u32 refusal(int error) { return SECCOMP_RET_ERRNO | (static_cast<__u32>(error) & SECCOMP_RET_DATA); }

}  // namespace

std::string in_child(const std::function<std::string()>& body) {
  std::array<int, 2> ends = {};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    write_all(ends[1], body());
    ::_exit(0);
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) : text;
}

std::optional<std::string> in_namespace(const std::function<std::string()>& body) {
  const std::string answer =
      in_child([&body] { return make_namespaces() ? kMade + body() : std::string(1, kNotMade); });
  if (answer.starts_with(kNotMade)) return std::nullopt;
  return answer.starts_with(kMade) ? answer.substr(1) : answer;
}

void forbid_system_call(int call, int error) {
  std::array filter = {
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<__u32>(call), 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, refusal(error)),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  install(filter);
}

void forbid_system_call(int call, int error, unsigned argument, std::uint32_t is) {
  const auto its_low_half = static_cast<__u32>(offsetof(seccomp_data, args) + sizeof(__u64) * argument);
  std::array filter = {
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<__u32>(call), 0, 3),
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, its_low_half),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, is, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, refusal(error)),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  install(filter);
}

int listen_on(int port) {
  const int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<std::uint16_t>(port));
  const bool done =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(socket, 8) == 0;
  return done ? socket : -1;
}

std::string put(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return std::strerror(errno);
  const ssize_t written = ::write(file, text.data(), text.size());
  const int error = written < 0 ? errno : 0;
  ::close(file);
  return error == 0 ? "" : std::strerror(error);
}

}  // namespace twctl::test
