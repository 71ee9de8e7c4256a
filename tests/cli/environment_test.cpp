// docs/hostile-input.md, "E: the environment": what the process finds itself in.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/program.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl::test;

namespace {

Program plan() { return {.args = {"plan", "--exit-zero"}}; }

Finished plan_where(const std::function<void()>& prepare) {
  Program program = plan();
  program.prepare = prepare;
  Finished run = run_program(program);
  CHECK(run.seconds <= 2.0);
  return run;
}

void limit(__rlimit_resource what, rlim_t to) {
  const rlimit both{to, to};
  setrlimit(what, &both);
}

mode_t mode_of(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777U : 0;
}

}  // namespace

TEST_CASE("E01: without any argument, even its own name, it is 64") {
  const Finished run = run_program({.args = {}, .prepare = [] {
                                      char* const none[] = {nullptr};
                                      execve(TWCTL_PROGRAM, none, none);
                                    }});
  CHECK(run.code == 64);
  CHECK(run.err.find("twctl: ") == 0);
}

TEST_CASE("E03: a full disk behind standard output is 74, and said on standard error") {
  const Finished run = plan_where([] { point_descriptor_at(1, "/dev/full"); });
  CHECK(run.code == 74);
  CHECK(run.err == "twctl: the output could not be written: No space left on device\n");
}

TEST_CASE("E04: a reader who has gone away is told nothing") {
  const Finished run = plan_where([] {
    int ends[2];
    if (pipe(ends) != 0) _exit(1);
    close(ends[0]);
    dup2(ends[1], 1);
  });
  CHECK(run.code == 74);
  CHECK(run.err.empty());
}

TEST_CASE("descriptors that are closed at the start are no place to write to") {
  const Finished run = plan_where([] {
    for (const int descriptor : {0, 1, 2}) close_descriptor(descriptor);
  });
  CHECK((run.code == 0 || run.code == 74));
  CHECK(run.out.empty());
}

TEST_CASE("E08: no locale changes what is said") {
  const Finished plain = run_program(plan());
  for (const char* locale : {"tr_TR.UTF-8", "hi_IN.UTF-8", "nonsense"}) {
    Program program = plan();
    program.environment = {"LC_ALL=" + std::string(locale), "LANG=" + std::string(locale)};
    const Finished run = run_program(program);
    CHECK(run.out == plain.out);
    CHECK(run.code == plain.code);
  }
}

TEST_CASE("E10, E11: whatever the umask, what -o writes is its owner's") {
  for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
    Tree tree;
    const Finished run =
        run_program({.args = {"snapshot", "-o", tree.at("/s.json")}, .prepare = [mask] { umask(mask); }});
    CHECK(run.code == 0);
    CHECK(mode_of(tree.at("/s.json")) == 0600);
  }
}

TEST_CASE("E13, E14: eight descriptors and 32 MiB of address space are enough, or it says what is not") {
  CHECK(plan_where([] { limit(RLIMIT_NOFILE, 32); }).code == 0);
  CHECK(plan_where([] { limit(RLIMIT_NOFILE, 8); }).err ==
        "twctl: too few open files are allowed (ulimit -n): twctl needs 20 more\n"
        "  hint: raise it, as with: ulimit -n 1024\n");
  const int code = plan_where([] { limit(RLIMIT_AS, 32UL << 20U); }).code;
  CHECK((code == 0 || code == 127));  // 127: not enough for the dynamic linker; the released program is static
}

TEST_CASE("E21: a plain user may plan, and leaves nothing behind") {
  if (geteuid() != 0) SKIP_TEST("only root can become a plain user");
  Tree tree;  // where he can reach it, wherever this was built
  std::filesystem::permissions(tree.root(), std::filesystem::perms(0755));
  std::filesystem::copy_file(TWCTL_PROGRAM, tree.at("/twctl"));
  Program program = plan();
  program.path = tree.at("/twctl");
  program.prepare = [] {
    if (setgroups(0, nullptr) != 0 || setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
  };
  const Finished run = run_program(program);
  CHECK(run.code == 0);
  CHECK_FALSE(std::filesystem::exists("/var/lib/twctl"));
}
