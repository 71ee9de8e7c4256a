// A long history on the real kernel, and on a real disk, leads back to the first values.
#include "support/history_walk.hpp"

#include <doctest/doctest.h>
#include <sys/mount.h>

#include "support/in_namespace.hpp"
#include "support/skip.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::string walk_here(std::uint32_t seed, std::size_t keep) {
  for (const char* place : {"/etc", "/var/lib"}) {
    if (::mount("tmpfs", place, "tmpfs", 0, "mode=0755") != 0) return std::string("cannot mount over ") + place;
  }
  const auto host = make_platform({.root = "/", .netns = ""});
  if (!host) return host.error().message;
  const HistoryWalk walk{.seed = seed,
                         .steps = 150,
                         .limits = {.prune_above = keep + 2, .keep = keep},
                         .wishes = {{"net.ipv4.tcp_fin_timeout", {"59", "58", "60"}},
                                    {"net.ipv4.tcp_tw_reuse", {"0", "1", "2"}},
                                    {"net.ipv4.tcp_keepalive_intvl", {"30", "45", "75"}}},
                         .live_only = true};
  WalkedPlatform walked(**host, walk);
  return walk_history(walked, walk);
}

}  // namespace

TEST_CASE("H27: after random changes, rollbacks and prunings the kernel has its first values again") {
  std::uint32_t seed = 0;
  for (const std::size_t keep : {3, 12}) {
    ++seed;
    const auto said = in_namespace([&] { return walk_here(seed, keep); });
    if (!said) SKIP_TEST("no network and mount namespaces here");
    CHECK(*said == "");
  }
}
