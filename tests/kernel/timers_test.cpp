// The boot clock and the watchdog's start, on this kernel and as on one that lacks what they ask for.
#include "platform/linux/timers.hpp"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "support/in_namespace.hpp"
#include "support/memory_host.hpp"
#include "support/skip.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

constexpr int kNewTimeNamespace = 0x80;  // CLONE_NEWTIME, Linux 5.6; absent from older headers
constexpr const char* kOffsets = "/proc/self/timens_offsets";

// By how many hours the clock of this process is ahead of what the timers take for the host's.
std::string hours_ahead() {
  MemoryFiles files;
  timespec here = {};
  ::clock_gettime(CLOCK_BOOTTIME, &here);
  const auto ahead = std::chrono::seconds(here.tv_sec) - make_timers(files, true)->now();
  return std::to_string(std::chrono::round<std::chrono::hours>(ahead).count());
}

}  // namespace

TEST_CASE("time is the host's in a time namespace too, and this process's where that cannot be told") {
  const auto said = in_namespace([]() -> std::string {
    if (::unshare(kNewTimeNamespace) != 0 || !put(kOffsets, "boottime 7200 0").empty()) return "no time namespaces";
    return in_child([]() -> std::string {  // the first process in it
      const std::string told = hours_ahead();
      const bool hidden = ::mount("/dev/null", kOffsets, nullptr, MS_BIND, nullptr) == 0;
      return told + (hidden ? ", hidden " + hours_ahead() : ", cannot mount");
    });
  });
  if (!said) SKIP_TEST("no namespaces here");
  if (*said == "no time namespaces") SKIP_TEST("no time namespace with another boot clock here");
  CHECK(*said == "2, hidden 0");
}

TEST_CASE("a watchdog ends the run that has started it, also on a kernel before 5.3, which has no pidfd_open") {
  for (const int error : {0, ENOSYS}) {
    CAPTURE(error);
    const std::string said = in_child([error]() -> std::string {
      if (error != 0) forbid_system_call(SYS_pidfd_open, error);
      MemoryFiles files;
      const auto timers = make_timers(files, true);
      const auto started = timers->start_watchdog([](const DeadlineTimers::Starter& starter) { starter.end(); });
      if (!started) return started.error().message;
      ::waitpid(-1, nullptr, 0);  // the watchdog's end, which this process does not live to see
      return "outlived it";
    });
    CHECK(said == "signal 9");
  }
}
