#include "apply/habitat.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"

namespace twctl {

Habitat habitat_of(const HostFacts& facts) {
  return {.boot_id = facts.boot_id,
          .network_namespace = facts.network_namespace,
          .netns = facts.netns,
          .loaded_at_boot = facts.netns.empty() && (facts.initial_network_namespace || !facts.container.empty())};
}

Whereabouts find_values(Platform& host, const HostFacts& facts, const Habitat& habitat) {
  const Habitat now = habitat_of(facts);
  const bool same_boot = habitat.boot_id == now.boot_id;
  if (same_boot && habitat.network_namespace == now.network_namespace) return Whereabouts::here;
  if (same_boot && host.namespace_exists(habitat.network_namespace)) return Whereabouts::elsewhere;
  if (!habitat.loaded_at_boot) return Whereabouts::gone;
  return now.loaded_at_boot ? Whereabouts::restarted : Whereabouts::elsewhere;
}

Error out_of_reach(const Habitat& habitat, const std::string& what, const std::string& command) {
  return {.code = ErrorCode::refused,
          .message = what + ", and its values lie in another network namespace",
          .hint = habitat.netns.empty() ? fmt::format("run `{}` inside that network namespace", command)
                                        : fmt::format("run: {} --netns {}", command, escape(habitat.netns))};
}

}  // namespace twctl
