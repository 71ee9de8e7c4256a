// What is said of the next boot against the real TuneD: random profiles, boot files and options, a loader run over them
// and then TuneD's own loader and sysctl plugin, and every key read back. TWCTL_TUNED_SETUPS and TWCTL_LOADER_SEED make
// another, longer run of it (scripts/long loaders).
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/text.hpp"
#include "observe/boot_files.hpp"
#include "observe/writers/later_writers.hpp"
#include "rules/boot_state.hpp"
#include "support/in_namespace.hpp"
#include "support/memory_host.hpp"
#include "support/namespaced_settings.hpp"
#include "support/run_loader.hpp"
#include "support/skip.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

// Its modules, as scripts/cmake/fetch-tuned lays them; a copy, since /usr/lib may not be written.
constexpr const char* kModules = TWCTL_SOURCE_DIR "/build/tuned/usr/lib/python3/dist-packages";
constexpr std::string_view kVendor = "/usr/lib/tuned";
constexpr std::string_view kVendorHere = "/run/vendor";  // where the test may write it

class SetupMaker {
 public:
  explicit SetupMaker(std::uint64_t seed) : random_(seed) {}

  // Files of a host that has TuneD on.
  void make(MemoryFiles& host) {
    host.links["/etc/systemd/system/multi-user.target.wants/tuned.service"] = "/usr/lib/systemd/system/tuned.service";
    host.files["/etc/tuned/active_profile"] = pick({"a", "a b", "a\n", "a gone"});
    host.files["/etc/tuned/tuned-main.conf"] =
        pick({"", "reapply_sysctl = 0\n", "reapply_sysctl = 1\n", "reapply_sysctl=no\n"});
    for (const char* path :
         {"/etc/tuned/a", "/etc/tuned/b", "/usr/lib/tuned/a", "/usr/lib/tuned/c", "/usr/lib/tuned/d"}) {
      if (path == std::string_view("/etc/tuned/a") || !one_in(4))
        host.files[std::string(path) + "/tuned.conf"] = profile();
    }
    for (const char* path : {"/etc/sysctl.d/50-x.conf", "/run/sysctl.d/50-x.conf", "/etc/sysctl.d/99-y.conf",
                             "/usr/lib/sysctl.d/60-z.conf", "/etc/sysctl.conf"}) {
      if (one_in(2)) host.files[path] = boot_file();
    }
  }

 private:
  bool one_in(std::size_t count) { return random_() % count == 0; }

  std::string pick(std::initializer_list<const char*> choices) {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(random_() % choices.size()));
  }

  std::string key() {
    return pick({"net.ipv4.tcp_fin_timeout", "net.core.somaxconn", "net.ipv4.tcp_keepalive_time",
                 "net.ipv4.ip_local_port_range", "net/ipv4/tcp_fin_timeout", "net/core.somaxconn"});
  }

  std::string value() {
    return pick({"15", "2048", ">2048", "<2048", "> 100", ">100 200", "<30", "+50", "\"40\"", "1000 2000", ">x", "",
                 "0x20", "020", "40 # c", "20000\n   30000", ">", "5000"});
  }

  std::string section() {
    std::string text = "[" + pick({"sysctl", "sysctl", "net", "other", "sysctl.x"}) + "]\n";
    if (one_in(2)) text += "type=sysctl\n";
    if (one_in(6)) text += pick({"enabled=0\n", "enabled=1\n", "enabled=true\n", "enabled=yes\n"});
    if (one_in(6)) text += pick({"replace=1\n", "replace=0\n"});
    if (one_in(6)) text += "drop=net.core.somaxconn, net.ipv4.tcp_fin_timeout\n";
    if (one_in(6)) text += pick({"priority=-5\n", "priority=7\n"});
    for (std::size_t lines = random_() % 4; lines > 0; --lines) text += key() + pick({"=", " = "}) + value() + "\n";
    return text;
  }

  std::string profile() {
    std::string text;
    if (one_in(2)) text += "[main]\nsummary=x\n";
    if (one_in(2)) text += "[main]\ninclude=" + pick({"a", "b", "c", "c, d", "-e", "c;-b", "d,a", "e"}) + "\n";
    for (std::size_t sections = random_() % 3 + 1; sections > 0; --sections) text += section();
    if (one_in(20)) text += "oops\n";
    return text;
  }

  std::string boot_file() {
    std::string text;
    for (std::size_t lines = random_() % 3 + 1; lines > 0; --lines) {
      text += pick({"", "", "", "-", "# "}) + key() + pick({"=", " = "}) +
              pick({"25", "512", "4000", "10000 20000", "x", "010"}) + "\n";
    }
    return text;
  }

  std::mt19937_64 random_;
};

std::string path_here(const std::string& path) {
  return path.starts_with(kVendor) ? std::string(kVendorHere) + path.substr(kVendor.size()) : path;
}

// Only in a namespace of ours.
bool lay_out(const MemoryFiles& host) {
  for (const char* place : {"/etc", "/run", "/usr/lib/sysctl.d"}) {
    if (::mount("tmpfs", place, "tmpfs", 0, nullptr) != 0) return false;
  }
  std::filesystem::create_directories(kVendorHere);
  for (const auto& [path, bytes] : host.files) {
    const std::filesystem::path here = path_here(path);
    std::filesystem::create_directories(here.parent_path());
    std::ofstream(here) << bytes;
  }
  return true;
}

std::string text_of_setup(const MemoryFiles& host) {
  std::string text;
  for (const auto& [path, bytes] : host.files) text += "--- " + path + "\n" + bytes + "\n";
  return text;
}

const std::vector<const Setting*>& compared() {
  static const std::vector<const Setting*> kAll = [] {
    std::vector<const Setting*> all;
    for (const char* key : {"net.ipv4.tcp_fin_timeout", "net.core.somaxconn", "net.ipv4.tcp_keepalive_time",
                            "net.ipv4.ip_local_port_range"}) {
      all.push_back(find_setting(Os::linux_kernel, key));
    }
    return all;
  }();
  return kAll;
}

std::string really(const MemoryFiles& host) {
  return in_namespace([&] {
           if (!lay_out(host)) return std::string("cannot mount over /etc");
           run_loader({.loader = Loader::systemd, .program = "/lib/systemd/systemd-sysctl", .arguments = {}});
           run_loader(
               {.loader = Loader::none,
                .program = "/usr/bin/python3",
                .arguments = {TWCTL_SOURCE_DIR "/tests/kernel/tuned_apply.py", kModules, std::string(kVendorHere)}});
           return join(values_of(compared()), "\n");
         })
      .value_or("");
}

std::string computed(MemoryFiles& host, const std::vector<Value>& defaults) {
  Snapshot snapshot;
  snapshot.host.kernel = {6, 1, 0};
  snapshot.host.loader = Loader::systemd;
  snapshot.boot_files = *read_boot_files(host);
  snapshot.later_writers = *find_later_writers(host, Loader::systemd);
  const HostView view = view_of(snapshot);
  std::vector<std::string> values;
  for (std::size_t at = 0; at < compared().size(); ++at) {
    values.push_back(boot_state(*compared()[at], view).value.value_or(defaults[at]));
  }
  return join(values, "\n");
}

}  // namespace

TEST_CASE("after the boot files and the real TuneD the settings are as was said") {
  if (!std::filesystem::exists(kModules)) SKIP_TEST("TuneD's modules are not there: scripts/test fetches them");
  if (::access("/lib/systemd/systemd-sysctl", X_OK) != 0) SKIP_TEST("systemd-sysctl is not installed");
  const auto printed = in_namespace([] { return join(values_of(compared()), "\n"); });
  if (!printed) SKIP_TEST("no network and mount namespaces here");
  std::vector<Value> defaults;
  for (const std::string_view value : split(*printed, '\n')) defaults.emplace_back(value);
  SetupMaker maker(count_from("TWCTL_LOADER_SEED", 1 + ::geteuid()));
  int changed = 0;
  int differences = 0;
  const auto setups = static_cast<int>(count_from("TWCTL_TUNED_SETUPS", 25));
  for (int left = setups; left > 0; --left) {
    MemoryFiles host;
    maker.make(host);
    const std::string said = computed(host, defaults);
    const std::string is = really(host);
    changed += is != *printed ? 1 : 0;
    if (said == is) continue;
    if (++differences <= 3) MESSAGE("said:\n", said, "\nis:\n", is, "\n", text_of_setup(host));
  }
  MESSAGE("TuneD:", tally_line(setups, differences));
  CHECK(differences == 0);
  CHECK(changed > 0);
}
