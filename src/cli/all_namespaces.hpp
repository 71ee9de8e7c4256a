// --all-netns: the same look at every network namespace of the host. A thread enters a namespace for itself alone, so
// each gets one of its own, some at a time: a look that takes a second takes about a second for all of them.
#pragma once

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "diagnose/in_namespace.hpp"

namespace twctl {

// Error: usage, for what does not go together with --all-netns.
[[nodiscard]] Result<void> check_all_netns(const Options& options);

// `look` is called from several threads at once. Error: that of the caller's own namespace; another's is kept.
template <class Found>
[[nodiscard]] Result<InNamespaces<Found>> look_into_all(const Session& session, Platform& host,
                                                        const std::function<Result<Found>(Platform&)>& look) {
  constexpr std::size_t kAtOnce = 32;
  InhabitedNamespaces there = host.inhabited_namespaces();
  InNamespaces<Found> found{.all = {}, .hidden = there.hidden};
  for (InhabitedNamespace& where : there.all) {
    found.all.push_back({std::move(where), fail(ErrorCode::interrupted, "not looked into")});
  }
  const auto look_into = [&](InNamespace<Found>& one) {
    auto inside = session.make_platform({.root = session.options.root, .netns = one.where.netns});
    one.found = inside ? look(**inside) : Result<Found>(fail(std::move(inside.error())));
  };
  for (std::size_t first = 0; first < found.all.size(); first += kAtOnce) {
    std::vector<std::thread> threads;
    const std::size_t end = std::min(first + kAtOnce, found.all.size());
    for (std::size_t at = first; at < end; ++at) threads.emplace_back(look_into, std::ref(found.all[at]));
    for (std::thread& thread : threads) thread.join();
  }
  if (!found.all.front().found) return fail(found.all.front().found.error());
  return found;
}

}  // namespace twctl
