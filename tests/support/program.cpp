#include "support/program.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/cells.hpp"
#include "base/text.hpp"

namespace twctl::test {
namespace {

constexpr unsigned kTimeLimit = 10;  // seconds

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

[[noreturn]] void become(const Program& program, int out, int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  alarm(kTimeLimit);  // outlives exec
  if (program.prepare) program.prepare();
  std::vector<std::string> args = program.args;
  args.insert(args.begin(), "twctl");
  std::vector<std::string> environment = program.environment;
  execve(program.path.c_str(), pointers(args).data(), pointers(environment).data());
  _exit(127);
}

std::string content_of(int descriptor) {
  std::string content;
  std::array<char, 65536> chunk{};
  lseek(descriptor, 0, SEEK_SET);
  for (ssize_t count = 0; (count = ::read(descriptor, chunk.data(), chunk.size())) > 0;)
    content.append(chunk.data(), static_cast<std::size_t>(count));
  close(descriptor);
  return content;
}

}  // namespace

Finished run_program(const Program& program) {
  const int out = memfd_create("stdout", MFD_CLOEXEC);
  const int err = memfd_create("stderr", MFD_CLOEXEC);
  REQUIRE(out >= 0);
  REQUIRE(err >= 0);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) become(program, out, err);
  int status = 0;
  rusage usage{};
  REQUIRE(wait4(child, &status, 0, &usage) == child);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = content_of(out),
          .err = content_of(err),
          .seconds = taken.count(),
          .peak_kib = usage.ru_maxrss};
}

void close_descriptor(int descriptor) { close(descriptor); }

void point_descriptor_at(int descriptor, const char* path) {
  const int opened = open(path, O_RDWR);
  dup2(opened, descriptor);
  close(opened);
}

bool is_printable(const std::string& text) {
  const std::vector<std::string_view> lines = split(text, '\n');
  return std::all_of(lines.begin(), lines.end(), [](std::string_view line) { return twctl::is_printable(line); });
}

}  // namespace twctl::test
