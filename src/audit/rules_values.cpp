// What the values of a file or a host mean, alone and together; the port range is in rules_ports.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audit/rules.hpp"
#include "catalog/keys.hpp"

namespace twctl::rules {
namespace {

using namespace keys;

constexpr std::int64_t kHarmfulFinTimeout = 5;
constexpr std::int64_t kLowFinTimeout = 10;
constexpr std::int64_t kFewBuckets = 10000;
constexpr std::int64_t kDefaultBuckets = 65536;  // with 16 GiB
constexpr std::int64_t kManyBuckets = 1000000;
constexpr std::int64_t kShortKeepalive = 30;
constexpr std::int64_t kOneDay = 86400;
constexpr std::int64_t kOneHour = 3600;

// One rule over one side's values.
class Judge {
 public:
  Judge(const Settled& settled, Findings& found) : settled_(settled), found_(found) {}

  Finding& say(std::string_view id, std::string_view key, const std::string& what) {
    found_.push_back(make_finding(id, key, settled_.find(key)->where, what + settled_.layer + "."));
    return found_.back();
  }

  // "net.ipv4.tcp_syncookies is 0"
  Finding& say_value(std::string_view id, std::string_view key) {
    return say(id, key, fmt::format("{} is {}", key, settled_.find(key)->value));
  }

  void recycle() {
    if (settled_.said_number(kTwRecycle).value_or(0) == 0) return;
    const bool inert = settled_.said_number(kTimestamps) == 0;
    if (!inert) say_value("recycle-on", kTwRecycle);
    if (inert) say("recycle-inert", kTwRecycle, fmt::format("{} is on and {} is 0", kTwRecycle, kTimestamps));
  }

  void timestamps() {
    if (settled_.said_number(kTimestamps) != 0) return;
    say_value("timestamps-off", kTimestamps);
    say_value("dev-sec-timestamps", kTimestamps);
    const std::int64_t reuse = settled_.said_number(kTwReuse).value_or(0);
    if (reuse > 0) say("reuse-inert", kTwReuse, fmt::format("{} is {} and {} is 0", kTwReuse, reuse, kTimestamps));
  }

  void syncookies() {
    const std::optional<std::int64_t> value = settled_.said_number(kSyncookies);
    if (value == 0) say_value("syncookies-off", kSyncookies);
    if (value && *value > 1) say_value("cis-syncookies", kSyncookies);
  }

  void fin_timeout() {
    const std::optional<std::int64_t> value = settled_.said_number(kFinTimeout);
    if (!value) return;
    if (*value >= kFinTimeoutTrap) say_value("fin-timeout-long", kFinTimeout);
    if (*value > kTimeWaitSeconds && *value < kFinTimeoutTrap) {
      const std::int64_t life = 2 * (*value - kTimeWaitSeconds);
      say("fin-timeout-61-to-119", kFinTimeout, fmt::format("{} is {}, which lasts {} s", kFinTimeout, *value, life));
    }
    if (*value >= kLowFinTimeout) return;
    Finding& low = say_value("fin-timeout-very-low", kFinTimeout);
    if (*value >= kHarmfulFinTimeout) low.severity = Severity::info;
  }

  void buckets() {
    const std::optional<std::int64_t> value = settled_.said_number(kMaxTwBuckets);
    if (!value) return;
    if (*value >= kManyBuckets) say_value("tw-buckets-many", kMaxTwBuckets);
    if (*value >= kDefaultBuckets) return;
    Finding& few = say_value("tw-buckets-few", kMaxTwBuckets);
    if (*value > kFewBuckets) few.severity = Severity::info;
  }

  void queues() {
    const std::optional<std::int64_t> somaxconn = settled_.said_number(kSomaxconn);
    const std::optional<Value> usual = settled_.context.default_of(*find_setting(Os::linux_kernel, kSomaxconn));
    const std::int64_t least = as_integer(usual.value_or("4096")).value_or(0);
    if (somaxconn && *somaxconn < least) {
      say("somaxconn-small", kSomaxconn, fmt::format("{} is {}, the default {}", kSomaxconn, *somaxconn, least));
    }
    const KernelVersion kernel = settled_.context.kernel();
    if (kernel != KernelVersion{} && kernel < kSynBacklogIgnored) return;
    const std::int64_t backlog = settled_.said_number(kMaxSynBacklog).value_or(0);
    const std::int64_t cap = settled_.number(kSomaxconn).value_or(least);
    if (backlog <= cap || settled_.number(kSyncookies).value_or(1) == 0) return;
    say("syn-backlog-unused", kMaxSynBacklog,
        fmt::format("{} is {}, {} is {} and SYN cookies are on", kMaxSynBacklog, backlog, kSomaxconn, cap));
  }

  void keepalive() {
    const std::int64_t time = settled_.said_number(kKeepaliveTime).value_or(kOneHour);
    if (time <= kShortKeepalive) say_value("keepalive-short", kKeepaliveTime);
    if (time > kOneDay) say_value("keepalive-milliseconds", kKeepaliveTime);
    const std::int64_t interval = settled_.said_number(kKeepaliveInterval).value_or(0);
    if (interval > kOneHour) say_value("keepalive-milliseconds", kKeepaliveInterval);
  }

  void unprivileged_ports() {
    const std::optional<std::int64_t> start = settled_.said_number(kPrivilegedEnd);
    if (start && *start < kFirstUnprivilegedPort) say_value("unprivileged-ports", kPrivilegedEnd);
  }

  // https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/, the safe set of ours.
  void kubernetes() {
    constexpr std::array<std::string_view, 8> kSafe{kPortRange,  kSyncookies,    kPrivilegedEnd,     kReservedPorts,
                                                    kFinTimeout, kKeepaliveTime, kKeepaliveInterval, kKeepaliveProbes};
    if (!settled_.context.contained()) return;
    for (const auto& [key, value] : settled_.said) {
      if (std::find(kSafe.begin(), kSafe.end(), key) == kSafe.end()) say_value("kubernetes-unsafe", key);
    }
  }

 private:
  const Settled& settled_;
  Findings& found_;
};

}  // namespace

void values(const Settled& settled, Findings& found) {
  Judge judge(settled, found);
  judge.recycle();
  judge.timestamps();
  judge.syncookies();
  judge.fin_timeout();
  judge.buckets();
  judge.queues();
  judge.keepalive();
  judge.unprivileged_ports();
  judge.kubernetes();
}

}  // namespace twctl::rules
