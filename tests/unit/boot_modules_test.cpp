// Modules that are there before the boot files are read.
#include "observe/boot_modules.hpp"

#include <doctest/doctest.h>

#include "support/growth.hpp"
#include "support/memory_host.hpp"

using namespace twctl;
using twctl::test::MemoryFiles;

namespace {

bool is_early(MemoryFiles& files) { return !find_boot_modules(files, "6.1.0-30-amd64", {"nf_conntrack"}).empty(); }

}  // namespace

TEST_CASE("a module that nothing loads early is none") {
  MemoryFiles files;
  files.files = {{"/etc/modules-load.d/x.conf", "# nf_conntrack\n; nf_conntrack\nloop\n"},
                 {"/etc/modules-load.d/README", "nf_conntrack\n"},
                 {"/lib/modules/6.1.0-30-amd64/modules.builtin", "kernel/fs/ext4/ext4.ko\n"}};
  CHECK_FALSE(is_early(files));
}

TEST_CASE("a module of the kernel itself is early, by its list or because it runs without having been loaded") {
  MemoryFiles listed;
  listed.files = {{"/lib/modules/6.1.0-30-amd64/modules.builtin", "kernel/net/netfilter/nf_conntrack.ko\n"}};
  CHECK(is_early(listed));
  MemoryFiles running;
  running.files = {{"/sys/module/nf_conntrack/parameters/hashsize", "65536\n"}};
  CHECK(is_early(running));
  running.files["/sys/module/nf_conntrack/initstate"] = "live\n";
  CHECK_FALSE(is_early(running));
}

TEST_CASE("a module in modules-load.d or /etc/modules is early, in either spelling") {
  MemoryFiles files;
  files.files = {{"/usr/lib/modules-load.d/x.conf", "nf-conntrack\n"}};
  CHECK(is_early(files));
  MemoryFiles old;
  old.files = {{"/etc/modules", "loop\nnf_conntrack hashsize=1000\n"}};
  CHECK(is_early(old));
}

TEST_CASE("a masked modules-load.d file loads nothing") {
  MemoryFiles files;
  files.files = {{"/usr/lib/modules-load.d/x.conf", "nf_conntrack\n"}, {"/dev/null", ""}};
  files.links = {{"/etc/modules-load.d/x.conf", "/dev/null"}};
  CHECK_FALSE(is_early(files));
}

TEST_CASE("a module is early when a listed one needs it") {
  MemoryFiles files;
  files.files = {
      {"/etc/modules-load.d/k8s.conf", "xt_conntrack\n"},
      {"/lib/modules/6.1.0-30-amd64/modules.dep",
       "kernel/a.ko: kernel/net/netfilter/nf_conntrack.ko\n"
       "kernel/net/netfilter/xt_conntrack.ko.xz: kernel/net/netfilter/nf_conntrack.ko.xz kernel/lib/b.ko.xz\n"}};
  CHECK(is_early(files));
  files.files["/etc/modules-load.d/k8s.conf"] = "br_netfilter\n";
  CHECK_FALSE(is_early(files));
}

TEST_CASE("B10: the modules of a tree without the link /lib are those below /usr") {
  MemoryFiles files;
  files.files = {{"/usr/lib/modules/6.1.0-30-amd64/modules.builtin", "kernel/net/netfilter/nf_conntrack.ko\n"}};
  CHECK(is_early(files));
}

TEST_CASE("a module that is loaded early brings those of its soft dependencies along") {
  MemoryFiles files;
  files.files = {{"/etc/modules-load.d/x.conf", "ip-vs\n"},
                 {"/etc/modprobe.d/x.conf", "# softdep ip_vs pre: nf_conntrack\nsoftdep other pre: nf_conntrack\n"}};
  const auto found = [&] { return find_boot_modules(files, "6.1.0-30-amd64", {"nf_conntrack"}).size(); };
  CHECK(found() == 0);
  files.files["/etc/modprobe.d/y.conf"] = "softdep ip_vs pre: a post: b\nsoftdep b pre: c nf-conntrack\n";
  CHECK(found() == 1);
  files.files.erase("/etc/modprobe.d/y.conf");
  files.files["/lib/modules/6.1.0-30-amd64/modules.softdep"] = "softdep ip_vs pre: d\n";
  files.files["/lib/modules/6.1.0-30-amd64/modules.dep"] = "kernel/d.ko.xz: kernel/nf_conntrack.ko.xz\n";
  CHECK(found() == 1);
}

TEST_CASE("H04: a chain of modules that need one another is followed in time that grows with its length") {
  const auto follow = [](std::size_t length) {
    MemoryFiles files;
    files.files["/etc/modules-load.d/x.conf"] = "m0\n";
    std::string& chain = files.files["/etc/modprobe.d/x.conf"];
    for (std::size_t i = length; i > 0; --i) {
      chain +=
          "softdep m" + std::to_string(i - 1) + " pre: " + (i == length ? "nf_conntrack" : "m" + std::to_string(i));
      chain += "\n";
    }
    CHECK(is_early(files));
  };
  CHECK(test::growth(follow, 2000) < test::kLinear);
}
