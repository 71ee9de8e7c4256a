// Linux settings of listening sockets: the SYN queue, the accept queue, and what happens when one is full.
#pragma once

#include "catalog/rows/row_checks.hpp"

namespace twctl::rows {

inline constexpr Meaning kSyncookies[] = {{0, "off"}, {1, "when the SYN queue overflows"}, {2, "always"}};
inline constexpr KernelDefault kSyncookiesDefault[] = {{{}, "0"}, {{2, 6, 33}, "1"}};
inline constexpr KernelDefault kNetdevDefault[] = {{{2, 6, 32}, "1000"}};
inline constexpr KernelDefault kSomaxconnDefault[] = {{{}, "128"}, {{5, 4}, "4096"}};

inline constexpr Setting kListenRows[] = {
    {.key = "net.ipv4.tcp_syncookies",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 2},
     .kernel_accepts = kU8,
     .meanings = kSyncookies,
     .defaults = kSyncookiesDefault,
     .history = "The kernel takes 3 to 255 as 1; before 5.13 any number. Absent where the kernel is built without "
                "CONFIG_SYN_COOKIES.",
     .per_namespace_since = {4, 6},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next SYN",
     .summary = "SYN cookies: a listener under a SYN flood answers without keeping state.",
     .does =
         "When the SYN queue of a listener is full, the kernel answers with a cookie in the sequence number instead "
         "of dropping the SYN, and sets the connection up when the cookie comes back. Value 2 does so for every "
         "SYN, for tests.",
     .does_not = "It does not lose all TCP options: with timestamps, window scaling, SACK and ECN survive. It is not "
                 "off by default: the default is 1 since 2.6.33. It is no remedy for an application that accepts too "
                 "slowly.",
     .risk =
         "0 lets a SYN flood lock out real clients. With cookies the MSS is rounded to a table and TCP Fast Open is "
         "not offered.",
     .goes_with = "tcp_max_syn_backlog (read only when this is 0), net.core.somaxconn, tcp_timestamps.",
     .counters = "TcpExt SyncookiesSent, SyncookiesRecv, SyncookiesFailed, TCPReqQFullDoCookies (cookies on), "
                 "TCPReqQFullDrop (off).",
     .sources = {"Linux commit e994b7c901ded7200b525a707c6da71f2cf6d4bb (default 1)",
                 "Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()", "Linux 6.18 net/ipv4/syncookies.c", "RFC 4987",
                 kIpSysctl, kMeasured}},
    {.key = "net.ipv4.tcp_max_syn_backlog",
     .type = ValueType::integer,
     .unit = "requests",
     .accepted = {1, 2147483647},
     .kernel_accepts = kAnyInt,
     .default_formula = "the larger of 128 and tcp_ehash_entries / 128 (up to 5.3: / 256)",
     .history = "Up to 4.3 it limited the SYN queue of every listener.",
     .per_namespace_since = {4, 11},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next SYN, while tcp_syncookies is 0",
     .summary = "A limit for half-open connections that is read only with SYN cookies off.",
     .does = "With tcp_syncookies 0, a SYN is dropped once the queue of the listener holds more than three quarters of "
             "this number, unless the peer has proved itself before.",
     .does_not = "Since 4.4 it does nothing while tcp_syncookies is 1 or 2: the SYN queue is limited by the listen() "
                 "backlog and net.core.somaxconn.",
     .risk = "None while SYN cookies are on; the number only misleads.",
     .needs = "tcp_syncookies 0.",
     .goes_with = "tcp_syncookies, net.core.somaxconn.",
     .counters = "TcpExt ListenDrops.",
     .sources = {"Linux commit ef547f2ac16b (the limit is the listen backlog)",
                 "Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()",
                 "Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_set_hashinfo()", kIpSysctl, kMeasured}},
    {.key = "net.core.somaxconn",
     .type = ValueType::integer,
     .unit = "connections",
     .accepted = {1, 2147483647},
     .kernel_accepts = {0, 2147483647},
     .defaults = kSomaxconnDefault,
     .history =
         "Up to 4.0 the largest value is 65535. Old kernels hide it in namespaces that a plain user made (3.10 does).",
     .per_namespace_since = {2, 6, 25},
     .takes_effect = TakesEffect::next_listen,
     .effect_note =
         "restart the service, so that its sockets call it again; a reload does only in programs that then call "
         "listen() anew (nginx: where its backlog= changed)",
     .summary = "The upper limit of every listener's backlog.",
     .does =
         "listen(backlog) is cut down to it. The result limits the accept queue (it holds one more) and, since 4.4, "
         "the SYN queue of that listener.",
     .does_not =
         "It does not change listeners that run already. It does not raise the backlog that an application asks "
         "for: many ask for 128 or 511.",
     .risk = "A very long accept queue hides an application that is too slow: clients time out while they wait in it.",
     .needs = "An application whose own backlog is larger.",
     .goes_with = "tcp_syncookies, tcp_abort_on_overflow, the application's listen() backlog.",
     .counters = "TcpExt ListenOverflows, ListenDrops.",
     .sources = {"Linux commit 19f92a030ca6d772ab44b22ee6a01378a8cb32d4 (default 4096)",
                 "Linux commit b8e1f9b5c37e77cc8f978a58859b35fe5edd5542 (per namespace)",
                 "Linux 6.18 net/core/sysctl_net_core.c", "listen(2)", kMeasured}},
    {.key = "net.ipv4.tcp_abort_on_overflow",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 1},
     .kernel_accepts = kU8,
     .meanings = kOffOn,
     .defaults = kZero,
     .history = "The kernel takes 2 to 255 as 1; before 5.13 any number.",
     .per_namespace_since = {4, 15},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next handshake that ends at a full accept queue",
     .summary = "Whether a full accept queue answers the end of a handshake with a reset.",
     .does =
         "With 1 the kernel resets a connection whose last handshake ACK meets a full accept queue. With 0 it drops "
         "that ACK, the client repeats itself, and the connection is made once there is room.",
     .does_not =
         "It does not refuse clients quickly under overload: a SYN that arrives at a full accept queue is dropped "
         "silently with either value. So is the last ACK of a handshake by SYN cookie (tcp_syncookies 2, or 1 while "
         "the SYN queue is full): no reset is sent, and the connection is made once there is room and the client "
         "sends again.",
     .risk = "1 turns a short burst into errors at the client.",
     .goes_with = "net.core.somaxconn and the application's backlog; tcp_syncookies.",
     .counters = "TcpExt EmbryonicRsts, ListenOverflows, ListenDrops; Tcp OutRsts.",
     .sources = {"Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_check_req()",
                 "Linux 6.18 net/ipv4/syncookies.c, tcp_get_cookie_sock()", kIpSysctl, kMeasured}},
    {.key = "net.core.netdev_max_backlog",
     .type = ValueType::integer,
     .unit = "packets",
     .accepted = {1, 2147483647},
     .kernel_accepts = kAnyInt,
     .defaults = kNetdevDefault,
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next packet",
     .summary = "How many received packets may wait for each processor.",
     .does = "Limits the queue of packets of each processor that the protocols have not looked at yet. It serves "
             "loopback, virtual devices and steered packets (RPS). A packet that finds it full is dropped.",
     .does_not = "It has nothing to do with TIME_WAIT, nor with the backlog of listeners: it counts packets, not "
                 "connections.",
     .risk = "A long queue adds delay instead of dropping.",
     .counters = "the second column of /proc/net/softnet_stat.",
     .sources = {"Linux net/core/dev.c, enqueue_to_backlog()", "Linux net/core/sysctl_net_core.c",
                 "Linux Documentation/admin-guide/sysctl/net.rst"}},
};

static_assert(sound(kListenRows));

}  // namespace twctl::rows
