#include "platform/posix/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr std::int64_t kNobodyLoggedIn = 4294967295;  // (uid_t)-1, as /proc/self/loginuid prints it
constexpr int kAuthNotice = 10 * 8 + 5;               // LOG_AUTHPRIV, LOG_NOTICE

volatile sig_atomic_t signal_came = 0;

std::optional<std::uint32_t> login_uid() {
  const Descriptor file(::open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  const OrErrno<std::string> text = read_bytes(file.get(), 32);
  const std::optional<std::int64_t> uid = text ? parse_decimal(trim(*text)) : std::nullopt;
  if (!uid || *uid < 0 || *uid >= kNobodyLoggedIn) return std::nullopt;
  return static_cast<std::uint32_t>(*uid);
}

// What sudo(8) says, where it may be a user's name: its caller may say anything.
std::string sudo_user() {
  constexpr std::size_t kLongestName = 255;     // LOGIN_NAME_MAX without its NUL
  const char* name = std::getenv("SUDO_USER");  // one thread
  return name == nullptr || std::strlen(name) > kLongestName ? "" : name;
}

class PosixRun final : public Run {
 public:
  explicit PosixRun(bool logs) : logs_(logs) {}

  RunFacts facts() override {
    return {.uid = ::getuid(),
            .login_uid = login_uid(),
            .sudo_user = sudo_user(),
            .time = ::time(nullptr),
            .elevated = ::geteuid() == 0};
  }

  Result<std::string> random_id() override {
    std::array<unsigned char, 16> bytes{};
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got != static_cast<ssize_t>(bytes.size())) {
      return fail(ErrorCode::failed, fmt::format("no random number for the change's id: {}", system_says(errno)));
    }
    std::string id;
    for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
    return id;
  }

  // From now on the signals only set a flag; one that was ignored at the start (nohup) stays ignored.
  void catch_interrupts() override {
    struct sigaction action = {};
    action.sa_handler = [](int) { signal_came = 1; };
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction now = {};
      const bool ignored = ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
      if (!ignored) ::sigaction(signal, &action, nullptr);
    }
  }

  bool interrupted() override { return signal_came != 0; }

  // Not by syslog(3), which takes a time zone from the environment.
  void log(const std::string& line) override {
    if (!logs_) return;
    const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    const std::string message = fmt::format("<{}>twctl[{}]: {}", kAuthNotice, ::getpid(), line);
    (void)::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address),
                   sizeof address);
  }

 private:
  bool logs_;
};

}  // namespace

std::unique_ptr<Run> make_run(bool logs) { return std::make_unique<PosixRun>(logs); }

}  // namespace twctl
