// The resolver against the real systemd-sysctl and the real `sysctl --system`: random trees, each loader run over them
// in a network namespace of its own, and every key that such a namespace has read back.
// TWCTL_LOADER_TREES and TWCTL_LOADER_SEED make another, longer run of it (scripts/long loaders). root and a plain user
// see other trees.
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "base/text.hpp"
#include "catalog/value.hpp"
#include "observe/boot_files.hpp"
#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/namespaced_settings.hpp"
#include "support/run_loader.hpp"
#include "support/skip.hpp"
#include "support/sysctl_tree.hpp"
#include "sysctl/boot_replay.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

// Fresh tmpfs over everything that a loader reads, so that nothing of the machine is touched.
bool hide_real_files() {
  for (const char* place : {"/etc", "/run", "/usr/local/lib", "/usr/lib/sysctl.d"}) {
    if (::mount("tmpfs", place, "tmpfs", 0, nullptr) != 0) return false;
  }
  return true;
}

// The values after the loader has run in a network namespace of its own, one a line; "" with no such namespace.
std::string real_values(const RealLoader& real, const std::vector<const Setting*>& all) {
  return in_child([&] {
    if (::unshare(CLONE_NEWNET) != 0) return std::string();
    run_loader(real);
    return join(values_of(all), "\n");
  });
}

struct LoaderTally {
  std::unique_ptr<Platform> host;  // the real one, so that finding the files is held to the loaders too
  int trees = 0;
  int keys = 0;
  int changed = 0;  // keys that the loader did change: how much the comparison is worth
  int differences = 0;
  int wrong = 0;  // trees with a difference
  std::string text = {};
};

void compare(LoaderTally& tally, const RealLoader& real, const std::vector<BootFile>& tree,
             const std::vector<const Setting*>& all, const std::vector<Value>& defaults) {
  const std::string printed = real_values(real, all);
  const std::vector<std::string_view> found = split(printed, '\n');
  KernelStart start;
  for (std::size_t k = 0; k < all.size(); ++k) start.values[all[k]->key] = defaults[k];
  const BootConfig config = parse_boot_files(*read_boot_files(tally.host->files()));
  const LoaderReplay replay(config, real.loader, start);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const BootOutcome& outcome = replay.outcome(*all[k]);
    const Value computed = outcome.value.value_or(defaults[k]);
    const std::string_view actual = k < found.size() ? found[k] : "(not read)";
    ++tally.keys;
    if (actual != defaults[k]) ++tally.changed;
    if (computed == actual) continue;
    if (++tally.differences > 3) continue;
    tally.text += std::string(real.program) + ": " + std::string(all[k]->key) + " computed " + computed + ", is " +
                  std::string(actual) + "\n" + print_tree(tree);
  }
}

// The two that the kernel holds to each other.
std::vector<const Setting*> interlocked(const std::vector<const Setting*>& all) {
  std::vector<const Setting*> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found), [](const Setting* setting) {
    return setting->key == "net.ipv4.ip_local_port_range" || setting->key == "net.ipv4.ip_unprivileged_port_start";
  });
  return found;
}

std::string compare_trees(const RealLoader& real, std::uint64_t seed) {
  if (!hide_real_files()) return "cannot mount over /etc in a namespace";
  const std::vector<const Setting*> all = namespaced_settings();
  const std::vector<Value> defaults = values_of(all);
  TreeMaker any(seed, all);
  const std::vector<const Setting*> two = interlocked(all);
  TreeMaker pair(seed, two);
  auto host = make_platform({});
  if (!host) return host.error().message;
  LoaderTally tally{.host = *std::move(host)};
  for (std::uint64_t left = count_from("TWCTL_LOADER_TREES", 100); left > 0; --left) {
    const std::vector<BootFile> tree = left % 5 == 0 && two.size() == 2 ? pair.tree() : any.tree();
    write_tree(tree);
    const int before = tally.differences;
    compare(tally, real, tree, all, defaults);
    ++tally.trees;
    if (tally.differences != before) ++tally.wrong;
  }
  return std::to_string(tally.trees) + " trees, " + std::to_string(tally.keys) + " values (" +
         std::to_string(tally.changed) + " changed by the loader), " + std::to_string(tally.differences) +
         " differences\n" + tally.text + tally_line(tally.trees, tally.wrong);
}

void hold_to(const RealLoader& real) {
  if (::access(real.program, X_OK) != 0) SKIP_TEST(std::string(real.program), " is not installed");
  const std::uint64_t seed = count_from("TWCTL_LOADER_SEED", 1 + ::geteuid());
  const auto said = in_namespace([&] { return compare_trees(real, seed); });
  if (!said) SKIP_TEST("no network and mount namespaces here");
  MESSAGE(std::string(real.program), ": ", *said);
  CHECK(said->ends_with(", found 0\n"));
  CHECK(said->find("(0 changed") == std::string::npos);
}

}  // namespace

TEST_CASE("the resolver says what systemd-sysctl sets, over random trees") {
  hold_to({.loader = Loader::systemd, .program = "/lib/systemd/systemd-sysctl", .arguments = {}});
}

TEST_CASE("the resolver says what sysctl --system sets, over random trees") {
  hold_to({.loader = Loader::procps, .program = "/sbin/sysctl", .arguments = {"--system"}});
}
