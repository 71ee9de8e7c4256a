// Which boot files are found, what masks, and what cannot be read.
#include "observe/boot_files.hpp"

#include <doctest/doctest.h>

#include "support/memory_host.hpp"

using namespace twctl;
using twctl::test::MemoryFiles;

namespace {

std::string found(MemoryFiles& files) {
  std::string text;
  const auto all = read_boot_files(files);
  for (const BootFile& file : *all) {
    text += file.path + (file.link_target.empty() ? "" : ">" + file.link_target) + "=" + file.bytes;
    text += (file.problem.empty() ? "" : "!" + file.problem) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("boot files are those that end in .conf in a boot directory, and /etc/sysctl.conf") {
  MemoryFiles files;
  files.files = {{"/etc/sysctl.d/a.conf", "1"},     {"/etc/sysctl.d/README", "2"}, {"/run/sysctl.d/b.conf", "3"},
                 {"/usr/lib/sysctl.d/c.conf", "4"}, {"/etc/sysctl.conf", "5"},     {"/etc/other.conf", "6"}};
  CHECK(found(files) ==
        "/etc/sysctl.d/a.conf=1\n/run/sysctl.d/b.conf=3\n/usr/lib/sysctl.d/c.conf=4\n/etc/sysctl.conf=5\n");
}

TEST_CASE("B13: another name is listed only where it has a line about a setting of ours") {
  MemoryFiles files;
  const std::string line = "net.ipv4.tcp_fin_timeout = 30\n";
  files.files = {
      {"/etc/sysctl.d/99-tuning", line}, {"/etc/sysctl.d/README.sysctl", line}, {"/etc/sysctl.d/x.bak", "a=1\n"}};
  CHECK(found(files) == "/etc/sysctl.d/99-tuning=" + line + "\n");
}

TEST_CASE("a link is listed under its own name with what it leads to") {
  MemoryFiles files;
  files.files = {{"/etc/sysctl.conf", "x"}, {"/usr/lib/sysctl.d/c.conf", "y"}};
  files.links = {{"/etc/sysctl.d/99-sysctl.conf", "/etc/sysctl.conf"}};
  files.links["/etc/sysctl.d/far.conf"] = "/nowhere";
  CHECK(found(files) ==
        "/etc/sysctl.d/99-sysctl.conf>/etc/sysctl.conf=x\n/etc/sysctl.d/far.conf>/nowhere=!dangling link\n"
        "/usr/lib/sysctl.d/c.conf=y\n/etc/sysctl.conf=x\n");
}

TEST_CASE("a link to /dev/null masks, whichever way it gets there") {
  MemoryFiles files;
  files.files = {{"/etc/keep.conf", ""}};
  files.links = {{"/etc/sysctl.d/a.conf", "/dev/null"},
                 {"/etc/sysctl.d/b.conf", "../../dev/null"},
                 {"/etc/sysctl.d/c.conf", "b.conf"}};
  CHECK(found(files) ==
        "/etc/sysctl.d/a.conf>/dev/null=\n/etc/sysctl.d/b.conf>/dev/null=\n/etc/sysctl.d/c.conf>/dev/null=\n");
}

TEST_CASE("a boot file that cannot be read says why, as does a directory, which masks all the same") {
  MemoryFiles files;
  files.errors["/etc/sysctl.d/a.conf"] = {.code = ErrorCode::denied,
                                          .message = "cannot read /etc/sysctl.d/a.conf: Permission denied"};
  files.files = {{"/etc/sysctl.d/a.conf", ""}, {"/etc/sysctl.d/dir.conf/inner", ""}, {"/etc/sysctl.d/dir.conf/.", ""}};
  CHECK(found(files) == "/etc/sysctl.d/a.conf=!Permission denied\n/etc/sysctl.d/dir.conf=!is a directory\n");
}

TEST_CASE("a boot directory that cannot be listed is named with the reason") {
  MemoryFiles files;
  files.errors["/etc/sysctl.d"] = {.code = ErrorCode::denied,
                                   .message = "cannot read /etc/sysctl.d: Permission denied"};
  files.files = {{"/usr/lib/sysctl.d/c.conf", "y"}};
  CHECK(found(files) == "/etc/sysctl.d=!Permission denied\n/usr/lib/sysctl.d/c.conf=y\n");
}

TEST_CASE("H13: want of descriptors is no trait of a boot file: then nothing is known of any") {
  const Error want{.code = ErrorCode::failed, .message = "cannot read /etc/sysctl.d: Too many open files"};
  MemoryFiles files;
  files.files = {{"/etc/sysctl.d/a.conf", ""}};
  for (const std::string_view path : {"/etc/sysctl.d", "/etc/sysctl.d/a.conf"}) {
    files.errors = {{std::string(path), want}};
    const auto found = read_boot_files(files);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error() == want);
  }
}

TEST_CASE("where /lib is a link, its files are not listed twice") {
  MemoryFiles files;
  files.files = {{"/usr/lib/sysctl.d/c.conf", "y"}, {"/lib/sysctl.d/c.conf", "y"}};
  CHECK(read_boot_files(files)->size() == 2);
  files.links = {{"/lib", "usr/lib"}};
  CHECK(found(files) == "/usr/lib/sysctl.d/c.conf=y\n");
}
