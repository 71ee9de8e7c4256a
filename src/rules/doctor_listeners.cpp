// Connections that a listener does not get: half-open ones, full queues, SYN cookies, dropped SYNs.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl::rules {
namespace {

constexpr std::uint32_t kManyHalfOpen = 128;
constexpr std::uint32_t kFewHalfOpen = 8;
constexpr double kManyDropped = 10;  // a second
constexpr std::uint32_t kManyWaiting = 100;
constexpr std::uint32_t kSomeWaiting = 10;
constexpr std::uint32_t kFewWaiting = 5;

constexpr std::string_view kAccepted = "Tcp.PassiveOpens";  // by the kernel, whether or not a program takes it then

// Netlink tells of each listener, /proc/net/tcp of none; listen(0) makes it 0.
bool is_limit_told(const Listener& listener, SocketOrigin origin) {
  return listener.limit > 0 || origin == SocketOrigin::netlink;
}

// "10.0.0.1:443 (nginx (812)): 9 of 8 wait for accept(), 12 half-open, 40 dropped in its life"
std::string listener_text(const Listener& listener, SocketOrigin origin) {
  std::string text = to_text(listener.address, listener.port);
  if (!listener.holder.empty()) text += " of " + escape(listener.holder);
  const std::string limit = is_limit_told(listener, origin) ? std::to_string(listener.limit) : "?";
  return text + fmt::format(": {} of {} wait for accept(), {} half-open, {} dropped in its life", listener.waiting,
                            limit, listener.half_open, listener.drops);
}

// One more than the limit is let in: then it is full (Linux include/net/sock.h, sk_acceptq_is_full()).
struct IsFull {
  SocketOrigin origin;
  bool operator()(const Listener& listener) const {
    return is_limit_told(listener, origin) && listener.waiting > listener.limit;
  }
};

// The listeners in trouble, the worst first.
std::vector<Listener> troubled(const Traffic& traffic) {
  std::vector<Listener> listeners;
  std::copy_if(
      traffic.listeners.begin(), traffic.listeners.end(), std::back_inserter(listeners),
      [is_full = IsFull{traffic.origin}](const Listener& listener) { return is_full(listener) || listener.drops > 0; });
  std::stable_sort(listeners.begin(), listeners.end(),
                   [](const Listener& a, const Listener& b) { return a.drops > b.drops; });
  return listeners;
}

std::string limits_text(const Examination& examination) {
  const auto somaxconn = number_of(examination.settings, keys::kSomaxconn);
  return somaxconn ? fmt::format(" net.core.somaxconn is {}.", *somaxconn) : "";
}

std::string listeners_text(const std::vector<Listener>& listeners, SocketOrigin origin) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(listeners.size(), kShown); ++i) {
    text += " " + listener_text(listeners[i], origin) + ".";
  }
  const auto shown = listeners.begin() + static_cast<std::ptrdiff_t>(std::min(listeners.size(), kShown));
  if (std::any_of(listeners.begin(), shown, IsFull{origin})) text += " A queue holds one more than its backlog.";
  return text;
}

// The worst listener's queue is as short as its program asked for: somaxconn would allow a longer one.
bool is_short_by_itself(const std::vector<Listener>& listeners, const Examination& examination) {
  const auto somaxconn = number_of(examination.settings, keys::kSomaxconn);
  return !listeners.empty() && is_limit_told(listeners.front(), examination.traffic.origin) && somaxconn &&
         listeners.front().limit < *somaxconn;
}

constexpr std::string_view kOwnBacklogAdvice =
    "If the queue stays full, the program is too slow: more workers. If only bursts overflow it, raise the backlog "
    "that the program gives to listen(), and restart it: net.core.somaxconn allows more already.";

// Nothing was dropped while the counters were watched.
std::string full_text(const Listener& listener) {
  const std::string before =
      listener.drops == 0 ? "nothing dropped yet" : fmt::format("none dropped now, {} before", listener.drops);
  return fmt::format("an accept queue is full ({} of {}); {}", listener.waiting, listener.limit, before);
}

bool cookies_are_off(const Examination& examination) { return number_of(examination.settings, keys::kSyncookies) == 0; }

void offer_cookies(Finding& finding) { finding.remedies = {{keys::kSyncookies, "1"}}; }

// What the counters say of dropped SYNs. ListenDrops counts them all; the others say for which queue.
struct Drops {
  Growth all;
  Growth accept_queue;  // full
  Growth syn_queue;     // full, and SYN cookies off
  std::int64_t rest = 0;
};

// The counters are read one after the other while they grow, so that a few too many are nobody's.
Drops drops_of(const Examination& examination) {
  Drops drops{.all = growth_of(examination, "TcpExt.ListenDrops"),
              .accept_queue = growth_of(examination, "TcpExt.ListenOverflows"),
              .syn_queue = growth_of(examination, "TcpExt.TCPReqQFullDrop")};
  const std::int64_t rest = drops.all.count - drops.accept_queue.count - drops.syn_queue.count;
  if (rest > drops.all.count / 100) drops.rest = rest;
  return drops;
}

// Why else, as far as a counter or a setting tells.
std::string other_reasons(const Examination& examination, std::int64_t rest) {
  const std::int64_t no_route = growth_of(examination, "Ip.OutNoRoutes").count;
  std::string text;
  if (no_route > 0) text += fmt::format(" OutNoRoutes rose by {}: there is no route back to the client.", no_route);
  const auto backlog = number_of(examination.settings, keys::kMaxSynBacklog);
  if (cookies_are_off(examination) && backlog && no_route < rest) {
    text += fmt::format(
        " tcp_syncookies is 0: the last quarter of tcp_max_syn_backlog ({}) is kept for clients that the host knows.",
        *backlog);
  }
  return text;
}

// Real clients come back with the cookie; the sources of a flood do not.
std::string cookie_advice(bool always_sent, std::int64_t sent, std::int64_t received) {
  if (always_sent) return "tcp_syncookies is 2: every SYN is answered with a cookie. 1 sends them when needed.";
  if (2 * received >= sent) {
    return "Most clients came back, so the load is honest and the queue too short: raise the program's backlog and "
           "net.core.somaxconn, then restart it.";
  }
  return "Few clients came back: it looks like a flood, and the cookies are doing their work. Leave tcp_syncookies at "
         "1.";
}

// Whoever waits for it: also those of this host itself, which are no finding of their own.
std::string askers_text(const Traffic& traffic) {
  std::string text;
  for (const SynSentByPort& asking : traffic.asking) {
    if (!asks_full_listener_here(traffic, asking)) continue;
    text += fmt::format(" {} connections that this host itself asks for on port {} wait in SYN_SENT.", asking.asked,
                        asking.port);
  }
  return text;
}

bool is_at_limit(const Listener& listener) { return listener.limit > 0 && listener.waiting >= listener.limit; }

// How many waited at both ends of the sample, in a queue that has not got shorter.
std::uint32_t waits_on(const Listener& listener) {
  return listener.waiting >= listener.waited_before ? listener.waited_before : 0;
}

// All that came in on this host while doctor looked is in this queue still.
bool none_was_accepted(const Examination& examination, const Listener& listener) {
  const std::int64_t came = growth_of(examination, kAccepted).count;
  return waits_on(listener) > 0 && came <= std::int64_t{listener.waiting} - listener.waited_before;
}

// nullopt: nothing is to be said of it, or listen-overflow says it.
std::optional<Severity> weight_of_waiting(const Examination& examination, const Listener& listener) {
  if (IsFull{examination.traffic.origin}(listener)) return std::nullopt;
  const std::uint32_t waiting = waits_on(listener);
  const bool near = is_at_limit(listener) || (waiting > 0 && is_nearly(waiting, listener.limit));
  const bool untouched = none_was_accepted(examination, listener);
  if ((near && listener.waiting >= kFewWaiting) || (untouched && waiting >= kManyWaiting)) return Severity::warning;
  return near || (untouched && waiting >= kSomeWaiting) ? std::optional(Severity::info) : std::nullopt;
}

std::string stalled_headline(const Examination& examination, const Listener& listener) {
  if (none_was_accepted(examination, listener)) {
    return fmt::format("nobody accepts: {} connections wait, and none was taken {}", listener.waiting,
                       span_text(examination));
  }
  return fmt::format("an accept queue is nearly full ({} of {}){}", listener.waiting, listener.limit,
                     waits_on(listener) > 0 ? ", and does not get shorter" : "");
}

// Where the accept queue is full the last step of the handshake is ignored, and listen-overflow says it.
bool piles_up(const Listener& listener, SocketOrigin origin) {
  if (IsFull{origin}(listener)) return false;
  const bool half_of_the_queue = listener.limit > 0 && 2 * listener.half_open >= listener.limit;
  return listener.half_open >= kManyHalfOpen || (half_of_the_queue && listener.half_open >= kFewHalfOpen);
}

}  // namespace

bool asks_full_listener_here(const Traffic& traffic, const SynSentByPort& asking) {
  const bool here = std::any_of(traffic.destinations.begin(), traffic.destinations.end(), [&](const auto& use) {
    return use.destination.port == asking.port && use.asked > 0 && is_beside(use);
  });
  return here && asking.hosts == 1 &&
         std::any_of(traffic.listeners.begin(), traffic.listeners.end(), [&](const Listener& listener) {
           return listener.port == asking.port && IsFull{traffic.origin}(listener);
         });
}

// Of a queue that drops SYNs now, because it is full and SYN cookies are off, syn-queue-full tells.
void syn_recv_pile_up(const Examination& examination, FindingSink& found) {
  const bool queue_drops = cookies_are_off(examination) && drops_of(examination).syn_queue.now;
  for (const Listener& listener : examination.traffic.listeners) {
    if (!piles_up(listener, examination.traffic.origin) || (queue_drops && listener.drops > 0)) continue;
    Finding& finding = found.add(keys::kSyncookies,
                                 listener_text(listener, examination.traffic.origin) + "." + limits_text(examination));
    finding.subject = to_text(listener.address, listener.port);
    if (cookies_are_off(examination)) {
      finding.advice =
          "tcp_syncookies is 0: set it to 1, and a full queue answers all the same. Then look where the SYNs come "
          "from.";
      offer_cookies(finding);
    }
    finding.figures = {{"half_open", listener.half_open}, {"waiting", listener.waiting}, {"backlog", listener.limit}};
  }
}

void listen_overflow(const Examination& examination, FindingSink& found) {
  const Drops drops = drops_of(examination);
  const std::vector<Listener> listeners = troubled(examination.traffic);
  const IsFull is_full{examination.traffic.origin};
  const bool full_now = std::any_of(listeners.begin(), listeners.end(), is_full);
  if (drops.accept_queue.count == 0 && !full_now) return;
  Finding& finding =
      found.add(keys::kSomaxconn, fmt::format("ListenOverflows rose by {} and ListenDrops by {} {}.",
                                              drops.accept_queue.count, drops.all.count, span_text(examination)) +
                                      listeners_text(listeners, examination.traffic.origin) + limits_text(examination) +
                                      askers_text(examination.traffic));
  finding.severity = full_now ? Severity::warning : by_growth(drops.accept_queue);
  if (is_short_by_itself(listeners, examination)) {
    finding.key = "";
    finding.advice = kOwnBacklogAdvice;
  }
  if (drops.accept_queue.count == 0) {
    finding.headline = full_text(*std::find_if(listeners.begin(), listeners.end(), is_full));
  }
  finding.figures = {{"listen_overflows", drops.accept_queue.count}, {"listen_drops", drops.all.count}};
  if (listeners.empty()) return;
  finding.subject = to_text(listeners.front().address, listeners.front().port);
  finding.figures.push_back({"waiting", listeners.front().waiting});
  finding.figures.push_back({"backlog", listeners.front().limit});
}

// Before anything overflows: a queue that nobody empties is the first that is seen of a server that hangs.
void accept_stalled(const Examination& examination, FindingSink& found) {
  std::vector<Listener> stalled;
  Severity worst = Severity::info;
  for (const Listener& listener : examination.traffic.listeners) {
    const auto weight = weight_of_waiting(examination, listener);
    if (!weight) continue;
    worst = std::max(worst, *weight);
    stalled.push_back(listener);
  }
  if (stalled.empty()) return;
  std::stable_sort(stalled.begin(), stalled.end(),
                   [](const Listener& a, const Listener& b) { return a.waiting > b.waiting; });
  const Listener& first = stalled.front();
  std::string text = listeners_text(stalled, examination.traffic.origin).substr(1);
  if (examination.seconds > 0) {
    text += fmt::format(" {} waited at the first of them {:.1f} s before; {} connections came in meanwhile, at all.",
                        first.waited_before, examination.seconds, growth_of(examination, kAccepted).count);
  }
  Finding& finding = found.add("", std::move(text));
  finding.severity = worst;
  finding.headline = stalled_headline(examination, first);
  finding.subject = to_text(first.address, first.port);
  finding.figures = {{"waiting", first.waiting}, {"waiting_before", first.waited_before}, {"backlog", first.limit}};
}

// With cookies on a full queue drops nothing; the counter then tells of earlier days.
void syn_queue_full(const Examination& examination, FindingSink& found) {
  const Growth dropped = drops_of(examination).syn_queue;
  if (dropped.count == 0) return;
  const auto cookies = number_of(examination.settings, keys::kSyncookies);
  Finding& finding = found.add(keys::kSyncookies,
                               fmt::format("TCPReqQFullDrop rose by {} {}: so many SYNs found the queue of half-open "
                                           "connections full. tcp_syncookies is {}.",
                                           dropped.count, span_text(examination), limit_text(cookies)) +
                                   listeners_text(troubled(examination.traffic), examination.traffic.origin) +
                                   limits_text(examination));
  finding.severity = by_growth(dropped);
  if (cookies_are_off(examination)) offer_cookies(finding);
  if (cookies && *cookies != 0) finding.advice = "SYN cookies are on now: nothing need be done.";
  finding.figures = {{"syns_dropped", dropped.count}};
}

void syn_dropped(const Examination& examination, FindingSink& found) {
  const Drops drops = drops_of(examination);
  if (drops.rest == 0) return;
  Finding& finding = found.add(
      "", fmt::format("ListenDrops rose by {} {}; {} of them for a full accept queue (ListenOverflows), {} for a full "
                      "queue of half-open connections (TCPReqQFullDrop), {} for another reason.",
                      drops.all.count, span_text(examination), drops.accept_queue.count, drops.syn_queue.count,
                      drops.rest) +
              other_reasons(examination, drops.rest));
  const bool many = static_cast<double>(drops.rest) >= kManyDropped * examination.seconds;
  finding.severity = many ? by_growth(drops.all) : Severity::info;
  finding.figures = {{"listen_drops", drops.all.count}, {"dropped_otherwise", drops.rest}};
}

// With tcp_syncookies 2 every answer is a cookie: that says nothing.
void syncookies_sent(const Examination& examination, FindingSink& found) {
  const Growth sent = growth_of(examination, "TcpExt.SyncookiesSent");
  if (sent.count == 0) return;
  const bool always = number_of(examination.settings, keys::kSyncookies) == 2;
  const Growth received = growth_of(examination, "TcpExt.SyncookiesRecv");
  Finding& finding =
      found.add(keys::kSyncookies,
                fmt::format("SyncookiesSent rose by {} {}, SyncookiesRecv (clients that came back with one) by {}.",
                            sent.count, span_text(examination), received.count) +
                    limits_text(examination));
  finding.severity = always ? Severity::info : by_growth(sent);
  finding.advice = cookie_advice(always, sent.count, received.count);
  finding.figures = {{"syncookies_sent", sent.count}, {"syncookies_received", received.count}};
}

}  // namespace twctl::rules
