#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "catalog/keys.hpp"
#include "observe/possible_kernels.hpp"
#include "rules/audit_rules.hpp"
#include "rules/availability.hpp"
#include "rules/plan_rules.hpp"

namespace twctl::rules {
namespace {

using namespace keys;

constexpr std::int64_t kShorterThanDefaultEnd = 90;     // 2 x (v - 60) reaches 60
constexpr std::int64_t kBucketsWithOneGigabyte = 4096;  // half of the hash, which has an entry for 128 KiB

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
  if (to >= kFirstUnprivilegedPort || to >= from.value_or(kFirstUnprivilegedPort)) return {};
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

// Without timestamps it does nothing, and they are to be switched on.
bool lets_recycle(const PlanView& plan, Layer layer) {
  return number(plan.after(layer, kTwRecycle)).value_or(0) != 0 && plan.before(layer, kTimestamps) == "0" &&
         number(plan.written(layer, kTimestamps)).value_or(0) != 0;
}

// What audit would say of the values that the plan leaves on that layer.
Findings unwise_values(const PlanView& plan, const AuditContext& context, Layer layer) {
  ValuesInForce values{.context = context};
  const auto assign = [&](std::string_view key) {
    if (const std::optional<Value> after = plan.after(layer, key))
      values.assigned.insert_or_assign(key, ValuesInForce::Assigned{*after});
  };
  for (const PlannedSetting& one : plan.settings) {
    if (!one.skipped) assign(one.setting->key);
  }
  assign(kSyncookies);  // on which it depends what tcp_max_syn_backlog does
  Findings findings;
  for (const Rule<ValuesInForce>& rule : value_rules()) {
    FindingSink found(rule.id, findings);
    if (rule.in_plans) rule.find(values, found);
  }
  return findings;
}

}  // namespace

void tw_recycle(const PlanView& plan, FindingSink& found) {
  say_once(plan, found, kTwRecycle, [&](Layer layer) -> std::string {
    const bool asked = number(plan.wished(layer, kTwRecycle)).value_or(0) != 0;
    if (!asked && !lets_recycle(plan, layer)) return {};
    return fmt::format(
        "Linux {} still has it{}: clients behind one NAT or load balancer share an address but not a clock, and some "
        "of them cannot connect, at random.",
        kernel_name(plan.facts()),
        asked ? "" : ", and here it is on and waits for tcp_timestamps; set it to 0 in the same plan");
  });
}

void reuse_without_timestamps(const PlanView& plan, FindingSink& found) {
  if (plan.planned(kTwReuse) == nullptr && plan.planned(kTimestamps) == nullptr) return;
  say_once(plan, found, kTwReuse, [&](Layer layer) -> std::string {
    const std::int64_t reuse = number(plan.after(layer, kTwReuse)).value_or(0);
    const bool without = plan.after(layer, kTimestamps) == "0";
    if (reuse == 0 || !without) return {};
    return fmt::format("tcp_tw_reuse is {} but tcp_timestamps is 0: without timestamps no port is reused.", reuse);
  });
}

void reuse_not_loopback_here(const PlanView& plan, FindingSink& found) {
  if (may_have(kTwoIsLoopback, plan.facts())) return;
  say_once(plan, found, kTwReuse, [&](Layer layer) -> std::string {
    if (number(plan.wished(layer, kTwReuse)) != 2) return {};
    return fmt::format("Linux {} takes 2 as 1: ports are reused for every outgoing connection, not on loopback only.",
                       kernel_name(plan.facts()));
  });
}

void fin_timeout_trap(const PlanView& plan, FindingSink& found) {
  say_once(plan, found, kFinTimeout, [&](Layer layer) {
    const std::int64_t value = number(plan.wished(layer, kFinTimeout)).value_or(0);
    return value > kTimeWaitSeconds && value < kFinTimeoutTrap ? trap_text(value) : "";
  });
}

void not_time_wait(const PlanView& plan, FindingSink& found) {
  say_once(plan, found, kFinTimeout, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> to = number(plan.written(layer, kFinTimeout));
    const std::int64_t from = number(plan.before(layer, kFinTimeout)).value_or(kTimeWaitSeconds);
    if (!to || *to >= kTimeWaitSeconds || *to >= from) return {};
    return fmt::format(
        "{} instead of {} s ends orphaned FIN_WAIT_2 sockets sooner. It does not shorten TIME_WAIT, which lasts 60 s.",
        *to, from);
  });
}

// Half of the hash table (net/ipv4/tcp_ipv4.c, tcp_set_hashinfo()), whatever is in force now. A kernel that does not
// show the table's size has at least the default of its memory's.
void buckets_low(const PlanView& plan, FindingSink& found) {
  const std::int64_t usual = plan.host.snapshot.tcp_hash_entries / 2;
  say_once(plan, found, kMaxTwBuckets, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> value = number(plan.wished(layer, kMaxTwBuckets));
    if (!value || *value >= (usual > 0 ? usual : kBucketsWithOneGigabyte)) return {};
    const std::string than = usual > 0 ? fmt::format("this kernel's default {}", usual)
                                       : "the default of any host with 1 GiB of memory or more";
    return fmt::format("{} is less than {}. Above the limit connections skip TIME_WAIT; what exists is not freed.",
                       *value, than);
  });
}

void backlog_inert(const PlanView& plan, FindingSink& found) {
  const KernelVersion kernel = plan.facts().kernel;
  if (kernel != KernelVersion{} && kernel < kSynBacklogIgnored) return;
  say_once(plan, found, kMaxSynBacklog, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> to = number(plan.written(layer, kMaxSynBacklog));
    const std::int64_t from = number(plan.before(Layer::live, kMaxSynBacklog)).value_or(0);
    const std::int64_t cookies = number(plan.after(layer, kSyncookies)).value_or(0);
    if (!to || *to <= from || cookies == 0) return {};
    return fmt::format(
        "{} does nothing while tcp_syncookies is {}: since Linux 4.4 the number is read only when it is "
        "0. The listener's backlog and somaxconn bound the queue.",
        *to, cookies);
  });
}

void somaxconn_lower(const PlanView& plan, FindingSink& found) {
  const std::optional<std::int64_t> usual =
      number(kernel_default(*find_setting(Os::linux_kernel, kSomaxconn), plan.facts()));
  say_once(plan, found, kSomaxconn, [&](Layer layer) -> std::string {
    const std::optional<std::int64_t> value = number(plan.wished(layer, kSomaxconn));
    if (!value || *value >= usual.value_or(0)) return {};
    return fmt::format(
        "{} is less than this kernel's default {}: listeners get a shorter queue from their next "
        "listen() on.",
        *value, *usual);
  });
}

void protection_lower(const PlanView& plan, FindingSink& found) {
  for (const Protection& protection : kProtections) {
    Finding* lowered = say_once(plan, found, protection.key, [&](Layer layer) -> std::string {
      const std::optional<std::int64_t> to = number(plan.written(layer, protection.key));
      return to ? protection.text(number(plan.before(layer, protection.key)), *to) : "";
    });
    if (lowered != nullptr) lowered->source = protection.source;
  }
}

void unwise_value(const PlanView& plan, FindingSink& found) {
  const auto writes = [](const PlannedSetting& one) { return !one.writes.empty(); };
  if (std::none_of(plan.settings.begin(), plan.settings.end(), writes)) return;
  const AuditContext context(plan.facts());
  std::set<std::string> told;
  for (const Layer layer : plan.layers()) {
    for (const Finding& unwise : unwise_values(plan, context, layer)) {
      if (!plan.written(layer, unwise.key) || !told.insert(unwise.key).second) continue;
      const std::string why =
          fmt::format("{} {} (`twctl explain {}`)", unwise.evidence, meaning_of(unwise), unwise.row->id);
      Finding& hazard = found.add(unwise.key, why);
      hazard.severity = unwise.severity;
      hazard.source = unwise.source;
    }
  }
}

}  // namespace twctl::rules
