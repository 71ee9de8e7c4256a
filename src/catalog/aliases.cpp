#include "catalog/aliases.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::array kAliases{
    AliasRow{"2msl", "time-wait-length"},
    AliasRow{"msl", "time-wait-length"},
    AliasRow{"tcp_timewait_len", "time-wait-length"},
    AliasRow{"so_linger", "so-linger-0"},
    AliasRow{"linger", "so-linger-0"},
    AliasRow{"connection reset by peer", "so-linger-0"},
    AliasRow{"econnreset", "so-linger-0"},
    AliasRow{"eaddrnotavail", "port-exhaustion"},
    AliasRow{"cannot assign requested address", "port-exhaustion"},
    AliasRow{"wsaeaddrnotavail", "windows-port-range"},
    AliasRow{"ephemeral ports", "port-exhaustion"},
    AliasRow{"port exhaustion", "port-exhaustion"},
    AliasRow{"eaddrinuse", "address-in-use"},
    AliasRow{"address already in use", "address-in-use"},
    AliasRow{"so_reuseaddr", "address-in-use"},
    AliasRow{"so_reuseport", "address-in-use"},
    AliasRow{"only one usage of each socket address", "windows-port-range"},
    AliasRow{"wsaeaddrinuse", "windows-port-range"},
    AliasRow{"ip_bind_address_no_port", "bind-before-connect"},
    AliasRow{"ip_local_port_range: prefer different parity", "port-range"},
    AliasRow{"dynamicport", "windows-port-range"},
    AliasRow{"keepalive", "keep-connections-open"},
    AliasRow{"keep-alive", "keep-connections-open"},
    AliasRow{"connection pool", "keep-connections-open"},
    AliasRow{"nginx", "keep-connections-open"},
    AliasRow{"haproxy", "keep-connections-open"},
    AliasRow{"envoy", "keep-connections-open"},
    AliasRow{"php-fpm", "keep-connections-open"},
    AliasRow{"requests", "keep-connections-open"},
    AliasRow{"5000", "tcp_max_tw_buckets"},
    AliasRow{"time wait bucket table overflow", "tcp_max_tw_buckets"},
    AliasRow{"possible syn flooding", "syncookies"},
    AliasRow{"syn flood", "syncookies"},
    AliasRow{"sending cookies", "syncookies"},
    AliasRow{"too many orphaned sockets", "tcp_max_orphans"},
    AliasRow{"nf_conntrack: table full", "conntrack-vs-time-wait"},
    AliasRow{"ip_conntrack: table full", "conntrack-vs-time-wait"},
    AliasRow{"times the listen queue of a socket overflowed", "listen-overflow"},
    AliasRow{"syns to listen sockets dropped", "listen-overflow"},
    AliasRow{"listendrops", "listen-overflow"},
    AliasRow{"listenoverflows", "listen-overflow"},
    AliasRow{"backlog", "somaxconn"},
};

bool is_part_of_a_message(std::string_view word) { return word.find(' ') != std::string_view::npos; }

}  // namespace

std::span<const AliasRow> aliases() { return kAliases; }

std::string_view meant_by(std::string_view text) {
  const std::string asked = to_lower(single_spaced(text));
  const auto* row = std::find_if(kAliases.begin(), kAliases.end(), [&](const AliasRow& alias) {
    return alias.word == asked || (is_part_of_a_message(alias.word) && asked.find(alias.word) != std::string::npos);
  });
  return row == kAliases.end() ? std::string_view() : row->name;
}

}  // namespace twctl
