// Ports of programs that call bind() with port 0 before connect(): one range for all destinations of an address, and a
// port in TIME_WAIT is never given out again, whatever tcp_tw_reuse says (Linux net/ipv4/inet_connection_sock.c,
// inet_csk_find_open_port()). The kernel does not tell who has chosen a port, so it is read from which ones are taken.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl {
namespace {

constexpr std::string_view kReused = "TcpExt.TWRecycled";

enum class Scarcity {
  none,
  bound,    // bind() has chosen the ports, and half of them are taken
  used_up,  // nearly none is left to bind(), and nothing shows that connect() has chosen them
};

std::uint64_t connections_of(const SourceUse& source) { return std::uint64_t{source.low_parity} + source.other_parity; }

// Ports that connect() chooses for several destinations coincide by chance.
bool never_shared(const SourceUse& source) {
  constexpr std::uint32_t kNotByChance = 10;  // none, where ten were expected: once in 20000
  const std::uint64_t shared =
      connections_of(source) - std::min<std::uint64_t>(connections_of(source), source.distinct_ports);
  return source.expected_shared >= kNotByChance && 4 * shared <= source.expected_shared;
}

// bind() begins with the half that connect() takes last, and has nearly used it up before it takes any other. Of a few
// ports that tells nothing: connect() too passes over one of an odd number.
bool begins_with_the_other_half(const PortSettings& settings, const SourceUse& source) {
  constexpr std::uint64_t kFewestPorts = 10;
  const auto other_half = static_cast<std::uint64_t>(settings.usable - settings.first_half);
  const bool shares_few = 10 * connections_of(source) <= 11ULL * source.distinct_ports;
  return other_half >= kFewestPorts && shares_few && 10ULL * source.other_parity >= 9 * other_half &&
         2ULL * source.out_of_turn >= other_half;
}

// With tcp_tw_reuse connect() takes both halves only if the first one is busy: open, or in TIME_WAIT for less than the
// delay.
bool connect_may_have_filled_both(const Examination& examination, const SourceUse& source) {
  const auto& destinations = examination.traffic.destinations;
  return std::any_of(destinations.begin(), destinations.end(), [&](const DestinationUse& use) {
    const PortBudget budget = budget_of(examination, use);
    const double busy = use.ports.open + budget.rate * examination.ports.reuse_delay_ms / 1000;
    const bool by_itself = is_nearly_out(budget.taken, budget.usable) || 2 * busy >= examination.ports.first_half;
    return use.destination.from == source.address && by_itself;
  });
}

int taken_of(const Examination& examination, const SourceUse& source) {
  return static_cast<int>(std::min<std::int64_t>(source.distinct_ports, examination.ports.usable));
}

// bind() to port 0 searches an even number of ports: in a range of an odd number it nearly always passes over the last
// free one (inet_csk_find_open_port(), `remaining &= ~1U`; measured on Linux 6.18: the 99th of 99 fails). connect()
// finds it.
bool none_left_to_bind(const Examination& examination, int taken) {
  const auto& [first, last] = examination.ports.local.range;
  const int passed_over = (last - first + 1) % 2;
  return taken >= examination.ports.usable - passed_over;
}

// connect() has just taken a port out of TIME_WAIT (Linux net/ipv4/inet_hashtables.c, __inet_check_established()). For
// which destination is not counted: one to which nothing was opened lately it was not.
bool reuse_is_at_work(const Examination& examination, const SourceUse& source) {
  const auto& destinations = examination.traffic.destinations;
  return growth_of(examination, kReused).now &&
         std::any_of(destinations.begin(), destinations.end(), [&](const DestinationUse& use) {
           return use.destination.from == source.address && use.ports.open + use.ports.entered > 0;
         });
}

// Of a source that is used up: the destination that alone has all of it, whose peer must have had timestamps on for
// tcp_tw_reuse to do anything. A TIME_WAIT does not tell whether it had. nullptr: none, or the peer is this host.
const DestinationUse* left_to_the_peer(const Examination& examination, const SourceUse& source) {
  const auto& destinations = examination.traffic.destinations;
  const auto found = std::find_if(destinations.begin(), destinations.end(), [&](const DestinationUse& use) {
    return use.destination.from == source.address && all_ports_taken(examination, use) && !is_beside(use);
  });
  return found == destinations.end() ? nullptr : &*found;
}

Scarcity scarcity_of(const Examination& examination, const SourceUse& source) {
  const int usable = examination.ports.usable;
  if (usable == 0 || 2LL * source.distinct_ports < usable) return Scarcity::none;
  if (never_shared(source) || begins_with_the_other_half(examination.ports, source)) return Scarcity::bound;
  const bool used_up = is_nearly_out(taken_of(examination, source), usable);
  const bool by_connect = reuse_is_at_work(examination, source) || connect_may_have_filled_both(examination, source);
  return used_up && !by_connect ? Scarcity::used_up : Scarcity::none;
}

std::string destinations_text(const SourceUse& source) {
  return fmt::format("{} {}", source.destinations, source.destinations == 1 ? "destination" : "destinations");
}

std::string witness_text(const SourceUse& source) {
  if (never_shared(source)) {
    return fmt::format("none serves two of them, where connect() alone would share about {}", source.expected_shared);
  }
  return fmt::format("{} are of the half that connect() takes last, and the first half is not used up",
                     source.out_of_turn);
}

std::string bound_headline(const Examination& examination, int taken) {
  if (taken == examination.ports.usable) return "out of local ports: connect() fails now, and so does bind() to port 0";
  if (none_left_to_bind(examination, taken)) return "out of local ports: bind() before connect() fails now";
  return percent_text(taken, examination.ports.usable) + " of the local ports are taken, for all destinations together";
}

Finding& add_bound(const Examination& examination, const SourceUse& source, FindingSink& found) {
  const int usable = examination.ports.usable;
  const int taken = taken_of(examination, source);
  Finding& finding = found.add(
      keys::kPortRange,
      fmt::format(
          "{} of {} ports are taken ({}) by connections to {}; {}. So the program calls bind() before "
          "connect(): one range serves all destinations, a port in TIME_WAIT is taken for 60 s, and to connect() "
          "of any program, whatever its destination, such a port is none.",
          taken, usable, percent_text(taken, usable), destinations_text(source), witness_text(source)));
  finding.severity = is_nearly_out(taken, usable) ? Severity::error : Severity::warning;
  finding.headline = bound_headline(examination, taken);
  finding.advice =
      "In the program set IP_BIND_ADDRESS_NO_PORT before bind() (Linux 4.2), or do not bind: then each destination has "
      "the whole range. tcp_tw_reuse does not help: it serves connect() only. `twctl explain bind-before-connect`.";
  return finding;
}

std::string used_up_text(const Examination& examination, const SourceUse& source) {
  return fmt::format(
      "{} of {} ports are in use or in TIME_WAIT, by connections to {}. bind() to port 0 finds none: "
      "EADDRINUSE. connect() can use those in TIME_WAIT again (tcp_tw_reuse), but only if it has chosen "
      "them itself: a port that bind() has chosen is none to connect() of any program, whatever its destination",
      taken_of(examination, source), examination.ports.usable, destinations_text(source));
}

std::string taken_words(const Examination& examination, const SourceUse& source) {
  return none_left_to_bind(examination, taken_of(examination, source)) ? "no local port is left"
                                                                       : "nearly no local port is left";
}

// As good as none left: who lets connect() choose gets on by reuse, who binds first does not. Nothing tells which it
// is.
Finding& add_used_up(const Examination& examination, const SourceUse& source, FindingSink& found) {
  Finding& finding = found.add(keys::kPortRange, used_up_text(examination, source) + ".");
  finding.headline = taken_words(examination, source) + " for bind() before connect()";
  if (counter_of(examination, kReused) > 0) finding.severity = Severity::info;  // so connect() does choose ports here
  finding.advice =
      "If the program calls bind() first, reuse does not help it: set IP_BIND_ADDRESS_NO_PORT before bind() (Linux "
      "4.2), or do not bind. If no program here does that, nothing need be done.";
  return finding;
}

// And whether connect() gets on depends on the peer too. That it has used ports again for somebody else is no sign.
Finding& add_doubtful(const Examination& examination, const SourceUse& source, const DestinationUse& use,
                      FindingSink& found) {
  Finding& finding = found.add(
      keys::kPortRange,
      used_up_text(examination, source) +
          fmt::format(", and only if timestamps are on at both ends. Whether {} has them on cannot be seen from here; "
                      "nothing shows that a port was used again (TWRecycled rose by {} {}). Without them connect() "
                      "fails: EADDRNOTAVAIL.",
                      to_text(use.destination.to), growth_of(examination, kReused).count, span_text(examination)));
  finding.headline = taken_words(examination, source) + " for one destination, unless reuse works";
  finding.advice =
      "Where connect() fails: `ss -ti` has the word ts at an open connection whose peer has timestamps on. If it has "
      "not, set net.ipv4.tcp_timestamps to 1 there; else reuse does nothing, and what helps is to keep connections "
      "open, then more addresses or a wider range. Where bind() fails: IP_BIND_ADDRESS_NO_PORT before it (Linux 4.2), "
      "or do not bind. Where neither fails nothing need be done.";
  return finding;
}

}  // namespace

bool is_bound_first(const Examination& examination, const IpAddress& from) {
  const auto& sources = examination.traffic.sources;
  return std::any_of(sources.begin(), sources.end(), [&](const SourceUse& source) {
    return source.address == from && scarcity_of(examination, source) == Scarcity::bound;
  });
}

const SourceUse* scarce_source(const Examination& examination) {
  const auto& sources = examination.traffic.sources;
  const auto scarce = std::find_if(sources.begin(), sources.end(), [&](const SourceUse& source) {
    return scarcity_of(examination, source) != Scarcity::none;
  });
  return scarce == sources.end() ? nullptr : &*scarce;
}

void add_scarce_source(const Examination& examination, const SourceUse& source, FindingSink& found) {
  const Scarcity scarcity = scarcity_of(examination, source);
  if (scarcity == Scarcity::none) return;
  const DestinationUse* doubtful = scarcity == Scarcity::bound ? nullptr : left_to_the_peer(examination, source);
  Finding& finding = scarcity == Scarcity::bound ? add_bound(examination, source, found)
                     : doubtful != nullptr       ? add_doubtful(examination, source, *doubtful, found)
                                                 : add_used_up(examination, source, found);
  finding.subject = doubtful != nullptr ? to_text(doubtful->destination)
                                        : fmt::format("{}, all destinations together", to_text(source.address));
  finding.figures = {{"ports_usable", examination.ports.usable},
                     {"ports_taken", taken_of(examination, source)},
                     {"destinations", source.destinations}};
}

}  // namespace twctl
