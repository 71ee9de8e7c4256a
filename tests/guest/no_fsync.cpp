// no_fsync PROGRAM ARGS...: runs the program with fsync, fdatasync and sync_file_range answered by "done" and not done,
// as a disk that lies does. The suites of guests must notice.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>

namespace {

#define ANSWER_DONE_TO(call) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO)  // error 0: success

bool lie_about_durability() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      ANSWER_DONE_TO(__NR_fsync),
      ANSWER_DONE_TO(__NR_fdatasync),
      ANSWER_DONE_TO(__NR_sync_file_range),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || !lie_about_durability()) {
    std::perror("no_fsync");
    return 126;
  }
  execv(argv[1], argv + 1);
  std::perror(argv[1]);
  return 127;
}
