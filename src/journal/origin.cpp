#include "journal/origin.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"

namespace twctl {
namespace {

// A namespace that nothing but a mount at a path of the caller's own holds. The file of one can be opened and not read.
// Which it is, only a run that enters it can tell: one that is in there now and finds another one knows better.
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

Error out_of_reach(const Origin& origin, const std::string& what, const std::string& command) {
  return {.code = ErrorCode::refused,
          .message = what + ", and its values lie in another network namespace",
          .hint = origin.netns.empty() ? fmt::format("run `{}` inside that network namespace", command)
                                       : fmt::format("run: {} --netns {}", command, escape(origin.netns))};
}

}  // namespace twctl
