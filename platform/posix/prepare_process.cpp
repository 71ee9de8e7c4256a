// What must be true of the process before it opens anything.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "platform/platform.hpp"

namespace twctl {
namespace {

bool is_closed(int descriptor) { return ::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF; }

// A closed descriptor is opened the wrong way round: nothing else can take its number, yet writing to it still
// fails, so that output which nobody gets is an error (74) and not a success.
void occupy(int descriptor) {
  const int mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
  const int opened = ::open("/dev/null", mode | O_NOCTTY);
  const int got = opened >= 0 ? opened : ::open("/", O_RDONLY | O_DIRECTORY);
  if (got != descriptor) ::_exit(70);  // 0 to 2 are taken in order: the lowest free number is this one
}

// Whoever starts a set-user-id or set-group-id copy chooses its arguments, its files and its limits.
void refuse_lent_rights() {
  constexpr std::string_view kWhy =
      "twctl: this copy is set-user-id or set-group-id, and runs for nobody\n"
      "  hint: take that away with `chmod ug-s`, and use sudo\n";
  if (::getuid() == ::geteuid() && ::getgid() == ::getegid()) return;
  (void)!::write(STDERR_FILENO, kWhy.data(), kWhy.size());
  ::_exit(77);
}

// Too small a stack (ulimit -s) would end a run in the middle, and a watchdog unseen. It grows as far as the limit of
// the moment lets it.
void allow_stack() {
  constexpr rlim_t kEnough = rlim_t{1024} * 1024;
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= kEnough) return;
  const rlim_t allowed = limit.rlim_max;
  limit = {.rlim_cur = kEnough, .rlim_max = std::max(allowed, kEnough)};
  if (::setrlimit(RLIMIT_STACK, &limit) == 0) return;
  limit = {.rlim_cur = std::min(allowed, kEnough), .rlim_max = allowed};  // without CAP_SYS_RESOURCE
  (void)::setrlimit(RLIMIT_STACK, &limit);
}

}  // namespace

void prepare_process() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (is_closed(descriptor)) occupy(descriptor);
  }
  refuse_lent_rights();
  allow_stack();
  ::umask(S_IRWXG | S_IRWXO);
  (void)std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an EPIPE that we report
  (void)std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an EFBIG
}

std::vector<std::string> program_arguments(int count, char** arguments) { return {arguments + 1, arguments + count}; }

}  // namespace twctl
