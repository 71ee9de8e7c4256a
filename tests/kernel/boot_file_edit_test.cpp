// `apply --boot-file /etc/sysctl.conf` and its rollback by the real program, over random sysctl.conf files among random
// sysctl.d trees: what the host's own loader then sets is what was asked for, no other line has moved, and the rollback
// gives every byte, mode, owner and extended attribute back.
// TWCTL_EDIT_TREES and TWCTL_LOADER_SEED make another, longer run of it (scripts/long loaders).
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "base/text.hpp"
#include "support/in_namespace.hpp"
#include "support/namespaced_settings.hpp"
#include "support/program.hpp"
#include "support/run_loader.hpp"
#include "support/shell.hpp"
#include "support/skip.hpp"
#include "support/sysctl_tree.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

namespace fs = std::filesystem;

const std::string kConf{kSysctlConf};

// What is asked for: values that no default and few trees have.
struct Wish {
  const char* key;
  const char* value;
};
constexpr std::array kWishes{
    Wish{"net.ipv4.tcp_fin_timeout", "31"},       Wish{"net.ipv4.tcp_tw_reuse", "1"},
    Wish{"net.ipv4.tcp_keepalive_time", "601"},   Wish{"net.ipv4.tcp_keepalive_intvl", "33"},
    Wish{"net.ipv4.tcp_keepalive_probes", "7"},   Wish{"net.ipv4.ip_local_port_range", "20000 60001"},
    Wish{"net.ipv4.tcp_max_syn_backlog", "4095"}, Wish{"net.core.somaxconn", "8191"},
};

constexpr std::size_t kLinesInForce = 2;  // each loader has one

struct HostLoader {
  Loader loader = Loader::none;
  const char* program = nullptr;
  std::string command = {};
};

bool mount_over(const char* place) { return ::mount("tmpfs", place, "tmpfs", 0, "mode=0755") == 0; }

// A host of its own, whose process 1 and whose files say which loader it boots with.
std::string become_host(Loader loader) {
  for (const char* place : {"/etc", "/run", "/usr/local/lib", "/usr/lib/sysctl.d", "/var/lib"}) {
    if (!mount_over(place)) return std::string("cannot mount over ") + place;
  }
  if (loader == Loader::systemd) {
    fs::create_directories("/run/systemd/system");
    return "";
  }
  fs::create_directories("/etc/init.d");
  std::ofstream("/etc/init.d/procps") << "#!/bin/sh\n";
  std::ofstream("/run/comm") << "init\n";
  return ::mount("/run/comm", "/proc/1/comm", nullptr, MS_BIND, nullptr) == 0 ? "" : "cannot mount over /proc/1/comm";
}

// Everything that one file has, in one text.
std::string facts_of(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) return "absent";
  std::string facts =
      std::to_string(status.st_mode) + " " + std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid) + "\n";
  std::vector<char> names(4096);
  const ssize_t length = ::llistxattr(path.c_str(), names.data(), names.size());
  names.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  for (const std::string_view name : split(std::string_view(names.data(), names.size()), '\0')) {
    std::vector<char> value(256);
    const ssize_t size = ::lgetxattr(path.c_str(), std::string(name).c_str(), value.data(), value.size());
    if (size > 0) facts.append(name).append("=").append(value.data(), static_cast<std::size_t>(size)).append("\n");
  }
  return facts + (S_ISREG(status.st_mode) ? file_content(path) : "");
}

// All of /etc by path, but for the directory entries' times.
std::map<std::string, std::string> etc_now() {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator("/etc")) all[entry.path()] = facts_of(entry.path());
  return all;
}

// What a sysctl.conf may carry beside its bytes. Without the right to it (a plain user's namespace) it stays as it is.
void dress(std::mt19937_64& random) {
  constexpr std::array<mode_t, 4> kModes{0644, 0600, 0640, 0444};
  (void)::chmod(kConf.c_str(), kModes[random() % kModes.size()]);
  if (random() % 2 == 0) (void)::chown(kConf.c_str(), 0, 4);
  for (const char* name : {"user.note", "trusted.note", "security.note"}) {
    if (random() % 2 == 0) (void)::setxattr(kConf.c_str(), name, "a\0b", 3, 0);
  }
}

Finished run_twctl(std::vector<std::string> args) { return run_program({.args = std::move(args)}); }

// The value that the host's loader leaves in a network namespace of its own.
std::string loaded_value(const HostLoader& loader, const Setting& setting) {
  return in_child([&] {
    if (::unshare(CLONE_NEWNET) != 0) return std::string("no namespace");
    (void)shell(loader.command + " >/dev/null 2>&1");
    return value_of(setting);
  });
}

// How many lines of the old text are another in the new one; what is added comes after them.
std::size_t lines_edited(const std::string& before, const std::string& after) {
  const std::vector<std::string_view> old_lines = split(before, '\n');
  const std::vector<std::string_view> new_lines = split(after, '\n');
  std::size_t edited = 0;
  for (std::size_t i = 0; i < old_lines.size(); ++i) {
    if (i >= new_lines.size() || trim(old_lines[i]) != trim(new_lines[i])) ++edited;
  }
  return edited;
}

struct EditTally {
  int trees = 0;
  int edited = 0;   // the file was changed, read by the loader, and rolled back
  int refused = 0;  // and nothing had changed
  int already = 0;  // the loader would have set it anyway
  int differences = 0;
  std::string wrong = {};
};

struct Case {
  const HostLoader& loader;
  const std::vector<BootFile>& tree;
  const Wish& wish;
};

void note(EditTally& tally, const Case& one, const std::string& what) {
  ++tally.differences;
  if (tally.wrong.size() > 4000) return;
  tally.wrong += std::string(one.loader.program) + ", " + one.wish.key + "=" + one.wish.value + ": " + what + "\n" +
                 print_tree(one.tree);
}

void hold_edited(EditTally& tally, const Case& one, const std::map<std::string, std::string>& before) {
  const std::map<std::string, std::string> after = etc_now();
  const Setting& setting = *find_setting(Os::linux_kernel, one.wish.key);
  if (const std::string value = loaded_value(one.loader, setting); value != one.wish.value) {
    note(tally, one, "the loader sets " + value);
  }
  if (lines_edited(before.at(kConf), after.at(kConf)) > kLinesInForce) {
    note(tally, one, "too many lines edited:\n" + after.at(kConf));
  }
  ++(before == after ? tally.already : tally.edited);
  const Finished undone = run_twctl({"rollback", "--yes"});
  if (undone.code != 0) note(tally, one, "rollback: " + undone.err);
  if (etc_now() != before) note(tally, one, "after the rollback:\n" + facts_of(kConf));
}

void try_tree(EditTally& tally, const Case& one) {
  ++tally.trees;
  const std::map<std::string, std::string> before = etc_now();
  const Finished applied =
      run_twctl({"apply", "--yes", "--boot-file", kConf, "--set", std::string(one.wish.key) + "=" + one.wish.value});
  if (applied.code == 0) {
    hold_edited(tally, one, before);
  } else if (applied.code == 3 || applied.code == 65) {
    ++tally.refused;
    if (etc_now() != before) note(tally, one, "refused, but not as before");
  } else {
    note(tally, one, "apply: " + std::to_string(applied.code) + " " + applied.err);
  }
  fs::remove_all("/var/lib/twctl");
}

// One that the tree has lines about, where it has any: that is where an edit can go wrong.
const Wish& pick_wish(const std::vector<BootFile>& tree, std::mt19937_64& random) {
  const std::size_t first = random() % kWishes.size();
  for (std::size_t i = 0; i < kWishes.size(); ++i) {
    const Wish& wish = kWishes[(first + i) % kWishes.size()];
    const std::string name = std::string(wish.key).substr(std::string(wish.key).rfind('.') + 1);
    for (const BootFile& file : tree) {
      if (file.bytes.find(name) != std::string::npos) return wish;
    }
  }
  return kWishes[first];
}

std::string edit_trees(const HostLoader& loader, std::uint64_t seed) {
  if (std::string problem = become_host(loader.loader); !problem.empty()) return problem;
  std::vector<const Setting*> wished;
  for (const Wish& wish : kWishes) wished.push_back(find_setting(Os::linux_kernel, wish.key));
  TreeMaker maker(seed, wished);
  std::mt19937_64 random(seed);
  EditTally tally;
  for (std::uint64_t left = count_from("TWCTL_EDIT_TREES", 60); left > 0; --left) {
    const std::vector<BootFile> tree = maker.tree();
    write_tree(tree);
    dress(random);
    try_tree(tally, {.loader = loader, .tree = tree, .wish = pick_wish(tree, random)});
  }
  return std::to_string(tally.trees) + " trees: " + std::to_string(tally.edited) + " edited and rolled back, " +
         std::to_string(tally.already) + " right already, " + std::to_string(tally.refused) + " refused\n" +
         tally.wrong + tally_line(tally.trees, std::min(tally.differences, tally.trees));
}

void hold_to(const HostLoader& loader) {
  if (::access(loader.program, X_OK) != 0) SKIP_TEST(std::string(loader.program), " is not installed");
  const std::uint64_t seed = count_from("TWCTL_LOADER_SEED", 1 + ::geteuid());
  const auto said = in_namespace([&] { return edit_trees(loader, seed); });
  if (!said) SKIP_TEST("no network and mount namespaces here");
  MESSAGE(std::string(loader.program), ": ", *said);
  CHECK(said->ends_with(", found 0\n"));
  CHECK(said->find(" 0 edited") == std::string::npos);
}

}  // namespace

TEST_CASE("an edited sysctl.conf makes systemd-sysctl set what was asked for, and rolls back to the last attribute") {
  hold_to(
      {.loader = Loader::systemd, .program = "/lib/systemd/systemd-sysctl", .command = "/lib/systemd/systemd-sysctl"});
}

TEST_CASE("an edited sysctl.conf makes sysctl --system set what was asked for, and rolls back to the last attribute") {
  hold_to({.loader = Loader::procps, .program = "/sbin/sysctl", .command = "/sbin/sysctl --system"});
}
