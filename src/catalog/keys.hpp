// The keys of settings that rules and models name, and the numbers that the kernel fixes beside them. Each key is a
// row of the catalogue (tests/unit/local_ports_test.cpp).
#pragma once

#include <cstdint>
#include <string_view>

#include "catalog/setting.hpp"

namespace twctl {

namespace keys {

inline constexpr std::string_view kAbortOnOverflow = "net.ipv4.tcp_abort_on_overflow";
inline constexpr std::string_view kFinTimeout = "net.ipv4.tcp_fin_timeout";
inline constexpr std::string_view kKeepaliveInterval = "net.ipv4.tcp_keepalive_intvl";
inline constexpr std::string_view kKeepaliveProbes = "net.ipv4.tcp_keepalive_probes";
inline constexpr std::string_view kKeepaliveTime = "net.ipv4.tcp_keepalive_time";
inline constexpr std::string_view kMaxOrphans = "net.ipv4.tcp_max_orphans";
inline constexpr std::string_view kMaxSynBacklog = "net.ipv4.tcp_max_syn_backlog";
inline constexpr std::string_view kMaxTwBuckets = "net.ipv4.tcp_max_tw_buckets";
inline constexpr std::string_view kMemory = "net.ipv4.tcp_mem";
inline constexpr std::string_view kOrphanRetries = "net.ipv4.tcp_orphan_retries";
inline constexpr std::string_view kPortRange = "net.ipv4.ip_local_port_range";
inline constexpr std::string_view kPrivilegedEnd = "net.ipv4.ip_unprivileged_port_start";
inline constexpr std::string_view kReservedPorts = "net.ipv4.ip_local_reserved_ports";
inline constexpr std::string_view kRetries2 = "net.ipv4.tcp_retries2";
inline constexpr std::string_view kRfc1337 = "net.ipv4.tcp_rfc1337";
inline constexpr std::string_view kSomaxconn = "net.core.somaxconn";
inline constexpr std::string_view kSynackRetries = "net.ipv4.tcp_synack_retries";
inline constexpr std::string_view kSyncookies = "net.ipv4.tcp_syncookies";
inline constexpr std::string_view kSynRetries = "net.ipv4.tcp_syn_retries";
inline constexpr std::string_view kTimestamps = "net.ipv4.tcp_timestamps";
inline constexpr std::string_view kTwRecycle = "net.ipv4.tcp_tw_recycle";
inline constexpr std::string_view kTwReuse = "net.ipv4.tcp_tw_reuse";
inline constexpr std::string_view kTwReuseDelay = "net.ipv4.tcp_tw_reuse_delay";

inline constexpr std::string_view kConntrackMax = "net.netfilter.nf_conntrack_max";
inline constexpr std::string_view kConntrackTimeWait = "net.netfilter.nf_conntrack_tcp_timeout_time_wait";

inline constexpr std::string_view kTimedWaitDelay = "TcpTimedWaitDelay";

}  // namespace keys

inline constexpr int kTimeWaitSeconds = 60;  // include/net/tcp.h, TCP_TIMEWAIT_LEN; tcp_fin_timeout's default too
inline constexpr std::int64_t kFinTimeoutTrap = 120;  // between 60 and this a FIN_WAIT_2 lives 2 x (value - 60) s
inline constexpr std::int64_t kFirstUnprivilegedPort = 1024;
inline constexpr KernelVersion kSynBacklogIgnored{4, 4, 0};      // from here on it is read with tcp_syncookies 0 only
inline constexpr KernelVersion kNegativeMeansNoLimit{5, 19, 0};  // of tcp_max_tw_buckets; before: no TIME_WAIT at all
inline constexpr KernelVersion kTwoIsLoopback{4, 19, 0};         // of tcp_tw_reuse; before: any number but 0 is as 1
// Whether no connection gets a TIME_WAIT with that tcp_max_tw_buckets. `kernel`: {} if not known, then a current one.
constexpr bool allows_no_time_wait(std::int64_t limit, KernelVersion kernel) {
  const bool is_old = kernel != KernelVersion{} && kernel < kNegativeMeansNoLimit;
  return limit == 0 || (limit < 0 && is_old);
}
inline constexpr std::int64_t kShortTimedWait = 30;  // TcpTimedWaitDelay: the least of every version's documented range

}  // namespace twctl
