// Linux settings that decide how long a connection keeps trying: SYN, SYN-ACK, data, FIN and keepalive.
#pragma once

#include "catalog/rows/row_checks.hpp"

namespace twctl::rows {

inline constexpr KernelDefault kSynRetriesDefault[] = {{{}, "5"}, {{3, 7}, "6"}};
inline constexpr KernelDefault kLinearDefault[] = {{{6, 5}, "4"}};
inline constexpr KernelDefault kSynackDefault[] = {{{}, "5"}};
inline constexpr KernelDefault kRetries2Default[] = {{{}, "15"}};
inline constexpr KernelDefault kKeepaliveTimeDefault[] = {{{}, "7200"}};
inline constexpr KernelDefault kKeepaliveIntvlDefault[] = {{{}, "75"}};
inline constexpr KernelDefault kKeepaliveProbesDefault[] = {{{}, "9"}};
inline constexpr std::string_view kTimer = "Linux 6.18 net/ipv4/tcp_timer.c";
inline constexpr std::string_view kU8History = "The kernel refuses other numbers since 5.13; before, it took any.";
inline constexpr std::string_view kJiffyHistory =
    "The kernel takes 0 and negative numbers too; the upper end depends on CONFIG_HZ.";
inline constexpr std::string_view kNoTimeWait =
    "It does nothing for TIME_WAIT. It does not cure CLOSE_WAIT: the program that does not close keeps its descriptor.";

inline constexpr Setting kTimerRows[] = {
    {.key = "net.ipv4.tcp_syn_retries",
     .type = ValueType::integer,
     .unit = "retries",
     .accepted = {1, 127},
     .kernel_accepts = {1, 127},
     .defaults = kSynRetriesDefault,
     .history = "The default was 5 before 3.7. Since 6.5 tcp_syn_linear_timeouts adds 4 s, from 3 retries on.",
     .per_namespace_since = {4, 6},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next timeout of a SYN",
     .summary = "How often connect() repeats its SYN before it gives up.",
     .does = "Limits the repeated SYNs of a connection without an answer. connect() fails with ETIMEDOUT after 3 s "
             "with 1, 7 s with 2, 15 s with 3 (19 s since 6.5), and 127 s with the default 6 (131 s since 6.5).",
     .does_not =
         "It is no remedy for SYN_SENT that piles up: find out first why nobody answers (filter, dead host, full "
         "accept queue).",
     .risk = "With a low number connect() fails when a few packets are lost. A timeout in the application is finer.",
     .goes_with = "tcp_syn_linear_timeouts; TCP_SYNCNT of the socket wins over it.",
     .counters = "TcpExt TCPSynRetrans, TCPAbortOnTimeout; Tcp AttemptFails.",
     .sources = {kTimer, kIpv4Table, kIpSysctl, "tcp(7)", kMeasured}},
    {.key = "net.ipv4.tcp_syn_linear_timeouts",
     .type = ValueType::integer,
     .unit = "retries",
     .accepted = {0, 127},
     .kernel_accepts = {0, 127},
     .defaults = kLinearDefault,
     .since = {6, 5},
     .per_namespace_since = {6, 5},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next timeout of a SYN",
     .summary = "How many SYNs are repeated every second before the pauses double.",
     .does =
         "The first repeated SYNs go out one second apart; after that many, each pause is twice the last. So more of "
         "them go out: 7 instead of 3 with tcp_syn_retries 3.",
     .does_not = "It does not shorten the time until connect() gives up. With 4 that is as long as with 0 where "
                 "tcp_syn_retries is 1 or 2, and 4 s longer from 3 on.",
     .goes_with = "tcp_syn_retries.",
     .counters = "TcpExt TCPSynRetrans.",
     .sources = {kTimer, kIpSysctl, kMeasured}},
    {.key = "net.ipv4.tcp_synack_retries",
     .type = ValueType::integer,
     .unit = "retries",
     .accepted = {0, 127},
     .kernel_accepts = kU8,
     .defaults = kSynackDefault,
     .history =
         "We accept no more than 127, because the kernel counts the timeouts of a half-open connection in 7 bits.",
     .per_namespace_since = {4, 6},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next timeout of a SYN-ACK",
     .summary = "How often a listener repeats its SYN-ACK.",
     .does =
         "Limits how long a half-open connection stays in SYN_RECV: 1 s with 0, 3 s with 1, 7 s with 2, 63 s with the "
         "default 5. The kernel shortens it by itself when the SYN queue is more than half full.",
     .does_not = "It is not what stops a SYN flood: SYN cookies do.",
     .risk = "With a low number clients behind a lossy line cannot connect; with 0 one lost ACK of the handshake is "
             "enough.",
     .goes_with = "tcp_syncookies; TCP_SYNCNT of the listener wins over it.",
     .counters = "TcpExt TCPTimeouts; SYN_RECV entries.",
     .sources = {"Linux 6.18 net/ipv4/inet_connection_sock.c, reqsk_timer_handler()",
                 "Linux include/net/request_sock.h, struct request_sock", kIpSysctl, kMeasured}},
    {.key = "net.ipv4.tcp_retries2",
     .type = ValueType::integer,
     .unit = "retries",
     .accepted = {1, 255},
     .kernel_accepts = kU8,
     .defaults = kRetries2Default,
     .history = kU8History,
     .per_namespace_since = {4, 6},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next retransmission timeout",
     .summary = "How often unacknowledged data is sent again before the connection is given up.",
     .does = "Sets the time after which an established connection without acknowledgements fails with ETIMEDOUT: about "
             "924 s with 15, by the model of the kernel's documentation.",
     .does_not =
         "It does not concern connections that the application has closed, which tcp_orphan_retries does, but for "
         "those whose peer only reads no more (its window is closed): with 3 or 8 such a one had not ended after "
         "760 s. It does not end idle connections.",
     .risk = "RFC 1122 asks for at least 100 s, that is 8. A low number breaks connections over a short outage.",
     .goes_with = "TCP_USER_TIMEOUT of the socket is the finer tool.",
     .counters = "TcpExt TCPAbortOnTimeout.",
     .sources = {kTimer, kIpSysctl, "RFC 1122", kMeasured}},
    {.key = "net.ipv4.tcp_orphan_retries",
     .type = ValueType::integer,
     .unit = "retries",
     .accepted = {0, 255},
     .kernel_accepts = kU8,
     .defaults = kZero,
     .history = kU8History,
     .per_namespace_since = {4, 6},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next retransmission timeout of an orphan",
     .summary = "How often a closed connection sends its last data and FIN again.",
     .does =
         "Limits FIN_WAIT_1, CLOSING and LAST_ACK of connections that the application has closed and whose peer does "
         "not acknowledge. To a dead peer FIN_WAIT_1 lasts 1.8 s with 1, 3.3 s with 2, 6.8 s with 3 and 107 s with "
         "0, which acts as 8.",
     .does_not =
         "It does nothing for TIME_WAIT or FIN_WAIT_2. With a peer that answers and only reads no more (its window is "
         "closed) FIN_WAIT_1 lasted 340 s by default where probes began after 0.2 s, 251 s after 1 s, and 582 s with "
         "12; with tcp_retries2 3 or 8 it had not ended after 760 s. A lower number changed nothing there, but for 1, "
         "which ended it in 2 s: a Linux peer leaves a probe that follows within half a second unanswered "
         "(tcp_invalid_ratelimit).",
     .risk = "A low number throws away data that a slow client has not acknowledged yet.",
     .goes_with = "tcp_max_orphans.",
     .counters = "TcpExt TCPAbortOnTimeout; orphan in /proc/net/sockstat.",
     .sources = {"Linux 6.18 net/ipv4/tcp_timer.c, tcp_orphan_retries(), tcp_probe_timer()", kIpSysctl, kMeasured}},
    {.key = "net.ipv4.tcp_max_orphans",
     .type = ValueType::integer,
     .unit = "sockets",
     .accepted = {1, 2147483647},
     .kernel_accepts = kAnyInt,
     .default_formula = "tcp_ehash_entries / 2 (65536 with 16 GiB of memory, 262144 with more than 32 GiB)",
     .history = "The kernel takes negative numbers too.",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next close() or retransmission timeout of an orphan",
     .summary = "How many connections without an owner the host keeps.",
     .does = "Over this number a connection that its application has closed, and that still has something to send, is "
             "reset at once, and the kernel logs \"too many orphaned sockets\". One number for the whole host.",
     .does_not = "It does not count TIME_WAIT or orphaned FIN_WAIT_2: those are no longer full sockets.",
     .risk =
         "Lowering it resets clients that are still receiving. The kernel may reset orphans earlier than the number "
         "says when memory is short.",
     .goes_with = "tcp_orphan_retries.",
     .counters = "TcpExt TCPAbortOnMemory; orphan in /proc/net/sockstat (host-wide).",
     .sources = {"Linux 6.18 net/ipv4/tcp.c, tcp_check_oom()",
                 "Linux 6.18 net/ipv4/tcp_timer.c, tcp_out_of_resources()", kIpSysctl,
                 "absence in a namespace measured on Linux 6.18"}},
    {.key = "net.ipv4.tcp_mem",
     .type = ValueType::integer_triple,
     .unit = "pages",
     .accepted = {0, 2251799813685247},  // pages of 4 KiB in 63 bits of bytes
     .kernel_accepts = {0, 9223372036854775807},
     .default_formula = "by the free memory at boot: about 4.7, 6.3 and 9.4 % of it",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next packet that needs memory",
     .summary = "How much memory all TCP sockets of the host may take: three numbers, in pages.",
     .does =
         "Below the first nothing is done. From the second on TCP saves: windows grow no more, until it is below the "
         "first again. Above the third the kernel drops data that comes, and resets connections that their "
         "program has closed and that still hold data. One memory for the whole host, containers included.",
     .does_not = "It has nothing to do with TIME_WAIT, which is not counted in it, nor with how many connections there "
                 "may be.",
     .risk = "Numbers copied from a larger host let TCP take memory that is not there; small ones stall every "
             "connection. The kernel's own are made for the host's memory, so twctl never writes it.",
     .goes_with = "The buffers of each socket, whose sum it bounds.",
     .counters = "mem of TCP in /proc/net/sockstat (pages, host-wide); TcpExt TCPMemoryPressures, TCPAbortOnMemory.",
     .writable = false,
     .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_mem", "Linux 6.18 net/ipv4/tcp.c, tcp_init_mem()",
                 "Linux 6.18 net/core/sock.c, __sk_mem_raise_allocated()",
                 "absence in a namespace measured on Linux 6.18"}},
    {.key = "net.ipv4.tcp_keepalive_time",
     .type = ValueType::integer,
     .unit = "s",
     .accepted = {1, 32767},
     .kernel_accepts = kJiffySeconds,
     .defaults = kKeepaliveTimeDefault,
     .history = kJiffyHistory,
     .per_namespace_since = {4, 5},
     .takes_effect = TakesEffect::now,
     .effect_note = "when a socket arms its keepalive timer next; a timer that runs is not shortened",
     .summary = "How long a connection with SO_KEEPALIVE is idle before the first probe.",
     .does = "After that many idle seconds of a socket that asks for it the kernel probes the peer. A dead one is "
             "noticed after this time plus "
             "tcp_keepalive_probes times tcp_keepalive_intvl: 2 h 11 min with the defaults.",
     .does_not = kNoTimeWait,
     .risk =
         "The number is in seconds: people who mean milliseconds write hours. Some seconds only, on many connections, "
         "is a steady load.",
     .needs = "An application that sets SO_KEEPALIVE.",
     .goes_with = "tcp_keepalive_intvl, tcp_keepalive_probes; TCP_KEEPIDLE of the socket (1 to 32767) wins over it. "
                  "HTTP's keep-alive is something else: `twctl explain keep-connections-open`.",
     .counters = "TcpExt TCPKeepAlive.",
     .sources = {"Linux commit 13b287e8d1ca (per namespace)", kTimer, "tcp(7)", "RFC 1122", kMeasured}},
    {.key = "net.ipv4.tcp_keepalive_intvl",
     .type = ValueType::integer,
     .unit = "s",
     .accepted = {1, 32767},
     .kernel_accepts = kJiffySeconds,
     .defaults = kKeepaliveIntvlDefault,
     .history = kJiffyHistory,
     .per_namespace_since = {4, 5},
     .takes_effect = TakesEffect::now,
     .effect_note = "when a socket arms its keepalive timer next; a timer that runs is not shortened",
     .summary = "The pause between two keepalive probes.",
     .does = "After a probe without an answer the next one follows after that many seconds.",
     .does_not = kNoTimeWait,
     .risk = "A short pause takes a short outage for a dead peer. With 0, which the kernel takes, all probes leave at "
             "once, and whoever answers later than that is dead.",
     .needs = "An application that sets SO_KEEPALIVE.",
     .goes_with = "tcp_keepalive_time, tcp_keepalive_probes; TCP_KEEPINTVL of the socket (1 to 32767) wins over it.",
     .counters = "TcpExt TCPKeepAlive.",
     .sources = {"Linux commit b840d15d3912 (per namespace)", kTimer, "tcp(7)", "RFC 1122", kMeasured}},
    {.key = "net.ipv4.tcp_keepalive_probes",
     .type = ValueType::integer,
     .unit = "probes",
     .accepted = {1, 127},
     .kernel_accepts = kU8,
     .defaults = kKeepaliveProbesDefault,
     .history = kU8History,
     .per_namespace_since = {4, 5},
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next probe",
     .summary = "How many keepalive probes without an answer end a connection.",
     .does = "After that many probes without an answer the connection fails with ETIMEDOUT.",
     .does_not = kNoTimeWait,
     .risk = "1 ends a connection over one lost probe; 0, which the kernel takes, over none: it fails after "
             "tcp_keepalive_time though its peer is well.",
     .needs = "An application that sets SO_KEEPALIVE.",
     .goes_with = "tcp_keepalive_time, tcp_keepalive_intvl; TCP_KEEPCNT of the socket (1 to 127) wins over it.",
     .counters = "TcpExt TCPKeepAlive, TCPAbortOnTimeout.",
     .sources = {"Linux commit 9bd6861bd432 (per namespace)", kTimer, "tcp(7)", "RFC 1122"}},
};

static_assert(sound(kTimerRows));

}  // namespace twctl::rows
