#include "journal/origin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/shell_word.hpp"
#include "journal/change_words.hpp"

namespace twctl {
namespace {

std::string way_there(Platform& host, const Origin& origin, std::string_view verb) {
  const std::string command = command_there(host, origin, verb);
  if (!command.empty()) return "run: " + command;
  if (origin.netns.empty())
    return fmt::format("run `{}` inside that network namespace", command_in("", verb, host.state().location()));
  return "where it is cannot be told for want of rights; run it as root of the host";
}

// Of the running system on one side and a directory on the other, in one boot: neither may touch what the other's
// journal has. A directory with a copy of another one's journal is that one's heir, and so is what it boots into.
bool is_another(const HostRoot& one, const HostRoot& other) {
  if (one.directory.empty() || other.directory.empty() || one.boot_id != other.boot_id) return false;
  return one.running_system != other.running_system && one.directory != other.directory;
}

// A directory with what the running system's journal had at some time: that journal itself, mounted there, is refused
// before it is opened (but for the upper directory of an overlay, whose numbers are others). Nothing in it is about
// values that this directory could have.
bool is_copy(const HostFacts& facts, const Origin& origin) {
  const bool only_files = !facts.live || facts.captured;
  return only_files && is_another(origin.root, facts.root) && origin.root.running_system;
}

bool is_of_another_root(const HostFacts& facts, const Origin& origin) {
  return is_another(origin.root, facts.root) && !is_copy(facts, origin);
}

// With a procfs below the directory the values are in reach, but not whose they are.
Error of_another_root(const HostRoot& here, const std::string& what, std::string_view verb) {
  const std::string made = what + ", and it was made ";
  if (here.running_system)
    return {.code = ErrorCode::refused,
            .message = made + "with --root",
            .hint = fmt::format("its journal is mounted here; run `twctl {}` with that --root", verb)};
  return {.code = ErrorCode::refused,
          .message = made + "on the running system",
          .hint = fmt::format("run `twctl {}` without --root; or, if this journal is a copy, unmount the procfs below "
                              "this root",
                              verb)};
}

// A directory without its procfs: what its changes of this boot have set is in the running kernel all the same.
bool lacks_its_procfs(const Origin& now, const Origin& origin) {
  return now.boot_id.empty() && !origin.boot_id.empty() && origin.boot_id == now.root.boot_id;
}

Error without_procfs(const std::string& what) {
  return {.code = ErrorCode::refused,
          .message = what + ", and its values lie in the running kernel, whose procfs is not mounted below this root",
          .hint = "mount it there again, as it was when the change was made"};
}

std::optional<std::string> find_with(const Platform::NamespaceFinder& find, const Origin& origin) {
  return find(origin.network_namespace, origin.netns, origin.pid_namespace);
}

// A container that was started anew has another network namespace than before, and its old one has gone. It may not
// look at every process: there, what cannot be told is no sign that it has not. nullopt: it is nowhere.
std::optional<std::string> living_namespace(const Platform::NamespaceFinder& find, bool in_container, const Origin& now,
                                            const Origin& origin) {
  std::optional<std::string> found = find_with(find, origin);
  const bool both_own = origin.loaded_at_boot && now.loaded_at_boot;
  if (found && found->empty() && both_own && in_container) return std::nullopt;
  return found;
}

ValuesPlace find_place(const Platform::NamespaceFinder& find, const HostFacts& facts, const Origin& origin) {
  if (facts.os == Os::windows) return {};  // there is one registry, and it outlasts every boot
  const Origin now = origin_of(facts);
  if (is_copy(facts, origin)) return {origin.loaded_at_boot ? Whereabouts::restarted : Whereabouts::gone};
  if (is_another(origin.root, now.root) || lacks_its_procfs(now, origin)) return {Whereabouts::elsewhere};
  const bool same_boot = origin.boot_id == now.boot_id;
  if (same_boot && origin.network_namespace == now.network_namespace) return {};
  if (same_boot) {
    const auto found = living_namespace(find, !facts.container.empty(), now, origin);
    if (found) return {Whereabouts::elsewhere, *found};
  }
  if (!origin.loaded_at_boot) return {Whereabouts::gone};
  if (now.loaded_at_boot) return {Whereabouts::restarted};
  return {Whereabouts::elsewhere, find_with(find, origin).value_or("")};
}

}  // namespace

Origin origin_of(const HostFacts& facts) {
  return {.boot_id = facts.boot_id,
          .network_namespace = facts.network_namespace,
          .netns = facts.netns,
          .loaded_at_boot = facts.netns.empty() && (facts.initial_network_namespace || !facts.container.empty()),
          .root = facts.root,
          .pid_namespace = facts.pid_namespace};
}

std::optional<std::string> find_namespace(Platform& host, const Origin& origin) {
  return find_with(host.namespace_finder(), origin);
}

std::string command_there(Platform& host, const Origin& origin, std::string_view verb) {
  return command_at(find_namespace(host, origin).value_or(""), origin, verb, host.state().location());
}

// The boot files are the host's own namespace's: there --netns, which is of live values, would be less than was meant.
std::string command_at(const std::string& netns, const Origin& origin, std::string_view verb,
                       const std::string& location) {
  if (netns.empty()) return "";
  return origin.loaded_at_boot ? nsenter_words(netns) + command_in("", verb, location)
                               : command_in(netns, verb, location);
}

Whereabouts find_values(Platform& host, const HostFacts& facts, const Origin& origin) {
  return finder_of_places(host, facts)(origin).where;
}

std::function<ValuesPlace(const Origin&)> finder_of_places(Platform& host, const HostFacts& facts) {
  using Known = std::vector<std::pair<Origin, ValuesPlace>>;
  return [find = host.namespace_finder(), &facts, known = Known()](const Origin& origin) mutable {
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.first == origin; });
    if (found != known.end()) return found->second;
    return known.emplace_back(origin, find_place(find, facts, origin)).second;
  };
}

bool is_of_this_boot(const HostFacts& facts, const Origin& origin) {
  const std::string& then = origin.root.boot_id;
  const bool same_kernel = then.empty() || facts.root.boot_id.empty() || then == facts.root.boot_id;
  return same_kernel && origin.boot_id == facts.boot_id;
}

bool outlives_restart(const HostFacts& facts, const Origin& origin) {
  return !facts.container.empty() && facts.network_namespace == origin.network_namespace && facts.namespace_has_cookie;
}

std::function<Whereabouts(const Origin&)> finder_of_values(Platform& host, const HostFacts& facts) {
  return [find = finder_of_places(host, facts)](const Origin& origin) { return find(origin).where; };
}

Error out_of_reach(Platform& host, const Origin& origin, const std::string& what, std::string_view verb) {
  const Result<HostFacts> here = host.host_facts();
  Error error{.code = ErrorCode::refused, .message = what + ", and its values lie in another network namespace"};
  if (here && is_of_another_root(*here, origin)) {
    error = of_another_root(here->root, what, verb);
  } else if (here && lacks_its_procfs(origin_of(*here), origin)) {
    error = without_procfs(what);
  } else {
    error.hint = way_there(host, origin, verb);
  }
  error.reasons = {"out-of-reach"};
  return error;
}

}  // namespace twctl
