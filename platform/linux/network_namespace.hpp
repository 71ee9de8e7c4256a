// Which network namespace we are in, how to enter another, and how many others are in use.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What --netns names -> a name below /run/netns, or a path. A number is a process, unless a name is such a number.
[[nodiscard]] std::string network_namespace_choice(const std::string& choice);

// For the calling thread. `choice`: a name below /run/netns, or a path.
// Error: no_input (missing, or not a network namespace), denied.
[[nodiscard]] Result<void> enter_network_namespace(const std::string& choice);

// An identity that no other namespace of this boot has; "" if the system does not tell.
[[nodiscard]] std::string network_namespace_identity();

// Where a namespace of that identity is: at the name or path `known_as`, kept at a name below /run/netns, or in use by
// a process. What --netns takes, "" where it cannot be told for want of rights: then nobody may believe that it is
// gone. nullopt: it is nowhere.
[[nodiscard]] std::optional<std::string> find_network_namespace(const std::string& identity,
                                                                const std::string& known_as);

// Others that processes are in, as far as the rights to look go; see Platform::other_network_namespaces().
[[nodiscard]] OtherNamespaces count_other_network_namespaces(std::size_t most_processes);

// See Platform::inhabited_namespaces().
[[nodiscard]] InhabitedNamespaces inhabited_network_namespaces();

}  // namespace twctl
