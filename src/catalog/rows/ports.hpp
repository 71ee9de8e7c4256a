// Linux settings that decide which local ports connect() and bind(0) may choose.
#pragma once

#include "catalog/rows/row_checks.hpp"

namespace twctl::rows {

inline constexpr KernelDefault kPortRangeDefault[] = {{{}, "32768 61000"}, {{4, 2}, "32768 60999"}};
inline constexpr KernelDefault kReservedDefault[] = {{{2, 6, 35}, ""}};
inline constexpr KernelDefault kPrivilegedDefault[] = {{{4, 11}, "1024"}};
inline constexpr KernelDefault kAutobindDefault[] = {{{5, 7}, "0"}};
inline constexpr KernelDefault kStepDefault[] = {{{7, 1}, "0"}};

inline constexpr Setting kPortRows[] = {
    {.key = "net.ipv4.ip_local_port_range",
     .type = ValueType::integer_pair,
     .unit = "ports",
     .accepted = {1, 65535},
     .kernel_accepts = {1, 65535},
     .defaults = kPortRangeDefault,
     .history =
         "Since 4.11 the lower end may not lie below ip_unprivileged_port_start. Since 6.3 a socket may narrow it "
         "down for itself (IP_LOCAL_PORT_RANGE).",
     .per_namespace_since = {3, 13},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next port that is chosen automatically",
     .summary = "The range from which local ports are chosen automatically.",
     .does = "connect() without bind(), and bind() to port 0, take their port from here: TCP, UDP and SCTP, IPv4 and "
             "IPv6. The usable number of ports for one source address, destination address and destination port is the "
             "size of the range less the reserved ports; the default gives 28232, that is 470 connections per second "
             "that close here first and are not reused.",
     .does_not =
         "It is no limit for the whole host: each other destination, or source address, has the full range again. "
         "It does not change which ports servers listen on.",
     .risk =
         "A low start takes ports that services want at their next start (3306, 8080, 9200 ...): reserve those first. "
         "connect() slows down from microseconds to milliseconds once half of the range is taken for one destination. "
         "With "
         "both ends even or both odd, one port may stay unused.",
     .needs = "A lower end of at least ip_unprivileged_port_start; a lower one is refused (EINVAL).",
     .goes_with = "ip_local_reserved_ports, ip_unprivileged_port_start, tcp_tw_reuse.",
     .counters = "None: EADDRNOTAVAIL is counted nowhere. Count the sockets per destination.",
     .sources = {"Linux 6.18 net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range()",
                 "Linux 6.18 net/ipv4/inet_hashtables.c, __inet_hash_connect()", kIpSysctl, "RFC 6056",
                 "https://blog.cloudflare.com/how-to-stop-running-out-of-ephemeral-ports-and-start-to-love-long-lived-"
                 "connections/",
                 kMeasured}},
    {.key = "net.ipv4.ip_local_reserved_ports",
     .type = ValueType::port_set,
     .unit = "ports",
     .accepted = {0, 65535},
     .kernel_accepts = {0, 65535},
     .defaults = kReservedDefault,
     .since = {2, 6, 35},
     .per_namespace_since = {3, 16},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next port that is chosen automatically",
     .summary = "Ports that are never chosen automatically.",
     .does = "Takes ports out of the automatic choice, so that a service finds its port free when it starts. A write "
             "replaces the whole list; as a value for --set or in a profile `includes 8080` adds to it.",
     .does_not = "It does not keep a program from binding such a port by its number.",
     .risk = "Every reserved port inside ip_local_port_range is one less for outgoing connections.",
     .goes_with = "ip_local_port_range.",
     .sources = {"Linux commit e3826f1e946e7d2354943232f1457be1455a29e2",
                 "Linux commit 122ff243f5f104194750ecbc76d5946dd1eec934 (per namespace)", kIpSysctl, kMeasured}},
    {.key = "net.ipv4.ip_unprivileged_port_start",
     .type = ValueType::integer,
     .unit = "",
     .accepted = {0, 65535},
     .kernel_accepts = {0, 65535},
     .defaults = kPrivilegedDefault,
     .since = {4, 11},
     .per_namespace_since = {4, 11},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next bind()",
     .summary = "The first port that a plain user may bind.",
     .does = "Binding a port below it needs CAP_NET_BIND_SERVICE.",
     .does_not = "It does not change which ports are chosen automatically.",
     .risk = "A lower number lets any user take the port of a service that is down. Above the lower end of "
             "ip_local_port_range it is refused (EINVAL), so the order of the two writes matters.",
     .needs = "A value not above the lower end of ip_local_port_range.",
     .goes_with = "ip_local_port_range.",
     .sources = {kIpSysctl, "Linux 6.18 net/ipv4/sysctl_net_ipv4.c, ipv4_privileged_ports()", kMeasured}},
    {.key = "net.ipv4.ip_autobind_reuse",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 1},
     .kernel_accepts = {0, 1},
     .meanings = kOffOn,
     .defaults = kAutobindDefault,
     .since = {5, 7},
     .per_namespace_since = {5, 7},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next bind() to port 0",
     .summary = "Whether bind() to port 0 may share a port when the range is used up.",
     .does = "Lets sockets with SO_REUSEADDR that bind to port 0 share a local port once none is free, so that more "
             "connections fit as long as they go to different destinations. Ports in TIME_WAIT are shared so too, "
             "whatever tcp_tw_reuse is.",
     .does_not = "It does nothing for connect() without bind(), which shares ports anyway.",
     .risk =
         "Two such sockets for the same destination collide at connect() (EADDRNOTAVAIL). IP_BIND_ADDRESS_NO_PORT is "
         "the better remedy: it leaves the choice to connect().",
     .goes_with = "ip_local_port_range.",
     .sources = {"Linux commit 4b01a9674231", kIpSysctl, kMeasured}},
    {.key = "net.ipv4.ip_local_port_step_width",
     .type = ValueType::integer,
     .unit = "ports",
     .accepted = {0, 65535},
     .kernel_accepts = {0, 4294967295},
     .defaults = kStepDefault,
     .since = {7, 1},
     .per_namespace_since = {7, 1},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next connect()",
     .summary = "The largest random step between two tries for a free port.",
     .does =
         "Makes connect() try ports in random steps of up to this width, so that the ports next to a reserved block "
         "are not chosen more often than the others. 0 keeps the small fixed step.",
     .does_not = "It does not make more ports.",
     .risk = "Near exhaustion the search for a free port takes longer.",
     .goes_with = "ip_local_port_range, ip_local_reserved_ports.",
     .sources = {"Linux commit 7da62262ec96a4b345d207b6bcd2ddf5231b7f7d", kIpSysctl}},
};

static_assert(sound(kPortRows));

}  // namespace twctl::rows
