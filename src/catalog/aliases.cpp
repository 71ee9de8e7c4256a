#include "catalog/aliases.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::array kAliases{
    AliasRow{"2msl", "time-wait-length"},
    AliasRow{"msl", "time-wait-length"},
    AliasRow{"tcp_timewait_len", "time-wait-length"},
    AliasRow{"tcp_tw_len", "time-wait-length"},
    AliasRow{"tcp_time_wait", "time-wait-length"},
    AliasRow{"tcp_time_wait_timeout", "time-wait-length"},
    AliasRow{"tcp_timewait_timeout", "time-wait-length"},
    AliasRow{"so_linger", "so-linger-0"},
    AliasRow{"linger", "so-linger-0"},
    AliasRow{"connection reset", "connection-reset"},
    AliasRow{"connection reset by peer", "connection-reset"},
    AliasRow{"econnreset", "connection-reset"},
    AliasRow{"reset", "connection-reset"},
    AliasRow{"rst", "connection-reset"},
    AliasRow{"wsaeconnreset", "connection-reset"},
    AliasRow{"10054", "connection-reset"},
    AliasRow{"connection refused", "connection-reset"},
    AliasRow{"errno 104", "connection-reset"},  // as Python prints them
    AliasRow{"errno 111", "connection-reset"},
    AliasRow{"errno 32", "connection-reset"},
    AliasRow{"econnrefused", "connection-reset"},
    AliasRow{"broken pipe", "connection-reset"},
    AliasRow{"epipe", "connection-reset"},
    AliasRow{"eaddrnotavail", "port-exhaustion"},
    AliasRow{"cannot assign requested address", "port-exhaustion"},
    AliasRow{"errno 99", "port-exhaustion"},
    AliasRow{"wsaeaddrnotavail", "windows-port-range"},
    AliasRow{"ephemeral", "port-exhaustion"},
    AliasRow{"ephemeral port", "port-exhaustion"},
    AliasRow{"out of ports", "port-exhaustion"},
    AliasRow{"ephemeral ports", "port-exhaustion"},
    AliasRow{"port exhaustion", "port-exhaustion"},
    AliasRow{"eaddrinuse", "address-in-use"},
    AliasRow{"address already in use", "address-in-use"},
    AliasRow{"errno 98", "address-in-use"},
    AliasRow{"reuseaddr", "address-in-use"},
    AliasRow{"so_reuseaddr", "address-in-use"},
    AliasRow{"so_reuseport", "address-in-use"},
    AliasRow{"only one usage of each socket address", "windows-port-range"},
    AliasRow{"wsaeaddrinuse", "windows-port-range"},
    AliasRow{"10048", "windows-port-range"},  // WSAEADDRINUSE, WSAEADDRNOTAVAIL, WSAENOBUFS
    AliasRow{"10049", "windows-port-range"},
    AliasRow{"10055", "windows-port-range"},
    AliasRow{"wsaenobufs", "windows-port-range"},
    AliasRow{"ip_bind_address_no_port", "bind-before-connect"},
    AliasRow{"ip_local_port_range: prefer different parity", "port-range-parity"},
    AliasRow{"dynamicport", "windows-port-range"},
    AliasRow{"keepalive", "tcp_keepalive_time"},
    AliasRow{"keep-alive", "tcp_keepalive_time"},
    AliasRow{"keep alive", "tcp_keepalive_time"},
    AliasRow{"so_keepalive", "tcp_keepalive_time"},
    AliasRow{"tcp_keepalive", "tcp_keepalive_time"},
    AliasRow{"http keepalive", "keep-connections-open"},
    AliasRow{"http keep-alive", "keep-connections-open"},
    AliasRow{"connection pool", "keep-connections-open"},
    AliasRow{"nginx", "keep-connections-open"},
    AliasRow{"haproxy", "keep-connections-open"},
    AliasRow{"envoy", "keep-connections-open"},
    AliasRow{"php-fpm", "keep-connections-open"},
    AliasRow{"requests", "keep-connections-open"},
    AliasRow{"5000", "tcp_max_tw_buckets"},
    AliasRow{"tw", "TIME_WAIT"},
    AliasRow{"too many time_wait", "time-wait-purpose"},
    AliasRow{"too many time-wait", "time-wait-purpose"},
    AliasRow{"time wait bucket table overflow", "time-wait-overflow"},
    AliasRow{"dropping request", "syn-queue-full"},  // of the same message, with SYN cookies off
    AliasRow{"possible syn flooding", "syncookies-sent"},
    AliasRow{"syn flood", "syncookies"},
    AliasRow{"sending cookies", "syncookies-sent"},
    AliasRow{"tcptimewaitoverflow", "time-wait-overflow"},
    AliasRow{"tw_recycle", "tcp_tw_recycle"},
    AliasRow{"tw_reuse", "tcp_tw_reuse"},
    AliasRow{"twrecycled", "tcp_tw_reuse"},
    AliasRow{"time wait sockets recycled by time stamp", "tcp_tw_reuse"},
    AliasRow{"finished time wait in fast timer", "time-wait-counters"},
    AliasRow{"finished time wait in slow timer", "time-wait-counters"},
    AliasRow{"twkilled", "time-wait-counters"},
    AliasRow{"half-open", "SYN_RECV"},
    AliasRow{"half open", "SYN_RECV"},
    AliasRow{"embryonic", "SYN_RECV"},
    AliasRow{"resets received for embryonic syn_recv sockets", "embryonic-resets"},
    AliasRow{"too many orphaned sockets", "orphans-near-limit"},
    AliasRow{"too many of orphaned sockets", "orphans-near-limit"},  // before Linux 3.3
    AliasRow{"orphaned sockets", "orphans-near-limit"},
    AliasRow{"orphan", "orphans-near-limit"},
    AliasRow{"orphans", "orphans-near-limit"},
    AliasRow{"tcpabortfailed", "aborted-connections"},
    AliasRow{"tcpabortonmemory", "aborted-on-memory"},
    AliasRow{"consider tuning tcp_mem", "tcp-memory"},
    AliasRow{"tcp: out of memory", "tcp-memory"},
    AliasRow{"tcpmemorypressures", "tcp-memory"},
    AliasRow{"tcpabortondata", "aborted-connections"},
    AliasRow{"tcpabortonclose", "aborted-connections"},
    AliasRow{"outrsts", "resets-sent"},
    AliasRow{"resets sent", "resets-sent"},
    AliasRow{"connections reset due to unexpected data", "aborted-connections"},
    AliasRow{"connections reset due to early user close", "aborted-connections"},
    AliasRow{"connections aborted due to memory pressure", "aborted-on-memory"},
    AliasRow{"tcpabortontimeout", "aborted-on-timeout"},
    AliasRow{"connections aborted due to timeout", "aborted-on-timeout"},
    AliasRow{"tcptimeouts", "tcp_retries2"},
    AliasRow{"other tcp timeouts", "tcp_retries2"},
    AliasRow{"connect: connection timed out", "SYN_SENT"},
    AliasRow{"connect() ... connection timed out", "SYN_SENT"},
    AliasRow{"connect to ... connection timed out", "SYN_SENT"},
    AliasRow{"connection to server ... connection timed out", "SYN_SENT"},  // PostgreSQL's
    AliasRow{"connectexception: connection timed out", "SYN_SENT"},
    AliasRow{"connection timed out ... while connecting", "SYN_SENT"},
    AliasRow{"connection timed out", "aborted-on-timeout"},
    AliasRow{"etimedout", "aborted-on-timeout"},
    AliasRow{"attemptfails", "failed-connection-attempts"},
    AliasRow{"errno 110", "aborted-on-timeout"},
    AliasRow{"tcpsynretrans", "tcp_syn_retries"},
    AliasRow{"failed connection attempts", "failed-connection-attempts"},
    AliasRow{"syncookiesrecv", "syncookies-sent"},
    AliasRow{"syncookiesfailed", "syncookies-sent"},
    AliasRow{"embryonicrsts", "embryonic-resets"},
    AliasRow{"out of socket memory", "tcp-memory"},  // before Linux 3.3: orphans or tcp_mem
    AliasRow{"rejected in established connections because of timestamp", "paws-rejects"},
    AliasRow{"rejects in established connections because of timestamp", "paws-rejects"},
    AliasRow{"rejected because of time stamp", "tcp_tw_recycle"},
    AliasRow{"pawsestab", "paws-rejects"},
    AliasRow{"pawsactive", "paws-rejects"},
    AliasRow{"pawstimewait", "paws-rejects"},
    AliasRow{"pawspassive", "tcp_tw_recycle"},
    AliasRow{"tcpreqqfulldrop", "syn-queue-full"},
    AliasRow{"tcpreqqfulldocookies", "syncookies-sent"},
    AliasRow{"syn cookies sent", "syncookies-sent"},
    AliasRow{"syn cookies", "syncookies"},
    AliasRow{"syncookiessent", "syncookies-sent"},
    AliasRow{"tcpabortonoverflow", "tcp_abort_on_overflow"},
    AliasRow{"table full, dropping packet", "conntrack-near-full"},
    AliasRow{"nf_conntrack: table full", "conntrack-near-full"},
    AliasRow{"nf_conntrack table full", "conntrack-near-full"},
    AliasRow{"nf_conntrack_count", "conntrack-near-full"},
    AliasRow{"conntrack", "conntrack-vs-time-wait"},
    AliasRow{"ip_conntrack: table full", "conntrack-near-full"},
    AliasRow{"times the listen queue of a socket overflowed", "listen-overflow"},
    AliasRow{"listen queue overflow", "listen-overflow"},
    AliasRow{"accept queue", "listen-overflow"},
    AliasRow{"syns to listen sockets dropped", "listen-drops"},
    AliasRow{"syns to listen sockets ignored", "listen-drops"},  // older net-tools
    AliasRow{"listendrops", "listen-drops"},
    AliasRow{"outnoroutes", "syn-dropped"},
    AliasRow{"dropped because of missing route", "syn-dropped"},
    AliasRow{"listenoverflows", "listen-overflow"},
    AliasRow{"backlog", "somaxconn"},
    AliasRow{"read-only file system", "settings-read-only"},
    AliasRow{"erofs", "settings-read-only"},
    AliasRow{"errno 30", "settings-read-only"},
    AliasRow{"permission denied on key", "settings-read-only"},
    AliasRow{"tcp_fack", "keys-without-effect"},
    AliasRow{"tcp_low_latency", "keys-without-effect"},
};

// Of a full key, written with dots or slashes, the last part; other text as it is.
std::string_view last_part(std::string_view text) {
  const bool key = (text.starts_with("net.") || text.starts_with("net/")) && text.find(' ') == std::string_view::npos;
  return key ? text.substr(text.find_last_of("./") + 1) : text;
}

bool is_part_of_a_message(std::string_view word) { return word.find(' ') != std::string_view::npos; }

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789.") == std::string_view::npos;
}

// "TCPReqQFullDrop: 51", as netstat prints a counter, "TcpExtTCPTimeouts 12 0.0", as nstat does, and "tcp_tw_reuse 1".
std::string_view without_numbers(std::string_view text) {
  for (std::size_t blank = text.rfind(' '); blank != std::string_view::npos; blank = text.rfind(' ')) {
    if (!is_number(text.substr(blank + 1))) break;
    text = text.substr(0, text.find_last_not_of(": ", blank) + 1);
  }
  return text;
}

// "TcpExtListenDrops", as nstat prints it.
std::string_view without_group(std::string_view text) {
  for (const std::string_view group : {"tcpext", "tcp", "ip"}) {
    if (text.starts_with(group)) return text.substr(std::min(text.size(), text.find_first_not_of(".: ", group.size())));
  }
  return text;
}

std::string with_blanks_as(char sign, std::string_view text) {
  std::string name(text);
  std::replace(name.begin(), name.end(), ' ', sign);
  return name;
}

// Not as a part of a longer number: "errno 110" is not in "errno 11001". "A ... B": first the one, then the other.
bool stands_in(std::string_view text, std::string_view word) {
  constexpr std::string_view kThen = " ... ";
  if (const std::size_t first = word.find(kThen); first != std::string_view::npos) {
    const std::size_t found = text.find(word.substr(0, first));
    return found != std::string_view::npos && stands_in(text.substr(found + first), word.substr(first + kThen.size()));
  }
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return false;
  const bool ends_in_number = is_digits(word.substr(word.size() - 1));
  return !ends_in_number || !is_digits(text.substr(at + word.size()).substr(0, 1));
}

}  // namespace

std::vector<std::string> spellings_of(std::string_view text) {
  const std::string whole = to_lower(single_spaced(text));
  const std::string bare(without_numbers(whole));
  return {bare, std::string(without_group(bare)), with_blanks_as('-', bare), with_blanks_as('_', bare),
          "tcp_" + with_blanks_as('_', bare)};
}

std::vector<std::string> counters_in(std::string_view text) {
  std::vector<std::string> names;
  bool has_number = true;
  for (std::string_view word : words(text)) {
    const bool number = is_number(word);
    if (!number && !std::exchange(has_number, false)) return {};  // two words that are no counters
    if (!number) names.emplace_back(word.substr(0, word.find_last_not_of(':') + 1));
    has_number = has_number || number;
  }
  if (names.size() < 2 || !has_number) names.clear();
  return names;
}

std::span<const AliasRow> aliases() { return kAliases; }

std::string_view meant_by(std::string_view text) {
  const std::string whole = to_lower(single_spaced(text));
  const std::string_view asked = last_part(whole);
  const bool message = is_part_of_a_message(asked);
  if (asked.starts_with("ip_conntrack_") && !message) return "old-conntrack-names";
  const auto* row = std::find_if(kAliases.begin(), kAliases.end(), [&](const AliasRow& alias) {
    if (alias.word.size() >= asked.size()) return alias.word == asked;
    return message && is_part_of_a_message(alias.word) && stands_in(asked, alias.word);
  });
  return row == kAliases.end() ? std::string_view() : row->name;
}

}  // namespace twctl
