#include "platform/linux/timers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "platform/linux/surroundings.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/directory.hpp"
#include "platform/posix/durable.hpp"
#include "platform/posix/read_bytes.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

// The numbers of the open descriptors, and of others where /proc does not tell.
std::vector<int> descriptors_to_look_at() {
  constexpr long kMost = 65536;
  std::vector<int> numbers;
  if (const auto names = names_in(open_entries(AT_FDCWD, "/proc/self/fd"))) {
    for (const std::string& name : *names) numbers.push_back(static_cast<int>(parse_decimal(name).value_or(0)));
    return numbers;
  }
  for (int number = 0; number < std::min(::sysconf(_SC_OPEN_MAX), kMost); ++number) numbers.push_back(number);
  return numbers;
}

// What we open is close-on-exec, so anything else came from the program that started us: a pipe perhaps, whose end it
// waits for.
void close_inherited_descriptors() {
  for (const int descriptor : descriptors_to_look_at()) {
    const int flags = descriptor > STDERR_FILENO ? ::fcntl(descriptor, F_GETFD) : FD_CLOEXEC;
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ::close(descriptor);
  }
}

// Whatever they were, somebody may wait for their end. Where there is no /dev/null they become `spare`, which is open
// and nobody else's.
void let_go_of_standard_descriptors(int spare) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(null >= 0 ? null : spare, standard);
  }
  if (null > STDERR_FILENO) ::close(null);
}

// A day of looking for the decision takes more than a minute of processor time: a limit on that, as of a login or of a
// build server's job, would end the watchdog unseen. False: it is too low, and only CAP_SYS_RESOURCE may lift it.
bool lift_processor_limit() {
  constexpr rlim_t kEnough = 600;  // seconds, for a day
  rlimit limit = {};
  if (::getrlimit(RLIMIT_CPU, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  constexpr rlimit kUnlimited = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  if (::setrlimit(RLIMIT_CPU, &kUnlimited) == 0) return true;
  limit.rlim_cur = limit.rlim_max;
  return limit.rlim_max >= kEnough && ::setrlimit(RLIMIT_CPU, &limit) == 0;
}

// "" where one would live.
std::string why_no_watchdog() {
  if (lift_processor_limit()) return {};
  return "no watchdog can be started that lives: this run's processor time is limited (ulimit -t), and lifting that "
         "takes CAP_SYS_RESOURCE";
}

// A session of its own: no hang-up, no key of the terminal and no kill of the caller's process group reaches it.
void detach(int spare) {
  ::setsid();
  for (const int signal : {SIGINT, SIGTERM}) {
    if (::signal(signal, SIG_DFL) == SIG_IGN) ::signal(signal, SIG_IGN);  // ignored at the start, so from there on
  }
  ::signal(SIGHUP, SIG_IGN);
  ::prctl(PR_SET_NAME, kWatchdogName);
  let_go_of_standard_descriptors(spare);
  close_inherited_descriptors();
  (void)::chdir("/");
}

// What this process's time namespace adds to the host's boot clock (time_namespaces(7)): "boottime 7200 0", seconds
// and nanoseconds. Not kept: a fork may be in another one.
std::chrono::nanoseconds boot_clock_offset() {
  const Descriptor file(::open("/proc/self/timens_offsets", O_RDONLY | O_CLOEXEC));
  const std::string text = file ? read_bytes(file.get(), 256).value_or("") : "";
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> fields = words(line);
    if (fields.size() != 3 || fields[0] != "boottime") continue;
    return std::chrono::seconds(parse_decimal(fields[1]).value_or(0)) +
           std::chrono::nanoseconds(parse_decimal(fields[2]).value_or(0));
  }
  return {};  // a kernel without time namespaces
}

class LinuxTimers final : public DeadlineTimers {
 public:
  LinuxTimers(HostFiles& files, bool own_boot) : files_(files), own_boot_(own_boot) {}

  std::chrono::nanoseconds now() override {
    timespec time = {};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec) - boot_clock_offset();
  }

  void sleep_until(std::chrono::nanoseconds time) override {
    const auto here = (time + boot_clock_offset()).count();
    const timespec until = {.tv_sec = here / kNanosecondsPerSecond, .tv_nsec = here % kNanosecondsPerSecond};
    (void)::clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, nullptr);
  }

  Surroundings surroundings() override {
    Surroundings around = find_surroundings(files_, own_boot_);
    rlimit before = {};
    const bool known = ::getrlimit(RLIMIT_CPU, &before) == 0;
    around.no_watchdog = why_no_watchdog();
    if (known) (void)::setrlimit(RLIMIT_CPU, &before);  // a look changes nothing
    return around;
  }

  Result<void> start_watchdog(const Watch& body) override {
    if (std::string why = why_no_watchdog(); !why.empty()) return fail(ErrorCode::refused, std::move(why));
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
      detach(until_ready.get());
      until_ready = Descriptor();
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
    return fail(is_exhausted(error) ? ErrorCode::failed : ErrorCode::refused,
                std::string("no watchdog can be started: ") + system_says(error));
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

  HostFiles& files_;
  bool own_boot_;
  pid_t starter_ = 0;
  Descriptor starter_descriptor_;
};

}  // namespace

std::unique_ptr<DeadlineTimers> make_timers(HostFiles& files, bool own_boot) {
  return std::make_unique<LinuxTimers>(files, own_boot);
}

}  // namespace twctl
