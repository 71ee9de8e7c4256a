#include "platform/linux/timers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/text.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/durable.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

// What we open is close-on-exec, so anything else came from the program that started us: a pipe perhaps, whose end it
// waits for.
void close_inherited_descriptors() {
  const Descriptor directory(::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto names = directory ? names_in(directory.get()) : OrErrno<std::vector<std::string>>();
  if (!names) return;
  for (const std::string& name : *names) {
    const int descriptor = static_cast<int>(parse_decimal(name).value_or(0));
    const int flags = descriptor > STDERR_FILENO ? ::fcntl(descriptor, F_GETFD) : FD_CLOEXEC;
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ::close(descriptor);
  }
}

// A session of its own: no hang-up, no key of the terminal and no kill of the caller's process group reaches it.
void detach() {
  ::setsid();
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  ::signal(SIGHUP, SIG_IGN);
  ::prctl(PR_SET_NAME, "twctl-watchdog");
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, standard);
  if (null > STDERR_FILENO) ::close(null);
  close_inherited_descriptors();
  (void)::chdir("/");
}

class LinuxTimers final : public DeadlineTimers {
 public:
  std::chrono::nanoseconds now() override {
    timespec time = {};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  void sleep_until(std::chrono::nanoseconds time) override {
    const timespec until = {.tv_sec = time.count() / kNanosecondsPerSecond,
                            .tv_nsec = time.count() % kNanosecondsPerSecond};
    (void)::clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, nullptr);
  }

  Result<void> start_watchdog(const Watch& body) override {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) return not_started(errno);
    Descriptor until_ready(ends[0]);
    Descriptor readiness(ends[1]);
    starter_ = ::getpid();
    // Before the fork, so that it can mean nobody else. Linux before 5.3 has none; then the parent's id has to do.
    starter_descriptor_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, starter_, 0)));
    const pid_t watchdog = ::fork();
    if (watchdog < 0) return not_started(errno);
    if (watchdog == 0) {
      until_ready = Descriptor();
      detach();
      body({.release = [&readiness] { readiness = Descriptor(); }, .end = [this] { end_starter(); }});
      ::_exit(0);
    }
    readiness = Descriptor();
    pollfd ready = {.fd = until_ready.get(), .events = POLLIN, .revents = 0};
    (void)::poll(&ready, 1, kPatience);  // its end closes, with the watchdog's word or with the watchdog
    return {};
  }

 private:
  static constexpr int kPatience = 5000;  // ms; for what takes no time unless the machine is overrun

  static tl::unexpected<Error> not_started(int error) {
    return fail(ErrorCode::failed, std::string("no watchdog can be started: ") + system_says(error));
  }

  void end_starter() {
    if (::getppid() != starter_) return;  // it is gone: somebody else has adopted this process
    if (!starter_descriptor_) {
      ::kill(starter_, SIGKILL);
      return;
    }
    (void)::syscall(SYS_pidfd_send_signal, starter_descriptor_.get(), SIGKILL, nullptr, 0);
    pollfd ended = {.fd = starter_descriptor_.get(), .events = POLLIN, .revents = 0};
    (void)::poll(&ended, 1, kPatience);
  }

  pid_t starter_ = 0;
  Descriptor starter_descriptor_;
};

}  // namespace

std::unique_ptr<DeadlineTimers> make_timers() { return std::make_unique<LinuxTimers>(); }

}  // namespace twctl
