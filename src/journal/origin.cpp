#include "journal/origin.hpp"

#include <fmt/format.h>

#include "journal/change_words.hpp"

namespace twctl {
namespace {

// Whether a network namespace may be mounted at that path, the only thing that keeps it alive. The file of one can be
// opened but not read. Which namespace it is, only a run that enters it can tell: so a run that was asked to enter the
// same path, and finds another namespace there, does not ask here.
bool may_be_kept_at(Platform& host, const std::string& path) {
  constexpr std::size_t kSmall = 4096;  // bytes; what is larger is not looked at, and not believed to be none
  return path.find('/') != std::string::npos && !host.files().read(path, kSmall);
}

}  // namespace

Origin origin_of(const HostFacts& facts) {
  return {.boot_id = facts.boot_id,
          .network_namespace = facts.network_namespace,
          .netns = facts.netns,
          .loaded_at_boot = facts.netns.empty() && (facts.initial_network_namespace || !facts.container.empty())};
}

Whereabouts find_values(Platform& host, const HostFacts& facts, const Origin& origin) {
  if (facts.os == Os::windows) return Whereabouts::here;  // there is one registry, and it outlasts every boot
  const Origin now = origin_of(facts);
  const bool same_boot = origin.boot_id == now.boot_id;
  if (same_boot && origin.network_namespace == now.network_namespace) return Whereabouts::here;
  if (same_boot && host.namespace_exists(origin.network_namespace)) return Whereabouts::elsewhere;
  if (same_boot && origin.netns != now.netns && may_be_kept_at(host, origin.netns)) return Whereabouts::elsewhere;
  if (!origin.loaded_at_boot) return Whereabouts::gone;
  return now.loaded_at_boot ? Whereabouts::restarted : Whereabouts::elsewhere;
}

Error out_of_reach(const Origin& origin, const std::string& what, std::string_view verb) {
  const std::string command = command_in(origin.netns, verb);
  return {.code = ErrorCode::refused,
          .message = what + ", and its values lie in another network namespace",
          .hint = origin.netns.empty() ? fmt::format("run `{}` inside that network namespace", command)
                                       : "run: " + command};
}

}  // namespace twctl
