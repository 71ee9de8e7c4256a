// What the values of a file or a host mean, alone and together.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "catalog/comment_words.hpp"
#include "catalog/keys.hpp"
#include "catalog/local_ports.hpp"
#include "catalog/pod_keys.hpp"
#include "observe/possible_kernels.hpp"
#include "rules/audit_rules.hpp"

namespace twctl {

Finding& rules::say(const ValuesInForce& values, FindingSink& found, std::string_view key, const std::string& what) {
  return found.add(key, what + values.layer + ".", values.find(key)->where);
}

Finding& rules::say_value(const ValuesInForce& values, FindingSink& found, std::string_view key) {
  return say(values, found, key, fmt::format("{} is {}", key, values.find(key)->value));
}

namespace {

using namespace keys;
using rules::say;
using rules::say_value;

constexpr std::int64_t kFewBuckets = 10000;
constexpr std::int64_t kDefaultBuckets = 65536;  // with 16 GiB
constexpr std::int64_t kManyBuckets = 1000000;
constexpr std::int64_t kShortKeepalive = 30;
constexpr std::int64_t kOneDay = 86400;
constexpr std::int64_t kOneHour = 3600;
constexpr std::int64_t kTenThousand = 10000;  // from here on, full thousands look like milliseconds
constexpr KernelVersion kParitySince{4, 2};   // commit 07f4c90062f8: connect() and bind(0) prefer one parity each
constexpr PortRange kAnssi{32768, 65535};
constexpr PortRange kUsual{32768, 60999};  // the kernel's default

bool is_zero(const ValuesInForce& values, std::string_view key) { return values.set_number(key) == 0; }

bool recycles(const ValuesInForce& values) { return values.set_number(kTwRecycle).value_or(0) != 0; }

void recycle_on(const ValuesInForce& values, FindingSink& found) {
  if (recycles(values) && !is_zero(values, kTimestamps)) say_value(values, found, kTwRecycle);
}

void recycle_inert(const ValuesInForce& values, FindingSink& found) {
  if (!recycles(values) || !is_zero(values, kTimestamps)) return;
  say(values, found, kTwRecycle, fmt::format("{} is on and {} is 0", kTwRecycle, kTimestamps));
}

// Timestamps alone would switch the recycling on.
void advise_recycle_first(const ValuesInForce& values, Finding& finding) {
  if (!recycles(values)) return;
  finding.advice.insert(0, kRecycleFirst);
}

void reuse_inert(const ValuesInForce& values, FindingSink& found) {
  const std::int64_t reuse = values.set_number(kTwReuse).value_or(0);
  if (reuse <= 0 || !is_zero(values, kTimestamps)) return;
  advise_recycle_first(values,
                       say(values, found, kTwReuse, fmt::format("{} is {} and {} is 0", kTwReuse, reuse, kTimestamps)));
}

void timestamps_off(const ValuesInForce& values, FindingSink& found) {
  if (is_zero(values, kTimestamps)) advise_recycle_first(values, say_value(values, found, kTimestamps));
}

void dev_sec_timestamps(const ValuesInForce& values, FindingSink& found) {
  if (values.guides.contains(kDevSecGuide)) timestamps_off(values, found);
}

void syncookies_off(const ValuesInForce& values, FindingSink& found) {
  if (is_zero(values, kSyncookies)) say_value(values, found, kSyncookies);
}

void syncookies_always(const ValuesInForce& values, FindingSink& found) {
  if (values.set_number(kSyncookies).value_or(0) > 1) say_value(values, found, kSyncookies);
}

void fin_timeout_trap(const ValuesInForce& values, FindingSink& found) {
  const std::int64_t value = values.set_number(kFinTimeout).value_or(0);
  if (value <= kTimeWaitSeconds || value >= kFinTimeoutTrap) return;
  const std::int64_t life = 2 * (value - kTimeWaitSeconds);
  say(values, found, kFinTimeout, fmt::format("{} is {}, which lasts {} s", kFinTimeout, value, life));
}

void fin_timeout_long(const ValuesInForce& values, FindingSink& found) {
  if (values.set_number(kFinTimeout).value_or(0) >= kFinTimeoutTrap) say_value(values, found, kFinTimeout);
}

// A negative number of tcp_max_tw_buckets.
bool is_no_limit(const ValuesInForce& values, std::int64_t buckets) {
  return buckets < 0 && !allows_no_time_wait(buckets, values.context.kernel());
}

void buckets_few(const ValuesInForce& values, FindingSink& found) {
  const std::optional<std::int64_t> value = values.set_number(kMaxTwBuckets);
  if (!value || *value >= kDefaultBuckets || is_no_limit(values, *value)) return;
  Finding& finding = say_value(values, found, kMaxTwBuckets);
  if (*value > kFewBuckets) finding.severity = Severity::info;
}

void buckets_many(const ValuesInForce& values, FindingSink& found) {
  const std::int64_t value = values.set_number(kMaxTwBuckets).value_or(0);
  if (value >= kManyBuckets) say_value(values, found, kMaxTwBuckets);
  if (is_no_limit(values, value)) {
    say(values, found, kMaxTwBuckets,
        fmt::format("{} is {}, which is no limit since Linux {}", kMaxTwBuckets, value,
                    to_text(kNegativeMeansNoLimit)));
  }
}

// What the kernel gives by itself where there are 512 MiB of memory: ehash has 4096 entries, one for 128 KiB
// (tcp_init()), orphans half as many, the SYN queue the larger of 128 and a 128th (tcp_sk_init()), connection tracking
// one for 128 KiB (since 5.15; before, four times that), a backlog of packets always 1000. That this is where "low"
// begins is our choice.
struct LeastLimit {
  std::string_view key;
  std::int64_t least;
  std::string_view host;     // whose kernel takes that by itself
  std::string_view meaning;  // of a lower one
  std::string_view source;
};
constexpr std::string_view kSmallHost = " of a host with 512 MiB of memory";
constexpr std::array<LeastLimit, 4> kLeastLimits{
    {{kMaxOrphans, 2048, kSmallHost, "Beyond it the kernel resets connections that their programs have closed.",
      "Linux 6.18 net/ipv4/tcp.c, tcp_init()"},
     {kConntrackMax, 4096, kSmallHost, "Beyond it the kernel drops packets of new connections.",
      "Linux 6.18 net/netfilter/nf_conntrack_core.c, nf_conntrack_init_start()"},
     {kMaxSynBacklog, 128, kSmallHost, "While SYN cookies are off, the kernel drops SYNs from three quarters of it on.",
      "Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_sk_init()"},
     {"net.core.netdev_max_backlog", 1000, "", "Packets beyond it are dropped.",
      "Linux 6.18 net/core/dev.c, enqueue_to_backlog()"}}};

void limit_low(const ValuesInForce& values, FindingSink& found) {
  for (const LeastLimit& limit : kLeastLimits) {
    const std::optional<std::int64_t> value = values.set_number(limit.key);
    const bool no_limit = limit.key == kConntrackMax && value == 0;
    if (!value || *value >= limit.least || no_limit) continue;
    Finding& finding =
        say(values, found, limit.key,
            fmt::format("{} is {}, below the kernel's own {}{}", limit.key, *value, limit.least, limit.host));
    finding.meaning = limit.meaning;
    finding.source = limit.source;
    const bool read = limit.key != kMaxSynBacklog || values.number(kSyncookies).value_or(1) == 0;
    if (!read) finding.severity = Severity::info;
  }
}

// By the model of ip-sysctl.rst: the first timeout is 0.2 s, each following one twice that.
std::string given_up_after(std::int64_t retries) {
  return fmt::format("{:.1f} s", 0.2 * static_cast<double>((std::int64_t{2} << retries) - 1));
}

void retries_few(const ValuesInForce& values, FindingSink& found) {
  constexpr std::int64_t kHundredSeconds = 8;
  constexpr std::int64_t kFew = 5;
  const std::optional<std::int64_t> value = values.set_number(kRetries2);
  if (!value || *value >= kHundredSeconds || *value < 0) return;
  Finding& finding =
      say(values, found, kRetries2,
          fmt::format("{} is {}: an outage of {} may end a connection", kRetries2, *value, given_up_after(*value)));
  if (*value >= kFew) finding.severity = Severity::info;
}

void orphan_retries_few(const ValuesInForce& values, FindingSink& found) {
  constexpr std::int64_t kFew = 3;
  const std::int64_t value = values.set_number(kOrphanRetries).value_or(0);  // 0 acts as 8
  if (value < 1 || value > kFew) return;
  say(values, found, kOrphanRetries,
      fmt::format("{} is {}: an outage of {} may lose what was still to be sent when the program closed",
                  kOrphanRetries, value, given_up_after(value)));
}

void synack_retries_none(const ValuesInForce& values, FindingSink& found) {
  if (is_zero(values, kSynackRetries)) say_value(values, found, kSynackRetries);
}

void flow_timeout_short(const ValuesInForce& values, FindingSink& found) {
  constexpr std::int64_t kSeconds = 10;
  constexpr std::array<std::string_view, 4> kTimeouts{
      kConntrackTimeWait, "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
      "net.netfilter.nf_conntrack_tcp_timeout_fin_wait", "net.netfilter.nf_conntrack_tcp_timeout_last_ack"};
  for (const std::string_view key : kTimeouts) {
    const std::optional<std::int64_t> value = values.set_number(key);
    if (!value || *value >= (key == kConntrackTimeWait ? kTimeWaitSeconds : kSeconds)) continue;
    Finding& finding = say_value(values, found, key);
    if (*value >= kSeconds) finding.severity = Severity::info;
  }
}

void reuse_delay_short(const ValuesInForce& values, FindingSink& found) {
  constexpr std::int64_t kSlowTick = 10;  // ms, of a Linux before 4.13 with CONFIG_HZ=100
  if (values.set_number(kTwReuseDelay).value_or(kSlowTick) < kSlowTick) say_value(values, found, kTwReuseDelay);
}

std::int64_t default_somaxconn(const ValuesInForce& values) {
  const std::optional<Value> usual = values.context.default_of(*find_setting(kSomaxconn));
  return as_integer(usual.value_or("4096")).value_or(0);
}

void somaxconn_small(const ValuesInForce& values, FindingSink& found) {
  const std::optional<std::int64_t> value = values.set_number(kSomaxconn);
  const std::int64_t usual = default_somaxconn(values);
  if (!value || *value >= usual) return;
  say(values, found, kSomaxconn, fmt::format("{} is {}, the default {}", kSomaxconn, *value, usual));
}

void syn_backlog_unused(const ValuesInForce& values, FindingSink& found) {
  const KernelVersion kernel = values.context.kernel();
  if (kernel != KernelVersion{} && kernel < kSynBacklogIgnored) return;
  const std::int64_t backlog = values.set_number(kMaxSynBacklog).value_or(0);
  const std::int64_t cap = values.number(kSomaxconn).value_or(default_somaxconn(values));
  // With cookies off a quarter of it is kept for proven peers, so it counts up to 4/3 of somaxconn.
  const bool cookies = values.number(kSyncookies).value_or(1) != 0;
  if (backlog <= (cookies ? cap : (4 * cap + 2) / 3)) return;
  say(values, found, kMaxSynBacklog,
      fmt::format("{} is {}, {} is {} and SYN cookies are {}", kMaxSynBacklog, backlog, kSomaxconn, cap,
                  cookies ? "on" : "off"));
}

void keepalive_short(const ValuesInForce& values, FindingSink& found) {
  if (values.set_number(kKeepaliveTime).value_or(kOneHour) <= kShortKeepalive) {
    say_value(values, found, kKeepaliveTime);
  }
}

void keepalive_without_wait(const ValuesInForce& values, FindingSink& found) {
  for (const std::string_view key : {kKeepaliveProbes, kKeepaliveInterval}) {
    if (is_zero(values, key)) say_value(values, found, key);
  }
}

// "16.7 hours"
std::string hours_text(std::int64_t seconds) {
  return fmt::format("{:.1f} hours", static_cast<double>(seconds) / 3600);
}

// `long_since`: longer than anybody wants to wait. Below it, full thousands only look as if.
void keepalive_too_long(const ValuesInForce& values, FindingSink& found, std::string_view key,
                        std::int64_t long_since) {
  const std::int64_t value = values.set_number(key).value_or(0);
  const bool thousands = value >= kTenThousand && value % 1000 == 0;
  if (value <= long_since && !thousands) return;
  const std::string usual = values.context.default_of(*find_setting(key)).value_or("");
  const std::string beside = usual.empty() ? "" : fmt::format("; the default is {}", usual);
  Finding& finding = say(values, found, key, fmt::format("{} is {} s, {}{}", key, value, hours_text(value), beside));
  if (value <= long_since) finding.severity = Severity::info;
}

void keepalive_milliseconds(const ValuesInForce& values, FindingSink& found) {
  keepalive_too_long(values, found, kKeepaliveTime, kOneDay);
  keepalive_too_long(values, found, kKeepaliveInterval, kOneHour);
}

void abort_on_overflow(const ValuesInForce& values, FindingSink& found) {
  if (values.set_number(kAbortOnOverflow).value_or(0) != 0) say_value(values, found, kAbortOnOverflow);
}

void unprivileged_ports(const ValuesInForce& values, FindingSink& found) {
  const std::int64_t start = values.set_number(kPrivilegedEnd).value_or(kFirstUnprivilegedPort);
  if (start < kFirstUnprivilegedPort) say_value(values, found, kPrivilegedEnd);
}

void kubernetes_unsafe(const ValuesInForce& values, FindingSink& found) {
  if (!values.context.contained()) return;
  for (const auto& [key, assigned] : values.assigned) {
    if (find_safe_in_pods(key) == nullptr) say_value(values, found, key);
  }
}

std::optional<LocalPorts> assigned_ports(const ValuesInForce& values) {
  const ValuesInForce::Assigned* range = values.find(kPortRange);
  return range == nullptr ? std::nullopt : local_ports(range->value, values.value(kReservedPorts));
}

void port_range_services(const ValuesInForce& values, FindingSink& found) {
  const std::optional<LocalPorts> ports = assigned_ports(values);
  if (!ports) return;
  std::vector<std::string> names;
  for (const ServicePorts& service : ports->services()) names.push_back(to_text(service));
  if (names.empty()) return;
  say(values, found, kPortRange, fmt::format("{} covers {}", to_text(ports->range), listed(names, kMostNamed)));
}

void port_range_all_reserved(const ValuesInForce& values, FindingSink& found) {
  const ValuesInForce::Assigned* reserved = values.find(kReservedPorts);
  if (reserved == nullptr) return;
  const std::optional<LocalPorts> ports = local_ports(values.value(kPortRange), reserved->value);
  if (!ports || ports->usable() > 0) return;
  say(values, found, kReservedPorts, fmt::format("{} has every port of {}", kReservedPorts, to_text(ports->range)));
}

void port_range_parity(const ValuesInForce& values, FindingSink& found) {
  const std::optional<LocalPorts> ports = assigned_ports(values);
  if (!ports || (ports->range.first + ports->range.last) % 2 != 0) return;
  if (!may_have(kParitySince, values.context.host())) return;
  const auto& [first, last] = ports->range;
  say(values, found, kPortRange, fmt::format("{} and {} are both {}", first, last, first % 2 == 0 ? "even" : "odd"));
}

void anssi_port_range(const ValuesInForce& values, FindingSink& found) {
  const std::optional<LocalPorts> ports = assigned_ports(values);
  if (!ports || ports->range == kAnssi || ports->range == kUsual || !values.guides.contains(kAnssiGuide)) return;
  say(values, found, kPortRange, "The range is " + to_text(ports->range));
}

constexpr std::array kValueRules{
    Rule<ValuesInForce>{"recycle-on", recycle_on},
    Rule<ValuesInForce>{"recycle-inert", recycle_inert},
    Rule<ValuesInForce>{"reuse-inert", reuse_inert},
    Rule<ValuesInForce>{"reuse-2-before-4-19", rules::reuse_not_loopback},
    Rule<ValuesInForce>{"timestamps-off", timestamps_off},
    Rule<ValuesInForce>{"dev-sec-timestamps", dev_sec_timestamps},
    Rule<ValuesInForce>{"syncookies-off", syncookies_off},
    Rule<ValuesInForce>{"cis-syncookies", syncookies_always},
    Rule<ValuesInForce>{"fin-timeout-61-to-119", fin_timeout_trap},
    Rule<ValuesInForce>{"fin-timeout-very-low", rules::fin_timeout_very_low},
    Rule<ValuesInForce>{"fin-timeout-not-time-wait", rules::not_time_wait_either},
    Rule<ValuesInForce>{"fin-timeout-long", fin_timeout_long},
    Rule<ValuesInForce>{"tw-buckets-few", buckets_few},
    Rule<ValuesInForce>{.id = "tw-buckets-many", .find = buckets_many, .in_plans = true},
    Rule<ValuesInForce>{.id = "limit-low", .find = limit_low, .in_plans = true},
    Rule<ValuesInForce>{"tcp-mem-low", rules::memory_low},
    Rule<ValuesInForce>{"tcp-mem-in-bytes", rules::memory_in_bytes},
    Rule<ValuesInForce>{.id = "orphans-many", .find = rules::orphans_many, .in_plans = true},
    Rule<ValuesInForce>{.id = "retries2-few", .find = retries_few, .in_plans = true},
    Rule<ValuesInForce>{.id = "orphan-retries-few", .find = orphan_retries_few, .in_plans = true},
    Rule<ValuesInForce>{.id = "synack-retries-none", .find = synack_retries_none, .in_plans = true},
    Rule<ValuesInForce>{.id = "handshake-retries-one", .find = rules::handshake_retries_one, .in_plans = true},
    Rule<ValuesInForce>{.id = "flow-timeout-short", .find = flow_timeout_short, .in_plans = true},
    Rule<ValuesInForce>{.id = "reuse-delay-short", .find = reuse_delay_short, .in_plans = true},
    Rule<ValuesInForce>{"somaxconn-small", somaxconn_small},
    Rule<ValuesInForce>{"syn-backlog-unused", syn_backlog_unused},
    Rule<ValuesInForce>{.id = "abort-on-overflow", .find = abort_on_overflow, .in_plans = true},
    Rule<ValuesInForce>{.id = "keepalive-short", .find = keepalive_short, .in_plans = true},
    Rule<ValuesInForce>{.id = "keepalive-without-wait", .find = keepalive_without_wait, .in_plans = true},
    Rule<ValuesInForce>{.id = "keepalive-milliseconds", .find = keepalive_milliseconds, .in_plans = true},
    Rule<ValuesInForce>{"unprivileged-ports", unprivileged_ports},
    Rule<ValuesInForce>{"kubernetes-unsafe", kubernetes_unsafe},
    Rule<ValuesInForce>{"port-range-all-reserved", port_range_all_reserved},
    Rule<ValuesInForce>{"port-range-services", port_range_services},
    Rule<ValuesInForce>{.id = "port-range-parity", .find = port_range_parity, .in_plans = true},
    Rule<ValuesInForce>{"anssi-port-range", anssi_port_range},
};

}  // namespace

std::set<std::string_view> guides_named_in(std::string_view bytes) {
  std::set<std::string_view> guides;
  const std::string lower = to_lower(bytes);
  for (const auto& [name, guide] : kGuideNames) {
    if (lower.find(name) != std::string::npos) guides.insert(guide);
  }
  return guides;
}

const ValuesInForce::Assigned* ValuesInForce::find(std::string_view key) const {
  const auto found = assigned.find(key);
  return found == assigned.end() ? nullptr : &found->second;
}

std::optional<Value> ValuesInForce::value(std::string_view key) const {
  if (const Assigned* one = find(key)) return one->value;
  const Setting* setting = find_setting(Os::linux_kernel, key);
  return setting == nullptr ? std::nullopt : context.default_of(*setting);
}

std::optional<std::int64_t> ValuesInForce::number(std::string_view key) const {
  return as_integer(value(key).value_or(""));
}

std::optional<std::int64_t> ValuesInForce::set_number(std::string_view key) const {
  const Assigned* one = find(key);
  return one == nullptr ? std::nullopt : as_integer(one->value);
}

std::span<const Rule<ValuesInForce>> value_rules() { return kValueRules; }

}  // namespace twctl
