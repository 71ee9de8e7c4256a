// The links, the addresses and the connection tracking of a private network namespace, by netlink.
#pragma once

#include <string>

#include "base/ip_address.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

// A veth pair called `name` at both ends: one here, one in the network namespace of process `peer`. Neither end is ever
// seen in another namespace. Error: an errno; EOPNOTSUPP where the kernel has no veth.
[[nodiscard]] OrErrno<void> add_veth_to(int peer, const std::string& name);

// Gives a link of this namespace its address, of a network of 24 or 64 bits.
[[nodiscard]] OrErrno<void> add_address(const std::string& name, const IpAddress& address);

[[nodiscard]] OrErrno<void> bring_up(const std::string& name);

// From now on the kernel keeps a record of each flow of this namespace, as for a firewall: a rule of nf_tables asks for
// a flow's state, and is never run. Loads nf_conntrack where that is a module.
[[nodiscard]] OrErrno<void> track_flows();

}  // namespace twctl
