#include <fmt/format.h>

#include <array>

#include "plan/finders.hpp"
#include "plan/presence.hpp"

namespace twctl::finders {
namespace {

constexpr std::string_view kRecycle = "net.ipv4.tcp_tw_recycle";
constexpr std::string_view kReuse = "net.ipv4.tcp_tw_reuse";
constexpr std::string_view kTimestamps = "net.ipv4.tcp_timestamps";
constexpr std::string_view kFinTimeout = "net.ipv4.tcp_fin_timeout";
constexpr std::string_view kBuckets = "net.ipv4.tcp_max_tw_buckets";
constexpr std::string_view kSynBacklog = "net.ipv4.tcp_max_syn_backlog";
constexpr std::string_view kSyncookies = "net.ipv4.tcp_syncookies";
constexpr std::string_view kSomaxconn = "net.core.somaxconn";
constexpr std::string_view kRfc1337 = "net.ipv4.tcp_rfc1337";
constexpr std::string_view kPrivilegedEnd = "net.ipv4.ip_unprivileged_port_start";

constexpr std::int64_t kTimeWaitSeconds = 60;        // include/net/tcp.h, TCP_TIMEWAIT_LEN; also fin_timeout's default
constexpr std::int64_t kTrapEnd = 120;               // from here on a FIN_WAIT_2 lives as long as the number says
constexpr std::int64_t kShorterThanDefaultEnd = 90;  // 2 x (v - 60) reaches 60
constexpr std::int64_t kBucketsWithOneGigabyte = 4096;  // half of the hash, which has an entry for 128 KiB
constexpr std::int64_t kFirstUnprivileged = 1024;
constexpr KernelVersion kBacklogIgnored{4, 4, 0};

std::optional<std::int64_t> number(const std::optional<Value>& value) {
  return value ? as_integer(*value) : std::nullopt;
}

std::string trap_text(std::int64_t value) {
  const std::int64_t life = 2 * (value - kTimeWaitSeconds);
  const std::string head = fmt::format("With {0} an orphaned FIN_WAIT_2 lives 2 x ({0} - 60) = {1} s, ", value, life);
  return head + (value < kShorterThanDefaultEnd ? "shorter than with 60." : "shorter than the number says.");
}

// A protection that writing `to` takes away; "" if it does not.
std::string rfc1337_text(std::optional<std::int64_t> from, std::int64_t to) {
  if (to != 0 || from.value_or(0) == 0) return {};
  return "With 0 a reset segment can end TIME_WAIT early (RFC 1337).";
}

std::string privileged_text(std::optional<std::int64_t> from, std::int64_t to) {
  if (to >= kFirstUnprivileged || to >= from.value_or(kFirstUnprivileged)) return {};
  return fmt::format("With {0} every user may listen on the ports from {0} on, which were for root alone.", to);
}

std::string syncookies_text(std::optional<std::int64_t> /*from*/, std::int64_t to) {
  return to == 0 ? "With 0 a SYN flood fills the queue of half-open connections, and real clients are dropped." : "";
}

std::string timestamps_text(std::optional<std::int64_t> /*from*/, std::int64_t to) {
  return to == 0 ? "With 0 old segments are no longer told from new ones (PAWS), and tcp_tw_reuse does nothing." : "";
}

struct Protection {
  std::string_view key;
  std::string (*text)(std::optional<std::int64_t> from, std::int64_t to);
  std::string_view source;
};
constexpr std::array kProtections{
    Protection{kSyncookies, syncookies_text, "RFC 4987"},
    Protection{kTimestamps, timestamps_text, "RFC 7323"},
    Protection{kRfc1337, rfc1337_text, "RFC 1337"},
    Protection{kPrivilegedEnd, privileged_text,
               "Linux Documentation/networking/ip-sysctl.rst, ip_unprivileged_port_start"},
};

std::vector<Found> lowered(const Outlook& outlook, const Protection& protection) {
  return once(outlook, protection.key, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> to = number(outlook.written(layer, protection.key));
    return to ? protection.text(number(outlook.before(layer, protection.key)), *to) : "";
  });
}

}  // namespace

std::vector<Found> tw_recycle(const Outlook& outlook) {
  return once(outlook, kRecycle, [&](Layer layer) -> std::string {
    if (number(outlook.wished(layer, kRecycle)).value_or(0) == 0) return {};
    return fmt::format(
        "Linux {} still has it: clients behind one NAT or load balancer share an address but not a clock, and some of "
        "them cannot connect, at random.",
        kernel_name(outlook.plan.host));
  });
}

std::vector<Found> reuse_without_timestamps(const Outlook& outlook) {
  if (outlook.planned(kReuse) == nullptr && outlook.planned(kTimestamps) == nullptr) return {};
  return once(outlook, kReuse, [&](Layer layer) -> std::string {
    const std::int64_t reuse = number(outlook.after(layer, kReuse)).value_or(0);
    const bool without = outlook.after(layer, kTimestamps) == "0";
    if (reuse == 0 || !without) return {};
    return fmt::format("tcp_tw_reuse is {} but tcp_timestamps is 0: without timestamps no port is reused.", reuse);
  });
}

std::vector<Found> fin_timeout_trap(const Outlook& outlook) {
  return once(outlook, kFinTimeout, [&](Layer layer) {
    const std::int64_t value = number(outlook.wished(layer, kFinTimeout)).value_or(0);
    return value > kTimeWaitSeconds && value < kTrapEnd ? trap_text(value) : "";
  });
}

std::vector<Found> not_time_wait(const Outlook& outlook) {
  return once(outlook, kFinTimeout, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> to = number(outlook.written(layer, kFinTimeout));
    const std::int64_t from = number(outlook.before(layer, kFinTimeout)).value_or(kTimeWaitSeconds);
    if (!to || *to >= kTimeWaitSeconds || *to >= from) return {};
    return fmt::format(
        "{} instead of {} s ends orphaned FIN_WAIT_2 sockets sooner. It does not shorten TIME_WAIT, which lasts 60 s.",
        *to, from);
  });
}

// Half of the hash table (net/ipv4/tcp_ipv4.c, tcp_set_hashinfo()), whatever is in force now. A kernel that does not
// show the table's size has at least the default of its memory's.
std::vector<Found> buckets_low(const Outlook& outlook) {
  const std::int64_t usual = outlook.side.snapshot.tcp_hash_entries / 2;
  return once(outlook, kBuckets, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> value = number(outlook.wished(layer, kBuckets));
    if (!value || *value >= (usual > 0 ? usual : kBucketsWithOneGigabyte)) return {};
    const std::string than = usual > 0 ? fmt::format("this kernel's default {}", usual)
                                       : "the default of any host with 1 GiB of memory or more";
    return fmt::format("{} is less than {}. Above the limit connections skip TIME_WAIT; what exists is not freed.",
                       *value, than);
  });
}

std::vector<Found> backlog_inert(const Outlook& outlook) {
  const KernelVersion kernel = outlook.plan.host.kernel;
  if (kernel != KernelVersion{} && kernel < kBacklogIgnored) return {};
  return once(outlook, kSynBacklog, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> to = number(outlook.written(layer, kSynBacklog));
    const std::int64_t from = number(outlook.before(Layer::live, kSynBacklog)).value_or(0);
    const std::int64_t cookies = number(outlook.after(layer, kSyncookies)).value_or(0);
    if (!to || *to <= from || cookies == 0) return {};
    return fmt::format(
        "{} does nothing while tcp_syncookies is {}: since Linux 4.4 the number is read only when it is "
        "0. The listener's backlog and somaxconn bound the queue.",
        *to, cookies);
  });
}

std::vector<Found> somaxconn_lower(const Outlook& outlook) {
  const std::optional<std::int64_t> usual =
      number(kernel_default(*find_setting(Os::linux_kernel, kSomaxconn), outlook.plan.host));
  return once(outlook, kSomaxconn, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> value = number(outlook.wished(layer, kSomaxconn));
    if (!value || *value >= usual.value_or(0)) return {};
    return fmt::format(
        "{} is less than this kernel's default {}: listeners get a shorter queue from their next "
        "listen() on.",
        *value, *usual);
  });
}

std::vector<Found> protection_lower(const Outlook& outlook) {
  std::vector<Found> found;
  for (const Protection& protection : kProtections) {
    for (Found& one : lowered(outlook, protection)) {
      one.source = protection.source;
      found.push_back(std::move(one));
    }
  }
  return found;
}

}  // namespace twctl::finders
