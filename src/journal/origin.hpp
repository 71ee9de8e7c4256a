// Where the live values of a change are now, seen from where this run stands.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

enum class Whereabouts {
  here,
  elsewhere,  // in another network namespace, which is still there, or can be reached only from the initial one; in the
              // running kernel, whose procfs is not below this root; or the change is about the files of another root
  restarted,  // here, after a boot (of the host, of the container) that set them from the boot files; or only files of
              // this root are concerned, as its journal is a copy of the running system's
  gone,       // with their network namespace
};

[[nodiscard]] Origin origin_of(const HostFacts& facts);

// See Platform::namespace_finder().
[[nodiscard]] std::optional<std::string> find_namespace(Platform& host, const Origin& origin);

// The command that acts where those values are found now, at the place where they were or any other; "" where that
// cannot be told.
[[nodiscard]] std::string command_there(Platform& host, const Origin& origin, std::string_view verb);

// The same where that place is known: as --netns takes it, or "" for not.
[[nodiscard]] std::string command_at(const std::string& netns, const Origin& origin, std::string_view verb,
                                     const std::string& location);

[[nodiscard]] Whereabouts find_values(Platform& host, const HostFacts& facts, const Origin& origin);

// The same with what --netns takes for the place where they are elsewhere; "" where that cannot be told.
struct ValuesPlace {
  Whereabouts where = Whereabouts::here;
  std::string netns = {};
};
// Asked once for each of them, and with one search for all. `facts` outlive it.
[[nodiscard]] std::function<ValuesPlace(const Origin&)> finder_of_places(Platform& host, const HostFacts& facts);

// Whether a deadline of it counts: below a root without its procfs, by the kernel that runs.
[[nodiscard]] bool is_of_this_boot(const HostFacts& facts, const Origin& origin);

// A container may get a new boot id while its network namespace lives on (systemd-nspawn with a namespace by its path):
// then a value may still be what a change of before the restart has set. Only a container's, since the first namespace
// has the same cookie in each boot.
[[nodiscard]] bool outlives_restart(const HostFacts& facts, const Origin& origin);

// find_values() for several, as finder_of_places().
[[nodiscard]] std::function<Whereabouts(const Origin&)> finder_of_values(Platform& host, const HostFacts& facts);

// Refused: what is to be done lies in another network namespace, or belongs to another root. `what` is "change 3f.. is
// unfinished" or the like, `verb` the command to run there. The hint names where that namespace is now, which need not
// be where it was.
[[nodiscard]] Error out_of_reach(Platform& host, const Origin& origin, const std::string& what, std::string_view verb);

}  // namespace twctl
