// Linux settings of connection tracking (nf_conntrack): flows that a firewall remembers, not sockets.
#pragma once

#include "catalog/rows/row_checks.hpp"

namespace twctl::rows {

inline constexpr std::string_view kConntrack = "nf_conntrack";
inline constexpr std::string_view kTcpTimeouts = "Linux net/netfilter/nf_conntrack_proto_tcp.c, tcp_timeouts[]";
inline constexpr std::string_view kConntrackDoc = "Linux Documentation/networking/nf_conntrack-sysctl.rst";
inline constexpr std::string_view kFlowsNotSockets =
    "It ages entries of the firewall's flow table only. No socket leaves a state earlier or later by it.";
inline constexpr std::string_view kNextPacket = "at the next packet of each flow";
inline constexpr std::string_view kFlowCounters =
    "nf_conntrack_count; drop and insert_failed in /proc/net/stat/nf_conntrack.";
inline constexpr std::string_view kConntrackHistory =
    "Per namespace since 3.10 at the latest; not yet in 3.4. The kernel takes 0 and negative numbers too; the upper "
    "end depends on "
    "CONFIG_HZ.";
// Five days is how long the kernel remembers an established flow by default: a closing one needs no longer.
inline constexpr Range kFlowSeconds{1, 432000};

inline constexpr Setting kConntrackRows[] = {
    {.key = "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
     .type = ValueType::integer,
     .unit = "s",
     .accepted = kFlowSeconds,
     .kernel_accepts = kJiffySeconds,
     .defaults = kHundredTwenty,
     .history = kConntrackHistory,
     .per_namespace_since = {3, 10},
     .module = kConntrack,
     .takes_effect = TakesEffect::now,
     .effect_note = kNextPacket,
     .summary = "How long the firewall remembers a flow after both sides have closed.",
     .does = "Decides how soon after the end of a connection its slot in the flow table is free again.",
     .does_not =
         "It does not shorten the TIME_WAIT of sockets: the two share a name only, and the firewall's 120 s have "
         "nothing to do with the socket's 60 s.",
     .risk =
         "Below 60 s a repeated FIN may find no flow any more: it counts as INVALID, and a firewall drops it or sends "
         "it on without address translation. A repeated last ACK is taken for a new flow, unless "
         "nf_conntrack_tcp_loose "
         "is 0.",
     .goes_with = "nf_conntrack_max.",
     .counters = kFlowCounters,
     .sources = {kTcpTimeouts, kConntrackDoc, kMeasured}},
    {.key = "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
     .type = ValueType::integer,
     .unit = "s",
     .accepted = kFlowSeconds,
     .kernel_accepts = kJiffySeconds,
     .defaults = kSixty,
     .history = kConntrackHistory,
     .per_namespace_since = {3, 10},
     .module = kConntrack,
     .takes_effect = TakesEffect::now,
     .effect_note = kNextPacket,
     .summary = "How long the firewall remembers a flow of which one side has closed.",
     .does =
         "Limits how long a flow is remembered after the first FIN was acknowledged and while the other side has yet "
         "to close.",
     .does_not = "It does not close CLOSE_WAIT sockets: only the application does.",
     .risk = "An application that keeps a half-closed connection quiet for longer loses it at the firewall.",
     .goes_with = "nf_conntrack_max.",
     .counters = kFlowCounters,
     .sources = {kTcpTimeouts, kConntrackDoc, kMeasured}},
    {.key = "net.netfilter.nf_conntrack_tcp_timeout_fin_wait",
     .type = ValueType::integer,
     .unit = "s",
     .accepted = kFlowSeconds,
     .kernel_accepts = kJiffySeconds,
     .defaults = kHundredTwenty,
     .history = kConntrackHistory,
     .per_namespace_since = {3, 10},
     .module = kConntrack,
     .takes_effect = TakesEffect::now,
     .effect_note = kNextPacket,
     .summary = "How long the firewall remembers a flow after the first FIN.",
     .does = "Limits how long a flow is remembered after one side has sent its FIN.",
     .does_not = kFlowsNotSockets,
     .risk = "Too short, and a FIN of the closing handshake that comes later counts as INVALID.",
     .goes_with = "nf_conntrack_max.",
     .counters = kFlowCounters,
     .sources = {kTcpTimeouts, kConntrackDoc, kMeasured}},
    {.key = "net.netfilter.nf_conntrack_tcp_timeout_last_ack",
     .type = ValueType::integer,
     .unit = "s",
     .accepted = kFlowSeconds,
     .kernel_accepts = kJiffySeconds,
     .defaults = kThirty,
     .history = kConntrackHistory,
     .per_namespace_since = {3, 10},
     .module = kConntrack,
     .takes_effect = TakesEffect::now,
     .effect_note = kNextPacket,
     .summary = "How long the firewall waits for the last ACK of a flow.",
     .does = "Limits how long a flow is remembered after the second FIN while its ACK is missing.",
     .does_not = kFlowsNotSockets,
     .risk = "Too short, and a repeated FIN counts as INVALID; a repeated last ACK is taken for a new flow, unless "
             "nf_conntrack_tcp_loose is 0.",
     .goes_with = "nf_conntrack_max.",
     .counters = kFlowCounters,
     .sources = {kTcpTimeouts, kConntrackDoc, kMeasured}},
    {.key = "net.netfilter.nf_conntrack_max",
     .type = ValueType::integer,
     .unit = "flows",
     .accepted = {1, 2147483647},
     .kernel_accepts = {0, 2147483647},
     .default_formula = "nf_conntrack_buckets (up to 5.14: 4 times that)",
     .history = "0 means no limit up to 6.18 and is refused from 6.19 on. Other namespaces could write it before 5.13. "
                "net.nf_conntrack_max is the same setting under a second name.",
     .reach = Reach::host_wide_shown_read_only,
     .second_key = "net.nf_conntrack_max",
     .module = kConntrack,
     .takes_effect = TakesEffect::now,
     .effect_note = "at the next new flow",
     .summary = "How many flows connection tracking remembers.",
     .does =
         "A packet that would begin one flow more is dropped, and the kernel logs \"nf_conntrack: table full, dropping "
         "packet\". The number is one for the host and is compared with the count of each namespace.",
     .does_not = "It does not limit sockets, and loading nf_conntrack is what makes it matter at all.",
     .risk = "Each flow takes memory that cannot be swapped out; with many more flows than nf_conntrack_buckets every "
             "packet is looked up more slowly.",
     .goes_with = "nf_conntrack_buckets, nf_conntrack_tcp_timeout_time_wait.",
     .counters = kFlowCounters,
     .sources = {"Linux commit d532bcd0b2699d84d71a0c71d37157ac6eb3be25 (default)",
                 "Linux 6.18 net/netfilter/nf_conntrack_standalone.c", "Linux 6.18 net/netfilter/nf_conntrack_core.c",
                 kConntrackDoc, kMeasured}},
};

static_assert(sound(kConntrackRows));

}  // namespace twctl::rows
