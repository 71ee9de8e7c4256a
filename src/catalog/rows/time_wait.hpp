// Linux settings that concern TIME_WAIT itself, and FIN_WAIT_2, which is so often taken for it.
#pragma once

#include "catalog/rows/row_checks.hpp"

namespace twctl::rows {

inline constexpr Meaning kTwReuse[] = {
    {0, "off"}, {1, "every outgoing connection"}, {2, "loopback only; before 4.19 as 1"}};
inline constexpr KernelDefault kTwReuseDefault[] = {{{}, "0"}, {{4, 19}, "2"}};
inline constexpr KernelDefault kTwReuseDelayDefault[] = {{{6, 14}, "1000"}};
inline constexpr Meaning kTimestamps[] = {
    {0, "off"}, {1, "on, with a random offset"}, {2, "on, without the random offset"}};

inline constexpr Meaning kRfc1337[] = {{0, "a reset ends TIME_WAIT"}, {1, "a reset is ignored in TIME_WAIT"}};

inline constexpr Setting kTimeWaitRows[] = {
    {.key = "net.ipv4.tcp_tw_reuse",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 2},
     .kernel_accepts = {0, 2},
     .meanings = kTwReuse,
     .defaults = kTwReuseDefault,
     .history = "Value 2 and the default 2 came with 4.19; RHEL 8's 4.18 has both. Before 4.19 any number but 0 meant "
                "on. An entry had to be 1 to 2 s old up to 4.18, up to 1 s from 4.19, tcp_tw_reuse_delay from 6.14. "
                "Since 6.12 an orphaned FIN_WAIT_2 is never reused.",
     .per_namespace_since = {4, 10},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next connect(), also for ports that are in TIME_WAIT already",
     .summary = "Whether connect() may take over a local port that is in TIME_WAIT to the same destination.",
     .does = "Lets connect() with an automatically chosen port take over a TIME_WAIT entry to the same destination "
             "address and port, instead of failing with EADDRNOTAVAIL when the port range is used up. TCP timestamps "
             "tell late segments of the old connection from new ones. It covers IPv4 and IPv6. With value 2, since "
             "4.19 and on RHEL 8, only where either end is 127.0.0.0/8, ::1 or ::ffff:127.0.0.0/104, or the socket is "
             "bound to lo; before, 2 is as 1.",
     .does_not = "It does nothing for accepted connections, so nothing for a server that closes first. It does not "
                 "shorten TIME_WAIT or lower the number of entries. It is not tcp_tw_recycle under another name: each "
                 "address and port pair is judged by itself, so NAT does not break it. It is not needed by a program "
                 "that binds its port itself with SO_REUSEADDR.",
     .risk = "A firewall or NAT in the path that strips or rewrites timestamps, or keeps an entry of its own for the "
             "old connection, may drop the new SYN. A peer still in LAST_ACK answers with an ACK, the client resets "
             "it and tries its SYN again after 1 s.",
     .needs = "TCP timestamps on both ends of the old connection; an entry older than tcp_tw_reuse_delay (about 1 s).",
     .goes_with = "tcp_timestamps (0 makes it inert), tcp_tw_reuse_delay, ip_local_port_range.",
     .counters = "TcpExt TWRecycled rises with each reuse. A failing connect() (EADDRNOTAVAIL) moves no counter.",
     .sources = {"Linux commit 79e9fed460385a3d8ba0b5782e9e74405cb199b1 (values 0, 1 and 2, default 2)",
                 "Linux commit 56ab6b93007e5000a8812985aec1833c4a6a9ce0 (per namespace)",
                 "Linux commit 0d9e5df4a257afc3a471a82961ace9a22b88295a (FIN_WAIT_2 is not reused)",
                 "Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_twsk_unique()", "RFC 6191", kMeasured}},
    {.key = "net.ipv4.tcp_tw_reuse_delay",
     .type = ValueType::integer,
     .unit = "ms",
     .accepted = {1, 60000},
     .kernel_accepts = {1, 60000},
     .defaults = kTwReuseDelayDefault,
     .since = {6, 14},
     .per_namespace_since = {6, 14},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next connect()",
     .summary = "How old a TIME_WAIT entry must be before connect() may take its port over.",
     .does =
         "Sets the age, in milliseconds, from which tcp_tw_reuse lets connect() take a TIME_WAIT entry over. Before "
         "6.14 the age was fixed at about one second.",
     .does_not = "It does not shorten TIME_WAIT, and does nothing where tcp_tw_reuse does not apply.",
     .risk =
         "Below the tick of the peer's timestamp clock, the new connection cannot be told from the old one. 1000 is "
         "safe with every clock that RFC 7323 allows.",
     .needs = "tcp_tw_reuse 1, or 2 on loopback.",
     .goes_with = "tcp_tw_reuse, tcp_timestamps.",
     .counters = "TcpExt TWRecycled.",
     .sources = {"Linux commit ca6a6f93867a9763bdf8685c788e2e558d10975f",
                 "Linux commit 19ce8cd3046587efbd2c6253947be7c22dfccc18", kIpSysctl, "RFC 7323", kMeasured}},
    {.key = "net.ipv4.tcp_tw_recycle",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 1},
     .kernel_accepts = kAnyInt,
     .meanings = kOffOn,
     .defaults = kZero,
     .removed = {4, 12},
     .removed_why = "It dropped connections from clients behind one NAT address, whose clocks differ.",
     .history = "4.11 only has it per namespace. Any number but 0 meant on. Where each connection of a client has a "
                "timestamp offset of its own (Linux 4.10, and again since 2026), it dropped those of a single client "
                "too; 4.11 took the offset back to one for each pair of addresses, for the sake of such servers.",
     .per_namespace_since = {4, 11},
     .summary = "Gone since Linux 4.12. It cut TIME_WAIT short and broke clients behind NAT.",
     .does = "Where it still exists, it shortens TIME_WAIT to 3.5 times the retransmission timeout and refuses a SYN "
             "whose timestamp is older than the last one seen from the same address.",
     .does_not = "It was never safe: machines behind one NAT address have different timestamp clocks, so some of them "
                 "cannot connect. On 4.12 and later the key does not exist and sysctl reports an error for its line.",
     .risk = "Lost connections that nobody can reproduce, for the clients that share an address.",
     .needs = "tcp_timestamps; without them it is inert.",
     .counters = "TcpExt PAWSPassive counts the SYNs it dropped; both are gone since 4.12.",
     .sources = {"Linux commit 4396e46187ca5070219b81773c4e65088dac50cc (removal)",
                 "Linux commit 28ee1b746f49 (per-host timestamp offsets)",
                 "Linux commit 165573e41f2f66ef98940cf65f838b2cb575d9d1 (reverts it)",
                 "https://vincent.bernat.ch/en/blog/2014-tcp-time-wait-state-linux"}},
    {.key = "net.ipv4.tcp_fin_timeout",
     .type = ValueType::integer,
     .unit = "s",
     .accepted = {1, 120},
     .kernel_accepts = kJiffySeconds,
     .defaults = kSixty,
     .history = "The kernel checks no lower bound: 0 and negative numbers are accepted and mean 3.5 times the "
                "retransmission timeout. The upper one depends on CONFIG_HZ. Since 5.8 TCP_LINGER2 of a socket is "
                "cut to 120 s, which is why we accept no more either.",
     .per_namespace_since = {4, 6},
     .takes_effect = TakesEffect::new_sockets,
     .effect_note = "when a socket enters orphaned FIN_WAIT_2; those already there keep their timer",
     .summary = "How long an orphaned connection waits in FIN_WAIT_2 for the peer's FIN.",
     .does = "Limits FIN_WAIT_2 of connections that the application has closed and whose peer does not close. Up to 60 "
             "the lifetime is the number in seconds. From 61 on it is 2 x (number - 60) s: 61 lives 2 s, 75 lives "
             "30 s, 90 lives 60 s, 120 lives 120 s.",
     .does_not =
         "It does not shorten TIME_WAIT, which is fixed at 60 s when the kernel is compiled: measured 61 s with "
         "5, 60 and 120 alike. It does not touch FIN_WAIT_1, LAST_ACK or CLOSE_WAIT, nor FIN_WAIT_2 of a "
         "connection whose application still holds the descriptor. sockstat's tw falls with it only because "
         "orphaned FIN_WAIT_2 entries are counted in there.",
     .risk =
         "With a low number a peer that closes later than that has its FIN answered with a reset, and no more: what "
         "it sends after our close is reset at once with any number, and a half-closed connection whose "
         "application holds the descriptor goes on. Numbers from 61 to 119 live shorter than they say.",
     .goes_with = "tcp_max_tw_buckets (these entries count against it too); TCP_LINGER2 of the socket wins over it.",
     .counters = "TcpExt TW, TcpExt TWKilled (timeouts of at most 4 s), tw in /proc/net/sockstat.",
     .sources = {"Linux 6.18 net/ipv4/tcp.c, __tcp_close(); tcp_input.c, tcp_rcv_state_process(); tcp_timer.c, "
                 "tcp_keepalive_timer()",
                 "Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_timewait_state_process()",
                 "Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN (60*HZ)",
                 "Linux commit 1e579caa18b96f9eb18f4f5416658cd15f37c062 (per namespace)", kIpSysctl, kMeasured}},
    {.key = "net.ipv4.tcp_max_tw_buckets",
     .type = ValueType::integer,
     .unit = "sockets",
     .accepted = {1, 2147483647},
     .kernel_accepts = kAnyInt,
     .default_formula = "tcp_ehash_entries / 2 (65536 with 16 GiB of memory, 262144 with more than 32 GiB)",
     .history =
         "Up to 2.6.35 the default was 180000 on large machines. Up to 2.6.36 an overflow was logged; since 2.6.37 "
         "a counter shows it, though the kernel's documentation still speaks of a warning. A negative number "
         "means no limit since 5.19 and no TIME_WAIT at all before.",
     .per_namespace_since = {4, 11},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next connection that enters TIME_WAIT; those already there stay",
     .summary = "How many TIME_WAIT entries there may be.",
     .does = "Over this number a closing connection goes straight to CLOSED, without TIME_WAIT. Orphaned FIN_WAIT_2 "
             "entries count too. Each network namespace has its own limit and count.",
     .does_not =
         "Lowering it does not clean up: nothing that waits is evicted. It frees next to nothing: 100,000 entries "
         "are 25 to 50 MB of memory, and no file descriptor.",
     .risk = "Connections without TIME_WAIT have no protection against late segments of their predecessor (RFC 1337), "
             "and a peer whose last FIN is lost gets a reset. The kernel's documentation forbids lowering it. 0 "
             "switches TIME_WAIT off.",
     .goes_with = "tcp_fin_timeout (orphaned FIN_WAIT_2 counts here).",
     .counters = "TcpExt TCPTimeWaitOverflow; tw in /proc/net/sockstat.",
     .sources = {"Linux commit c5ed63d66f24 (half of the hash table)", "Linux 6.18 net/ipv4/inet_timewait_sock.c",
                 "Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_set_hashinfo()", kIpSysctl, "RFC 1337", kMeasured}},
    {.key = "net.ipv4.tcp_rfc1337",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 1},
     .kernel_accepts = kU8,
     .meanings = kRfc1337,
     .defaults = kZero,
     .history = "The kernel takes 2 to 255 as 1; before 5.13 any number.",
     .per_namespace_since = {4, 15},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next reset that reaches a TIME_WAIT entry",
     .summary = "Whether a reset may end TIME_WAIT early.",
     .does =
         "With 1 a reset to a connection in TIME_WAIT is ignored, as RFC 1337 recommends. With 0 a reset with exactly "
         "the expected sequence number ends TIME_WAIT.",
     .does_not =
         "0 does not protect: the text in the kernel's documentation has it the wrong way round. It has no effect "
         "on any other state.",
     .risk = "With 1 a peer's reset no longer frees the entry before its 60 s are over.",
     .sources = {"RFC 1337", "Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_timewait_state_process()", kMeasured}},
    {.key = "net.ipv4.tcp_timestamps",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 2},
     .kernel_accepts = kU8,
     .meanings = kTimestamps,
     .defaults = kOne,
     .history = "The random offset and value 2 came with 4.10. The kernel takes 3 to 255 as 2; before 5.13 any number.",
     .per_namespace_since = {4, 13},
     .takes_effect = TakesEffect::new_sockets,
     .effect_note = "for new connections",
     .summary = "TCP timestamps (RFC 7323): round-trip times and protection against old segments.",
     .does = "Puts a timestamp into each segment. Round-trip times are measured by it, segments of an old connection "
             "are told from new ones (PAWS), tcp_tw_reuse decides by it, and SYN cookies keep window scaling, SACK "
             "and ECN in it.",
     .does_not =
         "Turning it off hardens nothing since 4.10: the clock has a random offset, so uptime does not show. (Kernels "
         "differ in whether each connection has its own or each pair of addresses.) The old advice to turn it off for "
         "NAT concerned tcp_tw_recycle, which is gone.",
     .risk = "0 takes PAWS away, makes tcp_tw_reuse inert and lets SYN cookies lose the options. 2 shows a clock that "
             "is common to all connections.",
     .goes_with = "tcp_tw_reuse, tcp_syncookies.",
     .counters = "TcpExt PAWSActive, PAWSEstab; PAWSTimewait and TSEcrRejected on recent kernels.",
     .sources = {"RFC 7323", "Linux 6.18 net/core/secure_seq.c", kIpSysctl}},
    {.key = "net.ipv4.tcp_tw_timeout",
     .type = ValueType::integer,
     .unit = "s",
     .accepted = {1, 600},
     .kernel_accepts = {1, 600},
     .defaults = kSixty,
     .vendor = "Alibaba Cloud Linux 2 and 3",
     .history = "Alibaba Cloud Linux 2 has it from 4.19.43-13.al7 on, Alibaba Cloud Linux 3 always; deprecated from "
                "Alibaba Cloud Linux 4 on.",
     .takes_effect = TakesEffect::new_sockets,
     .effect_note = "when a connection enters TIME_WAIT",
     .summary = "The length of TIME_WAIT, on Alibaba Cloud Linux only.",
     .does =
         "Sets how long TIME_WAIT lasts. Since tcp_tw_recycle went (Linux 4.12) it is the only one known that does.",
     .does_not = "It exists in no mainline kernel, whatever a recipe says: there the length is fixed at 60 s when the "
                 "kernel is compiled.",
     .risk = "Less than 60 s gives late segments of the old connection less time to die.",
     .counters = "tw in /proc/net/sockstat.",
     .sources = {"https://www.alibabacloud.com/help/en/ecs/user-guide/change-the-tcp-time-wait-timeout-period",
                 "alibaba/cloud-kernel net/ipv4/sysctl_net_ipv4.c"}},
    {.key = "net.ipv4.tcp_tw_timeout_inherit",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 1},
     .kernel_accepts = {0, 1},
     .meanings = kOffOn,
     .defaults = kZero,
     .vendor = "Alibaba Cloud Linux 3",
     .summary = "A switch beside tcp_tw_timeout, on Alibaba Cloud Linux only.",
     .does = "Belongs to tcp_tw_timeout: the kernel's change log calls it a system-wide option to inherit that time. "
             "Alibaba documents no more of it.",
     .does_not = "It exists in no mainline kernel, whatever a recipe says.",
     .goes_with = "tcp_tw_timeout.",
     .writable = false,
     .sources = {"alibaba/cloud-kernel, commit 77bdf532aa2b (ck: tcp: add tcp_tw_timeout_inherit system wide option)"}},
    {.key = "net.ipv4.tcp_tw_recycle_private_only",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 1},
     .kernel_accepts = kAnyInt,
     .meanings = kOffOn,
     .defaults = kZero,
     .vendor = "Tencent's tlinux",
     .summary = "A switch beside tcp_tw_recycle, on Tencent's own kernels only.",
     .does = "Not documented in public. By its name it keeps tcp_tw_recycle to private addresses.",
     .does_not =
         "It exists in no mainline kernel. It does not make tcp_tw_recycle safe: clients behind NAT have private "
         "addresses too, where the NAT is one's own.",
     .goes_with = "tcp_tw_recycle.",
     .writable = false,
     .sources =
         {"https://github.com/tiankonguse/tiankonguse.github.io, _posts/2015/2015-12-13-tcp-time-wait.md: sysctl -a "
          "of one host printed 0. The default and the effect are guesses: no document or source of Tencent's is "
          "known"}},
    {.key = "net.ipv4.tcp_tw_ignore_syn_tsval_zero",
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 1},
     .kernel_accepts = kAnyInt,
     .meanings = kOffOn,
     .defaults = kOne,
     .vendor = "Tencent's tlinux",
     .summary = "How a SYN with the timestamp 0 is taken in TIME_WAIT, on Tencent's own kernels only.",
     .does = "Not documented in public. By its name it passes over the timestamp of a SYN that meets a TIME_WAIT entry "
             "where that timestamp is 0.",
     .does_not = "It exists in no mainline kernel, whatever a recipe says.",
     .goes_with = "tcp_timestamps, tcp_tw_recycle.",
     .writable = false,
     .sources =
         {"https://github.com/tiankonguse/tiankonguse.github.io, _posts/2015/2015-12-13-tcp-time-wait.md: sysctl -a "
          "of one host printed 1. The default and the effect are guesses: no document or source of Tencent's is "
          "known"}},
};

static_assert(sound(kTimeWaitRows));

}  // namespace twctl::rows
