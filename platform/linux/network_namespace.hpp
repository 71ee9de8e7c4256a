// Which network namespace we are in, how to enter another, and how many others are in use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What --netns names -> a name below /run/netns, or a path. A number is a process, unless a name is such a number.
[[nodiscard]] std::string network_namespace_choice(const std::string& choice);

// For the calling thread. `choice`: a name below /run/netns, or a path.
// Error: no_input (missing, or not a network namespace), denied.
[[nodiscard]] Result<void> enter_network_namespace(const std::string& choice);

// How an identity begins that is a cookie of the kernel; else it is the inode of /proc/self/ns/net.
inline constexpr std::string_view kNetworkNamespaceCookie = "cookie:";

// An identity that no other namespace of this boot has; "" if the system does not tell.
[[nodiscard]] std::string network_namespace_identity();

// "net:[4026531840]" of a process, by its number or as "thread-self"; "" where it may not be read.
[[nodiscard]] std::string network_namespace_link(std::string_view process);

// Where a namespace of that identity is: at the name or path `known_as`, kept at a name below /run/netns, or in use by
// a process, or kept by a mount of another mount namespace. See Platform::namespace_finder().
[[nodiscard]] Platform::NamespaceFinder network_namespace_finder();

// The initial PID namespace has had this number since Linux 3.8 (PROC_PID_INIT_INO, include/linux/proc_ns.h).
inline constexpr std::string_view kInitialPidNamespace = "pid:[4026531836]";

// Of the calling process; "" if the system does not tell.
[[nodiscard]] std::string pid_namespace_identity();

// Others that processes are in, as far as the rights to look go; see Platform::other_network_namespaces().
[[nodiscard]] OtherNamespaces count_other_network_namespaces(std::size_t most_processes);

// See Platform::inhabited_namespaces().
[[nodiscard]] InhabitedNamespaces inhabited_network_namespaces();

}  // namespace twctl
