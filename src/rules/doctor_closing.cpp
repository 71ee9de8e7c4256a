// Connections that do not end: CLOSE_WAIT, FIN_WAIT_2, FIN_WAIT_1, CLOSING, LAST_ACK.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl {
namespace {

constexpr std::uint64_t kSomeCloseWait = 10;
constexpr std::uint64_t kManyCloseWait = 100;  // at once: more than wait for answers
constexpr std::int64_t kLongWhileMs = 60'000;  // even a single one
constexpr std::uint64_t kManyHeld = 100;
constexpr std::uint64_t kManyOrphans = 1000;
constexpr std::uint64_t kManyUnfinished = 100;

std::uint64_t count(const Examination& examination, TcpState state) {
  return count_of(examination.traffic.counts, state);
}

// How many have been in CLOSE_WAIT for longer than a program takes to answer. A source that tells no ages: all of them.
std::uint64_t held_for_long(const Examination& examination) {
  return examination.close_wait_ages ? examination.close_wait_ages->held : count(examination, TcpState::close_wait);
}

// "12 sockets in CLOSE_WAIT, 12 of them for a second or longer. The longest has ..."
std::string close_wait_text(const Examination& examination, std::uint64_t held) {
  const std::uint64_t all = count(examination, TcpState::close_wait);
  if (!examination.close_wait_ages) return fmt::format("{} sockets in CLOSE_WAIT; since when is not known here.", all);
  const double oldest = static_cast<double>(examination.close_wait_ages->oldest_ms) / 1000;
  return fmt::format(
      "{} sockets in CLOSE_WAIT, {} of them for a second or longer. The longest has heard nothing from its "
      "peer for {:.0f} s.",
      all, held, oldest);
}

std::string with(std::string_view label, const std::string& text) {
  return text.empty() ? "" : fmt::format(" {}: {}.", label, text);
}

std::string held_by(const Examination& examination, const Holders& holders) {
  if (examination.host.captured) return "";
  const std::string text = holders_text(holders);
  return text.empty() ? " Who holds them could not be seen: run as root with CAP_SYS_PTRACE." : with("Held by", text);
}

// "10.0.0.5 (12), 10.0.0.6 (3)" of what `count` says of each peer, most first.
std::string peers_text(const std::vector<SlowPeer>& peers, std::uint32_t SlowPeer::*count) {
  constexpr std::size_t kShown = 3;
  std::vector<SlowPeer> order;
  std::copy_if(peers.begin(), peers.end(), std::back_inserter(order), [&](const SlowPeer& p) { return p.*count > 0; });
  std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) { return a.*count > b.*count; });
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), kShown); ++i) {
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", to_text(order[i].address), order[i].*count);
  }
  return order.size() > kShown ? text + ", ..." : text;
}

std::int64_t figure(std::uint64_t count) { return static_cast<std::int64_t>(count); }

}  // namespace

std::string holders_text(const Holders& holders) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> names;
  for (const Holder& holder : holders.most) names.push_back(escape(holder.name));
  return listed(names, kShown, holders.others);
}

namespace rules {

void close_wait_held(const Examination& examination, FindingSink& found) {
  const std::uint64_t held = held_for_long(examination);
  const auto& ages = examination.close_wait_ages;
  const bool one_for_long = ages && ages->oldest_ms >= kLongWhileMs;
  if (held < kSomeCloseWait && !one_for_long) return;
  Finding& finding =
      found.add("", close_wait_text(examination, held) + held_by(examination, examination.close_wait_holders) +
                        with("Peers", peers_text(examination.traffic.slow_peers, &SlowPeer::close_wait)));
  finding.subject = examination.host.captured ? "" : holders_text(examination.close_wait_holders);
  finding.figures = {{"close_wait", figure(count(examination, TcpState::close_wait))}, {"held", figure(held)}};
  if (ages && !one_for_long && held < kManyCloseWait) {
    finding.severity = Severity::info;
    finding.advice = "The program may still be answering. Look again in a minute: what is there then was not closed.";
  }
  if (ages) finding.figures.push_back({"oldest_ms", ages->oldest_ms});
}

namespace {

constexpr std::string_view kCloseThem =
    "The local program has only shut them down: it must close them, and nothing else ends them while the peers stay "
    "in CLOSE_WAIT. tcp_fin_timeout does not apply.";
constexpr std::string_view kEndThemSooner =
    "A lower tcp_fin_timeout (at most 60) ends them sooner; the peers' programs sit in CLOSE_WAIT.";

}  // namespace

void fin_wait_2_pile_up(const Examination& examination, FindingSink& found) {
  const std::uint64_t orphans = examination.traffic.fin_wait_2_objects;
  const std::uint64_t held = count(examination, TcpState::fin_wait_2) - orphans;
  if (held < kManyHeld && orphans < kManyOrphans) return;
  Finding& finding = found.add(
      orphans >= kManyOrphans ? keys::kFinTimeout : "",
      fmt::format("{} without an owner, which end after tcp_fin_timeout ({} s); {} that a local program still holds, "
                  "which have no timer.",
                  orphans, limit_text(number_of(examination.settings, keys::kFinTimeout)), held));
  if (orphans < kManyOrphans) finding.advice = kCloseThem;
  if (held < kManyHeld) finding.advice = kEndThemSooner;
  if (held >= kManyHeld) finding.evidence += held_by(examination, examination.fin_wait_2_holders);
  finding.evidence += with("Peers", peers_text(examination.traffic.slow_peers, &SlowPeer::fin_wait_2));
  finding.figures = {{"fin_wait_2_orphans", figure(orphans)}, {"fin_wait_2_held", figure(held)}};
}

void last_ack_pile_up(const Examination& examination, FindingSink& found) {
  const std::uint64_t fin_wait_1 = count(examination, TcpState::fin_wait_1);
  const std::uint64_t closing = count(examination, TcpState::closing);
  const std::uint64_t last_ack = count(examination, TcpState::last_ack);
  if (fin_wait_1 + closing + last_ack < kManyUnfinished) return;
  const std::uint64_t again = examination.traffic.retransmitted_unfinished;
  Finding& finding = found.add(
      keys::kOrphanRetries,
      fmt::format("{} in FIN_WAIT_1, {} in CLOSING, {} in LAST_ACK; {} of them have sent their FIN or data again.",
                  fin_wait_1, closing, last_ack, again) +
          with("Peers", peers_text(examination.traffic.slow_peers, &SlowPeer::unfinished)));
  finding.figures = {{"fin_wait_1", figure(fin_wait_1)},
                     {"closing", figure(closing)},
                     {"last_ack", figure(last_ack)},
                     {"retransmitting", figure(again)}};
}

}  // namespace rules
}  // namespace twctl
